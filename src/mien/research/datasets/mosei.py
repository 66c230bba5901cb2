"""CMU-MOSEI as a feature pickle: 22 856 utterances, sentiment from -3 to 3.

What: English monologues from the web. Usual features: BERT 768 (or GloVe 300), COVAREP 74, Facet 35; 50 steps
    aligned, audio and vision 500 unaligned.
Who: A. Zadeh and others, ACL 2018; features of thuiar/MMSA.
Licence: for research, by its owners' terms; features and labels are a person's own copy.
Get: github.com/thuiar/MMSA lists the downloads (aligned_50.pkl, unaligned_50.pkl; unaligned_39.pkl for CH-SIMS).
On disk: one .pkl: train, valid, test, each with id, raw_text, text, text_bert, audio, vision, regression_labels and,
    unaligned, audio_lengths and vision_lengths. Read without running code.
Labels: mosi-sentiment; or its sign as sentiment3, or rounded as sentiment5 and sentiment7.
Groups: video. Parts: train, valid, test as released (16 326 / 1871 / 4659).
Options: label: "score", "sentiment3", "sentiment5" or "sentiment7"; text: "features" or "tokens" (ids of text_bert, one
    number a step); limit_gib: the largest pickle that is read, in GiB.
"""

from __future__ import annotations

from pathlib import Path

from mien.research.datasets.feature_pickle import ANY, read_features
from mien.research.datasets.valid import valid
from mien.research.samples import Data

SIGNS = ANY


def read(path: Path, *, label: str = "score", text: str = "features", limit_gib: float = 16.0) -> Data:
    """CMU-MOSEI as a feature pickle at `path`; see the module's text."""
    return valid(read_features(path, "mosei", "mosi-sentiment", label, text, limit_gib))
