"""Model-assisted steps: a judge answers prompts, within bounds, from memory where it can, and counts what failed.

`--judge none` is no judge; `command:CMD` and `pipe:CMD` are local programs (`program.py`); a URL is the base of an
OpenAI-compatible endpoint (`endpoint.py`), with its key from MIEN_JUDGE_KEY or OPENAI_API_KEY.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from mien.errors import InputError, MienError, RequestError
from mien.scoring.question import Failure, Machine, Prompt, Question, Trouble, WithPictures
from mien.scoring.replies import Replies
from mien.scoring.result import Options, Watch

__all__ = ["Asker", "Failure", "Judge", "JudgeError", "Prompt", "Tally", "WithPictures", "open_judge", "told"]

FIRST_WAIT, LONGEST_WAIT, PATIENCE = 1.0, 60.0, 300.0
IN_A_ROW = 20


class JudgeError(MienError):
    """A judge gave no usable answer to a question that cannot be left out."""


@dataclass(slots=True)
class Tally:
    """What a judge did: answers from memory and from the machine, attempts repeated, and every failure.

    beside: role -> what the judge and the offline rule gave for the same samples.
    """

    remembered: int = 0
    answered: int = 0
    repeated: int = 0
    failures: list[Failure] = field(default_factory=list)
    beside: dict[str, list[tuple[Any, Any]]] = field(default_factory=dict)


class Judge(Protocol):
    """Whatever answers prompts; scorers know no more of it."""

    @property
    def process(self) -> str:
        """Who answers, as a result's `process` records it ("model: …" or "program: …")."""

    @property
    def settings(self) -> Mapping[str, object]:
        """What changes its answers, for a result's `settings`."""

    @property
    def tally(self) -> Tally:
        """What it did so far."""

    def ask(self, role: str, prompt: Prompt) -> str:
        """The answer; JudgeError when there is none."""

    def ask_many(self, role: str, prompts: Sequence[Prompt]) -> list[str | Failure]:
        """One answer or Failure a prompt, in the order of the prompts; equal prompts are asked once."""

    def forget(self, role: str, prompt: Prompt) -> None:
        """Drop a kept answer that turned out to be of no use, so that the next run asks again."""


def open_judge(options: Options) -> Judge | None:
    """The judge that `--judge` names, None for "none"; RequestError for anything that is no judge."""
    kind, _, rest = options.judge.partition(":")
    if options.judge == "none":
        return None
    if not 0 < options.timeout <= 86_400:
        raise RequestError(f"timeout is {options.timeout}; allowed: more than 0 to 86400 seconds")
    machine: Machine
    if kind in ("command", "pipe"):
        from mien.scoring.program import Program

        if not rest.strip():
            raise RequestError(f"--judge {kind}: names no program; write --judge '{kind}:PROGRAM ARGUMENTS'")
        machine = Program(rest, lines=kind == "command", model=options.model, seed=options.seed, limit=options.timeout)
    elif kind in ("http", "https"):
        from mien.scoring.endpoint import Endpoint

        machine = Endpoint(options.judge, options.model, seed=options.seed, limit=options.timeout)
    else:
        raise RequestError(
            f"unknown --judge {options.judge[:80]!r}; allowed: none, command:CMD, pipe:CMD, or an http(s) base URL"
        )
    folder = Path(options.cache) if options.cache else None
    return Asker(machine, Replies(folder, machine.settings), jobs=options.jobs, watch=options.watch)


def told(judge: Judge | None) -> tuple[str, ...]:
    """For a result's `warnings`: failures counted by kind, and how far the offline rules agree with the judge."""
    if judge is None:
        return ()
    from mien.scoring.beside import concords

    kinds: dict[tuple[str, str], list[Failure]] = {}
    for failure in judge.tally.failures:
        kinds.setdefault((failure.role, failure.why.partition(":")[0]), []).append(failure)
    failed = [f"{len(found)} questions to the judge failed (first: {found[0]})" for found in kinds.values()]
    return (*failed, *(f"the offline rule beside the judge, {found}" for found in concords(judge)))


