"""What a file is, judged by its first bytes; its name only decides between kinds of plain text."""

from __future__ import annotations

import os
import re

from mien.analysis.media.columns import is_dialogue_header, split_row
from mien.analysis.media.encoding import guess_encoding

HEAD = 65536
"""Bytes looked at."""
TEXT_FORMATS = ("srt", "vtt", "ass", "eaf", "textgrid", "rttm", "json", "dialogue table", "text")
"""Formats that `read_script` reads; plain text, which anything could be, last."""

_TIMING = re.compile(r"^[ \t]*-?(?:\d{1,6}:)?\d{1,2}:\d{1,2}[,.]\d{1,3}\s*-->", re.MULTILINE)
_RTTM = re.compile(r"^(?:;;.*\n|[ \t]*\n|SPKR-INFO .*\n)*SPEAKER\s+\S+\s+\S+\s+-?[\d.]+\s+-?[\d.]+\s", re.MULTILINE)
_NUMBER = re.compile(r"\s*[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d+)?\s*|\s*(?i:nan)?\s*")
_TABLES = (".csv", ".tsv")


def sniff(path: str, head: bytes) -> str:
    """One of `TEXT_FORMATS`, "image", "wearable" (zip, Parquet or a table of numbers), "xml" or "media" (all else).

    path: only its ending is looked at; head: the first bytes of the file (up to `HEAD`).
    """
    if is_image(head):
        return "image"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PAR1")):
        return "wearable"
    encoding, skip = guess_encoding(head)
    if encoding == "utf-8" and _is_binary(head):
        return "media"
    return _text_format(os.path.splitext(path)[1].lower(), head[skip:].decode(encoding, "replace"))


def is_image(head: bytes) -> bool:
    """Whether the first bytes are those of an image that Pillow reads."""
    return (
        head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*"))
        or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"))
        or head.startswith((b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"))
        or (head.startswith(b"BM") and head[6:10] == b"\x00\x00\x00\x00")
        or re.match(rb"P[1-6]\s", head) is not None
    )


def document_kind(head: bytes) -> str | None:
    """What a word processor's or reader's document is called, whose bytes must not be taken for words; else None."""
    if head.startswith(b"%PDF-"):
        return "a PDF"
    if head.startswith(b"{\\rtf"):
        return "a rich text document (RTF)"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "an old Office document"
    if head.startswith(b"PK\x03\x04") and (
        b"[Content_Types].xml" in head[:2048] or b"mimetypeapplication/" in head[:80]
    ):
        return "an Office document or e-book"
    return None


def _is_binary(head: bytes) -> bool:
    if 0 in head:
        return True
    control = sum(head.count(code) for code in range(32) if code not in (9, 10, 12, 13, 27))
    return control > len(head) / 200


def _text_format(ending: str, text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("WEBVTT"):
        return "vtt"
    if re.match(r"<\?xml|<!DOCTYPE|<ANNOTATION_DOCUMENT|<html|<svg", start, re.IGNORECASE):
        return "eaf" if "<ANNOTATION_DOCUMENT" in text or ending == ".eaf" else "xml"
    if re.match(r'(File type\s*=\s*)?"oo(Text|Binary)File', start) or start.startswith("ooBinaryFile"):
        return "textgrid"
    if re.match(r"\[Script Info\]", start, re.IGNORECASE):
        return "ass"
    if _RTTM.match(start):
        return "rttm"
    if _TIMING.search(text[:8192]):
        return "vtt" if ending == ".vtt" else "srt"
    if re.match(r"[\[{]\s*[\[{\"\]}]", start):
        return "json"
    by_name = {
        ".srt": "srt",
        ".vtt": "vtt",
        ".json": "json",
        ".jsonl": "json",
        ".rttm": "rttm",
        ".textgrid": "textgrid",
    }
    return by_name.get(ending) or _table_format(ending, start)


def _table_format(ending: str, text: str) -> str:
    lines = [line for line in text.splitlines()[:12] if line.strip()]
    if not lines:
        return "text"
    header, mark = split_row(lines[0])
    if is_dialogue_header(header) and (ending in _TABLES or len(header) > 1):
        return "dialogue table"
    if ending in _TABLES:
        return "wearable"
    rows = [line.split(mark) for line in lines[1:-1] or lines[1:]]
    numeric = rows and all(len(row) == len(header) and all(_NUMBER.fullmatch(cell) for cell in row) for row in rows)
    return "wearable" if numeric else "text"
