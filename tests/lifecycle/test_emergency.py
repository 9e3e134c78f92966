"""At night the duty officer alone sends; a second person confirms in writing, or withdraws. The one exception."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.core.files import file_store
from mla.reference.models import Authority
from tests.factories import Line, drain, example_letter, officer
from tests.lifecycle.acting import assert_done, codes_of, nothing_changed, other_side, state_of
from tests.lifecycle.test_approval import changed, with_hat
from workflows.drafting.letterfile import letter_from
from workflows.engine.errors import ActForbidden, ConditionsNotMet, VersionChanged
from workflows.exchange.models import Message
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.selectors import visible_outgoing
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.deadlines import DeadlineKind
from workflows.tracking.due import case_deadlines
from workflows.tracking.queues import provisional_queue

pytestmark = pytest.mark.django_db

TEST = {
    "danger": "A child was taken on 3 May; a witness saw it.",
    "imminent": "A message names tomorrow, 06:00 UTC.",
    "data_help": "The log-in shows where the sender is.",
    "confirmed_by": "The head of the regional police, 23:40 UTC.",
    "call_back": "The operations room, as published by the ministry.",
}


class Night(Line):
    """A line whose letter is an emergency, and its duty officer."""

    def __init__(self, *, level: str = "emergency", alone: bool = True) -> None:
        content = example_letter(5).content()
        urgency = {"level": level, "reason": "A child is missing.", "date": content["date"]}
        duty = {"role": "duty", "office": "Duty officer", "phone": "+49 30 23125 000", "hours": "always",
                "time_zone": "Europe/Berlin"}  # fmt: skip
        contacts = [*content.get("contacts", []), duty]
        super().__init__(letter=letter_from(content | {"urgency": urgency, "contacts": contacts}))
        rule = Authority.FourEyes.DUTY_OFFICER_AT_NIGHT if alone else Authority.FourEyes.ALWAYS
        Authority.objects.filter(code=self.letter.requesting.authority).update(four_eyes=rule)

    @property
    def duty(self) -> Actor:
        return officer(Role.DUTY_OFFICER, self.letter.requesting.authority or "")

    def approved_alone(self) -> OutgoingRequest:
        return provisional(self.lodged(), self.duty)

    def ready_alone(self) -> OutgoingRequest:
        case = self.approved_alone()
        stored = file_store(b"%PDF-1.7 " + case.approved_hash.encode())
        return course.outgoing_attach_document(outgoing=case, sha256=stored.sha256, content_hash=case.approved_hash)

    def sent_alone(self) -> OutgoingRequest:
        return course.outgoing_send(outgoing=self.ready_alone(), by=self.duty, channel="local")


def provisional(case: OutgoingRequest, by: Actor, **data: Any) -> OutgoingRequest:
    given = {"content_hash": Line.hash_of(case), "rights_screened": True, "risk_test": TEST} | data
    return chain.outgoing_approve_provisionally(outgoing=case, by=by, **given)


def confirm(case: OutgoingRequest, by: Actor, **data: Any) -> OutgoingRequest:
    given = {"content_hash": case.approved_hash, "rights_screened": True} | data
    return chain.outgoing_confirm(outgoing=case, by=by, **given)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings and rendering have tests of their own."""
    from workflows.engine import outbox

    monkeypatch.setattr("workflows.drafting.selectors.version_findings", lambda version: [])
    monkeypatch.setitem(outbox._handlers, "outgoing.approved", {})
    monkeypatch.setitem(outbox._handlers, "outgoing.confirmed", {})


