"""Time limits of law and their extensions: which run, what a rule offers, and extending one on either side."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.audit.models import AuditEntry
from mla.reference.models import Jurisdiction
from tests.lifecycle.acting import fresh
from tests.tracking.lives import MONDAY, on_day, preservation_line, sent_case
from workflows.drafting.models import LetterVersion
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.lifecycle.limits import LimitFacts, limits_of, offers_of
from workflows.lifecycle.models import (
    DeadlineExtension,
    IncomingRequest,
    OutgoingRequest,
    Preservation,
    Progress,
    RecordedProof,
)
from workflows.lifecycle.services.extensions import incoming_extend_deadline, outgoing_extend_deadline
from workflows.lifecycle.services.outgoing_course import Proof
from workflows.tracking.deadlines import DeadlineKind as Kind
from workflows.tracking.due import deadlines_for

SENT = MONDAY + dt.timedelta(days=7)
EIO = {"bases": [{"id": "B1", "instrument": "EIO-2014"}], "items": [{"id": "M1", "bases": ["B1"]}]}
PROOF = Proof("letter.pdf", "application/pdf", b"They need more time.")


def day(after: int) -> dt.date:
    return (SENT + dt.timedelta(days=after)).date()


class Office:
    """The requested State's office, as the limits look at it."""

    time_zone = "UTC"

    jurisdiction = Jurisdiction(code="US")


class Item:
    def __init__(self, pk: int, key: str, measure: str, **more: Any) -> None:
        self.pk, self.key, self.measure, self.status, self.decided_at = pk, key, measure, "accepted", None
        vars(self).update(more)


class Kept:
    def __init__(self, until: dt.date) -> None:
        self.until, self.recorded_at = until, SENT


class Case:
    KIND = "incoming"

    def __init__(self, status: str, kind: str = "incoming") -> None:
        self.status, self.KIND, self.received_at, self.sent_at = status, kind, SENT, SENT


def told(case: Case, instrument: str, *items: Item, **more: Any) -> dict[tuple[str, str], tuple[dt.date, bool]]:
    facts = LimitFacts([{"id": "B1", "instrument": instrument}], [], items, Office, **more)
    return {(one.rule.code, one.item): (one.due, one.confirmed) for one in limits_of(case, facts)}


def test_limits_run_from_receipt_and_decision_while_they_can_be_kept() -> None:
    decided = Item(1, "M1", "testimony", decided_at=SENT + dt.timedelta(days=10))
    assert told(Case("received"), "EIO-2014", decided) == {
        ("eio_acknowledgement", ""): (day(7), False), ("eio_decision", ""): (day(30), True),
    }  # fmt: skip
    assert told(Case("in_execution"), "EIO-2014", decided) == {("eio_execution", ""): (day(100), True)}
    # When it arrived over there and when it was decided is known here by word alone.
    assert told(Case("acknowledged", "outgoing"), "EIO-2014", decided) == {("eio_decision", ""): (day(30), False)}
    assert not told(Case("concluded"), "EIO-2014", decided) and not told(Case("received"), "UNTOC-2000", decided)
    asked = (Item(1, "M1", "subscriber-information"), Item(2, "M2", "testimony"), Item(3, "M3", "stored-traffic-data"))
    assert told(Case("under_review"), "CETS-224", *asked) == {
        ("protocol_subscriber", "M1"): (day(65), False), ("protocol_traffic", "M3"): (day(90), False),
    }  # fmt: skip
    kept = told(Case("in_execution"), "CETS-185", Item(7, "M1", "preservation"), kept={7: Kept(day(60))})
    assert kept == {("budapest_order", "M1"): (day(60), True), ("us_preservation", "M1"): (day(60), False)}


def an_eio() -> tuple[Any, OutgoingRequest, IncomingRequest]:
    """A request that was sent, whose letter rests on the EIO on both sides."""
    line, outgoing, incoming = sent_case()
    IncomingRequest.objects.filter(pk=incoming.pk).update(content=incoming.content | EIO)
    version = outgoing.approved_version
    LetterVersion.objects.filter(pk=version.pk).update(content=version.content | EIO)
    return line, fresh(outgoing), fresh(incoming)


def due(case: Any, kind: Kind) -> Any:
    return next(one for one in deadlines_for([fresh(case)], today=day(1)) if one.kind == kind and one.legal)


