"""Giving out an execution, news of it, and originals: refused, or done and recorded, on either side."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.core.ids import uuid7
from mla.reference.models import Authority
from mla.reference.practice import progress_events
from tests.factories import Line, officer
from tests.lifecycle.acting import assert_done, codes_of, fresh, nothing_changed, state_of
from tests.lifecycle.conftest import World
from workflows.drafting.models import Confidentiality
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.lifecycle.models import Assignment, IncomingRequest, Original, Progress, RecordedProof
from workflows.lifecycle.selectors import access_incoming_by_id, visible_incoming
from workflows.lifecycle.services import execution
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.execution import Listed, UnknownOriginal, UnknownProgress
from workflows.lifecycle.services.outgoing_course import News, Proof, UnknownItem
from workflows.tracking.selectors import worklist_incoming

pytestmark = pytest.mark.usefixtures("arrived")
RECEIPT = Proof("receipt.pdf", "application/pdf", b"their letter")
SOON = timezone.now().date() + dt.timedelta(days=14)
LATE = timezone.now().date() + dt.timedelta(days=60)


def another_office(line: Line) -> Authority:
    office = line.executing_authority
    found, _new = Authority.objects.get_or_create(
        code="test-second-office",
        defaults={"jurisdiction": office.jurisdiction, "name": "Second office", "kind": "executing"},
    )
    return found


def user_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)


class TestAssignment:
    def test_whole_goes_from_one_to_another_with_a_reason_and_stays_readable(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        office, by = another_office(line), line.their_supervisor
        colleague = officer(Role.EXECUTING_OFFICER, office.code)

        def give(actor: Actor, **data: Any) -> IncomingRequest:
            given = {"executing": office, "reason": "the records are kept there"} | data
            return execution.incoming_assign_execution(incoming=case, by=actor, **given)

        before = state_of(case)
        for wrong in (line.their_registry, line.their_desk, line.executing, line.supervisor):
            with pytest.raises(ActForbidden):
                give(wrong)
        for data, code in (
            ({"reason": " "}, "reason_missing"),
            (
                {"executing": line.supervisor and Authority.objects.get(pk=line.supervisor.authority_id)},
                "foreign_office",
            ),
            ({"officer": user_of(line.executing)}, "not_of_the_office"),
        ):
            with pytest.raises(ConditionsNotMet) as unmet:
                give(by, **data)
            assert codes_of(unmet) == [code]
        with pytest.raises(UnknownItem):
            give(by, items=["M9"])
        assert nothing_changed(case, before)
        done = give(by, officer=user_of(colleague), expected_by=LATE, instruction="Ask by Friday.")
        assert_done("assign_execution", case, done, by=by, to="in_execution")
        first, second = Assignment.objects.filter(incoming=case)
        assert first.executing == line.executing_authority and first.ended_at is not None
        assert (second.executing, second.officer_id, second.instruction) == (
            office,
            colleague.user_id,
            "Ask by Friday.",
        )
        assert (done.executing, done.expected_by, second.reason) == (office, LATE, "the records are kept there")
        access_incoming_by_id(colleague, case.public_id)
        with pytest.raises(AccessDenied):
            access_incoming_by_id(line.executing, case.public_id)
        item = done.items.get(key="M1")
        with pytest.raises(ActForbidden):
            inward.incoming_item_decide(item=item, act="execute", by=line.executing)
        inward.incoming_item_decide(item=item, act="execute", by=colleague)

    def test_several_carry_out_parts_and_each_acts_on_its_own(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        office, by = another_office(line), line.their_supervisor
        colleague = officer(Role.EXECUTING_OFFICER, office.code)
        assert not visible_incoming(colleague).filter(pk=case.pk).exists()
        case = execution.incoming_assign_execution(
            incoming=case, by=by, executing=office, items=["M2"], reason="the bank is there"
        )
        assert case.divided and case.executing == line.executing_authority
        for actor, own, others in ((line.executing, "M1", "M2"), (colleague, "M2", "M1")):
            assert visible_incoming(actor).filter(pk=case.pk).exists()
            assert [row.act for row in worklist_incoming(actor).rows] == ["add_evidence"]
            with pytest.raises(ActForbidden):
                inward.incoming_item_decide(item=case.items.get(key=others), act="execute", by=actor)
            with pytest.raises(ConditionsNotMet) as unmet:
                add(case, actor, others)
            assert codes_of(unmet) == ["item_of_another"]
            add(case, actor, own)
            inward.incoming_item_decide(item=case.items.get(key=own), act="execute", by=actor)
            assert not worklist_incoming(actor).rows
        with pytest.raises(ConditionsNotMet) as unmet:
            execution.incoming_assign_execution(incoming=case, by=by, executing=office, items=["M1"], reason="late")
        assert codes_of(unmet) == ["item_ended"]

    def test_officer_who_left_is_seen_and_the_case_goes_on(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        by, office = line.their_supervisor, line.executing_authority
        leaves = officer(Role.EXECUTING_OFFICER, office.code, 2)
        case = execution.incoming_assign_execution(incoming=case, by=by, executing=office, officer=user_of(leaves))
        assert not worklist_incoming(by).rows
        Membership.objects.filter(user=leaves.user_id).update(ends_at=timezone.now())
        assert [row.act for row in worklist_incoming(by).rows] == ["assign_execution"]
        with pytest.raises(ConditionsNotMet) as unmet:
            execution.incoming_assign_execution(incoming=case, by=by, executing=office, officer=user_of(line.executing))
        assert codes_of(unmet) == ["reason_missing"]
        execution.incoming_assign_execution(
            incoming=case, by=by, executing=office, officer=user_of(line.executing), reason="the officer left"
        )
        assert not worklist_incoming(by).rows

    def test_restricted_request_is_seen_by_the_officer_it_is_given_to_alone(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line
        IncomingRequest.objects.filter(pk=case.pk).update(confidentiality=Confidentiality.RESTRICTED)
        other = officer(Role.EXECUTING_OFFICER, line.executing_authority.code, 2)
        case = inward.incoming_name_officer(
            incoming=fresh(case), by=line.their_supervisor, user=user_of(line.their_supervisor)
        )
        execution.incoming_assign_execution(
            incoming=case, by=line.their_supervisor, executing=line.executing_authority, officer=user_of(line.executing)
        )
        assert visible_incoming(line.executing).filter(pk=case.pk).exists()
        assert not visible_incoming(other).filter(pk=case.pk).exists()


def add(case: Any, by: Actor, item: str) -> None:
    inward.incoming_add_evidence(
        incoming=fresh(case), by=by, name="a.csv", media_type="text/csv", content=item.encode(), item=item
    )


class TestProgress:
    def test_reported_inside_and_told_once_by_who_may(self, world: World) -> None:
        case, line = world.incoming("in_execution"), world.line

        def report(by: Actor, **data: Any) -> IncomingRequest:
            return execution.incoming_report_progress(
                incoming=fresh(case), by=by, **({"event": "provider_asked", "next_on": SOON} | data)
            )

        before = state_of(case)
        for wrong in (line.registry, officer(Role.AUDITOR, case.authority.code), Actor.peer(case.sender)):
            with pytest.raises(ActForbidden):
                report(wrong)
        for by in (line.executing, line.their_desk):
            with pytest.raises(ActForbidden):
                report(by, tell=True)
        for data, code in (
            ({"event": "", "text": " "}, "event_missing"),
            ({"next_on": dt.date(2020, 1, 1)}, "next_past"),
        ):
            with pytest.raises(ConditionsNotMet) as unmet:
                report(line.executing, **data)
            assert codes_of(unmet) == [code]
        with pytest.raises(UnknownProgress):
            report(line.executing, event="no_such_event")
        assert nothing_changed(case, before)
        done = report(line.executing)
        assert_done("report_progress", case, done, by=line.executing, to="in_execution")
        row = Progress.objects.get(incoming=case)
        assert (done.next_news_on, row.told_at) == (SOON, None)
        told = execution.incoming_tell_progress(incoming=done, by=line.their_registry, progress_id=row.progress_id)
        assert_done(
            "tell_progress", done, told, by=line.their_registry, to="in_execution", events=("incoming.progress",)
        )
        with pytest.raises(ConditionsNotMet) as unmet:
            execution.incoming_tell_progress(incoming=told, by=line.their_registry, progress_id=row.progress_id)
        assert codes_of(unmet) == ["nothing_untold"]
        with pytest.raises(UnknownProgress):
            execution.incoming_tell_progress(incoming=told, by=line.their_registry, progress_id=uuid7())
        report(line.their_supervisor, tell=True, event="delayed", next_on=LATE)
        assert Progress.objects.exclude(told_at=None).count() == 2

    def test_other_state_says_when_more_is_expected_also_by_hand(self, world: World) -> None:
        case, line = world.outgoing("sent"), world.line
        news = News(event="hearing_set", text="in May", next_on=SOON)

        def note(by: Actor, **data: Any) -> Any:
            given = {"peer_status": "in_execution", "news": news, "proof": RECEIPT} | data
            return course.outgoing_note_progress(outgoing=case, by=by, **given)

        before = state_of(case)
        with pytest.raises(ActForbidden):
            note(line.supervisor)
        with pytest.raises(ConditionsNotMet):
            note(line.registry, proof=None)
        assert nothing_changed(case, before)
        done = note(line.registry)
        assert (done.status, done.next_news_on) == ("in_execution", SOON)
        row = Progress.objects.get(outgoing=case)
        assert (row.event, row.text, row.next_on) == ("hearing_set", "in May", SOON)
        again = course.outgoing_note_progress(outgoing=done, by=Actor.peer(case.addressee), peer_status="in_execution")
        assert again.next_news_on == SOON

    def test_every_event_has_its_name(self) -> None:
        assert progress_events()["before_court"].name and "privilege_review" in progress_events()


LISTED = [
    Listed("Passport", give_back="by_day", due=LATE, item="M1"),
    Listed("Bank cards", quantity=3, give_back="soon"),
    Listed("Certified copies", give_back="not_asked"),
]


def listed(case: IncomingRequest, line: Line) -> tuple[IncomingRequest, list[Original]]:
    case = execution.incoming_list_originals(incoming=case, by=line.their_registry, originals=LISTED)
    return case, list(Original.objects.filter(incoming=case))


class TestOriginals:
    def test_listed_waived_and_returned_in_the_file_of_the_requested_side(self, world: World) -> None:
        case, line = world.incoming("concluded"), world.line
        peer = Actor.peer(case.sender)
        before = state_of(case)
        for wrong in (line.their_supervisor, line.executing, line.registry, peer):
            with pytest.raises(ActForbidden):
                execution.incoming_list_originals(incoming=case, by=wrong, originals=LISTED)
        for given, codes in (
            ([], ["originals_missing"]),
            ([Listed(" ", give_back="by_day")], ["original_description_missing", "original_due_missing"]),
            (
                [Listed("A disk", quantity=0, give_back="never")],
                ["original_quantity_missing", "original_give_back_missing"],
            ),
        ):
            with pytest.raises(ConditionsNotMet) as unmet:
                execution.incoming_list_originals(incoming=case, by=line.their_registry, originals=given)
            assert codes_of(unmet) == codes
        assert nothing_changed(case, before)
        done, (passport, cards, copies) = listed(case, line)
        assert_done(
            "list_originals", case, done, by=line.their_registry, to="concluded", events=("incoming.originals_listed",)
        )
        assert (done.originals_due, passport.is_out, cards.is_out, copies.is_out) == (LATE, True, True, False)
        done = inward.incoming_note_receipt(incoming=done, by=peer, all_match=True)
        with pytest.raises(ConditionsNotMet) as unmet:
            inward.incoming_close(incoming=done, by=line.their_supervisor)
        assert codes_of(unmet) == ["originals_out"]
        with pytest.raises(ActForbidden):
            execution.incoming_waive_return(incoming=done, by=line.their_registry)
        waived = execution.incoming_waive_return(
            incoming=done, by=line.their_supervisor, originals=[cards.original_id], words="keep them"
        )
        assert_done(
            "waive_return", done, waived, by=line.their_supervisor, to="concluded", events=("incoming.return_waived",)
        )
        for again in (cards, copies):
            with pytest.raises(UnknownOriginal):
                execution.incoming_waive_return(
                    incoming=waived, by=line.their_supervisor, originals=[again.original_id]
                )
        with pytest.raises(ConditionsNotMet) as unmet:
            execution.incoming_note_originals_returned(
                incoming=waived, by=peer, originals=[passport.original_id], on=LATE
            )
        assert codes_of(unmet) == ["not_yet"]
        back = execution.incoming_note_originals_returned(
            incoming=waived, by=peer, originals=[passport.original_id], on=timezone.now().date(), how="by courier"
        )
        assert back.originals_due is None
        assert inward.incoming_close(incoming=back, by=line.their_supervisor).status == "closed"

    def test_what_comes_back_after_the_closing_is_still_noted(self, world: World) -> None:
        case, line = world.incoming("concluded"), world.line
        done, (passport, cards, _copies) = listed(case, line)
        closed = inward.incoming_close(incoming=done, by=line.their_registry, reason="they are kept until the trial")
        back = execution.incoming_note_originals_returned(
            incoming=closed,
            by=line.their_registry,
            originals=[passport.original_id, cards.original_id],
            on=timezone.now().date(),
        )
        assert (back.status, back.originals_due) == ("closed", None)

    def test_noted_by_hand_returned_once_and_waived_in_the_file_of_the_requesting_side(self, world: World) -> None:
        case, line = world.outgoing("concluded"), world.line
        peer = Actor.peer(case.addressee)
        before = state_of(case)
        with pytest.raises(ActForbidden):
            execution.outgoing_note_originals(outgoing=case, by=line.supervisor, originals=LISTED, proof=RECEIPT)
        with pytest.raises(ConditionsNotMet):
            execution.outgoing_note_originals(outgoing=case, by=line.registry, originals=LISTED)
        assert nothing_changed(case, before)
        noted = execution.outgoing_note_originals(outgoing=case, by=line.registry, originals=LISTED, proof=RECEIPT)
        assert_done("note_originals", case, noted, by=line.registry, to="concluded")
        assert noted.originals_due == LATE
        passport, cards, _copies = noted.original_set.all()
        today = timezone.now().date()

        def give(by: Actor, *which: Original, **data: Any) -> Any:
            given = {"on": today, "how": "by courier", "tracking": "TEST-1"} | data
            return execution.outgoing_return_originals(
                outgoing=fresh(case), by=by, originals=[one.original_id for one in which], **given
            )

        for wrong in (line.supervisor, line.desk, peer):
            with pytest.raises(ActForbidden):
                give(wrong, passport)
        for data, code in (({"how": ""}, "how_missing"), ({"on": LATE}, "not_yet")):
            with pytest.raises(ConditionsNotMet) as unmet:
                give(line.registry, passport, **data)
            assert codes_of(unmet) == [code]
        back = give(line.registry, passport, proof=RECEIPT)
        assert_done(
            "return_originals", noted, back, by=line.registry, to="concluded", events=("outgoing.originals_returned",)
        )
        assert back.originals_due is None
        assert RecordedProof.objects.filter(outgoing=case, act="return_originals").exists()
        with pytest.raises(UnknownOriginal):
            give(line.registry, passport)
        waived = execution.outgoing_note_return_waived(outgoing=back, by=peer, words="keep them")
        cards.refresh_from_db()
        assert (cards.is_out, cards.waiver) == (False, "keep them")
        with pytest.raises(ConditionsNotMet) as unmet:
            execution.outgoing_note_return_waived(outgoing=waived, by=peer)
        assert codes_of(unmet) == ["no_original_out"]
