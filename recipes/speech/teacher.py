"""Values of a frozen speaker encoder for every clip, which the network learns to predict while it is trained.

The encoder is the one in the Resemblyzer 0.1.4 wheel (Apache-2.0; Wan et al. 2018): the first two LSTM layers,
mean and standard deviation over time of the second = 512 values. It teaches only; nothing of it is shipped.
Get it with `pip download resemblyzer --no-deps` and unpack `resemblyzer/pretrained.pt`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from bank import open_bank
from mel import linear_mel

WIDTH = 512


def encoder(weights: Path) -> torch.nn.LSTM:
    """Layers 1-2 of the speaker encoder, in evaluation mode."""
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    lstm = torch.nn.LSTM(40, 256, 2, batch_first=True)
    lstm.load_state_dict({k[5:]: v for k, v in state.items() if k.startswith("lstm.") and k[-1] in "01"})
    return lstm.eval()


@torch.no_grad()
def teach(weights: Path, work: Path, *, batch: int = 32) -> None:
    """Writes `teacher.npy`, (clips, 512) float32, in the order of the bank; clips are set to -30 dB first."""
    lstm, bank = encoder(weights), open_bank(work, "waves")
    count = len(bank.offsets) - 1
    values = np.zeros((count, WIDTH), np.float32)
    mels = [linear_mel(bank.clip(i) * np.float32(0.0316 / 0.05 / 32767)) for i in range(count)]
    order = np.argsort([len(mel) for mel in mels], kind="stable")
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        longest = max(len(mels[i]) for i in chosen)
        padded = np.stack([np.pad(mels[i], ((0, longest - len(mels[i])), (0, 0))) for i in chosen])
        states = lstm(torch.from_numpy(padded))[0].numpy()
        for row, index in enumerate(chosen):
            state = states[row, : len(mels[index])]
            values[index] = np.concatenate([state.mean(axis=0), state.std(axis=0)])
    np.save(work / "teacher.npy", values)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("weights", type=Path, help="resemblyzer/pretrained.pt")
    arguments.add_argument("work", type=Path, help="folder of the banks")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    teach(options.weights, options.work)
