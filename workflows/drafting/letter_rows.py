"""The rows that a new letter begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from mla.accounts.actors import Actor
from workflows.drafting.models import Annex, Confidentiality, LetterEditor, LetterOfRequest, LetterVersion, NamedOfficer
from workflows.drafting.models_sealed import sealed_rows
from workflows.drafting.sealing import taken_apart


def new_letter_rows(
    letter: LetterOfRequest,
    content: Mapping[str, Any],
    annexes: Sequence[Annex],
    doing_by: Actor,
    at: Any,
    *,
    writes: bool = True,
) -> list[models.Model]:
    """Return the rows that a new letter begins with: its first version, the editor, annexes, and the named officer.

    `writes`: whoever begins it is its first author; the version lies with that person's authority.
    """
    apart = taken_apart(content)
    version = LetterVersion(
        letter=letter,
        authority_id=doing_by.authority_id or letter.authority_id,
        number=1,
        content=apart.content,
        created_at=at,
        changed_at=at,
    )
    rows: list[models.Model] = [version, *sealed_rows(version, apart.sealed, doing_by.user_id, at)]
    if doing_by.user_id is not None:
        if writes:
            rows.append(LetterEditor(version=version, user_id=doing_by.user_id, at=at))
        if letter.confidentiality == Confidentiality.RESTRICTED:
            rows.append(NamedOfficer(letter=letter, user_id=doing_by.user_id, at=at))
    for annex in annexes:
        annex.version = version
        rows.append(annex)
    return rows
