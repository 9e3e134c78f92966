"""Deadlines on the pages: both clocks, an extension that a rule offers, a reminder marked as seen, the authority's working days."""

from __future__ import annotations

import datetime as dt

import pytest

from mla.audit.models import AuditEntry
from mla.reference.models import Authority
from tests.factories import Line
from tests.web.conftest import day, signed_in
from tests.web.test_act_screens import address
from tests.web.test_jobs import administrator, hosted
from workflows.lifecycle.models import DeadlineExtension, IncomingRequest
from workflows.tracking.models import Notification

pytestmark = pytest.mark.django_db


def test_due_list_tells_both_clocks_and_an_offered_extension_is_made_on_its_page() -> None:
    line = Line()
    ours = line.sent()
    theirs = line.under_review(line.arrived(ours))
    bases = {"bases": [{"id": "B1", "instrument": "EIO-2014"}]}
    IncomingRequest.objects.filter(pk=theirs.pk).update(content=theirs.content | bases)
    Authority.objects.filter(pk=theirs.sender_id).update(time_zone="Pacific/Kiritimati")
    Authority.objects.filter(pk=theirs.authority_id).update(time_zone="Pacific/Honolulu")
    desk, there = signed_in(line.their_supervisor), f"/in/{theirs.public_id}/"
    page = desk.get(there).content.decode()
    assert "EIO-2014 12(3)" in page and "A rule lets it be extended: EIO-2014 12(5)" in page
    assert "Pacific/Honolulu" in page and "Pacific/Kiritimati" in page
    form = desk.get(address(theirs, "extend_deadline")).content.decode()
    assert "eio_decision_30" in form and "Goes to" in form
    said = {"rule": "eio_decision_30", "until": day(90), "reason": "The bank answers late."}
    wrong = desk.post(address(theirs, "extend_deadline"), said)
    assert wrong.status_code == 422 and "by EIO-2014 12(5) the new day is after" in wrong.content.decode()
    assert desk.post(address(theirs, "extend_deadline"), said | {"until": day(45)}).status_code == 302
    assert DeadlineExtension.objects.get().incoming_id == theirs.pk
    page = desk.get(there).content.decode()
    assert "extended by EIO-2014 12(5)" in page and "A rule lets it be extended" not in page


def test_reminder_goes_from_its_readers_worklist_alone() -> None:
    line = Line()
    ours = line.sent()
    row = Notification.objects.create(
        authority_id=ours.authority_id, case_kind="outgoing", case_id=ours.pk, kind="answer", due=dt.date(2026, 3, 16),
        step=-1, created_at=ours.created_at,
    )  # fmt: skip
    desk, supervisor, there = signed_in(line.desk), signed_in(line.supervisor), f"/reminders/{row.public_id}/seen"
    assert there in desk.get("/").content.decode()
    assert signed_in(line.their_desk).post(there).status_code == 404
    assert desk.post(there).status_code == 302 == desk.post(there).status_code
    assert there not in desk.get("/").content.decode() and there in supervisor.get("/").content.decode()


def test_administrator_keeps_the_working_days_and_each_change_is_recorded() -> None:
    client = signed_in(administrator())
    page = client.get("/office/calendar").content.decode()
    seen = hosted().edited_at.isoformat() if hosted().edited_at else ""
    said = {"holidays_of": "", "own_days": "2026-12-24 Christmas Eve", "escalation_days": "2", "seen": seen}
    assert "own_days" in page and "known here" in page
    for wrong in ({"own_days": "24.12."}, {"escalation_days": "0"}, {"holidays_of": "XX"}, {"seen": "?"}):
        refused = client.post("/office/calendar", said | wrong)
        assert refused.status_code == 422
        assert wrong.get("own_days", "Christmas Eve") in refused.content.decode(), "what was typed is still there"
    assert client.post("/office/calendar", said).status_code == 302
    own = hosted()
    assert (own.own_days, own.escalation_days) == ([{"day": "2026-12-24", "open": False, "name": "Christmas Eve"}], 2)
    entry = AuditEntry.objects.get(act="office.edit")
    assert entry.detail["before"]["own_days"] == "[]" and "Christmas Eve" in entry.detail["after"]["own_days"]
    assert client.post("/office/calendar", said | {"escalation_days": "4"}).status_code == 422, "changed meanwhile"
    assert "Change the working days" in client.get("/office/").content.decode()
