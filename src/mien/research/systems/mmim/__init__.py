"""MMIM: the fusion is kept informative of what it is made of."""
