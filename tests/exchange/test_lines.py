"""Every way a request can go, on both sides, by messages alone; and by paper, with proof."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.models import Role
from mla.core.files import file_store
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.factories import drain, officer
from tests.invariants import assert_invariants
from tests.lifecycle.acting import fresh
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.engine.services import job_replay, job_skip
from workflows.exchange.channels import channel_named, channel_names, register_channel
from workflows.exchange.channels.by_hand import ByHand
from workflows.exchange.models import Message, Transmission
from workflows.exchange.services import transmission_record
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest, RecordedProof
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.incoming import Received
from workflows.lifecycle.services.outgoing_course import EvidenceFile, ItemReport, Proof

GROUND = {"ground": "essential_interests", "article": "UNTOC 18(21)(b)", "reason": "it would harm"}
DRAFT = "comment on the draft: ask the informant first"
PROOF = Proof("letter.pdf", "application/pdf", b"their letter")


class Case:
    """The module's sent case with its two sides, and what has been said so far."""

    def __init__(self, world: World) -> None:
        self.world, self.line = world, world.line
        self.before = Message.objects.count()

    @property
    def ours(self) -> OutgoingRequest:
        return self.world.outgoing("sent")

    @property
    def theirs(self) -> IncomingRequest:
        return IncomingRequest.objects.get(conversation_id=self.ours.conversation_id)

    def acknowledged(self) -> None:
        inward.incoming_acknowledge(incoming=self.theirs, by=self.line.their_registry, contact="Registry")

    def under_review(self) -> None:
        self.acknowledged()
        inward.incoming_start_review(incoming=self.theirs, by=self.line.their_desk)

    def in_execution(self, **more: Any) -> None:
        self.under_review()
        inward.incoming_accept(
            incoming=self.theirs,
            by=self.line.their_supervisor,
            executing=self.line.executing_authority,
            decided_by="the supervisor",
            **more,
        )
        drain()

    def item(self, key: str, act: str, by: Any, **data: Any) -> None:
        inward.incoming_item_decide(item=self.theirs.items.get(key=key), act=act, by=by, **data)

    def items(self, case: Any) -> dict[str, str]:
        return dict(case.items.values_list("key", "status"))

    def ended(self, outcome: str) -> None:
        """Everything is told; both sides say the same; nothing that must hold is broken."""
        drain()
        ours, theirs = self.ours, self.theirs
        assert (ours.status, ours.outcome) == ("concluded", outcome)
        assert (theirs.status, theirs.outcome) == ("concluded", outcome)
        assert self.items(ours) == self.items(theirs)
        assert (ours.peer_reference, theirs.peer_reference) == (
            theirs.reference if ours.acknowledged_at else "",
            ours.reference,
        )
        self.whole()

    def whole(self) -> None:
        assert set(Transmission.objects.values_list("status", flat=True)) == {"retrieved"}
        receiver = self.theirs.authority_id
        assert_invariants(secrets=[DRAFT], peers=[receiver])


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    # A text that must stay at home: on another letter of the same authority.
    chain.outgoing_return_for_changes(
        outgoing=world.outgoing("in_review"), by=world.line.supervisor, comments=[("title", DRAFT)]
    )
    return Case(world)


def types(case: Case) -> list[str]:
    log = Message.objects.filter(conversation_id=case.ours.conversation_id, direction="out")
    return list(log.order_by("id").values_list("type", flat=True))


