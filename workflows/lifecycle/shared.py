"""What an officer of the other State sees of our requests: those sent to it, and of them what was sent."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.reference.models import Authority
from workflows.drafting.models import Confidentiality
from workflows.lifecycle.models import OpenPoint, OutgoingRequest, Postponement


def shared_outgoing(actor: Actor) -> QuerySet[OutgoingRequest]:
    """Return the requests that were sent to an authority of the actor's State, for its officers alone.

    A request that is not sent yet does not exist here, nor does a restricted one, at either level that names
    it so: that of the letter now and that of the version that was sent.
    """
    if actor.kind != "user" or actor.role != Role.FOREIGN_OFFICER or actor.authority_id is None:
        return OutgoingRequest.objects.none()
    state = Authority.objects.filter(pk=actor.authority_id).values("jurisdiction")
    sent = OutgoingRequest.objects.filter(
        addressee__jurisdiction__in=state, sent_at__isnull=False, approved_version__isnull=False
    )
    return sent.exclude(letter__confidentiality=Confidentiality.RESTRICTED).exclude(
        approved_version__content__confidentiality__level=str(Confidentiality.RESTRICTED)
    )


def access_shared_by_id(actor: Actor, public_id: UUID | str) -> OutgoingRequest:
    """Return the request as it was sent. Raises AccessDenied when absent, not sent, or not to the actor's State."""
    found = shared_outgoing(actor).select_related("central__jurisdiction", "addressee", "approved_version")
    return access(found, actor=actor, kind="request to us", public_id=public_id)


def shared_points(case: OutgoingRequest) -> list[OpenPoint]:
    """Return the questions between the two States; never those along our own chain."""
    points = OpenPoint.objects.filter(outgoing=case, kind__in=OpenPoint.SHARED)
    return list(points.prefetch_related("conditions__item").order_by("id"))


def shared_postponements(case: OutgoingRequest) -> list[Postponement]:
    """Return how often, why and until when their State put the request off."""
    return list(Postponement.objects.filter(outgoing=case).order_by("id"))
