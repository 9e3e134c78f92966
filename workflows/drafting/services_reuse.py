"""What was copied into a letter is looked at again by a person, part by part."""

from __future__ import annotations

from collections.abc import Collection

from mla.accounts.actors import Actor
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.models_reuse import CopiedPart
from workflows.engine.acts import one_act
from workflows.engine.perform import perform


def letter_copied_check(*, letter: LetterOfRequest, by: Actor, parts: Collection[str]) -> LetterOfRequest:
    """Mark parts as looked at; those that are no copy, or were looked at before, stay as they are.

    For whoever writes on the open version.

    Raises:
        ActForbidden, ActNotPossible: see letter_save.
    """
    with one_act():
        now = LetterOfRequest.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        rows = list(CopiedPart.objects.filter(letter=now, part__in=parts, checked_at=None))
        return perform(now, "check_copied", by=by, rows=rows) if rows else now