@pytest.mark.django_db
def test_requested_state_extends_its_decision_once_and_the_sender_is_told_with_the_reason() -> None:
    line, outgoing, incoming = an_eio()
    with on_day(8):
        incoming = line.under_review(incoming)
        said = {"rule": "eio_decision_30", "until": day(60), "reason": "The bank answers late."}
        assert [one.extension.code for one in offers_of(incoming)] == ["eio_decision_30"]
        for wrong, code in (
            ({"rule": "budapest_order_renewed"}, "no_extension"),
            ({"until": day(61)}, "until_outside"),
            ({"until": day(30)}, "until_outside"),
            ({"reason": " "}, "reason_missing"),
        ):
            with pytest.raises(ConditionsNotMet) as refused:
                incoming_extend_deadline(incoming=incoming, by=line.their_supervisor, **said | wrong)  # type: ignore[arg-type]
            assert code in {reason.code for reason in refused.value.reasons}
        for stranger in (line.their_desk, line.their_registry, line.supervisor):
            with pytest.raises(ActForbidden):
                incoming_extend_deadline(incoming=incoming, by=stranger, **said)  # type: ignore[arg-type]
        assert not DeadlineExtension.objects.exists()
        incoming = incoming_extend_deadline(incoming=incoming, by=line.their_supervisor, **said)  # type: ignore[arg-type]
    row = DeadlineExtension.objects.get(incoming=incoming)
    assert (row.kind, row.was, row.until, row.article) == ("decision", day(30), day(60), "EIO-2014 12(5)")
    entry = AuditEntry.objects.get(act="incoming.extend_deadline", outcome="done")
    assert (entry.reason, entry.detail["rule"]) == ("The bank answers late.", "eio_decision_30")
    found = due(incoming, Kind.DECISION)
    assert (found.due, found.source, found.offers) == (day(60), "EIO-2014 12(3), extended by EIO-2014 12(5)", ())
    with pytest.raises(ConditionsNotMet):
        incoming_extend_deadline(incoming=incoming, by=line.their_supervisor, **said | {"until": day(80)})  # type: ignore[arg-type]
    # The rule has the sender told: the news comes with code, reason and day, and then needs no other proof.
    news = Progress.objects.get(outgoing=outgoing)
    assert (news.event, news.text, news.next_on) == ("time_limit_extended", "The bank answers late.", day(60))
    assert due(outgoing, Kind.DECISION).due == day(30) and not due(outgoing, Kind.DECISION).confirmed
    with on_day(9):
        outgoing_extend_deadline(outgoing=fresh(outgoing), by=line.registry, **said)  # type: ignore[arg-type]
    assert due(outgoing, Kind.DECISION).due == day(60)


@pytest.mark.django_db
def test_kept_data_are_renewed_by_the_requested_state_with_proof_and_nobody_is_told() -> None:
    line, outgoing, incoming = sent_case(preservation_line())
    item = outgoing.items.get()
    Preservation.objects.create(
        authority_id=outgoing.authority_id, outgoing=outgoing, item=item, preserved_from=day(0), until=day(60),
        rule="CETS-185 29(7)", recorded_at=SENT,
    )  # fmt: skip
    said: dict[str, Any] = {"rule": "budapest_order_renewed", "item": item.key, "reason": "Their order is renewed."}
    with on_day(20):
        case = fresh(outgoing)
        with pytest.raises(ConditionsNotMet) as refused:
            outgoing_extend_deadline(outgoing=case, by=line.supervisor, until=day(150), **said)
        assert [reason.code for reason in refused.value.reasons] == ["proof_missing"]
        messages = case.changed_at
        case = outgoing_extend_deadline(outgoing=case, by=line.supervisor, until=day(150), proof=PROOF, **said)
        # As often as needed, each time counted from the end that stands.
        case = outgoing_extend_deadline(outgoing=case, by=line.supervisor, until=day(240), proof=PROOF, **said)
    assert messages and RecordedProof.objects.filter(outgoing=case, act="extend_deadline").count() == 2
    found = {one.kind: one for one in deadlines_for([fresh(outgoing)], today=day(20))}
    assert (found[Kind.PRESERVATION].due, found[Kind.FOLLOW_UP_SEND_BY].due) == (day(240), day(225))
    assert found[Kind.PRESERVATION].source == "CETS-185 29(7), extended by CETS-185 16(2)"
    assert [
        one.latest for one in found[Kind.PRESERVATION].offers if one.extension.code == "budapest_order_renewed"
    ] == [day(330)]
    assert not Progress.objects.filter(incoming=incoming).exists()
