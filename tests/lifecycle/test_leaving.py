"""A person leaves: what they did stands, what was still with them goes to others, and four eyes hold whatever hat comes next."""

from __future__ import annotations

import datetime as dt

import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor, NoSuchHat
from mla.accounts.models import Membership, Role, User
from mla.accounts.services import OPERATOR, membership_add, membership_end, officer_deactivate
from mla.reference.models import Authority
from tests.factories import Line, example_letter, officer
from tests.lifecycle.acting import codes_of, fresh, nothing_changed, state_of
from tests.lifecycle.conftest import World
from tests.lifecycle.test_approval import approve
from workflows.drafting.letterfile import letter_from
from workflows.drafting.selectors import access_letter_by_id
from workflows.drafting.services import letter_name_officer
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.lifecycle.models import Assignment, IncomingRequest
from workflows.lifecycle.selectors import access_incoming_by_id, access_outgoing_by_id, visible_incoming
from workflows.lifecycle.services import execution
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.tracking.left import left_work
from workflows.tracking.selectors import worklist_incoming, worklist_outgoing

pytestmark = pytest.mark.usefixtures("arrived")


def leaves(person: Actor) -> User:
    """Close the account, as an administrator's page does."""
    office = Authority.objects.get(pk=person.authority_id)
    return officer_deactivate(user=User.objects.get(pk=person.user_id), authority=office, by=OPERATOR)


def back_as(user: User, role: Role, office: Authority) -> Actor:
    """The account is opened again by the operator, and the person gets another role."""
    User.objects.filter(pk=user.pk).update(is_active=True)
    membership_add(user=User.objects.get(pk=user.pk), authority=office, role=role, by=OPERATOR)
    return Actor.user(User.objects.get(pk=user.pk), authority=office, role=role)


class TestFourEyes:
    def test_letter_stays_approved_when_its_approver_left_and_is_sent(self, world: World) -> None:
        case = world.outgoing("ready")
        approver = leaves(world.line.supervisor)
        with pytest.raises(NoSuchHat):
            Actor.user(approver, authority=case.central, role=Role.SUPERVISOR)
        sent = course.outgoing_send(outgoing=case, by=world.line.registry, channel="local")
        assert (sent.status, sent.approved_by_id) == ("sent", approver.pk)

    @pytest.mark.parametrize("author", ["prosecutor", "desk"])
    def test_author_who_comes_back_as_a_supervisor_still_never_approves(self, world: World, author: str) -> None:
        case = world.outgoing("in_review")
        again = back_as(leaves(getattr(world.line, author)), Role.SUPERVISOR, case.central)
        before = state_of(case)
        with pytest.raises(ConditionsNotMet) as refused:
            approve(case, again)
        assert codes_of(refused) == ["own_letter"] and nothing_changed(case, before)
        assert approve(case, world.line.supervisor).status == "approved"

    def test_hat_that_ended_opens_nothing_to_whoever_still_holds_the_page(self, world: World) -> None:
        case, supervisor = world.outgoing("in_review"), world.line.supervisor
        for hat in Membership.objects.filter(user=supervisor.user_id, ends_at=None):
            membership_end(membership=hat, by=OPERATOR)
        with pytest.raises(NoSuchHat):
            Actor.user(User.objects.get(pk=supervisor.user_id), authority=case.central, role=Role.SUPERVISOR)


@pytest.fixture
def carried_out(world: World) -> tuple[IncomingRequest, Actor]:
    """A request in execution, given to one officer in person."""
    case = world.incoming("in_execution")
    person = officer(Role.EXECUTING_OFFICER, world.line.executing_authority.code, 5)
    execution.incoming_assign_execution(
        incoming=case, by=world.line.their_supervisor, executing=world.line.executing_authority,
        officer=User.objects.get(pk=person.user_id), instruction="By the end of May.",
        expected_by=dt.date(2099, 5, 31),
    )  # fmt: skip
    return fresh(case), person


