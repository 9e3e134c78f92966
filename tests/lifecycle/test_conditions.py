"""Conditions offered and answered, and the complement of a deficient result: each act refused, or done and recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core.files import file_read, file_store
from mla.core.ids import uuid7
from mla.reference.practice import condition_kinds, defects
from tests.lifecycle.acting import Act, codes_of, fresh, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet
from workflows.engine.perform import available_acts
from workflows.lifecycle.models import Condition, IncomingRequest, OpenPoint, OutgoingRequest, RecordedProof
from workflows.lifecycle.services import complements as comp
from workflows.lifecycle.services import conditions as cond
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.complements import Supplied, UnknownDefect
from workflows.lifecycle.services.conditions import Offered, UnknownCondition
from workflows.lifecycle.services.incoming import EvidenceKnown, UnknownQuestion
from workflows.lifecycle.services.outgoing_course import EvidenceFile, Proof, UnknownItem
from workflows.lifecycle.services.parts import incoming_transmit_part

pytestmark = pytest.mark.usefixtures("arrived")

LETTER = Proof("letter.pdf", "application/pdf", b"their letter")
DUE = dt.date(2027, 3, 1)
OFFER: dict[str, Any] = {"question": "We help under two conditions.", "due": DUE}
NO_PROOF = ({"proof": None}, "proof_missing")


def offered() -> list[Offered]:
    """Two conditions, one of them on an item; each time with identifiers of their own."""
    return [
        Offered("speciality", "For these proceedings alone.", article="UNTOC 18(19)", until=dt.date(2030, 1, 1)),
        Offered("return_of_originals", "The originals come back.", item="M1"),
    ]


def offer(case: Any, by: Any, data: Any) -> Any:
    return cond.incoming_offer_conditions(incoming=case, by=by, **(OFFER | {"conditions": offered()} | data))


def note_offer(case: Any, by: Any, data: Any) -> Any:
    given = OFFER | {"conditions": offered(), "proof": LETTER} | data
    return cond.outgoing_note_conditions(outgoing=case, by=by, **given)


def answer_offer(case: Any, by: Any, data: Any) -> Any:
    point = OpenPoint.objects.get(incoming=case)
    given = {"choice": "accepted"} | data
    return cond.incoming_receive_conditions_answer(incoming=case, by=by, point_id=point.point_id, **given)


def out(service: Any, **defaults: Any) -> Any:
    return lambda case, by, data: service(outgoing=case, by=by, **(defaults | data))


def note_asked(case: Any, by: Any, data: Any) -> Any:
    given = {"defect": "wrong_period", "question": "May is missing."} | data
    return comp.incoming_note_complement_asked(incoming=case, by=by, **given)


def supply(case: Any, by: Any, data: Any) -> Any:
    point = OpenPoint.objects.get(incoming=case)
    given = {"answer": "Here is May."} | data
    return comp.incoming_supply_complement(incoming=case, by=by, point_id=point.point_id, **given)


class Cases:
    """Cases of the module, one step further than the world has them."""

    def __init__(self, world: World) -> None:
        self.world, self.line = world, world.line

    def outgoing(self, state: str) -> OutgoingRequest:
        world, line = self.world, self.line
        match state:
            case "conditions":
                return note_offer(world.outgoing("sent"), world.peer(world.outgoing("sent")), {"proof": None})
            case "deficient":
                return comp.outgoing_ask_complement(
                    outgoing=world.outgoing("concluded"), by=line.desk, defect="incomplete", question="May is missing."
                )
        return world.outgoing(state)

    def incoming(self, state: str) -> IncomingRequest:
        world, line = self.world, self.line
        match state:
            case "offered":
                return offer(world.incoming("under_review"), line.their_supervisor, {})
            case "deficient":
                return note_asked(world.incoming("concluded"), Actor.peer(world.incoming("received").sender), {})
        return world.incoming(state)


@pytest.fixture
def cases(world: World) -> Cases:
    return Cases(world)


OUT = [
    Act("note_conditions", "sent", "registry", Role.SUPERVISOR, note_offer, "sent",
        unmet=(NO_PROOF, ({"question": " "}, "question_missing"), ({"conditions": []}, "conditions_missing"),
               ({"conditions": [Offered("speciality", " ")]}, "condition_text_missing"),
               ({"conditions": [Offered("", "x")]}, "condition_kind_missing")),
        events=("outgoing.conditions_noted",)),
    Act("accept_conditions", "conditions", "supervisor", Role.DESK_OFFICER, out(cond.outgoing_accept_conditions),
        "sent", events=("outgoing.conditions_answered",)),
    Act("decline_conditions", "conditions", "supervisor", Role.REGISTRY,
        out(cond.outgoing_decline_conditions, reason="Our law forbids it."), "sent",
        unmet=(({"reason": " "}, "reason_missing"),), events=("outgoing.conditions_answered",)),
    Act("ask_complement", "concluded", "supervisor", Role.REGISTRY,
        out(comp.outgoing_ask_complement, defect="incomplete", question="May is missing."), "concluded",
        unmet=(({"question": " "}, "question_missing"), ({"defect": ""}, "defect_missing")),
        events=("outgoing.complement_asked",)),
    Act("note_complement", "deficient", "registry", Role.SUPERVISOR,
        out(comp.outgoing_note_complement, answer="May.", proof=LETTER), "concluded",
        unmet=(NO_PROOF, ({"answer": " "}, "nothing_supplied")), events=("outgoing.complement_received",)),
]  # fmt: skip
IN = [
    Act("offer_conditions", "under_review", "their_supervisor", Role.DESK_OFFICER, offer, "under_review",
        unmet=(({"question": ""}, "question_missing"), ({"conditions": []}, "conditions_missing"),
               ({"conditions": [Offered("speciality", "")]}, "condition_text_missing")),
        events=("incoming.conditions_offered",)),
    Act("receive_conditions_answer", "offered", "their_registry", Role.DESK_OFFICER, answer_offer, "under_review",
        unmet=(({"choice": "perhaps"}, "choice_missing"), ({"choice": "declined"}, "answer_missing")),
        events=("incoming.conditions_answered",)),
    Act("note_complement_asked", "concluded", "their_registry", Role.SUPERVISOR, note_asked, "concluded",
        unmet=(({"question": " "}, "question_missing"),), events=("incoming.complement_asked",)),
    Act("supply_complement", "deficient", "their_registry", Role.SUPERVISOR, supply, "concluded",
        unmet=(({"answer": " "}, "nothing_supplied"),), events=("incoming.complement_supplied",)),
]  # fmt: skip


@pytest.mark.parametrize("act", OUT, ids=str)
def test_act_on_a_request_out_is_refused_or_done_and_recorded(cases: Cases, act: Act) -> None:
    try_act(act, cases.outgoing(act.at), cases.line)


@pytest.mark.parametrize("act", IN, ids=str)
def test_act_on_a_request_in_is_refused_or_done_and_recorded(cases: Cases, act: Act) -> None:
    try_act(act, cases.incoming(act.at), cases.line)


def test_each_condition_stands_with_kind_article_item_and_day(cases: Cases) -> None:
    case = cases.incoming("offered")
    point = OpenPoint.objects.get(incoming=case)
    assert (point.kind, point.question, point.due, point.choice) == ("conditions", OFFER["question"], DUE, "")
    rows = list(point.conditions.order_by("id"))
    assert [(one.kind, one.article, one.text, one.item_key, one.until) for one in rows] == [
        ("speciality", "UNTOC 18(19)", "For these proceedings alone.", "", dt.date(2030, 1, 1)),
        ("return_of_originals", "", "The originals come back.", "M1", None),
    ]
    assert {one.incoming_id for one in rows} == {case.pk}
    assert not cond.accepted_conditions(case)
    accepted = answer_offer(case, cases.line.their_registry, {})
    assert list(cond.accepted_conditions(accepted)) == rows


def test_offer_of_what_is_not_known_is_refused_and_names_it(cases: Cases) -> None:
    case, by = cases.incoming("under_review"), cases.line.their_supervisor
    ours = cases.outgoing("concluded")
    before = state_of(case)
    with pytest.raises(UnknownCondition, match="oath"):
        offer(case, by, {"conditions": [Offered("oath", "Swear it.")]})
    with pytest.raises(UnknownItem, match="M9"):
        offer(case, by, {"conditions": [Offered("speciality", "x", item="M9")]})
    with pytest.raises(UnknownDefect, match="ugly"):
        comp.outgoing_ask_complement(outgoing=ours, by=cases.line.desk, defect="ugly", question="x")
    assert not Condition.objects.exists()
    assert nothing_changed(case, before)


def test_nothing_is_accepted_and_no_result_leaves_while_conditions_are_pending(cases: Cases) -> None:
    case, line = cases.incoming("offered"), cases.line
    accept: dict[str, Any] = {"executing": line.executing_authority, "decided_by": "the supervisor"}
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_accept(incoming=case, by=line.their_supervisor, **accept)
    assert codes_of(unmet) == ["conditions_pending"]
    shown = {one.name: one.reasons for one in available_acts(fresh(case), line.their_supervisor)}
    assert [reason.code for reason in shown["accept"]] == ["conditions_pending"]
    answer_offer(case, line.their_registry, {"choice": "declined", "answer": "Our law forbids it."})
    case = inward.incoming_accept(incoming=case, by=line.their_supervisor, **accept)
    case = line.executed(case)
    case = offer(case, line.their_supervisor, {})
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_transmit_result(incoming=case, by=line.their_registry)
    assert codes_of(unmet) == ["conditions_pending"]
    with pytest.raises(ConditionsNotMet) as unmet:
        incoming_transmit_part(incoming=case, by=line.their_registry)
    assert codes_of(unmet) == ["conditions_pending"]
    second = OpenPoint.objects.get(incoming=case, answered_at=None)
    cond.incoming_receive_conditions_answer(
        incoming=case, by=Actor.peer(case.sender), point_id=second.point_id, choice="accepted"
    )
    assert inward.incoming_transmit_result(incoming=case, by=line.their_registry).status == "concluded"


def test_one_offer_is_answered_once(cases: Cases) -> None:
    ours, line = cases.outgoing("conditions"), cases.line
    cond.outgoing_accept_conditions(outgoing=ours, by=line.supervisor)
    with pytest.raises(ConditionsNotMet) as unmet:
        cond.outgoing_decline_conditions(outgoing=ours, by=line.supervisor, reason="late")
    assert codes_of(unmet) == ["nothing_open"]
    point = OpenPoint.objects.get(outgoing=ours)
    assert (point.choice, point.answer, point.answered_by) == ("accepted", "", line.supervisor.label)
    theirs = cases.incoming("offered")
    with pytest.raises(UnknownQuestion):
        cond.incoming_receive_conditions_answer(
            incoming=theirs, by=Actor.peer(theirs.sender), point_id=uuid7(), choice="accepted"
        )
    answer_offer(theirs, Actor.peer(theirs.sender), {})
    with pytest.raises(UnknownQuestion):
        answer_offer(theirs, Actor.peer(theirs.sender), {"choice": "declined", "answer": "no"})


def test_only_the_other_side_of_the_case_writes_by_message(cases: Cases) -> None:
    sent, line = cases.outgoing("sent"), cases.line
    before = state_of(sent)
    with pytest.raises(ActForbidden):
        note_offer(sent, Actor.peer(sent.central), {})
    assert nothing_changed(sent, before)
    noted = note_offer(sent, line.registry, {})
    assert RecordedProof.objects.get(outgoing=noted).act == "note_conditions"
    concluded = cases.incoming("concluded")
    with pytest.raises(ActForbidden):
        note_asked(concluded, Actor.peer(concluded.authority), {})
    assert note_asked(concluded, Actor.peer(concluded.sender), {"defect": "of_their_own"}).status == "concluded"
    with pytest.raises(UnknownDefect):
        note_asked(concluded, line.their_registry, {"defect": "of_their_own"})


def test_complement_brings_evidence_that_is_confirmed_and_handed_over_again(cases: Cases) -> None:
    line = cases.line
    ours = course.outgoing_confirm_evidence(outgoing=cases.outgoing("concluded"), by=line.registry)
    ours = course.outgoing_hand_over_result(outgoing=ours, by=line.registry)
    ours = course.outgoing_originator_confirms(outgoing=ours, by=line.prosecutor)
    ours = comp.outgoing_ask_complement(
        outgoing=ours, by=line.supervisor, defect="no_certificate", question="The certificate is missing.", due=DUE
    )
    with pytest.raises(ConditionsNotMet) as unmet:
        course.outgoing_close(outgoing=ours, by=line.supervisor)
    assert codes_of(unmet) == ["complement_open"]
    kept = file_store(b"certificate\n")
    file = EvidenceFile("certificate.txt", "text/plain", kept.size, kept.sha256, item="M1")
    with pytest.raises(UnknownItem, match="M9"):
        comp.outgoing_note_complement(
            outgoing=ours, by=Actor.peer(ours.addressee),  # type: ignore[arg-type]
            files=[EvidenceFile("x", "text/plain", kept.size, kept.sha256, item="M9")],
        )  # fmt: skip
    ours = comp.outgoing_note_complement(outgoing=ours, by=Actor.peer(ours.addressee), files=[file])  # type: ignore[arg-type]
    assert (ours.evidence_confirmed_at, ours.handed_over_at, ours.originator_confirmed_at) == (None, None, None)
    point = OpenPoint.objects.get(outgoing=ours)
    assert (point.ground, point.choice, point.files.get().name) == ("no_certificate", "supplied", "certificate.txt")
    ours = course.outgoing_confirm_evidence(outgoing=ours, by=line.registry)
    ours = course.outgoing_hand_over_result(outgoing=ours, by=line.registry)
    ours = course.outgoing_originator_confirms(outgoing=ours, by=line.prosecutor)
    steps = {file.name: [entry.step for entry in file.custody.all()] for file in ours.evidence_set.all()}
    assert steps == {
        "records.csv": ["received", "verified", "handed_over", "verified"],
        "certificate.txt": ["received", "verified", "handed_over"],
    }
    assert course.outgoing_close(outgoing=ours, by=line.supervisor).status == "closed"


def test_complement_is_supplied_as_files_once_and_the_receipt_is_awaited_again(cases: Cases) -> None:
    line = cases.line
    case = inward.incoming_note_receipt(incoming=cases.incoming("concluded"), by=line.their_registry, all_match=True)
    case = note_asked(case, line.their_registry, {})
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_close(incoming=case, by=line.their_registry)
    assert codes_of(unmet) == ["complement_open"]
    before = state_of(case)
    sent = case.evidence_set.order_by("id")[0]
    same = Supplied("again.csv", "text/csv", file_read(sent.sha256), item=sent.item.key if sent.item else "")
    with pytest.raises(EvidenceKnown, match=r"again\.csv"):
        supply(case, line.their_registry, {"files": [same]})
    may = Supplied("may.csv", "text/csv", b"May", item="M1", use_limits="as before")
    with pytest.raises(EvidenceKnown):
        supply(case, line.their_registry, {"files": [may, may]})
    assert nothing_changed(case, before)
    case = supply(case, line.their_registry, {"files": [may], "answer": ""})
    assert (case.evidence_confirmed_at, case.evidence_matched) == (None, None)
    file = case.evidence_set.get(name="may.csv")
    assert [entry.step for entry in file.custody.all()] == ["added", "sent"]
    with pytest.raises(UnknownQuestion):
        supply(case, line.their_registry, {})
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_close(incoming=case, by=line.their_registry)
    assert codes_of(unmet) == ["receipt_open"]
    assert inward.incoming_close(incoming=case, by=line.their_registry, reason="paper").status == "closed"


def test_complement_is_asked_of_what_was_executed_and_before_the_close(cases: Cases) -> None:
    line = cases.line
    refused = course.outgoing_note_refusal(
        outgoing=cases.outgoing("sent"), by=cases.world.peer(cases.outgoing("sent")), ground="essential_interests"
    )
    with pytest.raises(ConditionsNotMet) as unmet:
        comp.outgoing_ask_complement(outgoing=refused, by=line.desk, defect="incomplete", question="x")
    assert codes_of(unmet) == ["no_result"]
    closed = inward.incoming_close(incoming=cases.incoming("concluded"), by=line.their_registry, reason="paper")
    with pytest.raises(ActNotPossible):
        note_asked(closed, line.their_registry, {})


def test_data_files_have_the_kinds_of_practice_and_say_what_is_verified() -> None:
    assert list(condition_kinds()) == [
        "speciality", "confidentiality", "onward_use", "destruction", "return_of_originals", "costs", "death_penalty",
        "reciprocity", "evidence_after_request", "source_protection", "other",
    ]  # fmt: skip
    assert {rule.instrument for rule in condition_kinds()["speciality"].rules if not rule.to_be_confirmed} >= {
        "UNTOC-2000",
        "UNCAC-2003",
    }
    assert list(defects()) == [
        "no_certificate", "wrong_period", "incomplete", "unreadable", "wrong_format", "wrong_person", "other",
    ]  # fmt: skip
