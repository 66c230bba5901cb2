"""What a frozen speaker encoder says of every training clip: the small network learns to predict it beside its task.

The encoder is the one in the Resemblyzer 0.1.4 wheel (Apache-2.0; Wan et al. 2018), which has heard thousands of
speakers where the corpora here hold about a hundred. It teaches only; nothing of it is shipped.
Get it with `pip download resemblyzer --no-deps` and unpack `resemblyzer/pretrained.pt`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from bank import chosen, load, part
from corpora import walk
from mel import linear_mel
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F

WIDTH = 256
WINDOW, HOP, MOST = 160, 80, 3
"""Frames of one look, between looks, and looks a clip."""
LEVEL = 0.0316 / 0.05
"""Clips come at an active level of 0.05; the encoder expects -30 dB."""


def encoder(weights: Path) -> tuple[nn.LSTM, nn.Linear]:
    """Its three layers and the projection."""
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    lstm, linear = nn.LSTM(40, WIDTH, 3, batch_first=True), nn.Linear(WIDTH, WIDTH)
    lstm.load_state_dict({k[5:]: v for k, v in state.items() if k.startswith("lstm.")})
    linear.load_state_dict({k[7:]: v for k, v in state.items() if k.startswith("linear.")})
    return lstm.eval(), linear.eval()


@torch.no_grad()
def teach(weights: Path, data: Path, work: Path, seed: int) -> None:
    """Write `teacher.npy`: one row for each row of `rows.npz`, of length 1; zeros where nothing was asked.

    Asked are the training clips at their own speed, clean; their degraded twins share the answer.
    """
    lstm, linear = encoder(weights)
    rows = dict(np.load(work / "rows.npz"))
    values = np.zeros((len(rows["part"]), WIDTH), np.float32)
    firsts = iter(np.flatnonzero((rows["speed"] == 1.0) & ~rows["worse"]))
    for clip in chosen(walk(data), np.random.default_rng(seed)):
        wave = load(clip.path)
        if len(wave) < 40 * 160:  # the bank leaves such clips out
            continue
        row = int(next(firsts))
        assert rows["speaker"][row] == clip.speaker and rows["part"][row] == part(clip)
        if rows["part"][row] == "train":
            looks = torch.from_numpy(_looks(linear_mel(wave * np.float32(LEVEL))))
            vectors = F.normalize(torch.relu(linear(lstm(looks)[1][0][-1])), dim=1)
            values[row] = F.normalize(vectors.mean(dim=0), dim=0).numpy()
            if row + 1 < len(values) and rows["worse"][row + 1] and rows["speed"][row + 1] == 1.0:
                values[row + 1] = values[row]
    np.save(work / "teacher.npy", values)


def _looks(mel: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.resize(mel, (max(len(mel), WINDOW), mel.shape[1]))
    starts = range(0, len(padded) - WINDOW + 1, HOP)
    return np.stack([padded[s : s + WINDOW] for s in list(starts)[:MOST]])
