"""Reading files that are on their way to a letter: each person's own."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.models_uploads import AnnexUpload


def uploads_of(actor: Actor, letter: LetterOfRequest) -> QuerySet[AnnexUpload]:
    """Return the actor's own files on their way to a letter; the caller has checked the letter."""
    return _own(actor, letter).filter(taken_at=None)


def _own(actor: Actor, letter: LetterOfRequest) -> QuerySet[AnnexUpload]:
    return AnnexUpload.objects.filter(letter=letter, by_id=actor.user_id)


def access_upload(actor: Actor, letter: LetterOfRequest, public_id: UUID) -> AnnexUpload:
    """Return a file of the actor's own on its way to a letter that the caller has checked, or lately an annex of it.

    Raises:
        AccessDenied: absent, or another's, without saying which.
    """
    return access(_own(actor, letter), actor=actor, kind="annex_upload", public_id=public_id)
