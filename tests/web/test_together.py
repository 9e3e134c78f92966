"""Contacts, likenesses and operations on the pages: forms that keep what is typed, and what each person reads of them."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mla.accounts.models import Role
from mla.reference.models import Authority
from tests.factories import Line, officer
from tests.web.conftest import day, signed_in
from workflows.lifecycle.models import ContactEntry, IncomingRequest, Operation, OutgoingRequest
from workflows.lifecycle.services import operations as ops

pytestmark = pytest.mark.django_db


def do(case: Any, act: str) -> str:
    way = {"outgoing": "out", "incoming": "in"}.get(case.KIND, case.KIND)
    return f"/{way}/{case.public_id}/do/{act}"


CALL = {"kind": "police", "direction": "theirs", "office": "Liaison office at Tirana", "day": day(-1), "time": "09:30",
        "zone": "Europe/Tirane", "summary": "They ask <b>for the port</b>."}  # fmt: skip


def test_contact_is_noted_read_due_done_and_corrected() -> None:
    line = Line()
    case = line.sent()
    desk, page = signed_in(line.desk), f"/out/{case.public_id}/"
    wrong = desk.post(do(case, "log_contact"), CALL | {"office": "", "zone": "Nowhere", "next_due": day(3)})
    assert wrong.status_code == 422
    told = wrong.content.decode()
    assert "They ask &lt;b&gt;for the port&lt;/b&gt;." in told, "what was typed is still there"
    assert "There is no time zone of this name" in told
    wrong = desk.post(do(case, "log_contact"), CALL | {"office": "", "next_due": day(3)}).content.decode()
    assert "name the person, the office or both" in wrong and "say what is to be done by this day" in wrong
    assert (
        desk.post(do(case, "log_contact"), CALL | {"next_step": "Send the port", "next_due": day(3)}).status_code == 302
    )
    read = desk.get(page).content.decode()
    for fact in ("Liaison office at Tirana", "Send the port", "next step after a contact", "Europe/Tirane"):
        assert fact in read, fact
    assert "<b>for the port" not in read
    buttons = re.findall(r'<a class="(button[^"]*)"[^>]*data-act="([a-z_]+)"', read)
    beside = {"log_contact", "contact_done", "decide_alike"}
    places = [act in beside for _, act in buttons]
    assert all(places[places.index(True) :]) or beside <= {act for _, act in buttons[-9:]}, "below the acts of its way"
    assert not any("button-first" in look for look, act in buttons if act in beside)
    entry = ContactEntry.objects.get()
    done = {"contact": str(entry.public_id), "note": "Sent by e-mail."}
    assert desk.post(do(case, "contact_done"), done).status_code == 302
    read = desk.get(page).content.decode()
    assert "Sent by e-mail." in read and "next step after a contact" not in read
    assert "The next step of a contact is done" not in read.partition('id="pane-acts"')[2].partition("What is due")[0]
    assert (
        desk.post(
            do(case, "log_contact"), CALL | {"corrects": str(entry.public_id), "summary": "No, the address."}
        ).status_code
        == 302
    )
    assert "corrected by a later entry" in desk.get(page).content.decode()
    assert "No, the address." not in signed_in(line.their_desk).get(reverse("web:incoming_list")).content.decode()


def paper(reference: str, **more: Any) -> dict[str, Any]:
    sender = Authority.objects.filter(jurisdiction__code="DE", kind="central").get()
    scan = SimpleUploadedFile("scan.pdf", b"%PDF-1.7 " + uuid4().bytes.hex().encode(), content_type="application/pdf")
    return {
        "key": str(uuid4()), "sender": sender.pk, "peer_reference": reference, "title": "Bank records", "urgency": "routine",
        "channel": "diplomatic", "confidentiality": "normal", "item_1": "bank-records", "scan": scan, **more,
    }  # fmt: skip


def test_paper_that_looks_like_a_registered_case_is_registered_by_a_tick_and_decided_on() -> None:
    registry = officer(Role.REGISTRY, "al-central")
    client, receive = signed_in(registry), reverse("web:incoming_receive")
    assert client.post(receive, paper("AZ 7/2026")).status_code == 302
    first = IncomingRequest.objects.get()
    told = client.post(receive, paper("az-7-2026"))
    assert told.status_code == 422 and IncomingRequest.objects.count() == 1
    page = told.content.decode()
    assert first.reference in page and "the same reference of the same State" in page and 'value="az-7-2026"' in page
    assert "alike_seen" not in client.get(receive).content.decode()
    assert client.post(receive, paper("az-7-2026", alike_seen="on")).status_code == 302
    second = IncomingRequest.objects.latest("id")
    page = client.get(f"/in/{second.public_id}/").content.decode()
    assert "nobody has said yet" in page and first.reference in page
    decide = do(second, "decide_alike")
    assert f'value="{first.public_id}"' in client.get(decide).content.decode()
    wrong = client.post(decide, {"other": str(first.public_id), "decision": "not_alike"})
    assert wrong.status_code == 422 and "say why they have nothing" in wrong.content.decode()
    assert (
        "No other case" in client.post(decide, {"reference": second.reference, "decision": "related"}).content.decode()
    )
    assert client.post(decide, {"other": str(first.public_id), "decision": "duplicate_of"}).status_code == 302
    page = client.get(f"/in/{second.public_id}/").content.decode()
    assert "nobody has said yet" not in page and "is a duplicate of" in page
    assert "has as a duplicate" in client.get(f"/in/{first.public_id}/").content.decode()


def test_letter_shows_what_it_looks_like_before_it_is_submitted_and_in_the_review() -> None:
    line = Line()
    first, second = line.in_review(), line.taken_in()
    page = signed_in(line.desk).get(do(second, "submit")).content.decode()
    assert first.reference in page and "the same identifier" in page
    assert signed_in(line.desk).post(do(second, "submit"), {"expected_version": second.version}).status_code == 302
    page = signed_in(line.supervisor).get(reverse("web:review_case", args=[second.public_id]))
    assert page.status_code == 200 and "the same letter" in page.content.decode()
    assert "Looks like" not in signed_in(line.desk).get(f"/out/{line.drafted().public_id}/").content.decode()


def test_operation_is_opened_filled_shown_taken_out_as_a_file_and_closed() -> None:
    line = Line()
    case = line.sent()
    desk, supervisor = signed_in(line.desk), signed_in(line.supervisor)
    opening = reverse("web:operation_open")
    assert desk.post(opening, {"name": " ", "description": "Hospitals"}).status_code == 422
    assert desk.post(opening, {"name": "Harvest", "description": "Hospitals"}).status_code == 302
    operation = Operation.objects.get()
    taken = desk.post(opening, {"name": "harvest ".title(), "description": "Again"})
    assert taken.status_code == 422 and "Again" in taken.content.decode()
    wrong = desk.post(do(operation, "add"), {"reference": "XX/out/2099/00001"})
    assert wrong.status_code == 422 and "No case that you may see" in wrong.content.decode()
    put_in = f"/out/{case.public_id}/operation"
    assert "Harvest" in desk.get(put_in).content.decode()
    assert desk.post(put_in, {"operation": str(operation.public_id)}).status_code == 302
    assert desk.post(put_in, {"operation": str(operation.public_id)}).status_code == 422
    assert "Belongs to the operation" in desk.get(f"/out/{case.public_id}/").content.decode()
    here = f"/operations/{operation.public_id}/"
    page = desk.get(here).content.decode()
    assert case.reference in page and "with them" in page
    file = desk.get(f"{here}export.csv")
    assert case.reference in file.content.decode("utf-8-sig") and "attachment" in file["Content-Disposition"]
    assert "Harvest" in desk.get(reverse("web:operations"), {"q": "hosp", "show": "open"}).content.decode()
    assert "No operation that you may see fits" in desk.get(reverse("web:operations"), {"q": "zzz"}).content.decode()
    for stranger in (line.prosecutor, line.their_desk):
        assert signed_in(stranger).get(here).status_code == 404
    assert desk.post(do(operation, "remove"), {"member": str(case.public_id)}).status_code == 422
    said = {"member": str(case.public_id), "reason": "Another inquiry."}
    assert desk.post(do(operation, "remove"), said).status_code == 302
    assert "No case that you may see belongs to it" in desk.get(here).content.decode()
    assert desk.get(do(operation, "close")).status_code == 403
    assert supervisor.post(do(operation, "close"), {"reason": "The day is over."}).status_code == 302
    assert "The day is over." in desk.get(here).content.decode()
    assert "Put a case into" not in desk.get(here).content.decode()


def test_pages_of_operations_take_the_same_queries_for_few_and_for_many() -> None:
    line = Line()
    first = ops.operation_open(by=line.desk, name="One")
    ops.operation_add(operation=first, case=line.sent(), by=line.desk)
    client = signed_in(line.desk)
    listed, here = reverse("web:operations"), f"/operations/{first.public_id}/"
    few = [price(client, listed), price(client, here)]
    base = OutgoingRequest.objects.get()
    for number in range(3):
        more = ops.operation_open(by=line.desk, name=f"More {number}")
        ops.operation_add(operation=more, case=base, by=line.desk)
    ops.operation_add(operation=first, case=line.taken_in(), by=line.desk)
    assert few == [price(client, listed), price(client, here)]


def price(client: Client, address: str) -> int:
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)
