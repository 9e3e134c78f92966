"""The person of a session together with the hats: one query for what every page needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from mla.accounts.models import Membership, User
from mla.core import clock
from mla.core.prepared import Prepared


class DeskBackend(ModelBackend):
    """Passwords as Django keeps them; the person of a session comes with the hats in effect (`hats_of`)."""

    def get_user(self, user_id: Any) -> User | None:
        hats = _WITH_PERSON.rows(None, person=int(user_id), now=clock.now())
        if not hats:
            return super().get_user(user_id)
        user = hats[0].user
        user._hats = _worn(hats, user)  # type: ignore[attr-defined]
        return user if self.user_can_authenticate(user) else None


def hats_of(user: User) -> list[Membership]:
    """Return the memberships of a person in effect now, each with its authority and State, in the order of their start.

    Of the person of the present request they were read with it, moments ago.
    """
    hats: list[Membership] | None = getattr(user, "_hats", None)
    return _worn(_held(user.pk, clock.now()), user) if hats is None else hats


def _held(user_id: int, at: datetime) -> QuerySet[Membership]:
    held = Membership.objects.valid(at).filter(user=user_id)
    return held.select_related("authority__jurisdiction").order_by("pk")


#: Asked for every page: written by the ORM once, of values that are no person's and of no time.
_PERSON, _NOW = 2**40 + 11, datetime(1, 1, 2, tzinfo=UTC)
_WITH_PERSON: Prepared[Membership] = Prepared(
    lambda key: _held(_PERSON, _NOW).select_related("user", "authority__jurisdiction"), person=_PERSON, now=_NOW
)


def _worn(hats: Iterable[Membership], user: User) -> list[Membership]:
    """Let each hat know its person as the one object that is there."""
    worn = list(hats)
    for hat in worn:
        hat.user = user
    return worn
