"""nEMO: acted Polish, 4481 clips of 9 actors, 6 emotions.

What: about ninety sentences, four women and five men; 24 kHz, 3.1 hours.
Who: I. Christop, "nEMO: Dataset of Emotional Speech in Polish", LREC-COLING 2024 (arXiv 2404.06292).
Licence: CC BY-NC-SA 4.0; weights trained on it are not for commercial use.
Get: github.com/amu-cai/nEMO.
On disk: samples/SPEAKER_emotion_sentence.wav; data.tsv: file_id, emotion, raw_text, normalized_text, speaker_id
    (padded with blanks), gender, age.
Labels: nemo6: anger, fear, happiness, neutral, sadness, surprised.
Groups: speaker. Parts: KS0 WR0 TP0 EB0 IC0 / MP0 KD0 / SM0 MK0 (Mien's own: the owners made none).
"""

from __future__ import annotations

from pathlib import Path

from mien.affect.space import Space
from mien.research.datasets.speech import speakers, split_by
from mien.research.datasets.tables import label, places, rows, some
from mien.research.datasets.valid import valid
from mien.research.samples import Clip, Data, Sample

SIGNS = ("data.tsv", "samples")
SPACE = Space(
    "nemo6",
    ("anger", "fear", "happiness", "neutral", "sadness", "surprised"),
    "categorical",
    "nEMO (arXiv 2404.06292), names in the files",
)
PARTS = {
    "train": speakers("KS0 WR0 TP0 EB0 IC0"),
    "valid": speakers("MP0 KD0"),
    "test": speakers("SM0 MK0"),
}


def read(path: Path) -> Data:
    """nEMO at `path`; see the module's text. A clip of the table that is not on disk is kept and told by a check."""
    sheet, allowed = some(path, "data", suffixes=(".tsv",)), places(SPACE.labels)
    samples = []
    for row, cells in rows(sheet, needs=("file_id", "emotion", "raw_text", "speaker_id"), quoted=False):
        name, speaker = cells["file_id"], cells["speaker_id"]
        samples.append(
            Sample(
                name.removesuffix(".wav"), speaker, {}, label(sheet, row, cells["emotion"], allowed),
                words=cells["raw_text"], speaker=speaker,
                clips={"audio": Clip(str(sheet.parent / "samples" / name))},
            )
        )  # fmt: skip
    return valid(Data("nemo", SPACE, "class", tuple(samples), split_by(samples, PARTS)))