class TestExecution:
    def test_request_of_who_left_waits_for_the_supervisor_who_gives_all_to_another_at_once(
        self, world: World, carried_out: tuple[IncomingRequest, Actor]
    ) -> None:
        (case, person), line = carried_out, world.line
        item = case.items.order_by("id")[0]
        execution.incoming_assign_execution(
            incoming=case, by=line.their_supervisor, executing=line.executing_authority, items=[item.key],
            officer=User.objects.get(pk=person.user_id),
        )  # fmt: skip
        assert left_work(line.their_supervisor) == []
        gone = leaves(person)
        assert "assign_execution" in [row.act for row in worklist_incoming(line.their_supervisor).rows]
        (work,) = left_work(line.their_supervisor)
        assert (work.kind, work.person, len(work.rows)) == ("execution", gone, 2)
        assert left_work(line.their_desk)[0].rows and left_work(line.supervisor) == []
        to = User.objects.get(pk=line.executing.user_id)
        assert to in work.others and gone not in work.others
        with pytest.raises(ActForbidden):
            execution.executions_hand_over(assignments=work.rows, to=to, by=line.their_desk, reason="left")
        with pytest.raises(ConditionsNotMet) as refused:
            execution.executions_hand_over(assignments=work.rows, to=to, by=line.their_supervisor, reason=" ")
        assert codes_of(refused) == ["reason_missing"]
        assert execution.executions_hand_over(
            assignments=work.rows, to=to, by=line.their_supervisor, reason="left the service"
        ) == 1  # fmt: skip
        rows = Assignment.objects.filter(incoming=case, ended_at=None).order_by("id")
        assert {(row.officer_id, row.reason) for row in rows} == {(to.pk, "left the service")} and len(rows) == 2
        whole = rows.get(item=None)
        assert (whole.instruction, whole.expected_by) == ("By the end of May.", dt.date(2099, 5, 31))
        assert Assignment.objects.filter(incoming=case, officer=gone).exclude(ended_at=None).count() == 2
        assert left_work(line.their_supervisor) == []
        assert "assign_execution" not in [row.act for row in worklist_incoming(line.their_supervisor).rows]

    def test_one_request_that_cannot_be_given_leaves_all_where_they_were(
        self, world: World, carried_out: tuple[IncomingRequest, Actor]
    ) -> None:
        (case, person), line = carried_out, world.line
        leaves(person)
        (work,) = left_work(line.their_supervisor)
        stranger = User.objects.get(pk=line.their_registry.user_id)
        with pytest.raises(ConditionsNotMet) as refused:
            execution.executions_hand_over(
                assignments=work.rows, to=stranger, by=line.their_supervisor, reason="left the service"
            )
        assert codes_of(refused) == ["not_of_the_office"]
        assert Assignment.objects.get(incoming=case, ended_at=None).officer_id == person.user_id


class TestRestricted:
    def test_letter_whose_named_persons_all_left_falls_to_who_answers_and_to_nobody_else(self, world: World) -> None:
        content = example_letter(1).content()
        content["confidentiality"] = {"level": "restricted", "reason": "An undercover officer is at risk."}
        line = Line(letter=letter_from(content))
        case = line.drafted()
        code = line.letter.requesting.originating or ""
        signatory, colleague = officer(Role.ORIGINATOR_SIGNATORY, code), officer(Role.ORIGINATOR_DRAFTER, code, 3)
        for stranger in (signatory, colleague, line.supervisor):
            with pytest.raises(AccessDenied):
                access_outgoing_by_id(stranger, case.public_id)
        leaves(line.prosecutor)
        for stranger in (colleague, line.supervisor, officer(Role.AUDITOR, code)):
            with pytest.raises(AccessDenied):
                access_outgoing_by_id(stranger, case.public_id)
        assert access_outgoing_by_id(signatory, case.public_id) == case
        assert [row.act for row in worklist_outgoing(signatory).rows] == ["letter.name_officer"]
        letter_name_officer(
            letter=access_letter_by_id(signatory, case.letter.public_id), by=signatory,
            user=User.objects.get(pk=colleague.user_id),
        )  # fmt: skip
        assert access_outgoing_by_id(colleague, case.public_id) == case
        # Somebody has it again: it is closed to the others once more.
        with pytest.raises(AccessDenied):
            access_letter_by_id(signatory, case.letter.public_id)
        assert worklist_outgoing(signatory).rows == []

    def test_request_in_whose_named_persons_all_left_waits_for_a_supervisor_to_name_others(self, world: World) -> None:
        case, line = world.incoming("received"), world.line
        IncomingRequest.objects.filter(pk=case.pk).update(confidentiality="restricted")
        case = fresh(case)
        desk = User.objects.get(pk=line.their_desk.user_id)
        case = inward.incoming_name_officer(incoming=case, by=line.their_supervisor, user=desk)
        assert not visible_incoming(line.their_supervisor).filter(pk=case.pk).exists()
        leaves(line.their_desk)
        for stranger in (line.their_registry, line.supervisor, line.executing):
            assert not visible_incoming(stranger).filter(pk=case.pk).exists()
        assert access_incoming_by_id(line.their_supervisor, case.public_id) == case
        assert [row.act for row in worklist_incoming(line.their_supervisor).rows] == ["name_officer"]
        other = officer(Role.DESK_OFFICER, line.letter.requested.authority or "", 4)
        inward.incoming_name_officer(incoming=case, by=line.their_supervisor, user=User.objects.get(pk=other.user_id))
        assert access_incoming_by_id(other, case.public_id) == case
        assert not visible_incoming(line.their_supervisor).filter(pk=case.pk).exists()
