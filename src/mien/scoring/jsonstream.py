"""One JSON list or object of any length, read row by row: only the row at hand is in memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from mien.errors import DataError

WRAPPERS = frozenset({"data", "samples", "rows", "items", "results", "annotations", "predictions", "answers"})
"""Keys of an object under which the list of rows may lie."""

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def json_rows(stream: IO[bytes], path: Path, limit: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """(1-based place, row) of a list of objects, {id: object or value}, or {"data": [objects]}.

    stream: after the byte order mark; limit: characters of one row. Raises DataError with the row.
    """
    text = _Text(stream, path, limit)
    start = text.peek()
    if start == "[":
        yield from _list_rows(text)
    elif start == "{":
        yield from _object_rows(text)
    elif start:
        raise DataError(path, None, f"starts with {start!r}; allowed: a list of objects, or an object of id: answer")
    if text.peek():
        raise DataError(path, None, "has text after the end of the JSON; one object per line is named .jsonl")


def _list_rows(text: _Text) -> Iterator[tuple[int, dict[str, Any]]]:
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        row = text.value()
        if not isinstance(row, dict):
            raise text.wrong(f"is {_short(row)}; allowed: a list of objects such as {{'id': ..., 'prediction': ...}}")
        yield text.row, row
        if text.take(",]") == "]":
            return


def _object_rows(text: _Text) -> Iterator[tuple[int, dict[str, Any]]]:
    text.take("{")
    if text.peek() == "}":
        text.take("}")
        return
    while True:
        key = text.value(count=False)
        if not isinstance(key, str):
            raise text.wrong(f"has the key {_short(key)}, which is no text")
        text.take(":")
        if key in WRAPPERS and text.peek() == "[":
            yield from _list_rows(text)
        else:
            value = text.value()
            yield text.row, {**value, "id": key} if isinstance(value, dict) else {"id": key, "value": value}
        if text.take(",}") == "}":
            return


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:40] + "..."


class _Text:
    """The part of the file that is being looked at, and how many rows were taken."""

    def __init__(self, stream: IO[bytes], path: Path, limit: int) -> None:
        self.stream, self.path, self.limit = stream, path, limit
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.text, self.at, self.ended, self.row, self.read = "", 0, False, 0, stream.tell()

    def wrong(self, why: str) -> DataError:
        return DataError(self.path, self.row or None, why)

    def peek(self) -> str:
        """The next character that is not blank; "" at the end."""
        while True:
            found = _BLANK.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or not self._more():
                return self.text[self.at : self.at + 1]

    def take(self, allowed: str) -> str:
        """Step over one of the allowed characters."""
        found = self.peek()
        if not found:
            raise self.wrong("the file ends in the middle of the JSON; is it complete?")
        if found not in allowed:
            raise self.wrong(f"is followed by {found!r} where {' or '.join(allowed)} is allowed: this is no valid JSON")
        self.at += 1
        return found

    def value(self, count: bool = True) -> Any:
        """The next JSON value, however many pieces of the file it takes, up to the limit."""
        self.row += count
        while True:
            self.peek()
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                self._grow_or_fail(error)
            except (ValueError, RecursionError) as error:
                raise self.wrong(f"is no JSON that can be read ({error})") from None
            else:
                if end == len(self.text) and self._more():  # a number may go on in the next piece
                    continue
                self.at = end
                return value

    def _grow_or_fail(self, error: json.JSONDecodeError) -> None:
        at = error.pos - self.at + 1
        if len(self.text) - self.at > self.limit:
            raise self.wrong(f"is longer than {self.limit >> 20} MiB, or no JSON ({error.msg}, character {at})")
        if not self._more():
            raise self.wrong(f"is no valid JSON ({error.msg}, character {at} of the row); is the file complete?")

    def _more(self) -> bool:
        """Read on: as much again as is not yet used, so that a long row costs linear time."""
        if self.ended:
            return False
        self.text, self.at = self.text[self.at :], 0
        piece = self.stream.read(max(1 << 16, len(self.text)))
        try:
            self.text += self.decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            place = self.read + len(piece) - len(error.object) + error.start + 1
            why = f"or later: byte {place} of the file is no UTF-8 (0x{error.object[error.start]:02x})"
            raise DataError(self.path, self.row + 1, f"{why}; save the file as UTF-8") from None
        self.read += len(piece)
        self.ended = not piece
        return not self.ended
