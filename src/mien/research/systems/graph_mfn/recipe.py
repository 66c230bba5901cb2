"""One stage, one optimiser."""

from mien.research.training.recipe import one_stage as recipe

__all__ = ["recipe"]
