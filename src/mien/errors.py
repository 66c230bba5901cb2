"""Every error a person can meet: one line that says what, where and what to do."""

from __future__ import annotations


class MienError(Exception):
    """Base of all errors that are meant for a person to read; `exit_code` is what the command line returns."""

    exit_code = 1


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
