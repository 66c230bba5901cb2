"""MISA: what modalities share and what each has alone."""
