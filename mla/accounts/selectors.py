"""Who sees which entry of the record, and which members. The only ways to a row by its identifier."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

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
