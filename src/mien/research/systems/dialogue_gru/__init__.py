"""A DialogueRNN-like network: states of the dialogue, of each speaker and of the emotion, moved by GRUs."""
