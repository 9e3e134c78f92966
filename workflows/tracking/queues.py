"""The central authority's two queues: what was lodged with it, and what waits for its supervisor.

What presses most is first: by its urgency, then by the day that its letter needs, then what waits longest. A row knows what its line shows; a page is one query.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from mla.accounts.actors import Actor
from mla.core.prepared import Prepared
from workflows.drafting.models import LetterEditor
from workflows.lifecycle.models import OpenPoint, OutgoingRequest
from workflows.lifecycle.models.pressing import PLACE
from workflows.lifecycle.outcomes import OutgoingStatus
from workflows.lifecycle.selectors import visible_outgoing
from workflows.tracking.offices import with_offices
from workflows.tracking.pages import PAGE, KeptOrder, OrderedPage


def intake_queue(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[OutgoingRequest]:
    """Return what is lodged with the actor's authority and not yet put before its supervisor.

    Each row has `asked`: a query to the originating authority is open.
    """
    return _with_offices(_INTAKE.page(actor.unnamed(), after, size))


def review_queue(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[OutgoingRequest]:
    """Return what waits for approval at the actor's authority.

    Each row has `own`: the actor wrote on the letter or submitted it, so another person decides.
    """
    return _with_offices(_REVIEW.page(actor.unnamed(), after, size))


def provisional_queue(actor: Actor) -> list[OutgoingRequest]:
    """Return what the duty officer sent alone and nobody has confirmed, at the actor's authority; the first due first.

    At most PAGE: they are emergencies of one day.
    """
    return list(_PROVISIONAL.rows(actor.unnamed()))


def _provisional(actor: Actor) -> QuerySet[OutgoingRequest]:
    waiting = visible_outgoing(actor).filter(
        central_id=actor.authority_id, provisional_at__isnull=False, confirmed_at=None, sent_at__isnull=False
    )
    open_ones = waiting.exclude(desired="withdraw").exclude(status=OutgoingStatus.CLOSED)
    return open_ones.select_related("letter__requested", "provisional_by").order_by("confirmation_due_at", "id")[:PAGE]


def _with_offices(page: OrderedPage[OutgoingRequest]) -> OrderedPage[OutgoingRequest]:
    with_offices(page.rows)
    return page


def next_in_review(actor: Actor, case: OutgoingRequest) -> OutgoingRequest | None:
    """Return the first letter of the review queue, other than `case`, that the actor may decide on."""
    waiting = _in_review(actor).filter(own=False).exclude(pk=case.pk)
    found: OutgoingRequest | None = waiting.order_by("rank", "submitted_at", "pk").first()
    return found


def _lodged(actor: Actor) -> QuerySet[OutgoingRequest]:
    rows = _with_the_central_authority(actor).filter(status=OutgoingStatus.DRAFTING, lodged_at__isnull=False)
    query = OpenPoint.objects.filter(outgoing=OuterRef("pk"), kind=OpenPoint.Kind.ORIGINATOR_QUERY, answered_at=None)
    return rows.annotate(asked=Exists(query))


def _in_review(actor: Actor) -> Any:
    wrote = LetterEditor.objects.filter(version__letter=OuterRef("letter_id"), user=actor.user_id)
    rows = _with_the_central_authority(actor).filter(status=OutgoingStatus.IN_REVIEW, submitted_at__isnull=False)
    return rows.annotate(own=Case(When(Q(submitted_by=actor.user_id) | Q(Exists(wrote)), then=True), default=False))


def _with_the_central_authority(actor: Actor) -> QuerySet[OutgoingRequest]:
    """Return the cases in the hands of the actor's authority as a central one, of those that the actor may see."""
    return (
        visible_outgoing(actor)
        .filter(central_id=actor.authority_id, authority_id=F("central_id"))
        .annotate(rank=PLACE)
        .select_related("letter__requested", "letter__created_by")
    )


_INTAKE: KeptOrder[OutgoingRequest] = KeptOrder(_lodged, rank="rank", since="lodged_at")
_PROVISIONAL: Prepared[OutgoingRequest] = Prepared(_provisional)
_REVIEW: KeptOrder[OutgoingRequest] = KeptOrder(_in_review, rank="rank", since="submitted_at")
