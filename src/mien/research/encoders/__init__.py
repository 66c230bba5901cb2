"""Encoders: raw signal to features, one file each, and the store that keeps what they computed."""
