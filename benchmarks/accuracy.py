"""What the shipped weights reach on people and texts they were not trained on, every table from one command.

    python benchmarks/accuracy.py --speech DATA --shared SHARED [--only speech,face,text,cards,time]

DATA holds the speech corpora as recipes/speech/corpora.py reads them, SHARED the compact sets (ferplus.parquet,
goemotions/, brighter/, emobank/). Voices go through `mien analyze` itself, whole files of the TEST speakers; faces and
texts through the senses' own functions. Intervals: 1,000 bootstrap rounds, voices by speaker. "At 70 %": the share that
is wrong among the seven tenths with the highest confidence, over the share that is wrong among all.
"cards": what only training can measure again (corpora, folds, subjects left out), as the weights' cards tell it. "time": with opensmile and
scikit-learn installed also the anchors' way (eGeMAPS; histograms of gradients; n-grams and a regression), in the same run.
These TEST speakers and rows have been read before (see the recipes); nothing is fitted here.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from common import RESULTS, ROOT, save, table

from mien.affect.space import SPACES
from mien.metrics import evaluate
from mien.metrics.calibration import ece
from mien.metrics.multilabel import multilabel_macro_f1

BASIC = SPACES["basic7"]


def recipe(family: str, name: str) -> ModuleType:
    """A module of recipes/FAMILY, whose names repeat between families."""
    path = ROOT / "recipes" / family / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"recipe_{family}_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def wrong_at(right: np.ndarray, sure: np.ndarray, share: float = 0.7) -> float:
    """Share wrong among the surest `share`, over the share wrong among all."""
    kept = np.argsort(-sure, kind="stable")[: max(1, round(share * len(right)))]
    return float((1 - right[kept].mean()) / max(1 - right.mean(), 1e-9))


def figures(name: str, truth: list[str], said: list[str], sure: np.ndarray, groups: list[str] | None) -> dict[str, Any]:
    right = np.array([a == b for a, b in zip(truth, said, strict=True)], float)
    accuracy, uar = (evaluate(m, truth, said, groups=groups) for m in ("accuracy", "uar"))
    return {
        "set": name, "n": len(truth), "accuracy": accuracy.value, "accuracy_95": accuracy.interval, "uar": uar.value,
        "uar_95": uar.interval, "recall": {k: v for k, v in uar.per_class.items() if v == v},
        "mean confidence": float(sure.mean()), "ece": ece(right, sure, bins=10), "wrong at 70 %": wrong_at(right, sure),
    }  # fmt: skip


def speech(data: Path) -> list[dict[str, Any]]:
    from mien.analysis.labelled import TOGETHER, Clip, answer_all
    from mien.analysis.pipeline import Options

    corpora = recipe("speech", "corpora")
    rows = []
    for corpus in ("emodb", "ravdess", "nemo"):
        clips = [
            Clip(2 + i, c.path, c.label, group=c.speaker)
            for i, c in enumerate(c for c in corpora.walk(data) if c.corpus == corpus and c.part == "test")
            if c.label in BASIC.labels
        ]
        found = [a for a in answer_all(clips, Options(modalities=("audio",)), BASIC) if TOGETHER in a.answers]
        row = figures(
            f"{corpus}, TEST speakers",
            [a.clip.label for a in found],
            [a.answers[TOGETHER].top for a in found],
            np.array([a.confidence for a in found]),
            [str(a.clip.group) for a in found],
        )
        rows.append(row | {"answered": len(found) / len(clips)})
        print(rows[-1], flush=True)
    return rows


def face(shared: Path) -> list[dict[str, Any]]:
    from mien.analysis.senses.face import classify

    data = recipe("face", "data")
    public = data.load(shared / "ferplus.parquet")[1]
    odd = data.public_halves(public)[1]
    answers = classify(public.images[odd]).probabilities
    labels = np.array(SPACES["ferplus8"].labels)
    said = labels[answers.argmax(axis=1)].tolist()
    truth = labels[public.majority[odd]].tolist()
    return [figures("FER+ PublicTest, odd rows", truth, said, answers.max(axis=1), None)]


def text(shared: Path) -> list[dict[str, Any]]:
    from mien.analysis.senses.model import card
    from mien.analysis.senses.text import read_text

    corpora, cards = recipe("text", "corpora"), card("text")
    rows: list[dict[str, Any]] = []
    test = corpora.goemotions(shared, "test")
    classes = cards["goemotions"]["classes"]
    cuts = np.array([classes[label]["threshold"] for label in SPACES["goemotions28"].labels])
    said = read_text(test.texts, "en").goemotions
    told = np.nan_to_num(said) >= cuts
    rows.append(
        {"set": "GoEmotions test, 28 labels", "n": len(told), "macro F1": multilabel_macro_f1(test.targets, told)}
    )
    scores: dict[str, list[float]] = {"given": [], "guessed": []}
    for language, part in corpora.brighter(shared, "dev").items():
        known = ~np.isnan(part.targets).all(axis=0)
        own = cards["brighter"]["languages"][language]["classes"]
        cut = np.array([own[label]["threshold"] if label in own else 2.0 for label in SPACES["brighter6"].labels])
        for how, code in (("given", language), ("guessed", None)):
            answers = np.nan_to_num(read_text(part.texts, code).brighter) >= cut
            scores[how].append(multilabel_macro_f1(part.targets[:, known], answers[:, known]))
    for how, values in scores.items():
        name = f"BRIGHTER dev, 28 languages, language {how}"
        rows.append({"set": name, "n": len(values), "macro F1": float(np.mean(values))})
    bank = corpora.emobank(shared)
    bank = bank[bank["split"] == "test"]
    read = read_text(bank["text"].tolist(), "en")
    for name, column, values in (("valence", "V", read.valence), ("arousal", "A", read.arousal)):
        kept = ~np.isnan(values)
        r = float(np.corrcoef(values[kept], bank[column].to_numpy(float)[kept])[0, 1])
        rows.append({"set": f"EmoBank test, {name}", "n": int(kept.sum()), "r": r})
    return rows


def cards() -> list[dict[str, Any]]:
    from mien.analysis.senses.model import card

    voice, body = card("speech"), card("stress")["scores"]
    rows = [
        {"set": f"{row['corpus']} left out, five classes", "figure": "uar", "value": row["clean"]}
        for row in voice["across corpora"]
    ]
    rows += [
        {
            "set": f"{corpus}, five speaker folds, all classes",
            "figure": "uar",
            "value": row["uar"],
            "95 %": tuple(row["interval"]),
        }
        for corpus, row in voice["five folds"].items()
    ]
    rows += [
        {
            "set": f"stress, {how}, a person left out",
            "figure": "auc",
            "value": row["auc"],
            "95 %": tuple(row["auc_interval"]),
        }
        for how, row in body["leave_one_subject_out"].items()
    ]
    return rows


def times(shared: Path) -> list[dict[str, Any]]:
    """One thread each; medians of five; and how many times as long the anchors' way takes, where it is installed."""
    from mien.analysis.senses.face import classify as look
    from mien.analysis.senses.speech import classify as hear
    from mien.analysis.senses.text import read_text

    rng = np.random.default_rng(0)
    sound = [rng.normal(0, 0.05, 64000).astype(np.float32) for _ in range(16)]
    faces = rng.integers(0, 255, (64, 48, 48), dtype=np.uint8)
    lines = ["I am so glad that you came, but why did you not call?"] * 200
    jobs = {
        "voice, ms a second of sound": (lambda: hear(sound), 64),
        "face, ms": (lambda: look(faces), 64),
        "words, ms a sentence": (lambda: read_text(lines, "en"), 200),
    }
    anchors = _anchors(sound, faces, lines, shared)
    rows = []
    for name, (job, count) in jobs.items():
        row: dict[str, Any] = {"set": name, "ms": 1000 * _median(job) / count}
        if name in anchors:
            row["anchor, ms"] = 1000 * _median(anchors[name]) / count
            row["times the anchor"] = row["ms"] / row["anchor, ms"]
        rows.append(row)
    weights = [p for p in (ROOT / "src/mien").rglob("weights/*") if p.suffix in (".onnx", ".npz")]
    rows.append({"set": "all weights, MB", "ms": sum(p.stat().st_size for p in weights) / 1e6})
    return rows


