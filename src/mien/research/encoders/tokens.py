"""Texts as the token numbers of a model's own tokenizer.json; what is longer than the model reads comes in pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.errors import InputError, RequestError
from mien.research.encoders.local import need


class Tokens:
    """A tokenizer; every piece carries the model's own marks ([CLS], [SEP]) as its file says."""

    def __init__(self, file: Path, longest: int) -> None:
        if not file.is_file():
            raise InputError(file, "", "is not there; the tokenizer must be saved as tokenizer.json beside the model")
        try:
            self._held: Any = need("tokenizers", "reading text").Tokenizer.from_file(str(file))
        except Exception as error:
            if type(error).__module__.startswith("mien"):
                raise
            raise InputError(file, "", f"is no tokenizer ({str(error)[:90]})") from None
        marks = self._held.num_special_tokens_to_add(False)
        if longest <= marks:
            raise RequestError(f"longest {longest}: the {marks} marks of this tokenizer leave no room for words")
        self._held.no_padding()
        self._held.enable_truncation(longest)

    def pieces(self, text: str) -> list[list[int]]:
        """Token numbers of the text, a list for each piece of at most `longest`; none for a text of blanks."""
        if not text.strip():
            return []
        found = self._held.encode(text)
        return [list(one.ids) for one in (found, *found.overflowing)]
