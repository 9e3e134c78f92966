"""The acts on a request out, one by one: refused, or done with entry and jobs."""

from __future__ import annotations

from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core.files import file_store
from tests.factories import officer
from tests.lifecycle.acting import Act, assert_done, fresh, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ConditionsNotMet, DataWrong
from workflows.engine.perform import perform
from workflows.lifecycle.models import OpenPoint, OutgoingRequest, RecordedProof
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.outgoing_course import EvidenceFile, ItemReport, Proof

LETTER = Proof("letter.pdf", "application/pdf", b"their letter")


def hash_of(case: OutgoingRequest) -> str:
    return case.letter.versions.get(number=case.letter.current).content_hash


def approve(case: Any, by: Any, data: Any) -> Any:
    given = {"content_hash": hash_of(case), "rights_screened": True} | data
    return chain.outgoing_approve(outgoing=case, by=by, **given)


def by_name(service: Any, **defaults: Any) -> Any:
    return lambda case, by, data: service(outgoing=case, by=by, **(defaults | data))


BLANK = {"reason": "  "}
NO_PROOF = ({"proof": None}, "proof_missing")

CHAIN = [
    Act("lodge", "drafted", "prosecutor", Role.AUDITOR, by_name(chain.outgoing_lodge), "drafting",
        events=("outgoing.lodged",), after={"lodged_number": 1}),
    Act("take_in", "lodged", "desk", Role.SUPERVISOR, by_name(chain.outgoing_take_in), "drafting",
        events=("outgoing.taken_in",)),
    Act("take_in", "lodged", "registry", Role.LEGAL, by_name(chain.outgoing_take_in), "drafting",
        events=("outgoing.taken_in",)),
    Act("query_originator", "taken_in", "desk", Role.REGISTRY,
        by_name(chain.outgoing_query_originator, question="When?"), "drafting",
        unmet=(({"question": " "}, "question_missing"),)),
    Act("answer_query", "queried", "prosecutor", Role.AUDITOR,
        by_name(chain.outgoing_answer_query, answer="In May."), "drafting",
        unmet=(({"answer": ""}, "answer_missing"),)),
    Act("return_to_originator", "taken_in", "desk", Role.REGISTRY,
        by_name(chain.outgoing_return_to_originator, reason="no facts"), "drafting",
        unmet=((BLANK, "reason_missing"),), events=("outgoing.returned_to_originator",), after={"lodged_at": None}),
    Act("submit", "taken_in", "desk", Role.SUPERVISOR, by_name(chain.outgoing_submit), "in_review",
        events=("outgoing.submitted",)),
    Act("return_for_changes", "in_review", "supervisor", Role.DESK_OFFICER,
        by_name(chain.outgoing_return_for_changes, comments=[("facts.summary", "which day?")]), "drafting",
        unmet=(({"comments": []}, "comment_missing"),), events=("outgoing.returned_for_changes",)),
    Act("approve", "in_review", "supervisor", Role.DESK_OFFICER, approve, "approved",
        unmet=(({"content_hash": "0" * 64}, "content_changed"), ({"rights_screened": False}, "rights_not_screened")),
        events=("outgoing.approved",)),
    Act("reject", "in_review", "supervisor", Role.DESK_OFFICER, by_name(chain.outgoing_reject, reason="no"), "closed",
        unmet=((BLANK, "reason_missing"),), events=("outgoing.closed",), after={"outcome": "not_pursued"}),
    Act("give_up", "taken_in", "supervisor", Role.DESK_OFFICER, by_name(chain.outgoing_give_up, reason="no"), "closed",
        unmet=((BLANK, "reason_missing"),), events=("outgoing.closed",), after={"outcome": "not_pursued"}),
    Act("give_up", "ready", "supervisor", Role.DESK_OFFICER, by_name(chain.outgoing_give_up, reason="no"), "closed",
        unmet=((BLANK, "reason_missing"),), events=("outgoing.closed",), after={"outcome": "not_pursued"}),
    Act("revise", "ready", "desk", Role.REGISTRY, by_name(chain.outgoing_revise, reason="a date"), "drafting",
        unmet=((BLANK, "reason_missing"),), events=("outgoing.revised",)),
    Act("send", "ready", "registry", Role.SUPERVISOR, by_name(course.outgoing_send, channel="local"), "sent",
        unmet=(({"channel": "pigeon"}, "channel_unknown"),), events=("outgoing.sent",), after={"channel": "local"}),
]  # fmt: skip

