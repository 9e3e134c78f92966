"""Who acts, under which hat. Every change in the application has an Actor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from mla.accounts.models import Membership, Role, User
from mla.audit.services import Who
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.text import plain
from mla.reference.models import Authority


class NoSuchHat(MlaError):
    """The person holds no such role at that authority now."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person under one hat, the system, or the other State's authority.

    `authority_id` is the authority acted for; for a peer its own, for the system the one whose row
    it works on (a job runs as its authority). Made by the class methods, never by hand.
    """

    kind: Literal["user", "system", "peer"]
    id: str
    label: str
    role: str
    authority_id: int | None
    user_id: int | None = None

    @classmethod
    def user(cls, user: User, *, authority: Authority, role: Role | str) -> Actor:
        """Return `user` acting as `role` of `authority`.

        Raises:
            NoSuchHat: the user is inactive or has no such membership in effect now.
        """
        held = Membership.objects.valid(clock.now()).filter(user=user, authority=authority, role=role).exists()
        if not (held and user.is_active):
            raise NoSuchHat(f"{user} is not {Role(role).label} of {authority}")
        return cls("user", str(user.public_id), plain(str(user)), str(role), authority.pk, user.pk)

    @classmethod
    def under(cls, hat: Membership) -> Actor:
        """Return the person of a membership that was just read with its user, acting under it. No query.

        Raises:
            NoSuchHat: it is not in effect now, or the person is inactive.
        """
        now = clock.now()
        held = hat.starts_at <= now and (hat.ends_at is None or hat.ends_at > now)
        if not (held and hat.user.is_active):
            raise NoSuchHat(f"{hat.user} is not {Role(hat.role).label} of authority {hat.authority_id}")
        return cls("user", str(hat.user.public_id), plain(str(hat.user)), hat.role, hat.authority_id, hat.user_id)

    @classmethod
    def system(cls, label: str, *, authority_id: int | None) -> Actor:
        """Return the system itself, named by the part of it that acts, working for one authority."""
        return cls("system", label, label, Role.TIMER, authority_id)

    @classmethod
    def peer(cls, authority: Authority) -> Actor:
        """Return the other State's authority, known only by its messages."""
        return cls("peer", str(authority.public_id), plain(authority.name), Role.FOREIGN_OFFICER, authority.pk)

    def unnamed(self) -> Actor:
        """Return the same actor without its name, which changes nothing of what it may see: the key of a written query."""
        return replace(self, label="")

    def who(self) -> Who:
        return Who(kind=self.kind, id=self.id, label=self.label, role=self.role, authority_id=self.authority_id)
