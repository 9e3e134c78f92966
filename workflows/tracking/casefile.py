"""Everything that the page of one case shows, read once: a fixed number of queries whatever the case's length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.core import clock
from mla.reference.models import Authority
from workflows.drafting.models import Comment, NamedOfficer
from workflows.drafting.selectors import visible_versions
from workflows.exchange.models import Message, Receipt
from workflows.lifecycle.models import (
    Condition,
    Evidence,
    IncomingRequest,
    OpenPoint,
    OutgoingRequest,
    Postponement,
    RecordedProof,
    RequestedItem,
)
from workflows.lifecycle.models.incoming import IncomingNamedOfficer
from workflows.lifecycle.models.parts import SentPart, sent_parts
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.tracking.at_court import AtCourt, hidden_here, with_courts, withheld_there
from workflows.tracking.ball import Held
from workflows.tracking.cases import Case
from workflows.tracking.deadlines import Deadline
from workflows.tracking.due import Known, case_deadlines
from workflows.tracking.executing import Execution, execution_of
from workflows.tracking.labels import message_label
from workflows.tracking.picture import Picture, carried, picture
from workflows.tracking.timeline import CaseRows, TimelineEntry, case_ball, case_rows, case_timeline
from workflows.tracking.together import marks
from workflows.tracking.wishing import Wishes, wishes_of

_JOINED_OUT = ("letter", "central__jurisdiction", "originating", "addressee__jurisdiction", "letter__requested")
_JOINED_IN = ("authority__jurisdiction", "sender__jurisdiction", "executing", "requesting")

_PUT_OFF = frozenset({"incoming.postpone", "outgoing.note_postponement"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of the conversation, with its receipts. `arrived`: of one that came, when, by our clock."""

    message: Message
    label: str
    channel: str
    status: str
    status_label: str
    failure: str
    receipts: Sequence[Receipt]
    arrived: datetime | None = None

    @property
    def clock_ahead(self) -> bool:
        """Tell whether its sender's clock was ahead of ours: it says to have been written after it came."""
        return self.arrived is not None and self.message.written_at > self.arrived


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One side's file of a case. `held_for`: how long whoever has it now has had it; None when closed."""

    case: Case
    rows: CaseRows
    entries: list[TimelineEntry]
    held: list[Held]
    held_for: timedelta | None
    picture: Picture | None
    messages: list[Sent]
    evidence: list[Evidence]
    points: list[OpenPoint]
    postponements: list[Postponement]
    at_court: AtCourt
    #: Files that the reader may not open, because a filter withheld them.
    hidden_here: set[UUID]
    withheld_there: list[tuple[int, str]]
    execution: Execution
    wishes: Wishes
    deadlines: list[Deadline]
    officers: list[str]
    comments: list[Comment]
    proofs: list[RecordedProof]
    authorities: dict[int, Authority]

    @property
    def holder(self) -> Held | None:
        return self.held[-1] if self.held and self.held[-1].party != "nobody" else None

    @property
    def parts(self) -> list[SentPart]:
        """Return the parts of the result that went or came, in their order, each with its files."""
        return sent_parts(self.evidence)

    @property
    def refused_there(self) -> set[int]:
        """The complements asked whose message the other side did not take in, as where its case is closed."""
        asked = [point for point in self.points if point.kind == OpenPoint.Kind.COMPLEMENT]
        # Each of our questions is one message, written in their order.
        told = [
            sent for sent in self.messages if (sent.message.type, sent.message.direction) == ("complement_asked", "out")
        ]
        return {point.pk for point, sent in zip(asked, told, strict=False) if sent.status == "rejected"}

    @property
    def open_points(self) -> list[OpenPoint]:
        return [point for point in self.points if point.answered_at is None]


def access_case(actor: Actor, kind: str, public_id: UUID | str) -> Case:
    """Return the case with the offices and States it names. `kind`: outgoing or incoming. One query.

    Raises:
        AccessDenied: absent or hidden, without saying which.
    """
    if kind == "outgoing":
        out: QuerySet[OutgoingRequest] = visible_outgoing(actor).select_related(*_JOINED_OUT).annotate(**marks(kind))
        return access(out, actor=actor, kind="request out", public_id=public_id)
    inward: QuerySet[IncomingRequest] = visible_incoming(actor).select_related(*_JOINED_IN).annotate(**marks(kind))
    return access(inward, actor=actor, kind="request in", public_id=public_id)


