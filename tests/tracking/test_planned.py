"""The planner's days among the deadlines: for whom, until when, and what ends them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mla.reference.models import Jurisdiction, ProfileEntry
from tests.drafting.letters import letter
from tests.factories import Line
from tests.tracking.lives import MONDAY
from workflows.drafting.preserving import Way, ends_between
from workflows.tracking.deadlines import DeadlineKind
from workflows.tracking.due import deadlines_for
from workflows.tracking.planned import planned_days

UTC = ZoneInfo("UTC")
zones = st.sampled_from(list(map(ZoneInfo, ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"))))
days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))
ROW = {"id": "D1", "what": "logs", "state": "yes", "until": "2026-09-12"}


@given(days, st.none() | zones, zones)
def test_the_day_begins_here_before_the_preservation_ends_there(
    until: dt.date, theirs: ZoneInfo | None, ours: ZoneInfo
) -> None:
    [day] = planned_days(
        [ROW | {"until": until.isoformat()}],
        theirs=theirs,
        ours=ours,
        way=Way(),
        budapest=False,
        sent=False,
        received=False,
    )
    ends = ends_between(until, theirs)[0]
    assert dt.datetime.combine(day.due, dt.time(), ours) < ends
    assert dt.datetime.combine(day.due + dt.timedelta(days=1), dt.time(), ours) >= ends


@pytest.mark.parametrize(
    ("said", "state", "kinds"),
    [
        ({}, "", ["preservation", "follow_up_send_by"]),
        ({}, "sent", ["preservation"]),
        ({"hold": "yes"}, "received", []),
        ({"hold": "no"}, "received", ["preservation"]),
        ({}, "received", ["preservation"]),
        ({"state": "no"}, "", []),
        ({"state": "not_known"}, "", []),
        ({"until": ""}, "", []),
        ({"until": "soon"}, "", []),
    ],
)
def test_what_sets_a_day_and_what_ends_it(said: dict[str, str], state: str, kinds: list[str]) -> None:
    found = planned_days(
        [ROW | said],
        theirs=UTC,
        ours=UTC,
        way=Way(10, 5),
        budapest=True,
        sent=bool(state),
        received=state == "received",
    )
    assert [str(day.kind) for day in found] == kinds


@pytest.mark.django_db
def test_days_of_the_planner_are_deadlines_of_the_case_and_days_that_nobody_knows_set_none() -> None:
    line = Line(letter=letter(preserved=[ROW | {"extended_until": "2026-11-12"}]))
    outgoing = line.drafted()
    found = [one for one in deadlines_for([outgoing]) if "preservation" in one.kind or "follow_up" in one.kind]
    assert [(one.kind, one.legal, one.for_authority_id) for one in found] == [
        (DeadlineKind.PRESERVATION, True, outgoing.authority_id)
    ]
    assert found[0].source == "CETS-185 29(7)" and abs((found[0].due - dt.date(2026, 11, 12)).days) <= 1
    for topic, value in (("translation_days", "10"), ("channel_days", "5")):
        ProfileEntry.objects.create(
            jurisdiction=Jurisdiction.objects.get(code="AL"), topic=topic, value=value, source="a person",
            last_verified=MONDAY.date(), confidence="high", to_be_confirmed=False,
        )  # fmt: skip
    [by] = [one for one in deadlines_for([outgoing]) if one.kind == DeadlineKind.FOLLOW_UP_SEND_BY]
    assert by.due == found[0].due - dt.timedelta(days=15) and "10 days" in by.note
