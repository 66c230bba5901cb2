"""CREMA-D votes: what crowds saw and heard in 7442 clips, shown three ways, without the clips.

What: every clip was judged from the voice alone, from the face alone and from both; 4 to 12 votes each way.
    A sample's features are the shares of votes of voice and face, its target what the crowd saw in both:
    an upper bound for fusing single-modality answers, not a recognition task.
Who: H. Cao and others, "CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset", IEEE T-AFFC 2014.
Licence: ODbL 1.0 (database), DbCL 1.0 (contents); name the source, share changed databases alike.
Get: github.com/CheyneyComputerScience/CREMA-D: processedResults/tabulatedVotes.csv.
On disk: tabulatedVotes.csv (columns A D F H N S, fileName), or votes.parquet (clip, modality, A D F H N S).
Labels: crema6: angry, sad, disgust, fear, neutral, happy; ties of the audiovisual votes are left out (420 clips).
Groups: actor. Parts: actors by number modulo 10: 0-6 / 7 / 8-9 (Mien's own: the owners made none).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.affect.space import space
from mien.errors import DataError
from mien.research.datasets.crema_d import PARTS, SHOWN, read_votes, winner
from mien.research.datasets.speech import split_by
from mien.research.datasets.valid import valid
from mien.research.samples import Data, Sample

SIGNS = ("tabulatedVotes.csv|processedResults/tabulatedVotes.csv|votes.parquet:modality", "!**/*.wav", "!train.*")


def read(path: Path) -> Data:
    """The votes at `path`; see the module's text. A way of showing without votes is an absent modality."""
    voice, face, both = (read_votes(path, shown) for shown in SHOWN)
    if not both:
        raise DataError(path, None, "has no votes on clips shown with sound and picture")
    samples, tied = [], 0
    for clip, votes in both.items():
        target = winner(votes)
        if target is None:
            tied += 1
            continue
        shares = {
            name: (counts[clip] / counts[clip].sum()).astype(np.float32)[None]
            for name, counts in (("audio", voice), ("face", face))
            if clip in counts and counts[clip].sum() > 0
        }
        single = {name: winner(counts.get(clip)) for name, counts in (("audio", voice), ("face", face))}
        alone = {name: best for name, best in single.items() if best is not None}
        samples.append(Sample(clip, clip[:4], shares, target, votes, speaker=clip[:4], labels=alone))
    notes = (f"{tied} clips whose votes tie are left out",) if tied else ()
    return valid(Data("crema-d-votes", space("crema6"), "class", tuple(samples), split_by(samples, PARTS), notes=notes))
