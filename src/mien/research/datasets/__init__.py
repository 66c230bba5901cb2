"""Data sets as their owners release them, one file each, read into typed samples (no torch)."""
