"""Speech without emotion labels from corpora that no table here is scored on: what the listener is taught with.

Five public sets under free terms, and the two labelled corpora that only ever train. `DATA` holds them as their owners
release them: libri/ (LibriSpeech utterances kept as examples in resemble-ai/Resemblyzer, CC BY 4.0), wake/
(Picovoice/wake-word-benchmark, Apache-2.0), intent/ (Picovoice/speech-to-intent-benchmark, Apache-2.0), mycroft/
(MycroftAI/Precise-Community-Data, public domain) and kathleen/ (rhasspy/dataset-voice-kathleen, CC0).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from bank import RATE, load_path
from corpora import Clip, walk
from degrade import degrade
from mel import linear_mel
from numpy.typing import NDArray
from recogniser import Recogniser
from scipy.signal import resample_poly
from teacher import encoder, states

from mien.analysis.media.sound import log_mel, set_level, trim_edges

CORPORA = ("libri", "wake", "intent", "mycroft", "kathleen")
MOST = {"kathleen": 450, "tess": 700}
"""Clips at most: one and two voices."""
SHORTEST, LONGEST = int(0.8 * RATE), 4 * RATE
STEP = 2
"""Frames of 10 ms to one target."""


def sounds(elsewhere: Path, labelled: Path, also: tuple[str, ...] = ("tess", "baved")) -> list[Path]:
    """Sound files in a fixed order: the unlabelled corpora, then the training clips of the labelled ones named."""
    rng = np.random.default_rng(0)
    chosen: list[Path] = []
    clips = walk(labelled)
    for name in (*CORPORA, *also):
        if name in CORPORA:
            found = sorted(p for p in (elsewhere / name).rglob("*") if p.suffix in (".wav", ".flac"))
            if not found:
                raise ValueError(f"{elsewhere / name}: no sound files; see the head of elsewhere.py")
        else:
            found = [clip.path for clip in clips if clip.corpus == name and _may_train(clip)]
        order = sorted(rng.permutation(len(found))[: MOST.get(name, len(found))])
        chosen += [found[i] for i in order]
    return chosen


def _may_train(clip: Clip) -> bool:
    return clip.part == "train"


def build(
    paths: list[Path], weights: Path, recogniser: Path, folder: Path, *, variants: int = 2, seed: int = 0
) -> None:
    """Writes the bank, all float16: `clean`, `degraded` (frames, 64), `first`, `second` (steps, 256), `words` (steps, 384).

    The first variant of a piece is as it is, the others are .85 to 1.2 times as fast (so other voices). The teachers
    hear the clean one only; the speaker encoder's states of both layers are averaged over `STEP` frames.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng, lstm, words = np.random.default_rng(seed), encoder(weights), Recogniser(recogniser)
    names = ("clean", "degraded", "first", "second", "words")
    files = {name: (folder / f"{name}.f16").open("wb") for name in names}
    counts: list[int] = []
    batch: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []

    def flush() -> None:
        told = states(lstm, [linear_mel(sound * np.float32(0.0316 / 0.05)) for sound, _ in batch])
        heard = words.states([sound for sound, _ in batch])
        for (sound, worse), (one, two), three in zip(batch, told, heard, strict=True):
            steps = min(len(one), len(log_mel(sound))) // STEP
            counts.append(steps * STEP)
            for name, values in (("clean", log_mel(sound)), ("degraded", log_mel(worse))):
                files[name].write(values[: steps * STEP].astype(np.float16).tobytes())
            for name, values in (("first", one), ("second", two)):
                mean = values[: steps * STEP].reshape(steps, STEP, -1).mean(axis=1)
                files[name].write(mean.astype(np.float16).tobytes())
            files["words"].write(_of_length(three, steps).astype(np.float16).tobytes())
        batch.clear()

    for path in paths:
        whole = load_path(path)
        for variant in range(variants):
            for piece in _pieces(whole):
                sound = piece if variant == 0 else _faster(piece, rng)
                sound = set_level(sound)
                batch.append((sound, degrade(sound, rng)))
                if len(batch) == 32:
                    flush()
    flush()
    for file in files.values():
        file.close()
    np.save(folder / "offsets.npy", np.concatenate([[0], np.cumsum(counts)]))


def _pieces(wave: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Equal pieces of at most four seconds, quiet edges cut; short ones left out."""
    sound = trim_edges(wave)
    parts = np.array_split(sound, max(-(-len(sound) // LONGEST), 1))
    return [part for part in parts if len(part) >= SHORTEST]


def _faster(wave: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    up = int(rng.integers(83, 118))
    return np.asarray(resample_poly(wave, up, 100), np.float32)


def _of_length(states: NDArray[np.float32], steps: int) -> NDArray[np.float32]:
    """Cut, or the last one repeated: both teachers round the number of steps by themselves."""
    return np.pad(states[:steps], ((0, max(steps - len(states), 0)), (0, 0)), mode="edge")


def fingerprint(paths: list[Path]) -> str:
    """SHA-256 over the names and hashes of the files."""
    lines = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in paths]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
