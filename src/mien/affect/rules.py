"""The mappings between spaces that somebody can defend, one entry each, and the pairs that are refused."""

from __future__ import annotations

from collections.abc import Iterator

from mien.affect import formulas, groups
from mien.affect.groups import same
from mien.affect.space import SPACES
from mien.affect.way import Mapping, grouped

_SIX = ("anger", "disgust", "fear", "sadness", "surprise")
_CARD = "label-space rules of Mien"

# States that are no basic emotions, and merged labels that cannot be split.
REFUSED: dict[str, str] = {
    "academic5": "states of learning are not basic emotions (its Neutrality is attention, not the absence of emotion)",
    "daisee4": "states of learning are not basic emotions",
    "wesad4": "protocol states (baseline, stress, meditation) are not basic emotions",
    "stress2": "stress is no emotion; it is shown in a lane of its own",
    "mdpe2": "whether an answer is a lie says nothing about an emotion",
    "maha10": "Anger/Disgust is one label there and cannot be split",
    "quadrants4": "a quadrant holds many emotions",
}


def rules() -> Iterator[Mapping]:
    """Every explicit mapping."""
    yield from _from_goemotions()
    yield from _from_basic()
    yield from _into_basic()
    yield from _from_fine()
    yield from _sentiment()
    yield from _dimensional()


def _formula(start: str, goal: str, source: str, loses: str, apply: formulas.Apply, *dropped: str) -> Mapping:
    return Mapping(f"{start}-{goal}/1", start, goal, source, loses, apply, dropped)


def _from_goemotions() -> Iterator[Mapping]:
    yield _formula(
        "goemotions28",
        "basic7",
        "GoEmotions ekman_mapping.json, by max; neutral at least the product of the complements (Mien)",
        "all positive kinds become happiness; realization, confusion and curiosity count as surprise",
        formulas.goemotions_basic,
    )
    yield _formula(
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
    yield _formula(
        "basic7",
        "sentiment3",
        "Mien: happiness positive; anger, disgust, fear, sadness negative; surprise half to each side",
        "the kind of emotion; surprise is undecided",
        formulas.basic_sentiment,
    )
    yield _formula(
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
            yield _formula(
                start,
                goal,
                "centroids of Russell & Mehrabian 1977 (neutral at the origin; contempt the mean of anger and disgust)",
                "everything within a category; anger, disgust and fear are close in valence and arousal",
                formulas.centroids(start, goal),
            )


def _into_basic() -> Iterator[Mapping]:
    yield _formula(
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


def _from_fine() -> Iterator[Mapping]:
    yield Mapping(
        "emonet40-basic7/1",
        "emonet40",
        "basic7",
        "Mien's own, loose as a whole: groups by the strongest; neutral where all forty are below mild",
        "how strong it was; nine states without a counterpart, such as interest, doubt, pain and fatigue",
        formulas.emonet_basic,
        tuple(one for one in groups.EMONET_LABELS if not any(one in own for own in groups.EMONET_BASIC.values())),
        tuple(label for own in groups.EMONET_BASIC.values() for label in own),
    )
    yield _formula(
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
            yield _formula(start, "mosi-sentiment", "expected level", loses, formulas.mean_level(start))
    yield grouped("sentiment3", "sentiment2", same("negative", "positive"), "sign, neutral left out", "neutral")
    has0 = {"negative": ("negative",), "non-negative": ("neutral", "positive")}
    yield grouped("sentiment3", "sentiment2-has0", has0, "sign, neutral with positive", "neutral from positive")


def _dimensional() -> Iterator[Mapping]:
    for start in ("vad", "va"):
        yield _formula(
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
    }
    for goal, (convention, levels) in table.items():
        source = f"convention {convention} of mien.affect.sentiment"
        apply = formulas.binned(convention, -3.0, 3.0, [float(level) for level in levels])
        yield _formula("mosi-sentiment", goal, source, "the strength inside a class", apply)
    for start, convention, low in (("sims-sentiment", "five_sims", -1.0), ("emotiontalk-sentiment", "five", -2.0)):
        source = f"convention {convention} of mien.affect.sentiment"
        apply = formulas.binned(convention, low, -low, [-2.0, -1.0, 0.0, 1.0, 2.0])
        yield _formula(start, "sentiment5", source, "the strength inside a class", apply)
