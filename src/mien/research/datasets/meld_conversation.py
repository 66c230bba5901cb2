"""MELD as a conversation pack: 1432 dialogues, 13 708 utterances, 7 emotions, one vector an utterance and modality.

What: text 600, audio 300 (and picture 342 in the packs of graph models), or text alone (COSMIC). Dialogues are numbered
    0 to 1431 over all parts here, anew in each part in the data set itself.
Who: S. Poria and others, ACL 2019; packs of the same group.
Licence: GPL-3.0 (the only licence MELD's repository gives); the series itself is not free.
Get: github.com/declare-lab/conv-emotion: bc-LSTM-pytorch/MELD_features, COSMIC/feature-extraction/meld.
On disk: one .pkl of nine entries (ids, speakers, emotions, text, audio, sentences, train, test, sentiments), of
    thirteen (ids, speakers, emotions, text, three further texts, audio, visual, sentences, train, test, sentiments) or
    of seven (speakers, emotions, sentiments, sentences, train, test, valid). Read without running code.
Labels: meld7-conversation: neutral, surprise, fear, sadness, joy, disgust, anger; sentiment in the order neutral,
    positive, negative of the packs.
Groups: dialogue. Parts: train (with dev in it where the pack names none), (valid,) test as released.
Options: label: "emotion" or "sentiment".
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.affect.space import Space, space
from mien.errors import RequestError
from mien.research.datasets.conversation import Layout, read_pack
from mien.research.samples import Data

SIGNS = ("MELD_features*.pkl|meld.pkl",)
SENTIMENT = Space(
    "meld3-conversation", ("neutral", "positive", "negative"), "categorical", "conv-emotion @6128ca2, bc-LSTM loader"
)
_NINE = Layout(9, speakers=1, labels=2, sentences=5, train=6, test=7, features={"text": 3, "audio": 4})
_THIRTEEN = Layout(
    13, speakers=1, labels=2, sentences=9, train=10, test=11, features={"text": 3, "audio": 7, "face": 8}
)
_SEVEN = Layout(7, speakers=0, labels=1, sentences=3, train=4, test=5, valid=6)
LAYOUTS = {
    "emotion": (_NINE, _THIRTEEN, _SEVEN),
    "sentiment": (replace(_NINE, labels=8), replace(_THIRTEEN, labels=12), replace(_SEVEN, labels=2)),
}


def read(path: Path, *, label: str = "emotion") -> Data:
    """The pack at `path`; see the module's text."""
    if label not in LAYOUTS:
        raise RequestError(f"label {label!r}: allowed: {', '.join(LAYOUTS)}")
    goal = space("meld7-conversation") if label == "emotion" else SENTIMENT
    return read_pack(path, "meld-conversation", goal, LAYOUTS[label], _speaker)


def _speaker(dialogue: str, mark: Any) -> str:
    """The place of the 1: the pack numbers the main speakers by it; text stays text."""
    return mark if isinstance(mark, str) else f"{dialogue}-{int(np.argmax(np.asarray(mark)))}"
