"""Train and write every text weight: one command, fixed seeds.

    python recipes/text/train.py --data DIR/data --xed DIR/xed [--work DIR] [--out DIR] [--results FILE]

The teacher's logits and the encoder's states are kept in --work and used again when they are there. Writes text.npz, textva.npz and text.json
(the card) to --out, and all figures to --results. About 22 minutes on one core, 13 of them for the first teacher.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import affective
import corpora
import language
import multilingual
import numpy as np
import sparse
import student
from measure import auc, best_cut, ece, expected_cut, f1, interval, platt, sigmoid

from mien.analysis.senses.textfeatures import IDF_STEPS, Vocabulary, ngrams
from mien.analysis.senses.textmodels import packed_keys

SEED = 7
ROOT = Path(__file__).resolve().parents[2]
Facts = dict[str, object]
Arrays = dict[str, np.ndarray]


def keys_of(texts: list[str]) -> list[np.ndarray]:
    """All n-gram keys of each text."""
    return [ngrams(text).all for text in texts]


def words_of(vocabulary: Vocabulary) -> Arrays:
    """A vocabulary as it ships."""
    return {"keys": packed_keys(vocabulary.keys), "idf": np.round(vocabulary.idf * IDF_STEPS).astype(np.uint8)}


def int8(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns that already lie on a 127-step grid, as int8 and scale."""
    scale = np.maximum(np.abs(weights).max(0) / 127, 1e-12)
    return np.round(weights / scale).astype(np.int8), scale.astype(np.float32)


def teacher_logits(args: argparse.Namespace, others: dict[str, list[str]]) -> Arrays:
    """Logits of the teacher, from --work or made now."""
    path = args.work / "teacher.npz"
    train = corpora.goemotions(args.data, "train")
    if not path.exists():
        import teacher

        teacher.teach(train.texts, train.targets, others, path, epochs=3, seed=SEED)
    with np.load(path) as stored:
        return {name: stored[name].astype(np.float64) for name in stored}


def train_goemotions(args: argparse.Namespace) -> tuple[student.Student, Arrays, Facts]:
    """The student, its arrays and its figures: thresholds and Platt scaling on dev, all scores on test."""
    train, dev, test = (corpora.goemotions(args.data, split) for split in ("train", "dev", "test"))
    english = corpora.brighter(args.data, "train")["eng"].texts
    others = {"dev": dev.texts, "test": test.texts, "xed": corpora.xed_english(args.xed), "brighter": english}
    logits = teacher_logits(args, others)
    settings = student.Settings()
    soft = (1 - settings.labels) * sigmoid(logits["train"]) + settings.labels * train.targets
    targets = np.concatenate([soft, sigmoid(logits["xed"]), sigmoid(logits["brighter"])])
    keys = keys_of(train.texts + others["xed"] + others["brighter"])
    model = student.fit(keys, targets, settings=settings, seed=SEED)
    scores = {"dev": model.scores(keys_of(dev.texts)), "test": model.scores(keys_of(test.texts))}
    fitted = np.array([platt(dev.targets[:, k], scores["dev"][:, k]) for k in range(28)])
    p = {name: sigmoid(part * fitted[:, 0] + fitted[:, 1]) for name, part in scores.items()}
    cuts = np.array([expected_cut(p["dev"][:, k]) for k in range(28)])
    hard = np.array([best_cut(dev.targets[:, k], sigmoid(logits["dev"][:, k])) for k in range(28)])
    facts = goemotions_facts(dev.targets, test.targets, p, cuts) | {
        "teacher_test_macro_f1": float(f1(test.targets, sigmoid(logits["test"]) >= hard).mean()),
        "settings": asdict(settings),
        "ngrams": len(model.vocabulary.keys),
    }
    names = ("embedding", "scale", "inner", "inner_bias", "outer", "outer_bias")
    arrays = words_of(model.vocabulary) | {name: getattr(model, name) for name in names}
    arrays |= {"slope": fitted[:, 0].astype(np.float32), "shift": fitted[:, 1].astype(np.float32)}
    return model, arrays, facts


