"""The registry: its groups, the steps of what goes by hand, and paper that came in."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mla.accounts.models import Role
from mla.core import clock
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.factories import Line, drain, officer
from tests.web.conftest import signed_in
from tests.web.test_act_screens import by_hand
from workflows.exchange.models import Transmission
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.incoming import OnPaper, incoming_register

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


def group(client: Any, name: str) -> str:
    answer = client.get(reverse("web:registry"), {"group": name})
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_request_goes_through_the_groups_of_the_registry() -> None:
    line = Line()
    outgoing = line.ready()
    client = signed_in(line.registry)
    assert outgoing.reference in group(client, "ready")
    assert outgoing.reference not in group(client, "waiting")
    client.post(f"/out/{outgoing.public_id}/do/send", {"channel": "local"})
    assert outgoing.reference in group(client, "waiting")
    assert "no legal limit" in group(client, "waiting")
    case = line.arrived(outgoing)
    theirs = signed_in(line.their_registry)
    assert case.reference in group(theirs, "arrived")
    inward.incoming_transmit_result(incoming=line.executed(line.in_execution(case)), by=line.their_registry)
    drain()
    assert outgoing.reference not in group(client, "waiting")
    page = group(client, "results")
    assert outgoing.reference in page
    assert "Check and confirm the evidence" in page
    client.post(f"/out/{outgoing.public_id}/do/confirm_evidence", {})
    assert "Hand the result over" in group(client, "results")
    client.post(f"/out/{outgoing.public_id}/do/hand_over_result", {})
    assert outgoing.reference not in group(client, "results")


def test_registry_is_a_page_of_registry_and_supervisor_and_shows_own_cases_only() -> None:
    line = Line()
    outgoing = line.ready()
    assert signed_in(line.desk).get(reverse("web:registry")).status_code == 404
    assert signed_in(line.supervisor).get(reverse("web:registry")).status_code == 200
    assert outgoing.reference not in group(signed_in(officer(Role.REGISTRY, "jp-central")), "ready")


def step(client: Any, way: Transmission, **said: Any) -> Any:
    whole = {
        "step": "submit",
        "proof": SimpleUploadedFile("slip.pdf", b"%PDF slip no. 2"),
        "proof_day": clock.now().date().isoformat(),
        "expected_version": way.version,
    } | said
    return client.post(
        reverse("web:transmission_step", args=[way.public_id]), {k: v for k, v in whole.items() if v is not None}
    )


def test_step_of_paper_is_recorded_once_with_its_proof() -> None:
    line = Line()
    by_hand(line)
    drain()
    way = Transmission.objects.get(channel="paper")
    client = signed_in(line.registry)
    assert "Record how it went" in group(client, "receipts")
    assert step(client, way, proof=None).status_code == 422
    assert step(client, way, step="deliver").status_code == 422
    assert step(client, way).status_code == 302
    assert step(client, way).status_code == 422
    way.refresh_from_db()
    receipt = way.receipts.get()
    assert way.status == "submitted"
    assert receipt.content["by_hand"] is True
    assert receipt.content["name"] == "slip.pdf"
    refused = step(client, way, step="reject", expected_version=way.version, proof_note="address unknown")
    assert refused.status_code == 302
    page = group(client, "stuck")
    assert "address unknown" in page


def test_electronic_way_takes_no_step_by_hand_and_a_foreign_one_is_not_there() -> None:
    line = Line()
    line.sent()
    drain()
    way = Transmission.objects.filter(channel="local").first()
    assert way is not None
    client = signed_in(line.registry)
    page = client.get(reverse("web:transmission_step", args=[way.public_id])).content.decode()
    assert "tells its steps itself" in page
    assert step(client, way).status_code == 422
    stranger = signed_in(officer(Role.REGISTRY, "jp-central"))
    assert stranger.get(reverse("web:transmission_step", args=[way.public_id])).status_code == 404


# --- paper that came in ---


def paper(**said: Any) -> dict[str, Any]:
    return {
        "key": str(uuid7()),
        "sender": Authority.objects.get(code="us-central").pk,
        "peer_reference": "CRM-1",
        "title": "Bank records",
        "channel": "diplomatic",
        "urgency": "urgent",
        "confidentiality": "normal",
        "item_1": "stored-content",
        "item_2": "preservation",
        "instruments": ["UNCAC-2003"],
        "scan": SimpleUploadedFile("scan.pdf", b"%PDF scan"),
    } | said


def without(said: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != name}


def test_paper_request_is_registered_once_with_its_scan_and_items() -> None:
    registry = officer(Role.REGISTRY, "is-central")
    client = signed_in(registry)
    address = reverse("web:incoming_receive")
    for name in ("sender", "peer_reference", "title", "channel", "item_1", "scan", "key"):
        assert client.post(address, without(paper(), name)).status_code == 422, name
    assert not IncomingRequest.objects.exists()
    said = paper()
    answer = client.post(address, said)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    case = IncomingRequest.objects.get()
    assert (case.channel, case.peer_reference, case.urgency) == ("diplomatic", "CRM-1", "urgent")
    assert [(item.key, item.measure) for item in case.items.order_by("id")] == [
        ("M1", "stored-content"),
        ("M2", "preservation"),
    ]
    assert case.authority_id == registry.authority_id
    said["scan"].seek(0)
    again = client.post(address, said)
    assert again.status_code == 422
    assert case.reference in again.content.decode()
    got = client.get(reverse("web:received_file", args=[case.public_id, case.letter_sha256]))
    assert b"".join(got.streaming_content) == b"%PDF scan"


def test_own_authority_is_no_sender_and_an_empty_or_hostile_file_no_letter() -> None:
    client = signed_in(officer(Role.REGISTRY, "is-central"))
    address = reverse("web:incoming_receive")
    own = Authority.objects.get(code="is-central").pk
    assert client.post(address, paper(sender=own)).status_code == 422
    assert client.post(address, paper(scan=SimpleUploadedFile("scan.pdf", b""))).status_code == 422
    for name in ("..", ".hidden", "x<y>.pdf"):
        scan = SimpleUploadedFile("x", b"x")
        scan._name = name  # type: ignore[attr-defined]
        assert client.post(address, paper(scan=scan)).status_code == 422, name
    assert not IncomingRequest.objects.exists()
    assert signed_in(officer(Role.DESK_OFFICER, "is-central")).get(address).status_code == 404


def test_restricted_paper_request_leaves_the_registry_to_the_supervisor() -> None:
    client = signed_in(officer(Role.REGISTRY, "is-central"))
    answer = client.post(reverse("web:incoming_receive"), paper(confidentiality="restricted"), follow=True)
    assert answer.status_code == 200
    case = IncomingRequest.objects.get()
    assert client.get(f"/in/{case.public_id}/letter/").status_code == 404
    chief = signed_in(officer(Role.SUPERVISOR, "is-central"))
    assert chief.get(f"/in/{case.public_id}/letter/").status_code == 200


def many_arrived(number: int, first: int = 0) -> None:
    registry = officer(Role.REGISTRY, "is-central")
    sender = Authority.objects.get(code="us-central")
    for n in range(first, first + number):
        incoming_register(
            paper=OnPaper(
                conversation_id=uuid7(), sender=sender, peer_reference=f"P-{n}", title=f"Case {n}", channel="paper",
                scan=f"scan {n}".encode(), measures=["stored-content"],
            ),
            by=registry,
        )  # fmt: skip


def copies(case: OutgoingRequest, number: int) -> None:
    """Put more rows like `case` beside it: a list reads rows, not the acts that led to them."""
    from workflows.lifecycle.models import Evidence

    evidence = Evidence.objects.filter(outgoing=case).first()
    for n in range(number):
        letter, row = type(case.letter).objects.get(pk=case.letter_id), OutgoingRequest.objects.get(pk=case.pk)
        letter.pk, letter.public_id = None, uuid7()
        letter.save(force_insert=True)
        row.pk, row.public_id, row.conversation_id = None, uuid7(), uuid7()
        row.letter, row.reference = letter, f"COPY-{row.status}-{n:03}"
        row.save(force_insert=True)
        if evidence is not None:
            evidence.pk, evidence.public_id, evidence.outgoing = None, uuid7(), row
            evidence.save(force_insert=True)


def ways(way: Transmission, number: int) -> None:
    from workflows.exchange.models import Message

    original = OutgoingRequest.objects.get(conversation_id=way.message.conversation_id)
    copies(original, number)
    cases = OutgoingRequest.objects.filter(reference__startswith="COPY-").order_by("-pk")[:number]
    for case in cases:
        message, row = Message.objects.get(pk=way.message_id), Transmission.objects.get(pk=way.pk)
        message.pk, message.public_id, message.message_id = None, uuid7(), uuid7()
        message.conversation_id = case.conversation_id
        message.save(force_insert=True)
        row.pk, row.public_id, row.message = None, uuid7(), message
        row.save(force_insert=True)


def queries_of(client: Any, name: str, rows: int) -> int:
    from django.core.cache import cache

    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        page = group(client, name)
    assert page.count("<tr data-row") == min(50, rows)
    return len(queries)


def test_arrived_take_as_many_queries_for_three_rows_as_for_sixty() -> None:
    client = signed_in(officer(Role.REGISTRY, "is-central"))
    many_arrived(3)
    few = queries_of(client, "arrived", 3)
    many_arrived(57, 3)
    assert queries_of(client, "arrived", 60) == few <= MOST_QUERIES


@pytest.mark.parametrize("name", ["ready", "waiting", "results"])
def test_requests_out_take_as_many_queries_for_three_rows_as_for_sixty(name: str) -> None:
    line = Line()
    if name == "ready":
        case = line.ready()
    elif name == "waiting":
        case = by_hand(line)
    else:
        arrived = line.arrived(line.sent())
        inward.incoming_transmit_result(incoming=line.executed(line.in_execution(arrived)), by=line.their_registry)
        drain()
        case = OutgoingRequest.objects.get(conversation_id=arrived.conversation_id)
    client = signed_in(line.registry)
    copies(case, 2)
    few = queries_of(client, name, 3)
    copies_more(case, 57)
    assert queries_of(client, name, 60) == few <= MOST_QUERIES


def copies_more(case: OutgoingRequest, number: int) -> None:
    OutgoingRequest.objects.filter(reference__startswith="COPY-").update(reference="")
    copies(case, number)


@pytest.mark.parametrize("name", ["receipts", "stuck"])
def test_ways_take_as_many_queries_for_three_rows_as_for_sixty(name: str) -> None:
    line = Line()
    by_hand(line)
    drain()
    way = Transmission.objects.get(channel="paper")
    client = signed_in(line.registry)
    if name == "stuck":
        step(client, way)
        way.refresh_from_db()
        step(client, way, step="fail", expected_version=way.version)
        way.refresh_from_db()
        assert way.status == "failed"
    ways(way, 2)
    few = queries_of(client, name, 3)
    OutgoingRequest.objects.filter(reference__startswith="COPY-").update(reference="")
    ways(way, 57)
    assert queries_of(client, name, 60) == few <= MOST_QUERIES
