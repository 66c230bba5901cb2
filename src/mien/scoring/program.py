"""A local program as judge: questions on its standard input, answers on its standard output, within bounds.

`command:CMD` gets one JSON object a line, `{"id": 0, "role": "extract", "prompt": "…", "pictures": ["…"], "model":
null, "seed": 0}`, and answers one line each: plain text, a JSON string, or `{"id": 0, "answer": "…"}` (with ids, in
any order). It is started anew for up to 16 questions. `pipe:CMD` gets the bare prompt and all it prints is the answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from mien.scoring.question import Question, Trouble

MOST_ANSWER = 4 << 20
AT_ONCE = 16
NOT_FOUND = {126, 127, 9009}  # of sh, and of cmd.exe


class Program:
    """A shell command the user wrote; it is run as the user. limit: seconds for one question."""

    def __init__(self, command: str, *, lines: bool, model: str | None, seed: int, limit: float) -> None:
        self._command, self._lines, self._model, self._seed, self._limit = command, lines, model, seed, limit
        self._live: set[subprocess.Popen[bytes]] = set()

    @property
    def name(self) -> str:
        """The command as the user wrote it."""
        return f"program: {self._command}" + (f" ({self._model})" if self._model else "")

    @property
    def settings(self) -> Mapping[str, object]:
        """The command, the model it is told, the seed."""
        way = "command" if self._lines else "pipe"
        return {"judge": f"{way}:{self._command}", "model": self._model, "seed": self._seed}

    @property
    def batch(self) -> int:
        """16 lines a start, or one bare prompt."""
        return AT_ONCE if self._lines else 1

    def answer(self, questions: Sequence[Question]) -> Iterator[tuple[int, str | Trouble]]:
        """Run the program once over the questions."""
        try:
            run = _Run(self._command, self._limit * len(questions), self._live)
        except OSError as error:
            fault = Trouble(f"cannot be started ({error.strerror or error})", fatal=True)
            yield from ((place, fault) for place in range(len(questions)))
            return
        try:
            yield from self._by_line(run, questions) if self._lines else self._whole(run, questions)
        finally:
            run.end()

    def stop(self) -> None:
        """Kill the programs that are running."""
        for process in list(self._live):
            _kill(process)

    def _whole(self, run: _Run, questions: Sequence[Question]) -> Iterator[tuple[int, str | Trouble]]:
        run.feed(questions[0].text.encode("utf-8", "replace"))
        text = run.read(MOST_ANSWER + 1)
        trouble = run.trouble()
        if len(text) > MOST_ANSWER:
            trouble = Trouble(f"answered more than {MOST_ANSWER >> 20} MiB", again=False)
        answer = text.decode("utf-8", "replace").strip()
        yield 0, trouble or answer or Trouble("answered nothing")

    def _by_line(self, run: _Run, questions: Sequence[Question]) -> Iterator[tuple[int, str | Trouble]]:
        run.feed(b"".join(self._line(place, question) for place, question in enumerate(questions)))
        plain: list[str] = []
        named: set[int] = set()
        while line := run.read_line(MOST_ANSWER):
            if not line.strip():
                continue
            place, found = _understood(line)
            if place is None:
                plain.append(str(found)) if not isinstance(found, Trouble) else plain.append("")
            elif 0 <= place < len(questions) and place not in named:
                named.add(place)
                yield place, found
        trouble = run.trouble()
        # Answers without ids are only as good as their number: a stray line would shift them all.
        if trouble is None and not named and len(plain) == len(questions):
            yield from enumerate(plain)
            return
        why = trouble or Trouble(f"gave {len(plain) + len(named)} lines for {len(questions)} questions")
        yield from ((place, why) for place in range(len(questions)) if place not in named)

    def _line(self, place: int, question: Question) -> bytes:
        whole = {"id": place, "role": question.role, "prompt": question.text}
        pictures = [str(picture) for picture in question.pictures]
        text = json.dumps({**whole, "pictures": pictures, "model": self._model, "seed": self._seed})
        return text.encode() + b"\n"


def _understood(line: bytes) -> tuple[int | None, str | Trouble]:
    text = line.decode("utf-8", "replace").strip()
    try:
        held: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None, text
    if isinstance(held, str):
        return None, held
    if not isinstance(held, dict) or not ({"answer", "error"} & held.keys()):
        return None, text
    place = held.get("id") if isinstance(held.get("id"), int) else None
    if isinstance(held.get("answer"), str):
        return place, held["answer"]
    return place, Trouble(f"answered with an error: {held.get('error')}", spoke=True)


class _Run:
    """One start of the program: fed by a thread, killed by a watch when its time is over."""

    def __init__(self, command: str, limit: float, live: set[subprocess.Popen[bytes]]) -> None:
        # A session of its own, so that all it starts can be ended with it.
        self._process = subprocess.Popen(
            command,
            shell=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=sys.platform != "win32",
        )
        live.add(self._process)
        self._live, self._limit, self._late, self._tail = live, limit, False, b""
        self._watch = threading.Timer(limit, self._expire)
        self._watch.daemon = True
        self._watch.start()
        self._errors = threading.Thread(target=self._drain, daemon=True)
        self._errors.start()

    def feed(self, data: bytes) -> None:
        def push(stream: IO[bytes]) -> None:
            with contextlib.suppress(OSError, ValueError):
                stream.write(data)
            with contextlib.suppress(OSError, ValueError):
                stream.close()

        assert self._process.stdin
        threading.Thread(target=push, args=(self._process.stdin,), daemon=True).start()

    def read(self, most: int) -> bytes:
        assert self._process.stdout
        return self._process.stdout.read(most)

    def read_line(self, most: int) -> bytes:
        assert self._process.stdout
        return self._process.stdout.readline(most)

    def trouble(self) -> Trouble | None:
        """What went wrong, once nothing more is to be read."""
        assert self._process.stdout
        if self._process.stdout.read(1):  # more than was allowed
            _kill(self._process)
        code = self._process.wait()
        self._errors.join(1.0)
        if self._late:
            return Trouble(f"gave no answer within {self._limit:g} s")
        said = self._tail.decode("utf-8", "replace").strip().splitlines()
        ending = f": {said[-1]}" if said else ""
        if code in NOT_FOUND:
            return Trouble(f"cannot be run{ending}", fatal=True)
        return Trouble(f"ended with exit code {code}{ending}") if code else None

    def end(self) -> None:
        self._watch.cancel()
        if self._process.poll() is None:
            _kill(self._process)
            self._process.wait()
        self._live.discard(self._process)
        for stream in (self._process.stdout, self._process.stdin):
            with contextlib.suppress(OSError, ValueError):
                if stream:
                    stream.close()

    def _expire(self) -> None:
        self._late = True
        _kill(self._process)

    def _drain(self) -> None:
        assert self._process.stderr
        with self._process.stderr as stream:
            while piece := stream.read1(4096):  # type: ignore[attr-defined]
                self._tail = (self._tail + piece)[-2000:]


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
