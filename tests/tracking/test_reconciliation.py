"""Intent against effect: a lost effect is ordered again once, what cannot be mended is an alarm while it holds."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.audit.selectors import verify_chains
from mla.core import clock
from mla.core.ids import uuid7
from tests import factories
from tests.factories import Line, officer
from tests.tracking.lives import MONDAY, closed_case, sent_case
from workflows.engine import outbox
from workflows.engine.models import OutboxJob
from workflows.engine.services import enqueue_again, job_skip
from workflows.exchange.envelope import decode
from workflows.exchange.models import Message, Transmission
from workflows.exchange.receiving import message_receive
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking import reconciliation
from workflows.tracking.models import Alarm
from workflows.tracking.reconciliation import MOST_TRIES, Reconciled, reconcile
from workflows.tracking.selectors import visible_alarms

MINUTE = dt.timedelta(minutes=1)
HEALTHY = Reconciled(repaired=0, raised=0, closed=0, open=0)


def after(minutes: float) -> Reconciled:
    with clock.frozen(MONDAY + minutes * MINUTE):
        return reconcile()


def lose(event: str, **more: Any) -> None:
    """Lose the jobs of an event, as a restore of an older backup of one table would."""
    found = OutboxJob.objects.filter(event=event, **more)
    assert found.exists()
    found.delete()


def alarms() -> list[tuple[str, str]]:
    return sorted(Alarm.objects.filter(closed_at=None).values_list("kind", "object_type"))


def set_by_accident(row: Any, **columns: str) -> None:
    """Bring a row into a state that no act leads to."""
    assignments = ", ".join(f"{name} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"update {row._meta.db_table} set {assignments} where id = %s", [*columns.values(), row.pk])


def approved() -> tuple[Line, OutgoingRequest]:
    line = Line()
    with clock.frozen(MONDAY):
        return line, line.approved()


def sent(**more: Any) -> tuple[Line, OutgoingRequest]:
    """Sent on MONDAY; nothing of what follows has run."""
    line = Line()
    with clock.frozen(MONDAY):
        outgoing = line.sent()
    OutboxJob.objects.filter(event="outgoing.approved").delete()
    return line, outgoing


@pytest.mark.django_db
def test_healthy_life_needs_no_repair_and_the_look_takes_a_fixed_number_of_queries() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert after(90 * 24 * 60) == HEALTHY
        return len(captured)

    empty = queries()
    closed_case()
    sent_case()
    assert queries() == empty <= 25
    assert not Alarm.objects.exists()


@pytest.mark.django_db
def test_approved_letter_without_document_and_job_gets_its_job_again_once() -> None:
    _line, outgoing = approved()
    assert after(11) == HEALTHY, "its job is alive"
    lose("outgoing.approved")
    assert after(9) == HEALTHY, "it may still take a while"
    assert after(11) == Reconciled(repaired=1, raised=0, closed=0, open=0)
    job = OutboxJob.objects.get(event="outgoing.approved")
    assert (job.object_id, job.payload) == (outgoing.pk, {"version": outgoing.approved_version_id})
    assert after(12) == HEALTHY, "the new job is alive"
    entry = AuditEntry.objects.get(act="job.enqueue_again")
    assert (entry.object_id, entry.actor_kind, entry.act_id) == (str(outgoing.public_id), "system", job.act_id)
    assert not AuditEntry.objects.filter(act_id=job.act_id).exclude(pk=entry.pk).exists()
    assert verify_chains().broken is None
    drain()
    outgoing.refresh_from_db()
    assert outgoing.document_content_hash == outgoing.approved_hash
    assert after(60) == HEALTHY


@pytest.mark.django_db
def test_repair_that_leads_to_nothing_ends_in_one_alarm_that_closes_with_the_document() -> None:
    line, outgoing = approved()
    # Jobs that say they are done and left nothing: the first counts as a try.
    for number in range(MOST_TRIES - 1):
        OutboxJob.objects.filter(event="outgoing.approved").update(status="done")
        assert after(20 + number) == Reconciled(repaired=1, raised=0, closed=0, open=0)
    OutboxJob.objects.filter(event="outgoing.approved").update(status="done")
    assert after(30) == Reconciled(repaired=0, raised=1, closed=0, open=1)
    assert after(31) == Reconciled(repaired=0, raised=0, closed=0, open=1)
    assert alarms() == [("no_document", "outgoing")]
    for sees in (line.registry, officer(Role.LOCAL_ADMINISTRATOR, "us-central"), officer(Role.AUDITOR, "us-central")):
        assert [alarm.object_id for alarm in visible_alarms(sees)] == [outgoing.pk]
    for blind in (line.desk, line.prosecutor, line.their_registry):
        assert not visible_alarms(blind).exists()
    course.outgoing_attach_document(outgoing=outgoing, sha256="a" * 64, content_hash=outgoing.approved_hash)
    assert after(32) == Reconciled(repaired=0, raised=0, closed=1, open=0)
    assert Alarm.objects.get().closed_at == MONDAY + 32 * MINUTE


@pytest.mark.django_db
def test_job_that_gave_up_is_an_alarm_and_one_that_a_person_gave_up_is_not_ordered_again() -> None:
    _line, _outgoing = approved()
    OutboxJob.objects.filter(event="outgoing.approved").update(status="parked")
    assert after(11) == Reconciled(repaired=0, raised=1, closed=0, open=1)
    assert alarms() == [("parked", "job")]
    job = OutboxJob.objects.get(event="outgoing.approved")
    job_skip(job_id=job.pk, by=officer(Role.LOCAL_ADMINISTRATOR, "us-central"), reason="The font is missing.")
    assert after(12) == Reconciled(repaired=0, raised=1, closed=1, open=1)
    assert alarms() == [("no_document", "outgoing")]
    assert OutboxJob.objects.filter(event="outgoing.approved").count() == 1


@pytest.mark.django_db
def test_effect_that_nobody_handles_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    approved()
    lose("outgoing.approved")
    monkeypatch.delitem(outbox._handlers, "outgoing.approved")
    assert after(11) == Reconciled(repaired=0, raised=1, closed=0, open=1)
    assert alarms() == [("no_document", "outgoing")]


@pytest.mark.django_db
def test_sent_request_without_message_is_written_once_and_arrives() -> None:
    _line, outgoing = sent()
    lose("outgoing.sent")
    assert after(11) == Reconciled(repaired=1, raised=0, closed=0, open=0)
    drain()
    assert Message.objects.filter(direction="out", type="request").count() == 1
    assert IncomingRequest.objects.get().conversation_id == outgoing.conversation_id
    assert after(60) == HEALTHY


@pytest.mark.django_db
def test_message_without_a_job_to_carry_it_is_carried_and_a_parked_one_is_an_alarm() -> None:
    sent()
    drain_until("transmission.queued")
    lose("transmission.queued")
    assert after(11) == Reconciled(repaired=1, raised=0, closed=0, open=0)
    row = Transmission.objects.get()
    OutboxJob.objects.filter(event="transmission.queued").delete()
    set_by_accident(row, status="parked")
    assert after(12) == Reconciled(repaired=0, raised=1, closed=0, open=1)
    assert alarms() == [("not_delivered", "transmission")]
    set_by_accident(row, status="queued")
    assert after(13) == Reconciled(repaired=1, raised=0, closed=1, open=0)
    drain()
    assert IncomingRequest.objects.count() == 1
    assert after(60) == HEALTHY


@pytest.mark.django_db
def test_message_that_the_other_log_lacks_is_put_there_byte_for_byte() -> None:
    sent()
    drain_until("transmission.queued")
    lose("transmission.queued")
    set_by_accident(Transmission.objects.get(), status="delivered")
    assert after(1) == Reconciled(repaired=1, raised=0, closed=0, open=0)
    ours, theirs = Message.objects.order_by("id")
    assert (ours.message_id, bytes(ours.envelope)) == (theirs.message_id, bytes(theirs.envelope))
    assert theirs.direction == "in" and ours.peer_id == theirs.authority_id
    drain()
    assert IncomingRequest.objects.count() == 1
    assert Transmission.objects.get(message=ours).status == "retrieved"
    assert after(60) == HEALTHY


@pytest.mark.django_db
def test_message_with_other_bytes_or_unknown_to_its_sender_is_an_alarm() -> None:
    _line, outgoing = sent()
    drain_until("transmission.queued")
    ours = Message.objects.get(direction="out")
    envelope = decode(bytes(ours.envelope))
    other = envelope.model_copy(update={"sender_reference": "US-CENTRAL/out/2026/99999"})
    with clock.frozen(MONDAY):
        message_receive(data=other.encode(), receiver=outgoing.addressee, channel="local")
    assert after(1) == HEALTHY, "ours is not delivered yet"
    set_by_accident(Transmission.objects.get(), status="delivered")
    assert after(2) == Reconciled(repaired=0, raised=1, closed=0, open=1)
    assert alarms() == [("differs", "message")]
    never_written = envelope.model_copy(update={"message_id": uuid7(), "seq": 2})
    with clock.frozen(MONDAY):
        unknown = message_receive(data=never_written.encode(), receiver=outgoing.addressee, channel="local")
    assert after(3) == Reconciled(repaired=0, raised=1, closed=0, open=2)
    assert Alarm.objects.get(kind="missing_here").object_id == unknown.pk


@pytest.mark.django_db
def test_received_message_without_a_job_is_applied_and_its_sender_told() -> None:
    sent()
    drain_until("message.received")
    lose("message.received")
    assert after(11) == Reconciled(repaired=1, raised=0, closed=0, open=0)
    drain_until("message.applied")
    assert IncomingRequest.objects.count() == 1
    lose("message.applied")
    assert Transmission.objects.get().status == "delivered"
    assert after(22) == Reconciled(repaired=1, raised=0, closed=0, open=0)
    drain()
    assert Transmission.objects.get().status == "retrieved"
    assert after(60) == HEALTHY


@pytest.mark.django_db
def test_message_held_for_more_than_an_hour_is_an_alarm_until_the_earlier_one_comes() -> None:
    line, outgoing = sent()
    drain()
    with clock.frozen(MONDAY):
        incoming = inward.incoming_acknowledge(
            incoming=IncomingRequest.objects.get(), by=line.their_registry, contact="Registry"
        )
        inward.incoming_start_review(incoming=incoming, by=line.their_desk)
        drain_until("transmission.queued")
        first = Transmission.objects.get(message__type="acknowledgement")
        lose("transmission.queued", object_id=first.pk)
        # As if the first had gone on paper: nobody brings it.
        set_by_accident(first, channel="paper")
        drain()
    assert Message.objects.get(direction="in", type="status").status == "held"
    assert after(59) == HEALTHY
    assert after(61) == Reconciled(repaired=0, raised=1, closed=0, open=1)
    assert alarms() == [("held", "message")]
    assert after(4 * 24 * 60).open == 2
    assert alarms() == [("held", "message"), ("not_recorded", "transmission")]
    set_by_accident(first, channel="local")
    assert after(4 * 24 * 60 + 5).repaired == 1
    drain()
    outgoing.refresh_from_db()
    assert (outgoing.status, outgoing.peer_status) == ("acknowledged", "under_review")
    assert after(4 * 24 * 60 + 10) == Reconciled(repaired=0, raised=0, closed=1, open=0)


@pytest.mark.django_db
def test_rejected_message_of_an_open_case_is_an_alarm() -> None:
    _line, outgoing = sent()
    drain()
    row = Transmission.objects.get()
    set_by_accident(row, status="rejected")
    assert after(1) == Reconciled(repaired=0, raised=1, closed=0, open=1)
    set_by_accident(outgoing, status="closed", outcome="unanswered")
    assert after(2) == Reconciled(repaired=0, raised=0, closed=1, open=0)


@pytest.mark.django_db
def test_repair_that_fails_is_an_alarm_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    _line, first = approved()
    _line, second = approved()
    lose("outgoing.approved")

    def fails_once(**data: Any) -> Any:
        if data["on"].pk == first.pk:
            enqueue_again(**data)
            raise RuntimeError("a word of the case")
        return enqueue_again(**data)

    monkeypatch.setattr(reconciliation, "enqueue_again", fails_once)
    assert after(11) == Reconciled(repaired=1, raised=1, closed=0, open=1)
    assert alarms() == [("repair_failed", "outgoing")]
    assert "word" not in str(Alarm.objects.get().detail)
    # What the failed repair wrote is gone with it, its audit entry too.
    assert [job.object_id for job in OutboxJob.objects.filter(event="outgoing.approved")] == [second.pk]
    assert AuditEntry.objects.filter(act="job.enqueue_again").count() == 1
    monkeypatch.undo()
    assert after(12) == Reconciled(repaired=1, raised=0, closed=1, open=0)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_order_a_lost_effect_once() -> None:
    approved()
    lose("outgoing.approved")
    first_has_ordered, second_is_done = threading.Event(), threading.Event()
    found: dict[str, Reconciled] = {}
    errors: list[BaseException] = []

    def first() -> None:
        with transaction.atomic():
            found["first"] = after(11)
            first_has_ordered.set()
            second_is_done.wait(1)

    def second() -> None:
        # It sees the same gap, waits for the row, and then sees the job.
        first_has_ordered.wait(10)
        with transaction.atomic():
            found["second"] = after(11)
        second_is_done.set()

    def run(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not errors
    assert found["first"].repaired == 1
    assert OutboxJob.objects.filter(event="outgoing.approved").count() == 1
    assert AuditEntry.objects.filter(act="job.enqueue_again").count() == 1


@pytest.mark.django_db
def test_order_again_is_an_act_of_its_own_and_gone_with_its_transaction() -> None:
    _line, outgoing = approved()
    first = OutboxJob.objects.get(event="outgoing.approved")
    (again,) = enqueue_again(event="outgoing.approved", on=outgoing, payload=first.payload)
    assert (again.event, again.handler, again.object_id) == (first.event, first.handler, first.object_id)
    assert again.act_id != first.act_id and again.authority_id == outgoing.authority_id
    assert enqueue_again(event="nothing.handles_this", on=outgoing) == []
    before = OutboxJob.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue_again(event="outgoing.approved", on=outgoing)
        raise RuntimeError
    assert OutboxJob.objects.count() == before
    assert AuditEntry.objects.filter(act="job.enqueue_again").count() == 2


def drain() -> None:
    with clock.frozen(MONDAY):
        factories.drain()


def drain_until(event: str) -> None:
    """Run due jobs until one of `event` is due; it and what follows stay."""
    with clock.frozen(MONDAY):
        for _round in range(20):
            due = OutboxJob.objects.filter(status="due").order_by("id")
            if due.filter(event=event).exists():
                return
            for job_id in list(due.values_list("pk", flat=True)):
                assert outbox.run_job(job_id) == "done"
    raise AssertionError(f"no job for {event} came")
