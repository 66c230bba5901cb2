"""One stage, AdamW (paper) or Adam (third party); a step takes `batch` dialogues."""

from mien.research.training.recipe import one_stage as recipe

__all__ = ["recipe"]
