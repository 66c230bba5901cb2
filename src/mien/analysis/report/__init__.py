"""An Analysis told to people and tools."""
