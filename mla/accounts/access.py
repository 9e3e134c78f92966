"""The generic access check behind every package's own `access_<x>_by_id`."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from mla.accounts.actors import Actor
from mla.core.errors import MlaError

M = TypeVar("M", bound=Model)


class AccessDenied(MlaError):
    """The object is not there, or not for this actor: the answer does not tell which."""

    def __init__(self, kind: str, reference: object, actor: Actor | None = None) -> None:
        self.kind, self.reference, self.actor = kind, str(reference), actor
        super().__init__(f"there is no {kind} {reference} that you may see")


def access(visible: QuerySet[M], *, actor: Actor, kind: str, **lookup: object) -> M:
    """Return the one object of `visible` (already narrowed to the actor) that `lookup` names.

    Raises:
        AccessDenied: absent or hidden, without saying which.
    """
    found = visible.filter(**lookup).first()
    if found is None:
        raise AccessDenied(kind, next(iter(lookup.values()), ""), actor)
    return found
