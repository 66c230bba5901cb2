"""Weights trained by the scripts in recipes/, each beside its card."""
