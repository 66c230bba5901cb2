"""Self-MM: the whole and each modality alone, which learn from labels made for them."""
