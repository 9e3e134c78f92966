"""A request that came back, went on or was closed, on the page of its case, in the draft and on the page of the reopening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mla.accounts.actors import Actor
from tests.factories import Line
from workflows.drafting.models_reuse import LetterLink
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.services import outgoing_course as course

AtDesk = Callable[[Actor], Client]

pytestmark = pytest.mark.django_db

DEFECTS = [ToldDefect("From when to when?", "offences[0]", "Art. 27"), ToldDefect("No copy of the law")]


def told(line: Line, **said: Any) -> OutgoingRequest:
    sent = line.sent()
    assert sent.addressee is not None
    given = {"outcome": "returned", "reason": "It lacks dates.", "code": "unregistered", "defects": DEFECTS} | said
    return course.outgoing_note_return(outgoing=sent, by=Actor.peer(sent.addressee), **given)


def test_request_that_came_back_says_why_and_begins_its_letter_again_once(at_desk: AtDesk) -> None:
    line = Line()
    case = told(line)
    page = reverse("web:outgoing", args=[case.public_id])
    drafter, registry = at_desk(line.prosecutor), at_desk(line.registry)
    shown = drafter.get(page).content.decode()
    assert "Returned without being taken up" in shown and "It lacks dates." in shown
    assert "From when to when?" in shown and "Art. 27" in shown and "The whole letter" in shown
    address = reverse("web:letter_resubmit", args=[case.public_id])
    assert address in shown and address not in registry.get(page).content.decode()
    assert registry.post(address).status_code == 404
    first = drafter.post(address)
    assert first.status_code == 302 and drafter.post(address)["Location"] == first["Location"]
    later = LetterLink.objects.get(kind="resubmission").letter.outgoing
    assert first["Location"] == reverse("web:letter", args=[later.public_id])

    tasks = drafter.get(first["Location"]).content.decode()
    assert "Why the earlier letter came back" in tasks and case.reference in tasks and "No copy of the law" in tasks
    offences = drafter.get(reverse("web:letter_section", args=[later.public_id, "offences"])).content.decode()
    assert "Told when it came back" in offences and "From when to when?" in offences
    facts = drafter.get(reverse("web:letter_section", args=[later.public_id, "facts"])).content.decode()
    assert "Told when it came back" not in facts
    wrong = drafter.post(reverse("web:letter_send_on", args=[case.public_id]), follow=True)
    assert "did not go on to another authority" in wrong.content.decode()


def test_request_that_went_on_begins_a_letter_to_that_authority(at_desk: AtDesk) -> None:
    line = Line()
    office = line.executing_authority
    case = told(line, outcome="redirected", reason="the court", code="", defects=(), competent=office)
    drafter = at_desk(line.prosecutor)
    shown = drafter.get(reverse("web:outgoing", args=[case.public_id])).content.decode()
    address = reverse("web:letter_send_on", args=[case.public_id])
    assert office.name in shown and address in shown
    assert drafter.post(address).status_code == 302
    later = LetterLink.objects.get(kind="redirection").letter
    assert later.present().content["requested"]["authority"] == office.code


def test_closed_case_is_taken_up_again_with_a_reason_and_by_a_supervisor_alone(at_desk: AtDesk) -> None:
    line = Line()
    case = told(line)
    address = reverse("web:letter_reopen", args=[case.public_id])
    chief, desk = at_desk(line.supervisor), at_desk(line.desk)
    assert chief.get(address).status_code == chief.post(address, {"reason": "x"}).status_code == 409
    course.outgoing_close(outgoing=case, by=line.supervisor, reason="told by telephone")
    page = reverse("web:outgoing", args=[case.public_id])
    assert address in chief.get(page).content.decode() and address not in desk.get(page).content.decode()
    assert desk.get(address).status_code == desk.post(address, {"reason": "x"}).status_code == 404
    assert chief.post(address, {"reason": " "}).status_code == 422 and LetterLink.objects.count() == 0
    begun = chief.post(address, {"reason": "A second account was found."})
    later = LetterLink.objects.get(kind="reopening").letter.outgoing
    assert begun["Location"] == reverse("web:outgoing", args=[later.public_id])
    assert "A second account was found." in chief.get(begun["Location"]).content.decode()
    assert "is taken up again by" in chief.get(page).content.decode()
    assert desk.get(reverse("web:letter", args=[later.public_id])).status_code == 200


def test_pages_take_the_same_queries_however_many_defects_there_are(at_desk: AtDesk) -> None:
    line = Line()
    case = told(line)
    client = at_desk(line.prosecutor)
    begun = client.post(reverse("web:letter_resubmit", args=[case.public_id]))["Location"]

    def price(address: str) -> int:
        client.get(address)
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    pages = [reverse("web:outgoing", args=[case.public_id]), begun]
    few = [price(address) for address in pages]
    for number in range(3, 40):
        case.defect_set.create(authority_id=case.authority_id, number=number, text=f"<b>{number}</b>")
    assert few == [price(address) for address in pages]
    assert "<b>9</b>" not in client.get(begun).content.decode()
