"""The preservation planner: laws of its arithmetic, what is not known, the edges of days and zones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drafting.letters import letter
from tests.drafting.test_findings import findings, told
from workflows.drafting.findings.law import Office
from workflows.drafting.letterplan import DataSet
from workflows.drafting.plan import letter_plans, zone_of
from workflows.drafting.preserving import Way, end_of_day, ends_between, last_day, planned, send_by
from workflows.drafting.preserving_data import PRESERVING, PreservingWrong, preserving_rules, rules_read

UTC = dt.UTC
TIRANE = ZoneInfo("Europe/Tirane")
zones = st.sampled_from(
    [
        None,
        *map(
            ZoneInfo,
            ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Tirane", "America/New_York", "Asia/Kathmandu"),
        ),
    ]
)
days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))
moments = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 with the zone beside
counts = st.none() | st.integers(0, 400)


def row(**said: object) -> DataSet:
    return DataSet.model_validate({"id": "D1", "what": "logs", "state": "yes"} | said)


@given(days, zones)
def test_a_day_is_over_after_it_begins_and_not_before_the_first_place_on_earth(
    day: dt.date, zone: dt.tzinfo | None
) -> None:
    first, last = ends_between(day, zone)
    assert first <= last and (first == last) is (zone is not None)
    for place in ("Pacific/Kiritimati", "Etc/GMT+12"):
        assert ends_between(day, None)[0] <= end_of_day(day, ZoneInfo(place)) <= ends_between(day, None)[1]
    if zone is not None:
        # The last second is still that day there; the moment itself is the next.
        assert (first - dt.timedelta(seconds=1)).astimezone(zone).date() == day
        assert first.astimezone(zone).date() == day + dt.timedelta(days=1)


@given(days, counts, counts)
def test_send_by_is_known_only_where_both_ways_are(day: dt.date, translation: int | None, channel: int | None) -> None:
    found = send_by(day, Way(translation, channel))
    assert (found is None) is (translation is None or channel is None)
    if found is not None:
        assert found <= day and (day - found).days == (translation or 0) + (channel or 0)


@given(days, moments, moments, zones, counts, counts)
def test_time_only_makes_it_worse(
    until: dt.date,
    one: dt.datetime,
    other: dt.datetime,
    zone: dt.tzinfo | None,
    translation: int | None,
    channel: int | None,
) -> None:
    early, late = sorted((one, other))
    order = ["running", "perhaps_ended", "ended"]
    before, after = (
        planned(row(until=until), now=now, zone=zone, way=Way(translation, channel)) for now in (early, late)
    )
    assert order.index(before.state) <= order.index(after.state)
    assert not before.late or after.late or after.state == "ended"
    assert after.state == "perhaps_ended" or zone is None or after.state in ("running", "ended")
    assert (before.until, before.ends) == (until, ends_between(until, zone)[0])


@given(days, days, moments, zones)
def test_an_extension_never_ends_earlier(
    until: dt.date, extended: dt.date, now: dt.datetime, zone: dt.tzinfo | None
) -> None:
    longer = row(until=min(until, extended), extended_until=max(until, extended))
    assert last_day(longer) == max(until, extended)


@given(moments, zones, st.sampled_from(["no", "not_known"]))
def test_what_is_not_known_has_no_day_and_no_deadline(now: dt.datetime, zone: dt.tzinfo | None, state: str) -> None:
    plan = planned(row(state=state, until="2026-01-01"), now=now, zone=zone, way=Way(10, 5))
    assert plan.state == ("not_preserved" if state == "no" else "not_known") and plan.send_by is plan.until is None
    assert planned(row(), now=now, zone=zone, way=Way(10, 5)).state == "no_day"


def test_held_until_decided_only_where_it_is_known_that_they_hold_and_the_request_is_there() -> None:
    after = dt.datetime(2026, 9, 1, tzinfo=UTC)
    for hold, received, state in (
        ("yes", True, "held"),
        ("yes", False, "ended"),
        ("no", True, "ended"),
        ("not_known", True, "ended"),
    ):
        given_ = row(until="2026-08-01", hold=hold)
        assert planned(given_, now=after, zone=TIRANE, way=Way(), received=received).state == state


def test_the_last_day_counts_to_its_end_over_there() -> None:
    def at(moment: str, zone: dt.tzinfo | None) -> str:
        return planned(row(until="2026-08-01"), now=dt.datetime.fromisoformat(moment), zone=zone, way=Way()).state

    assert at("2026-08-01T21:59:59+00:00", TIRANE) == "running"
    assert at("2026-08-01T22:00:00+00:00", TIRANE) == "ended"
    assert at("2026-08-01T09:59:59+00:00", None) == "running"
    assert at("2026-08-01T10:00:00+00:00", None) == "perhaps_ended"
    assert at("2026-08-02T11:59:59+00:00", None) == "perhaps_ended"
    assert at("2026-08-02T12:00:00+00:00", None) == "ended"


def test_zone_is_known_from_the_office_addressed_or_where_all_share_one() -> None:
    def office(code: str, zone: str, state: str = "AL") -> Office:
        return Office(code, state, "central", code, time_zone=zone)

    addressed, nobody = letter(), letter(requested={"jurisdiction": "AL"})
    both = [
        office("al-central", "Europe/Tirane"),
        office("al-other", "UTC"),
        office("de-central", "Europe/Berlin", "DE"),
    ]
    assert zone_of(addressed, both) == TIRANE
    assert zone_of(nobody, both) is None and zone_of(nobody, both[:1]) == TIRANE
    assert zone_of(addressed, [office("al-central", "Mars/Olympus")]) is None and zone_of(nobody, []) is None


def test_a_letter_dated_later_is_sent_on_its_date() -> None:
    kept = letter(date="2026-09-20", preserved=[{"id": "D1", "what": "logs", "state": "yes", "until": "2026-09-10"}])
    [(_row, plan)] = letter_plans(kept, now=dt.datetime(2026, 8, 1, tzinfo=UTC), zone=TIRANE, way=Way())
    assert plan.state == "running" and plan.late


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ({"state": "yes", "until": "2026-06-14"}, ("gap", "preservation_expired", "preserved[0].until")),
        ({"state": "yes", "until": "2026-06-14", "extended_until": "2026-09-01"}, None),
        ({"state": "yes"}, ("warning", "preservation_no_day", "preserved[0].until")),
        ({"state": "yes", "until": "2026-09-01"}, None),
        ({"state": "no", "until": "2026-01-01"}, None),
        ({"state": "not_known"}, None),
    ],
)
def test_planner_tells_what_is_lost(said: dict[str, str], finding: tuple[str, str, str] | None) -> None:
    found = {one for one in told(findings(preserved=[{"id": "D1", "what": "logs"} | said])) if "preservation" in one[1]}
    assert found == ({finding} if finding else set())


@pytest.mark.django_db
def test_volatile_data_of_which_the_planner_says_nothing_are_told_with_the_article() -> None:
    found = {one.code: one for one in findings(preserved=[])}
    assert found["preservation_open"].severity == "warning"
    assert (found["preservation_open"].instrument, found["preservation_open"].article) == ("CETS-185", "29(7)")
    assert "preservation_open" not in {one.code for one in findings()}


def test_rules_are_shown_for_the_state_and_for_treaties_that_may_bind() -> None:
    rules = preserving_rules()
    assert [rule.key for rule in rules.for_pair("AL", {"CETS-185"})] == ["budapest", "budapest_domestic"]
    assert [rule.key for rule in rules.for_pair("US", set())] == ["us_2703f"] and not rules.for_pair(
        "AL", {"none_binds"}
    )
    assert {rule.key for rule in rules.rules if not rule.to_be_confirmed} == {"budapest", "budapest_domestic"}
    assert rules.kinds_of(["stored-content", "subscriber-information", "testimony"]) == ("content", "subscriber")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("days = 60", "days = -1", "days"),
        ('"CETS-185"', '"CETS-999"', "CETS-999"),
        ('hold = "yes"', 'hold = "perhaps"', "hold"),
        ('confidence = "verified"', 'confidence = "sure"', "confidence"),
        ('subscriber = "', 'subscribers = "', "no kind of data"),
        ('"stored-content"]', '"stored-stuff"]', "stored-stuff"),
        ('key = "uncc"', 'key = "budapest"', "stands twice"),
    ],
)
def test_a_wrong_file_is_refused_naming_the_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = PRESERVING.read_text()
    assert old in text
    file = tmp_path / "preserving.toml"
    file.write_text(text.replace(old, new))
    with pytest.raises(PreservingWrong, match=said):
        rules_read(file)
