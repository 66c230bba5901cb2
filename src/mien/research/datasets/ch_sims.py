"""CH-SIMS as a feature pickle: 2281 clips of Chinese films and shows, sentiment from -1 to 1, also of each modality.

What: Labelled as a whole and from text, audio and picture alone (kept as further labels, for studies of conflict).
Who: W. Yu and others, ACL 2020; features of thuiar/MMSA.
Licence: for research, by its owners' terms; features and labels are a person's own copy.
Get: github.com/thuiar/MMSA lists the downloads (aligned_50.pkl, unaligned_50.pkl; unaligned_39.pkl for CH-SIMS).
On disk: one .pkl: train, valid, test, each with id, raw_text, text, text_bert, audio, vision, regression_labels and,
    unaligned, audio_lengths and vision_lengths. Read without running code.
Labels: sims-sentiment; or its sign as sentiment3, or rounded as sentiment5 and sentiment7.
Groups: video. Parts: none where the released ones (1368 / 456 / 457 clips) share videos, as all 60 are shared in the
    release: the same people in the same scene are trained and tested on; `split` "released" gives them all the same,
    and a group is one clip then.
Options: label: "score", "sentiment3", "sentiment5" or "sentiment7"; text: "features" or "tokens" (ids of text_bert, one
    number a step); limit_gib: the largest pickle that is read, in GiB; split: "videos" or "released".
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from mien.errors import RequestError
from mien.research.datasets.feature_pickle import ANY, read_features
from mien.research.datasets.valid import valid
from mien.research.samples import Data

SIGNS = ANY


def read(
    path: Path, *, label: str = "score", text: str = "features", limit_gib: float = 16.0, split: str = "videos"
) -> Data:
    """CH-SIMS as a feature pickle at `path`; see the module's text. The released parts are told as a leak."""
    if split not in ("videos", "released"):
        raise RequestError(f"split {split!r}; allowed: videos, released")
    data = read_features(path, "ch-sims", "sims-sentiment", label, text, limit_gib)
    homes: dict[str, set[str]] = defaultdict(set)
    for part, rows in data.parts.items():
        for row in rows:
            homes[data.samples[row].group].add(part)
    shared = f"{sum(len(one) > 1 for one in homes.values())} of {len(homes)} videos are in two released parts or more"
    if all(len(one) == 1 for one in homes.values()):
        return valid(data)
    if split == "videos":
        note = f"{shared}: no parts here, cut whole videos; split=released gives them"
        return valid(replace(data, parts={}, notes=(*data.notes, note)))
    alone = tuple(replace(one, group=one.id) for one in data.samples)
    return valid(replace(data, samples=alone, notes=(*data.notes, f"LEAK, asked for by name: {shared}")))
