"""Experts of low rank for each modality, of which a gate picks one (re-creation of the adapter, no language model)."""
