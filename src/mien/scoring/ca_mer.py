"""CA-MER: answers on clips where face and voice agree, or where only one of them carries the true emotion.

Benchmarking and Bridging Emotion Conflicts for Multimodal Emotion Reasoning, arXiv 2508.01181. The published figures
rest on references that each user extracts with a language model, so they compare only within one paper. Here label sets
are scored on the emotion wheels (`replicate="ca-mer"`: by groups of synonyms, the first EMER protocol), single labels
by recall; with the modality gap, the conflict drop and the follow rates (definitions of our own).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.errors import DataError
from mien.files import digest
from mien.metrics import Score, bootstrap_values, interval
from mien.metrics.arrays import Numbers
from mien.scoring.ca_mer_clips import NEITHER, SUBSETS, Clip, one_label, read_clips
from mien.scoring.ca_mer_read import Held, open_sets, single_labels
from mien.scoring.judge import Judge, open_judge
from mien.scoring.judge import told as judge_told
from mien.scoring.measure import bare, choice, measure
from mien.scoring.result import Options, Part, Reading, ScoreResult
from mien.scoring.steps import Extract, Group
from mien.scoring.wheels import EDITIONS, tables

REPLICATE = ("ca-mer",)
FEW = 30
GAP = "{metric} on audio-aligned clips minus {metric} on video-aligned ones; positive: leans on the voice"
DROP = "{metric} on consistent clips minus the mean of both conflict subsets"


def score(
    predictions: Path, reference: Path | None, options: Options, *,
    judge: Judge | None = None, extract: Extract | None = None, group: Group | None = None,
) -> ScoreResult:  # fmt: skip
    """One part a subset, then the gap between the modalities, the drop under conflict and the follow rates.

    predictions, reference: files or folders as `read_clips` takes them; `edition`: of the word tables; judge, extract,
    group: instead of those that `options` names. Labels are read from references and answers in separate calls.
    A subset without clips is named and its figures stay undefined. Raises RequestError, InputError, DataError.
    """
    edition = choice(options.edition, EDITIONS, "edition") or EDITIONS[-1]
    choice(options.replicate, REPLICATE, "rule set")
    asked = judge or open_judge(options)
    if asked is not None:
        from mien.scoring.assisted import extract_by, group_by

        extract, group = extract or extract_by(asked), group or group_by(asked)
    clips, warnings = read_clips(predictions, reference)
    scored = [clip for clip in clips if clip.subset != NEITHER]
    if not scored:
        raise DataError(reference or predictions, None, f"holds no clip of a subset; allowed: {', '.join(SUBSETS)}")
    labels = one_label(scored) if options.replicate is None else None
    if labels is not None:
        held = single_labels(scored, labels)
    else:
        held = open_sets(scored, options, tables(edition), extract, group)
    warnings += [*held.warnings, *_told(clips), *judge_told(asked)]
    held = held.without_unreadable() if options.unreadable == "skip" else held
    parts = [_part(name, held.take(name), options) for name in SUBSETS if held.take(name).clips]
    settings = {"edition": edition if labels is None else None, "replicate": options.replicate, "reader": held.reader}
    settings |= {"predictions": _digest(predictions), "reference": _digest(reference), "unreadable": options.unreadable}
    return ScoreResult(
        benchmark="ca-mer",
        process=f"{asked.process}: {held.how}" if asked is not None and labels is None else f"rule: {held.how}",
        settings={
            **settings,
            "rounds": options.rounds,
            "seed": options.seed,
            **(dict(asked.settings) if asked else {}),
        },
        parts=(*parts, *_reader_parts(held, options), Part("conflict", tuple(_conflict(held, options)))),
        overall=_measured(held, options),
        warnings=tuple(warnings),
    )


def _digest(path: Path | None) -> str | None:
    """The first half of the content's digest: references are extracted by each user, so they are part of the result."""
    if path is None or path.is_dir():
        return None
    return digest(path)[:32]


def _measured(held: Held, options: Options, rounds: int | None = None) -> tuple[Score, ...]:
    found = measure(held.metrics, held.truth, held.said, options, settings=held.settings, rounds=rounds)
    if held.tables is not None:
        return found
    # Accuracy and weighted F1 have the same values per class as UAR and macro F1.
    return tuple(bare(one) if one.metric in ("accuracy", "weighted_f1") else one for one in found)


