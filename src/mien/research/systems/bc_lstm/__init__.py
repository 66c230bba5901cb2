"""bc-LSTM: turns of a dialogue read in both directions, first each modality for itself, then all together."""
