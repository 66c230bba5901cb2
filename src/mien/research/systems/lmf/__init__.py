"""LMF: the outer product of all modalities in low-rank form."""
