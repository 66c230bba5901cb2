"""How a run is done: seed, machine, what is kept. Nothing here changes what a system is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from mien.errors import RequestError

Precision = Literal["auto", "float32", "bf16"]
Select = Literal["loss", "uar", "weighted_f1", "mae", "ccc"]


@dataclass(frozen=True, slots=True)
class Settings:
    """seed: of order, dropout and everything else drawn; epochs: instead of every stage's own; batch: instead of the
    recipe's; accumulate: batches of one step, averaged by samples, an incomplete last group too; precision: "auto" is
    bf16 on a GPU that has it, else float32; device: "auto" is a GPU where there is one; select: what of the validation
    part picks the epoch ("loss": the task's own loss); out: folder for log.csv and the checkpoint; resume: go on from
    that; every: least seconds between checkpoints; tensorboard: write event files too; quiet;
    shared_groups: let a group be in the training and in the validation part (a leak, refused otherwise); labelled:
    share of the samples (dialogues), of each class, whose labels may be used; stages without labels see all samples.
    """

    seed: int = 0
    epochs: int | None = None
    batch: int | None = None
    accumulate: int = 1
    precision: Precision = "auto"
    device: str = "auto"
    select: Select = "loss"
    out: Path | None = None
    resume: bool = False
    every: float = 60.0
    tensorboard: bool = False
    quiet: bool = False
    shared_groups: bool = False
    labelled: float = 1.0

    def __post_init__(self) -> None:
        for name, least in (("epochs", 0), ("batch", 1), ("accumulate", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise RequestError(f"{name} must be {least} or more, got {value}")
        if not 0 <= self.seed < 2**63:
            raise RequestError(f"seed must be a whole number from 0 to 2^63 - 1, got {self.seed}")
        if not 0 < self.labelled <= 1:
            raise RequestError(f"labelled must be above 0 and at most 1, got {self.labelled:g}")
        for name, kind in (("precision", Precision), ("select", Select)):
            if getattr(self, name) not in get_args(kind):
                raise RequestError(f"unknown {name} {getattr(self, name)!r}; allowed: {', '.join(get_args(kind))}")
        for name in ("resume", "tensorboard"):
            if getattr(self, name) and self.out is None:
                raise RequestError(f"{name} needs the folder of the run (out)")

    def counted(self) -> dict[str, Any]:
        """Those that change what comes out."""
        names = ("seed", "epochs", "batch", "accumulate", "precision", "select", "labelled")
        return {name: getattr(self, name) for name in names}
