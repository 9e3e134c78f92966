"""Effects: seen and decided by the administrator of their authority alone; two who decide at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.reference.models import Authority
from tests.factories import Line, example_letter, officer
from workflows.drafting.letterfile import letter_from
from workflows.engine.models import OutboxJob
from workflows.engine.selectors import access_job_by_id, jobs_state, visible_jobs
from workflows.engine.services import job_replay
from workflows.tracking.models import Alarm

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]


def administrator(number: int = 1) -> Actor:
    return officer(Role.LOCAL_ADMINISTRATOR, hosted(number).code)


def hosted(number: int = 1) -> Authority:
    return Authority.objects.filter(hosted_here=True, kind="central").order_by("code")[number - 1]


def a_job(status: str = "parked", *, authority: Authority | None = None, **values: Any) -> OutboxJob:
    now = clock.now()
    given: dict[str, Any] = {
        "authority": authority or hosted(),
        "act_id": uuid4(),
        "event": "transmission.queued",
        "handler": "exchange.transmit",
        "object_type": "transmission",
        "object_id": 1,
        "attempts": 8,
        "due_at": now,
        "created_at": now,
        "last_error": "ChannelAway at workflows/exchange/channels/local.py:30",
    }
    return OutboxJob.objects.create(status=status, **(given | values))


def test_parked_effects_come_first_in_human_words(at_desk: AtDesk) -> None:
    a_job("done", handler="documents.render", event="outgoing.approved", last_error="")
    a_job("parked")
    text = at_desk(administrator()).get("/jobs/").content.decode()
    assert "Send the message to the other State" in text and "ChannelAway" in text
    assert "Make the document" not in text
    done = at_desk(administrator()).get("/jobs/?show=done").content.decode()
    assert "Make the document" in done and "ChannelAway" not in done


def test_empty_lists_say_what_to_do(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    for shown in ("", "?show=parked", "?show=late", "?show=waiting", "?show=done", "?show=skipped"):
        assert 'class="empty"' in client.get(f"/jobs/{shown}").content.decode()


def test_late_is_what_is_due_for_more_than_half_a_minute(at_desk: AtDesk) -> None:
    late = a_job("due", due_at=clock.now() - dt.timedelta(seconds=60))
    a_job("due", due_at=clock.now() - dt.timedelta(seconds=5), handler="exchange.apply")
    state = jobs_state(administrator())
    assert (state.late, state.waiting, state.parked, state.oldest) == (1, 2, 0, late.due_at)
    text = at_desk(administrator()).get("/jobs/?show=late").content.decode()
    assert text.count("<tr data-row>") == 1 and str(late.public_id) in text


def test_job_of_another_authority_is_not_there(at_desk: AtDesk) -> None:
    foreign = a_job(authority=hosted(2))
    client = at_desk(administrator())
    assert client.get(f"/jobs/{foreign.public_id}/").status_code == 404
    answer = client.post(f"/jobs/{foreign.public_id}/", {"decide": "replay", "reason": "mended"})
    assert answer.status_code == 404
    foreign.refresh_from_db()
    assert foreign.status == "parked"
    assert AuditEntry.objects.filter(outcome="refused", object_id=str(foreign.public_id)).count() == 2
    assert not visible_jobs(officer(Role.DESK_OFFICER, hosted().code)).exists()
    assert access_job_by_id(administrator(2), foreign.public_id) == foreign


@pytest.mark.parametrize(("decide", "status"), [("replay", "due"), ("give_up", "skipped")])
def test_parked_job_is_decided_with_a_reason(at_desk: AtDesk, decide: str, status: str) -> None:
    job = a_job()
    client = at_desk(administrator())
    assert client.post(f"/jobs/{job.public_id}/", {"decide": decide}).status_code == 422
    assert client.post(f"/jobs/{job.public_id}/", {"reason": "mended"}).status_code == 422
    job.refresh_from_db()
    assert job.status == "parked"
    assert client.post(f"/jobs/{job.public_id}/", {"decide": decide, "reason": "the line is mended"}).status_code == 302
    job.refresh_from_db()
    assert job.status == status
    assert AuditEntry.objects.get(object_id=str(job.public_id)).reason == "the line is mended"


def test_of_two_administrators_one_decides_and_the_other_is_told(at_desk: AtDesk) -> None:
    job = a_job()
    client = at_desk(administrator())
    other = officer(Role.LOCAL_ADMINISTRATOR, hosted().code, 2)
    job_replay(job_id=job.pk, by=other, reason="first")
    answer = client.post(f"/jobs/{job.public_id}/", {"decide": "give_up", "reason": "second"})
    assert answer.status_code == 422 and "Somebody else decided meanwhile" in answer.content.decode()
    job.refresh_from_db()
    assert job.status == "due"


def test_extra_fields_of_a_decision_change_nothing(at_desk: AtDesk) -> None:
    job = a_job()
    forged = {"status": "done", "authority": hosted(2).pk, "payload": "{}", "attempts": "0", "job_id": "1", "by": "x"}
    at_desk(administrator()).post(f"/jobs/{job.public_id}/", {"decide": "give_up", "reason": "not wanted", **forged})
    job.refresh_from_db()
    assert (job.status, job.authority_id, job.payload, job.event) == ("skipped", hosted().pk, {}, "transmission.queued")


def test_parked_transmission_says_what_it_blocks(at_desk: AtDesk) -> None:
    job = a_job(ordering_key="send:1:2")
    a_job("due", ordering_key="send:1:2", attempts=0)
    text = at_desk(administrator()).get(f"/jobs/{job.public_id}/").content.decode()
    assert "1 later effect of the same exchange waits behind it" in text
    assert "blocks all later messages" in text


def test_decision_is_taken_while_the_broker_is_away_and_the_banner_tells(
    at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    from workflows.engine import tasks

    def away(*_args: Any, **_options: Any) -> None:
        raise ConnectionError("the broker is away")

    monkeypatch.setattr(tasks.run_outbox_job, "apply_async", away)
    job = a_job()
    a_job("due", due_at=clock.now() - dt.timedelta(seconds=90))
    client = at_desk(administrator())
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"/jobs/{job.public_id}/", {"decide": "replay", "reason": "mended"}, follow=True)
    assert answer.status_code == 200
    assert "1 effect waits longer than usual" in answer.content.decode()


def test_queries_do_not_grow_with_the_rows(at_desk: AtDesk) -> None:
    client = at_desk(administrator())
    counted = []
    for wanted in (3, 57):
        for _number in range(wanted):
            a_job()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/jobs/").status_code == 200
        counted.append(len(queries))
    assert counted[1] <= counted[0] <= 12
    assert at_desk(administrator()).get("/jobs/").content.decode().count("<tr data-row>") == 50


def test_wrong_method_is_refused(at_desk: AtDesk) -> None:
    job = a_job()
    client = at_desk(administrator())
    assert client.post("/jobs/").status_code == 405
    assert client.delete(f"/jobs/{job.public_id}/").status_code == 405


def test_alarm_of_a_restricted_case_is_shown_without_the_case(at_desk: AtDesk) -> None:
    content = example_letter(1).content()
    content["confidentiality"] = {"level": "restricted", "reason": "An undercover officer is at risk."}
    line = Line(letter=letter_from(content))
    restricted, plain = line.drafted(), Line().drafted()
    for case in (restricted, plain):
        Alarm.objects.create(
            authority_id=restricted.authority_id, kind=Alarm.Kind.NO_DOCUMENT, object_type="outgoing",
            object_id=case.pk, detail={}, raised_at=clock.now(),
        )  # fmt: skip
    code = line.letter.requesting.originating or ""
    text = at_desk(officer(Role.LOCAL_ADMINISTRATOR, code)).get("/jobs/").content.decode()
    assert text.count("of a restricted case; alarm") == 1
    assert f"request out {plain.pk}," in text and f"request out {restricted.pk}," not in text
