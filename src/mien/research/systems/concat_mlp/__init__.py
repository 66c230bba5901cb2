"""Early fusion: the means of all modalities side by side, then a small network."""
