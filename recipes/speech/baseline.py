"""Voices read against their own mean (`--against-self`): what it gives, also where a person is heard in few moods.

    python recipes/speech/baseline.py DATA

DEV and TEST speakers of each corpus (at most 900 clips), mean recall. The mean is taken over 20 clips of the speaker,
or over 20 of which half are of one label.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from bank import load
from corpora import LABELS, SHIPPED, walk
from measures import uar

from mien.analysis.senses.speech import SHARE, classify


def main() -> None:
    rng = np.random.default_rng(0)
    for corpus in ("emodb", "ravdess", "nemo"):
        clips = [c for c in walk(Path(sys.argv[1])) if c.corpus == corpus and c.part != "train"]
        clips = [c for c in clips if c.label in LABELS[:SHIPPED]]
        clips = [clips[i] for i in sorted(rng.permutation(len(clips))[:900])]
        logs = np.log(classify([load(c) for c in clips]).probabilities.clip(1e-6))
        truth = np.array([LABELS.index(str(c.label)) for c in clips])
        who = np.array([c.speaker for c in clips])
        line = [f"{corpus}: plain {uar(truth, logs.argmax(axis=1)):.3f}"]
        for name, skewed in (("20 clips", False), ("half of one label", True)):
            told = logs.copy()
            for speaker in np.unique(who):
                own = np.flatnonzero(who == speaker)
                draw = np.random.default_rng(1)
                known = draw.choice(own, min(20, len(own)), replace=False)
                if skewed:
                    same = own[truth[own] == draw.choice(np.unique(truth[own]))]
                    known = np.r_[draw.choice(same, min(10, len(same)), replace=False), known[:10]]
                told[own] -= SHARE * logs[known].mean(axis=0)
            line.append(f"{name} {uar(truth, told.argmax(axis=1)):.3f}")
        print(", ".join(line), flush=True)


if __name__ == "__main__":
    main()
