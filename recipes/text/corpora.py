"""The corpora behind the text weights: where each file lies, its hash, and its rows in the shape the recipe uses.

Layout below the data folder (MIEN_SHARED/data): goemotions/{train,dev,test}.parquet, brighter/{train,dev,raters_train_dev}.parquet,
emobank/emobank.parquet. XED (CC BY 4.0, Helsinki-NLP/XED) is a folder of its own, named by --xed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

XED_SIX = {"1": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5}  # XED's numbers of the BRIGHTER emotions, in their order
BRIGHTER = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
GOEMOTIONS = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
    "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip
# Codes of XED files that are no ISO 639-1 codes, or that name a BRIGHTER language by another code.
XED_CODES = {"br": "ptbr", "pt": "pt", "de": "deu", "en": "eng", "es": "esp", "ro": "ron", "ru": "rus", "sv": "swe"}
# Bosnian, Croatian and Serbian subtitles differ too little to tell apart; "zh" and "cn"/"tw" are one written language.
XED_MERGED = {"bs": "hbs", "hr": "hbs", "sr": "hbs", "cn": "chn", "tw": "chn", "zh": "chn", "ms": "id"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts with a target matrix (rows x classes; NaN where a language lacks the class)."""

    texts: list[str]
    targets: np.ndarray


def digest(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def goemotions(data: Path, split: str) -> Rows:
    """GoEmotions rows of one split, targets (n, 28) of 0 and 1 in the published order."""
    frame = pd.read_parquet(data / "goemotions" / f"{split}.parquet")
    targets = np.zeros((len(frame), len(GOEMOTIONS)), np.float32)
    for row, labels in enumerate(frame["labels"]):
        targets[row, [int(label) for label in labels.split(",")]] = 1
    return Rows(frame["text"].tolist(), targets)


def brighter(data: Path, split: str) -> dict[str, Rows]:
    """BRIGHTER rows of one split by language, targets (n, 6), NaN columns where the language lacks a class."""
    frame = pd.read_parquet(data / "brighter" / f"{split}.parquet")
    return {
        str(lang): Rows(part["text"].tolist(), part[list(BRIGHTER)].astype("float32").to_numpy(na_value=np.nan))
        for lang, part in frame.groupby("lang")
    }


def rater_shares(data: Path) -> dict[str, np.ndarray]:
    """Share of raters who saw each emotion (> 0), by language: rows of BRIGHTER train (n, 6), NaN where not published."""
    train = pd.read_parquet(data / "brighter" / "train.parquet")
    ratings = pd.read_parquet(data / "brighter" / "raters_train_dev.parquet").query("split == 'train'")
    shares = {}
    for lang, part in train.groupby("lang"):
        own = ratings[ratings["lang"] == lang].assign(seen=lambda rows: (rows["rating"] > 0).astype(float))
        table = own.pivot_table(index="id", columns="emotion", values="seen", aggfunc="mean")
        shares[str(lang)] = table.reindex(index=part["id"], columns=list(BRIGHTER)).to_numpy(float)
    return shares


def emobank(data: Path) -> pd.DataFrame:
    """EmoBank rows that hold text: columns split, V, A, D (1..5), text, document."""
    frame = pd.read_parquet(data / "emobank" / "emobank.parquet")
    return frame[frame["text"].fillna("").str.strip() != ""].reset_index(drop=True)


def xed_english(xed: Path) -> list[str]:
    """English subtitle lines of XED, distinct, in file order; used without their labels."""
    lines = (xed / "AnnotatedData" / "en-annotated.tsv").read_text("utf-8").splitlines()
    neutral = (xed / "AnnotatedData" / "neu_en.txt").read_text("utf-8").splitlines()
    texts = [line.split("\t")[0] for line in lines] + [line.split("\t")[1] for line in neutral if "\t" in line]
    return list(dict.fromkeys(text.strip() for text in texts if text.strip()))


def xed_languages(xed: Path, *, most: int, seed: int) -> dict[str, list[str]]:
    """Subtitle lines by language code for the language guesser, at most `most` a language, drawn with `seed`."""
    rng = np.random.default_rng(seed)
    pools: dict[str, list[str]] = {}
    for path in sorted((xed / "Projections").glob("*.tsv")):
        code = path.name.split("-")[0]
        code = XED_MERGED.get(code, XED_CODES.get(code, code))
        texts = [line.split("\t")[0].strip() for line in path.read_text("utf-8", "replace").splitlines()]
        pools.setdefault(code, []).extend(text for text in texts if text)
    finnish = (xed / "AnnotatedData" / "fi-annotated.tsv").read_text("utf-8").splitlines()
    pools.setdefault("fi", []).extend(line.split("\t")[0].strip() for line in finnish)
    drawn = {}
    for code, texts in sorted(pools.items()):
        distinct = list(dict.fromkeys(texts))
        drawn[code] = [distinct[i] for i in rng.permutation(len(distinct))[:most]]
    return drawn


def xed_labelled(xed: Path, code: str, *, most: int, seed: int) -> tuple[Rows, Rows]:
    """XED lines of a BRIGHTER language with its six labels: at most `most` for training, 600 others; empty if none.

    The labels were projected from English or Finnish lines; neutral lines are not among them.
    """
    names = {code: name for name, code in XED_CODES.items() if name not in ("en", "pt")}
    if code not in names:
        return Rows([], np.zeros((0, 6), np.float32)), Rows([], np.zeros((0, 6), np.float32))
    lines = (xed / "Projections" / f"{names[code]}-projections.tsv").read_text("utf-8", "replace").splitlines()
    pairs = [line.split("\t")[:2] for line in lines if "\t" in line and line.split("\t")[0].strip()]
    targets = np.zeros((len(pairs), 6), np.float32)
    for row, (_, labels) in enumerate(pairs):
        targets[row, [XED_SIX[name] for name in labels.replace(" ", "").split(",") if name in XED_SIX]] = 1
    order = np.random.default_rng(seed).permutation(len(pairs))
    test, train = order[:600], order[600 : 600 + most]
    return tuple(Rows([pairs[i][0] for i in part], targets[part]) for part in (train, test))


def counts(pools: dict[str, list[str]]) -> dict[str, int]:
    """Rows per language, for the card."""
    return dict(Counter({code: len(texts) for code, texts in pools.items()}))
