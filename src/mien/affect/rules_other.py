"""Mappings of fine-grained spaces, of sentiment classes and of dimensions, one entry each."""

from __future__ import annotations

from collections.abc import Iterator

from mien.affect import formulas, groups
from mien.affect.groups import same
from mien.affect.space import SPACES
from mien.affect.way import Mapping, formula, grouped

_CARD = "label-space rules of Mien"


def other_rules() -> Iterator[Mapping]:
    """Fine-grained spaces to coarser ones, sentiment classes to fewer, dimensions to sentiment."""
    yield from _from_fine()
    yield from _sentiment()
    yield from _dimensional()


def _from_fine() -> Iterator[Mapping]:
    yield Mapping(
        "emonet40-basic7/1",
        "emonet40",
        "basic7",
        groups.EMONET_LABELS,
        "Mien's own, loose as a whole: groups by the strongest; neutral where all forty are below mild",
        "how strong it was; nine states without a counterpart, such as interest, doubt, pain and fatigue",
        formulas.emonet_basic,
        tuple(one for one in groups.EMONET_LABELS if not any(one in own for own in groups.EMONET_BASIC.values())),
        tuple(label for own in groups.EMONET_BASIC.values() for label in own),
    )
    yield formula(
        "emonet40",
        "emodb7",
        "EmoNet-Voice (arXiv 2506.09827), appendix: softmax over 37 mapped labels, summed",
        "how strong it was; awe, intoxication and sexual lust",
        formulas.emonet_emodb,
        *("Awe", "Intoxication/Altered States of Consciousness", "Sexual Lust"),
    )
    yield grouped(
        "emonet40",
        "emonet-groups7",
        groups.EMONET_BUTTONS,
        "EmoNet-Voice annotation buttons, by max",
        "the single label",
    )
    yield grouped(
        "mikels8",
        "sentiment2",
        {
            "positive": ("amusement", "awe", "contentment", "excitement"),
            "negative": ("anger", "disgust", "fear", "sadness"),
        },
        "Mikels et al. 2005: four positive, four negative",
        "the kind of emotion",
    )
    yield grouped(
        "mikels8",
        "ekman6",
        {**same("anger", "disgust", "fear", "sadness"), "joy": ("amusement", "contentment", "excitement", "awe")},
        f"{_CARD}: the four positive kinds are joy, awe only loosely; surprise cannot occur",
        "which positive kind it was",
        loose=("awe",),
    )
    direct = {one.lower(): (one,) for one in ("Joy", "Sadness", "Surprise", "Anger", "Fear", "Disgust")}
    yield grouped("plutchik8", "brighter6", direct, f"{_CARD}: six direct", "anticipation and trust")
    yield grouped("plutchik24", "plutchik8", groups.PLUTCHIK_LEVELS, "Plutchik 1980, by max", "the intensity")
    yield grouped(
        "plutchik-dyads24",
        "plutchik8",
        groups.parts(),
        "Plutchik 1980: a dyad is its two parts, by max",
        "the dyad's name",
    )
    yield grouped(
        "cexpr7",
        "brighter6",
        {
            "surprise": tuple(label for label in SPACES["cexpr7"].labels if label.endswith("surprised")),
            "fear": ("fearfully surprised", "sadly fearful"),
            "sadness": ("sadly surprised", "sadly fearful", "sadly angry"),
            "anger": ("angrily surprised", "sadly angry"),
            "joy": ("happily surprised",),
            "disgust": ("disgustedly surprised",),
        },
        "the two basic emotions in each compound's name",
        "which of the two is stronger",
    )


def _sentiment() -> Iterator[Mapping]:
    names7, names5 = SPACES["sentiment7"].labels, SPACES["sentiment5"].labels
    five: groups.Groups = {
        **same("weakly negative", "neutral", "weakly positive"),
        "negative": ("strongly negative", "negative"),
        "positive": ("strongly positive", "positive"),
    }
    yield grouped("sentiment7", "sentiment5", five, "clip to [-2, 2]", "the strongest two classes")
    for start, names in (("sentiment7", names7), ("sentiment5", names5)):
        sides = {
            side: tuple(name for name in names if name.endswith(side)) for side in ("negative", "neutral", "positive")
        }
        yield grouped(start, "sentiment3", sides, "sign of the class", "the strength")
        pair = {side: labels for side, labels in sides.items() if side != "neutral"}
        yield grouped(start, "sentiment2", pair, "sign of the class, neutral left out", "the strength and neutral")
        has0 = {"negative": sides["negative"], "non-negative": sides["neutral"] + sides["positive"]}
        yield grouped(start, "sentiment2-has0", has0, "sign of the class, neutral with positive", "the strength")
        if start == "sentiment7":
            loses = "how sure the classes were"
            yield formula(start, "mosi-sentiment", "expected level", loses, formulas.mean_level(start))
    yield grouped("sentiment3", "sentiment2", same("negative", "positive"), "sign, neutral left out", "neutral")
    has0 = {"negative": ("negative",), "non-negative": ("neutral", "positive")}
    yield grouped("sentiment3", "sentiment2-has0", has0, "sign, neutral with positive", "neutral from positive")


def _dimensional() -> Iterator[Mapping]:
    for start in ("vad", "va"):
        yield formula(
            start,
            "sentiment3",
            f"Mien: sign of valence, neutral within {formulas.DEAD_ZONE:g} of the middle",
            "arousal, dominance and the strength of valence",
            formulas.valence_sign,
        )
    table = {
        "sentiment7": ("seven_numpy_round", range(-3, 4)),
        "sentiment5": ("five", range(-2, 3)),
        "sentiment3": ("three", range(-1, 2)),
        "sentiment2-has0": ("two_has0", range(2)),
        "sentiment2": ("two_non0", range(2)),
    }
    for goal, (convention, levels) in table.items():
        source = f"convention {convention} of mien.affect.sentiment"
        apply = formulas.binned(convention, -3.0, 3.0, [float(level) for level in levels])
        yield formula(
            "mosi-sentiment",
            goal,
            source,
            "the strength inside a class; zeros" if goal == "sentiment2" else "the strength inside a class",
            apply,
        )
    for start, convention, low in (("sims-sentiment", "five_sims", -1.0), ("emotiontalk-sentiment", "five", -2.0)):
        source = f"convention {convention} of mien.affect.sentiment"
        apply = formulas.binned(convention, low, -low, [-2.0, -1.0, 0.0, 1.0, 2.0])
        yield formula(start, "sentiment5", source, "the strength inside a class", apply)
