"""Many recordings: workers, results written atomically one by one, and resuming by content and options."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import msgspec

from mien import __version__
from mien.analysis.heap import steady
from mien.analysis.media.captions import find_sidecar, is_own_result
from mien.analysis.moments.addface import added_face, added_landmarks
from mien.analysis.moments.addvoice import added_voice
from mien.analysis.pipeline import Options, Progress, run
from mien.analysis.report.write import render
from mien.analysis.senses.evidence import Sense
from mien.analysis.workers import spread
from mien.errors import InputError, MienError, fault
from mien.files import digest, write_atomic

Guests = Callable[[], Sequence[Sense]]
LEDGER = ".mien"
STDIN = "-"
LONGEST = 180
"""Bytes of a result's stem; file systems allow 255 for a whole name."""


@dataclass(frozen=True, slots=True)
class Job:
    """One input and where its results go: `stem` is unique in the run."""

    path: str
    stem: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one input: the files written (`skipped` if done before), or why it failed and its exit code."""

    path: str
    written: tuple[str, ...] = ()
    error: str | None = None
    skipped: bool = False
    code: int = 0


def plan(paths: Sequence[str]) -> list[Job]:
    """Jobs with unique stems: `clip`; `clip.mp4` where two inputs share it; with the folder before it if need be."""
    names = [Path(path) for path in paths]
    ways = ([_stem(p) for p in names], [_name(p) for p in names], [f"{p.parent.name}_{_name(p)}" for p in names])
    chosen = list(ways[0])
    for way in ways[1:]:
        counts = Counter(name.lower() for name in chosen)
        chosen = [new if counts[old.lower()] > 1 else old for old, new in zip(chosen, way, strict=True)]
    taken = {name.lower() for name in chosen}
    used: set[str] = set()
    jobs = []
    for path, name in zip(paths, chosen, strict=True):
        stem, count = name, 1
        while stem.lower() in used or (count > 1 and stem.lower() in taken):
            count += 1
            stem = f"{name}-{count}"
        used.add(stem.lower())
        jobs.append(Job(path, stem))
    return jobs


def run_all(
    jobs: Sequence[Job],
    options: Options,
    out: Path,
    forms: Sequence[str],
    *,
    workers: int = 1,
    resume: bool = False,
    command: str = "",
    progress: Progress | None = None,
    guests: Guests = tuple,
) -> Iterator[Outcome]:
    """Analyse every job and write `<stem>.<format>` into `out`, yielding each outcome as it is there.

    One bad input never stops the others, nor does a worker that dies. With `resume`, an input whose content, options
    and formats were done before (and whose files are as they were written) is skipped. Interrupting keeps what was
    written. A file that Mien did not write is never replaced. InputError at once where `out` cannot be written to.
    guests: makes the senses that answer beside the shipped ones; called in each worker, so it must be picklable.
    """
    _writable(out)
    work = partial(_one, options=options, out=out, forms=tuple(forms), resume=resume, command=command, guests=guests)
    alone = workers <= 1 or len(jobs) <= 1
    for job in jobs:
        if alone or job.path == STDIN:  # workers have no standard input
            yield work(job, progress=progress)
    for job, outcome in spread(
        partial(_steadily, work), [] if alone else [job for job in jobs if job.path != STDIN], workers
    ):
        why = "the worker that read it was stopped from outside, perhaps for want of memory; use fewer --workers"
        yield outcome or _failure(job, InputError(job.path, "", f"{why}, and --resume"))


def _steadily(work: Callable[[Job], Outcome], job: Job) -> Outcome:
    """In a worker, which reads many recordings one after the other."""
    steady()
    return work(job)


def write_result(target: Path, data: bytes) -> None:
    """Write a result, atomically; InputError where that fails or would replace what Mien did not write."""
    refuse_foreign(target)
    write_atomic(target, data)


def refuse_foreign(target: Path) -> None:
    """InputError where `target` is there already and Mien did not write it."""
    if os.path.lexists(target) and not is_own_result(target):
        raise InputError(target, "", "is there already and no result of Mien; name another --out or --format")


def _one(
    job: Job,
    options: Options,
    out: Path,
    forms: Sequence[str],
    resume: bool,
    command: str,
    guests: Guests,
    progress: Progress | None = None,
) -> Outcome:
    try:
        senses = guests()
        record = out / LEDGER / f"{_key(job, options, forms, [one.model for one in senses])}.json"
        if resume and job.path != STDIN and _done(record, job, out):
            return Outcome(job.path, _results(job, forms), skipped=True)
        for form in forms:
            refuse_foreign(out / f"{job.stem}.{form}")
        analysis = run(job.path, options, senses, progress=progress, command=command)
        written = {}
        for form in forms:
            data = render(analysis, form)
            write_result(out / f"{job.stem}.{form}", data)
            written[form] = hashlib.sha256(data).hexdigest()
        write_atomic(record, msgspec.json.encode({"written": written}))
        return Outcome(job.path, _results(job, forms))
    except Exception as error:  # a fault of ours in one file must not stop the others
        return _failure(job, error)


def _failure(job: Job, error: Exception) -> Outcome:
    if isinstance(error, MienError):
        return Outcome(job.path, error=str(error), code=error.exit_code)
    if isinstance(error, MemoryError):
        why = "there is not enough memory for it; use a smaller --fps or fewer --workers"
        return Outcome(job.path, error=str(InputError(job.path, "", why)), code=1)
    return Outcome(job.path, error=fault(job.path, error), code=1)


def _writable(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(out, "", "cannot be written to: it is a file, and --out names a folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out, prefix=".mien-"):
            pass
    except OSError as error:
        raise InputError(out, "", f"cannot be written ({error.strerror or error}); choose another --out") from None


def _key(job: Job, options: Options, forms: Sequence[str], guests: Sequence[str]) -> str:
    wishes = {name: str(value) for name, value in asdict(options).items()} | (
        {"guests": " ".join(guests)} if guests else {}
    )
    wishes["adapted"] = " ".join(_content(path) for path in options.adapted)
    added = [path for path in (added_voice(), added_face(), *added_landmarks()) if path.is_file()]
    wishes["added"] = " ".join(f"{path.name}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in added)
    beside = None if options.transcript is not None or job.path == STDIN else find_sidecar(job.path)
    if options.transcript is not None:
        wishes["transcript"] = _content(str(options.transcript))
    elif beside is not None:
        wishes["beside"] = f"{beside.name}:{_content(str(beside))}"
    stem = os.fsencode(job.stem).hex()
    text = msgspec.json.encode([__version__, stem, _content(job.path), sorted(wishes.items()), sorted(forms)])
    return hashlib.sha256(text).hexdigest()[:32]


def _content(path: str) -> str:
    """Digest of a file, or of names and digests of a folder (a wearable export); nothing is known of what is piped."""
    where = Path(path)
    try:
        if path == STDIN or (where.exists() and not where.is_dir() and not where.is_file()):
            return ""
        if where.is_dir():
            parts = [f"{file.name}:{digest(file)}" for file in sorted(where.rglob("*")) if file.is_file()]
            return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
        return digest(where)
    except FileNotFoundError:
        raise InputError(path, "", "no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(path, "", f"cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _done(record: Path, job: Job, out: Path) -> bool:
    """Whether the files of an earlier run are all there as they were written."""
    try:
        written = msgspec.json.decode(record.read_bytes(), type=dict[str, dict[str, str]])["written"]
        return bool(written) and all(digest(out / f"{job.stem}.{form}") == sha for form, sha in written.items())
    except (OSError, ValueError, KeyError):
        return False


def _results(job: Job, forms: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{job.stem}.{form}" for form in forms)


def _stem(path: Path) -> str:
    return _fitting("stdin" if str(path) == STDIN else path.stem or path.name or "recording")


def _name(path: Path) -> str:
    return _fitting("stdin" if str(path) == STDIN else path.name or "recording")


def _fitting(name: str) -> str:
    """The name, shortened with a digest at its end where a file system would refuse it."""
    whole = os.fsencode(name)
    if len(whole) <= LONGEST:
        return name
    return whole[: LONGEST - 9].decode("utf-8", "ignore") + "-" + hashlib.sha256(whole).hexdigest()[:8]
