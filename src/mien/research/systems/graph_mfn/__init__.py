"""Graph-MFN: MFN with a graph of all groups of modalities in place of its attention."""
