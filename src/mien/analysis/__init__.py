"""Recordings in, evidence and affect out: the five rooms behind `mien analyze`."""
