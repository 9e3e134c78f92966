"""What a registry has to do: what leaves, what was not acknowledged, what got stuck, what came back. Each a keyset list.

Cases stand in the order of how much they press, then the newest first; messages the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet

from mla.accounts.actors import Actor
from mla.core.prepared import MOST_KEPT, Prepared
from mla.core.questions import OfEachRow
from mla.reference.calendars import calendar_of
from workflows.exchange.channels import channel_named, channel_names
from workflows.exchange.models import Message, Transmission
from workflows.exchange.selectors import visible_transmissions
from workflows.lifecycle.models import Evidence, IncomingRequest, OutgoingRequest
from workflows.lifecycle.outcomes import IncomingStatus, OutgoingStatus
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.tracking.deadlines import acknowledgement_due, zone_named
from workflows.tracking.hanging import one_of
from workflows.tracking.labels import message_label
from workflows.tracking.offices import with_offices
from workflows.tracking.pages import PAGE, Counting, KeptPages, OrderedPage, Page, PressingPages

T = Transmission.Status
_READY = Q(status=OutgoingStatus.APPROVED, document_content_hash=F("approved_hash")) & ~Q(document_sha256="")
_WAITING = Q(status=OutgoingStatus.SENT)
_EVIDENCE = OfEachRow(Evidence.objects.filter(outgoing=OuterRef("pk"), given=None))
_CHECKED = Q(evidence_confirmed_at__isnull=False) | ~Q(_EVIDENCE)
_RESULT = Q(status=OutgoingStatus.CONCLUDED) & (
    Q(_EVIDENCE, evidence_confirmed_at=None) | _CHECKED & Q(handed_over_at=None) & ~Q(originating=F("central"))
)
_STUCK = Q(status__in=[T.FAILED, T.PARKED, T.REJECTED])


_TEXTS = ("approved_version__content", "approved_version__frozen_content")

#: Six numbers stand on each page of the registry; from here on a number says that there is more.
MOST_COUNTED = 200


@dataclass(frozen=True, slots=True)
class Counts:
    ready: int
    waiting: int
    stuck: int
    receipts: int
    results: int
    arrived: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that was sent; `due`: when it should be acknowledged, the receiver's own target, or None."""

    case: OutgoingRequest
    due: date | None


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A transmission with its message in words and its case; None where the case is not in sight."""

    transmission: Transmission
    label: str
    by_hand: bool
    case: OutgoingRequest | IncomingRequest | None


def registry_counts(actor: Actor) -> Counts:
    """Return how much of each is in sight of the actor, each counted to at most MOST_COUNTED. One query."""
    return Counts(*_counting(actor.unnamed()).numbers())


@lru_cache(maxsize=MOST_KEPT)
def _counting(actor: Actor) -> Counting:
    ours, ways = _ours(actor), visible_transmissions(actor)
    return Counting(
        ours.filter(_READY),
        ours.filter(_WAITING),
        ways.filter(_STUCK),
        ways.filter(_receipts()),
        ours.filter(_RESULT),
        _arrived(actor),
        most=MOST_COUNTED,
    )


def registry_ready(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[OutgoingRequest]:
    """Return the approved requests whose document is made: they can be sent."""
    return _with_offices(_READY_PAGES.page(actor.unnamed(), after, size))


def registry_waiting(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[Waiting]:
    """Return what was sent and is not acknowledged."""
    page = _with_offices(_WAITING_PAGES.page(actor.unnamed(), after, size))
    return OrderedPage([Waiting(case, _due(case)) for case in page.rows], page.after)


def registry_results(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[OutgoingRequest]:
    """Return what came back and is to be confirmed, or handed to the originating authority."""
    return _with_offices(_RESULT_PAGES.page(actor.unnamed(), after, size))


def registry_arrived(actor: Actor, after: str | None = None, size: int = PAGE) -> OrderedPage[IncomingRequest]:
    """Return the requests in that are to be acknowledged."""
    return _ARRIVED_PAGES.page(actor.unnamed(), after, size)


def registry_stuck(actor: Actor, after: str | None = None, size: int = PAGE) -> Page[OnTheWay]:
    """Return the transmissions that failed, were rejected, or are parked."""
    return _on_the_way(actor, _STUCK_PAGES.page(actor.unnamed(), _identity(after), size))


def registry_receipts(actor: Actor, after: str | None = None, size: int = PAGE) -> Page[OnTheWay]:
    """Return what goes by hand and whose steps are not all recorded."""
    return _on_the_way(actor, _RECEIPT_PAGES.page(actor.unnamed(), _identity(after), size))


def cases_of(actor: Actor, messages: Sequence[Message]) -> dict[Any, OutgoingRequest | IncomingRequest]:
    """Return the cases of some messages by conversation, as far as the actor may see them. Two queries."""
    wanted = list({message.conversation_id for message in messages})
    found: dict[Any, OutgoingRequest | IncomingRequest] = {}
    if wanted:
        for case in _CASES_OUT.rows(actor.unnamed(), conversations=wanted):
            found[case.conversation_id] = case
        for incoming in _CASES_IN.rows(actor.unnamed(), conversations=wanted):
            found.setdefault(incoming.conversation_id, incoming)
    return found


def _with_offices(page: OrderedPage[OutgoingRequest]) -> OrderedPage[OutgoingRequest]:
    with_offices(page.rows)
    return page


def _identity(after: str | None) -> int | None:
    return int(after) if after and after.isascii() and after.isdigit() and len(after) < 19 else None


def _ours(actor: Actor) -> QuerySet[OutgoingRequest]:
    return visible_outgoing(actor).filter(central=actor.authority_id).select_related("letter__requested")


def _arrived(actor: Actor) -> QuerySet[IncomingRequest]:
    return visible_incoming(actor).filter(authority=actor.authority_id, status=IncomingStatus.RECEIVED)


def _receipts() -> Q:
    by_hand = [name for name in channel_names() if not channel_named(name).electronic]
    return Q(channel__in=by_hand, status__in=[T.QUEUED, T.SUBMITTED])


def _due(case: OutgoingRequest) -> date | None:
    receiver = case.addressee
    if case.sent_at is None or receiver is None:
        return None
    return acknowledgement_due(
        case.sent_at,
        zone=zone_named(receiver.time_zone),
        urgency=case.urgency,
        days=receiver.acknowledgement_days,
        days_urgent=receiver.acknowledgement_days_urgent,
        calendar=calendar_of(receiver),
    )


def _ways(actor: Actor, wanted: Q) -> QuerySet[Transmission]:
    return visible_transmissions(actor).filter(wanted).select_related("message__peer").defer("message__envelope")


def _on_the_way(actor: Actor, page: Page[Transmission]) -> Page[OnTheWay]:
    cases = cases_of(actor, [row.message for row in page.rows])
    found = [
        OnTheWay(
            row,
            message_label(row.message.type),
            not channel_named(row.channel).electronic,
            cases.get(row.message.conversation_id),
        )
        for row in page.rows
    ]
    return Page(found, page.after)


_CONVERSATIONS = ("conversations",)
_CASES_OUT: Prepared[OutgoingRequest] = Prepared(
    lambda actor: (
        visible_outgoing(actor).filter(one_of("conversation_id", _CONVERSATIONS, "uuid")).select_related("letter")
    ),
    conversations=_CONVERSATIONS,
)
_CASES_IN: Prepared[IncomingRequest] = Prepared(
    lambda actor: visible_incoming(actor).filter(one_of("conversation_id", _CONVERSATIONS, "uuid")).defer("content"),
    conversations=_CONVERSATIONS,
)
# The row says which version was approved; its text is not read for that.
_READY_PAGES: PressingPages[OutgoingRequest] = PressingPages(
    lambda actor: _ours(actor).filter(_READY).select_related("approved_version").defer(*_TEXTS)
)
_WAITING_PAGES: PressingPages[OutgoingRequest] = PressingPages(lambda actor: _ours(actor).filter(_WAITING))
# Each row says whether there is evidence: then its receipt is confirmed before anything is handed over.
_RESULT_PAGES: PressingPages[OutgoingRequest] = PressingPages(
    lambda actor: _ours(actor).filter(_RESULT).annotate(has_evidence=_EVIDENCE)
)
_ARRIVED_PAGES: PressingPages[IncomingRequest] = PressingPages(
    lambda actor: _arrived(actor).select_related("sender", "requesting").defer("content")
)
_STUCK_PAGES: KeptPages[Transmission] = KeptPages(lambda actor: _ways(actor, _STUCK))
_RECEIPT_PAGES: KeptPages[Transmission] = KeptPages(lambda actor: _ways(actor, _receipts()))
