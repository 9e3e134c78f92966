"""Missed deadlines: the supervisor is told once, a draft is never overdue, a sweep of many stays within bounds, and each reader sees for himself."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.core import clock
from mla.reference.calendars import Calendar
from mla.reference.models import Authority
from tests.factories import Line
from tests.tracking.lives import MONDAY, on_day, preservation_line, sent_case
from tests.tracking.test_reminders import at, made_on
from workflows.lifecycle.models import OutgoingRequest
from workflows.tracking import services
from workflows.tracking.cases import CaseKey
from workflows.tracking.deadlines import Deadline, elsewhere, escalated_on
from workflows.tracking.deadlines import DeadlineKind as Kind
from workflows.tracking.due import deadlines_for
from workflows.tracking.models import Notification, NotificationSeen
from workflows.tracking.selectors import unseen_notifications, visible_notifications
from workflows.tracking.services import notification_see, reminders_create

DAY = dt.date.fromisoformat


def deadline(due: str, since: str = "2026-01-01", **more: Any) -> Deadline:
    key = CaseKey("outgoing", 1, UUID(int=1), "A/1")
    return Deadline(Kind.ANSWER, DAY(due), "own target", False, True, key, 1, DAY(since), **more)


def test_missed_deadline_goes_up_after_working_days_of_its_authority_and_a_draft_is_never_overdue() -> None:
    missed = deadline("2026-04-30")
    assert escalated_on(missed, Calendar("FR"), 1) == DAY("2026-05-04")
    assert escalated_on(missed, Calendar("FR"), 0) == DAY("2026-05-04"), "not on its own last day"
    draft = deadline("2026-04-30", draft=True)
    assert not draft.overdue(DAY("2026-06-01")) and escalated_on(draft, Calendar("FR"), 1) is None
    assert (
        missed.overdue(DAY("2026-05-01")) and escalated_on(deadline("2026-04-30", "2026-05-02"), Calendar(), 1) is None
    )


def test_day_that_is_another_one_over_there_is_told_with_both_zones() -> None:
    # The last day in New York ends when the next has begun in Paris; that of Paris ends on the same day in New York.
    found = elsewhere(deadline("2026-03-16"), "America/New_York", "Europe/Paris")
    assert (
        found is not None and found[1] == "Europe/Paris" and (found[0].date(), found[0].hour) == (DAY("2026-03-17"), 4)
    )
    assert elsewhere(deadline("2026-03-16"), "Europe/Paris", "America/New_York") is None
    # A day of the other State's calendar is told by ours.
    theirs = deadline("2026-03-16", zone="America/New_York")
    assert (elsewhere(theirs, "Asia/Tokyo", "America/New_York") or ("", ""))[1] == "Asia/Tokyo"
    assert elsewhere(deadline("2026-03-16"), "UTC", "UTC") is None and ZoneInfo("Asia/Tokyo")


@pytest.mark.django_db
def test_draft_with_a_past_day_is_neither_overdue_nor_escalated() -> None:
    with on_day(0):
        outgoing = Line().drafted()
    OutgoingRequest.objects.filter(pk=outgoing.pk).update(
        contact_due=MONDAY.date() + dt.timedelta(days=3), contact_since=MONDAY.date()
    )
    found = deadlines_for([OutgoingRequest.objects.select_related("letter").get(pk=outgoing.pk)])
    assert found and all(one.draft for one in found)
    assert not any(one.overdue(DAY("2030-01-01")) for one in found)
    made_on("2027-01-01")
    assert not Notification.objects.filter(level="escalation").exists()


@pytest.mark.django_db
def test_target_is_counted_in_the_receivers_calendar_and_says_how() -> None:
    _line, outgoing, incoming = sent_case()
    office = incoming.authority
    days = office.acknowledgement_days if incoming.urgency == "routine" else office.acknowledgement_days_urgent
    sent = MONDAY.date() + dt.timedelta(days=7)
    Authority.objects.filter(pk=office.pk).update(
        own_days=[{"day": str(sent + dt.timedelta(days=n)), "open": False, "name": "flood"} for n in range(1, 15)]
    )
    for case in (outgoing, incoming):
        case = type(case).objects.get(pk=case.pk)
        found = next(one for one in deadlines_for([case]) if one.kind == Kind.ACKNOWLEDGEMENT and not one.legal)
        assert found.due > sent + dt.timedelta(days=14 + days - 1) and "own list of days" in found.note
        assert office.jurisdiction.code in found.note and found.zone == office.time_zone


@pytest.mark.django_db
def test_supervisor_alone_is_told_once_even_where_the_target_changes_and_each_reader_marks_for_himself() -> None:
    line, outgoing, _incoming = sent_case()
    Authority.objects.update(escalation_days=2)
    made_on("2026-03-17")
    day = next(one.due for one in deadlines_for([outgoing]) if one.kind == Kind.ACKNOWLEDGEMENT)
    assert Notification.objects.filter(level="escalation").count() == 0
    made_on("2026-04-10")
    told = Notification.objects.filter(level="escalation", kind=Kind.ACKNOWLEDGEMENT, due=day)
    assert {row.authority_id for row in told} == {outgoing.authority_id, outgoing.addressee_id}
    Authority.objects.update(escalation_days=9)
    assert not [made for made in made_on("2026-04-11") if made[0] == Kind.ACKNOWLEDGEMENT]
    row = told.get(authority_id=outgoing.authority_id)
    assert row in visible_notifications(line.supervisor) and row not in visible_notifications(line.desk)
    assert row not in visible_notifications(line.their_supervisor)
    reminder = Notification.objects.get(authority_id=outgoing.authority_id, kind=Kind.ACKNOWLEDGEMENT, level="reminder")
    for _twice in range(2):
        notification_see(notification=reminder, by=line.desk)
    assert NotificationSeen.objects.get().user_id == line.desk.user_id
    assert reminder not in unseen_notifications(line.desk) and reminder in unseen_notifications(line.supervisor)


@pytest.mark.django_db
def test_sweep_of_many_missed_cases_asks_the_same_number_of_questions_for_each_chunk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [preservation_line()] * 3
    for line in lines:
        sent_case(line)

    def questions(chunk: int) -> int:
        Notification.objects.all().delete()
        monkeypatch.setattr(services, "CHUNK", chunk)
        with clock.frozen(at("2026-05-20")), CaptureQueriesContext(connection) as captured:
            assert reminders_create() > 10
        return len(captured)

    whole, by_two, by_one = questions(500), questions(2), questions(1)
    # Three cases of each side: one chunk of each, two of each, three of each.
    assert by_two - whole == by_one - by_two > 0
