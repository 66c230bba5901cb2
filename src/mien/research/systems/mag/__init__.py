"""MAG: words are shifted by what is heard and seen with them, then read by a transformer."""
