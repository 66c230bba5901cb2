"""What the recogniser of the `asr` extra makes of English, and whether it keeps quiet about other languages.

    python benchmarks/recogniser.py --data DIR

DIR holds the speech corpora (see recipes/speech/corpora.py). Random clips, one recording each, of RAVDESS and TESS
(English, the words are known) and of nEMO, EMO-DB and BAVED (Polish, German, Arabic). Prints one table and writes
benchmarks/results/recogniser.json.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import numpy as np
from common import ROOT, save, table

from mien.analysis.media.reader import open_recording
from mien.analysis.moments.hear import hear
from mien.analysis.moments.recognise import recognised, recogniser
from mien.analysis.moments.transcript import ENGLISH

sys.path.append(str(ROOT / "recipes" / "speech"))
from corpora import Clip, walk

TONGUES = {"ravdess": "English", "tess": "English", "nemo": "Polish", "emodb": "German", "baved": "Arabic"}
RAVDESS = ("kids are talking by the door", "dogs are sitting by the door")


def truth(clip: Clip) -> str | None:
    """The words of an English clip."""
    if clip.corpus == "ravdess":
        return RAVDESS[int(clip.path.stem.split("-")[4]) - 1]
    word = re.search(r"(?:OAF|OA|YAF)_([A-Za-z]+)_", clip.path.name)
    return f"say the word {word[1].lower()}" if clip.corpus == "tess" and word else None


def word_errors(said: str, real: str) -> float:
    """Word error rate (edit distance over the true number of words)."""
    told, words = re.findall(r"[a-z']+", said.lower()), real.split()
    row = list(range(len(told) + 1))
    for i, word in enumerate(words, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(told, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != other))
    return row[-1] / len(words)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--each", type=int, default=15)
    parser.add_argument("--seed", type=int, default=4)
    asked = parser.parse_args()
    by = recogniser(None)
    if by is None:
        raise SystemExit('needs pip install "mien[asr]"')
    rng = np.random.default_rng(asked.seed)
    clips, rows = walk(asked.data), []
    for corpus, tongue in TONGUES.items():
        own = [clip for clip in clips if clip.corpus == corpus]
        sure, wrong, silent = [], [], 0
        for place in rng.choice(len(own), asked.each, replace=False):
            recording = open_recording(own[place].path)
            spoken = [(turn.start, turn.end) for turn in hear(recording).turns]
            lines = recognised(recording, spoken, by, None)
            if not lines:
                silent += 1
                continue
            seconds = [max(line.end - line.start, 0.1) for line in lines]
            sure.append(float(np.average([line.confidence or 0.0 for line in lines], weights=seconds)))
            if (real := truth(own[place])) is not None:
                wrong.append(word_errors(" ".join(line.text for line in lines), real))
        low, middle, high = np.quantile(sure, [0.0, 0.5, 1.0]).round(2).tolist()
        kept = int(np.sum(np.array(sure) >= ENGLISH))
        error = round(float(np.mean(wrong)), 3) if wrong else "-"
        rows.append([corpus, tongue, asked.each, silent, low, middle, high, kept, error])
    header = [
        "corpus",
        "language",
        "clips",
        "no words",
        "confidence min",
        "median",
        "max",
        "kept as English",
        "word error",
    ]
    table(header, rows)
    command = f"python benchmarks/recogniser.py --data DIR --each {asked.each} --seed {asked.seed}"
    named = [dict(zip(header, row, strict=True)) for row in rows]
    save("recogniser", {"command": command, "model": by.name, "bound": ENGLISH, "rows": named}, asked.seed)


if __name__ == "__main__":
    main()
