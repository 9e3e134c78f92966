"""The page of what is with people who left: all of one person's goes to another by one press, and an error loses nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.models import Role, User
from mla.accounts.services import OPERATOR, officer_deactivate
from mla.reference.models import Authority
from tests.factories import Line, officer
from tests.web.conftest import signed_in
from workflows.lifecycle.models import Assignment
from workflows.lifecycle.services.execution import incoming_assign_execution

pytestmark = pytest.mark.django_db


def test_supervisor_gives_all_requests_of_who_left_to_another_at_once() -> None:
    line, person = Line(), None
    cases = []
    for _number in range(3):
        case = line.in_execution(line.arrived(line.sent()))
        person = officer(Role.EXECUTING_OFFICER, line.executing_authority.code, 5)
        user = User.objects.get(pk=person.user_id)
        cases.append(
            incoming_assign_execution(
                incoming=case, by=line.their_supervisor, executing=line.executing_authority, officer=user
            )
        )
    assert person is not None
    to = User.objects.get(pk=line.executing.user_id)
    desk = signed_in(line.their_supervisor)
    assert "/left/" not in desk.get("/").content.decode()
    assert "Nothing is with people who left." in desk.get("/left/").content.decode()
    officer_deactivate(
        user=User.objects.get(pk=person.user_id), authority=Authority.objects.get(pk=person.authority_id), by=OPERATOR
    )
    assert 'href="/left/"' in desk.get("/").content.decode()
    page = desk.get("/left/").content.decode()
    assert all(case.reference in page for case in cases) and str(to) in page
    key = f"execution-{user.public_id}-{line.executing_authority.pk}"
    said = {"group": key, f"{key}-to": str(to.public_id)}
    bare = desk.post("/left/", said | {f"{key}-reason": "  "})
    assert bare.status_code == 422 and f'value="{to.public_id}" selected' in bare.content.decode()
    assert desk.post("/left/", {"group": key, f"{key}-to": str(user.public_id)}).status_code == 422
    assert Assignment.objects.filter(officer=user, ended_at=None).count() == 3
    done = desk.post("/left/", said | {f"{key}-reason": "left the service"}, follow=True)
    assert (
        "3 requests are given" in done.content.decode() and "Nothing is with people who left." in done.content.decode()
    )
    assert Assignment.objects.filter(officer=to, ended_at=None).count() == 3
    # Somebody pressed twice, or was second.
    again = desk.post("/left/", said | {f"{key}-reason": "left the service"}, follow=True)
    assert "somebody gave it to others" in again.content.decode()
    for other in (line.their_desk, line.their_registry, line.executing):
        assert signed_in(other).get("/left/").status_code == 404


def test_page_takes_the_same_number_of_queries_for_many_requests() -> None:
    line = Line()
    person = User.objects.get(pk=officer(Role.EXECUTING_OFFICER, line.executing_authority.code, 5).user_id)
    desk, counts = signed_in(line.their_supervisor), []
    for _number in range(3):
        User.objects.filter(pk=person.pk).update(is_active=True)
        incoming_assign_execution(
            incoming=line.in_execution(line.arrived(line.sent())), by=line.their_supervisor,
            executing=line.executing_authority, officer=person,
        )  # fmt: skip
        User.objects.filter(pk=person.pk).update(is_active=False)
        desk.get("/left/")
        with CaptureQueriesContext(connection) as captured:
            assert desk.get("/left/").status_code == 200
        counts.append(len(captured))
    assert counts[1] == counts[2] <= 12
