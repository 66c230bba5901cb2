"""Anyone's own predictions: labels, numbers, distributions, sets of words."""