class TestByMessage:
    def test_refusal_with_ground_article_and_reasons(self, case: Case) -> None:
        case.under_review()
        inward.incoming_refuse(
            incoming=case.theirs, by=case.line.their_supervisor, **GROUND, consulted=False, decided_by="the minister"
        )
        case.ended("refused")
        ours = case.ours
        assert (ours.refusal_ground, ours.refusal_article, ours.outcome_reason) == tuple(GROUND.values())
        assert {item.ground for item in ours.items.all()} == {"essential_interests"}
        assert types(case) == ["request", "acknowledgement", "status", "refusal"]

    def test_return_as_defective_stays_registered(self, case: Case) -> None:
        inward.incoming_return_defective(
            incoming=case.theirs,
            by=case.line.their_supervisor,
            reason="no dates",
            article="27",
            code="unregistered",
            defects=[ToldDefect("From when to when?", "offences[0]", "Art. 27"), ToldDefect("No copy of the law")],
        )
        case.ended("returned")
        ours, theirs = case.ours, case.theirs
        assert (ours.outcome_reason, ours.return_code, theirs.return_code) == (
            "no dates", "unregistered", "unregistered",
        )  # fmt: skip
        told = [list(side.defect_set.values_list("number", "place", "text", "article")) for side in (ours, theirs)]
        assert told[0] == told[1] == [
            (1, "offences[0]", "From when to when?", "Art. 27"), (2, "", "No copy of the law", ""),
        ]  # fmt: skip
        assert theirs.reference

    def test_redirection_to_the_competent_authority(self, case: Case) -> None:
        case.acknowledged()
        office = case.line.executing_authority
        inward.incoming_redirect(
            incoming=case.theirs, by=case.line.their_registry, competent="the court at Tirana", office=office
        )
        case.ended("redirected")
        assert case.ours.outcome_reason == "the court at Tirana"
        assert (case.ours.redirected_to, case.theirs.redirected_to) == (office, office)

    def test_question_and_answer_meet_under_one_identifier(self, case: Case) -> None:
        case.under_review()
        due = dt.date(2026, 12, 24)
        inward.incoming_ask_information(
            incoming=case.theirs, by=case.line.their_desk, question="Which port?\r\nAnd which zone?", due=due
        )
        drain()
        asked = OpenPoint.objects.get(outgoing=case.ours)
        assert (asked.question, asked.due) == ("Which port?\nAnd which zone?", due)
        course.outgoing_give_information(outgoing=case.ours, by=case.line.supervisor, answer="443, UTC")
        drain()
        answered = OpenPoint.objects.get(incoming=case.theirs)
        assert (answered.point_id, answered.answer) == (asked.point_id, "443, UTC")
        assert answered.answered_at is not None
        assert answered.answered_by == case.ours.central.name
        case.whole()

    def test_partial_result_is_told_item_by_item_before_the_rest(self, case: Case) -> None:
        case.in_execution(items=["M1"])
        assert case.items(case.ours) == {"M1": "accepted", "M2": "requested"}
        assert case.ours.status == "in_execution"
        case.item("M1", "execute", case.line.executing, reason="handed over in person")
        case.item("M2", "postpone", case.line.their_supervisor, ground="own_proceedings", until=dt.date(2027, 1, 1))
        inward.incoming_report_items(incoming=case.theirs, by=case.line.their_registry)
        drain()
        assert case.items(case.ours) == {"M1": "executed", "M2": "postponed"}
        assert case.ours.items.get(key="M2").until == dt.date(2027, 1, 1)
        case.item("M2", "refuse", case.line.their_supervisor, **GROUND)
        inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry, note="one of two")
        case.ended("partially_executed")
        assert case.ours.outcome_reason == "one of two"

    def test_nothing_held_is_no_refusal(self, case: Case) -> None:
        case.in_execution()
        for key in ("M1", "M2"):
            case.item(key, "find_nothing", case.line.executing, reason="no such account")
        inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
        case.ended("not_held")

    def test_result_comes_with_its_evidence_and_dates_of_preservation(self, case: Case) -> None:
        case.in_execution()
        kept = {"preserved_from": dt.date(2026, 1, 1), "until": dt.date(2026, 3, 2), "rule": "CETS-185 29(7)"}
        case.item("M1", "execute", case.line.executing, preservation=kept)
        case.item("M2", "execute", case.line.executing)
        for key in ("M1", "M2"):
            inward.incoming_add_evidence(
                incoming=case.theirs,
                by=case.line.executing,
                name=f"{key}.csv",
                media_type="text/csv",
                content=f"records of {key}".encode(),
                item=key,
                use_limits="for this case only",
            )
        inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
        case.ended("executed")
        assert case.ours.items.get(key="M1").preservations.get().until == dt.date(2026, 3, 2)
        assert {(e.name, e.use_limits, e.item.key) for e in case.ours.evidence_set.all() if e.item} == {
            ("M1.csv", "for this case only", "M1"),
            ("M2.csv", "for this case only", "M2"),
        }
        course.outgoing_confirm_evidence(outgoing=case.ours, by=case.line.registry)
        drain()
        assert case.theirs.evidence_matched is True
        case.whole()

    def test_withdrawal_is_wished_by_one_side_and_confirmed_by_the_other(self, case: Case) -> None:
        case.in_execution(items=["M1"])
        course.outgoing_withdraw(outgoing=case.ours, by=case.line.supervisor, reason="the suspect died")
        drain()
        assert (case.theirs.desired, case.theirs.status) == ("withdraw", "in_execution")
        assert case.ours.status == "in_execution"
        case.item("M1", "execute", case.line.executing, reason="copied, not handed over")
        registry = case.line.their_registry
        with pytest.raises(ConditionsNotMet) as unmet:
            inward.incoming_confirm_withdrawal(incoming=case.theirs, by=registry, done=" ")
        assert [reason.code for reason in unmet.value.reasons] == ["done_missing"]
        inward.incoming_confirm_withdrawal(incoming=case.theirs, by=registry, done="The server was copied.")
        case.ended("withdrawn")
        ours = case.ours
        assert (ours.outcome_reason, ours.work_done) == ("the suspect died", "The server was copied.")
        assert case.items(ours) == {"M1": "executed", "M2": "withdrawn"}

    def test_withdrawal_of_what_was_had_otherwise_ends_so_for_us_and_as_withdrawn_for_them(self, case: Case) -> None:
        case.acknowledged()
        drain()
        by, outcome = case.line.supervisor, "obtained_otherwise"
        course.outgoing_withdraw(outgoing=case.ours, by=by, reason="no more needed", outcome=outcome)
        drain()
        inward.incoming_confirm_withdrawal(incoming=case.theirs, by=case.line.their_registry)
        drain()
        assert (case.ours.outcome, case.theirs.outcome) == ("obtained_otherwise", "withdrawn")
        sent = Message.objects.get(type="withdrawal", direction="out", conversation_id=case.ours.conversation_id)
        assert b"otherwise" not in bytes(sent.envelope)
        case.whole()

    def test_withdrawal_that_crosses_the_result_is_refused_and_told(self, case: Case) -> None:
        case.in_execution()
        for key in ("M1", "M2"):
            case.item(key, "find_nothing", case.line.executing, reason="no such account")
        inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
        course.outgoing_withdraw(outgoing=case.ours, by=case.line.supervisor, reason="no need")
        drain()
        assert (case.ours.outcome, case.theirs.outcome, case.theirs.desired) == ("not_held", "not_held", "")
        told = Transmission.objects.get(message__type="withdrawal", message__conversation_id=case.ours.conversation_id)
        assert told.status == "rejected"
        assert_invariants()