RECEIVER = [
    Act("acknowledge", "sent", "registry", Role.DESK_OFFICER,
        by_name(course.outgoing_acknowledge, peer_reference="T-1", proof=LETTER), "acknowledged",
        unmet=(({"peer_reference": ""}, "peer_reference_missing"), NO_PROOF), events=("outgoing.acknowledged",)),
    Act("note_progress", "sent", "registry", Role.SUPERVISOR,
        by_name(course.outgoing_note_progress, peer_status="under_review", proof=LETTER), "sent",
        unmet=(({"peer_status": ""}, "peer_status_missing"), NO_PROOF), after={"peer_status": "under_review"}),
    Act("note_execution", "sent", "registry", Role.SUPERVISOR,
        by_name(course.outgoing_note_progress, peer_status="in_execution", proof=LETTER), "in_execution",
        unmet=(NO_PROOF,)),
    Act("note_question", "sent", "registry", Role.SUPERVISOR,
        by_name(course.outgoing_note_question, question="Which port?", proof=LETTER), "sent",
        unmet=(({"question": ""}, "question_missing"), NO_PROOF), events=("outgoing.question_noted",)),
    Act("give_information", "asked", "supervisor", Role.DESK_OFFICER,
        by_name(course.outgoing_give_information, answer="443"), "sent",
        unmet=(({"answer": " "}, "answer_missing"),), events=("outgoing.information_given",)),
    Act("withdraw", "sent", "supervisor", Role.REGISTRY, by_name(course.outgoing_withdraw, reason="done"), "sent",
        unmet=((BLANK, "reason_missing"), ({"outcome": "refused"}, "outcome_unknown")), events=("outgoing.withdrawn",),
        after={"desired": "withdraw", "wished_outcome": "withdrawn"}),
    Act("note_withdrawal", "withdrawn", "registry", Role.SUPERVISOR,
        by_name(course.outgoing_note_withdrawal, proof=LETTER), "concluded",
        unmet=(NO_PROOF,), after={"outcome": "withdrawn", "work_done": ""}),
    Act("note_refusal", "sent", "registry", Role.SUPERVISOR,
        by_name(course.outgoing_note_refusal, ground="essential_interests", reason="no", proof=LETTER), "concluded",
        unmet=(NO_PROOF,), events=("outgoing.refused",), after={"outcome": "refused"}),
    Act("note_return", "sent", "registry", Role.SUPERVISOR,
        by_name(course.outgoing_note_return, outcome="returned", reason="no dates", proof=LETTER), "concluded",
        unmet=((BLANK, "reason_missing"), NO_PROOF), events=("outgoing.returned",), after={"outcome": "returned"}),
    Act("lapse", "acknowledged", "supervisor", Role.REGISTRY,
        by_name(course.outgoing_lapse, reason="two years", originator_confirmed=True), "closed",
        unmet=((BLANK, "reason_missing"), ({"originator_confirmed": False}, "originator_not_asked")),
        events=("outgoing.closed",), after={"outcome": "unanswered"}),
    Act("lapse", "acknowledged", "supervisor", Role.REGISTRY,
        by_name(course.outgoing_lapse, reason="police", originator_confirmed=True, outcome="obtained_otherwise"),
        "closed", unmet=(({"outcome": "executed"}, "outcome_unknown"),),
        events=("outgoing.closed",), after={"outcome": "obtained_otherwise"}),
    Act("confirm_evidence", "concluded", "registry", Role.SUPERVISOR, by_name(course.outgoing_confirm_evidence),
        "concluded", events=("outgoing.evidence_confirmed",)),
    Act("hand_over_result", "concluded", "registry", Role.SUPERVISOR, by_name(course.outgoing_hand_over_result),
        "concluded", events=("outgoing.result_handed_over",)),
    Act("originator_confirms", "handed_over", "prosecutor", Role.AUDITOR, by_name(course.outgoing_originator_confirms),
        "concluded"),
    Act("close", "concluded", "supervisor", Role.REGISTRY, by_name(course.outgoing_close, reason="no need"), "closed",
        unmet=(({"reason": ""}, "receipt_open"), ({"reason": " "}, "originator_open")), events=("outgoing.closed",)),
]  # fmt: skip


@pytest.mark.parametrize("act", [*CHAIN, *RECEIVER], ids=str)
def test_act_is_refused_or_done_and_recorded(world: World, act: Act) -> None:
    try_act(act, world.outgoing(act.at), world.line)