def goemotions_facts(dev: np.ndarray, test: np.ndarray, p: Arrays, cuts: np.ndarray) -> Facts:
    """Macro and per-class F1 with intervals, calibration error, floors."""
    said = p["test"] >= cuts
    every = f1(test, np.ones_like(test))
    classes = {}
    for k, name in enumerate(corpora.GOEMOTIONS):
        pair = (test[:, [k]], said[:, [k]])
        low, high = interval(len(test), lambda rows, pair=pair: f1(pair[0][rows], pair[1][rows])[0])
        classes[name] = {
            "support": int(test[:, k].sum()),
            "f1": float(f1(*pair)[0]),
            "f1_interval": [low, high],
            "ece": ece(test[:, k], p["test"][:, k]),
            "threshold": float(cuts[k]),
        }
    hits = (test * said).sum()
    return {
        "dev_macro_f1": float(f1(dev, p["dev"] >= cuts).mean()),
        "test_macro_f1": float(f1(test, said).mean()),
        "test_macro_f1_interval": interval(len(test), lambda rows: f1(test[rows], said[rows]).mean()),
        "test_micro_f1": float(2 * hits / (test.sum() + said.sum())),
        "test_ece_mean_of_classes": float(np.mean([row["ece"] for row in classes.values()])),
        "test_ece_pooled": ece(test.ravel(), p["test"].ravel()),
        "floor_everything_macro_f1": float(every.mean()),
        "classes": classes,
    }


KIN = ("eng", "pcm")
"""Languages that also hear the GoEmotions student."""


def encoder_states(args: argparse.Namespace, texts_of: dict[str, list[str]]) -> Arrays:
    """States of the second teacher by name of the texts, from --work or made now."""
    path = args.work / "states.npz"
    states = dict(np.load(path)) if path.exists() else {}
    missing = sorted(set(texts_of) - set(states))
    if missing:
        encoder = multilingual.Encoder()
        states |= {name: encoder.states(texts_of[name]) for name in missing}
        np.savez(path, **states)
    return states


def train_brighter(args: argparse.Namespace, teacher: student.Student, states: Arrays) -> tuple[Arrays, Facts]:
    """All language models, stacked, and their figures on dev (not trained on; thresholds come from train)."""
    train, dev = corpora.brighter(args.data, "train"), corpora.brighter(args.data, "dev")
    shares = corpora.rater_shares(args.data)
    parts: dict[str, list[np.ndarray]] = {}
    languages: Facts = {}
    for code in sorted(train):
        lines, rest = corpora.xed_labelled(args.xed, code, most=3_000, seed=SEED)
        second = (keys_of(lines.texts), lines.targets)
        keys, held = keys_of(train[code].texts), keys_of(dev[code].texts)
        wide, held_wide = (teacher.scores(part) if code in KIN else np.zeros((len(part), 0)) for part in (keys, held))
        told = states.get(code, np.zeros((len(keys), 0)))
        model = sparse.fit_calibrated(keys, wide, told, train[code].targets, shares[code], second, seed=SEED)
        weights, scale = int8(model.linear.weights)
        stacked = words_of(model.linear.vocabulary) | {"weights": weights, "scale": scale, "bias": model.linear.bias}
        dense = model.linear.dense if code in KIN else np.zeros((len(corpora.GOEMOTIONS), len(corpora.BRIGHTER)))
        stacked |= {
            "dense": dense,
            "slope": model.slope,
            "shift": model.shift,
            "sizes": np.array(len(weights), np.int32),
        }
        for name, value in stacked.items():
            parts.setdefault(name, []).append(value)
        languages[code] = brighter_facts(dev[code].targets, model.probabilities(held, held_wide), model.threshold)
        if rest.texts:
            other = model.probabilities(keys_of(rest.texts), np.zeros((len(rest.texts), 0)))
            languages[code]["subtitles_auc"] = auc(rest.targets, other)
        print(code, round(languages[code]["macro_f1"], 3), flush=True)
    arrays = {"keys": np.concatenate(parts["keys"], 1), "sizes": np.array(parts["sizes"])}
    arrays |= {name: np.concatenate(parts[name]) for name in ("idf", "weights")}
    arrays |= {name: np.array(parts[name], np.float32) for name in ("scale", "bias", "dense", "slope", "shift")}
    rows = list(languages.values())
    means = {f"mean_{name}": float(np.mean([row[name] for row in rows])) for name in ("macro_f1", "floor_f1", "ece")}
    return arrays, means | {"languages": languages}


