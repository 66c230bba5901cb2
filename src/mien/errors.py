"""Every error a person can meet: one line that says what, where and what to do."""

from __future__ import annotations

import os
import re
import traceback

# Control characters, line breaks of any script, and bytes of a file name that are no UTF-8.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one_line(text: str) -> str:
    """The text with line breaks, control characters and broken bytes written as escapes: one line on any terminal."""
    return _UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def fault(path: str, error: BaseException) -> str:
    """One line about an exception that Mien did not foresee: the input, what was raised and where, and what to do."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "mien" in frame.filename]
    place = f" in {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    what = one_line(f"{type(error).__name__}: {error}")[:300]
    head = f"{one_line(path)}: " if path else ""
    return f"{head}unexpected {what}{place}; this is a fault in Mien: please report it, with the file if you may"


class MienError(Exception):
    """Base of all errors that are meant for a person to read; `exit_code` is what the command line returns."""

    exit_code = 1

    def __init__(self, text: str = "") -> None:
        super().__init__(one_line(text))


class InputError(MienError):
    """A file or array cannot be used.

    path: the file as the user named it ("<array>", "<stdin>" where there is no file);
    where: the place in it ("line 3", "stream 0", "" for the whole file); why: what was found and what to do.
    """

    def __init__(self, path: object, where: str, why: str) -> None:
        self.path, self.where, self.why = str(path), where, why
        super().__init__(f"{self.path}: {where}: {why}" if where else f"{self.path}: {why}")


class RequestError(MienError):
    """The request itself is wrong: an unknown option, space, modality or format."""

    exit_code = 2


class MissingExtra(MienError):
    """Something optional is needed and not installed; the message is the install command."""

    exit_code = 3

    def __init__(self, extra: str, need: str) -> None:
        self.extra, self.need = extra, need
        super().__init__(f'{need}: pip install "mien[{extra}]"')


class DataError(MienError):
    """A table or data set has a wrong row."""

    def __init__(self, path: object, row: int | None, why: str) -> None:
        self.path, self.row, self.why = str(path), row, why
        super().__init__(f"{path}: row {row}: {why}" if row is not None else f"{path}: {why}")
