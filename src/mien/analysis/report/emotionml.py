"""W3C EmotionML 1.0: fused affect and each modality's own reading, and a structural check of such documents."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

from mien.affect.dimensions import Dimensions
from mien.affect.distribution import Distribution
from mien.affect.space import SPACES, Space
from mien.analysis.fusion.affect import Affect
from mien.analysis.report.beside import names
from mien.analysis.report.markup import document, legal
from mien.analysis.result import Analysis
from mien.analysis.senses.evidence import Evidence

NAMESPACE = "http://www.w3.org/2009/10/emotionml"
CHANNELS = {"audio": "voice", "face": "face", "text": "text", "signal": "physiology"}
_DESCRIPTORS = {
    "category": "category-set",
    "dimension": "dimension-set",
    "appraisal": "appraisal-set",
    "action-tendency": "action-tendency-set",
}


def to_emotionml(analysis: Analysis) -> bytes:
    """An EmotionML document: its vocabularies inline, one <emotion> per span, person and modality with an answer.

    Times are media fragments ("file#t=1.5,3") because the attributes `start` and `end` mean a date. Dimensions are
    moved from [-1, 1] to EmotionML's [0, 1] scale. What a system beside the answer says has a vocabulary with the
    system's name, an <info> that says so and no confidence.
    """
    root = ET.Element("emotionml", {"version": "1.0", "xmlns": NAMESPACE})
    for name, known in _vocabularies(analysis).items():
        kind = "dimension" if known.kind == "dimensional" else "category"
        holder = ET.SubElement(root, "vocabulary", {"type": kind, "id": name})
        for label in known.labels:
            ET.SubElement(holder, "item", {"name": _token(label)})
    ET.SubElement(root, "info").text = "Labels say what was shown or heard, not what was felt."
    for affect in analysis.affects:
        _emotions(root, analysis, affect)
    return document(root)


def check(text: bytes) -> list[str]:
    """What is wrong with an EmotionML document by sections 2-4 of the recommendation; empty when nothing is."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        return [f"not XML: {error}"]
    if root.tag != f"{{{NAMESPACE}}}emotionml" or root.get("version") != "1.0":
        return ['the root must be <emotionml version="1.0"> in the EmotionML namespace']
    items = {
        f"#{vocabulary.get('id')}": {item.get("name") for item in vocabulary} for vocabulary in _all(root, "vocabulary")
    }
    problems = [f"vocabulary {name} is empty" for name, names in items.items() if not names]
    for number, emotion in enumerate(_all(root, "emotion"), 1):
        problems += [f"emotion {number}: {text}" for text in _emotion_problems(root, emotion, items)]
    return problems


def _vocabularies(analysis: Analysis) -> dict[str, Space]:
    used = {
        item.distribution.space.name
        for affect in analysis.affects
        for item in affect.evidence
        if item.distribution is not None
    }
    used |= {affect.distribution.space.name for affect in analysis.affects if affect.distribution is not None}
    said = [(item, item.distribution) for affect in analysis.affects for item in affect.beside]
    guests = {_beside_id(analysis, item): given.space for item, given in said if given is not None}
    return {name: SPACES[name] for name in [*sorted(used), "va"]} | guests


def _emotions(root: ET.Element, analysis: Analysis, affect: Affect) -> None:
    uri = quote(legal(PurePath(analysis.recording.path).name), safe="") or "recording"
    if analysis.recording.clock == "seconds" and affect.span.end > affect.span.start:
        uri += f"#t={affect.span.start:.3f},{affect.span.end:.3f}"
    who = f"person {affect.span.person}" if affect.span.person else ""
    if affect.insufficient is None:
        _emotion(root, affect.distribution, affect.dimensions, affect.confidence, "", uri, who)
    for item in affect.evidence:
        if item.distribution is not None:
            _emotion(root, item.distribution, item.dimensions, item.quality, item.modality, uri, who)
    for item in affect.beside:
        if item.distribution is not None:
            _beside(root, analysis, item, item.distribution, uri, who)