def test_result_recorded_by_hand_needs_every_item_and_proof(world: World) -> None:
    sent, line = world.outgoing("sent"), world.line
    kept = file_store(b"bank records")
    files = [EvidenceFile("bank.pdf", "application/pdf", kept.size, kept.sha256, item="M1")]
    every = [ItemReport(item.key, "executed") for item in sent.items.all()]
    before = state_of(sent)
    for reports, proof, code in ((every, None, "proof_missing"), (every[:1], LETTER, "item_open")):
        with pytest.raises(ConditionsNotMet) as unmet:
            course.outgoing_note_result(
                outgoing=sent, by=line.registry, outcome="executed", reports=reports, files=files, proof=proof
            )
        assert [reason.code for reason in unmet.value.reasons] == [code]
        assert nothing_changed(sent, before)
    done = course.outgoing_note_result(
        outgoing=sent, by=line.registry, outcome="executed", reports=every, files=files, proof=LETTER
    )
    assert (done.status, done.outcome, {item.status for item in done.items.all()}) == (
        "concluded",
        "executed",
        {"executed"},
    )
    assert list(RecordedProof.objects.filter(outgoing=sent).values_list("act", "name")) == [
        ("note_result", "letter.pdf")
    ]
    assert [entry.step for entry in done.evidence_set.get().custody.all()] == ["received"]


def test_pdf_is_put_into_the_file_by_the_system_of_that_authority_alone(world: World) -> None:
    ready, line = world.outgoing("ready"), world.line
    assert ready.addressee_id is not None
    sha256, hash_ = "a" * 64, ready.approved_hash
    for by in (line.registry, Actor.peer(ready.addressee), Actor.system("x", authority_id=ready.addressee_id)):  # type: ignore[arg-type]
        with pytest.raises(ActForbidden):
            perform(ready, "attach_document", by=by, sha256=sha256, content_hash=hash_)
    with pytest.raises(ConditionsNotMet) as unmet:
        course.outgoing_attach_document(outgoing=ready, sha256=sha256, content_hash="0" * 64)
    assert [reason.code for reason in unmet.value.reasons] == ["other_content"]
    done = course.outgoing_attach_document(outgoing=ready, sha256=sha256, content_hash=hash_)
    system = Actor.system("documents", authority_id=ready.authority_id)
    assert_done("attach_document", ready, done, by=system, to="approved", events=("outgoing.document_ready",))


def test_only_what_was_received_can_be_confirmed_and_a_discrepancy_is_kept(world: World) -> None:
    concluded, line = world.outgoing("concluded"), world.line
    file = concluded.evidence_set.get()
    perform(concluded, "confirm_evidence", by=line.registry, checked=[(file, "0" * 64)])
    steps = list(file.custody.order_by("id").values_list("step", "sha256"))
    assert steps == [("received", file.sha256), ("discrepant", "0" * 64)]
    course.outgoing_hand_over_result(outgoing=fresh(concluded), by=line.registry)
    course.outgoing_originator_confirms(outgoing=fresh(concluded), by=line.prosecutor)
    assert course.outgoing_close(outgoing=fresh(concluded), by=line.supervisor).status == "closed"


def test_refusal_leaves_nothing_to_confirm(world: World) -> None:
    sent = world.outgoing("sent")
    refused = course.outgoing_note_refusal(outgoing=sent, by=world.peer(sent), ground="essential_interests")
    with pytest.raises(ConditionsNotMet) as unmet:
        course.outgoing_confirm_evidence(outgoing=refused, by=world.line.registry)
    assert [reason.code for reason in unmet.value.reasons] == ["checked_missing"]
    closed = course.outgoing_close(outgoing=refused, by=world.line.supervisor, reason="told by telephone")
    assert closed.status == "closed"


def test_result_is_confirmed_by_the_originator_after_it_was_handed_over(world: World) -> None:
    concluded = world.outgoing("concluded")
    with pytest.raises(ConditionsNotMet) as unmet:
        course.outgoing_originator_confirms(outgoing=concluded, by=world.line.prosecutor)
    assert [reason.code for reason in unmet.value.reasons] == ["not_handed_over"]


