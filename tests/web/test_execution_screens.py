"""An execution on the pages: forms that keep what is typed, and what both sides read of it."""

from __future__ import annotations

from typing import Any

import pytest

from mla.accounts.models import User
from tests.factories import Line, drain
from tests.web.conftest import day, signed_in
from tests.web.test_act_screens import address
from workflows.lifecycle.models import Original, Progress

pytestmark = pytest.mark.django_db


def test_execution_is_given_out_told_and_originals_go_and_come_back() -> None:
    line = Line()
    ours = line.sent()
    theirs = line.in_execution(line.arrived(ours))
    desk, there = signed_in(line.their_supervisor), f"/in/{theirs.public_id}/"
    officer = User.objects.get(pk=line.executing.user_id)
    office = line.executing_authority
    said: dict[str, Any] = {"executing": office.pk, "officer": str(officer.public_id), "instruction": "By telephone."}
    assert desk.post(address(theirs, "assign_execution"), said | {"expected_by": day(-1)}).status_code == 422
    assert desk.post(address(theirs, "assign_execution"), said).status_code == 302
    page = desk.get(there).content.decode()
    assert "By telephone." in page and str(officer) in page
    # Of the executing authority an officer reports; whether it is told is decided at the desk.
    reporting = signed_in(line.executing)
    form = reporting.get(address(theirs, "report_progress")).content.decode()
    assert 'name="event"' in form and 'name="tell"' not in form
    wrong = reporting.post(address(theirs, "report_progress"), {"next_on": day(-1)})
    assert wrong.status_code == 422 and "This day is past." in wrong.content.decode()
    report = {"event": "provider_asked", "text": "A letter is on its way.", "next_on": day(20)}
    assert reporting.post(address(theirs, "report_progress"), report).status_code == 302
    assert "stays inside" in desk.get(there).content.decode()
    news = str(Progress.objects.get(incoming=theirs).progress_id)
    assert desk.post(address(theirs, "tell_progress"), {"news": news}).status_code == 302
    registry = signed_in(line.their_registry)
    listed = {"description_1": "Passport", "quantity_1": "1", "give_back_1": "by_day", "item_1": "M1"}
    bare = registry.post(address(theirs, "list_originals"), listed)
    assert bare.status_code == 422 and "by which day?" in bare.content.decode()
    assert "Passport" in bare.content.decode(), "what was typed is still there"
    assert registry.post(address(theirs, "list_originals"), listed | {"due_1": day(60)}).status_code == 302
    drain()
    here, returning = f"/out/{ours.public_id}/", signed_in(line.registry)
    page = returning.get(here).content.decode()
    assert "A letter is on its way." in page and "The holder of the data was asked" in page
    assert "next news of the execution" in page and "not returned yet" in page
    given = {"originals": [str(Original.objects.get(outgoing=ours).original_id)], "on": day(0), "tracking": "TEST-7"}
    assert returning.post(address(ours, "return_originals"), given).status_code == 422
    assert returning.post(address(ours, "return_originals"), given | {"how": "by courier"}).status_code == 302
    drain()
    assert "TEST-7" in registry.get(there).content.decode()
