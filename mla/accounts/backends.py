"""The person of a session together with the hats: one query for what every page needs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from mla.accounts.models import Membership, User
from mla.core import clock


class DeskBackend(ModelBackend):
    """Passwords as Django keeps them; the person of a session comes with the hats in effect (`hats_of`)."""

    def get_user(self, user_id: Any) -> User | None:
        held = Membership.objects.valid(clock.now()).filter(user=user_id)
        hats = list(held.select_related("user", "authority__jurisdiction").order_by("pk"))
        if not hats:
            return super().get_user(user_id)
        user = hats[0].user
        for hat in hats:
            hat.user = user
        user._hats = hats  # type: ignore[attr-defined]
        return user if self.user_can_authenticate(user) else None


def hats_of(user: User) -> list[Membership]:
    """Return the memberships of a person in effect now, each with its authority and State, in the order of their start.

    Of the person of the present request they were read with it, moments ago.
    """
    hats: list[Membership] | None = getattr(user, "_hats", None)
    if hats is None:
        held = Membership.objects.valid(clock.now()).filter(user=user)
        hats = list(held.select_related("authority__jurisdiction").order_by("pk"))
        for hat in hats:
            hat.user = user
    return hats
