"""Where one case stands, in one value: for the timeline command, the demonstration's report and the case page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from workflows.exchange.models import Transmission
from workflows.lifecycle.models import OpenPoint, OutgoingRequest
from workflows.tracking.ball import Held, waiting
from workflows.tracking.cases import Case, log_owner_id
from workflows.tracking.deadlines import Deadline
from workflows.tracking.due import case_deadlines
from workflows.tracking.labels import status_label
from workflows.tracking.timeline import TimelineEntry, case_ball, case_timeline, parties_of


@dataclass(frozen=True, slots=True)
class ItemState:
    key: str
    measure: str
    status: str
    ground: str
    article: str


@dataclass(frozen=True, slots=True)
class TransmissionState:
    message_id: str
    type: str
    seq: int
    hash: str
    channel: str
    status: str


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """How far a request out is: references, statuses, hashes and instants (UTC); no text of the case."""

    reference: str
    peer_reference: str
    status: str
    outcome: str
    peer_status: str
    peer_status_at: datetime | None
    urgency: str
    channel: str
    approved_hash: str
    document_sha256: str
    approved_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    concluded_at: datetime | None
    closed_at: datetime | None
    items: tuple[ItemState, ...]
    evidence_sha256: tuple[str, ...]
    transmissions: tuple[TransmissionState, ...]
    open_points: int
    deadlines: tuple[Deadline, ...]
    held: tuple[Held, ...]
    waited: dict[str, timedelta]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values; time spans in seconds."""
        plain = {name: _iso(value) if name.endswith("_at") else value for name, value in _plain(self).items()}
        return plain | {
            "items": [_plain(item) for item in self.items],
            "evidence_sha256": list(self.evidence_sha256),
            "transmissions": [_plain(sent) for sent in self.transmissions],
            "deadlines": [deadline.as_dict() for deadline in self.deadlines],
            "held": [_held(stretch) for stretch in self.held],
            "waited": {code: int(time.total_seconds()) for code, time in self.waited.items()},
        }


def case_summary(outgoing: OutgoingRequest) -> CaseSummary:
    """Return how far a request out is; a fixed number of queries. For callers that have checked access."""
    entries = case_timeline(None, outgoing)
    held = case_ball(outgoing, entries)
    parties = parties_of(outgoing)
    transmissions = (
        Transmission.objects.filter(
            message__authority_id=log_owner_id(outgoing), message__conversation_id=outgoing.conversation_id
        )
        .order_by("id")
        .values_list("message__message_id", "message__type", "message__seq", "message__hash", "channel", "status")
    )
    return CaseSummary(
        reference=outgoing.reference,
        peer_reference=outgoing.peer_reference,
        status=outgoing.status,
        outcome=outgoing.outcome,
        peer_status=outgoing.peer_status,
        peer_status_at=outgoing.peer_status_at,
        urgency=outgoing.urgency,
        channel=outgoing.channel,
        approved_hash=outgoing.approved_hash,
        document_sha256=outgoing.document_sha256,
        approved_at=outgoing.approved_at,
        sent_at=outgoing.sent_at,
        acknowledged_at=outgoing.acknowledged_at,
        concluded_at=outgoing.concluded_at,
        closed_at=outgoing.closed_at,
        items=tuple(
            ItemState(item.key, item.measure, item.status, item.ground, item.article)
            for item in outgoing.items.order_by("id")
        ),
        evidence_sha256=tuple(outgoing.evidence_set.order_by("id").values_list("sha256", flat=True)),
        transmissions=tuple(TransmissionState(str(row[0]), *row[1:]) for row in transmissions),
        open_points=outgoing.openpoint_set.filter(answered_at=None).count(),
        deadlines=tuple(case_deadlines(None, outgoing)),
        held=tuple(held),
        waited={parties.get(pk, str(pk)): time for pk, time in waiting(held, clock.now()).items()},
    )


@dataclass(frozen=True, slots=True)
class CaseState:
    """One side of a case with its whole timeline. Instants are UTC."""

    title: str
    side: str
    reference: str
    peer_reference: str
    status: str
    status_label: str
    outcome: str
    outcome_label: str
    peer_status: str
    peer_status_at: datetime | None
    parties: dict[int, str]
    entries: list[TimelineEntry]
    held: list[Held]
    open_points: list[OpenPoint]
    deadlines: list[Deadline]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values: identifiers and hashes, no question and no reason."""
        return {
            "side": self.side,
            "authorities": sorted(self.parties.values()),
            "reference": self.reference,
            "peer_reference": self.peer_reference,
            "status": self.status,
            "outcome": self.outcome,
            "peer_status": self.peer_status,
            "peer_status_at": _iso(self.peer_status_at),
            "timeline": [entry.as_dict() for entry in self.entries],
            "held": [_held(held) | {"authority": self.parties.get(held.authority_id or 0, "")} for held in self.held],
            "open_points": [
                {
                    "point": str(point.point_id),
                    "kind": point.kind,
                    "asked_by": point.asked_by,
                    "asked_at": _iso(point.asked_at),
                    "due": point.due.isoformat() if point.due else None,
                }
                for point in self.open_points
            ],
            "deadlines": [
                deadline.as_dict() | {"authority": self.parties.get(deadline.for_authority_id, "")}
                for deadline in self.deadlines
            ],
        }


def case_state(actor: Actor | None, case: Case) -> CaseState:
    """Return where a case stands, with its timeline, open points and deadlines; a fixed number of queries.

    Raises:
        AccessDenied: the actor may not see the case. None is the operator.
    """
    entries = case_timeline(actor, case)
    parties = parties_of(case)
    said, said_at = (case.peer_status, case.peer_status_at) if isinstance(case, OutgoingRequest) else ("", None)
    if isinstance(case, OutgoingRequest):
        ours, theirs = parties.get(case.central_id, ""), parties.get(case.addressee_id or 0, "?")
        title = _("Request out of %(ours)s to %(theirs)s") % {"ours": ours, "theirs": theirs}
    else:
        ours, theirs = parties.get(case.authority_id, ""), parties.get(case.sender_id, "")
        title = _("Request in to %(ours)s from %(theirs)s") % {"ours": ours, "theirs": theirs}
    return CaseState(
        title=title,
        side=case.KIND,
        reference=case.reference,
        peer_reference=case.peer_reference,
        status=case.status,
        status_label=status_label(case.KIND, case.status),
        outcome=case.outcome,
        outcome_label=str(case.get_outcome_display()),
        peer_status=said,
        peer_status_at=said_at,
        parties=parties,
        entries=entries,
        held=case_ball(case, entries),
        open_points=list(case.openpoint_set.filter(answered_at=None).order_by("id")),
        deadlines=case_deadlines(actor, case),
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _plain(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _held(held: Held) -> dict[str, Any]:
    return {
        "party": held.party,
        "authority_id": held.authority_id,
        "why": held.why,
        "since": _iso(held.since),
        "until": _iso(held.until),
    }
