"""The test speakers, scored once, by the shipped file through the shipped code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bank import Bank
from batches import arousal
from corpora import COUNTS, LABELS, SHIPPED, Clip
from degrade import add_noise, band_limit, codec
from measures import auc, ccc, ece, interval, recalls, softmax, uar
from numpy.typing import NDArray

from mien.analysis.senses.speech import SpeechReading, classify

Wave = NDArray[np.float32]


def _one_second(wave: Wave) -> Wave:
    start = max((len(wave) - 16_000) // 2, 0)
    return wave[start : start + 16_000]


CONDITIONS: dict[str, Callable[[Wave], Wave]] = {
    "clean": lambda wave: wave,
    "middle second": _one_second,
    "300-3400 Hz": lambda wave: band_limit(wave, 300, 3400),
    "white noise 10 dB": lambda wave: add_noise(wave, 10.0, np.random.default_rng(0), colour=0.0),
    "MP3 at 16 kbit/s": codec,
    "20 dB softer": lambda wave: wave * np.float32(0.1),
}


def test_scores(clips: Sequence[Clip], waves: Bank, heat: float) -> dict[str, Any]:
    """UAR with interval, recalls, confusion and calibration per corpus and condition; activation; other labels."""
    rows = [i for i, c in enumerate(clips) if c.part == "test"]
    sounds = {i: waves.clip(i) / np.float32(32767) for i in rows}
    found: dict[str, Any] = {}
    for corpus in (c for c in COUNTS if c not in ("tess", "baved")):
        own = [i for i in rows if clips[i].corpus == corpus]
        found[corpus] = _corpus([clips[i] for i in own], [sounds[i] for i in own], heat)
    found["activation"] = _activation(clips, rows, sounds)
    return found


def _corpus(clips: Sequence[Clip], sounds: Sequence[Wave], heat: float) -> dict[str, Any]:
    known = [i for i, c in enumerate(clips) if c.label in LABELS[:SHIPPED]]
    truth = np.array([LABELS.index(str(clips[i].label)) for i in known])
    speakers = [clips[i].speaker for i in known]
    out: dict[str, Any] = {"clips": len(known), "speakers": sorted(set(speakers)), "uar": {}}
    for name, change in CONDITIONS.items():
        reading = classify([change(sounds[i]) for i in known])
        guess = reading.probabilities.argmax(axis=1)
        out["uar"][name] = [round(uar(truth, guess), 3), *interval(truth, guess, speakers)]
        if name == "clean":
            out |= _details(truth, reading, heat)
    others = [i for i, c in enumerate(clips) if c.label not in LABELS[:SHIPPED]]
    if others:
        out["read as"] = _read_as(clips, sounds, others)
    return out


def _details(truth: NDArray[np.int64], reading: SpeechReading, heat: float) -> dict[str, Any]:
    guess = reading.probabilities.argmax(axis=1)
    table = np.zeros((SHIPPED, SHIPPED), int)
    np.add.at(table, (truth, guess), 1)
    uncalibrated = softmax(np.log(reading.probabilities.clip(1e-12)) * heat)
    return {
        "accuracy": round(float(np.mean(truth == guess)), 3),
        "recall": {LABELS[c]: round(r, 3) for c, r in recalls(truth, guess).items()},
        "confusion (rows true)": table.tolist(),
        "ece at 1": round(ece(uncalibrated, truth), 3),
        "ece shipped": round(ece(reading.probabilities, truth), 3),
    }


def _read_as(clips: Sequence[Clip], sounds: Sequence[Wave], others: Sequence[int]) -> dict[str, Any]:
    """What the seven-class answer says to labels it cannot give (calm, boredom): mean distribution."""
    out = {}
    for label in sorted({str(clips[i].label) for i in others}):
        mean = classify([sounds[i] for i in others if clips[i].label == label]).probabilities.mean(axis=0)
        out[label] = {LABELS[c]: round(float(mean[c]), 2) for c in range(SHIPPED)}
    return out


def _activation(clips: Sequence[Clip], rows: Sequence[int], sounds: dict[int, Wave]) -> dict[str, Any]:
    """BAVED: levels told apart; RAVDESS: strong against normal intensity inside each emotion; all: concordance."""
    baved = [i for i in rows if clips[i].corpus == "baved"]
    level = np.array([clips[i].strength for i in baved])
    score = classify([sounds[i] for i in baved]).arousal
    ravdess = [i for i in rows if clips[i].corpus == "ravdess" and clips[i].label != "neutral"]
    read = classify([sounds[i] for i in ravdess]).arousal
    strong = np.array([clips[i].strength == 2 for i in ravdess])
    label = np.array([clips[i].label for i in ravdess])
    inside = {str(e): round(auc(read[label == e], strong[label == e]), 3) for e in sorted(set(label.tolist()))}
    return {
        "baved high over low, auc": round(auc(score[level != 1], level[level != 1] == 2), 3),
        "baved high over normal, auc": round(auc(score[level > 0], level[level > 0] == 2), 3),
        "baved normal over low, auc": round(auc(score[level < 2], level[level < 2] == 1), 3),
        "baved ccc to targets": round(ccc(score, np.array([arousal(clips[i]) for i in baved])), 3),
        "ravdess strong over normal, auc": inside,
        "ravdess ccc to targets": round(ccc(read, np.array([arousal(clips[i]) for i in ravdess])), 3),
    }