class TestByHand:
    """Many States answer on paper: the registry records what they did, and each step of the post, with proof."""

    @pytest.fixture
    def posted(self, world: World) -> OutgoingRequest:
        ready = world.outgoing("ready")
        sent = course.outgoing_send(outgoing=ready, by=world.line.registry, channel="diplomatic", proof=PROOF)
        drain()
        return sent

    def test_paper_goes_its_way_step_by_step_with_proof(self, world: World, posted: OutgoingRequest) -> None:
        line = world.line
        transmission = Transmission.objects.get(message__conversation_id=posted.conversation_id)
        assert (transmission.status, transmission.channel) == ("queued", "diplomatic")
        assert not Message.objects.filter(direction="in", conversation_id=posted.conversation_id).exists()
        for by in (line.desk, line.their_registry, line.supervisor):
            with pytest.raises(ActForbidden):
                transmission_record(transmission=transmission, by=by, step="submit", proof=PROOF)
        with pytest.raises(ConditionsNotMet):
            transmission_record(transmission=transmission, by=line.registry, step="park", proof=PROOF)
        for step in ("submit", "fail", "submit", "deliver", "retrieve"):
            transmission = transmission_record(transmission=transmission, by=line.registry, step=step, proof=PROOF)
        assert transmission.status == "retrieved"
        receipts = list(transmission.receipts.order_by("id"))
        assert [receipt.kind for receipt in receipts] == ["submitted", "failed", "submitted", "delivered", "retrieved"]
        assert {receipt.content["sha256"] for receipt in receipts} == {file_store(PROOF.content).sha256}
        assert all(receipt.content["by_hand"] for receipt in receipts)

    def test_electronic_channel_tells_its_steps_itself(self, world: World, arrived: None) -> None:
        transmission = Transmission.objects.get(message__conversation_id=world.outgoing("sent").conversation_id)
        with pytest.raises(ConditionsNotMet, match="itself"):
            transmission_record(transmission=transmission, by=world.line.registry, step="reject", proof=PROOF)
        assert fresh(transmission).status == "retrieved"

    def test_answers_on_paper_lead_the_file_to_its_end(self, world: World, posted: OutgoingRequest) -> None:
        line = world.line
        by, proof = line.registry, PROOF
        case = course.outgoing_acknowledge(outgoing=posted, by=by, peer_reference="Z 7/26", proof=proof)
        case = course.outgoing_note_question(outgoing=case, by=by, question="Which port?", proof=proof)
        case = course.outgoing_give_information(outgoing=case, by=line.supervisor, answer="443")
        case = course.outgoing_note_progress(
            outgoing=case, by=by, peer_status="in_execution", reports=[ItemReport("M1", "accepted")], proof=proof
        )
        kept = file_store(b"bank records on paper, scanned")
        case = course.outgoing_note_result(
            outgoing=case,
            by=by,
            outcome="executed",
            reports=[ItemReport("M1", "executed"), ItemReport("M2", "executed")],
            files=[EvidenceFile("scan.pdf", "application/pdf", kept.size, kept.sha256, item="M2")],
            proof=proof,
        )
        drain()
        case = course.outgoing_confirm_evidence(outgoing=case, by=by)
        case = course.outgoing_close(outgoing=case, by=line.supervisor, reason="the prosecutor has left")
        drain()
        assert (case.status, case.outcome, case.peer_reference) == ("closed", "executed", "Z 7/26")
        assert list(RecordedProof.objects.filter(outgoing=case).order_by("id").values_list("act", flat=True)) == [
            "send",
            "acknowledge",
            "note_question",
            "note_execution",
            "note_result",
        ]
        queued = Transmission.objects.filter(message__conversation_id=case.conversation_id)
        assert set(queued.values_list("message__type", "status")) == {
            ("request", "queued"),
            ("information_given", "queued"),
            ("receipt_confirmed", "queued"),
        }

    def test_request_on_paper_is_registered_answered_and_closed(self, world: World) -> None:
        line, sent = world.line, world.outgoing("sent")
        content = {
            "title": "On paper",
            "requesting": {"jurisdiction": "DE"},
            "items": [{"id": "M1", "measure": "other"}],
        }
        received = Received(uuid7(), sent.central, "Z 9", content, "0" * 64, "0" * 64, "paper")
        case = inward.incoming_receive(received=received, by=line.their_registry)
        case = inward.incoming_acknowledge(incoming=case, by=line.their_registry, contact="Registry")
        case = inward.incoming_start_review(incoming=case, by=line.their_desk)
        case = inward.incoming_ask_information(incoming=case, by=line.their_desk, question="Which port?")
        point = OpenPoint.objects.get(incoming=case)
        case = inward.incoming_receive_information(
            incoming=case, by=line.their_registry, point_id=point.point_id, answer="443"
        )
        case = inward.incoming_note_withdrawal(incoming=case, by=line.their_registry, reason="letter of May")
        case = inward.incoming_confirm_withdrawal(incoming=case, by=line.their_registry)
        case = inward.incoming_close(incoming=case, by=line.their_registry)
        drain()
        out = Transmission.objects.filter(message__conversation_id=case.conversation_id).order_by("id")
        assert [(row.message.type, row.channel, row.status) for row in out] == [
            ("acknowledgement", "paper", "queued"),
            ("status", "paper", "queued"),
            ("information_asked", "paper", "queued"),
            ("withdrawal_confirmed", "paper", "queued"),
        ]

    def test_channels_are_known_by_name_once(self) -> None:
        assert {"local", *OutgoingRequest.CHANNELS} == set(channel_names())
        assert channel_named("local").electronic and not channel_named("paper").electronic
        with pytest.raises(ValueError, match="already"):
            register_channel(ByHand("paper"))


