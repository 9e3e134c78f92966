"""One letter from the prosecutor's desk to the evidence, every effect through the outbox."""

from __future__ import annotations

import pytest

from mla.audit.selectors import verify_chains
from tests.factories import Line, drain
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.models import CustodyEntry, Evidence, IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course


@pytest.mark.django_db(transaction=True)
def test_letter_goes_from_draft_to_confirmed_evidence_on_both_sides() -> None:
    line = Line()
    outgoing = line.sent()
    incoming = line.arrived(outgoing)
    assert incoming.reference == "IS-CENTRAL/in/2026/00001"
    assert incoming.peer_reference == outgoing.reference
    assert incoming.content_hash == outgoing.approved_hash
    incoming = line.executed(line.in_execution(incoming))
    incoming = inward.incoming_transmit_result(incoming=incoming, by=line.their_registry)
    assert (incoming.status, incoming.outcome) == ("concluded", "executed")
    drain()
    outgoing = OutgoingRequest.objects.get(pk=outgoing.pk)
    assert (outgoing.status, outgoing.outcome, outgoing.peer_reference) == (
        "concluded",
        "executed",
        incoming.reference,
    )
    assert {item.status for item in outgoing.items.all()} == {"executed"}
    assert set(outgoing.evidence_set.values_list("sha256", flat=True)) == set(
        incoming.evidence_set.values_list("sha256", flat=True)
    )
    outgoing = course.outgoing_confirm_evidence(outgoing=outgoing, by=line.registry)
    drain()
    incoming = IncomingRequest.objects.get(pk=incoming.pk)
    assert incoming.evidence_matched is True
    outgoing = course.outgoing_hand_over_result(outgoing=outgoing, by=line.registry)
    outgoing = course.outgoing_originator_confirms(outgoing=outgoing, by=line.prosecutor)
    outgoing = course.outgoing_close(outgoing=outgoing, by=line.supervisor)
    incoming = inward.incoming_close(incoming=incoming, by=line.their_registry)
    assert (outgoing.status, incoming.status) == ("closed", "closed")
    steps = list(
        CustodyEntry.objects.filter(evidence__outgoing=outgoing, evidence=Evidence.objects.filter(outgoing=outgoing)[0])
        .order_by("id")
        .values_list("step", flat=True)
    )
    assert steps == ["received", "verified", "handed_over"]
    assert set(Transmission.objects.values_list("status", flat=True)) == {"retrieved"}
    sent, received = (
        sorted(Message.objects.filter(direction=direction).values_list("message_id", "hash"))
        for direction in ("out", "in")
    )
    assert sent == received
    assert verify_chains().broken is None
