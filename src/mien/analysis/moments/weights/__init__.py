"""Weights of who and when, each beside its card."""
