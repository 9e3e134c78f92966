"""The arithmetic of deadlines: working days, the vital clock, and which reminders are due when."""

from __future__ import annotations

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from mla.reference.calendars import add_working_days
from workflows.tracking.cases import CaseKey
from workflows.tracking.deadlines import (
    Deadline,
    DeadlineKind,
    acknowledgement_due,
    send_by,
    steps_due,
    unconfirmed_until,
    zone_named,
)

DAY = dt.date.fromisoformat
UTC = dt.UTC


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-03-09", 5, "2026-03-16"),  # Monday to Monday
        ("2026-03-13", 1, "2026-03-16"),  # Friday to Monday
        ("2026-03-14", 1, "2026-03-16"),  # Saturday counts from Monday, the first working day
        ("2026-03-15", 5, "2026-03-20"),
        ("2026-03-13", 0, "2026-03-13"),
        ("2026-03-14", 0, "2026-03-16"),
        ("2026-12-24", 1, "2026-12-25"),  # of no State, no holiday is known
    ],
)
def test_working_days_of_nobody_in_particular_are_monday_to_friday(start: str, days: int, due: str) -> None:
    assert add_working_days(DAY(start), days) == DAY(due)


def test_target_before_its_start_is_refused() -> None:
    with pytest.raises(ValueError, match="after its start"):
        add_working_days(DAY("2026-03-09"), -1)


def test_acknowledgement_runs_in_the_receivers_calendar_and_is_short_when_urgent() -> None:
    # Friday 23:30 UTC is Saturday in Tokyo already, and still Friday in New York.
    friday = dt.datetime(2026, 3, 13, 23, 30, tzinfo=UTC)
    tokyo, new_york = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
    assert acknowledgement_due(friday, zone=tokyo, urgency="routine", days=5, days_urgent=1) == DAY("2026-03-20")
    assert acknowledgement_due(friday, zone=new_york, urgency="routine", days=5, days_urgent=1) == DAY("2026-03-20")
    assert acknowledgement_due(friday, zone=new_york, urgency="urgent", days=5, days_urgent=1) == DAY("2026-03-16")
    assert acknowledgement_due(friday, zone=tokyo, urgency="emergency", days=5, days_urgent=0) == DAY("2026-03-16")
    thursday = dt.datetime(2026, 3, 12, 23, 30, tzinfo=UTC)
    assert acknowledgement_due(thursday, zone=tokyo, urgency="urgent", days=5, days_urgent=1) == DAY("2026-03-16")
    assert acknowledgement_due(thursday, zone=new_york, urgency="urgent", days=5, days_urgent=1) == DAY("2026-03-13")


def test_follow_up_is_sent_so_early_that_translation_and_channel_still_fit() -> None:
    assert send_by(DAY("2026-06-08")) == DAY("2026-05-24")
    assert send_by(DAY("2026-06-08"), translation_days=0, channel_days=1) == DAY("2026-06-07")
    with pytest.raises(ValueError, match="no less than no time"):
        send_by(DAY("2026-06-08"), translation_days=-1)


def test_unconfirmed_preservation_counts_sixty_days_from_sending() -> None:
    assert unconfirmed_until(DAY("2026-03-16")) == DAY("2026-05-15")


def test_unknown_time_zone_is_utc() -> None:
    assert zone_named("Nowhere/Town") == UTC and zone_named("") == UTC
    assert zone_named("Europe/Paris") == ZoneInfo("Europe/Paris")


def deadline(kind: DeadlineKind, due: str, since: str) -> Deadline:
    key = CaseKey("outgoing", 1, UUID(int=1), "A/1")
    return Deadline(kind, DAY(due), "own target", False, True, key, 1, DAY(since))


def test_deadline_is_overdue_only_after_its_day() -> None:
    found = deadline(DeadlineKind.ANSWER, "2026-03-20", "2026-03-01")
    assert not found.overdue(DAY("2026-03-20")) and found.days_left(DAY("2026-03-20")) == 0
    assert found.overdue(DAY("2026-03-21")) and found.days_left(DAY("2026-03-21")) == -1


def test_preservation_reminds_at_30_14_7_3_and_1_days_and_the_others_at_7_and_1() -> None:
    kept = deadline(DeadlineKind.PRESERVATION, "2026-06-30", "2026-01-01")
    days = {day: steps_due(kept, DAY("2026-06-30") - dt.timedelta(days=day)) for day in (31, 30, 14, 8, 7, 3, 2, 1, 0)}
    assert days[31] == [] and days[30] == [30] and days[14] == [30, 14] == days[8]
    assert days[7] == [30, 14, 7] and days[2] == [30, 14, 7, 3] == days[3] and days[0] == [30, 14, 7, 3, 1] == days[1]
    hearing = deadline(DeadlineKind.HEARING, "2026-06-30", "2026-01-01")
    assert steps_due(hearing, DAY("2026-06-22")) == [] and steps_due(hearing, DAY("2026-06-30")) == [7, 1]


def test_acknowledgement_reminds_on_the_day_after_the_target() -> None:
    missed = deadline(DeadlineKind.ACKNOWLEDGEMENT, "2026-03-20", "2026-03-13")
    assert steps_due(missed, DAY("2026-03-20")) == [] and steps_due(missed, DAY("2026-03-21")) == [-1]


def test_deadline_learned_of_late_warns_once_at_once_and_a_past_one_never() -> None:
    # Confirmed five days before the end: the steps at 30 and 14 days were never due, that at 7 is.
    late = deadline(DeadlineKind.PRESERVATION, "2026-06-30", "2026-06-25")
    assert steps_due(late, DAY("2026-06-24")) == []
    assert steps_due(late, DAY("2026-06-25")) == [7]
    assert steps_due(late, DAY("2026-06-27")) == [7, 3]
    past = deadline(DeadlineKind.HEARING, "2026-06-30", "2026-07-01")
    assert steps_due(past, DAY("2026-07-02")) == []


def test_what_is_due_only_grows_so_that_a_late_look_finds_every_reminder() -> None:
    kept = deadline(DeadlineKind.PRESERVATION, "2026-06-30", "2026-06-10")
    seen: list[int] = []
    for offset in range(30):
        today = steps_due(kept, DAY("2026-06-08") + dt.timedelta(days=offset))
        assert today[: len(seen)] == seen
        seen = today
    assert seen == [30, 14, 7, 3, 1]
