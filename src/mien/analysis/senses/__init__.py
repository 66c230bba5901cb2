"""One file per modality: from a span to Evidence."""
