"""What passes between a judge and the machine that answers for it: a question, an answer, or the reason of none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mien.errors import one_line


@dataclass(frozen=True, slots=True)
class WithPictures:
    """A prompt that shows pictures (JPEG, PNG, WebP, GIF files) after its text."""

    text: str
    pictures: tuple[Path, ...]


Prompt = str | WithPictures


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a judge. role: the step it serves ("extract", "group", "step-judge", …)."""

    role: str
    prompt: Prompt

    @property
    def text(self) -> str:
        """The words of the prompt."""
        return self.prompt if isinstance(self.prompt, str) else self.prompt.text

    @property
    def pictures(self) -> tuple[Path, ...]:
        """The pictures of the prompt, () for a plain one."""
        return () if isinstance(self.prompt, str) else self.prompt.pictures


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that got no usable answer: its role, why in one line, and how often it was asked."""

    role: str
    why: str
    tries: int = 1

    def __str__(self) -> str:
        return f"{self.role}: {self.why} (asked {self.tries} times)" if self.tries > 1 else f"{self.role}: {self.why}"


class Trouble(Exception):
    """One attempt gave no answer.

    again: asking again may help; wait: seconds the other side asked for; fatal: no other question would fare better;
    spoke: the other side works and answered, only not with an answer (a refusal).
    """

    def __init__(
        self,
        why: str,
        *,
        again: bool = True,
        wait: float | None = None,
        fatal: bool = False,
        spoke: bool = False,
    ) -> None:
        self.why, self.again, self.wait = one_line(why)[:300], again and not fatal and not spoke, wait
        self.fatal, self.spoke = fatal, spoke
        super().__init__(self.why)


class Machine(Protocol):
    """What answers: an endpoint or a local program. It knows neither cache nor retries.

    name: shown in results; settings: everything that changes an answer (part of the cache's key); batch: how many
    questions it takes at once.
    """

    @property
    def name(self) -> str:
        """Who answers, as results show it; never a key."""

    @property
    def settings(self) -> Mapping[str, object]:
        """Everything that changes an answer."""

    @property
    def batch(self) -> int:
        """How many questions it takes at once."""

    def answer(self, questions: Sequence[Question]) -> Iterator[tuple[int, str | Trouble]]:
        """Yield (place, answer or trouble) once for every question, as answers come; raises nothing of its own."""

    def stop(self) -> None:
        """End what is under way."""
