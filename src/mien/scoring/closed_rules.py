"""How the published scripts read one label out of a free answer, and which figures each of them calls by which name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mien.scoring.closed import Read, last_alphabetical, read_label, reference_substring, whole_word
from mien.scoring.tags import answer_part

NONE, AMBIGUOUS = "(none)", "(several)"
SOUND = ("accuracy", "uar", "weighted_f1", "macro_f1")


@dataclass(frozen=True, slots=True)
class Rules:
    """How answers are read and which figures stand for the published ones.

    read: (answer, true label, labels) -> Read; metrics;
    binary: references become 1 and answers 1 (right) or 0, as in the baseline scripts.
    """

    name: str
    read: Callable[[str, str, Sequence[str]], Read]
    metrics: tuple[str, ...] = SOUND
    binary: bool = False
    note: str = ""

    def said(self, read: Read) -> str:
        """What stands beside the true label in the recalls: the label, or a class of its own for no or several."""
        return read.label if read.label is not None else AMBIGUOUS if read.status == "ambiguous" else NONE


def _alone(read: Callable[[str, Sequence[str]], Read]) -> Callable[[str, str, Sequence[str]], Read]:
    return lambda answer, truth, labels: read(answer, labels)


def _by_truth(answer: str, truth: str, labels: Sequence[str]) -> Read:
    return reference_substring(answer, labels, truth)


def _verbatim(answer: str, truth: str, labels: Sequence[str]) -> Read:
    """The whole answer part as the label, in lower case, whatever it is: unexpected words become classes."""
    label = answer_part(answer)[0].strip().strip(".").lower()
    return Read(label, "ok", (label,), ("the answer as it stands",)) if label else Read(None, "none", (), ("empty",))


DEFAULT = Rules("default", _alone(read_label))
READERS: dict[str, Rules] = {
    "default": DEFAULT,
    "whole-word": Rules("whole-word", _alone(whole_word)),
    "last-alphabetical": Rules("last-alphabetical", _alone(last_alphabetical)),
    "reference-substring": Rules("reference-substring", _by_truth),
}
"""The readers in use, side by side; all under the sound metrics."""

_WITH_NONE = "mean recall over the classes of truth and answers: one miss adds the class 'none' with recall 0"
_BINARY = "mean recall over right and wrong with all references right: half of accuracy once anything misses"
_UNION = "mean recall over the classes of truth and answers: every unexpected word adds a class with recall 0"
DFEW_RULES = Rules("reference-substring", _by_truth, ("accuracy", "macro_recall"), note=_WITH_NONE)
MER_RULES = Rules("last-alphabetical", _alone(last_alphabetical), ("weighted_f1", "accuracy"))
BASELINES = Rules("reference-substring", _by_truth, ("accuracy", "macro_recall"), binary=True, note=_BINARY)
OMNI = Rules("verbatim", _verbatim, ("accuracy", "macro_recall"), note=_UNION)
REPLICATE: dict[str, Mapping[str, Rules]] = {
    "emotion-qwen": {"dfew": DFEW_RULES, "mer2024": MER_RULES},
    "emotion-qwen-baselines": {"dfew": BASELINES},
    "humanomni": {"dfew": OMNI, "mafw": OMNI},
}
"""Name of a published script -> the rules it has per data set."""
