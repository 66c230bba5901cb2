"""EF-LSTM: all modalities side by side at every step, read by an LSTM."""
