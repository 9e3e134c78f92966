"""The page of a case: who opens it, what it shows, which acts it offers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.factories import Line, officer
from tests.tracking.lives import closed_case
from workflows.documents.models import CaseDocument
from workflows.documents.services_kinds import document_make
from workflows.lifecycle.models import Evidence, OpenPoint

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def test_case_page_opens_to_who_may_see_the_case_and_to_nobody_else(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    page = at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/")
    assert page.status_code == 200
    assert outgoing.letter.title in page.content.decode()
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    assert at_desk(stranger).get(f"/out/{outgoing.public_id}/").status_code == 404


def test_whole_case_shows_both_references_the_picture_and_its_file(at_desk: AtDesk) -> None:
    line, outgoing, incoming = closed_case()
    page = at_desk(line.supervisor).get(f"/out/{outgoing.public_id}/").content.decode()
    for shown in (outgoing.reference, outgoing.peer_reference, "<svg", "Which account?", "The first one.", ".csv"):
        assert shown in page, shown
    assert page.count('class="mark ') >= 10 and "nobody needs to act" in page
    theirs = at_desk(line.their_desk).get(f"/in/{incoming.public_id}/").content.decode()
    assert incoming.reference in theirs and incoming.peer_reference in theirs


def test_holder_and_its_waiting_time_are_said_in_words(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    with clock.frozen(clock.now() + dt.timedelta(days=17, hours=1)):
        client = at_desk(line.registry)
        page = " ".join(client.get(f"/out/{outgoing.public_id}/").content.decode().split())
    assert "for 17 days" in page and "not acknowledged yet" in page


def test_auditor_says_why_before_the_case_opens_and_it_is_recorded(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    client = at_desk(officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    case = f"/out/{outgoing.public_id}/"
    asked = client.get(case)
    assert (asked.status_code, asked["Location"]) == (302, f"{case}purpose")
    assert client.post(f"{case}purpose", {"purpose": "x"}).status_code == 422
    assert not AuditEntry.objects.filter(act="access.purpose").exists()
    assert client.post(f"{case}purpose", {"purpose": "yearly inspection"})["Location"] == case
    entry = AuditEntry.objects.get(act="access.purpose")
    assert (entry.object_id, entry.reason) == (str(outgoing.public_id), "yearly inspection")
    assert "yearly inspection" in client.get(case).content.decode()
    # Others do not read it in the course of the case; another case asks anew.
    assert "yearly inspection" not in at_desk(line.desk).get(case).content.decode()
    with clock.frozen(clock.now() + dt.timedelta(minutes=61)):
        assert client.get(case).status_code == 302


def test_case_page_takes_the_same_queries_however_long_the_case(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.sent()
    client = at_desk(line.supervisor)

    def price() -> int:
        client.get(f"/out/{outgoing.public_id}/")
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/out/{outgoing.public_id}/").status_code == 200
        return len(seen)

    few = price()
    for number in range(57):
        OpenPoint.objects.create(
            authority_id=outgoing.authority_id, outgoing=outgoing, kind="information", question=f"<b>{number}</b>",
            asked_by="x", asked_at=clock.now(), answer="y", answered_by="z", answered_at=clock.now(),
        )  # fmt: skip
        Evidence.objects.create(
            authority_id=outgoing.authority_id, outgoing=outgoing, name="<i>.csv", media_type="text/csv", size=1,
            sha256="0" * 64, added_at=clock.now(),
        )  # fmt: skip
    for number in range(9):
        document_make(
            kind="assurance", case=outgoing, by=line.supervisor, language="en",
            said={"text": f"Assurance {number}", "given_by": "The prosecutor"},
        )  # fmt: skip
    theirs = {"status": "ready", "came_from": outgoing.addressee, "sha256": "0" * 64}
    CaseDocument.objects.filter(said__text__endswith="8").update(**theirs)
    # The letter asks for a preservation: its row is read, and what was asked beside it.
    assert few == price() <= 21, few
    page = client.get(f"/out/{outgoing.public_id}/").content.decode()
    assert "Assurance 7" in page and "Assurance 8" in page
    assert "<b>1</b>" not in page and "<i>.csv" not in page


def test_case_that_waits_for_a_role_that_nobody_has_says_so(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    place = f"/out/{outgoing.public_id}/"
    central = Membership.objects.filter(authority_id=outgoing.central_id)
    officer(Role.DUTY_OFFICER, outgoing.central.code)
    assert line.supervisor.authority_id == outgoing.central_id
    for person in (line.prosecutor, line.desk):
        assert "Nobody can act now" not in at_desk(person).get(place).content.decode()
    central.filter(role=Role.SUPERVISOR).update(ends_at=clock.now())
    for person in (line.prosecutor, line.desk):
        page = at_desk(person).get(place).content.decode()
        assert "Nobody can act now" in page and f"waits for a supervisor of {outgoing.central.name}" in page
    # In an emergency the duty officer can.
    type(outgoing).objects.filter(pk=outgoing.pk).update(urgency="emergency")
    assert "Nobody can act now" not in at_desk(line.desk).get(place).content.decode()
    # Somebody who left has no role any more, and somebody new has it.
    type(outgoing).objects.filter(pk=outgoing.pk).update(urgency="urgent")
    new = officer(Role.SUPERVISOR, outgoing.central.code, 9)
    assert "Nobody can act now" not in at_desk(line.desk).get(place).content.decode()
    User.objects.filter(pk=new.user_id).update(is_active=False)
    assert "Nobody can act now" in at_desk(line.desk).get(place).content.decode()


def test_approved_case_without_a_registry_says_so(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.ready()
    Membership.objects.filter(authority_id=outgoing.central_id, role=Role.REGISTRY).update(ends_at=clock.now())
    page = at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/").content.decode()
    assert "Nobody can act now" in page and "waits for a registry" in page
