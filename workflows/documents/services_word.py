"""The working copy of a version, handed out and taken back to be compared. Nothing that comes back is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mla.accounts.actors import Actor
from workflows.documents.comparing import Compared, compared
from workflows.documents.opening import working_copy_reading
from workflows.documents.word import (
    CONTENT_HASH,
    TRANSLATION_HASH,
    MadeFrom,
    column_heads,
    other_lines,
    source_lines,
    translation_parts,
    working_copy,
    working_parts,
)
from workflows.documents.word_beside import beside, other_units
from workflows.documents.word_parts import Unit, plain, units_of
from workflows.documents.word_reading import EditedCopy, copy_read_apart
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.lifecycle.models import OutgoingRequest


@dataclass(frozen=True, slots=True)
class Comparison:
    """The approved text and an edited copy. `source`: whether the copy was made from this version: "this", "another", or
    "unknown" where it does not say.

    `other`: of a copy in two languages, the certified translation and its column; `unread`: it has a column of a translation
    that is not known here, which was not compared.
    """

    rows: tuple[Compared, ...]
    copy: EditedCopy
    source: str
    translation: Translation | None = None
    other: tuple[Compared, ...] = ()
    unread: bool = False

    def count(self, state: str) -> int:
        return sum(row.state == state for row in (*self.rows, *self.other))

    @property
    def same(self) -> bool:
        return not self.unread and all(row.state == "unchanged" for row in (*self.rows, *self.other))


def working_copy_hand_out(
    *, outgoing: OutgoingRequest, version: LetterVersion, by: Actor, translation: Translation | None = None
) -> bytes:
    """Return the working copy of a frozen version, beside a certified translation where one is named; record it as taken.

    For whoever may read both.

    Raises:
        LetterFileWrong: the content is no letter.
        LettersDiffer: the translation has other paragraphs.
        ValueError: the version is not frozen, or the translation not certified.
    """
    made = working_copy(outgoing, version, translation)
    theirs = translation.content_hash if translation is not None else ""
    working_copy_reading(version=version, sha256=hashlib.sha256(made).hexdigest(), by=by, translation_hash=theirs)
    return made


def copy_compare(
    outgoing: OutgoingRequest, version: LetterVersion, data: bytes, translations: Iterable[Translation] = ()
) -> Comparison:
    """Return how an edited copy differs from a frozen version, each column of two languages from its own text.

    `translations`: the certified ones of the version, of which the copy names one. For whoever may read them; nothing is
    stored.

    Raises:
        CopyRefused: the file is not read, with the reason.
        LetterFileWrong: the content of the version is no letter.
        LettersDiffer: the translation that the copy names has other paragraphs.
    """
    copy = copy_read_apart(data)
    said, theirs = copy.made_from.get(CONTENT_HASH, ""), copy.made_from.get(TRANSLATION_HASH, "")
    source = "unknown" if not said else "this" if said == version.content_hash else "another"
    two = bool(theirs) or any(unit.other for unit in copy.units)
    rows = list(translations)
    # A copy that lost what it says of itself is compared with the one that the letter leaves with.
    named = [row for row in rows if row.content_hash == theirs] if theirs else rows
    translation = named[0] if two and named else None
    parts = working_parts(outgoing, version)
    made_from = MadeFrom(outgoing.reference, version.number, version.content_hash, theirs)
    ours = {line.text for line in source_lines(parts.language, made_from)}
    approved, other_approved = units_of(parts), list[Unit]()
    if translation is not None:
        other = translation_parts(outgoing, translation)
        other_approved = other_units(beside(parts, other))
        heads = column_heads(parts.language, other.language)
        ours |= {line.text for line in (*other_lines(other.language, made_from), *heads)}
    units = _split(copy.units, approved, other_approved) if translation else copy.units
    # What the copy says of itself is no part of the letter.
    edited = [unit for unit in units if unit.key or unit.text not in ours]
    return Comparison(
        tuple(compared(approved, [unit for unit in edited if not unit.other])),
        copy,
        source,
        translation,
        tuple(compared(other_approved, [unit for unit in edited if unit.other])) if translation else (),
        two and translation is None,
    )


def _split(units: Sequence[Unit], approved: Sequence[Unit], other: Sequence[Unit]) -> list[Unit]:
    """Give what has lost its keys to its language: a row that a table of either has is one, another falls into its two."""
    ours, theirs = ({unit.text for unit in side} for side in (approved, other))
    made: list[Unit] = []
    for unit in units:
        if not unit.key and not unit.other and unit.text in theirs - ours:
            made.append(replace(unit, other=True))
        elif len(unit.cells) != 2 or unit.text in ours:
            made.append(unit)
        else:
            for text, in_other in zip(map(plain, unit.cells), (False, True), strict=True):
                if text:
                    made.append(replace(unit, text=text, other=in_other, cells=()))
    return made
