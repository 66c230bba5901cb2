"""CH-SIMS as a feature pickle: 2281 clips of Chinese films and shows, sentiment from -1 to 1, also of each modality.

What: Labelled as a whole and from text, audio and picture alone (kept as further labels, for studies of conflict).
Who: W. Yu and others, ACL 2020; features of thuiar/MMSA.
Licence: for research, by its owners' terms; features and labels are a person's own copy.
Get: github.com/thuiar/MMSA lists the downloads (aligned_50.pkl, unaligned_50.pkl; unaligned_39.pkl for CH-SIMS).
On disk: one .pkl: train, valid, test, each with id, raw_text, text, text_bert, audio, vision, regression_labels and,
    unaligned, audio_lengths and vision_lengths. Read without running code.
Labels: sims-sentiment; or its sign as sentiment3, or rounded as sentiment5 and sentiment7.
Groups: video. Parts: train, valid, test as released (1368 / 456 / 457).
Options: label: "score", "sentiment3", "sentiment5" or "sentiment7"; text: "features" or "tokens" (ids of text_bert, one
    number a step); limit_gib: the largest pickle that is read, in GiB.
"""

from __future__ import annotations

from pathlib import Path

from mien.research.datasets.feature_pickle import ANY, read_features
from mien.research.samples import Data

SIGNS = ANY


def read(path: Path, *, label: str = "score", text: str = "features", limit_gib: float = 16.0) -> Data:
    """CH-SIMS as a feature pickle at `path`; see the module's text."""
    return read_features(path, "ch-sims", "sims-sentiment", label, text, limit_gib)
