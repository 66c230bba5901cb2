"""MDPE's baseline: means of frozen features, personality and emotion of the person side by side, a small network."""
