"""Reminders: each once, whoever makes them and however late; nothing of a case in them."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from mla.core import clock
from tests.factories import Line, example_letter, officer
from tests.tracking.lives import MONDAY, on_day, preservation_line, sent_case
from workflows.drafting.letterfile import letter_from
from workflows.engine.models import SweepRun
from workflows.engine.sweeps import run_due
from workflows.tracking.deadlines import DeadlineKind as Kind
from workflows.tracking.models import Notification
from workflows.tracking.selectors import access_notification_by_id, visible_notifications
from workflows.tracking.services import notification_see, reminders_create


def at(day: str, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), tzinfo=dt.UTC)


def made_on(day: str) -> list[tuple[str, int]]:
    """Run the sweep on a day and return what it made: kind and step."""
    before = set(Notification.objects.values_list("pk", flat=True))
    with clock.frozen(at(day)):
        count = reminders_create()
    new = Notification.objects.exclude(pk__in=before).order_by("kind", "-step")
    assert count == new.count()
    return [(row.kind, row.step) for row in new]


@pytest.mark.django_db
def test_missed_acknowledgement_reminds_each_side_on_the_day_after_once() -> None:
    _line, outgoing, incoming = sent_case()
    assert Notification.objects.count() == 0
    target = dt.date(2026, 3, 17) if outgoing.urgency != "routine" else dt.date(2026, 3, 23)
    assert (Kind.ACKNOWLEDGEMENT, -1) not in made_on(target.isoformat())
    after = (target + dt.timedelta(days=1)).isoformat()
    assert [made for made in made_on(after) if made[0] == Kind.ACKNOWLEDGEMENT] == [(Kind.ACKNOWLEDGEMENT, -1)] * 2
    assert made_on(after) == []
    rows = Notification.objects.filter(kind=Kind.ACKNOWLEDGEMENT)
    assert {(row.case_kind, row.case_id, row.authority_id) for row in rows} == {
        ("outgoing", outgoing.pk, outgoing.central_id),
        ("incoming", incoming.pk, incoming.authority_id),
    }
    assert {(row.due, row.created_at, row.seen_at) for row in rows} == {(target, at(after), None)}


@pytest.mark.django_db
def test_preservation_reminds_at_its_steps_and_after_a_week_without_a_run_once_for_what_was_missed() -> None:
    sent_case(preservation_line())
    clocks = {Kind.PRESERVATION, Kind.FOLLOW_UP_SEND_BY}

    def made(day: str) -> list[tuple[str, int]]:
        return [row for row in made_on(day) if row[0] in clocks]

    # Until 15 May, unconfirmed; to be sent by 30 April.
    assert made("2026-03-30") == []
    assert made("2026-03-31") == [(Kind.FOLLOW_UP_SEND_BY, 30)]
    assert made("2026-04-15") == [(Kind.PRESERVATION, 30)]
    assert made("2026-04-16") == [(Kind.FOLLOW_UP_SEND_BY, 14)]
    # Nothing ran from 16 April to 8 May: of 7, 3 and 1 days before the one date, of 14 and 7 before the other, the last.
    # The day to send by was missed on 30 April, more than three working days before: the supervisor is told of that.
    assert made("2026-05-08") == [(Kind.FOLLOW_UP_SEND_BY, 1), (Kind.FOLLOW_UP_SEND_BY, -6), (Kind.PRESERVATION, 7)]
    assert made("2026-05-08") == [] and made("2026-05-11") == []
    assert made("2026-05-20") == [(Kind.PRESERVATION, 1), (Kind.PRESERVATION, -5)]
    told = Notification.objects.filter(kind=Kind.PRESERVATION, level="reminder").values_list("step", flat=True)
    assert sorted(told) == [1, 7, 30]


@pytest.mark.django_db
def test_what_is_settled_reminds_no_more() -> None:
    line, _outgoing, incoming = sent_case()
    with on_day(8):
        line.under_review(incoming)
    assert Kind.ACKNOWLEDGEMENT not in dict(made_on("2026-06-01"))


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_of_each() -> None:
    sent_case(preservation_line())
    first_has_written, second_is_done = threading.Event(), threading.Event()
    counts: dict[str, int] = {}
    errors: list[BaseException] = []

    def first() -> None:
        with clock.frozen(at("2026-05-20")), transaction.atomic():
            counts["first"] = reminders_create()
            first_has_written.set()
            # The second computes the same rows and waits for this commit at the unique index.
            second_is_done.wait(1)

    def second() -> None:
        first_has_written.wait(10)
        with clock.frozen(at("2026-05-20")), transaction.atomic():
            counts["second"] = reminders_create()
        second_is_done.set()

    def run(work: object) -> None:
        try:
            work()  # type: ignore[operator]
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
    assert counts["first"] == Notification.objects.count() > 5 and counts["second"] == 0
    keys = Notification.objects.values_list("authority", "case_kind", "case_id", "kind", "due", "step")
    assert len(set(keys)) == len(keys)


@pytest.mark.django_db
def test_sweep_runs_every_ten_minutes_and_each_period_once() -> None:
    sent_case(preservation_line())
    moment = dt.datetime(2026, 5, 20, 12, 3, tzinfo=dt.UTC)
    with clock.frozen(moment):
        assert {"tracking.reminders", "tracking.reconcile"} <= set(run_due())
        assert Notification.objects.count() > 5
        assert "tracking.reminders" not in run_due()
    with clock.frozen(moment + dt.timedelta(minutes=6)):
        ran = run_due()
        assert "tracking.reminders" not in ran and "tracking.reconcile" in ran
    with clock.frozen(moment + dt.timedelta(minutes=8)):
        assert "tracking.reminders" in run_due()
    assert SweepRun.objects.filter(name="tracking.reminders").exclude(done_at=None).count() == 2


@pytest.mark.django_db
def test_reminder_is_seen_by_its_authority_alone_and_of_a_restricted_case_by_the_named_alone() -> None:
    content = example_letter(1).content()
    content["confidentiality"] = {"level": "restricted", "reason": "An undercover officer is at risk."}
    line = Line(letter=letter_from(content))
    with on_day(0):
        outgoing = line.drafted()
    row = Notification.objects.create(
        authority_id=outgoing.authority_id,
        case_kind="outgoing",
        case_id=outgoing.pk,
        kind=Kind.TRIAL,
        due=dt.date(2026, 9, 1),
        step=7,
        created_at=MONDAY,
    )
    other_person = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    for stranger in (other_person, line.desk, line.their_registry):
        assert not visible_notifications(stranger).exists()
        with pytest.raises(AccessDenied):
            access_notification_by_id(stranger, row.public_id)
        with pytest.raises(AccessDenied):
            notification_see(notification=row, by=stranger)
    assert Notification.objects.get(pk=row.pk).seen_at is None
    with clock.frozen(MONDAY):
        assert notification_see(notification=row, by=line.prosecutor).seen_at == MONDAY
    assert notification_see(notification=row, by=line.prosecutor).seen_at == MONDAY


@pytest.mark.django_db
def test_reminders_take_the_same_number_of_queries_for_many_cases() -> None:
    def queries(day: str) -> int:
        with clock.frozen(at(day)), CaptureQueriesContext(connection) as captured:
            assert reminders_create() > 0
        return len(captured)

    sent_case(preservation_line())
    few = queries("2026-04-20")
    sent_case(preservation_line())
    sent_case()
    assert queries("2026-05-20") == few
