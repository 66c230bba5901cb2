"""From the trained network to what is shipped: temperature, quality estimate, ONNX file, test scores, card."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from bank import Bank, open_bank
from corpora import COUNTS, DEV, LABELS, LICENCES, SHIPPED, TEST, Clip
from degrade import degrade
from fit import answer
from measures import ece, nll, softmax, temperature
from network import Together
from numpy.typing import NDArray
from torch import Tensor, nn

from mien.analysis.media.sound import log_mel, trim_edges
from mien.analysis.senses.prosody import measure, tracks
from mien.analysis.senses.speech_quality import Hearing, conditions

sys.path.append(str(Path(__file__).parents[1]))
WEIGHTS = Path(__file__).parents[2] / "src/mien/analysis/senses/weights"
RESULTS = Path(__file__).parents[2] / "benchmarks/results/speech-training.json"
QUALITY_INPUTS = ["top probability", "entropy", "length", "noise", "clipping", "voicing"]


class Shipped(nn.Module):
    """The network with its seven shipped logits, divided by the temperature, and what each step of time adds to them."""

    def __init__(self, net: Together, heat: float) -> None:
        super().__init__()
        self.net, self.heat = net, heat

    def forward(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        logits, arousal, hidden, told = self.net.tell(features, mask)
        return logits[:, :SHIPPED] / self.heat, arousal, hidden, told[:, :, :SHIPPED] / self.heat


def export(clips: Sequence[Clip], work: Path, hashes: dict[str, str], *, recipe: str, test: bool) -> None:
    """Writes speech.onnx and speech.json; with `test` also scores the test speakers, once."""
    net = Together.load(work / "final.pt")
    clean = open_bank(work, "clean")
    calibration, heat = calibrate(net, clips, clean, work, recipe)
    waves = open_bank(work, "waves")
    quality = fit_quality(net, clips, waves, work, recipe, heat)
    write_onnx(net, heat, WEIGHTS / "speech.onnx")
    card = _card(work, hashes, recipe, calibration, quality)
    if test:
        from scores import test_scores

        card["test"] = test_scores(clips, waves, heat)
    (WEIGHTS / "speech.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    _results(work, card)
    print(json.dumps({k: card[k] for k in ("calibration", "quality")}, indent=1))


def _left_out(work: Path, recipe: str) -> list[Path]:
    """One development run a corpus: of this recipe, or of another where this one was not run on it (the card says)."""
    runs = {path.stem.split("-")[2]: path for path in sorted(work.glob("loco-*.npz"))}
    runs |= {path.stem.split("-")[2]: path for path in sorted(work.glob(f"loco-{recipe}-*.npz"))}
    return [runs[corpus] for corpus in sorted(runs)]


def calibrate(
    net: Together, clips: Sequence[Clip], clean: Bank, work: Path, recipe: str
) -> tuple[dict[str, Any], float]:
    """The temperature that suits DEV speakers and unseen corpora alike (mean of both log-likelihoods)."""
    rows = [i for i, c in enumerate(clips) if c.part == "dev" and c.label in LABELS[:SHIPPED]]
    logits = answer(net, [clean.clip(i) for i in rows])[0][:, :SHIPPED]
    parts = {"dev speakers": (logits, np.array([LABELS.index(str(clips[i].label)) for i in rows]))}
    for path in _left_out(work, recipe):
        saved = np.load(path)
        kept = saved["truth"] < SHIPPED
        parts[f"unseen {path.stem.split('-')[-1]}"] = (saved["clean"][kept][:, :SHIPPED], saved["truth"][kept])
    return calibrated(parts)


def calibrated(parts: dict[str, tuple[NDArray[Any], NDArray[np.int64]]]) -> tuple[dict[str, Any], float]:
    """The temperature with the least sum of two log losses, DEV speakers' and that of all other parts; what it does to each.

    parts: name -> (logits, truth), one of them "dev speakers".
    """
    unseen = [v for k, v in parts.items() if k != "dev speakers"]
    both = [parts["dev speakers"], tuple(np.concatenate(column) for column in zip(*unseen, strict=True))]
    grid = np.exp(np.linspace(np.log(0.5), np.log(5.0), 93))
    heat = float(min(grid, key=lambda t: sum(nll(softmax(a, t), b) for a, b in both)))
    table = {
        name: {
            "clips": len(truth),
            "own best temperature": round(temperature(logits, truth), 2),
            "accuracy": round(float(np.mean(logits.argmax(axis=1) == truth)), 3),
            "ece at 1": round(ece(softmax(logits), truth), 3),
            "ece shipped": round(ece(softmax(logits, heat), truth), 3),
        }
        for name, (logits, truth) in parts.items()
    }
    return {"temperature": round(heat, 3), "parts": table}, heat


def fit_quality(
    net: Together, clips: Sequence[Clip], waves: Bank, work: Path, recipe: str, heat: float
) -> dict[str, Any]:
    """Logistic regression of "the top label is right" on conditions, over random crops, half of them degraded.

    The crops' answers are left in `crops.npz`: the fusion's recipe fits its confidence on them.
    """
    from logistic import logistic

    rng = np.random.default_rng(0)
    dev, test = (
        [i for i, c in enumerate(clips) if c.part == part and c.label in LABELS[:SHIPPED]] for part in ("dev", "test")
    )
    parts = [("dev", net, np.array(dev), 900), *((*unseen, 450) for unseen in _unseen(clips, work, recipe))]
    crops = [_crops(clips, waves, *part, rng, heat) for part in parts]
    x, y = np.concatenate([c["inputs"] for c in crops]), np.concatenate([c["right"] for c in crops])
    order = rng.permutation(len(x))
    fitted, held = order[: len(x) * 2 // 3], order[len(x) * 2 // 3 :]
    chance = _chance(x[held], logistic(x[fitted], y[fitted]))
    from measures import auc, risk_coverage

    weights = logistic(x, y)
    crops.append(_crops(clips, waves, "test", net, np.array(test), 900, rng, heat))
    saved = {name: np.concatenate([c[name] for c in crops]) for name in ("probabilities", "truth", "part", "speaker")}
    saved["quality"] = _chance(np.concatenate([c["inputs"] for c in crops]), weights)
    np.savez(work / "crops.npz", **saved)
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
            "error at coverage": risk_coverage(chance, y[held] > 0),
        },
    }


def _chance(inputs: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-(inputs @ weights[1:] + weights[0]))))


def _crops(
    clips: Sequence[Clip],
    waves: Bank,
    part: str,
    net: Together,
    rows: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
    heat: float,
) -> dict[str, NDArray[Any]]:
    """Random crops of some of the rows, half of them degraded, and what the network answers to them."""
    chosen = rng.choice(rows, min(count, len(rows)), replace=False)
    sounds = [_crop(waves.clip(int(i)) / np.float32(32767), rng) for i in chosen]
    logits, _ = answer(net, [log_mel(trim_edges(sound)) for sound in sounds])
    probabilities = softmax(logits[:, :SHIPPED], heat)
    hearings = [Hearing.of(sound, measure(*tracks(sound))) for sound in sounds]
    truth = np.array([LABELS.index(str(clips[int(i)].label)) for i in chosen])
    return {
        "inputs": np.array([conditions(h, row) for h, row in zip(hearings, probabilities, strict=True)]),
        "probabilities": probabilities,
        "truth": truth,
        "right": (probabilities.argmax(axis=1) == truth).astype(float),
        "part": np.full(len(chosen), part),
        "speaker": np.array([f"{clips[int(i)].corpus} {clips[int(i)].speaker}" for i in chosen]),
    }


def _unseen(clips: Sequence[Clip], work: Path, recipe: str) -> list[tuple[str, Together, NDArray[np.int64]]]:
    found = []
    for path in _left_out(work, recipe):
        saved = np.load(path)
        name = f"unseen {path.stem.split('-')[-1]}"
        found.append((name, Together.load(path.with_suffix(".pt")), saved["rows"][saved["truth"] < SHIPPED]))
    return found


def _crop(wave: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    size = min(int(rng.uniform(0.8, 4.0) * 16_000), len(wave))
    start = int(rng.integers(0, len(wave) - size + 1))
    crop = wave[start : start + size].astype(np.float32)
    return degrade(crop, rng) if rng.random() < 0.5 else crop


def write_onnx(net: Together, heat: float, target: Path) -> None:
    """Exports with free batch and length, and checks the file against the network on two lengths."""
    import onnxruntime as ort

    target.parent.mkdir(parents=True, exist_ok=True)
    model = Shipped(net, heat).eval()
    example = (torch.zeros(2, 200, 64), torch.ones(2, 200))
    free = {"features": {0: "clips", 1: "frames"}, "mask": {0: "clips", 1: "frames"}, "told": {0: "clips", 1: "steps"}}
    torch.onnx.export(
        model, example, str(target), input_names=["features", "mask"], output_names=["logits", "arousal", "hidden", "told"],
        dynamic_axes=free, opset_version=17, dynamo=False,
    )  # fmt: skip
    _halve(target)
    session = ort.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    for frames in (81, 400):
        features, mask = torch.randn(3, frames, 64), torch.ones(3, frames)
        mask[1, frames // 2 :] = 0
        features *= mask[:, :, None]
        with torch.no_grad():
            wanted = model(features, mask)
        given = session.run(None, {"features": features.numpy(), "mask": mask.numpy()})
        for a, b in zip(wanted, given, strict=True):
            np.testing.assert_allclose(a.numpy(), b, atol=1e-2, rtol=1e-2)


def _halve(target: Path) -> None:
    """Large weights kept as float16 and widened when the file is loaded: half the size, the same answers."""
    import onnx

    model = onnx.load(str(target))
    for weight in list(model.graph.initializer):
        values = onnx.numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > 4096:
            name = weight.name
            weight.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), name + "_half"))
            wide = onnx.helper.make_node("Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT)
            model.graph.node.insert(0, wide)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _card(
    work: Path, hashes: dict[str, str], recipe: str, calibration: dict[str, Any], quality: dict[str, Any]
) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((Path(__file__).parent / "card.json").read_text())
    loco = [json.loads(p.with_suffix(".json").read_text()) for p in _left_out(work, recipe)]
    card["data"] = [
        {
            "corpus": corpus,
            "clips": COUNTS[corpus],
            "licence": LICENCES[corpus],
            "sha256": hashes[corpus],
            "dev speakers": sorted(DEV[corpus])[:4] if corpus != "baved" else "id mod 5 = 3",
            "test speakers": sorted(TEST[corpus])[:4] if corpus != "baved" else "id mod 5 = 4",
        }
        for corpus in COUNTS
    ]
    card["training"] = json.loads((work / "final.json").read_text())
    card["listener"] = json.loads((work / "listener.json").read_text())
    card["calibration"] = calibration
    card["quality"] = quality
    card["across corpora"] = loco
    card["five folds"] = json.loads((work / f"folds-{recipe}.json").read_text())["folds"]
    return card


def _results(work: Path, card: dict[str, Any]) -> None:
    """All development runs that lie in the working folder, and the shipped card's figures."""
    runs = [json.loads(p.read_text()) for p in sorted(work.glob("loco*.json"))]
    result = {
        "command": "python recipes/speech/train.py DATA WORK --elsewhere SPEECH --teacher pretrained.pt --test",
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        "machine": "one thread of an AMD EPYC (AVX-512, bfloat16)",
        "seed": 0,
        "leave one corpus out": runs,
        "shipped": {
            k: card[k] for k in ("training", "listener", "five folds", "calibration", "quality", "test") if k in card
        },
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