def case_file(actor: Actor, case: Case, *, mirrored: bool = False, zone: tzinfo = UTC) -> CaseFile:
    """Return all that the page of a case shows. For callers that have the case from `access_case`.

    `mirrored`: the picture runs from right to left. `zone`: the reader's, for the days of the picture.
    """
    now = clock.now()
    authorities = _authorities(case)
    # Points, items and evidence once, for what is shown and for which acts are open.
    prefetch_related_objects(
        [case],
        Prefetch("openpoint_set", OpenPoint.objects.order_by("id")),
        Prefetch("items", RequestedItem.objects.order_by("id")),
        Prefetch("evidence_set", Evidence.objects.select_related("item", "carried__part", "withheld").order_by("id")),
    )
    rows = case_rows(case, actor=actor, with_jobs=False)
    entries = case_timeline(actor, case, rows, {pk: office.code for pk, office in authorities.items()})
    # Few cases were ever put off: the others are told so without a query, for the page and for which acts are open.
    put_off = any(entry.act in _PUT_OFF for entry in entries)
    rows_of_it = Postponement.objects.order_by("id") if put_off else Postponement.objects.none()
    prefetch_related_objects([case], Prefetch("postponement_set", rows_of_it))
    at_court = with_courts(case, (entry.act for entry in entries))
    execution = execution_of(case, entries)
    wishes = wishes_of(case, entries)
    held = case_ball(case, entries)
    points = list(case.openpoint_set.all())
    if isinstance(case, OutgoingRequest) and actor.authority_id not in (case.originating_id, case.central_id):
        points = [point for point in points if point.kind in OpenPoint.SHARED]
    with_conditions(points)
    deadlines = case_deadlines(actor, case, known=Known(rows.items, points, authorities, rows.short))
    # So that asking for the open acts does not read the letter again.
    case.read_offers = [offer for one in deadlines for offer in one.offers]  # type: ignore[union-attr]
    for item in rows.items:
        # So that asking each item for its acts does not read its case again.
        setattr(item, case.KIND, case)
    written = {str(message.message_id): message.written_at for message in rows.messages}
    arrived = {str(entry.ids.get("message")): entry.at for entry in entries if entry.act == "message.receive"}
    last = held[-1] if held and held[-1].party != "nobody" else None
    return CaseFile(
        case=case,
        rows=rows,
        entries=entries,
        held=held,
        held_for=last.length(now) if last else None,
        picture=picture(entries, held, carried(entries, written), now=now, mirrored=mirrored, zone=zone),
        messages=[_sent(message, rows, arrived) for message in rows.messages],
        evidence=list(case.evidence_set.all()),
        points=points,
        postponements=list(case.postponement_set.all()),
        at_court=at_court,
        hidden_here=hidden_here(actor, case.evidence_set.all(), at_court.filters),
        withheld_there=withheld_there(case),
        execution=execution,
        wishes=wishes,
        deadlines=deadlines,
        officers=_officers(case),
        comments=_comments(actor, case),
        proofs=list(case.proofs.order_by("id")) if isinstance(case, OutgoingRequest) else [],
        authorities=authorities,
    )


def with_conditions(points: Sequence[OpenPoint]) -> None:
    """Read the conditions of the offers among these points, by one query, or by none where nothing was offered."""
    offers = [point for point in points if point.kind in {OpenPoint.Kind.CONDITIONS, OpenPoint.Kind.OFFER}]
    prefetch_related_objects(offers, Prefetch("conditions", Condition.objects.select_related("item").order_by("id")))


def _authorities(case: Case) -> dict[int, Authority]:
    offices: list[Any]
    if isinstance(case, OutgoingRequest):
        offices = [case.originating, case.central, case.addressee]
    else:
        offices = [case.authority, case.sender, case.executing]
    return {office.pk: office for office in offices if office is not None}


def _sent(message: Message, rows: CaseRows, arrived: Mapping[str, datetime]) -> Sent:
    way = getattr(message, "transmission", None)
    return Sent(
        message=message,
        label=message_label(message.type),
        channel=way.channel if way else "",
        status=way.status if way else message.status,
        status_label=str(way.get_status_display() if way else message.get_status_display()),
        failure=(way.failure if way else message.refusal) or "",
        receipts=rows.receipts.get(way.pk, []) if way else [],
        arrived=arrived.get(str(message.message_id)),
    )


def _officers(case: Case) -> list[str]:
    if isinstance(case, OutgoingRequest):
        named: Any = NamedOfficer.objects.filter(letter=case.letter_id, ended_at=None)
    else:
        named = IncomingNamedOfficer.objects.filter(incoming=case)
    return [str(row.user) for row in named.select_related("user").order_by("id")]


def _comments(actor: Actor, case: Case) -> list[Comment]:
    """Return the remarks on the versions of the letter that the actor may read."""
    if not isinstance(case, OutgoingRequest):
        return []
    readable = visible_versions(case.letter, actor).order_by().values("pk")
    return list(Comment.objects.filter(version__in=readable).select_related("author", "version").order_by("id"))
