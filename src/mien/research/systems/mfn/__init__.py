"""MFN: one LSTM a modality, attention over their cells, a gated memory between them."""
