"""Who carries out which request in, as conditions of queries: for the worklist and for the lists."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role
from mla.accounts.selectors import nobody_left
from mla.core.questions import OfEachRow
from workflows.drafting.models import Confidentiality, NamedOfficer
from workflows.lifecycle.models import Assignment, RequestedItem
from workflows.lifecycle.models.incoming import IncomingNamedOfficer


def carries_out() -> Q:
    """Return that an accepted item is with the authority that has the whole: it is given to no other."""
    accepted = RequestedItem.objects.filter(incoming=OuterRef("pk"), status="accepted")
    apart = Assignment.objects.filter(item=OuterRef("pk"), ended_at=None)
    # Few requests are divided: of the others nothing more is asked.
    other = apart.exclude(executing=F("incoming__executing"))
    return Q(divided=False) & Q(Exists(accepted)) | Q(divided=True) & Q(Exists(accepted.filter(~Exists(other))))


def given_apart(actor: Actor) -> Q:
    """Return that an accepted item is given to the actor's authority apart from the whole."""
    given = Assignment.objects.filter(
        incoming=OuterRef("pk"), executing=actor.authority_id, ended_at=None, item__status="accepted"
    )
    return Q(divided=True) & Q(OfEachRow(given))


def named_who_left(side: str) -> Q:
    """Return that a case is restricted and that all whom its authority named left: somebody is to be named."""
    if side == "outgoing":
        restricted = Q(letter__confidentiality=Confidentiality.RESTRICTED)
        named: Any = NamedOfficer.objects.filter(letter=OuterRef("letter_id"), ended_at=None)
        return restricted & nobody_left(named, OuterRef(OuterRef("letter__authority_id")))
    named = IncomingNamedOfficer.objects.filter(incoming=OuterRef("pk"))
    return Q(confidentiality=Confidentiality.RESTRICTED) & nobody_left(named, OuterRef(OuterRef("authority_id")))


def given_to_who_left() -> Q:
    """Return that what is still to be carried out is given to an officer who executes there no longer."""
    held = Membership.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=Now()),
        user=OuterRef("officer"),
        user__is_active=True,
        authority=OuterRef("executing"),
        role=Role.EXECUTING_OFFICER,
    )
    given = Assignment.objects.filter(~Exists(held), incoming=OuterRef("pk"), ended_at=None, officer__isnull=False)
    return Q(Exists(given))


def assigned_to_officer(actor: Actor) -> Q:
    """Return that the whole or an item is given to the actor in person."""
    given = Assignment.objects.filter(incoming=OuterRef("pk"), officer=actor.user_id, ended_at=None)
    return Q(OfEachRow(given))