def test_second_of_two_answers_to_one_question_is_told(world: World) -> None:
    asked, line = world.outgoing("asked"), world.line
    course.outgoing_note_question(outgoing=asked, by=world.peer(asked), question="And which zone?")
    with pytest.raises(ConditionsNotMet) as unmet:
        perform(asked, "give_information", by=line.supervisor, answer="443", point=None)
    assert [reason.code for reason in unmet.value.reasons] == ["nothing_open"]
    second = OpenPoint.objects.get(outgoing=asked, question="And which zone?")
    course.outgoing_give_information(outgoing=asked, by=line.supervisor, answer="UTC", point_id=second.point_id)
    with pytest.raises(ConditionsNotMet):
        course.outgoing_give_information(outgoing=asked, by=line.supervisor, answer="CET", point_id=second.point_id)
    course.outgoing_give_information(outgoing=asked, by=line.supervisor, answer="443")
    assert list(OpenPoint.objects.filter(outgoing=asked).order_by("id").values_list("answer", flat=True)) == [
        "443",
        "UTC",
    ]


#: Fields of our file that the other State's word sets; every other one is ours.
THEIRS = set(
    "status version changed_at peer_reference peer_contact peer_status peer_status_at acknowledged_at outcome "
    "outcome_reason concluded_at refusal_ground refusal_article return_code redirected_to_id work_done "
    "silent_since".split()
)


@pytest.mark.parametrize(
    ("at", "does"),
    [
        ("sent", by_name(course.outgoing_acknowledge, peer_reference="T-1", contact="Desk 4")),
        ("sent", by_name(course.outgoing_note_progress, peer_status="under_review")),
        ("acknowledged", by_name(course.outgoing_note_progress, peer_status="in_execution")),
        ("sent", by_name(course.outgoing_note_question, question="Which port?")),
        ("sent", by_name(course.outgoing_note_refusal, ground="essential_interests", article="18(21)", reason="no")),
        ("sent", by_name(course.outgoing_note_return, outcome="redirected", reason="the court at Tirana")),
        ("withdrawn", by_name(course.outgoing_note_withdrawal)),
        ("sent", None),
    ],
    ids="acknowledged status execution question refusal return withdrawal result".split(),
)
def test_peer_writes_the_fields_of_its_word_and_none_of_ours(world: World, at: str, does: Any) -> None:
    case = world.outgoing(at)
    before = {field.attname: getattr(case, field.attname) for field in case._meta.concrete_fields}
    after = fresh(does(case, world.peer(case), {}) if does else world.outgoing("concluded"))
    changed = {name for name, value in before.items() if getattr(after, name) != value}
    assert changed
    assert changed <= THEIRS
    letter = after.letter
    assert (letter.version, letter.versions.count()) == (case.letter.version, case.letter.versions.count())


@pytest.mark.parametrize("act", ["send", "approve", "revise", "give_up", "withdraw", "give_information", "close"])
def test_peer_does_none_of_our_acts(world: World, act: str) -> None:
    case = world.outgoing("sent")
    before = state_of(case)
    for by in (world.peer(case), Actor.peer(case.central)):
        with pytest.raises(ActForbidden):
            perform(case, act, by=by, reason="x", answer="x", channel="local")
    assert nothing_changed(case, before)


def test_central_authority_that_drafts_itself_has_nobody_to_lodge_with(world: World) -> None:
    line = world.line
    plan = line.letter.model_copy(
        update={"requesting": line.letter.requesting.model_copy(update={"originating": None}), "annexes": ()}
    )
    case = chain.outgoing_create(content=plan, by=line.desk)
    assert case.originating_id == case.central_id
    signatory = officer(Role.ORIGINATOR_SIGNATORY, line.letter.requesting.authority or "")
    with pytest.raises(ConditionsNotMet) as unmet:
        chain.outgoing_lodge(outgoing=case, by=signatory)
    assert "no_chain" in [reason.code for reason in unmet.value.reasons]
    submitted = chain.outgoing_submit(outgoing=case, by=line.desk)
    assert (submitted.status, submitted.reference.split("/")[1]) == ("in_review", "out")


def test_text_enters_in_one_form_or_not_at_all(world: World) -> None:
    sent, peer = world.outgoing("sent"), world.peer(world.outgoing("sent"))
    with pytest.raises(DataWrong) as refused:
        course.outgoing_note_question(outgoing=sent, by=peer, question="Which \u202eport?")
    assert [(reason.code, reason.field) for reason in refused.value.reasons] == [("text_refused", "question")]
    course.outgoing_note_question(outgoing=sent, by=peer, question="Which\r\nport, cafe\u0301?")
    assert OpenPoint.objects.get(outgoing=sent).question == "Which\nport, café?"
    gone = course.outgoing_withdraw(outgoing=sent, by=world.line.supervisor, reason="no\r\nneed")
    assert gone.outcome_reason == "no\nneed"
