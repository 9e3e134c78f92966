"""Two people on one case at the same moment: one act is done, the other person is told, nothing is done by halves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.engine.racing import at_once, overlapping
from tests.factories import Line, drain, example_letter, officer
from tests.invariants import assert_invariants
from workflows.drafting.letterfile import letter_from
from workflows.drafting.services import letter_open_next, letter_save
from workflows.engine import outbox
from workflows.engine.errors import ActNotPossible, ActRefused, ConditionsNotMet, VersionChanged
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest, RegisterCounter
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.incoming import Received, incoming_receive
from workflows.lifecycle.services.registers import register_next


@pytest.fixture(scope="module", autouse=True)
def light(committed: None) -> Iterator[None]:
    """No findings and no rendering, and nobody wakes a worker: the races are about cases."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflows.drafting.selectors.version_findings", lambda version: [])
        patch.setitem(outbox._handlers, "outgoing.approved", {})
        patch.setattr(outbox, "send_hint", lambda job_id, queue: False)
        yield


@pytest.fixture(autouse=True)
def whole() -> Iterator[None]:
    yield
    drain()
    assert_invariants()


@cache
def line() -> Line:
    return Line(letter=example_letter(5))


@pytest.fixture(scope="module")
def in_review(light: None) -> Callable[[], OutgoingRequest]:
    return line().in_review


def approving(case: OutgoingRequest, by: Actor, **more: Any) -> Callable[[], OutgoingRequest]:
    hash_ = line().hash_of(case)
    return lambda: chain.outgoing_approve(outgoing=case, by=by, content_hash=hash_, rights_screened=True, **more)


def done(act: str, case: OutgoingRequest) -> int:
    return AuditEntry.objects.filter(act=f"outgoing.{act}", object_id=str(case.public_id), outcome="done").count()


def one_and_other(result: tuple[Any, Any], *expected: type[ActRefused]) -> None:
    """The first was done; the second was told in words."""
    first, second = result
    assert isinstance(first, OutgoingRequest), first
    assert isinstance(second, expected), second
    assert all(reason.message for reason in second.reasons)


def test_of_two_supervisors_who_approve_at_once_one_does_and_the_other_is_told() -> None:
    case = line().in_review()
    other = officer(Role.SUPERVISOR, line().letter.requesting.authority or "", 2)
    one_and_other(overlapping(approving(case, line().supervisor), approving(case, other)), ActNotPossible)
    assert done("approve", case) == 1
    case = line().in_review()
    seen = {"expected_version": case.version}
    results = at_once(approving(case, line().supervisor, **seen), approving(case, other, **seen))
    assert sorted(type(result).__name__ for result in results) == ["OutgoingRequest", "VersionChanged"]
    assert done("approve", case) == 1


@pytest.mark.parametrize("first", ["approve", "edit"])
def test_approval_and_edit_of_one_letter_exclude_each_other(first: str) -> None:
    case = line().in_review()

    def edit() -> OutgoingRequest:
        with transaction.atomic():
            returned = chain.outgoing_return_for_changes(
                outgoing=case, by=line().supervisor, comments=[("title", "another")]
            )
            content = case.letter.versions.get(number=1).content | {"title": "Another title"}
            letter_save(letter=case.letter, content=letter_from(content), by=line().desk)
            return returned

    approve = approving(case, officer(Role.SUPERVISOR, line().letter.requesting.authority or "", 2))
    works = (approve, edit) if first == "approve" else (edit, approve)
    one_and_other(overlapping(*works), ActNotPossible, ConditionsNotMet)
    case.refresh_from_db()
    titles = [version.content["title"] for version in case.letter.versions.order_by("number")]
    if first == "approve":
        assert (case.status, len(titles)) == ("approved", 1)
    else:
        assert (case.status, titles[1], case.approved_hash) == ("drafting", "Another title", "")


