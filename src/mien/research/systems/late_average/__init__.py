"""Late fusion: one small network a modality, the mean of the answers of those that are there."""