class Asker:
    """A judge over any machine: memory first, then a bounded number of questions at once, asked again with patience.

    jobs: most questions (or batches) under way at once; tries: most attempts a question; sleep, clock, chance:
    injected by tests. Waits double from 1 s to 60 s, each shortened by chance by up to half; the other side's
    Retry-After is kept to, by all workers, up to 300 s. After 20 failures in a row the rest is not asked and says so.
    An interruption keeps every answer that had come. watch: told the role and how many of its questions are settled.
    """

    def __init__(
        self,
        machine: Machine,
        replies: Replies | None,
        *,
        jobs: int = 4,
        tries: int = 5,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        watch: Watch | None = None,
    ) -> None:
        if not 1 <= jobs <= 256 or tries < 1:
            raise RequestError(f"{jobs} jobs and {tries} tries; allowed: 1 to 256 questions at once, 1 try or more")
        self._machine, self._replies, self._jobs, self._tries = machine, replies, jobs, tries
        self._sleep, self._clock, self._chance, self._watch = sleep, clock, chance, watch
        self._tally, self._lock = Tally(), threading.Lock()
        self._row, self._last, self._until = 0, "", 0.0

    @property
    def process(self) -> str:
        """Who answers."""
        return self._machine.name

    @property
    def settings(self) -> Mapping[str, object]:
        """What changes the answers."""
        return self._machine.settings

    @property
    def tally(self) -> Tally:
        """What was done so far."""
        return self._tally

    def ask(self, role: str, prompt: Prompt) -> str:
        """The answer; JudgeError when there is none."""
        (answer,) = self.ask_many(role, [prompt])
        if isinstance(answer, Failure):
            raise JudgeError(f"{self.process}: {answer}")
        return answer

    def ask_many(self, role: str, prompts: Sequence[Prompt]) -> list[str | Failure]:
        """One answer or Failure a prompt; RequestError when the machine refuses every question alike (wrong key)."""
        questions = [Question(role, prompt) for prompt in prompts]
        settled: dict[Question, str | Failure] = {}
        missing: list[Question] = []
        for question in dict.fromkeys(questions):
            try:
                known = self._replies.get(question) if self._replies else None
            except InputError as error:
                settled[question] = self._failed(question, Trouble(str(error), spoke=True), 0)
                continue
            if known is None:
                missing.append(question)
            else:
                settled[question] = known
                self._tally.remembered += 1
        if missing:
            self._row = 0
            settled.update(_Round(self, missing).run())
        return [settled[question] for question in questions]

    def forget(self, role: str, prompt: Prompt) -> None:
        """Drop a kept answer, so that the next run asks again."""
        if self._replies:
            self._replies.drop(Question(role, prompt))

    def _attempt(self, batch: Sequence[Question]) -> dict[Question, str | Trouble]:
        """One call of the machine; answers are kept the moment they come."""
        outcome: dict[Question, str | Trouble] = {}
        for place, found in self._machine.answer(batch):
            question = batch[place]
            outcome[question] = found
            if isinstance(found, str):
                if self._replies:
                    self._replies.put(question, found)
                with self._lock:
                    self._tally.answered += 1
                    self._row = 0
        for question in batch:
            outcome.setdefault(question, Trouble("gave no answer"))
        return outcome

    def _failed(self, question: Question, trouble: Trouble, tries: int) -> Failure:
        failure = Failure(question.role, trouble.why, tries)
        with self._lock:
            self._tally.failures.append(failure)
            if tries and not trouble.spoke:
                self._row, self._last = self._row + 1, trouble.why
        return failure


@dataclass(frozen=True, slots=True)
class _Job:
    """Questions to ask together, for which time of the clock they may be asked at the earliest."""

    batch: tuple[Question, ...]
    attempt: int = 1
    ready: float = 0.0


class _Round:
    """One call of `ask_many`: workers take batches until every question is settled or one is fatal."""

    def __init__(self, asker: Asker, questions: Sequence[Question]) -> None:
        self.asker, self.left = asker, len(questions)
        self.stop = threading.Event()
        self.todo: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[tuple[Question, str | Failure] | BaseException] = queue.SimpleQueue()
        # Small inputs are spread over the workers before batches are filled.
        size = max(1, min(asker._machine.batch, -(-self.left // asker._jobs)))
        for start in range(0, self.left, size):
            self.todo.put(_Job(tuple(questions[start : start + size])))
        self.workers = min(asker._jobs, -(-self.left // size))

    def run(self) -> dict[Question, str | Failure]:
        """Every question's answer or failure; what was answered before an exception is kept on disk."""
        settled: dict[Question, str | Failure] = {}
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self.workers)]
        try:
            for thread in threads:
                thread.start()
            while len(settled) < self.left:
                try:
                    found = self.done.get(timeout=0.5)
                except queue.Empty:
                    continue
                if isinstance(found, BaseException):
                    raise found
                settled[found[0]] = found[1]
                if self.asker._watch:
                    self.asker._watch(found[0].role, len(settled), self.left)
        finally:
            self.stop.set()
            for _ in range(self.workers):
                self.todo.put(None)
            if len(settled) < self.left:
                self._end(threads)
        return settled

    def _end(self, threads: Sequence[threading.Thread]) -> None:
        """End what is under way, also what a worker was just about to start; two seconds at most."""
        for _ in range(40):
            self.asker._machine.stop()
            if not any(thread.is_alive() for thread in threads):
                return
            time.sleep(0.05)

    def _work(self) -> None:
        try:
            while (job := self.todo.get()) is not None and not self.stop.is_set():
                self._do(job)
        except BaseException as error:
            self.done.put(error)

    def _do(self, job: _Job) -> None:
        asker = self.asker
        if asker._row >= IN_A_ROW:
            why = Trouble(f"not asked after {IN_A_ROW} failures in a row (the last: {asker._last})")
            for question in job.batch:
                self.done.put((question, asker._failed(question, why, 0)))
            return
        self._wait(max(job.ready, asker._until) - asker._clock())
        if self.stop.is_set():
            return
        for question, found in asker._attempt(job.batch).items():
            if isinstance(found, str):
                self.done.put((question, found))
            elif found.fatal:
                raise RequestError(f"{asker.process}: {found.why}")
            elif not found.again or job.attempt >= asker._tries or (found.wait or 0.0) > PATIENCE:
                self.done.put((question, asker._failed(question, found, job.attempt)))
            else:
                # A batch that failed comes back one by one: one bad question must not cost the others.
                asker._tally.repeated += 1
                self.todo.put(_Job((question,), job.attempt + 1, asker._clock() + self._delay(job.attempt, found)))

    def _delay(self, attempt: int, trouble: Trouble) -> float:
        grown: float = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1)) * (1.0 - 0.5 * self.asker._chance())
        if trouble.wait is None:
            return grown
        # The other side asked everyone to wait, not only this question.
        self.asker._until = max(self.asker._until, self.asker._clock() + trouble.wait)
        return trouble.wait + 0.1 * grown

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            (self.asker._sleep or self.stop.wait)(seconds)
