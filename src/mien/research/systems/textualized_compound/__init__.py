"""Compound emotions two ways: frame features through temporal networks and a fusion, or features told as a sentence."""
