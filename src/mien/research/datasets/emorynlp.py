"""EmoryNLP: dialogue of a TV series, 9489 utterances in 827 scenes, 7 emotions.

What: text, times and speakers (several may speak at once). The series is that of MELD and lines are shared: a model
    trained here has seen part of MELD's test.
Who: S. Zahiri, J. Choi, "Emotion Detection on TV Show Transcripts with Sequence-based CNNs", 2018.
Licence: Apache-2.0 for the annotation (emorynlp/emotion-detection); the series itself is not free.
Get: github.com/declare-lab/MELD: data/emorynlp/.
On disk: emorynlp_{train,dev,test}_final.csv: Utterance, Speaker (a list), Emotion, Scene_ID, Utterance_ID, Season,
    Episode, Start_Time, End_Time.
Labels: emorynlp7: Neutral, Joyful, Peaceful, Powerful, Scared, Mad, Sad.
Groups: scene (season, episode, scene). Parts: train, valid, test as released.
"""

from __future__ import annotations

import re
from pathlib import Path

from mien.affect.space import Space
from mien.errors import InputError
from mien.research.datasets.tables import label, number, places, rows, table
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("emorynlp_*_final.csv",)
SPACE = Space(
    "emorynlp7",
    ("Neutral", "Joyful", "Peaceful", "Powerful", "Scared", "Mad", "Sad"),
    "categorical",
    "EmoryNLP, names in the files",
)
_NAMES = re.compile(r"['\"](.+?)['\"](?=[,\]])")
_NEEDS = ("utterance", "speaker", "emotion", "scene_id", "utterance_id", "season", "episode")


def read(path: Path) -> Data:
    """EmoryNLP at `path`; see the module's text. Parts that are not there are told in the notes."""
    allowed, samples, parts, notes = places(SPACE.labels), list[Sample](), dict[str, tuple[int, ...]](), []
    for part, stem in {"train": "train", "valid": "dev", "test": "test"}.items():
        sheet = table(path, f"emorynlp_{stem}_final")
        if sheet is None:
            notes.append(f"the {part} part is not there")
            continue
        start = len(samples)
        for row, cells in rows(sheet, needs=_NEEDS):
            season, episode, scene, turn = (
                int(number(sheet, row, name, cells[name])) for name in ("season", "episode", "scene_id", "utterance_id")
            )
            group = f"s{season:02d}e{episode:02d}c{scene:02d}"
            samples.append(
                Sample(
                    f"{group}u{turn:03d}", group, {}, label(sheet, row, cells["emotion"], allowed),
                    words=cells["utterance"], speaker=" and ".join(_NAMES.findall(cells["speaker"])),
                    place=float(turn),
                )
            )  # fmt: skip
        parts[part] = tuple(range(start, len(samples)))
    if not samples:
        raise InputError(path, "", "has none of: emorynlp_train_final.csv, emorynlp_dev_final.csv, ..._test_final.csv")
    return valid(Data("emorynlp", SPACE, "class", tuple(samples), parts, notes=tuple(notes)))
