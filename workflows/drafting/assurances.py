"""Assurances of a letter: who gives which, now or when asked, in words of their own or of a statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mla.reference.assurances import AssuranceKind, assurance_kinds
from workflows.drafting.letterfile import Assurance, LetterFile


@dataclass(frozen=True, slots=True)
class Told:
    """An assurance as it stands in a letter. `index`: its row, None for a statement without one; `path` of its words."""

    kind: AssuranceKind
    text: str
    path: str
    row: Assurance | None = None
    index: int | None = None


def assurances_of(letter: LetterFile) -> list[Told]:
    """Return the rows of a letter, each with its words, then the statements that no row takes up."""
    kinds, found, taken = assurance_kinds(), [], set[str]()
    for index, row in enumerate(letter.assurances):
        kind = kinds[row.kind]
        theirs = str(getattr(letter.statements, kind.statement)) if kind.statement else ""
        path = f"assurances[{index}]" if row.text or not theirs else f"statements.{kind.statement}"
        if theirs and not row.text:
            taken.add(kind.statement)
        found.append(Told(kind, row.text or theirs, path, row, index))
    return [*found, *(one for one in _statements(letter) if one.kind.statement not in taken)]


def _statements(letter: LetterFile) -> Iterator[Told]:
    for kind in assurance_kinds().values():
        text = str(getattr(letter.statements, kind.statement)) if kind.statement else ""
        if text:
            yield Told(kind, text, f"statements.{kind.statement}")


def offers(letter: LetterFile, kind: str) -> bool:
    """Tell whether the letter offers an assurance of that kind in words, as a row or as a statement."""
    return any(one.kind.kind == kind and one.text for one in assurances_of(letter))
