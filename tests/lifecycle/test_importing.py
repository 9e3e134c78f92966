"""A register is taken over as a whole or not at all, and its cases then run like any other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.factories import drain, officer
from tests.invariants import assert_invariants, i5_no_status_skipped
from tests.lifecycle.test_importing_lines import file_of
from workflows.documents.services_chasing import case_chase
from workflows.engine.errors import ActForbidden
from workflows.engine.models import OutboxJob
from workflows.lifecycle.models import AlikeKey, ImportedEntry, IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.lifecycle.services import importing
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.importing import ImportRefused, register_import, register_preview
from workflows.lifecycle.services.outgoing_course import ItemReport, Proof
from workflows.lifecycle.services.registers import register_next
from workflows.tracking.due import case_deadlines
from workflows.tracking.lists import Filters, list_incoming, list_outgoing
from workflows.tracking.models import Alarm
from workflows.tracking.reconciliation import reconcile
from workflows.tracking.search import search_incoming, search_outgoing
from workflows.tracking.state import case_state

pytestmark = pytest.mark.django_db

YEAR = clock.now().year
SENT = {
    "direction": "out",
    "our_reference": "77/2025",
    "their_reference": "T 9",
    "state": "FR",
    "authority": "fr-central",
    "subject": "Bank records, fraud",
    "measures": "bank-records, testimony",
    "date": f"{YEAR - 1}-11-03",
    "status": "sent",
}
CAME = SENT | {"direction": "in", "our_reference": "E 12", "their_reference": "P-1", "status": "received"}
EXECUTED = {"status": "closed", "outcome": "executed", "last_act": f"{YEAR - 1}-12-20"}


def registry() -> Actor:
    return officer(Role.REGISTRY, "is-central")


def bring(*lines: dict[str, str], by: Actor | None = None, **how: Any) -> importing.Imported:
    return register_import(data=file_of(*lines), name="register.csv", by=by or registry(), **how)


def counted() -> list[int]:
    return [model.objects.count() for model in (OutgoingRequest, IncomingRequest, ImportedEntry, AuditEntry)]


def proof() -> Proof:
    return Proof(name="letter.pdf", media_type="application/pdf", content=b"%PDF", note="by post")


class TestImport:
    def test_every_status_that_a_running_case_can_have_is_taken_over(self) -> None:
        out = [{}, {"status": "acknowledged"}, {"status": "in execution"}, EXECUTED, EXECUTED | {"status": "concluded"}]
        out += [
            EXECUTED | {"outcome": "unanswered"},
            EXECUTED | {"outcome": "refused", "ground": "essential_interests"},
        ]
        into = [
            {},
            {"status": "acknowledged"},
            {"status": "under review"},
            EXECUTED,
            EXECUTED | {"status": "concluded"},
        ]
        into += [{"status": "in execution", "executing_authority": "is-executing"}]
        lines = [SENT | one | {"our_reference": f"O{n}"} for n, one in enumerate(out)]
        lines += [CAME | one | {"our_reference": f"I{n}", "their_reference": f"P{n}"} for n, one in enumerate(into)]
        done = bring(*lines)
        assert [case.status for case in done.outgoing] == [
            "sent", "acknowledged", "in_execution", "closed", "concluded", "closed", "closed",
        ]  # fmt: skip
        assert [case.status for case in done.incoming] == [
            "received", "acknowledged", "under_review", "closed", "concluded", "in_execution",
        ]  # fmt: skip
        for case in done.outgoing:
            assert case.taken_over and case.approved_version is None and not case.document_sha256
            assert not case.letter.versions.exists() and case.letter.status == "elsewhere"
            assert case.sent_at is not None and case.sent_at.date() == dt.date(YEAR - 1, 11, 3)
        assert not OutboxJob.objects.exists(), "nobody is told of what happened elsewhere"
        assert_invariants()
        for out_case in done.outgoing:
            case_state(None, out_case)
        for in_case in done.incoming:
            case_state(None, in_case)

    def test_line_of_the_register_is_kept_as_it_was_and_never_changes(self) -> None:
        done = bring(SENT | {"note": "=cmd"}, CAME)
        row = ImportedEntry.objects.get(outgoing=done.outgoing[0])
        assert (row.line, row.file_name, ["note", "=cmd"] in row.cells) == (2, "register.csv", True)
        assert row.text.startswith("out;77/2025;T 9;FR;") and row.file_sha256 == done.preview.sha256
        entry = AuditEntry.objects.get(act="outgoing.import")
        assert (entry.from_status, entry.to_status, entry.detail["line"]) == ("", "sent", 2)
        assert "Bank records" not in str(entry.detail)
        with pytest.raises(Exception, match=r"append-only|permission denied"), connection.cursor() as cursor:
            cursor.execute("update lifecycle_importedentry set line = 3")

    def test_only_the_act_of_taking_over_begins_a_case_later_than_at_its_first_status(self) -> None:
        bring(SENT)
        assert not i5_no_status_skipped()
        from tests import invariants

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(invariants, "BEGINS_LATER", invariants.BEGINS_LATER - {"outgoing.import"})
            assert [line for line in i5_no_status_skipped() if "outgoing.import began it at sent" in line]

    def test_other_roles_take_over_nothing_and_see_no_preview(self) -> None:
        for role in (Role.DESK_OFFICER, Role.DUTY_OFFICER, Role.AUDITOR, Role.LOCAL_ADMINISTRATOR, Role.LEGAL):
            by = officer(role, "is-central")
            for act in (register_preview, register_import):
                with pytest.raises(ActForbidden):
                    act(data=file_of(SENT), name="r.csv", by=by)
        assert not ImportedEntry.objects.exists()
        assert bring(SENT, by=officer(Role.SUPERVISOR, "is-central")).outgoing


class TestWholeOrNothing:
    def test_one_wrong_line_stops_all_and_left_out_it_stops_none(self) -> None:
        before = counted()
        with pytest.raises(ImportRefused) as refused:
            bring(SENT, CAME | {"state": "XX"})
        assert counted() == before and [one.line.number for one in refused.value.preview.wrong] == [3]
        done = bring(SENT, CAME | {"state": "XX"}, leave_out=True)
        assert len(done.outgoing) == 1 and not done.incoming and done.left_out[0].line.number == 3

    @pytest.mark.parametrize("place", ["_incoming", "_items", "register_raise"])
    def test_fault_at_any_place_leaves_nothing(self, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
        before = counted()
        line = SENT | {"our_reference": f"IS-CENTRAL/out/{YEAR}/00005"}

        def broken(*_args: Any, **_more: Any) -> None:
            raise RuntimeError("the plug")

        with monkeypatch.context() as patch:
            patch.setattr(importing, place, broken)
            with pytest.raises(RuntimeError):
                bring(line, CAME)
        assert counted() == before
        assert bring(line, CAME).outgoing

    def test_same_file_again_brings_nothing_and_says_so(self) -> None:
        bring(SENT, CAME)
        before = counted()
        preview = register_preview(data=file_of(SENT, CAME), name="register.csv", by=registry())
        assert len(preview.known) == 2 and not preview.right
        assert "line 2" in preview.wrong[0].problems[0].message
        for leave_out in (False, True):
            with pytest.raises(ImportRefused):
                bring(SENT, CAME, leave_out=leave_out)
        assert counted() == before

    def test_file_that_was_not_shown_is_not_taken_over(self) -> None:
        shown = register_preview(data=file_of(SENT), name="register.csv", by=registry())
        with pytest.raises(ImportRefused, match="not the file"):
            bring(SENT | {"subject": "Other"}, sha256=shown.sha256)
        assert bring(SENT, sha256=shown.sha256).outgoing

    def test_references_of_another_authority_stand_in_nobodys_way(self) -> None:
        bring(SENT)
        theirs = officer(Role.REGISTRY, "gb-central")
        assert bring(SENT, by=theirs).outgoing[0].central.code == "gb-central"


class TestNumbers:
    def test_register_goes_on_above_the_highest_number_that_was_brought(self) -> None:
        by = registry()
        lines = [SENT | {"our_reference": f"IS-CENTRAL/out/{YEAR}/{number:05d}"} for number in (41, 7)]
        lines.append(CAME | {"our_reference": f"IS-CENTRAL/in/{YEAR - 1}/00812"})
        done = bring(*lines, SENT)
        assert done.preview.goes_on == [f"IS-CENTRAL/in/{YEAR - 1}/00813", f"IS-CENTRAL/out/{YEAR}/00042"]
        own = done.outgoing[0].central
        assert register_next(authority=own, stream="out") == f"IS-CENTRAL/out/{YEAR}/00042"
        assert register_next(authority=own, stream="in") == f"IS-CENTRAL/in/{YEAR}/00001"
        lower = SENT | {"our_reference": f"IS-CENTRAL/out/{YEAR}/00008"}
        bring(lower, by=by)
        assert register_next(authority=own, stream="out") == f"IS-CENTRAL/out/{YEAR}/00043"


class TestSight:
    def test_restricted_case_is_there_for_who_brought_it_and_its_officer_alone(self) -> None:
        desk, other = officer(Role.DESK_OFFICER, "is-central", 1), officer(Role.DESK_OFFICER, "is-central", 2)
        name = f"{Role.DESK_OFFICER}-is-central-1"
        secret = {"restricted": "yes", "officer": name}
        done = bring(SENT | secret, CAME | secret)
        for actor, seen in ((registry(), 1), (desk, 1), (other, 0), (officer(Role.SUPERVISOR, "is-central"), 0)):
            assert visible_outgoing(actor).count() == visible_incoming(actor).count() == seen
        assert search_outgoing(other, "77/2025").count == 0 and search_outgoing(desk, "77/2025").count == 1
        assert done.outgoing[0].letter.confidentiality == "restricted"

    def test_authority_for_which_it_was_made_sees_its_case(self) -> None:
        bring(SENT | {"for_authority": "is-prosecutor"}, SENT | {"our_reference": "78"})
        prosecutor = officer(Role.ORIGINATOR_DRAFTER, "is-prosecutor")
        assert [case.reference for case in visible_outgoing(prosecutor)] == ["77/2025"]

    def test_officer_of_the_other_state_is_shown_nothing_that_was_not_sent_from_here(self) -> None:
        from workflows.lifecycle.shared import shared_outgoing

        bring(SENT)
        assert not shared_outgoing(officer(Role.FOREIGN_OFFICER, "fr-central")).exists()

    def test_cases_stand_in_lists_search_and_among_the_overdue(self) -> None:
        bring(SENT | {"needed_by": f"{YEAR}-01-01"}, CAME)
        by = registry()
        rows = list_outgoing(by, Filters(measure="testimony", state="FR", urgency="urgent", overdue=True)).rows
        assert [row.case.reference for row in rows] == ["77/2025"]
        assert [row.case.reference for row in list_incoming(by, Filters(overdue=True)).rows] == ["E 12"]
        assert search_outgoing(by, "Bank records").count == search_incoming(by, "P-1").count == 1


class TestAfterwards:
    def test_deadlines_run_from_the_days_of_the_register(self) -> None:
        done = bring(SENT | {"needed_by": f"{YEAR + 1}-02-01"}, CAME)
        found = {str(one.kind): one.due for one in case_deadlines(None, done.outgoing[0])}
        assert found["acknowledgement"].year == YEAR - 1
        assert dt.date(YEAR + 1, 2, 1) in found.values()
        assert "chaser" in found
        (came,) = [one for one in case_deadlines(None, done.incoming[0]) if one.kind == "acknowledgement"]
        assert came.due.year == YEAR - 1

    def test_other_states_acts_are_recorded_by_hand_to_the_end(self) -> None:
        by = registry()
        case = bring(SENT).outgoing[0]
        case = course.outgoing_acknowledge(outgoing=case, by=by, peer_reference="T 10", proof=proof())
        case = course.outgoing_note_progress(outgoing=case, by=by, peer_status="in_execution", proof=proof())
        reports = [ItemReport(item.key, "executed") for item in case.items.all()]
        case = course.outgoing_note_result(outgoing=case, by=by, outcome="executed", reports=reports, proof=proof())
        case = course.outgoing_close(outgoing=case, by=officer(Role.SUPERVISOR, "is-central"), reason="told by post")
        assert case.status == "closed"
        drain()
        assert_invariants()

    def test_what_we_tell_the_other_state_goes_by_hand_never_as_a_message_that_it_cannot_place(self) -> None:
        case = bring(SENT).outgoing[0]
        course.outgoing_withdraw(outgoing=case, by=officer(Role.SUPERVISOR, "is-central"), reason="not needed")
        drain()
        from workflows.exchange.models import Message

        (told,) = Message.objects.all()
        assert told.transmission.channel == "paper" and told.transmission.status == "queued"

    def test_nothing_is_mended_that_was_not_done_here(self) -> None:
        bring(SENT, CAME)
        reconcile()
        assert not OutboxJob.objects.exists() and not Alarm.objects.exists()

    def test_silent_state_is_reminded_with_a_letter_that_needs_none_of_ours(self) -> None:
        for changes in ({}, {"status": "in execution", "last_act": f"{YEAR - 1}-12-01"}):
            case = bring(SENT | changes | {"our_reference": f"S{len(changes)}"}).outgoing[0]
            case_chase(case=case, by=registry())
            (letter,) = case.casedocument_set.all()
            assert letter.content and "fraud" not in str(letter.content.get("letter", ""))

    def test_request_in_goes_on_from_where_it_stood(self) -> None:
        supervisor = officer(Role.SUPERVISOR, "is-central")
        executing = officer(Role.EXECUTING_OFFICER, "is-executing")
        running = CAME | {
            "our_reference": "E 13", "their_reference": "P-2", "status": "in execution",
            "executing_authority": "is-executing", "officer": f"{Role.EXECUTING_OFFICER}-is-executing-1",
        }  # fmt: skip
        new, given = bring(CAME, running).incoming
        at_work = given.executing
        assert at_work is not None
        new = inward.incoming_acknowledge(incoming=new, by=registry(), contact="Registry")
        new = inward.incoming_start_review(incoming=new, by=officer(Role.DESK_OFFICER, "is-central"))
        new = inward.incoming_accept(incoming=new, by=supervisor, executing=at_work, decided_by="the court")
        assert new.status == "in_execution" and visible_incoming(executing).count() == 2
        for item in given.items.all():
            inward.incoming_item_decide(item=item, act="execute", by=executing, reason="as agreed")
        given = inward.incoming_transmit_result(incoming=given, by=registry(), note="by post")
        assert given.status == "concluded"
        drain()
        assert_invariants()

    def test_second_request_of_the_same_reference_is_seen(self) -> None:
        bring(CAME)
        assert AlikeKey.objects.filter(kind="reference").count() == 1
        preview = register_preview(data=file_of(CAME | {"our_reference": "E 99"}), name="r.csv", by=registry())
        assert preview.right and "E 12" in preview.lines[0].warnings[0]

    def test_every_measure_can_be_taken_over_on_both_sides(self) -> None:
        from mla.reference.models import MeasureType

        slugs = ", ".join(MeasureType.objects.values_list("slug", flat=True))
        done = bring(SENT | {"measures": slugs}, CAME | {"measures": slugs})
        cases: list[Any] = [*done.outgoing, *done.incoming]
        for case in cases:
            assert case.items.count() == MeasureType.objects.count()
            case_state(None, case)
        assert_invariants()


def test_queries_do_not_grow_with_the_lines() -> None:
    by = registry()

    def queries(first: int, count: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            bring(*(SENT | {"our_reference": f"{n}"} for n in range(first, first + count)), by=by)
        return len(caught)

    assert queries(0, 60) == queries(100, 120)
