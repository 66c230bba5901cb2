"""Mappings from and into the spaces of basic emotions, one entry each."""

from __future__ import annotations

from collections.abc import Iterator

from mien.affect import formulas, groups
from mien.affect.groups import same
from mien.affect.space import SPACES
from mien.affect.way import Mapping, formula, grouped

_SIX = ("anger", "disgust", "fear", "sadness", "surprise")
_CARD = "label-space rules of Mien"


def basic_rules() -> Iterator[Mapping]:
    """GoEmotions to coarser spaces, basic7 outwards, other spaces of a few emotions into basic7."""
    yield from _from_goemotions()
    yield from _from_basic()
    yield from _into_basic()


def _from_goemotions() -> Iterator[Mapping]:
    yield formula(
        "goemotions28",
        "basic7",
        "GoEmotions ekman_mapping.json, by max; neutral at least the product of the complements (Mien)",
        "all positive kinds become happiness; realization, confusion and curiosity count as surprise",
        formulas.goemotions_basic,
    )
    yield formula(
        "goemotions28",
        "sentiment3",
        "GoEmotions sentiment_mapping.json, by max; the ambiguous group is left out",
        "the kind of emotion; realization, surprise, curiosity and confusion",
        formulas.goemotions_sentiment,
        *groups.SENTIMENT_GROUPS["ambiguous"],
    )
    joy = {("joy" if key == "happiness" else key): labels for key, labels in groups.EKMAN_GROUPS.items()}
    loses = "all positive kinds become joy; realization, confusion and curiosity count as surprise"
    source = "GoEmotions ekman_mapping.json, by max"
    yield grouped("goemotions28", "ekman7-goemotions", {**joy, **same("neutral")}, source, loses)
    yield grouped("goemotions28", "brighter6", joy, f"{source}, without neutral", f"{loses}; neutral")
    yield grouped(
        "goemotions28",
        "sentiment4-goemotions",
        {**groups.SENTIMENT_GROUPS, **same("neutral")},
        "GoEmotions sentiment_mapping.json, by max",
        "the kind of emotion",
    )


def _from_basic() -> Iterator[Mapping]:
    yield formula(
        "basic7",
        "sentiment3",
        "Mien: happiness positive; anger, disgust, fear, sadness negative; surprise half to each side",
        "the kind of emotion; surprise is undecided",
        formulas.basic_sentiment,
    )
    yield formula(
        "basic7",
        "cexpr7",
        "pairwise probability aggregation, balanced (AVCER 2024), divided by the sum",
        "neutral; which of the two is stronger",
        formulas.basic_compound,
    )
    yield grouped("basic7", "ekman6", {**same(*_SIX), "joy": ("happiness",)}, _CARD, "neutral")
    yield grouped(
        "basic7",
        "mer6",
        {
            **{"neutral": ("neutral",), "angry": ("anger",), "happy": ("happiness",), "sad": ("sadness",)},
            **{"worried": ("fear",), "surprise": ("surprise",)},
        },
        f"{_CARD}: disgust is removed, the rest divided by its sum; fear is worried (loose)",
        "disgust",
        loose=("fear",),
    )
    for goal in ("vad", "va"):
        for start in ("basic7", "ferplus8"):
            yield formula(
                start,
                goal,
                "centroids of Russell & Mehrabian 1977 (neutral at the origin; contempt the mean of anger and disgust)",
                "everything within a category; anger, disgust and fear are close in valence and arousal",
                formulas.centroids(start, goal),
            )


def _into_basic() -> Iterator[Mapping]:
    yield formula(
        "brighter6",
        "basic7",
        "Mien: neutral is the product of the complements, divided by the sum",
        "co-occurrence of emotions",
        formulas.brighter_basic,
    )
    direct = {**same("neutral", *_SIX), "happiness": ("happiness",)}
    loose = "label-space rule 8 -> 7, loose: contempt joins disgust"
    contempt = {"disgust": ("disgust", "contempt")}
    yield grouped("ferplus8", "basic7", {**direct, **contempt}, loose, "contempt", loose=("contempt",))
    happy = {**same(*_SIX, "neutral"), "happiness": ("happy",)}
    six = {key: labels for key, labels in happy.items() if key != "neutral"}
    yield grouped("ckplus7", "basic7", {**six, **contempt}, loose, "contempt", loose=("contempt",))
    yield grouped(
        "mafw11",
        "basic7",
        {**direct, **contempt},
        loose,
        "contempt, anxiety, helplessness and disappointment",
        loose=("contempt",),
    )
    yield grouped(
        "affwild2-8",
        "basic7",
        {label: (label.title(),) for label in SPACES["basic7"].labels},
        _CARD,
        "whatever was called Other",
    )
    spoken = {"anger": ("angry",), "sadness": ("sad",), "happiness": ("happy",)}
    yield grouped(
        "ravdess8",
        "basic7",
        {**spoken, **same("neutral", "disgust"), "fear": ("fearful",), "surprise": ("surprised",)},
        f"{_CARD}: calm is not neutral",
        "calm",
    )
    kept = same("anger", "disgust", "fear", "happiness", "sadness", "neutral")
    yield grouped("emodb7", "basic7", kept, _CARD, "boredom")
    excited = {**spoken, **same("neutral"), "happiness": ("happy", "excited")}
    iemocap = f"{_CARD}: excited is happy, frustration is never anger"
    yield grouped("iemocap6", "basic7", excited, iemocap, "frustration; excitement is told as happiness")
    four = {"happy": ("happy", "excited"), "sad": ("sad",), "neutral": ("neutral",), "anger": ("angry",)}
    yield grouped("iemocap6", "iemocap4", four, iemocap, "frustration; excitement is told as happiness")
    nine = {**excited, **same("disgust", "fear", "surprise")}
    yield grouped("iemocap9", "basic7", nine, iemocap, "frustration; excitement is told as happiness")
    yield grouped(
        "mer6",
        "basic7",
        {**spoken, **same("neutral", "surprise"), "fear": ("worried",)},
        f"{_CARD}: worried is fear only loosely; disgust cannot occur",
        "how far worry is from fear",
        loose=("worried",),
    )
    seven = {"neutral": ("neutral",), "happy": ("happy",), "sad": ("sad",), "angry": ("angry",)}
    yield grouped("emotiontalk7", "emotiontalk4", seven, "EmotionTalk's own four-class task", "the other three classes")
    yield from _mahaemotions()


def _mahaemotions() -> Iterator[Mapping]:
    names = SPACES["maha11"].labels
    basic = {
        **{key: (key.title(),) for key in (*_SIX, "neutral")},
        "happiness": ("Happiness", "Excitement", "Pride", "Respect"),
    }
    yield grouped(
        "maha11",
        "basic7",
        basic,
        f"{_CARD}: excitement joins happiness; pride and respect only loosely",
        "sarcasm; excitement, pride and respect are told as happiness",
        loose=("Pride", "Respect"),
    )
    merged = {name: (name,) for name in names if name not in ("Anger", "Disgust")}
    yield grouped(
        "maha11",
        "maha10",
        {**merged, "Anger/Disgust": ("Anger", "Disgust")},
        "MahaEmotions' released variant (training and test agree with it; its validation file was relabelled)",
        "the difference between anger and disgust",
    )