def brighter_rates(args: argparse.Namespace) -> dict[str, float]:
    """Mean rate of each emotion over the languages that have it: what stands in where a class is lacking."""
    rates = np.array([rows.targets.mean(0) for rows in corpora.brighter(args.data, "train").values()])
    return dict(zip(corpora.BRIGHTER, np.nanmean(rates, 0).astype(float).tolist(), strict=True))


def brighter_facts(truth: np.ndarray, p: np.ndarray, cuts: np.ndarray) -> Facts:
    """Macro F1 with interval, floor, calibration error and per-class figures of one language."""
    has = np.flatnonzero(~np.isnan(cuts))
    truth, p, said = truth[:, has], p[:, has], (p >= cuts)[:, has]
    scores = f1(truth, said)
    pooled = [ece(truth[:, j], p[:, j]) for j in range(len(has))]
    classes = {
        corpora.BRIGHTER[k]: {
            "f1": float(scores[j]),
            "support": int(truth[:, j].sum()),
            "threshold": float(cuts[k]),
            "ece": pooled[j],
        }
        for j, k in enumerate(has)
    }
    return {
        "rows": len(truth),
        "macro_f1": float(scores.mean()),
        "macro_f1_interval": interval(len(truth), lambda rows: f1(truth[rows], said[rows]).mean()),
        "floor_f1": float(f1(truth, np.ones_like(truth)).mean()),
        "ece": float(np.mean(pooled)),
        "classes": classes,
    }


def train_language(args: argparse.Namespace) -> tuple[Arrays, Facts]:
    """The guesser, its arrays and its figures."""
    train = {code: rows.texts for code, rows in corpora.brighter(args.data, "train").items()}
    xed = corpora.xed_languages(args.xed, most=language.MOST, seed=SEED)
    pools = language.pools(train, corpora.goemotions(args.data, "train").texts, xed, SEED)
    model, facts = language.fit(pools, seed=SEED)
    right = {}
    for code, rows in corpora.brighter(args.data, "dev").items():
        answer = model.probabilities(rows.texts).argmax(1)
        right[code] = float((answer == model.languages.index(code)).mean())
    weights, scale = int8(model.weights)
    arrays = words_of(model.vocabulary) | {"weights": weights, "scale": scale, "bias": model.bias.astype(np.float32)}
    held = {"held_out_whole_accuracy": facts["whole"], "held_out_pieces_accuracy": facts["pieces"]}
    scores = {"brighter_dev_mean_accuracy": float(np.mean(list(right.values()))), "brighter_dev_accuracy": right}
    return arrays, held | scores | {"languages": model.languages, "ngrams": len(weights), "rows": corpora.counts(pools)}


def train_affective(args: argparse.Namespace, model: student.Student, states: np.ndarray) -> tuple[Arrays, Facts]:
    """Valence and arousal: arrays and figures."""
    bank = corpora.emobank(args.data)
    fitted, facts = affective.fit(model, bank, keys_of(bank["text"].tolist()), states)
    arrays = {
        "grams": fitted.grams,
        **{key: getattr(fitted, key).astype(np.float32) for key in ("scale", "dense", "bias")},
    }
    return arrays, facts


