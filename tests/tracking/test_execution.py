"""Executions in what is due, in who has the case, in what waits for whom and in the lists."""

from __future__ import annotations

import datetime as dt

import pytest

from mla.accounts.models import Role, User
from tests.factories import drain, officer
from tests.tracking.test_due import DAY, fresh, kinds, on_day, sent_case
from workflows.lifecycle.services import execution
from workflows.lifecycle.services.execution import Listed
from workflows.tracking.deadlines import DeadlineKind as Kind
from workflows.tracking.deadlines import steps_of
from workflows.tracking.due_cases import cases_with_deadlines
from workflows.tracking.lists import Filters, list_incoming
from workflows.tracking.timeline import case_ball, case_timeline

pytestmark = pytest.mark.django_db


def test_news_and_originals_are_due_on_both_sides_until_they_come() -> None:
    line, outgoing, incoming = sent_case()
    day = DAY("2026-05-04")
    with on_day(8):
        incoming = line.in_execution(incoming)
        inside = execution.incoming_report_progress(incoming=incoming, by=line.executing, event="delayed", next_on=day)
        drain()
    assert Kind.NEXT_NEWS not in kinds(fresh(outgoing))
    theirs = kinds(fresh(inside))[Kind.NEXT_NEWS]
    assert (theirs.due, theirs.source, theirs.legal) == (day, "own estimate", False)
    with on_day(9):
        execution.incoming_report_progress(
            incoming=fresh(incoming), by=line.their_supervisor, event="before_court", next_on=day, tell=True
        )
        execution.incoming_list_originals(
            incoming=fresh(incoming), by=line.their_registry, originals=[Listed("Passport", "by_day", due=day)]
        )
        drain()
    found = kinds(fresh(outgoing))
    assert (found[Kind.NEXT_NEWS].due, found[Kind.NEXT_NEWS].source) == (day, "estimate of the requested State")
    assert (found[Kind.ORIGINALS].due, found[Kind.ORIGINALS].note) == (
        day, "originals to be returned, ETS 030 article 6(2)",
    )  # fmt: skip
    assert kinds(fresh(incoming))[Kind.ORIGINALS].note == "originals that we gave"
    assert 0 in steps_of(Kind.ORIGINALS) and min(steps_of(Kind.ORIGINALS)) < 0 < max(steps_of(Kind.ORIGINALS))
    for side in cases_with_deadlines(dt.date(2030, 1, 1)):
        assert side.exists()


def test_case_is_with_whoever_it_was_given_to_and_in_that_officers_list() -> None:
    line, _outgoing, incoming = sent_case()
    with on_day(8):
        incoming = line.in_execution(incoming)
        other = officer(Role.EXECUTING_OFFICER, line.executing_authority.code, 2)
        execution.incoming_assign_execution(
            incoming=incoming, by=line.their_supervisor, executing=line.executing_authority,
            officer=User.objects.get(pk=other.user_id),
        )  # fmt: skip
    held = case_ball(fresh(incoming), case_timeline(None, fresh(incoming)))[-1]
    assert (held.party, held.authority_id) == ("executing", line.executing_authority.pk)
    for actor, mine in ((other, 1), (line.executing, 0)):
        assert len(list_incoming(actor, Filters()).rows) == 1
        assert len(list_incoming(actor, Filters(mine=True)).rows) == mine
