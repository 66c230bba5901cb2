"""How far each modality is trusted, and how sure a fused answer may be: fitted on people outside the training parts.

    python recipes/fusion/confidence.py DATA --speech WORK/crops.npz

DATA holds ferplus.parquet, goemotions/ and meld/dev.parquet; crops.npz is left by recipes/speech (answers to crops of DEV
speakers, of corpora unheard by a network of the same recipe, and of TEST speakers). Run after recipes/fusion/train.py.

Protocol, written before the first run
--------------------------------------
Hardly any labelled audio-visual clip can be had, so items are CONSTRUCTED: a label is drawn (evenly over basic7), then
a voice, a face and a line of words of that label, each read by the shipped sense with its own quality. Voices: the
crops above; faces: PublicTest rows of FER+ (never trained on), half of them through the damage of recipes/face;
words: comments of GoEmotions' dev part with one label (thresholds were tuned on it, nothing was trained on it). People do not show one label as purely in all three: real
agreement is lower than in these items, so every table made of them says "constructed".
Parts: voices by speaker, faces by row, words by comment are dealt into FIT and CHECK; TEST voices go to CHECK alone.
MELD's dev part (GPL-3.0) is read only as one more CHECK of words from another source; nothing is fitted on it.
Fitted on FIT: the trust per modality (log-likelihood of the label under the pooled distribution, grid), then the
logistic of `confidence_of` (inputs: its SIGNS). Reported on CHECK: accuracy
and log-likelihood of each modality alone, of all pairs and of three, plain mean against trust, one modality replaced
by one of another label ("contradicted"), and the calibration error of the confidence for each.
Intervals: 500 bootstrap rounds over items. Seed 0.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from mien.affect.distribution import Distribution
from mien.affect.mapping import EKMAN_GROUPS
from mien.analysis.fusion import late
from mien.analysis.fusion.affect import Affect
from mien.analysis.fusion.confidence import SIGNS, signs
from mien.analysis.fusion.pool import BASIC, basic, weights_card
from mien.analysis.media.recording import Caption
from mien.analysis.moments.measure import light, sharpness
from mien.analysis.moments.moments import Moments
from mien.analysis.moments.span import Span
from mien.analysis.senses.evidence import Evidence
from mien.analysis.senses.text import TextSense

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "face")]
COMBINATIONS = (
    *(("audio",), ("face",), ("text",)),
    *(("audio", "face"), ("audio", "text"), ("face", "text"), ("audio", "face", "text")),
)
MELD = dict(zip(("neutral", "anger", "disgust", "fear", "joy", "sadness", "surprise"), BASIC.labels, strict=True))
SPAN = Span(0.0, 2.0, "P1")


@dataclass(frozen=True)
class Bank:
    """Evidence of one modality, its label (index in basic7), and whether it belongs to FIT."""

    evidence: list[Evidence]
    truth: np.ndarray
    fit: np.ndarray


def voices(path: Path) -> Bank:
    saved = np.load(path)
    evidence = [
        Evidence("audio", SPAN, Distribution.of("basic7", p / p.sum()), float(q), "speech")
        for p, q in zip(saved["probabilities"], saved["quality"], strict=True)
    ]
    names = sorted(set(saved["speaker"][saved["part"] != "test"].tolist()))
    ours = set(names[::2])
    fit = np.array([part != "test" and who in ours for part, who in zip(saved["part"], saved["speaker"], strict=True)])
    return Bank(evidence, saved["truth"].astype(int), fit)


def faces(path: Path, rng: np.random.Generator) -> Bank:
    from data import CLASSES, load
    from degrade import VARIANTS
    from torch import from_numpy
    from trust import SIZES

    from mien.analysis.senses.face import classify
    from mien.analysis.senses.face_quality import Seen, quality

    public = load(path)[1]
    names = [name for name in VARIANTS if name != "clean"]
    kinds = np.where(rng.random(len(public.images)) < 0.5, "clean", rng.choice(names, len(public.images)))
    evidence: list[Evidence] = []
    rows, truth = [], []
    for kind in sorted(set(kinds.tolist())):
        mine = np.flatnonzero(kinds == kind)
        tensor = from_numpy(public.images[mine])[:, None].float() / 255
        damaged = (VARIANTS[kind](tensor)[:, 0] if kind in VARIANTS else tensor[:, 0]).clamp(0, 1)
        grey = (damaged * 255).round().byte().numpy()
        crops = np.pad(grey, ((0, 0), (5, 11), (8, 8)), mode="reflect")
        answers = classify(grey).probabilities
        for row, picture, crop, answer in zip(mine, grey, crops, answers, strict=True):
            if CLASSES[public.majority[row]] == "contempt":
                continue
            seen = Seen(
                *(np.array([v], float) for v in (0.0, 1.0, SIZES.get(kind, 40.0), sharpness(crop), light(crop))),
                np.array([float(picture.std())]), np.array([0], np.int8), answer[None],
            )  # fmt: skip
            evidence.append(Evidence("face", SPAN, Distribution.of("ferplus8", seen.mean), quality(seen), "face"))
            rows.append(row)
            truth.append(BASIC.index(CLASSES[public.majority[row]]))
    return Bank(evidence, np.array(truth), np.array(rows) % 2 == 0)


def words(texts: Sequence[str], labels: Sequence[int], fit: np.ndarray) -> Bank:
    sense = TextSense(language="en")
    evidence, kept = [], []
    for row, text in enumerate(texts):
        line = Caption(0.0, 2.0, str(text), SPAN.person)
        found = list(sense.read(Moments(None, transcript=(line,)), [SPAN]))  # type: ignore[arg-type]
        if found and found[0].distribution is not None:
            evidence.append(found[0])
            kept.append(row)
    return Bank(evidence, np.asarray(labels)[kept], fit[kept])


def goemotions(folder: Path, rng: np.random.Generator) -> Bank:
    """Comments of the dev part with one label that has a place in basic7."""
    names = json.loads((folder / "labels.json").read_text())["labels"]
    table = pd.read_parquet(folder / "dev.parquet")
    group = {label: BASIC.index(basic) for basic, labels in EKMAN_GROUPS.items() for label in labels}
    group["neutral"] = 0
    pairs = zip(table["text"], table["labels"], strict=True)
    chosen = [(text, group[names[int(own[0])]]) for text, own in pairs if len(own) == 1]
    rng.shuffle(chosen)
    chosen = chosen[:2500]
    return words([t for t, _ in chosen], [int(y) for _, y in chosen], np.arange(len(chosen)) % 2 == 0)


def meld(path: Path) -> Bank:
    table = pd.read_parquet(path)
    labels = [BASIC.index(MELD[emotion]) for emotion in table["emotion"]]
    return words(list(table["utterance"]), labels, np.zeros(len(table), bool))


def draw(
    banks: dict[str, Bank],
    combination: Sequence[str],
    count: int,
    rng: np.random.Generator,
    *,
    fit: bool,
    wrong: str = "",
) -> list[tuple[list[Evidence], int]]:
    """Constructed items of one label each; the modality `wrong` shows another one."""
    pools = {
        m: {c: np.flatnonzero((banks[m].truth == c) & (banks[m].fit == fit)) for c in range(7)} for m in combination
    }
    labels = [c for c in range(7) if all(len(pools[m][c]) for m in combination)]
    items = []
    for label in rng.choice(labels, count):
        own = []
        for m in combination:
            shown = label if m != wrong else rng.choice([c for c in labels if c != label])
            own.append(banks[m].evidence[rng.choice(pools[m][shown])])
        items.append((own, int(label)))
    return items


def fused(evidence: Sequence[Evidence]) -> Affect:
    """As `mien analyze` does."""
    return late.fuse(SPAN, evidence, BASIC)


def trusts(items: Sequence[tuple[list[Evidence], int]]) -> dict[str, float]:
    """Trust per modality with the best mean log-likelihood of the label; the voice's is 1.

    Bounded: the faces here come from the source the network was trained on, some of the voices from corpora it never
    heard, so that an unbounded fit would trust faces for what is a difference of test material.
    """
    quality = np.array([[e.quality for e in own] for own, _ in items])
    answers = np.array([[basic(e).values for e in own] for own, _ in items])
    truth = np.array([label for _, label in items])
    table = weights_card()["per_class"]
    factor = np.array([table.get(e.modality, [1.0] * 7) for e in items[0][0]])
    best, found = -np.inf, (1.0, 1.0)
    for face, text in product(np.exp(np.linspace(-np.log(2), np.log(2), 21)), repeat=2):
        share = quality * np.array([1.0, face, text])
        share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)
        mass = share[:, :, None] * factor
        pooled = (mass * answers).sum(axis=1) / np.maximum(mass.sum(axis=1), 1e-12)
        pooled /= pooled.sum(axis=1, keepdims=True)
        value = float(np.log(pooled[np.arange(len(truth)), truth].clip(1e-6)).mean())
        if value > best:
            best, found = value, (float(face), float(text))
    return dict(zip(("audio", "face", "text"), (1.0, *(round(v, 3) for v in found)), strict=True))


def inputs(affect: Affect) -> list[float]:
    """What `confidence_of` looks at."""
    return list(signs(affect.distribution, affect.evidence, affect.weights, affect.conflict))  # type: ignore[arg-type]


def report(name: str, items: Sequence[tuple[list[Evidence], int]], rng: np.random.Generator) -> dict[str, object]:
    """Accuracy with interval, log-likelihood, mean confidence and its calibration error on the answered items."""
    affects = [(fused(own), label) for own, label in items]
    kept = [(a, label) for a, label in affects if a.distribution is not None]
    right = np.array([BASIC.index(a.distribution.top) == label for a, label in kept], float)  # type: ignore[union-attr]
    sure = np.array([a.confidence for a, _ in kept])
    chance = np.array([a.distribution.values[label] for a, label in kept])  # type: ignore[union-attr]
    draws = right[rng.integers(len(right), size=(500, len(right)))].mean(axis=1)
    return {
        "items": name,
        "n": len(items),
        "answered": round(len(kept) / len(items), 3),
        "accuracy": round(float(right.mean()), 3),
        "accuracy_95": [round(float(v), 3) for v in np.quantile(draws, [0.025, 0.975])],
        "log_likelihood": round(float(np.log(chance.clip(1e-6)).mean()), 3),
        "mean_confidence": round(float(sure.mean()), 3),
        "ece": round(gap(sure, right), 3),
    }


def gap(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error of a probability of being right, equal-width bins."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return float(sum(abs(right[place == b].mean() - sure[place == b].mean()) * (place == b).mean() for b in set(place)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("src/mien/analysis/fusion/weights.json"))
    parser.add_argument("--table", type=Path, default=Path("benchmarks/results/fusion-confidence.json"))
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    banks = {
        "audio": voices(given.speech),
        "face": faces(given.data / "ferplus.parquet", rng),
        "text": goemotions(given.data / "goemotions", rng),
    }
    card = json.loads(given.out.read_text())

    three = draw(banks, ("audio", "face", "text"), 3000, rng, fit=True)
    live = weights_card()
    live["modality"] = card["modality"] | trusts(three)
    live["modality"]["scene"] = 0.5
    live["confidence"] = dict.fromkeys(("bias", *SIGNS), 0.0) | {"most": 1.0}
    x, y = [], []
    for combination in COMBINATIONS:
        for wrong in ("", *(combination if len(combination) > 2 else ())):  # of two that contradict, neither is right
            items = draw(banks, combination, 900 if not wrong else 150, rng, fit=True, wrong=wrong)
            for own, label in items:
                affect = fused(own)
                if affect.distribution is not None:
                    x.append(inputs(affect))
                    y.append(BASIC.index(affect.distribution.top) == label)
    from logistic import logistic

    found = logistic(np.array(x), np.array(y, float))
    surest = np.argsort(-np.array(x) @ found[1:], kind="stable")[: len(x) // 10]
    live["confidence"] = {n: round(float(v), 4) for n, v in zip(("bias", *SIGNS), found, strict=True)}
    live["confidence"]["most"] = round(float(np.array(y)[surest].mean()), 4)

    rows = []
    for combination in COMBINATIONS:
        for wrong in ("", *(combination if len(combination) > 1 else ())):
            items = draw(banks, combination, 1500, rng, fit=False, wrong=wrong)
            note = f", {wrong} contradicted" if wrong else ""
            rows.append(report("constructed: " + " + ".join(combination) + note, items, rng))
    saved = np.load(given.speech)
    for part in sorted(set(saved["part"].tolist())):
        mine = np.flatnonzero((saved["part"] == part) & ~banks["audio"].fit)
        if len(mine):
            items = [([banks["audio"].evidence[i]], int(banks["audio"].truth[i])) for i in mine]
            rows.append(report(f"voices as they come: {part}", items, rng))
    check = np.flatnonzero(~banks["face"].fit)
    rows.append(
        report("faces as they come", [([banks["face"].evidence[i]], int(banks["face"].truth[i])) for i in check], rng)
    )
    other = meld(given.data / "meld" / "dev.parquet")
    items = [([e], int(c)) for e, c in zip(other.evidence, other.truth, strict=True)]
    rows.append(report("words of another source as they come (MELD dev, never fitted)", items, rng))
    for row in rows:
        print(
            f"{row['items']:<62}{row['answered']:>7}{row['accuracy']:>7} {row['accuracy_95']!s:<16}{row['log_likelihood']:>8}{row['mean_confidence']:>7}{row['ece']:>7}"
        )
    print(live["modality"], live["confidence"])
    card |= {"modality": live["modality"], "confidence": live["confidence"]}
    card["confidence_source"] = (
        "recipes/fusion/confidence.py: constructed items (voices of unseen speakers and corpora, FER+ PublicTest, "
        "GoEmotions dev), labels evenly drawn; a recording in which one emotion prevails has other odds"
    )
    card["confidence_data_sha256"] = hashlib.sha256(given.speech.read_bytes()).hexdigest()
    given.out.write_text(json.dumps(card, indent=2) + "\n")
    result = {"command": "python recipes/fusion/confidence.py DATA --speech WORK/crops.npz", "seed": 0}
    given.table.write_text(
        json.dumps(result | {k: live[k] for k in ("modality", "confidence")} | {"rows": rows}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
