"""The working copy of a version, handed out and taken back to be compared. Nothing that comes back is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mla.accounts.actors import Actor
from workflows.documents.comparing import Compared, compared
from workflows.documents.opening import working_copy_reading
from workflows.documents.word import CONTENT_HASH, MadeFrom, source_lines, working_copy, working_parts
from workflows.documents.word_parts import units_of
from workflows.documents.word_reading import EditedCopy, copy_read_apart
from workflows.drafting.models import LetterVersion
from workflows.lifecycle.models import OutgoingRequest


@dataclass(frozen=True, slots=True)
class Comparison:
    """The approved text and an edited copy. `source`: whether the copy was made from this version: "this", "another", or
    "unknown" where it does not say."""

    rows: tuple[Compared, ...]
    copy: EditedCopy
    source: str

    def count(self, state: str) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def same(self) -> bool:
        return all(row.state == "unchanged" for row in self.rows)


def working_copy_hand_out(*, outgoing: OutgoingRequest, version: LetterVersion, by: Actor) -> bytes:
    """Return the working copy of a frozen version and record that it was taken. For whoever may read the version.

    Raises:
        LetterFileWrong: the content is no letter.
        ValueError: the version is not frozen.
    """
    made = working_copy(outgoing, version)
    working_copy_reading(version=version, sha256=hashlib.sha256(made).hexdigest(), by=by)
    return made


def copy_compare(outgoing: OutgoingRequest, version: LetterVersion, data: bytes) -> Comparison:
    """Return how an edited copy differs from a frozen version. For whoever may read the version; nothing is stored.

    Raises:
        CopyRefused: the file is not read, with the reason.
        LetterFileWrong: the content of the version is no letter.
    """
    copy = copy_read_apart(data)
    parts = working_parts(outgoing, version)
    made_from = MadeFrom(outgoing.reference, version.number, version.content_hash)
    ours = {line.text for line in source_lines(parts.language, made_from)}
    # What the copy says of itself is no part of the letter.
    edited = [unit for unit in copy.units if unit.key or unit.text not in ours]
    said = copy.made_from.get(CONTENT_HASH, "")
    source = "unknown" if not said else "this" if said == version.content_hash else "another"
    return Comparison(tuple(compared(units_of(parts), edited)), copy, source)
