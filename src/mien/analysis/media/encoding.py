"""Bytes to text: UTF-8 first, UTF-16 and UTF-32 where they show, broken bytes replaced and told."""

from __future__ import annotations

import codecs

from mien.analysis.media.notices import note
from mien.analysis.media.recording import Notice
from mien.errors import InputError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode_text(data: bytes, named: str, notices: list[Notice]) -> str:
    """The text with plain line breaks; InputError where most of it is no text in any Unicode encoding."""
    encoding, skip = guess_encoding(data)
    text = data[skip:].decode(encoding, "replace")
    broken = text.count("\ufffd")
    if broken > len(text) // 2:
        raise InputError(named, "", "is no text in UTF-8 or UTF-16; save it as UTF-8")
    if broken and "\ufffd".encode(encoding) not in data:
        line = text.count("\n", 0, text.index("\ufffd")) + 1
        note(notices, "encoding", f"{broken} broken characters ({encoding}) were replaced, the first in line {line}")
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")


def guess_encoding(data: bytes) -> tuple[str, int]:
    """(encoding, bytes of its mark): by its mark, by the zeros of UTF-16 without one, else UTF-8."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    head = data[:2048]
    if len(head) >= 4 and head.count(0) > len(head) * 0.3:
        odd, even = head[1::2].count(0), head[::2].count(0)
        if even == 0 and odd:
            return "utf-16-le", 0
        if odd == 0 and even:
            return "utf-16-be", 0
    return "utf-8", 0
