"""The bench: a protocol, systems and data go in; the same cuts, seeds and questions for all; a `Result` comes out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from mien import __version__
from mien.errors import InputError, MienError, RequestError
from mien.files import write_atomic
from mien.research.protocols.audited import audited
from mien.research.protocols.cost import Cost
from mien.research.protocols.engine import outcomes
from mien.research.protocols.plan import Plan, Trial
from mien.research.protocols.result import Result, facts
from mien.research.protocols.scores import scored
from mien.research.protocols.trial import Entrant, How, Job, Outcome, check, digest, need_torch
from mien.research.samples import Data
from mien.research.systems import MEANS

Tell = Callable[[int, int, str], None]
"""Trials done, trials in all, what was done last."""


@dataclass(frozen=True, slots=True)
class Work:
    """How the work is done; none of it changes a number.

    engine: "local" or "dask://HOST:PORT"; workers: local processes; folder: where finished trials are kept; resume:
    take those that are there; command: words of the command line, for the record; tell: told after each trial.
    """

    engine: str = "local"
    workers: int = 1
    folder: Path | None = None
    resume: bool = False
    command: Sequence[str] | None = None
    tell: Tell | None = None


def bench(
    protocol: Any, entrants: Sequence[Entrant], data: Data, *, seeds: Sequence[int] = (0, 1, 2), how: How | None = None,
    rounds: int = 1000, allow: Sequence[str] = (), work: Work | None = None,
) -> Result:  # fmt: skip
    """Run a protocol (`mien.research.protocols`) over systems.

    seeds: of training, the same for all; rounds: of the bootstrap, 0 for no intervals; allow: findings of the audit
    that are let be. Test samples are answered once a trained system; nothing is selected on them. Raises
    MissingExtra without torch, RequestError for what cannot be asked, DataError where the audit refuses.
    """
    work, how = work or Work(), how or How()
    need_torch()
    names = [entrant.label for entrant in entrants]
    if not names or len(set(names)) < len(names) or not seeds or len(set(seeds)) < len(seeds):
        raise RequestError("a bench needs one system and one seed at least, each named once")
    for entrant in entrants:
        check(entrant, data)
    if isinstance(protocol, Cost):
        return _result(
            protocol, entrants, data, rows=tuple(protocol.rows(entrants, data, how.device)), work=work, seeds=(0,)
        )
    plan: Plan = protocol.plan(data)
    told = audited(data, plan.trials, allow)
    marks = digest(data)
    jobs = [Job(entrant, trial, seed, how) for entrant in entrants for trial in plan.trials for seed in seeds]
    held = _held(jobs, data, marks, work)
    found, failed = _answers(jobs, plan.trials, held)
    if not any(found.values()):
        raise MienError(f"no trial succeeded; the first said: {failed[0][3]}")
    rows, differences = scored(plan, data, found, rounds=rounds)
    result = _result(protocol, entrants, data, rows=tuple(rows), work=work, seeds=tuple(seeds), marks=marks)
    return replace(
        result, differences=tuple(differences), failed=tuple(failed), audit=tuple(told),
        notes=(*data.notes, _cut(plan), *plan.notes, *_nearness(entrants)),
        how={**dataclasses.asdict(how), "rounds": rounds},
        systems={name: {**result.systems[name], **_ran(name, jobs, held)} for name in names},
    )  # fmt: skip


def _cut(plan: Plan) -> str:
    """How many items are trained on, selected on and tested, over all folds."""

    def told(sizes: Sequence[int], what: str) -> str:
        return f"{min(sizes)}{f'-{max(sizes)}' if min(sizes) < max(sizes) else ''} {what}"

    trials = plan.trials
    selected = [len(one.valid) for one in trials]
    picked = told(selected, "to select on") if any(selected) else "none to select on (the last epoch is kept)"
    names = trials[0].fold if len(trials) == 1 else f"{len(trials)} trainings ({trials[0].fold}, ...)"
    return (
        f"{names}: {told([len(one.train) for one in trials], 'items to train on')}, {picked}, "
        f"{told([len(one.split.test) for one in trials], 'to test')}"
    )


def _nearness(entrants: Sequence[Entrant]) -> tuple[str, ...]:
    """A sentence for each system that is not made after its whole source."""
    return tuple(f"{one.label} {MEANS[one.card.nearness]}" for one in entrants if one.card.nearness != "published")


def _held(jobs: Sequence[Job], data: Data, marks: str, work: Work) -> dict[int, Outcome]:
    """The outcome of every job: those kept in the folder, and the others as they are done, kept at once."""
    keys = [job.key(marks, data) for job in jobs]
    held: dict[int, Outcome] = {}
    if work.folder is not None:
        _writable(work.folder)
    if work.resume:
        if work.folder is None:
            raise RequestError("--resume needs the folder of the run (--out)")
        held = {at: one for at, key in enumerate(keys) if (one := _kept(work.folder / "trials" / f"{key}.npz"))}
    left = [at for at in range(len(jobs)) if at not in held]
    for place, outcome in outcomes([jobs[at] for at in left], data, engine=work.engine, workers=work.workers):
        at = left[place]
        held[at] = outcome
        if work.folder is not None and not outcome.error:
            advice = "free some space and run it again with --resume"
            write_atomic(work.folder / "trials" / f"{keys[at]}.npz", outcome.pack(), advice)
        if work.tell:
            job = jobs[at]
            why = f": {outcome.error}" if outcome.error else ""
            work.tell(len(held), len(jobs), f"{job.entrant.label}, {job.trial.fold}, seed {job.seed}{why}")
    return held


def _writable(folder: Path) -> None:
    """InputError where trials cannot be kept, before any is trained."""
    try:
        (folder / "trials").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(folder, "", f"cannot be written ({error.strerror}); choose another --out") from None


def _kept(path: Path) -> Outcome | None:
    """A finished trial, or None where there is none that can be read."""
    try:
        return Outcome.unpack(path.read_bytes())
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def _answers(
    jobs: Sequence[Job], trials: Sequence[Trial], held: Mapping[int, Outcome]
) -> tuple[dict[str, dict[tuple[int, int], Any]], list[tuple[str, str, int, str]]]:
    found: dict[str, dict[tuple[int, int], Any]] = {}
    failed = []
    for at, job in enumerate(jobs):
        mine = found.setdefault(job.entrant.label, {})
        if held[at].error:
            failed.append((job.entrant.label, job.trial.fold, job.seed, held[at].error))
        else:
            mine[trials.index(job.trial), job.seed] = held[at].answers
    return found, failed


def _ran(name: str, jobs: Sequence[Job], held: Mapping[int, Outcome]) -> dict[str, Any]:
    done = [held[at].facts for at, job in enumerate(jobs) if job.entrant.label == name and not held[at].error]
    if not done:
        return {}
    seconds = [float(one["seconds"]) for one in done]
    return {
        "parameters": done[0]["parameters"],
        "trainings": len(done),
        "seconds a training": round(sum(seconds) / len(seconds), 3),
    }


def _result(
    protocol: Any, entrants: Sequence[Entrant], data: Data, *, rows: tuple[Any, ...], work: Work,
    seeds: tuple[int, ...], marks: str = "",
) -> Result:  # fmt: skip
    settings = {entry.name: getattr(protocol, entry.name) for entry in dataclasses.fields(protocol) if entry.compare}
    systems = {
        entrant.label: {
            "title": entrant.card.title,
            "nearness": entrant.card.nearness,
            "version": entrant.card.version,
            "config": dataclasses.asdict(entrant.config()),
        }
        for entrant in entrants
    }
    shape = data.shape()
    told = {
        "name": data.name,
        "task": data.task,
        "labels": data.space.labels,
        "samples": len(data.samples),
        "groups": len({sample.group for sample in data.samples}),
        "widths": dict(shape.widths),
        "parts": {name: len(rows) for name, rows in data.parts.items()},
        "sha256": marks,
    }
    return Result(
        {"name": protocol.name, **settings},
        told,
        systems,
        seeds,
        {},
        rows,
        run={"mien": __version__, **facts(work.command)},
    )


@dataclass(frozen=True, slots=True)
class Line:
    """Systems as a person writes them: "linear,concat-mlp@small", with settings "dropout=0.1" or "linear.rate=0.1"."""

    systems: str
    settings: Sequence[str] = field(default=())

    def entrants(self) -> tuple[Entrant, ...]:
        """The systems; RequestError for an unknown one, or a setting that none of them has."""
        names = [one.strip() for one in self.systems.split(",") if one.strip()]
        found = []
        used: set[str] = set()
        for name in names:
            system, _, preset = name.partition("@")
            entrant = Entrant(system, preset or None)
            known = {entry.name for entry in dataclasses.fields(entrant.card.config)}
            mine: dict[str, Any] = {}
            for text in self.settings:
                key, sign, value = text.partition("=")
                owner, _, option = key.rpartition(".")
                if not sign:
                    raise RequestError(f"--set takes KEY=VALUE or SYSTEM.KEY=VALUE, got {text!r}")
                if owner in ("", name, system) and (owner or option in known):
                    mine[option] = value
                    used.add(text)
            entrant = replace(entrant, settings=mine)
            entrant.config()
            found.append(entrant)
        if unused := [text for text in self.settings if text not in used]:
            raise RequestError(f"--set {unused[0]}: none of {', '.join(names)} has this option")
        return tuple(found)


def seeds_of(text: str) -> tuple[int, ...]:
    """ "3" is 0, 1, 2; "11,12" are those two. RequestError otherwise."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdigit() for part in parts) or (len(parts) == 1 and int(parts[0]) < 1):
        raise RequestError(f"--seeds {text!r}: give how many (3), or which (11,12,13)")
    return tuple(range(int(parts[0]))) if len(parts) == 1 else tuple(map(int, parts))
