"""RAVDESS: acted North American English, 1440 spoken clips of 24 actors, 8 emotions.

What: two sentences, two repetitions, two intensities (neutral only one), twelve women and twelve men; 48 kHz. About a
    second of near-silence before and behind every clip, which a model can learn the corpus by: trim. Five files are
    stereo; 03-01-03-01-02-01-07 and -02-07 hold the same bytes.
Who: S. Livingstone, F. Russo, "The Ryerson Audio-Visual Database of Emotional Speech and Song", PLoS ONE 2018.
Licence: CC BY-NC-SA 4.0; weights trained on it are not for commercial use.
Get: zenodo.org/records/1188976 (Audio_Speech_Actors_01-24.zip; Video_Speech_Actor_NN.zip for faces).
On disk: Actor_NN/MM-CC-EE-II-SS-RR-AA.wav (or .mp4): modality (01 sound and picture, 02 picture, 03 sound), channel
    (01 speech, 02 song), emotion, intensity, sentence, repetition, actor.
Labels: ravdess8: neutral, calm, happy, sad, angry, fearful, disgust, surprised (codes 01 to 08).
Groups: actor. Parts: actors 01-18 / 19-20 / 21-24 (Mien's own: the owners made none).
Options: song: the sung clips too. Default no.
"""

from __future__ import annotations

import re
from pathlib import Path

from mien.affect.space import space
from mien.errors import InputError
from mien.research.datasets.speech import STRANGE, corpus, heard
from mien.research.samples import Clip, Data, Sample

SIGNS = ("**/0[123]-0[12]-0[1-8]-0[12]-0[12]-0[12]-[0-2][0-9].wav|**/01-0[12]-0[1-8]-0[12]-0[12]-0[12]-[0-2][0-9].mp4",)
PARTS = {
    "train": frozenset(f"{n:02d}" for n in range(1, 19)),
    "valid": frozenset(("19", "20")),
    "test": frozenset(f"{n:02d}" for n in range(21, 25)),
}
_NAME = re.compile(r"(0[123])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-(\d\d)")
_SENTENCES = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}


def read(path: Path, *, song: bool = False) -> Data:
    """RAVDESS at `path`; see the module's text. Clips with picture and sound give both modalities."""
    files = sorted((p for p in path.rglob("*") if p.suffix.lower() in (".wav", ".mp4")), key=lambda p: (p.name, str(p)))
    if not files:
        raise InputError(path, "", "has no clips of RAVDESS (*.wav, *.mp4)")

    def tell(file: Path) -> Sample | str:
        found = _NAME.fullmatch(file.stem)
        if not found:
            return STRANGE
        if found[2] == "02" and not song:
            return "are songs (song=true reads them)"
        emotion, sentence, actor = found[3], found[5], found[7]
        seen = {"01": ("audio", "face"), "02": ("face",), "03": ("audio",)}[found[1]]
        raw = heard(file) if file.suffix.lower() == ".wav" else {name: Clip(str(file)) for name in seen}
        return Sample(
            file.stem, actor, {}, int(emotion) - 1, words=_SENTENCES[sentence], speaker=actor, clips=raw
        )  # fmt: skip

    spoken = not song and all(file.suffix.lower() == ".wav" for file in files)
    return corpus("ravdess", space("ravdess8"), files, tell, PARTS, whole=1440 if spoken else 0)
