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
from bank import RATE, open_bank
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WIDTH = 512


def encoder(weights: Path) -> torch.nn.LSTM:
    """Layers 1-2 of the speaker encoder, in evaluation mode."""
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    lstm = torch.nn.LSTM(40, 256, 2, batch_first=True)
    lstm.load_state_dict({k[5:]: v for k, v in state.items() if k.startswith("lstm.") and k[-1] in "01"})
    return lstm.eval()


def linear_mel(wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """(frames, 40) mel power as that encoder expects it: 25/10 ms, centred, Slaney bands from 0 to 8000 Hz."""
    padded = np.pad(wave, 200)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    spectrum = np.fft.rfft(sliding_window_view(padded, 400)[::160] * taper.astype(np.float32), axis=1)
    return ((spectrum.real**2 + spectrum.imag**2) @ _slaney()).astype(np.float32)


def _slaney() -> NDArray[np.float64]:
    """Slaney's mel filters (linear below 1 kHz, logarithmic above), each with unit area; (201, 40)."""
    step = np.log(6.4) / 27
    top = 15 + np.log(8000 / 1000) / step
    mels = np.linspace(0, top, 42)
    hertz = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(step * (mels - 15)))
    bins = np.fft.rfftfreq(400, 1 / RATE)[:, None]
    rising = (bins - hertz[:-2]) / np.diff(hertz)[:-1]
    falling = (hertz[2:] - bins) / np.diff(hertz)[1:]
    return np.maximum(np.minimum(rising, falling), 0) * (2 / (hertz[2:] - hertz[:-2]))


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
