"""Working days: the State's holidays and weekend, the authority's own list above them, and what is said where nothing is known."""

from __future__ import annotations

import datetime as dt

import pytest

from mla.reference.calendars import (
    MONDAY_TO_FRIDAY,
    MOST_OWN_DAYS,
    Calendar,
    add_working_days,
    own_days_are_whole,
    own_days_from,
    own_days_lines,
    parts_of,
)
from mla.reference.time_limits import extensions, time_limits

DAY = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("calendar", "start", "days", "due"),
    [
        (Calendar("FR"), "2026-04-30", 1, "2026-05-04"),  # 1 May and the weekend
        (Calendar("US"), "2026-07-02", 1, "2026-07-06"),  # Independence Day, kept on the Friday
        (Calendar("DE"), "2026-01-05", 1, "2026-01-06"),
        (Calendar("DE", "BY"), "2026-01-05", 1, "2026-01-07"),  # Epiphany in Bavaria alone
        (Calendar("EG"), "2026-03-12", 1, "2026-03-15"),  # Friday and Saturday are the weekend
        (Calendar("AE"), "2026-03-12", 1, "2026-03-13"),  # there since 2022 Saturday and Sunday
        (Calendar("FR"), "2026-12-31", 1, "2027-01-04"),  # over the year
    ],
)
def test_working_days_are_those_of_the_state(calendar: Calendar, start: str, days: int, due: str) -> None:
    assert add_working_days(DAY(start), days, calendar) == DAY(due)


def test_own_list_wins_over_holidays_and_weekends_both_ways() -> None:
    own = Calendar("FR", closed=frozenset({DAY("2026-05-04")}), opened=frozenset({DAY("2026-05-01")}))
    assert add_working_days(DAY("2026-04-30"), 1, own) == DAY("2026-05-01")
    assert add_working_days(DAY("2026-04-30"), 2, own) == DAY("2026-05-05")
    assert "own list" in own.in_words(DAY("2026-04-30"), DAY("2026-05-05"))
    assert "own list" not in own.in_words(DAY("2026-06-01"), DAY("2026-06-05"))
    shut = Calendar("FR", closed=frozenset(DAY("2026-01-01") + dt.timedelta(days=n) for n in range(900)))
    with pytest.raises(ValueError, match="no day to work on"):
        add_working_days(DAY("2026-01-01"), 5, shut)


def test_what_is_not_known_or_only_estimated_is_said() -> None:
    start, end = DAY("2026-05-20"), DAY("2026-05-29")
    assert (
        MONDAY_TO_FRIDAY.in_words(start, end)
        == "holidays not known: Monday to Friday"
        == Calendar("EU").in_words(start, end)
    )
    assert "estimated" in Calendar("EG").in_words(start, end)
    assert Calendar("DE", "BY").in_words(start, end) == "working days with the public holidays of DE-BY"
    assert Calendar("DE", "XX").in_words(start, end) == "working days with the public holidays of DE"
    assert "BY" in parts_of("DE") and not parts_of("EU")


def test_own_list_is_read_from_lines_and_written_as_it_is_read() -> None:
    found = own_days_from("2026-12-24 Christmas Eve\n\n2026-12-12 + Saturday made up\n2026-12-31\n")
    assert [(one["day"], one["open"], one["name"]) for one in found] == [
        ("2026-12-12", True, "Saturday made up"), ("2026-12-24", False, "Christmas Eve"), ("2026-12-31", False, ""),
    ]  # fmt: skip
    assert own_days_from(own_days_lines(found)) == found and own_days_are_whole(found)
    for wrong, said in (
        ("24.12.2026", "Line 1: begin with a day"),
        ("2026-12-24\n2026-12-24 again", "Line 2: 2026-12-24 stands"),
        ("2026-12-24 " + "x" * 81, "at most 80"),
        ("\n".join(str(DAY("2026-01-01") + dt.timedelta(days=n)) for n in range(MOST_OWN_DAYS + 1)), "at most 200"),
    ):
        with pytest.raises(ValueError, match=said):
            own_days_from(wrong)
    assert not any(own_days_are_whole(one) for one in ([{"day": "x"}], ["2026-12-24"], None, [{"day": "2026-12-24"}]))


def test_limits_have_article_source_and_date_and_what_was_not_read_is_to_be_confirmed() -> None:
    assert all(one.article and one.source and one.as_of for one in (*time_limits().values(), *extensions().values()))
    assert {one.of for one in extensions().values()} <= time_limits().keys()
    doubtful = {code for code, one in (*time_limits().items(), *extensions().items()) if one.to_be_confirmed}
    # domain.md 2.3: these are not read in the text.
    assert {"eio_acknowledgement", "protocol_subscriber", "us_preservation_renewed", "epo_preservation_30"} <= doubtful
    assert not doubtful & {"eio_decision", "eio_execution", "eio_decision_30", "budapest_order_renewed"}
    assert (extensions()["eio_decision_30"].days, extensions()["eio_decision_30"].times) == (30, 1)
    assert extensions()["eio_decision_30"].cited == "EIO-2014 12(5)" and extensions()["eio_decision_30"].tells
