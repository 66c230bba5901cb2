"""The plain loss of the task: mean absolute error of values."""

from mien.research.layers.plain import plain_losses as losses

__all__ = ["losses"]
