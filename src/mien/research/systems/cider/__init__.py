"""CIDer: sentiment and emotion from sequences with gaps; published code followed (see card.py)."""
