"""IEMOCAP as a conversation pack: 151 dialogues, 7433 utterances of ten actors in pairs, 6 emotions.

What: acted and improvised English dialogue with one vector an utterance and modality (text 100, audio 100, picture 512
    in the older packs), or text alone (COSMIC).
Who: C. Busso and others, 2008; packs of S. Poria, D. Hazarika, N. Majumder and others.
Licence: IEMOCAP is given under an agreement with its owners; packs are for those who signed it.
Get: github.com/declare-lab/conv-emotion: bc-LSTM-pytorch/IEMOCAP_features, COSMIC/feature-extraction/iemocap.
On disk: one .pkl of nine entries (ids, speakers, labels, text, audio, visual, sentences, train, test) or of six
    (speakers, labels, sentences, train, test, valid). Read without running code.
Labels: iemocap6: happy, sad, neutral, angry, excited, frustrate.
Groups: dialogue. Parts: train, (valid,) test as released; test is session 5, whose actors are in no other part.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.affect.space import space
from mien.research.datasets.conversation import Layout, read_pack
from mien.research.samples import Data

SIGNS = ("IEMOCAP_features*.pkl|iemocap.pkl",)
LAYOUTS = (
    Layout(9, speakers=1, labels=2, sentences=6, train=7, test=8, features={"text": 3, "audio": 4, "face": 5}),
    Layout(6, speakers=0, labels=1, sentences=2, train=3, test=4, valid=5),
)


def read(path: Path) -> Data:
    """The pack at `path`; see the module's text. A speaker is session and sex: two people a session."""
    return read_pack(path, "iemocap-conversation", space("iemocap6"), LAYOUTS, _speaker)


def _speaker(dialogue: str, mark: Any) -> str:
    return f"{dialogue[:5]}{mark}"
