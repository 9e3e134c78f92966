"""The day that a letter needs orders every queue, on both sides, page by page."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import Line, example_letter
from tests.tracking.lives import sent_case
from workflows.drafting.key_dates import needed_by
from workflows.drafting.letterfile import letter_from
from workflows.drafting.services import letter_save
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.tracking.lists import Filters, list_incoming
from workflows.tracking.queues import intake_queue, review_queue
from workflows.tracking.registry import registry_arrived, registry_waiting
from workflows.tracking.selectors import worklist_incoming, worklist_outgoing

pytestmark = pytest.mark.django_db

#: Urgency and day of the hearing of each case, in the order in which they are made; and the order of the queues.
MADE = (
    ("routine", None),
    ("routine", "2026-09-30"),
    ("urgent", None),
    ("routine", "2026-08-31"),
    ("urgent", "2026-10-01"),
)
ORDER = (4, 2, 3, 1, 0)


def letter(level: str, hearing: str | None) -> Any:
    content = example_letter().content() | {"urgency": {"level": level, "reason": "A hearing.", "date": "2026-12-01"}}
    content["key_dates"] = [{"kind": "hearing", "date": hearing, "lead_days": 20}] if hearing else []
    if level == "routine":
        content["urgency"] = {"level": level}
    return letter_from(content)


def paged(read: Any, actor: Any) -> list[int]:
    """Return the identities of the cases on all pages, two on each."""
    found: list[int] = []
    after = None
    while True:
        page = read(actor, after, size=2)
        found += [getattr(row, "case", row).pk for row in page.rows]
        after = page.after
        if after is None:
            return found


def test_worklist_intake_and_review_are_ordered_by_urgency_and_then_by_the_day_needed() -> None:
    lines = [Line(letter=letter(*one)) for one in MADE]
    line, cases = lines[0], [one.lodged() for one in lines]
    assert [case.needed_by for case in cases][1] == dt.date(2026, 9, 10)
    wanted = [cases[index].pk for index in ORDER]
    assert paged(intake_queue, line.desk) == wanted
    assert paged(worklist_outgoing, line.desk) == wanted
    for case in cases:
        chain.outgoing_submit(
            outgoing=chain.outgoing_take_in(outgoing=OutgoingRequest.objects.get(pk=case.pk), by=line.desk),
            by=line.desk,
        )
    assert paged(review_queue, line.supervisor) == wanted
    assert paged(worklist_outgoing, line.supervisor) == wanted


def test_requested_side_reads_the_same_day_from_what_was_sent_and_is_ordered_by_it() -> None:
    sent = [sent_case(Line(letter=letter(*one))) for one in MADE]
    line = sent[0][0]
    for _line, outgoing, incoming in sent:
        assert incoming.needed_by == outgoing.needed_by == needed_by(incoming.content)
        assert incoming.pressing == outgoing.pressing
    assert paged(registry_arrived, line.their_registry) == [sent[index][2].pk for index in ORDER]
    assert paged(worklist_incoming, line.their_registry) == [sent[index][2].pk for index in ORDER]
    found, after = [], None
    for _page in range(3):
        page = list_incoming(line.their_registry, Filters(needed_first=True), after, size=2)
        found, after = found + [row.case.pk for row in page.rows], page.after
    assert after is None and found == [sent[index][2].pk for index in ORDER]
    assert paged(registry_waiting, line.registry) == [sent[index][1].pk for index in ORDER]


def test_a_page_is_one_query_and_another_address_than_ours_begins_at_the_first_row() -> None:
    lines = [Line(letter=letter(*one)) for one in MADE]
    wanted = [one.lodged().pk for one in lines]
    wanted = [wanted[index] for index in ORDER]
    desk = lines[0].desk
    first = intake_queue(desk, None, size=2)
    with CaptureQueriesContext(connection) as captured:
        intake_queue(desk, first.after, size=2)
    assert sum("lifecycle_outgoingrequest" in query["sql"] for query in captured) == 1
    for strange in ("x", "1", "-1.2", "1.2.3.4", "9" * 40 + ".1", "١.٢"):
        assert [row.case.pk for row in worklist_outgoing(desk, strange, size=5).rows] == wanted


def test_a_draft_moves_nothing_and_lodging_takes_the_day_over() -> None:
    line = Line(letter=letter("routine", "2026-08-31"))
    outgoing = line.drafted()
    assert outgoing.needed_by == dt.date(2026, 8, 11)
    letter_save(letter=outgoing.letter, content=letter("urgent", "2026-08-21"), by=line.prosecutor)
    outgoing.refresh_from_db()
    assert outgoing.needed_by == dt.date(2026, 8, 11)
    outgoing = chain.outgoing_lodge(outgoing=outgoing, by=line.prosecutor)
    assert (outgoing.urgency, outgoing.needed_by) == ("urgent", dt.date(2026, 8, 1))


def test_migration_gives_the_cases_that_stand_their_place() -> None:
    _line, outgoing, incoming = sent_case(Line(letter=letter("urgent", "2026-08-31")))
    for case in (outgoing, incoming):
        type(case).objects.filter(pk=case.pk).update(needed_by=None, pressing=0)
    import_module("workflows.lifecycle.migrations.0011_fill_when_it_is_needed").fill(apps, None)
    for model, case in ((OutgoingRequest, outgoing), (IncomingRequest, incoming)):
        again = model.objects.get(pk=case.pk)
        assert (again.needed_by, again.pressing) == (case.needed_by, case.pressing) and again.pressing
