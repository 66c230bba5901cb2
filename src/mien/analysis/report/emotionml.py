"""W3C EmotionML 1.0: fused affect and each modality's own reading, and a structural check of such documents."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

from mien.affect.dimensions import Dimensions
from mien.affect.distribution import Distribution
from mien.affect.space import SPACES
from mien.analysis.fusion.affect import Affect
from mien.analysis.report.markup import document, legal
from mien.analysis.result import Analysis

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
    moved from [-1, 1] to EmotionML's [0, 1] scale.
    """
    root = ET.Element("emotionml", {"version": "1.0", "xmlns": NAMESPACE})
    for name in _vocabularies(analysis):
        labels = SPACES[name].labels
        holder = ET.SubElement(root, "vocabulary", {"type": "dimension" if name == "va" else "category", "id": name})
        for label in labels:
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


def _vocabularies(analysis: Analysis) -> list[str]:
    used = {
        item.distribution.space.name
        for affect in analysis.affects
        for item in affect.evidence
        if item.distribution is not None
    }
    used |= {affect.distribution.space.name for affect in analysis.affects if affect.distribution is not None}
    return [*sorted(used), "va"]


def _emotions(root: ET.Element, analysis: Analysis, affect: Affect) -> None:
    uri = quote(legal(PurePath(analysis.recording.path).name), safe="") or "recording"
    if analysis.recording.clock == "seconds" and affect.span.end > affect.span.start:
        uri += f"#t={affect.span.start:.3f},{affect.span.end:.3f}"
    person = affect.span.person
    if affect.insufficient is None:
        parts = (affect.distribution, affect.dimensions, affect.confidence)
        _emotion(root, *parts, uri=uri, person=person, channel=None)
    for item in affect.evidence:
        if item.distribution is not None:
            parts = (item.distribution, item.dimensions, item.quality)
            _emotion(root, *parts, uri=uri, person=person, channel=CHANNELS.get(item.modality))


def _emotion(
    root: ET.Element,
    distribution: Distribution | None,
    dimensions: Dimensions | None,
    confidence: float,
    *,
    uri: str,
    person: str | None,
    channel: str | None,
) -> None:
    emotion = ET.SubElement(root, "emotion", {"dimension-set": "#va"})
    if channel:
        emotion.set("expressed-through", channel)
    sure = f"{confidence:.4f}"
    if distribution is not None:
        emotion.set("category-set", f"#{distribution.space.name}")
        for label, value in distribution.as_dict().items():
            ET.SubElement(emotion, "category", {"name": _token(label), "value": f"{value:.4f}", "confidence": sure})
    for name in ("valence", "arousal"):
        point = getattr(dimensions, name) if dimensions else None
        if point is not None:
            ET.SubElement(emotion, "dimension", {"name": name, "value": f"{(point + 1) / 2:.4f}", "confidence": sure})
    if len(emotion) == 0:
        root.remove(emotion)
        return
    ET.SubElement(emotion, "reference", {"uri": uri, "role": "expressedBy"})
    if person:
        ET.SubElement(emotion, "info").text = f"person {person}"


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
    """Item names are NMTOKENs: no blanks."""
    return label.replace(" ", "-")