class TestParked:
    def test_message_that_cannot_leave_holds_up_the_conversation_until_somebody_decides(
        self, world: World, arrived: None
    ) -> None:
        line, sent = world.line, world.outgoing("sent")
        receiver = Authority.objects.filter(pk=sent.addressee_id)
        receiver.update(hosted_here=False)
        course.outgoing_note_question(outgoing=sent, by=world.peer(sent), question="Which port?")
        course.outgoing_give_information(outgoing=sent, by=line.supervisor, answer="443")
        course.outgoing_withdraw(outgoing=sent, by=line.supervisor, reason="no need")
        for job in OutboxJob.objects.filter(handler="exchange.write", status="due").order_by("id"):
            assert run_job(job.pk) == "done"
        first, second = OutboxJob.objects.filter(handler="exchange.transmit", status="due").order_by("id")
        assert [run_job(second.pk), run_job(first.pk), run_job(second.pk)] == ["not mine", "parked", "not mine"]
        parked = Transmission.objects.get(pk=first.object_id)
        assert (parked.status, parked.message.type) == ("parked", "information_given")
        assert "does not work on this installation" in parked.failure
        receiver.update(hosted_here=True)
        administrator = officer(Role.LOCAL_ADMINISTRATOR, line.letter.requesting.authority or "")
        job_replay(job_id=first.pk, by=administrator, reason="it works here again")
        drain()
        assert [
            fresh(row).status for row in Transmission.objects.filter(pk__in=[first.object_id, second.object_id])
        ] == [
            "rejected",
            "retrieved",
        ]
        assert IncomingRequest.objects.get(conversation_id=sent.conversation_id).desired == "withdraw"
        with pytest.raises(ActForbidden):
            job_skip(job_id=second.pk, by=line.supervisor, reason="x")
