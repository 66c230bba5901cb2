"""Raters: from votes to targets, agreement between raters, and what a human ceiling is."""
