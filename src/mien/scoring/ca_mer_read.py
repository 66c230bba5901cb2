"""Reading the clips of a conflict benchmark: single labels, or sets of open labels from lists and texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mien.scoring import wheel_metrics as wheel_metrics  # enters the metrics of WHEELS and SETS
from mien.scoring.answers import Answer, read_answer
from mien.scoring.ca_mer_clips import Clip
from mien.scoring.closed import Read, read_label
from mien.scoring.constants import FIVE_WORDS, best_constant, most_frequent
from mien.scoring.lists import looks_like_list, tolerant_groups
from mien.scoring.openset import overlap, words_of
from mien.scoring.result import Options
from mien.scoring.setlevel import set_level, united, wheel_groups
from mien.scoring.steps import Extract, Group, Labels
from mien.scoring.wheels import LEVEL1, Tables
from mien.scoring.wordforms import forms_of

CLOSED = ("accuracy", "uar", "weighted_f1", "macro_f1")
WHEELS = ("openset_f", "openset_precision", "openset_recall")
SETS = ("set_average", "set_accuracy", "set_recall")
GROUPING = "case3_wheel2_level1"
GROUPED = "one wheel (wheel2 level1)"
NONE, SEVERAL = "(none)", "(several)"


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Clips with what was read from reference and answer; one entry a clip in every sequence.

    name: the subset, "" for all; truth, said: a label or a tuple of labels; readable: whether the answer held one;
    metrics: the first ones in `compared` are compared between subsets; tables: None for single labels; groups: of
    synonyms, None where wheels score; regroup: what makes them, where a wheel does; alone: (face alone, voice alone,
    answer) of the clips where the first two differ.
    """

    name: str
    clips: Sequence[Clip]
    truth: Sequence[Any]
    said: Sequence[Any]
    why: Sequence[tuple[str, ...]]
    readable: Sequence[bool]
    metrics: tuple[str, ...]
    compared: tuple[str, ...]
    how: str
    reader: str
    labels: tuple[str, ...] = ()
    tables: Tables | None = None
    groups: Sequence[Sequence[Labels] | None] | None = None
    regroup: Group | None = None
    alone: Sequence[tuple[str, str, str]] = ()
    warnings: tuple[str, ...] = field(default=())

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """Options of each metric."""
        if self.tables is None:
            return {name: {"labels": self.labels} for name in ("uar", "weighted_f1", "macro_f1")}
        if self.groups is not None:
            return {name: {"synonyms": list(self.groups)} for name in SETS}
        return {name: {"held": self.tables} for name in WHEELS}

    def take(self, name: str) -> Held:
        """The clips of one subset."""
        return self._chosen([place for place, clip in enumerate(self.clips) if clip.subset == name], name)

    def without_unreadable(self) -> Held:
        """Only the clips whose answer could be read."""
        return self._chosen([place for place, there in enumerate(self.readable) if there], self.name)

    def _chosen(self, places: Sequence[int], name: str) -> Held:
        def of(values: Sequence[Any]) -> list[Any]:
            return [values[place] for place in places]

        groups = None if self.groups is None else of(self.groups)
        return replace(
            self, name=name, clips=of(self.clips), truth=of(self.truth), said=of(self.said), why=of(self.why),
            readable=of(self.readable), groups=groups,
        )  # fmt: skip

    def answering(self, said: Sequence[Any]) -> Held:
        """The same clips with other answers; groups that a wheel made are made again."""
        groups = self.groups
        if self.regroup is not None:
            groups = list(self.regroup(united(self.truth, said)))
        return replace(self, said=said, groups=groups)

    def credits(self) -> list[float | None]:
        """Each clip's share of the first metric; None where the reference has no word that counts."""
        if self.tables is None:
            return [float(true == said) for true, said in zip(self.truth, self.said, strict=True)]
        if self.groups is not None:
            found = set_level(self.truth, self.said, self.groups)
            values = (found.sample_accuracy + found.sample_recall) / 2
        else:
            wheels = overlap(self.truth, self.said, held=self.tables, groupings=LEVEL1).values()
            both = np.array([(one.sample_precision + one.sample_recall) / 2 for one in wheels])
            there = ~np.isnan(both)
            total = np.where(there, both, 0.0).sum(axis=0)
            values = np.where(there.any(axis=0), total / np.maximum(there.sum(axis=0), 1), np.nan)
        return [None if np.isnan(value) else float(value) for value in values]

    def constants(self) -> dict[str, Any]:
        """Name of a floor -> the answer that is given to every clip."""
        if not self.clips:
            return {}
        if self.tables is None:
            return {"majority": Counter(self.truth).most_common(1)[0][0], "names every label": SEVERAL}
        frequent = most_frequent(self.truth, self.tables)
        best = best_constant(words_of(self.tables, self.truth), frequent, self.tables)
        return {"five words": FIVE_WORDS, "best constant": best}


