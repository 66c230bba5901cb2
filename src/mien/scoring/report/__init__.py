"""A score told to people and tools: tables, JSON, what was read from each answer, and one HTML page."""
