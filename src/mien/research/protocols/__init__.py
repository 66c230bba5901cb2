"""Protocols: what to vary, one file each (masks and folds need no torch)."""