class TestAlone:
    def test_duty_officer_sends_alone_what_passes_the_test_of_the_danger(self) -> None:
        night = Night()
        case = night.lodged()
        before = state_of(case)
        for who in (night.supervisor, night.desk, night.registry, night.prosecutor):
            with pytest.raises(ActForbidden):
                provisional(case, who)
        for name in TEST:
            with pytest.raises(ConditionsNotMet) as open_test:
                provisional(case, night.duty, risk_test=TEST | {name: "  "})
            assert [(reason.code, reason.field) for reason in open_test.value.reasons] == [("risk_test_open", name)]
        for data, code in (
            ({"content_hash": "0" * 64}, "content_changed"),
            ({"rights_screened": False}, "rights_not_screened"),
        ):
            with pytest.raises(ConditionsNotMet) as refused:
                provisional(case, night.duty, **data)
            assert codes_of(refused) == [code]
        with pytest.raises(VersionChanged):
            provisional(case, night.duty, expected_version=case.version + 1)
        assert nothing_changed(case, before)

        done = provisional(case, night.duty)
        assert_done("approve_provisionally", case, done, by=night.duty, to="approved")
        assert done.reference and done.taken_in_at, "it is taken in with the approval"
        assert done.confirmation_due_at == done.provisional_at + dt.timedelta(hours=24)  # type: ignore[operator]
        assert done.risk_test == TEST
        stored = file_store(b"%PDF-1.7 night")
        ready = course.outgoing_attach_document(outgoing=done, sha256=stored.sha256, content_hash=done.approved_hash)
        sent = course.outgoing_send(outgoing=ready, by=night.duty, channel="local")
        assert (sent.status, sent.awaits_confirmation) == ("sent", True)
        drain()
        theirs = other_side(sent)
        assert theirs.is_provisional and theirs.confirmation_due_at == sent.confirmation_due_at

    def test_duty_officer_who_wrote_the_letter_may_send_it_alone_but_never_confirm_it(self) -> None:
        night = Night()
        case = chain.outgoing_take_in(outgoing=night.lodged(), by=night.desk)
        case = chain.outgoing_return_to_originator(outgoing=case, by=night.desk, reason="one word")
        changed(case, night.prosecutor, "Log-ins of one account")
        case = chain.outgoing_lodge(outgoing=case, by=night.prosecutor)
        writer = with_hat(night.prosecutor, Role.DUTY_OFFICER, case.central)
        case = provisional(case, writer)
        stored = file_store(b"%PDF-1.7 writer")
        course.outgoing_attach_document(outgoing=case, sha256=stored.sha256, content_hash=case.approved_hash)
        case = course.outgoing_send(outgoing=case, by=writer, channel="local")
        before = state_of(case)
        with pytest.raises(ConditionsNotMet) as own:
            confirm(case, with_hat(night.prosecutor, Role.SUPERVISOR, case.central))
        assert codes_of(own) == ["own_approval"]
        assert nothing_changed(case, before)

    @pytest.mark.parametrize(
        ("level", "alone", "code"), [("urgent", True, "no_emergency"), ("emergency", False, "four_eyes_always")]
    )
    def test_without_an_emergency_or_the_rule_of_the_authority_nobody_is_alone(
        self, level: str, alone: bool, code: str
    ) -> None:
        night = Night(level=level, alone=alone)
        case = night.lodged()
        before = state_of(case)
        with pytest.raises(ConditionsNotMet) as refused:
            provisional(case, night.duty)
        assert codes_of(refused) == [code]
        assert nothing_changed(case, before)

    def test_duty_officer_who_wrote_nothing_approves_and_sends_an_emergency_with_four_eyes(self) -> None:
        night = Night()
        case = night.in_review()
        given = {"content_hash": Line.hash_of(case), "rights_screened": True}
        approved = chain.outgoing_approve(outgoing=case, by=night.duty, **given)
        assert approved.provisional_at is None and approved.approved_by_id == night.duty.user_id
        routine = Night(level="urgent").in_review()
        before = state_of(routine)
        with pytest.raises(ConditionsNotMet) as refused:
            chain.outgoing_approve(
                outgoing=routine, by=night.duty, content_hash=Line.hash_of(routine), rights_screened=True
            )
        assert codes_of(refused) == ["no_emergency"]
        assert nothing_changed(routine, before)

    def test_letter_that_was_not_lodged_is_not_sent_by_the_central_authority(self) -> None:
        night = Night()
        case = night.drafted()
        with pytest.raises((ActForbidden, ConditionsNotMet)):
            provisional(case, night.duty)