def _median(job: Callable[[], object]) -> float:
    job()
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        job()
        spent.append(time.perf_counter() - began)
    return float(np.median(spent))


def _anchors(
    sound: list[np.ndarray], faces: np.ndarray, lines: list[str], shared: Path
) -> dict[str, Callable[[], object]]:
    """The features of the anchors (their linear classifiers cost nothing beside them)."""
    found: dict[str, Callable[[], object]] = {}
    if importlib.util.find_spec("opensmile"):
        import opensmile

        smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
        found["voice, ms a second of sound"] = lambda: [smile.process_signal(one, 16_000) for one in sound]
    if importlib.util.find_spec("sklearn"):
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_union

        from mien.research.encoders.orientation import histograms

        found["face, ms"] = lambda: [histograms(one) for one in faces]
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
        signs = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)
        both = make_union(words, signs).fit(recipe("text", "corpora").goemotions(shared, "train").texts)
        found["words, ms a sentence"] = lambda: both.transform(lines)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, help="folder of the speech corpora")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", default="speech,face,text,cards,time")
    given = parser.parse_args()
    only = given.only.split(",")
    found: dict[str, list[dict[str, Any]]] = {}
    if "speech" in only and given.speech:
        found["speech"] = speech(given.speech)
    if "face" in only:
        found["face"] = face(given.shared)
    if "text" in only:
        found["text"] = text(given.shared)
    if "cards" in only:
        found["cards"] = cards()
    if "time" in only:
        found["time"] = times(given.shared)
    for family, rows in found.items():
        print(f"\n{family}")
        names = dict.fromkeys(name for row in rows for name in row)
        columns = [name for name in names if name not in ("recall", "accuracy_95")]
        table(columns, [[_cell(row.get(name, "")) for name in columns] for row in rows])
    missing = [name for name in ("speech", "face", "text", "cards", "time") if name not in found]
    if missing:
        print(f"\nnot kept: {RESULTS.name}/accuracy.json holds all families, this run lacks {', '.join(missing)}")
    else:
        save("accuracy", found, seed=0)


def _cell(value: Any) -> Any:
    return f"{value[0]:.3f}-{value[1]:.3f}" if isinstance(value, tuple) else value


if __name__ == "__main__":
    main()
