"""Values of a frozen speaker encoder for every clip, which the network learns to predict while it is trained.

The encoder is the one in the Resemblyzer 0.1.4 wheel (Apache-2.0; Wan et al. 2018): the first two LSTM layers,
mean and standard deviation over time of the second = 512 values. It teaches only; nothing of it is shipped.
Get it with `pip download resemblyzer --no-deps` and unpack `resemblyzer/pretrained.pt`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from bank import open_bank
from mel import linear_mel
from numpy.typing import NDArray

WIDTH = 512


def encoder(weights: Path) -> tuple[torch.nn.LSTM, torch.nn.LSTM]:
    """Layers 1 and 2 of the speaker encoder, in evaluation mode."""
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    layers = torch.nn.LSTM(40, 256, batch_first=True), torch.nn.LSTM(256, 256, batch_first=True)
    for number, layer in enumerate(layers):
        own = {name: state[f"lstm.{name[:-1]}{number}"] for name in layer.state_dict()}
        layer.load_state_dict(own)
        layer.eval()
    return layers


@torch.no_grad()
def states(
    layers: tuple[torch.nn.LSTM, torch.nn.LSTM], mels: Sequence[NDArray[np.float32]], *, batch: int = 32
) -> list[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """States of both layers, (frames, 256) each, of every clip of mel power (frames, 40) set to -30 dB."""
    found: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = [None] * len(mels)  # type: ignore[list-item]
    order = np.argsort([len(mel) for mel in mels], kind="stable")
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        longest = max(len(mels[i]) for i in chosen)
        padded = np.stack([np.pad(mels[i], ((0, longest - len(mels[i])), (0, 0))) for i in chosen])
        one = layers[0](torch.from_numpy(padded))[0]
        two = layers[1](one)[0]
        for row, index in enumerate(chosen):
            size = len(mels[index])
            found[index] = one[row, :size].numpy(), two[row, :size].numpy()
    return found


def teach(weights: Path, work: Path, *, block: int = 512) -> None:
    """Writes `teacher.npy`, (clips, 512) float32, in the order of the bank; clips are set to -30 dB first."""
    layers, bank = encoder(weights), open_bank(work, "waves")
    count = len(bank.offsets) - 1
    values = np.zeros((count, WIDTH), np.float32)
    for begin in range(0, count, block):
        rows = range(begin, min(begin + block, count))
        mels = [linear_mel(bank.clip(i) * np.float32(0.0316 / 0.05 / 32767)) for i in rows]
        for row, (_, state) in zip(rows, states(layers, mels), strict=True):
            values[row] = np.concatenate([state.mean(axis=0), state.std(axis=0)])
    np.save(work / "teacher.npy", values)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("weights", type=Path, help="resemblyzer/pretrained.pt")
    arguments.add_argument("work", type=Path, help="folder of the banks")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    teach(options.weights, options.work)
