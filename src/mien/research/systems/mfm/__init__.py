"""MFM: a factor of the answer and one a modality, from which the modalities are told again."""