def sources(args: argparse.Namespace) -> dict[str, str]:
    """SHA-256 of every file that was read."""
    names = [f"goemotions/{split}.parquet" for split in ("train", "dev", "test")]
    names += [f"brighter/{name}.parquet" for name in ("train", "dev", "raters_train_dev")] + ["emobank/emobank.parquet"]
    hashes = {name: corpora.digest(args.data / name) for name in names}
    lines = sorted((args.xed / "Projections").glob("*.tsv")) + sorted((args.xed / "AnnotatedData").glob("*"))
    return hashes | {f"xed/{path.name}": corpora.digest(path) for path in lines}


def main() -> None:
    """Train everything and write weights, card and results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with goemotions/, brighter/, emobank/")
    parser.add_argument("--xed", type=Path, required=True, help="folder with AnnotatedData/ and Projections/")
    parser.add_argument("--work", type=Path, default=Path("text-work"), help="where the teacher's logits are kept")
    parser.add_argument("--out", type=Path, default=ROOT / "src/mien/analysis/senses/weights")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results/text-training.json")
    args = parser.parse_args()
    for folder in (args.work, args.out, args.results.parent):
        folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    model, goemotions_arrays, goemotions = train_goemotions(args)
    rows = corpora.brighter(args.data, "train")
    texts = {code: rows[code].texts for code in multilingual.LANGUAGES} | {
        "emobank": corpora.emobank(args.data)["text"].tolist()
    }
    states = encoder_states(args, texts)
    brighter_arrays, brighter = train_brighter(args, model, states)
    language_arrays, guessed = train_language(args)
    affective_arrays, rated = train_affective(args, model, states["emobank"])
    groups = {"goemotions": goemotions_arrays, "brighter": brighter_arrays, "language": language_arrays}
    flat = {f"{group}.{name}": value for group, arrays in groups.items() for name, value in arrays.items()}
    np.savez_compressed(args.out / "text.npz", **flat)
    np.savez_compressed(args.out / "textva.npz", **affective_arrays)
    sizes = {name: (args.out / name).stat().st_size for name in ("text.npz", "textva.npz")}
    figures = {"goemotions": goemotions, "brighter": brighter, "language": guessed, "valence_arousal": rated}
    about = json.loads((Path(__file__).parent / "about.json").read_text("utf-8"))
    card = {
        **about,
        "seed": SEED,
        "bytes": sizes,
        **figures,
        "brighter_rates": brighter_rates(args),
        "data_sha256": sources(args),
    }
    (args.out / "text.json").write_text(json.dumps(rounded(card), indent=1, ensure_ascii=False) + "\n", "utf-8")
    run = {
        "command": "python recipes/text/train.py --data DATA --xed XED",
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": version("torch"),
            "scikit-learn": version("scikit-learn"),
        },
        "machine": f"{platform.machine()}, one thread",
        "seconds": time.perf_counter() - started,
    }
    args.results.write_text(
        json.dumps(rounded({**run, "seed": SEED, "bytes": sizes, **figures}), indent=1) + "\n", "utf-8"
    )
    show(figures, sizes)


def version(name: str) -> str:
    """Installed version of a distribution."""
    from importlib.metadata import version as installed

    return installed(name)


def rounded(value: object) -> object:
    """Numbers to four places, everywhere."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return value


def show(figures: dict[str, Facts], sizes: dict[str, int]) -> None:
    """The lines a person wants to see."""
    emotions, languages, guessed = figures["goemotions"], figures["brighter"], figures["language"]
    print(f"GoEmotions test macro F1 {emotions['test_macro_f1']:.3f} (dev {emotions['dev_macro_f1']:.3f})")
    print(f"BRIGHTER dev mean of {len(languages['languages'])}: {languages['mean_macro_f1']:.3f}")
    print(f"language accuracy {guessed['brighter_dev_mean_accuracy']:.3f}")
    print(f"EmoBank {figures['valence_arousal']}; bytes {sizes}", file=sys.stdout)


if __name__ == "__main__":
    main()
