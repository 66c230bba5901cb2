"""The judge's memory on disk: one small file an answer, so that a rerun costs nothing and a stopped run goes on."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from mien.errors import InputError, MienError
from mien.files import cache_folder, digest, read_bounded, write_atomic
from mien.scoring.question import Question

VERSION = 1
_MOST = 8 << 20


class Replies:
    """Answers by content: the same machine, settings, role, prompt and pictures give the same key.

    folder: None = `judge` in Mien's cache folder. A file holds who answered, when, the prompt and the raw reply (never
    a key); delete the folder to ask anew.
    """

    def __init__(self, folder: Path | None, settings: Mapping[str, object]) -> None:
        self.folder = folder if folder is not None else cache_folder() / "judge"
        self._settings = dict(settings)

    def key(self, question: Question) -> str:
        """SHA-256 (hex) of everything that decides the answer; InputError for a picture that cannot be read."""
        try:
            pictures = [digest(picture) for picture in question.pictures]
        except OSError as error:
            raise InputError(error.filename, "", f"picture cannot be read ({error.strerror or error})") from None
        whole = [VERSION, self._settings, question.role, question.text, pictures]
        return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()

    def get(self, question: Question) -> str | None:
        """The kept answer, or None; a damaged or foreign file counts as none."""
        path = self._path(self.key(question))
        if not path.is_file():
            return None
        try:
            held = json.loads(read_bounded(path, _MOST))
        except (MienError, ValueError, RecursionError):
            return None
        if not isinstance(held, dict) or held.get("prompt") != question.text or held.get("role") != question.role:
            return None
        answer = held.get("answer")
        return answer if isinstance(answer, str) else None

    def put(self, question: Question, answer: str) -> None:
        """Keep an answer, at once and whole."""
        held = {
            "settings": self._settings,
            "role": question.role,
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "prompt": question.text,
            "pictures": [str(picture) for picture in question.pictures],
            "answer": answer,
        }
        write_atomic(self._path(self.key(question)), json.dumps(held, ensure_ascii=False, indent=1, default=str))

    def drop(self, question: Question) -> None:
        """Remove an answer; none is no error."""
        with contextlib.suppress(OSError, InputError):
            self._path(self.key(question)).unlink()

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"
