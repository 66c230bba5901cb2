"""Clips -> banks of log-mel frames on disk, each clip clean and degraded, training clips also slower and faster."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

sys.path.append(str(Path(__file__).resolve().parents[1] / "speech"))
from corpora import Clip, walk
from degrade import degrade

from mien.analysis.media.reader import open_recording
from mien.analysis.media.sound import log_mel, set_level, trim_edges

RATE = 16_000
MOST = {"tess": 350}
"""Clips per speaker at most: TESS has two speakers and one carrier phrase."""
DEV = {"emodb": {"12", "13"}, "ravdess": {"19", "20"}, "nemo": {"MP0", "KD0"}}
TEST = {"emodb": {"15", "16"}, "ravdess": {"21", "22", "23", "24"}, "nemo": {"EB0", "WR0"}}


def part(clip: Clip) -> str:
    """`train`, `dev` or `test`, by speaker."""
    if clip.corpus == "baved":
        return {3: "dev", 4: "test"}.get(int(clip.speaker) % 5, "train")
    if clip.speaker in DEV.get(clip.corpus, ()):
        return "dev"
    return "test" if clip.speaker in TEST.get(clip.corpus, ()) else "train"


def load(path: Path) -> NDArray[np.float32]:
    """The clip as 16 kHz mono, edges cut, active RMS 0.05."""
    blocks = open_recording(path).audio(RATE)
    return set_level(trim_edges(np.concatenate([block.samples for block in blocks])))


def chosen(clips: list[Clip], rng: np.random.Generator) -> list[Clip]:
    """The clips that are used: at most `MOST` per speaker."""
    kept: list[Clip] = []
    seen: dict[tuple[str, str], int] = {}
    for place in rng.permutation(len(clips)):
        clip = clips[place]
        who = (clip.corpus, clip.speaker)
        seen[who] = seen.get(who, 0) + 1
        if seen[who] <= MOST.get(clip.corpus, 10_000):
            kept.append(clip)
    return sorted(kept, key=lambda clip: str(clip.path))


def build(data: Path, out: Path, seed: int) -> None:
    """Write `mel.npy` (frames, 64) float16 and `rows.npz`: one row per clip and variant."""
    rng = np.random.default_rng(seed)
    mels: list[NDArray[np.float16]] = []
    rows: list[tuple[str, str, str, str, float, bool, int, int]] = []
    at = 0
    for clip in chosen(walk(data), rng):
        wave, where = load(clip.path), part(clip)
        emotion = clip.label or f"level {clip.strength}"
        variants = [(1.0, False), (1.0, True)]
        if where == "train":
            variants += [(0.9, bool(rng.random() < 0.5)), (1.1, bool(rng.random() < 0.5))]
        for speed, worse in variants:
            sound = wave if speed == 1.0 else resample_poly(wave, 10, round(10 * speed)).astype(np.float32)
            mel = log_mel(degrade(sound, rng) if worse else sound).astype(np.float16)
            if len(mel) < 40:
                continue
            mels.append(mel)
            rows.append((where, clip.corpus, clip.speaker, emotion, speed, worse, at, at + len(mel)))
            at += len(mel)
    np.save(out / "mel.npy", np.concatenate(mels))
    names = ("part", "corpus", "speaker", "emotion", "speed", "worse", "start", "stop")
    np.savez(
        out / "rows.npz",
        **{name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)},
    )
