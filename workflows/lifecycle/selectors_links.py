"""Links for officers of the other State: those that our officers may see, and the one that an officer came in by."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mla.accounts.access import AccessDenied, access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.lifecycle.link_secrets import token_link_id
from workflows.lifecycle.models import OfficerLink
from workflows.lifecycle.selectors import visible_outgoing


def visible_officer_links(actor: Actor) -> QuerySet[OfficerLink]:
    """Return the links of the cases that the actor may see, for who may give one: they show how to get in."""
    if not holds(actor, "officer_link.give"):
        return OfficerLink.objects.none()
    found = OfficerLink.objects.filter(authority=actor.authority_id, outgoing__in=visible_outgoing(actor))
    return found.select_related("outgoing__addressee")


def access_officer_link_by_id(actor: Actor, public_id: UUID | str) -> OfficerLink:
    """Return the link. Raises AccessDenied when absent or hidden."""
    return access(visible_officer_links(actor), actor=actor, kind="officer_link", public_id=public_id)


def link_by_token(token: str) -> OfficerLink:
    """Return the link of the signed part of an address, whether it still holds or not.

    Raises:
        AccessDenied: none of ours.
    """
    return link_by_id(token_link_id(token))


def link_by_id(public_id: UUID | str) -> OfficerLink:
    """Return a link for whoever came in by it: the caller has seen its signature.

    Raises:
        AccessDenied: no such link.
    """
    found = OfficerLink.objects.select_related(
        "authority__jurisdiction", "outgoing__addressee__jurisdiction", "outgoing__central", "outgoing__approved_version",
        "outgoing__letter__requested",
    ).filter(public_id=public_id)  # fmt: skip
    link = found.first()
    if link is None:
        raise AccessDenied("officer link", str(public_id), None)
    return link
