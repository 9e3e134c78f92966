"""The invariants find what they are for: each is broken once, past the engine, and named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from mla.core.ids import uuid7
from mla.settings import ENV
from tests import invariants
from tests.lifecycle.conftest import World
from workflows.drafting.models import LetterEditor
from workflows.engine.models import OutboxJob
from workflows.exchange.models import Message
from workflows.lifecycle.models import CustodyEntry, OutgoingRequest, RegisterCounter

pytestmark = pytest.mark.usefixtures("arrived")


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


def an_act_without_its_job(case: OutgoingRequest) -> None:
    OutboxJob.objects.filter(event="outgoing.sent", object_id=case.pk).delete()


def a_job_without_its_act(case: OutgoingRequest) -> None:
    job = OutboxJob.objects.get(event="outgoing.sent", object_id=case.pk)
    job.pk, job.public_id, job.act_id, job._state.adding = None, uuid7(), uuid7(), True
    job.save()


def a_version_without_its_entry(case: OutgoingRequest) -> None:
    sql("update lifecycle_outgoingrequest set version = version + 1 where id = %s", case.pk)


def an_open_job(case: OutgoingRequest) -> None:
    OutboxJob.objects.filter(event="outgoing.sent", object_id=case.pk).update(status="due")


def a_message_too_few(case: OutgoingRequest) -> None:
    OutboxJob.objects.filter(handler="exchange.write", object_id=case.pk).update(handler="another")


def custody_twice(case: OutgoingRequest) -> None:
    from workflows.lifecycle.models import Evidence

    file = Evidence.objects.create(
        authority_id=case.authority_id, outgoing=case, name="x", media_type="text/csv", size=1, sha256="a" * 64,
        added_at=case.changed_at,
    )  # fmt: skip
    for _again in range(2):
        CustodyEntry.objects.create(evidence=file, step="received", by="x", at=case.changed_at, sha256="a" * 64)


def a_gap_in_the_register(case: OutgoingRequest) -> None:
    counter = RegisterCounter.objects.get(authority=case.central, stream="out")
    RegisterCounter.objects.filter(pk=counter.pk).update(last=counter.last + 1)


def a_delivery_without_a_message(case: OutgoingRequest) -> None:
    sql("update exchange_transmission set status = 'queued' where message_id in (select id from exchange_message"
        " where direction = 'out' and conversation_id = %s)", case.conversation_id)  # fmt: skip


def a_message_that_nobody_sent(case: OutgoingRequest) -> None:
    first = Message.objects.get(direction="in", conversation_id=case.conversation_id)
    first.pk, first.public_id, first.message_id, first._state.adding = None, uuid7(), uuid7(), True
    first.save()


def a_status_that_was_skipped(case: OutgoingRequest) -> None:
    sql("update lifecycle_outgoingrequest set status = 'acknowledged' where id = %s", case.pk)


def an_author_who_approved(case: OutgoingRequest) -> None:
    LetterEditor.objects.create(version=case.approved_version, user=case.approved_by, at=case.changed_at)


BROKEN: list[tuple[str, Callable[[OutgoingRequest], None], str]] = [
    ("I1", an_act_without_its_job, "an act without its job"),
    ("I1", a_job_without_its_act, "a job without its act"),
    ("I1", a_version_without_its_entry, "its entries say"),
    ("I2", an_open_job, "outgoing.sent"),
    ("I3", a_message_too_few, "messages were to be written"),
    ("I3", custody_twice, "was received 2 times"),
    ("I3", a_gap_in_the_register, "has gaps"),
    ("I4", a_delivery_without_a_message, "is queued, but the receiver has it"),
    ("I4", a_message_that_nobody_sent, "whose log lacks it"),
    ("I5", a_status_that_was_skipped, "stands at acknowledged"),
    ("I6", an_author_who_approved, "who wrote on it"),
]


@pytest.mark.parametrize(("number", "break_it", "said"), BROKEN, ids=[row[1].__name__ for row in BROKEN])
def test_violation_is_found_and_named(
    world: World, number: str, break_it: Callable[[OutgoingRequest], None], said: str
) -> None:
    invariants.assert_invariants()
    break_it(world.outgoing("sent"))
    with pytest.raises(AssertionError) as found:
        invariants.assert_invariants()
    lines = str(found.value).splitlines()[1:]
    assert any(line.startswith(number) and said in line for line in lines), lines


def test_text_of_a_case_is_found_in_jobs_lines_and_redis(world: World) -> None:
    import redis

    secret = f"informant {uuid7()}"
    job = OutboxJob.objects.filter(event="outgoing.sent")[0]
    OutboxJob.objects.filter(pk=job.pk).update(payload={"note": secret})
    client = redis.Redis.from_url(ENV.redis_url)
    keys = [f"test-{uuid7()}" for _ in range(3)]
    client.set(keys[0], secret)
    client.rpush(keys[1], "x", secret)
    client.hset(keys[2], "field", secret)
    try:
        found = invariants.i8_no_draft_text(secrets=[secret], peers=[], redis=client, lines=["a line", f"… {secret}"])
    finally:
        client.delete(*keys)
    assert sorted(found) == sorted(
        [
            f"I8 job {job.pk} holds text of a case",
            "I8 line 2 holds text of a case",
            *[f"I8 Redis key {key} holds text of a case" for key in keys],
        ]
    )


def test_events_of_the_acts_are_those_that_the_handlers_know() -> None:
    from workflows.engine.outbox import registered_events

    assert set(registered_events()) <= set(invariants.EVENTS.values()) | {"outgoing.approved"}
