"""TFN: the outer product of all modalities."""
