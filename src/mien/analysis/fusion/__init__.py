"""From Evidence to Affect: weights, compound emotions, conflict, confidence."""
