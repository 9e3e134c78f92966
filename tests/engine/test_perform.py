"""perform and create are the only doors: one transaction, one act id, everything or nothing, and the entries last."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_fsm import TransitionNotAllowed

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.audit.selectors import verify_chains
from mla.core.ids import uuid7
from tests.factories import officer
from tests.lifecycle.acting import fresh, nothing_changed, state_of
from tests.lifecycle.conftest import World, module_world, one_transaction, savepoint, world
from workflows.engine import machine
from workflows.engine.acts import one_act
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet, DataWrong, VersionChanged
from workflows.engine.machine import Doing, Effects, acts_of
from workflows.engine.models import OutboxJob
from workflows.engine.perform import available_acts, create, perform
from workflows.lifecycle.models import OpenPoint, OutgoingRequest, RequestedItem
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

__all__ = ["module_world", "one_transaction", "savepoint", "world"]


class TestOneDoor:
    def test_machine_is_not_moved_past_the_engine(self, world: World) -> None:
        case = world.outgoing("sent")
        doing = Doing("withdraw", world.line.supervisor, case.changed_at, uuid7(), {"reason": "x"})
        with pytest.raises(TransitionNotAllowed):
            case.withdraw(doing, reason="x")
        with pytest.raises(AttributeError):
            case.status = "closed"
        with pytest.raises(IntegrityError), transaction.atomic():
            OutgoingRequest.objects.filter(pk=case.pk).update(status="nowhere")
        with pytest.raises(IntegrityError), transaction.atomic():
            OutgoingRequest.objects.filter(pk=case.pk).update(status="closed")
        assert fresh(case).status == "sent"

    def test_act_without_named_statuses_is_refused_at_its_declaration(self) -> None:
        for sources in ([], ["*"], ["sent", "+"]):
            with pytest.raises(ValueError, match="names each status"):
                machine.act(label="x", source=sources, target=None, permission=lambda row, actor: True)

    def test_row_passed_in_stays_as_it_was_and_the_fresh_one_is_returned(self, world: World) -> None:
        case = world.outgoing("sent")
        done = course.outgoing_withdraw(outgoing=case, by=world.line.supervisor, reason="no need")
        assert (case.desired, done.desired, done.version) == ("", "withdraw", case.version + 1)

    def test_case_is_locked_before_it_is_looked_at_outermost_first(self, world: World) -> None:
        item = world.outgoing("sent").items.all()[0]
        stored = course.Proof(name="slip.pdf", media_type="application/pdf", content=b"%PDF slip").stored()
        with CaptureQueriesContext(connection) as seen:
            perform(item, "accept", by=world.line.registry, proof=stored)
        locks = [query["sql"] for query in seen if "FOR UPDATE" in query["sql"]]
        assert [sql.split(' FROM "')[1].split('"')[0] for sql in locks] == [
            "drafting_letterofrequest",
            "lifecycle_outgoingrequest",
            "lifecycle_requesteditem",
        ]
        first_write = next(n for n, query in enumerate(seen) if query["sql"].startswith(("UPDATE", "INSERT")))
        assert all(n < first_write for n, query in enumerate(seen) if "FOR UPDATE" in query["sql"])
        writes = [q["sql"].split('"')[1] for q in seen if q["sql"].startswith(("UPDATE", "INSERT"))]
        assert writes[-1] == "audit_auditentry"


class TestOrderOfRefusals:
    def test_right_is_asked_before_status_and_version(self, world: World) -> None:
        case = world.outgoing("sent")
        clerk = officer(Role.AUDITOR, world.line.letter.requesting.authority or "")
        before = state_of(case)
        for act in ("approve", "send", "close", "withdraw"):
            with pytest.raises(ActForbidden):
                perform(case, act, by=clerk, expected_version=1)
        with pytest.raises(VersionChanged):
            perform(case, "close", by=world.line.supervisor, expected_version=1)
        with pytest.raises(ActNotPossible, match="sent"):
            perform(case, "close", by=world.line.supervisor)
        with pytest.raises(ActNotPossible, match="knows no act"):
            perform(case, "save", by=world.line.supervisor)
        assert nothing_changed(case, before)

    def test_every_unmet_condition_is_told_at_once(self, world: World) -> None:
        with pytest.raises(ConditionsNotMet) as refused:
            course.outgoing_acknowledge(outgoing=world.outgoing("sent"), by=world.line.registry, peer_reference="")
        assert [reason.code for reason in refused.value.reasons] == ["peer_reference_missing", "proof_missing"]
        assert "peer reference" in str(refused.value)

    def test_wrong_data_name_their_field_and_change_nothing(self, world: World) -> None:
        case = world.outgoing("sent")
        before = state_of(case)
        with pytest.raises(DataWrong) as wrong:
            perform(case, "note_progress", by=world.peer(case), peer_status="x" * 21)
        assert [reason.field for reason in wrong.value.reasons] == ["peer_status"]
        with pytest.raises(DataWrong) as wrong:
            perform(case, "note_question", by=world.peer(case), question="x" * 20_001)
        assert [reason.field for reason in wrong.value.reasons] == ["question"]
        assert nothing_changed(case, before)

    def test_creating_is_an_act_with_a_right_and_an_owner(self, world: World) -> None:
        case = world.outgoing("sent")

        def item(authority_id: int | None = None) -> RequestedItem:
            return RequestedItem(
                authority_id=authority_id or case.authority_id, outgoing=case, key="M9", measure="other"
            )

        system = Actor.system("x", authority_id=case.authority_id)
        for by, row in ((world.line.supervisor, item()), (system, item(case.addressee_id))):
            with pytest.raises(ActForbidden):
                create(row, act="create", by=by)
        with pytest.raises(DataWrong) as wrong:
            create(RequestedItem(authority_id=case.authority_id, outgoing=case, key="M" * 9), act="create", by=system)
        assert {reason.field for reason in wrong.value.reasons} == {"key", "measure"}
        made = create(item(), act="create", by=system)
        entry = AuditEntry.objects.get(object_id=str(made.public_id))
        assert (entry.act, entry.from_status, entry.to_status, entry.object_version) == (
            "item.create",
            "",
            "requested",
            1,
        )


class TestOneAct:
    def test_acts_of_one_service_share_one_act_id(self, world: World) -> None:
        refused = course.outgoing_note_refusal(
            outgoing=world.outgoing("sent"), by=world.peer(world.outgoing("sent")), ground="essential_interests"
        )
        rows = [refused, *refused.items.all()]
        entries = [AuditEntry.objects.get(object_id=str(row.public_id), object_version=row.version) for row in rows]
        assert len({entry.act_id for entry in entries}) == 1
        assert len(entries) == 3

    def test_act_that_fails_inside_another_takes_its_entries_with_it(self, world: World) -> None:
        case, line = world.outgoing("taken_in"), world.line
        with one_act() as act_id:
            chain.outgoing_query_originator(outgoing=case, by=line.desk, question="When?")
            with pytest.raises(RuntimeError), one_act() as same:
                assert same == act_id
                chain.outgoing_query_originator(outgoing=case, by=line.desk, question="Where?")
                raise RuntimeError
        assert list(OpenPoint.objects.filter(outgoing=case).values_list("question", flat=True)) == ["When?"]
        entries = AuditEntry.objects.filter(act_id=act_id)
        assert list(entries.values_list("act", "object_version")) == [("outgoing.query_originator", case.version + 1)]
        assert verify_chains().broken is None

    def test_service_that_fails_at_its_end_leaves_nothing(self, world: World) -> None:
        case = world.outgoing("sent")
        before = state_of(case)
        with pytest.raises(RuntimeError), one_act():
            course.outgoing_withdraw(outgoing=case, by=world.line.supervisor, reason="no need")
            assert OutboxJob.objects.filter(event="outgoing.withdrawn").exists()
            raise RuntimeError
        assert nothing_changed(case, before)
        course.outgoing_withdraw(outgoing=case, by=world.line.supervisor, reason="no need")

    def test_entries_of_one_act_are_written_chain_after_chain_in_one_order(self, world: World) -> None:
        case, line = world.outgoing("drafted"), world.line
        with one_act() as act_id:
            lodged = chain.outgoing_lodge(outgoing=case, by=line.prosecutor)
            chain.outgoing_query_originator(outgoing=lodged, by=line.desk, question="When?")
            chain.outgoing_answer_query(outgoing=lodged, by=line.prosecutor, answer="In May.")
        chains = list(AuditEntry.objects.filter(act_id=act_id).order_by("id").values_list("authority_id", flat=True))
        assert len(set(chains)) == 2
        assert chains == sorted(chains)


class TestAvailable:
    def test_page_shows_the_acts_of_a_role_with_what_stands_in_their_way(self, world: World) -> None:
        line = world.line

        def shown(state: str, actor: Any) -> dict[str, list[str]]:
            acts = available_acts(world.outgoing(state), actor)
            assert all(str(act.label) for act in acts)
            return {act.name: [reason.code for reason in act.reasons] for act in acts}

        def on_the_way(state: str, actor: Any) -> dict[str, list[str]]:
            beside = {"log_contact", "contact_done", "decide_alike", "file_mail", "undertake"}
            return {act: reasons for act, reasons in shown(state, actor).items() if act not in beside}

        assert shown("taken_in", line.desk) == {
            "log_contact": [],
            "contact_done": ["no_next_step"],
            "decide_alike": [],
            "file_mail": [],
            "take_in": ["taken_in"],
            "query_originator": [],
            "return_to_originator": [],
            "submit": [],
        }
        assert on_the_way("ready", line.registry) == {"send": []}
        assert on_the_way("in_review", line.supervisor) == {"return_for_changes": [], "approve": [], "reject": []}
        assert shown("sent", officer(Role.AUDITOR, line.letter.requesting.authority or "")) == {}
        assert shown("sent", line.their_supervisor) == {}

    def test_asking_what_is_possible_writes_nothing(self, world: World) -> None:
        case = world.outgoing("sent")
        with CaptureQueriesContext(connection) as seen:
            available_acts(case, world.line.registry)
        assert not [q for q in seen if not q["sql"].startswith("SELECT")]
        assert set(acts_of(OutgoingRequest)) >= {"send", "approve"}


def test_effects_of_an_act_are_empty_unless_it_says_so() -> None:
    effects = Effects()
    assert not any([effects.rows, effects.changed, effects.then, effects.then_before, effects.events, effects.detail])
