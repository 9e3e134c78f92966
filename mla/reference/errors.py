"""What can be wrong with the reference data, told with its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mla.core.errors import MlaError


class ReferenceDataWrong(MlaError):
    """A row of the shipped data cannot be loaded. Nothing of the load is kept.

    `file` is the file's path below mla/reference, `line` the line of the row (from 1). Where several rows are
    wrong, `every` holds one error for each and this one tells them all, a line each, with the first's place.
    """

    def __init__(self, file: Path | str, line: int, message: str, others: Sequence[ReferenceDataWrong] = ()) -> None:
        self.file, self.line, self.message = str(file), line, message
        self.others = tuple(others)
        super().__init__("\n".join([f"{file}, line {line}: {message}", *map(str, self.others)]))

    @property
    def every(self) -> tuple[ReferenceDataWrong, ...]:
        """Every fault on its own, in the order found."""
        if not self.others:
            return (self,)
        return (ReferenceDataWrong(self.file, self.line, self.message), *self.others)

    @classmethod
    def of(cls, faults: Sequence[ReferenceDataWrong]) -> ReferenceDataWrong:
        """Return one error that tells all of `faults`, of which there is at least one."""
        first, *others = faults
        return cls(first.file, first.line, first.message, others)

    @classmethod
    def any_of(cls, faults: Iterable[ReferenceDataWrong]) -> None:
        """Raise them as one where there are any."""
        if found := list(faults):
            raise cls.of(found)


class ReferenceChanged(MlaError):
    """The row was changed after the one who edits it had read it; nothing was saved."""


class ReferenceEditRefused(MlaError):
    """A change of the reference data by a user is not possible; the message says why."""
