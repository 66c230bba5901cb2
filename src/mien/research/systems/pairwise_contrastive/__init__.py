"""Pre-training without labels by the contrast of pairs of modalities, then a probe (MPUC)."""
