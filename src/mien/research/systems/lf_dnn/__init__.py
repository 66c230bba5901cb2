"""LF-DNN: one vector a modality side by side, then a small network."""