def _part(name: str, held: Held, options: Options) -> Part:
    floors = {
        floor: _measured(held.answering([said] * len(held.clips)), options, rounds=0)
        for floor, said in held.constants().items()
    }
    readings = tuple(map(_reading, held.clips, held.truth, held.said, held.why, held.credits()))
    return Part(name, _measured(held, options), floors=floors, readings=readings if options.keep else ())


def _reading(clip: Clip, truth: Any, said: Any, why: tuple[str, ...], credit: float | None) -> Reading:
    wanted, named = ((one,) if isinstance(one, str) else tuple(one) for one in (truth, said))
    answer = "" if clip.answer is None else str(clip.answer)
    why = ("no answer in the file",) if clip.answer is None else why
    return Reading(clip.id, answer, wanted, tuple(one for one in named if not one.startswith("(")), credit, why)


def _reader_parts(held: Held, options: Options) -> list[Part]:
    """The published list rule and the lax substring reader beside the default, for open label sets."""
    if options.readers != "all" or held.tables is None:
        return []
    from mien.scoring.answers import READERS

    parts = []
    for name, read in READERS.items():
        said = [read(clip.answer, False).labels for clip in held.clips]
        parts.append(Part(f"reader {name}", tuple(map(bare, _measured(held.answering(said), options)))))
    return parts


def _conflict(held: Held, options: Options) -> list[Score]:
    scores: list[Score] = []
    for metric in held.compared:
        suffix = "" if metric == held.compared[0] else f"_{metric}"
        one = {name: _values(held.take(name), metric, options) for name in SUBSETS}
        video, audio, both = (one[name] for name in SUBSETS)
        scores.append(_difference(f"modality_gap{suffix}", audio, (video,), GAP.format(metric=metric), held))
        scores.append(_difference(f"conflict_drop{suffix}", both, (video, audio), DROP.format(metric=metric), held))
    return [*scores, *_follow(held, options)]


def _values(held: Held, metric: str, options: Options) -> tuple[str, float, Numbers | None]:
    """(subset, the metric's value, its bootstrap values); NaN without clips."""
    if not held.clips:
        return held.name, float("nan"), None
    settings = held.settings.get(metric, {})
    (value,) = measure((metric,), held.truth, held.said, options, settings={metric: settings}, rounds=0)
    if not options.rounds:
        return held.name, value.value, None
    # Subsets are drawn apart: each has its own stream of chance.
    rng = np.random.default_rng([options.seed, SUBSETS.index(held.name)])
    drawn = bootstrap_values(metric, held.truth, held.said, rounds=options.rounds, rng=rng, **settings)
    return held.name, value.value, drawn


def _difference(
    name: str, first: tuple[str, float, Any], others: Sequence[tuple[str, float, Any]], note: str, held: Held
) -> Score:
    everything = (first, *others)
    missing = [subset for subset, value, _ in everything if np.isnan(value)]
    if missing:
        return Score(name, float("nan"), note=f"undefined: no scored clips of {', '.join(missing)}")
    value = first[1] - sum(other[1] for other in others) / len(others)
    span = None
    if all(drawn is not None for _, _, drawn in everything):
        span = interval(first[2] - np.mean([drawn for _, _, drawn in others], axis=0))
    return Score(
        name, float(value), span, n=sum(len(held.take(subset).clips) for subset, _, _ in everything), note=note
    )


def _follow(held: Held, options: Options) -> list[Score]:
    """How often the answer is that of one modality alone, where the two differ."""
    if not held.alone:
        return []
    video, audio, fused = zip(*held.alone, strict=True)
    note = f"over the {len(held.alone)} clips whose answers from face and voice alone differ"
    scores = []
    for name, alone in (("follows_video", video), ("follows_audio", audio)):
        (one,) = measure(("accuracy",), list(alone), list(fused), options)
        scores.append(replace(bare(one), metric=name, note=note))
    return scores


def _told(clips: Sequence[Clip]) -> list[str]:
    told = []
    counts = {name: sum(clip.subset == name for clip in clips) for name in (*SUBSETS, NEITHER)}
    for name in SUBSETS:
        if not counts[name]:
            told.append(f"no clips of the subset {name}: its figures are left out, and what needs it is undefined")
        elif counts[name] < FEW:
            told.append(f"{name}: {counts[name]} clips only; read the interval, not the value")
    if counts[NEITHER]:
        ids = [clip.id for clip in clips if clip.subset == NEITHER]
        told.append(
            f"{len(ids)} clips whose label neither face nor voice carries are not scored: {', '.join(ids[:10])}"
        )
    return told
