"""Intent against effect: what an act should have led to, and whether it is there or at least on its way.

Each check is one statement, so that it sees one moment: a job that ends meanwhile cannot be missed on both
sides. What is safe to have twice is ordered again, under the lock of its row and after a second look; the
rest is an alarm, which closes itself when it no longer holds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import OperationalError
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from mla.core import clock
from workflows.engine.acts import one_act
from workflows.engine.errors import error_told, frames_of
from workflows.engine.models import CaseRow, OutboxJob
from workflows.engine.services import enqueue_again
from workflows.exchange.channels import channel_named, channel_names
from workflows.exchange.models import Message, Transmission
from workflows.exchange.receiving import message_receive
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.tracking.models import Alarm

logger = logging.getLogger(__name__)

#: How long an effect may take before it is missed.
PATIENCE = timedelta(minutes=10)
HELD_TOO_LONG = timedelta(hours=1)
#: How long the registry has to record what it sent by hand.
BY_HAND = timedelta(days=3)
#: Jobs of one event on one row in a day, the first one included; then a person looks.
MOST_TRIES = 3
#: Rows of one check in one run; the next run takes the next ones.
MOST_ROWS = 1000

ALIVE = [OutboxJob.Status.DUE, OutboxJob.Status.LEASED, OutboxJob.Status.PARKED]
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Missing:
    """An effect that is not there. `repair` tells whether it was ordered again, or is there after all."""

    kind: Alarm.Kind
    object_type: str
    object_id: int
    authority_id: int
    detail: dict[str, Any] = field(default_factory=dict)
    repair: Callable[[], bool] | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        return (str(self.kind), self.object_type, self.object_id)


@dataclass(frozen=True, slots=True)
class Reconciled:
    repaired: int
    raised: int
    closed: int
    open: int


def reconcile() -> Reconciled:
    """Compare intent with effect, repair or raise alarms, close those that no longer hold.

    By the sweep "tracking.reconcile". Runs beside others without harm.
    """
    now = clock.now()
    repaired, standing = 0, dict[tuple[str, str, int], Missing]()
    # One act: the audit entries of all repairs are written at its end, chain after chain in one order.
    with one_act():
        for check in CHECKS:
            for missing in check(now):
                left = _after_repair(missing)
                if left is None:
                    repaired += 1
                else:
                    standing[left.key] = left
        raised = _raise_alarms(standing, now)
        closed = _close_alarms(standing, now)
    return Reconciled(repaired, raised, closed, len(standing))


def _after_repair(missing: Missing) -> Missing | None:
    if missing.repair is None:
        return missing
    try:
        # A savepoint: a repair that fails takes nothing of the others with it.
        with one_act():
            return None if missing.repair() else missing
    except OperationalError:
        raise
    except Exception as error:
        told, frames = error_told(error), frames_of(error)
        logger.error("repair of %s, %s %s: %s\n%s", missing.kind, missing.object_type, missing.object_id, told, frames)  # noqa: TRY400 see error_told
        return Missing(
            Alarm.Kind.REPAIR_FAILED,
            missing.object_type,
            missing.object_id,
            missing.authority_id,
            missing.detail | {"missing": str(missing.kind)},
        )


def _raise_alarms(standing: dict[tuple[str, str, int], Missing], now: datetime) -> int:
    there = set(Alarm.objects.filter(closed_at=None).values_list("kind", "object_type", "object_id"))
    new = [standing[key] for key in sorted(standing.keys() - there)]
    Alarm.objects.bulk_create(
        [
            Alarm(
                authority_id=missing.authority_id,
                kind=missing.kind,
                object_type=missing.object_type,
                object_id=missing.object_id,
                detail=missing.detail,
                raised_at=now,
            )
            for missing in new
        ],
        ignore_conflicts=True,
    )
    for missing in new:
        logger.error("alarm: %s, %s %s", missing.kind, missing.object_type, missing.object_id)
    return len(new)


def _close_alarms(standing: dict[tuple[str, str, int], Missing], now: datetime) -> int:
    over = [
        alarm.pk
        for alarm in Alarm.objects.filter(closed_at=None)
        if (alarm.kind, alarm.object_type, alarm.object_id) not in standing
    ]
    return Alarm.objects.filter(pk__in=over, closed_at=None).update(closed_at=now)


# --- the checks ---


def _approved_without_document(now: datetime) -> Iterator[Missing]:
    missing = OutgoingRequest.objects.filter(
        ~_alive("outgoing", "outgoing.approved"),
        Q(document_sha256="") | ~Q(document_content_hash=F("approved_hash")),
        status="approved",
        approved_at__lt=now - PATIENCE,
    ).exclude(awaits_signature="scan")
    for case in _rows(missing):
        payload = {"version": case.approved_version_id}
        yield _orderable(Alarm.Kind.NO_DOCUMENT, case, missing, "outgoing.approved", payload)


def _confirmed_without_document(now: datetime) -> Iterator[Missing]:
    """What went out provisionally was confirmed, and the confirmation in writing is not made or not written."""
    confirmed = OutgoingRequest.objects.filter(confirmed_at__lt=now - PATIENCE)
    unmade = confirmed.filter(~_alive("outgoing", "outgoing.confirmed"), confirmation_sha256="").exclude(
        awaits_signature="scan"
    )
    for case in _rows(unmade):
        payload = {"version": case.approved_version_id}
        yield _orderable(Alarm.Kind.NO_DOCUMENT, case, unmade, "outgoing.confirmed", payload)
    unwritten = confirmed.filter(~_alive("outgoing", "outgoing.confirmation_ready"), ~_written("confirmation")).exclude(
        confirmation_sha256=""
    )
    for case in _rows(unwritten):
        yield _orderable(Alarm.Kind.NOT_WRITTEN, case, unwritten, "outgoing.confirmation_ready", {})


def _written(message_type: str) -> Exists:
    """Tell of a request out whether a message of this type was written for it."""
    conversation = {"authority": OuterRef("central"), "conversation_id": OuterRef("conversation_id")}
    return Exists(Message.objects.filter(**conversation, direction="out", type=message_type))


def _sent_without_message(now: datetime) -> Iterator[Missing]:
    missing = OutgoingRequest.objects.filter(
        ~_alive("outgoing", "outgoing.sent"),
        ~_written("request"),
        # What an earlier register knows to be sent was sent from there.
        taken_over=False,
        status__in=WITH_THE_OTHER_STATE,
        sent_at__lt=now - PATIENCE,
    )
    for case in _rows(missing):
        yield _orderable(Alarm.Kind.NOT_WRITTEN, case, missing, "outgoing.sent", {"channel": case.channel})


def _message_without_way(now: datetime) -> Iterator[Missing]:
    """A message that neither arrived nor has a job that will still carry it."""
    electronic = [name for name in channel_names() if channel_named(name).electronic]
    late = Transmission.objects.filter(changed_at__lt=now - PATIENCE, channel__in=electronic).filter(
        ~_alive("transmission", "transmission.queued")
    )
    waiting = late.filter(status__in=["queued", "failed"])
    for sent in _rows(waiting):
        yield _orderable(Alarm.Kind.NOT_DELIVERED, sent, waiting, "transmission.queued", {})
    for sent in _rows(late.filter(status__in=["submitted", "parked"])):
        yield _alarm(Alarm.Kind.NOT_DELIVERED, sent, {"status": sent.status})
    by_hand = Transmission.objects.exclude(channel__in=electronic)
    came_back = Q(status="rejected") | Q(status="failed") & ~Q(channel__in=electronic)
    for sent in _rows(Transmission.objects.filter(_of_an_open_case(), came_back)):
        yield _alarm(Alarm.Kind.NOT_DELIVERED, sent, {"status": sent.status})
    for sent in _rows(by_hand.filter(status="queued", changed_at__lt=now - BY_HAND)):
        yield _alarm(Alarm.Kind.NOT_RECORDED, sent, {"channel": sent.channel})


def _of_an_open_case() -> Q:
    conversation = {"conversation_id": OuterRef("message__conversation_id")}
    outgoing = OutgoingRequest.objects.filter(central=OuterRef("authority"), **conversation).exclude(status="closed")
    incoming = IncomingRequest.objects.filter(authority=OuterRef("authority"), **conversation).exclude(status="closed")
    return Q(Exists(outgoing)) | Q(Exists(incoming))


def _logs_differ(now: datetime) -> Iterator[Missing]:
    """Two authorities of this installation: what one log says was delivered stands in the other, byte for byte."""
    there = Message.objects.filter(authority=OuterRef("peer"), message_id=OuterRef("message_id"))
    # The other log's authority knows the message under this one as its peer.
    there = there.filter(peer=OuterRef("authority"))
    delivered = Message.objects.filter(
        direction="out",
        peer__hosted_here=True,
        transmission__channel=LOCAL,
        transmission__status__in=["delivered", "retrieved"],
    )
    lost = delivered.filter(~Exists(there.filter(direction="in")))
    for message in _rows(lost):
        yield _alarm(Alarm.Kind.MISSING_THERE, message, repair=partial(_deliver_again, message, lost))
    for message in _rows(delivered.filter(Exists(there.filter(direction="in").exclude(hash=OuterRef("hash"))))):
        yield _alarm(Alarm.Kind.DIFFERS, message)
    unknown = Message.objects.filter(direction="in", peer__hosted_here=True).filter(
        ~Exists(there.filter(direction="out"))
    )
    for message in _rows(unknown):
        yield _alarm(Alarm.Kind.MISSING_HERE, message)


def _received_without_end(now: datetime) -> Iterator[Missing]:
    """A message in, not applied, with no job that will still apply it."""
    before = Message.objects.filter(
        authority=OuterRef("authority"),
        conversation_id=OuterRef("conversation_id"),
        peer=OuterRef("peer"),
        direction="in",
        seq=OuterRef("seq") - 1,
        status__in=["applied", "refused"],
    )
    idle = Message.objects.filter(
        ~_alive("message", "message.received"), direction="in", changed_at__lt=now - PATIENCE
    ).defer("envelope")
    ready = idle.filter(Q(status="received") | Q(Exists(before), status="held"))
    for message in _rows(ready):
        channel = _channel_of(message)
        if channel:
            yield _orderable(Alarm.Kind.NOT_APPLIED, message, ready, "message.received", {"channel": channel})
        else:
            yield _alarm(Alarm.Kind.NOT_APPLIED, message)
    held = Message.objects.filter(status="held", changed_at__lt=now - HELD_TOO_LONG).defer("envelope")
    for message in _rows(held.filter(~Exists(before))):
        yield _alarm(Alarm.Kind.HELD, message, {"seq": message.seq})


def _applied_and_not_told(now: datetime) -> Iterator[Missing]:
    """The receiver on this installation is done with a message, and its sender does not know."""
    waiting = Transmission.objects.filter(
        channel=LOCAL,
        status="delivered",
        message__authority=OuterRef("peer"),
        message__message_id=OuterRef("message_id"),
    )
    untold = Message.objects.filter(
        Exists(waiting), direction="in", status__in=["applied", "refused"], changed_at__lt=now - PATIENCE
    ).defer("envelope")
    for status in ("applied", "refused"):
        event = f"message.{status}"
        rows = untold.filter(~_alive("message", event), status=status)
        for message in _rows(rows):
            yield _orderable(Alarm.Kind.NOT_DELIVERED, message, rows, event, {"message": str(message.message_id)})


def _parked(now: datetime) -> Iterator[Missing]:
    for job in _rows(OutboxJob.objects.filter(status=OutboxJob.Status.PARKED)):
        detail = {"event": job.event, "handler": job.handler, "on": job.object_type, "id": job.object_id}
        yield Missing(Alarm.Kind.PARKED, "job", job.pk, job.authority_id, detail)


CHECKS: tuple[Callable[[datetime], Iterator[Missing]], ...] = (
    _approved_without_document,
    _confirmed_without_document,
    _sent_without_message,
    _message_without_way,
    _logs_differ,
    _received_without_end,
    _applied_and_not_told,
    _parked,
)


# --- shared ---


def _rows(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.order_by("id")[:MOST_ROWS])


def _alive(object_type: str, event: str) -> Any:
    return Exists(
        OutboxJob.objects.filter(object_type=object_type, object_id=OuterRef("pk"), event=event, status__in=ALIVE)
    )


def _alarm(
    kind: Alarm.Kind, row: CaseRow, detail: dict[str, Any] | None = None, repair: Callable[[], bool] | None = None
) -> Missing:
    return Missing(kind, row.KIND, row.pk, row.authority_id, detail or {}, repair)


def _orderable(kind: Alarm.Kind, row: CaseRow, still: QuerySet[Any], event: str, payload: dict[str, Any]) -> Missing:
    return _alarm(kind, row, {"event": event}, partial(_order_again, row, still, event, payload))


def _order_again(row: CaseRow, still: QuerySet[Any], event: str, payload: dict[str, Any]) -> bool:
    """Order an effect again; false where that was tried enough, or a person gave it up, or nobody handles it."""
    if not _missing_under_lock(row, still):
        return True
    tried = OutboxJob.objects.filter(object_type=row.KIND, object_id=row.pk, event=event)
    latest = tried.order_by("-id").first()
    if latest is not None and latest.status == OutboxJob.Status.SKIPPED:
        return False
    since = clock.now() - timedelta(days=1)
    if tried.filter(created_at__gt=since).values("act_id").distinct().count() >= MOST_TRIES:
        return False
    return bool(enqueue_again(event=event, on=row, payload=payload))


def _missing_under_lock(row: CaseRow, still: QuerySet[Any]) -> bool:
    """Look again under the lock of the row: another run may have ordered it meanwhile."""
    type(row)._default_manager.select_for_update(of=("self",)).only("pk").get(pk=row.pk)
    return still.filter(pk=row.pk).exists()


def _deliver_again(message: Message, still: QuerySet[Any]) -> bool:
    if _missing_under_lock(message, still):
        # The same bytes: a log that has them after all is left as it is.
        message_receive(data=bytes(message.envelope), receiver=message.peer, channel=LOCAL)
    return True


def _channel_of(message: Message) -> str:
    """Return the channel a message came by, as its first job says; else the one inside this installation."""
    job = OutboxJob.objects.filter(object_type="message", object_id=message.pk, event="message.received").first()
    if job is not None and job.payload.get("channel"):
        return str(job.payload["channel"])
    return LOCAL if message.peer.hosted_here else ""