def single_labels(clips: Sequence[Clip], labels: tuple[str, ...]) -> Held:
    """One label a clip: read by the default closed-set reader; no label or several are wrong."""
    forms = forms_of(labels)
    read = [_read(clip.answer, labels) for clip in clips]
    truth = [forms.get(str(clip.truth).strip().lower(), str(clip.truth).strip().lower()) for clip in clips]
    alone = [
        (video, audio, _name(one))
        for clip, one in zip(clips, read, strict=True)
        if clip.video is not None and clip.audio is not None
        for video, audio in [(_name(_read(clip.video, labels)), _name(_read(clip.audio, labels)))]
        if video != audio and NONE not in (video, audio)
    ]
    lost = [clip.id for clip, one in zip(clips, read, strict=True) if one.status != "ok"]
    told = (f"{len(lost)} of {len(clips)} answers name no label or several ({_some(lost)}); counted as wrong",)
    return Held(
        "", clips, truth, [_name(one) for one in read], [one.why for one in read], [one.status == "ok" for one in read],
        CLOSED, CLOSED[:2], "one label read from each answer", "default", labels=labels, alone=alone,
        warnings=told if lost else (),
    )  # fmt: skip


def open_sets(
    clips: Sequence[Clip], options: Options, held: Tables, extract: Extract | None, group: Group | None
) -> Held:
    """Open labels: lists as they are, texts by the lexicon or by `extract`, references and answers in separate calls.

    replicate: scores by groups of synonyms, those given with the clips, else by `group`, else by one wheel.
    """
    wanted = _labels([clip.truth for clip in clips], extract)
    given = _labels([clip.answer for clip in clips], extract)
    truth, said = [one.labels for one in wanted], [one.labels for one in given]
    told = list(_open_told(clips, wanted, given, extract))
    reader = "lexicon" if extract is None else "judge"
    how, groups = "labels scored on five emotion wheels", None
    if options.replicate is not None:
        groups, how = _grouped(clips, truth, said, held, group)
    return Held(
        "", clips, truth, said, [one.why for one in given], [one.status == "ok" for one in given],
        WHEELS if groups is None else SETS, WHEELS[:1] if groups is None else SETS[:1], how, reader,
        tables=held, groups=groups, regroup=wheel_groups(GROUPING, held) if how.endswith(GROUPED) else None,
        warnings=tuple(told),
    )  # fmt: skip


def _grouped(
    clips: Sequence[Clip], truth: Sequence[Labels], said: Sequence[Labels], held: Tables, group: Group | None
) -> tuple[list[Sequence[Labels] | None], str]:
    if any(clip.groups is not None for clip in clips):
        given = [None if clip.groups is None else tolerant_groups(clip.groups) for clip in clips]
        return list(given), "set-level scores by the groups given"
    step = group or wheel_groups(GROUPING, held)
    how = GROUPED if group is None else "the judge"
    return list(step(united(truth, said))), f"set-level scores, synonyms grouped by {how}"


def _labels(cells: Sequence[Any], extract: Extract | None) -> list[Answer]:
    """Lists by rule; texts by the step where there is one."""
    texts = [place for place, cell in enumerate(cells) if isinstance(cell, str) and not looks_like_list(cell)]
    found: dict[int, Labels | None] = {}
    if extract is not None and texts:
        found = dict(zip(texts, extract([str(cells[place]) for place in texts]), strict=True))
    read = []
    for place, cell in enumerate(cells):
        if place not in found:
            read.append(read_answer(cell, True) if cell is not None else Answer((), "none", ("no answer in the file",)))
            continue
        labels = found[place]
        why = "labels read by the judge" if labels is not None else "the judge gave no usable reply"
        read.append(Answer(tuple(labels or ()), "ok" if labels else "none", (why,)))
    return read


def _open_told(
    clips: Sequence[Clip], wanted: Sequence[Answer], given: Sequence[Answer], extract: Extract | None
) -> list[str]:
    told = []
    empty = [clip.id for clip, one in zip(clips, wanted, strict=True) if not one.labels]
    if empty:
        told.append(f"{len(empty)} of {len(clips)} references hold no label ({_some(empty)}); not scored")
    lost = [clip.id for clip, one in zip(clips, given, strict=True) if not one.labels and clip.answer is not None]
    if lost:
        told.append(f"{len(lost)} of {len(clips)} answers hold no label ({_some(lost)}); they count as 0")
    if any(isinstance(clip.truth, str) and not looks_like_list(clip.truth) for clip in clips):
        who = "the lexicon" if extract is None else "the judge"
        told.append(f"reference labels are read from texts by {who}: compare only with figures made the same way")
    return told


def _read(answer: Any, labels: tuple[str, ...]) -> Read:
    return read_label("" if answer is None else str(answer), labels)


def _name(read: Read) -> str:
    return read.label if read.label is not None else SEVERAL if read.status == "ambiguous" else NONE


def _some(ids: Sequence[str]) -> str:
    return ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
