"""ELAN .eaf: one tier of fused labels, one per modality and one of words for each person."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import PurePath

from mien.analysis.report.beside import answer
from mien.analysis.report.markup import document, legal
from mien.analysis.result import Analysis

_Note = tuple[float, float, str]
LANES = {"audio": "voice", "face": "face", "text": "words", "signal": "signals"}


def to_eaf(analysis: Analysis) -> bytes:
    """An EAF 3.0 document (Max Planck Institute for Psycholinguistics); times in milliseconds."""
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "mien",
            "DATE": "1970-01-01T00:00:00+00:00",
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
        },
    )
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    name = legal(PurePath(analysis.recording.path).name)
    ET.SubElement(header, "MEDIA_DESCRIPTOR", {"MEDIA_URL": f"./{name}", "MIME_TYPE": "unknown"})
    order = ET.SubElement(root, "TIME_ORDER")
    slots = annotations = 0
    for tier, notes in _tiers(analysis):
        element = ET.SubElement(root, "TIER", {"LINGUISTIC_TYPE_REF": "affect", "TIER_ID": legal(tier)})
        for start, end, text in notes:
            annotations += 1
            for offset, time in ((1, start), (2, max(end, start + 0.001))):
                slot = {"TIME_SLOT_ID": f"ts{slots + offset}", "TIME_VALUE": str(round(time * 1000))}
                ET.SubElement(order, "TIME_SLOT", slot)
            holder = ET.SubElement(element, "ANNOTATION")
            refs = {"TIME_SLOT_REF1": f"ts{slots + 1}", "TIME_SLOT_REF2": f"ts{slots + 2}"}
            inner = ET.SubElement(holder, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": f"a{annotations}", **refs})
            ET.SubElement(inner, "ANNOTATION_VALUE").text = legal(text)
            slots += 2
    kind = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": "affect", "TIME_ALIGNABLE": "true"}
    ET.SubElement(root, "LINGUISTIC_TYPE", kind)
    return document(root)


def _tiers(analysis: Analysis) -> Iterator[tuple[str, list[_Note]]]:
    for person in analysis.persons:
        own = [affect for affect in analysis.affects if affect.span.person == person.id]
        label = f"{person.id} {person.name}" if person.name else person.id
        fused = [
            (a.span.start, a.span.end, f"{a.distribution.top} {a.distribution.values.max():.2f}")
            for a in own
            if a.distribution is not None
        ]
        yield f"{label} affect", fused
        for modality, lane in LANES.items():
            notes = [
                (a.span.start, a.span.end, f"{e.distribution.top} {e.distribution.values.max():.2f}")
                for a in own
                for e in a.evidence
                if e.modality == modality and e.distribution is not None
            ]
            if notes:
                yield f"{label} {lane}", notes
        for guest in analysis.guests:
            notes = [(a.span.start, a.span.end, answer(e)) for a in own for e in a.beside if e.model == guest.model]
            if notes:
                yield f"{label} beside: {guest.system}", notes
        if conflicts := [(a.span.start, a.span.end, a.conflict.words) for a in own if a.conflict.words]:
            yield f"{label} conflict", conflicts
        if said := [(line.start, line.end, line.text) for line in analysis.transcript if line.speaker == person.id]:
            yield f"{label} transcript", said
