"""News, originals and their return between both sides, by messages alone; also late, when one side has closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from tests.exchange.test_lines import Case, types
from tests.factories import drain
from tests.lifecycle.conftest import World
from workflows.exchange.models import Transmission
from workflows.lifecycle.models import Original, Progress
from workflows.lifecycle.services import execution
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.execution import Listed

TODAY = timezone.now().date()
DUE = TODAY + dt.timedelta(days=90)


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    return Case(world)


def rows(side: Any) -> list[tuple[Any, ...]]:
    return [
        (one.original_id, one.description, one.quantity, one.item.key if one.item else "", one.give_back, one.due,
         one.returned_on, one.returned_how, one.tracking, one.waiver, one.is_out)
        for one in Original.objects.filter(**{side.KIND: side}).select_related("item")
    ]  # fmt: skip


def test_news_that_is_told_stands_on_the_other_side_and_what_is_not_does_not(case: Case) -> None:
    case.in_execution()
    line = case.line
    execution.incoming_report_progress(
        incoming=case.theirs, by=line.executing, event="other_news", text="a secret of ours"
    )
    execution.incoming_report_progress(
        incoming=case.theirs, by=line.their_supervisor, event="before_court", text="hearing", next_on=DUE, tell=True
    )
    drain()
    (there,) = Progress.objects.filter(outgoing=case.ours)
    here = Progress.objects.get(incoming=case.theirs, progress_id=there.progress_id)
    assert (there.event, there.text, there.next_on) == (here.event, here.text, here.next_on)
    assert case.ours.next_news_on == DUE == case.theirs.next_news_on
    assert types(case)[-2:] == ["status", "status"]
    case.whole()


def test_originals_are_listed_returned_and_waived_alike_on_both_sides(case: Case) -> None:
    case.in_execution()
    line = case.line
    execution.incoming_list_originals(
        incoming=case.theirs,
        by=line.their_registry,
        originals=[Listed("Passport", give_back="by_day", due=DUE, item="M1"), Listed("Disks", quantity=2)],
    )
    drain()
    assert rows(case.ours) == rows(case.theirs) and len(rows(case.ours)) == 2
    assert case.ours.originals_due == case.theirs.originals_due == DUE
    first, second = Original.objects.filter(outgoing=case.ours)
    execution.outgoing_return_originals(
        outgoing=case.ours, by=line.registry, originals=[first.original_id], on=TODAY, how="courier", tracking="T-1"
    )
    execution.incoming_waive_return(incoming=case.theirs, by=line.their_supervisor, originals=[second.original_id])
    drain()
    assert rows(case.ours) == rows(case.theirs)
    assert not any(row[-1] for row in rows(case.ours))
    assert types(case)[-3:] == ["originals_listed", "originals_returned", "return_waived"]
    case.whole()


def test_return_and_waiver_that_cross_are_told_and_break_nothing(case: Case) -> None:
    case.in_execution()
    line = case.line
    execution.incoming_list_originals(incoming=case.theirs, by=line.their_registry, originals=[Listed("Passport")])
    drain()
    (one,) = Original.objects.filter(outgoing=case.ours)
    execution.incoming_waive_return(incoming=case.theirs, by=line.their_supervisor)
    execution.outgoing_return_originals(
        outgoing=case.ours, by=line.registry, originals=[one.original_id], on=TODAY, how="courier"
    )
    drain()
    told = Transmission.objects.filter(message__type__in=["originals_returned", "return_waived"])
    assert set(told.values_list("status", flat=True)) <= {"rejected", "retrieved"}
    assert not any(row[-1] for row in (*rows(case.ours), *rows(case.theirs)))


def test_return_after_the_other_side_has_closed_is_still_taken(case: Case) -> None:
    case.in_execution()
    line = case.line
    execution.incoming_list_originals(incoming=case.theirs, by=line.their_registry, originals=[Listed("Passport")])
    for key in ("M1", "M2"):
        case.item(key, "find_nothing", line.executing, reason="not there")
    inward.incoming_transmit_result(incoming=case.theirs, by=line.their_registry)
    inward.incoming_close(incoming=case.theirs, by=line.their_registry, reason="kept for the trial")
    drain()
    (one,) = Original.objects.filter(outgoing=case.ours)
    execution.outgoing_return_originals(
        outgoing=case.ours, by=line.registry, originals=[one.original_id], on=TODAY, how="courier"
    )
    drain()
    assert rows(case.ours) == rows(case.theirs)
    assert case.theirs.status == "closed"
    case.whole()
