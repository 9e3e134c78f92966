"""Who sees which entry of the record, and which members. The only ways to a row by its identifier."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.audit.models import AuditEntry


def visible_record(actor: Actor) -> QuerySet[AuditEntry]:
    """Return the entries of the chain of the actor's authority, for its auditors; for all others none."""
    if actor.kind != "user" or actor.role != Role.AUDITOR or actor.authority_id is None:
        return AuditEntry.objects.none()
    return AuditEntry.objects.filter(authority_id=actor.authority_id)


def access_record_by_id(actor: Actor, public_id: UUID | str) -> AuditEntry:
    """Return the entry. Raises AccessDenied when absent or of another chain."""
    return access(visible_record(actor), actor=actor, kind="record", public_id=public_id)


def visible_members(actor: Actor) -> QuerySet[Membership]:
    """Return the memberships, ended ones too, of the actor's authority, for its administrators; for all others none."""
    if actor.kind != "user" or actor.role != Role.LOCAL_ADMINISTRATOR or actor.authority_id is None:
        return Membership.objects.none()
    return Membership.objects.filter(authority_id=actor.authority_id)


def access_member_by_id(actor: Actor, public_id: UUID | str) -> User:
    """Return a person who has or had a role at the actor's authority. Raises AccessDenied when absent or hidden."""
    people = User.objects.filter(pk__in=visible_members(actor).values("user_id"))
    return access(people, actor=actor, kind="member", public_id=public_id)


#: Who answers for the cases of a central and of an originating authority.
ANSWERING = frozenset({Role.SUPERVISOR, Role.ORIGINATOR_SIGNATORY})


def falls_to(actor: Actor, named: QuerySet[Any]) -> Q | None:
    """Return which restricted cases fall to the actor because their named persons at its authority all left; None: none.

    `named`: the named persons of the row of an outer query, each with a `user`. Without this such a case would exist
    for nobody. Where nobody of the authority was ever named nothing falls to it.
    """
    if actor.kind != "user" or actor.role not in ANSWERING:
        return None
    return nobody_left(named, actor.authority_id)


def nobody_left(named: QuerySet[Any], authority: Any) -> Q:
    """Return that persons of an authority were named, and that none of them works there any more.

    `authority`: its identity, or an OuterRef that leads to it from the memberships within `named`.
    """
    hats = Membership.objects.filter(user=OuterRef("user"), authority=authority)
    held = hats.filter(Q(ends_at=None) | Q(ends_at__gt=Now()), user__is_active=True)
    return Q(Exists(named.filter(Exists(hats)))) & ~Q(Exists(named.filter(Exists(held))))
