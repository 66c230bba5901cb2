"""One trial: a system is trained on a trial's training rows, selected on its validation rows, and asked once."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError, MissingExtra, RequestError
from mien.research.protocols.plan import Ask, Change, Trial
from mien.research.samples import Data, Sample
from mien.research.systems import Card, system

Numbers = NDArray[np.float64]
FORMAT = 1


@dataclass(frozen=True, slots=True)
class How:
    """How every system is trained: epochs and batch instead of the recipe's own; select: what of the validation part
    picks the epoch; device; threads: of torch, 0 for torch's choice; labelled: share of the training and validation
    samples whose labels may be used (stages without labels see all of them)."""

    epochs: int | None = None
    batch: int | None = None
    select: str = "loss"
    device: str = "auto"
    threads: int = 1
    labelled: float = 1.0


@dataclass(frozen=True, slots=True)
class Entrant:
    """A system that takes part: name, preset, settings; `label` is how tables call it."""

    system: str
    preset: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name, with the preset after an @."""
        return f"{self.system}@{self.preset}" if self.preset else self.system

    @property
    def card(self) -> Card:
        """Its card."""
        return system(self.system)

    def config(self) -> Any:
        """Its Config."""
        return self.card.configure(self.settings, self.preset)


@dataclass(frozen=True, slots=True)
class Job:
    """One training to do."""

    entrant: Entrant
    trial: Trial
    seed: int
    how: How

    def key(self, data_digest: str, data: Data) -> str:
        """A hash of all that the outcome depends on: equal keys, equal outcomes."""
        from mien import __version__

        ids = [sample.id for sample in data.samples]
        told = {
            "format": FORMAT,
            "mien": __version__,
            "data": data_digest,
            "system": [self.entrant.system, self.entrant.card.version, repr(self.entrant.config())],
            "seed": self.seed,
            "how": _how(self.how),
            "train": [ids[row] for row in self.trial.train],
            "valid": [ids[row] for row in self.trial.valid],
            "asks": [[a.condition, repr(a.change), [ids[row] for row in a.rows]] for a in self.trial.asks],
        }
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _how(how: How) -> dict[str, Any]:
    """What of it changes an outcome; a share of 1 is left out, so trials kept before there was one stay good."""
    import dataclasses

    found = dataclasses.asdict(how) | {"threads": 0}
    return found if how.labelled < 1 else {name: value for name, value in found.items() if name != "labelled"}


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """answers: condition -> (n, outputs) probabilities or values, in the order of the ask's rows; facts: of the run
    (seconds, epochs kept, parameters); error: why there are no answers, "" where there are."""

    answers: Mapping[str, Numbers]
    facts: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""

    def pack(self) -> bytes:
        """As bytes of an .npz file without pickles."""
        out = io.BytesIO()
        names = list(self.answers)
        facts = json.dumps({"names": names, "facts": dict(self.facts), "error": self.error})
        arrays: dict[str, Any] = {f"a{at}": self.answers[name] for at, name in enumerate(names)}
        np.savez(out, facts=np.frombuffer(facts.encode(), np.uint8), **arrays)
        return out.getvalue()

    @classmethod
    def unpack(cls, data: bytes) -> Outcome:
        """The outcome again; ValueError, KeyError or BadZipFile where the bytes are none."""
        with np.load(io.BytesIO(data), allow_pickle=False) as held:
            told = json.loads(held["facts"].tobytes())
            answers = {name: held[f"a{at}"] for at, name in enumerate(told["names"])}
        return cls(answers, told["facts"], told["error"])


def need_torch() -> None:
    """MissingExtra where systems cannot be trained."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise MissingExtra("train", "training systems needs PyTorch") from None


def check(entrant: Entrant, data: Data) -> None:
    """RequestError where the system cannot take the data; nothing is trained."""
    from mien.research.systems import assemble

    assemble(entrant.card, entrant.config(), data.shape())


def run(job: Job, data: Data) -> Outcome:
    """Train, then answer every ask; a fault of the data or the settings becomes the outcome's error, not a stop."""
    import torch

    if job.how.threads:
        torch.set_num_threads(job.how.threads)
    try:
        return _run(job, data)
    except RequestError:
        raise
    except MienError as error:
        return Outcome({}, {}, str(error))


def _run(job: Job, data: Data) -> Outcome:
    from mien.research.systems import assemble
    from mien.research.training.settings import Settings
    from mien.research.training.trainer import fit

    trial, how, began = job.trial, job.how, time.monotonic()
    method = assemble(job.entrant.card, job.entrant.config(), data.shape(), seed=job.seed)
    settings = Settings(
        seed=job.seed, epochs=how.epochs, batch=how.batch, select=how.select,  # type: ignore[arg-type]
        device=how.device, labelled=how.labelled, quiet=True,
    )  # fmt: skip
    done = fit(method, _rows(data, trial.train), _rows(data, trial.valid), settings)
    facts = {
        "seconds": round(time.monotonic() - began, 3),
        "best": dict(done.best),
        "selected": done.selected,
        "train": len(trial.train),
        "valid": len(trial.valid),
        "parameters": sum(values.numel() for values in method.model.parameters()),
    }
    return Outcome(_asked(method, data, trial.asks), facts)


def _asked(method: Any, data: Data, asks: Sequence[Ask]) -> dict[str, Numbers]:
    """Each change is made and answered once, over all rows of the asks that share it."""
    from mien.research.training.answering import answer
    from mien.research.training.scoring import check_finite

    size = 16 if method.inputs == "dialogue" else 256
    changes: list[Change | None] = []
    for ask in asks:
        if ask.change not in changes:
            changes.append(ask.change)
    found: dict[str, Numbers] = {}
    for change in changes:
        mine = [ask for ask in asks if ask.change == change]
        rows = sorted({row for ask in mine for row in ask.rows})
        samples = _rows(data, rows)
        given = answer(method, samples if change is None else change(samples), batch=size)
        check_finite(samples, given)
        place = {row: at for at, row in enumerate(rows)}
        for ask in mine:
            found[ask.condition] = given[[place[row] for row in ask.rows]]
    return {ask.condition: found[ask.condition] for ask in asks}


def _rows(data: Data, rows: Sequence[int]) -> tuple[Sample, ...]:
    return tuple(data.samples[row] for row in rows)


def digest(data: Data) -> str:
    """A hash of a data set: ids, groups, targets, features, what is seen, texts."""
    total = hashlib.sha256(repr((data.name, data.task, data.space.labels)).encode())
    for sample in data.samples:
        total.update(repr((sample.id, sample.group, sample.speaker, sample.place, sample.words)).encode())
        total.update(np.ascontiguousarray(sample.target, np.float64).tobytes())
        for name in sorted(sample.features):
            values = np.ascontiguousarray(sample.features[name])
            total.update(f"{name}{values.dtype}{values.shape}".encode())
            total.update(values.tobytes())
            if name in sample.seen:
                total.update(np.packbits(sample.seen[name]).tobytes())
    return total.hexdigest()