def _emotion(
    root: ET.Element,
    distribution: Distribution | None,
    dimensions: Dimensions | None,
    confidence: float,
    modality: str,
    uri: str,
    who: str,
) -> None:
    emotion = ET.SubElement(root, "emotion", {"dimension-set": "#va"})
    sure = {"confidence": f"{confidence:.4f}"}
    if distribution is not None:
        emotion.set("category-set", f"#{distribution.space.name}")
        for label, value in distribution.as_dict().items():
            ET.SubElement(emotion, "category", {"name": _token(label), "value": f"{value:.4f}"} | sure)
    for name in ("valence", "arousal"):
        point = getattr(dimensions, name) if dimensions else None
        if point is not None:
            ET.SubElement(emotion, "dimension", {"name": name, "value": f"{(point + 1) / 2:.4f}"} | sure)
    if len(emotion) == 0:
        root.remove(emotion)
    else:
        _placed(emotion, modality, uri, who)


def _beside(
    root: ET.Element, analysis: Analysis, item: Evidence, given: Distribution, uri: str, who: str
) -> None:  # fmt: skip
    """What a guest says, on its own scale moved to [0, 1]."""
    tag = "dimension" if given.space.kind == "dimensional" else "category"
    emotion = ET.SubElement(root, "emotion", {f"{tag}-set": f"#{_beside_id(analysis, item)}"})
    low, high = (given.space.low, given.space.high) if given.space.kind in ("dimensional", "intensity") else (0.0, 1.0)
    for label, value in given.as_dict().items():
        ET.SubElement(emotion, tag, {"name": _token(label), "value": f"{(value - low) / (high - low):.4f}"})
    note = f"beside the answer, not fused: {names(analysis)[item.model]}, model {item.model}"
    _placed(emotion, item.modality, uri, f"{who}; {note}" if who else note)


def _placed(emotion: ET.Element, modality: str, uri: str, note: str) -> None:
    """Through what it was expressed, where in the recording, and whose it is."""
    channels = " ".join(CHANNELS[one] for one in modality.split("+") if one in CHANNELS)
    if channels:
        emotion.set("expressed-through", channels)
    ET.SubElement(emotion, "reference", {"uri": uri, "role": "expressedBy"})
    if note:
        ET.SubElement(emotion, "info").text = note


def _beside_id(analysis: Analysis, item: Evidence) -> str:
    """Id of a guest's vocabulary, an XML name that no space has."""
    return "beside-" + re.sub(r"[^A-Za-z0-9_.-]", "-", names(analysis)[item.model])


def _emotion_problems(root: ET.Element, emotion: ET.Element, items: dict[str, set[str | None]]) -> Iterable[str]:
    described = [(tag, child) for tag in _DESCRIPTORS for child in _all(emotion, tag)]
    if not described:
        yield "holds none of category, dimension, appraisal, action-tendency"
    for tag, child in described:
        attribute = _DESCRIPTORS[tag]
        vocabulary = emotion.get(attribute) or root.get(attribute)
        if vocabulary is None:
            yield f"<{tag}> without {attribute}"
        elif vocabulary.startswith("#") and child.get("name") not in items.get(vocabulary, set()):
            yield f"<{tag}> name {child.get('name')!r} is not in {vocabulary}"
        if tag == "dimension" and child.get("value") is None and not _all(child, "trace"):
            yield "<dimension> needs a value or a trace"
        for name in ("value", "confidence"):
            number = child.get(name)
            if number is not None and not _unit(number):
                yield f"<{tag}> {name} {number!r} is not a number in [0, 1]"
    for child in _all(emotion, "reference"):
        if not child.get("uri"):
            yield "<reference> without uri"


def _all(parent: ET.Element, tag: str) -> list[ET.Element]:
    return parent.findall(f"{{{NAMESPACE}}}{tag}")


def _unit(text: str) -> bool:
    try:
        return 0.0 <= float(text) <= 1.0
    except ValueError:
        return False


def _token(label: str) -> str:
    """Item names are NMTOKENs: no blanks, no signs but these."""
    return re.sub(r"[^\w.:-]", "-", label)
