"""One encoder for voice and face, taught without labels, then by descriptions, then by labels (re-creation)."""
