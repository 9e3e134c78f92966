"""Opening a restricted case without being named, on its pages: purpose, sight, notices, review; and nothing else opens."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, officer
from tests.web.conftest import signed_in
from tests.web.matrix_restricted import REFERENCE, SPOKEN, TITLE, WHY, restricted_pair
from workflows.lifecycle.models import BreakGlass
from workflows.lifecycle.services.operations import operation_open

pytestmark = pytest.mark.django_db
OPEN = "/restricted/open"


def asked(client: Client, reference: str, **said: str) -> str:
    answer = client.post(OPEN, WHY | {"reference": reference} | said)
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def test_case_is_opened_read_told_reviewed_and_closed_again() -> None:
    line = Line()
    out, came = restricted_pair(line, operation_open(by=line.desk, name="Harvest"))
    central, theirs = out.central.code, came.authority.code
    supervisor = signed_in(officer(Role.SUPERVISOR, central, 9))
    auditor, desk = signed_in(officer(Role.AUDITOR, central)), signed_in(line.desk)
    duty = signed_in(officer(Role.DUTY_OFFICER, theirs, 9))
    page = supervisor.get(OPEN).content.decode()
    assert "danger to life, limb or liberty of a person" in page and "4 hours" in page
    # Wrong, absent, another authority's: what was typed stays, and the answers are one.
    missing = asked(supervisor, REFERENCE, words="no")
    assert "at least" in missing and REFERENCE in missing and not BreakGlass.objects.exists()
    absent, foreign = asked(supervisor, "NO/1"), asked(supervisor, came.reference)
    assert "nothing that you can open here" in absent
    assert [one.replace(what, "") for one, what in ((absent, "NO/1"), (foreign, came.reference))].count("") == 0
    assert AuditEntry.objects.filter(outcome="refused", object_type="restricted case").count() == 2
    for client, case, reference in ((supervisor, out, REFERENCE), (duty, came, came.reference)):
        address = asked(client, reference)
        read = client.get(address)
        text = read.content.decode()
        assert read.status_code == 200 and TITLE in text and "To read alone" in text
        # No act, no file and no other page of the case: the one link of its own is to close it again.
        assert str(case.public_id) not in text and "/do/end" in text
        assert client.get(f"/{'out' if case == out else 'in'}/{case.public_id}/").status_code == 404
        assert TITLE not in client.get(f"/search?q={reference}").content.decode()
    opened = BreakGlass.objects.get(outgoing=out)
    own = reverse("web:break_glass", args=[opened.public_id])
    # The auditor and the named person are shown it at once, on their first page; a colleague is not.
    for client in (auditor, desk):
        first = client.get("/").content.decode()
        assert own in first and "danger to life" in first
    assert own in desk.get(f"/out/{out.public_id}/").content.decode()
    colleague = signed_in(officer(Role.SUPERVISOR, central, 8))
    assert own not in colleague.get("/").content.decode()
    assert [colleague.get(own).status_code, colleague.get(f"{own}case").status_code] == [404, 404]
    seen = auditor.get(own).content.decode()
    assert REFERENCE in seen and WHY["words"] in seen and TITLE not in seen and SPOKEN not in seen
    assert auditor.get(f"{own}case").status_code == 404
    purpose = {"purpose": "look at the night of Sunday"}
    auditor.post("/audit/purpose", purpose)
    assert own in auditor.get("/audit/").content.decode()
    review = f"/break_glass/{opened.public_id}/do/review"
    assert auditor.post(review, {"reason": ""}).status_code == 422
    assert supervisor.post(review, {"reason": "Fine."}).status_code == 403
    assert auditor.post(review, {"reason": "Justified, the call is logged."}).status_code == 302
    assert own not in auditor.get("/").content.decode()
    assert "Justified, the call is logged." in desk.get(own).content.decode()
    assert supervisor.post(f"/break_glass/{opened.public_id}/do/end", {}).status_code == 302
    assert supervisor.get(f"{own}case").status_code == 404
    assert "closed by the person before its time" in supervisor.get(own).content.decode()
    assert supervisor.get("/restricted/").status_code == 200


def test_page_of_what_was_opened_costs_a_fixed_number_of_queries() -> None:
    line = Line()
    out, _came = restricted_pair(line, operation_open(by=line.desk, name="Harvest"))
    client = signed_in(officer(Role.SUPERVISOR, out.central.code, 9))
    address = asked(client, REFERENCE)
    with CaptureQueriesContext(connection) as first:
        client.get(address)
    assert len(first) <= 60
