"""What the services share that begin a letter from a case: who may, that it fits the format, and once for two presses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core.reasons import Reason
from mla.reference.models import Authority
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.parsing import LetterFileWrong
from workflows.engine.errors import ActForbidden, ConditionsNotMet, DataWrong
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.outcomes import OutgoingStatus
from workflows.lifecycle.selectors import may_start, visible_outgoing


def require_drafter(case: OutgoingRequest, by: Actor, act: str) -> None:
    """Refuse whoever may not begin a letter from this case. Raises ActForbidden."""
    if not may_start(case, by):
        raise ActForbidden(act, [Reason("forbidden", _("only a drafter of this case's authorities begins it"))])


def fitting(values: dict[str, Any], act: str) -> LetterFile:
    """Return the letter file. Raises DataWrong: what was taken over does not make one, with each place."""
    try:
        return letter_from(values)
    except LetterFileWrong as wrong:
        told = [Reason("does_not_fit", f"{one.where}: {one.message}") for one in wrong.problems]
        raise DataWrong(act, told) from wrong


#: Names the letters that are begun here: the same name, the same identifier.
_SPACE = UUID("7d0c2b1e-6a5f-5f0e-9a55-3f1d2c4b6e80")


def once(name: str, by: Actor, begin: Callable[[UUID], OutgoingRequest]) -> OutgoingRequest:
    """Begin the letter of that name, unless it is there. One that was given up, or is hidden, is not begun again but anew.

    `begin`: does it under the identifier that it is given.
    """
    for number in range(1000):
        key = uuid5(_SPACE, f"{name} {by.authority_id} {number}")
        there = OutgoingRequest.objects.filter(letter__public_id=key).first()
        if there is None:
            try:
                with transaction.atomic():
                    return begin(key)
            except IntegrityError:
                # The second of two presses that came at once: the first is there by now.
                there = OutgoingRequest.objects.filter(letter__public_id=key).first()
                if there is None:
                    raise
        seen = visible_outgoing(by).filter(pk=there.pk).exists()
        if seen and there.status != OutgoingStatus.CLOSED:
            return there
    raise ConditionsNotMet("start", [Reason("too_many", _("this was begun too often"))])


def our_side(by: Actor) -> dict[str, str]:
    """Return the side of a new letter that the actor drafts: its State, its central and its originating authority."""
    own = Authority.objects.select_related("jurisdiction", "central").get(pk=by.authority_id or 0)
    originating = own.kind == Authority.Kind.ORIGINATING
    central = own.central or (None if originating else own)
    side = {"jurisdiction": own.jurisdiction.code}
    return side | ({"authority": central.code} if central else {}) | ({"originating": own.code} if originating else {})
