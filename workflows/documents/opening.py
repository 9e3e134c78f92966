"""Handing out a stored file: checked against its hash first, and recorded with who took it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from django.db import transaction

from mla.accounts.actors import Actor
from mla.audit.models import AuditEntry
from mla.audit.services import Entry, What, Why, record
from mla.core.files import FileDamaged, FileMissing, file_open
from workflows.drafting.models import LetterVersion
from workflows.drafting.sealing import protected_keys


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored file that somebody may have: `kind` and `id` name the row it belongs to, `id` its public identifier."""

    kind: str
    id: str
    sha256: str


def file_hand_out(*, kept: Kept, by: Actor) -> BinaryIO:
    """Return the file, at its beginning, and record in the chain of the reader's authority that it was read.

    For whoever passed the access check of the row that the file belongs to. The caller closes the file.

    Raises:
        FileDamaged: the stored bytes have another hash; recorded as refused.
        FileMissing: nothing is stored under the hash; recorded as refused.
    """
    try:
        opened = file_open(kept.sha256)
    except FileDamaged:
        _record(kept, by, "file_damaged")
        raise
    except FileMissing:
        _record(kept, by, "file_missing")
        raise
    try:
        _record(kept, by, "")
    except BaseException:
        # Nobody reads what is not recorded.
        opened.close()
        raise
    return opened


def sealed_reading(*, version: LetterVersion, by: Actor) -> None:
    """Record in the chain of the reader's authority that the identities under seal of a version were read.

    For whoever passed `access_sealed`; before anything is shown.
    """
    with transaction.atomic():
        record(
            Entry(
                authority_id=by.authority_id or 0,
                act="sealed_identities.read",
                by=by.who(),
                on=What("letter", str(version.letter.public_id)),
                why=Why(code=""),
                outcome=AuditEntry.Outcome.DONE,
                detail={"version": version.number, "persons": protected_keys(version.content)},
            )
        )


def working_copy_reading(*, version: LetterVersion, sha256: str, by: Actor, translation_hash: str = "") -> None:
    """Record in the chain of the reader's authority that the working copy of a version was taken out of the house.

    For whoever may read the version; before the file is handed out. `sha256` is of the file that was made.
    """
    with transaction.atomic():
        record(
            Entry(
                authority_id=by.authority_id or 0,
                act="working_copy.read",
                by=by.who(),
                on=What("letter", str(version.letter.public_id)),
                why=Why(code=""),
                outcome=AuditEntry.Outcome.DONE,
                detail={"version": version.number, "content_hash": version.content_hash, "sha256": sha256}
                | ({"translation_hash": translation_hash} if translation_hash else {}),
            )
        )


def _record(kept: Kept, by: Actor, why: str) -> None:
    with transaction.atomic():
        record(
            Entry(
                authority_id=by.authority_id or 0,
                act=f"{kept.kind}.read",
                by=by.who(),
                on=What(kept.kind, kept.id),
                why=Why(code=why),
                outcome=AuditEntry.Outcome.REFUSED if why else AuditEntry.Outcome.DONE,
                detail={"sha256": kept.sha256},
            )
        )