@pytest.mark.parametrize("first", ["send", "revise"])
def test_sending_and_revising_exclude_each_other(first: str) -> None:
    case = line().ready()
    works = {
        "send": lambda: course.outgoing_send(outgoing=case, by=line().registry, channel="local"),
        "revise": lambda: chain.outgoing_revise(outgoing=case, by=line().desk, reason="a date"),
    }
    second = "revise" if first == "send" else "send"
    one_and_other(overlapping(works[first], works[second]), ActNotPossible)
    assert (done(first, case), done(second, case)) == (1, 0)
    drain()
    assert IncomingRequest.objects.filter(conversation_id=case.conversation_id).count() == (first == "send")


def test_letter_opened_while_it_is_being_sent_either_voids_the_approval_or_comes_too_late() -> None:
    case = line().ready()
    opened, refused = overlapping(
        lambda: letter_open_next(letter=case.letter, by=line().desk),
        lambda: course.outgoing_send(outgoing=case, by=line().registry, channel="local"),
    )
    assert opened.current == 2
    assert isinstance(refused, ConditionsNotMet) and [reason.code for reason in refused.reasons] == ["approval_void"]


def test_act_on_a_page_that_somebody_else_changed_is_told_so() -> None:
    case = line().taken_in()
    seen = case.version

    def ask(question: str) -> Callable[[], OutgoingRequest]:
        from workflows.engine.perform import perform

        return lambda: perform(case, "query_originator", by=line().desk, expected_version=seen, question=question)

    one_and_other(overlapping(ask("When?"), ask("Where?")), VersionChanged)
    assert list(OpenPoint.objects.filter(outgoing=case).values_list("question", flat=True)) == ["When?"]


def test_of_two_answers_to_one_question_one_is_given() -> None:
    case = line().taken_in()
    chain.outgoing_query_originator(outgoing=case, by=line().desk, question="When?")
    chain.outgoing_query_originator(outgoing=case, by=line().desk, question="Where?")

    def answer(text: str) -> Callable[[], OutgoingRequest]:
        return lambda: chain.outgoing_answer_query(outgoing=case, by=line().prosecutor, answer=text)

    one_and_other(overlapping(answer("In May."), answer("In June.")), ConditionsNotMet)
    assert list(OpenPoint.objects.filter(outgoing=case).order_by("id").values_list("answer", flat=True)) == [
        "In May.",
        "",
    ]


def test_numbers_taken_at_once_have_no_gap_and_no_double() -> None:
    sender = Authority.objects.get(code=line().letter.requesting.authority)
    state = line().letter.requesting.jurisdiction
    content = {"title": "On paper", "requesting": {"jurisdiction": state}, "items": [{"id": "M1", "measure": "other"}]}

    def receive(title: str) -> Callable[[], IncomingRequest]:
        received = Received(uuid7(), sender, "Z 1", content | {"title": title}, "0" * 64, "0" * 64, "paper")
        return lambda: incoming_receive(received=received, by=line().their_registry)

    before = IncomingRequest.objects.filter(authority_id=line().their_registry.authority_id).count()
    assert line().their_registry
    good = [receive(f"Paper {number}") for number in range(5)]
    # Two fail after they took a number, and give it back.
    results = at_once(*good, receive("x" * 300 + "\u202e"), receive("\u0000"))
    assert [type(result).__name__ for result in results] == ["IncomingRequest"] * 5 + ["LetterUnreadable", "DataWrong"]
    numbers = sorted(int(result.reference.rsplit("/", 1)[1]) for result in results[:5])
    assert numbers == list(range(before + 1, before + 6))


def test_number_is_taken_only_in_the_transaction_that_uses_it() -> None:
    before = RegisterCounter.objects.count()
    with pytest.raises(transaction.TransactionManagementError):
        register_next(authority=line().executing_authority, stream=RegisterCounter.Stream.OUTGOING)
    assert RegisterCounter.objects.count() == before
