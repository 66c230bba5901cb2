"""Train, check and ship the face network: one command.

    python recipes/face/train.py ferplus.parquet --out src/mien/analysis/senses/weights/face.onnx

Writes the ONNX file, its card beside it and benchmarks/results/face-training.json. One thread, a bit over an hour of
one free core; the protocol is in README.md. Started again after it was stopped it goes on from the last whole epoch.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from data import CLASSES, Faces, load, public_halves, sha256
from degrade import USUAL, VARIANTS
from export import calibrate, export, settled
from fit import PLANS, Training, fit
from net import FaceNet
from numpy.typing import NDArray
from scores import accuracy_and_uar, calibration_error, choose_tau, choose_temperature, report, softmax
from trust import fit_trust

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
Logits = dict[str, NDArray[np.float64]]


def main() -> None:
    args = arguments()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    training, public = load(args.parquet)
    done = trained(args, training, public)
    net = settled(done.averaged)
    logits = {name: answers(net, change(pictures(public))) for name, change in VARIANTS.items()}
    tau, temperature, choices = choose(logits, training, public)
    prior = training.shares.mean(axis=0)
    ready = {name: (values - tau * np.log(prior)) / temperature for name, values in logits.items()}
    calibrate(net, torch.from_numpy(prior), tau, temperature)
    export(net, args.out)
    card = json.loads((HERE / "card.json").read_text()) | {
        "data_sha256": sha256(args.parquet),
        "seed": done.plan.seed,
        "epochs": done.plan.epochs,
        "calibration": {"tau": tau, "temperature": temperature, "where": "in the last layer of the graph"},
        "quality": fit_trust(ready, public),
        "scores": scores(ready, public),
    }
    args.out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")
    facts = {
        "command": f"python recipes/face/train.py ferplus.parquet --plan {args.plan}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "data_sha256": card["data_sha256"],
        "plan": asdict(done.plan),
        "training_cpu_seconds": round(done.seconds),
        "curve": done.curve,
        "calibration": card["calibration"],
        "choices": choices,
        "scores": card["scores"],
        "shipped": check(args.out, ready["as is"], public),
    }
    (ROOT / "benchmarks" / "results" / "face-training.json").write_text(json.dumps(facts, indent=1) + "\n")
    show(card, facts["shipped"])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parquet", type=Path, help="ferplus.parquet")
    parser.add_argument("--out", type=Path, default=ROOT / "src/mien/analysis/senses/weights/face.onnx")
    parser.add_argument("--plan", choices=PLANS, default="wide", help="fit.py says what each is")
    parser.add_argument("--state", type=Path, default=ROOT / "build" / "face.pt", help="kept after each epoch")
    return parser.parse_args()


def trained(args: argparse.Namespace, training: Faces, public: Faces) -> Training:
    """The training, done; its curve tells of PublicTest, not mirrored (nothing is chosen by it)."""
    faces = pictures(public)

    def look(net: FaceNet) -> dict[str, float]:
        accuracy, uar = accuracy_and_uar(answers(net, faces, mirrored=False), public.majority)
        return {"accuracy": round(accuracy, 4), "uar": round(uar, 4)}

    args.state.parent.mkdir(parents=True, exist_ok=True)
    return fit(training, PLANS[args.plan], state=args.state, look=look)


def pictures(faces: Faces) -> torch.Tensor:
    return torch.from_numpy(faces.images)[:, None].float() / 255


@torch.no_grad()
def answers(net: FaceNet, faces: torch.Tensor, *, mirrored: bool = True) -> NDArray[np.float64]:
    """Logits (n, 8), mean of the face and its mirror image."""
    out = []
    for batch in faces.split(128):
        logits = net(batch)[0]
        out.append((logits + net(batch.flip(3))[0]) / 2 if mirrored else logits)
    return torch.cat(out).numpy().astype(np.float64)


def choose(logits: Logits, training: Faces, public: Faces) -> tuple[float, float, list[dict[str, float]]]:
    """Prior correction on the even rows as they are, temperature on the even rows of the usual crops."""
    even, _ = public_halves(public)
    truth, prior = public.majority[even], training.shares.mean(axis=0)
    tau, table = choose_tau(logits["as is"][even], truth, prior)
    usual = np.concatenate([logits[name][even] for name in USUAL]) - tau * np.log(prior)
    return tau, choose_temperature(usual, np.tile(truth, len(USUAL))), table


def scores(ready: Logits, public: Faces) -> dict[str, Any]:
    _, odd = public_halves(public)
    usual = softmax(np.concatenate([ready[name][odd] for name in USUAL]))
    counts = np.bincount(public.majority[odd], minlength=len(CLASSES))
    return {
        "odd_rows": report(ready["as is"][odd], public.majority[odd]),
        "odd_rows_usual_crops_ece": round(calibration_error(usual, np.tile(public.majority[odd], len(USUAL))), 4),
        "all_rows": report(ready["as is"], public.majority),
        "floor": {"majority_accuracy": round(counts.max() / counts.sum(), 4), "uar": 1 / len(CLASSES)},
        "other_crops": {name: variant(values, public) for name, values in ready.items()},
    }


def variant(logits: NDArray[np.float64], public: Faces) -> dict[str, float]:
    accuracy, uar = accuracy_and_uar(logits, public.majority)
    error = calibration_error(softmax(logits), public.majority)
    return {"accuracy": round(accuracy, 4), "uar": round(uar, 4), "ece": round(error, 4)}


def check(path: Path, expected: NDArray[np.float64], public: Faces) -> dict[str, float]:
    """The shipped file says what the net said; its size and its time a face."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(path), options)
    faces = public.images[:512]
    flipped = np.ascontiguousarray(faces[:, :, ::-1])
    found = (session.run(None, {"faces": faces})[0] + session.run(None, {"faces": flipped})[0]) / 2
    worst = float(np.abs(found - expected[:512]).max())
    assert worst < 1e-3, f"the exported graph differs by {worst}"
    times = {}
    for batch in (1, 10):
        began = time.process_time()
        for start in range(0, 500, batch):
            session.run(None, {"faces": faces[start : start + batch]})
        times[f"ms_per_face_batch_{batch}"] = round((time.process_time() - began) / 500 * 1000, 3)
    return {"bytes": path.stat().st_size, "largest_difference": worst, **times}


def show(card: dict[str, Any], shipped: dict[str, float]) -> None:
    print(json.dumps(card["calibration"] | shipped))
    for part in ("odd_rows", "all_rows"):
        print(part, json.dumps(card["scores"][part]))
    for name, row in card["scores"]["other_crops"].items():
        print(f"{name:30s} {row['accuracy']:.3f} {row['uar']:.3f} {row['ece']:.3f}")
    print(json.dumps(card["quality"]))


if __name__ == "__main__":
    main()
