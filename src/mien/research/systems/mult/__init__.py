"""MulT: every modality asks every other."""
