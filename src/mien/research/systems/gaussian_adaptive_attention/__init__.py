"""Gaussian adaptive attention: each feature weighted by how typical its value is along time or encoder layers."""