class TestSecondPerson:
    def test_confirmation_in_writing_reaches_the_other_state_once(self) -> None:
        night = Night()
        sent = night.sent_alone()
        drain()
        before = state_of(sent)
        with pytest.raises(ActForbidden):
            confirm(sent, night.duty)
        with pytest.raises(ConditionsNotMet) as refused:
            confirm(sent, night.supervisor, content_hash="0" * 64)
        assert codes_of(refused) == ["content_changed"]
        assert nothing_changed(sent, before)
        done = confirm(sent, night.supervisor)
        assert_done("confirm", sent, done, by=night.supervisor, to="sent")
        assert not AuditEntry.objects.get(act="outgoing.confirm").detail["late"]
        with pytest.raises(ConditionsNotMet) as twice:
            confirm(done, night.supervisor)
        assert codes_of(twice) == ["nothing_to_confirm"]
        stored = file_store(b"%PDF-1.7 confirmation")
        chain.outgoing_attach_confirmation(outgoing=done, sha256=stored.sha256, content_hash=done.approved_hash)
        drain()
        theirs = other_side(sent)
        assert theirs.confirmed_at is not None and theirs.confirmation_sha256 == stored.sha256
        types = Message.objects.filter(direction="out", conversation_id=sent.conversation_id).order_by("seq")
        assert list(types.values_list("type", flat=True)) == ["request", "confirmation"]

    def test_who_does_not_agree_withdraws_and_the_clock_stops(self) -> None:
        night = Night()
        sent = night.sent_alone()
        due = [one for one in case_deadlines(None, sent) if one.kind == DeadlineKind.CONFIRMATION]
        assert [(one.legal, one.for_authority_id) for one in due] == [(False, sent.central_id)]
        assert [row.pk for row in provisional_queue(night.supervisor)] == [sent.pk]
        withdrawn = course.outgoing_withdraw(outgoing=sent, by=night.supervisor, reason="no danger any more")
        assert not [one for one in case_deadlines(None, withdrawn) if one.kind == DeadlineKind.CONFIRMATION]
        assert provisional_queue(night.supervisor) == []
        assert visible_outgoing(night.supervisor).filter(pk=sent.pk).exists()

    @pytest.mark.parametrize("ending", ["revise", "give_up"])
    def test_provisional_approval_that_was_never_sent_ends_with_all_that_it_set(self, ending: str) -> None:
        night = Night()
        case = night.ready_alone()
        assert [one for one in case_deadlines(None, case) if one.kind == DeadlineKind.CONFIRMATION]
        act = getattr(chain, f"outgoing_{ending}")
        before = state_of(case)
        with pytest.raises(ConditionsNotMet) as refused:
            act(outgoing=case, by=night.supervisor, reason=" ")
        assert [reason.field for reason in refused.value.reasons] == ["reason"]
        assert nothing_changed(case, before)

        ended = act(outgoing=case, by=night.supervisor, reason="the child came home")
        assert_done(ending, case, ended, by=night.supervisor, to="drafting" if ending == "revise" else "closed")
        assert not [one for one in case_deadlines(None, ended) if one.kind == DeadlineKind.CONFIRMATION]
        assert self.left_of(ended) == (False, None, None, None, {})

    def test_ordinary_approval_takes_the_place_of_a_provisional_one(self) -> None:
        night = Night()
        revised = chain.outgoing_revise(outgoing=night.approved_alone(), by=night.supervisor, reason="not tonight")
        submitted = chain.outgoing_submit(outgoing=revised, by=night.desk)
        approved = chain.outgoing_approve(
            outgoing=submitted, by=night.supervisor, content_hash=Line.hash_of(submitted), rights_screened=True
        )
        assert (approved.status, self.left_of(approved)) == ("approved", (False, None, None, None, {}))

    def left_of(self, case: OutgoingRequest) -> tuple[object, ...]:
        """Return what a provisional approval sets."""
        case.refresh_from_db()
        return (
            case.awaits_confirmation, case.provisional_at, case.provisional_by, case.confirmation_due_at, case.risk_test
        )  # fmt: skip

    def test_confirmation_after_the_day_is_recorded_as_late(self) -> None:
        night = Night()
        sent = night.sent_alone()
        with clock.frozen(clock.now() + dt.timedelta(hours=25)):
            confirm(sent, officer(Role.SUPERVISOR, night.letter.requesting.authority or ""))
        assert AuditEntry.objects.get(act="outgoing.confirm").detail["late"] is True

    def test_confirmation_that_came_on_paper_is_noted_once_and_only_where_it_was_promised(self) -> None:
        night = Night()
        sent = night.sent_alone()
        drain()
        theirs = other_side(sent)
        before = state_of(theirs)
        with pytest.raises(ConditionsNotMet) as other:
            inward.incoming_note_confirmation(
                incoming=theirs, by=night.their_registry, content_hash="0" * 64, sha256="a" * 64
            )
        assert codes_of(other) == ["other_content"]
        assert nothing_changed(theirs, before)
        noted = inward.incoming_note_confirmation(
            incoming=theirs, by=night.their_registry, content_hash=theirs.content_hash, sha256="a" * 64
        )
        with pytest.raises(ConditionsNotMet) as twice:
            inward.incoming_note_confirmation(
                incoming=noted, by=night.their_registry, content_hash=theirs.content_hash, sha256="a" * 64
            )
        assert codes_of(twice) == ["not_provisional"]
