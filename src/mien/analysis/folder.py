"""Many recordings: workers, results written atomically one by one, and resuming by content and options."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import msgspec

from mien import __version__
from mien.analysis.pipeline import Options, Progress, run
from mien.analysis.report.write import render
from mien.errors import InputError, MienError
from mien.files import digest, write_atomic

LEDGER = ".mien"


@dataclass(frozen=True, slots=True)
class Job:
    """One input and where its results go: `stem` is unique in the run."""

    path: str
    stem: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one input: the files written, or why it failed; `skipped` if it was done before."""

    path: str
    written: tuple[str, ...] = ()
    error: str | None = None
    skipped: bool = False


def plan(paths: Sequence[str]) -> list[Job]:
    """Jobs with unique stems: `clip`; `clip.mp4` where two inputs share it; with the folder before it if need be."""
    names = [Path(path) for path in paths]
    ways = ([_stem(p) for p in names], [p.name for p in names], [f"{p.parent.name}_{p.name}" for p in names])
    chosen = list(ways[0])
    for way in ways[1:]:
        counts = Counter(name.lower() for name in chosen)
        chosen = [new if counts[old.lower()] > 1 else old for old, new in zip(chosen, way, strict=True)]
    seen: Counter[str] = Counter()
    jobs = []
    for path, name in zip(paths, chosen, strict=True):
        seen[name.lower()] += 1
        jobs.append(Job(path, name if seen[name.lower()] == 1 else f"{name}-{seen[name.lower()]}"))
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
) -> Iterator[Outcome]:
    """Analyse every job and write `<stem>.<format>` into `out`, yielding each outcome as it is there.

    One bad input never stops the others. With `resume`, an input whose content, options and formats were done before
    (and whose files are all there) is skipped. Interrupting keeps what was written.
    """
    if workers <= 1 or len(jobs) <= 1:
        for job in jobs:
            yield _one(job, options, out, forms, resume, command, progress)
        return
    pool = ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn"))
    try:
        futures: dict[Future[Outcome], Job] = {
            pool.submit(_one, job, options, out, forms, resume, command): job for job in jobs
        }
        for future in as_completed(futures):
            try:
                yield future.result()
            except Exception as error:  # a worker that died (memory, a crash in a decoder) fails its own file only
                yield Outcome(futures[future].path, error=f"{futures[future].path}: the worker stopped: {error}")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _one(
    job: Job,
    options: Options,
    out: Path,
    forms: Sequence[str],
    resume: bool,
    command: str,
    progress: Progress | None = None,
) -> Outcome:
    try:
        record = out / LEDGER / f"{_key(job, options, forms)}.json"
        if resume and (done := _done(record, out)) is not None:
            return Outcome(job.path, done, skipped=True)
        analysis = run(job.path, options, progress=progress, command=command)
        written = []
        for form in forms:
            page = out / f"{job.stem}.{form}"
            write_atomic(page, render(analysis, form, page))
            written.append(f"{job.stem}.{form}")
        write_atomic(record, msgspec.json.encode({"input": job.path, "written": written}))
        return Outcome(job.path, tuple(written))
    except MienError as error:
        return Outcome(job.path, error=str(error))
    except MemoryError:
        return Outcome(job.path, error=f"{job.path}: not enough memory; try a smaller --fps or fewer --workers")


def _key(job: Job, options: Options, forms: Sequence[str]) -> str:
    wishes = {name: str(value) for name, value in asdict(options).items()}
    if options.transcript is not None:
        wishes["transcript"] = digest(options.transcript)
    text = msgspec.json.encode([__version__, job.stem, _content(job.path), sorted(wishes.items()), sorted(forms)])
    return hashlib.sha256(text).hexdigest()[:32]


def _content(path: str) -> str:
    """Digest of a file, or of names, sizes and digests of a folder (a wearable export)."""
    where = Path(path)
    try:
        if where.is_dir():
            parts = [f"{file.name}:{digest(file)}" for file in sorted(where.rglob("*")) if file.is_file()]
            return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
        return digest(where)
    except OSError as error:
        raise InputError(path, "", f"cannot be read ({error.strerror or error})") from None


def _done(record: Path, out: Path) -> tuple[str, ...] | None:
    try:
        written = msgspec.json.decode(record.read_bytes(), type=dict[str, object])["written"]
    except (OSError, msgspec.DecodeError, KeyError):
        return None
    names = tuple(str(name) for name in written) if isinstance(written, list) else ()
    return names if names and all(os.path.isfile(out / name) for name in names) else None


def _stem(path: Path) -> str:
    return path.stem or path.name or "recording"
