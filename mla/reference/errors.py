"""What can be wrong with the reference data, told with its place."""

from __future__ import annotations

from pathlib import Path

from mla.core.errors import MlaError


class ReferenceDataWrong(MlaError):
    """A row of the shipped data cannot be loaded. Nothing of the load is kept.

    `file` is the file's path below mla/reference, `line` the line of the row (from 1).
    """

    def __init__(self, file: Path | str, line: int, message: str) -> None:
        self.file, self.line, self.message = str(file), line, message
        super().__init__(f"{file}, line {line}: {message}")


class ReferenceChanged(MlaError):
    """The row was changed after the one who edits it had read it; nothing was saved."""


class ReferenceEditRefused(MlaError):
    """A change of the reference data by a user is not possible; the message says why."""
