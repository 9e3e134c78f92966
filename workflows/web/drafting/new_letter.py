"""The identity of a letter that a form will make: one form, one letter, however often it is sent."""

from __future__ import annotations

from uuid import UUID

from django.core.signing import BadSignature, Signer

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.core.ids import uuid7
from workflows.drafting.models import LetterOfRequest


def _signer(actor: Actor) -> Signer:
    return Signer(salt=f"letter_new {actor.user_id} {actor.authority_id}")


def new_key(actor: Actor) -> str:
    """Return the identity of the letter that a form will make, signed for its person: nobody can name another's."""
    return _signer(actor).sign(str(uuid7()))


def read_key(given: str, actor: Actor) -> UUID:
    """Return the identity that a form was given.

    Raises:
        AccessDenied: it was not given to this person; whether there is such a letter is not looked at.
    """
    try:
        return UUID(_signer(actor).unsign(given))
    except BadSignature:
        raise AccessDenied("letter", given, actor) from None


def made_before(key: UUID, actor: Actor) -> UUID | None:
    """Return the request that this form made already."""
    made = LetterOfRequest.objects.filter(public_id=key, created_by=actor.user_id, authority=actor.authority_id)
    letter = made.select_related("outgoing").first()
    return letter.outgoing.public_id if letter else None
