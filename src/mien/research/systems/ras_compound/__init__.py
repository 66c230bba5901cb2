"""Compound expressions without compound labels: basic-emotion branches, a small fusion, a rule on pairs of basics."""
