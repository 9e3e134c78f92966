"""Other use, accounts of use and releases between both sides, by messages alone; also after one side has closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from mla.core.ids import uuid7
from tests.exchange.conftest import Post
from tests.exchange.test_lines import Case, types
from tests.factories import drain
from tests.lifecycle.conftest import World
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.models import ExhibitOrigin, OtherUse, Undertaking, UseAccount
from workflows.lifecycle.models.ledger import origin_of
from workflows.lifecycle.services import conditions, ledger, undertakings
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.conditions import Offered
from workflows.lifecycle.services.ledger import Account, Origin, Use

TODAY = timezone.now().date()
DUE = TODAY + dt.timedelta(days=30)


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    return Case(world)


def uses(side: Any) -> list[tuple[Any, ...]]:
    return [
        (one.use_id, one.kind, one.purpose, one.recipient, one.due, one.choice, one.answer, one.article, one.until,
         [file.sha256 for file in one.files.all()])
        for one in OtherUse.objects.filter(**{side.KIND: side})
    ]  # fmt: skip


def bound(side: Any) -> list[tuple[Any, ...]]:
    return [
        (one.undertaking_id, one.kind, one.words, one.article, one.until, one.state, one.settled_words,
         one.item.key if one.item else "", [file.sha256 for file in one.files.all()], one.given_by, one.given_to)
        for one in Undertaking.objects.filter(**{side.KIND: side}).select_related("item").order_by("undertaking_id")
    ]  # fmt: skip


def with_evidence(case: Case) -> None:
    """Bring both sides to the result; the requested side has closed its file."""
    case.in_execution()
    inward.incoming_add_evidence(
        incoming=case.theirs, by=case.line.executing, name="log.csv", media_type="text/csv", content=b"a line\n",
        item="M1",
    )  # fmt: skip
    ledger.evidence_record_origin(
        case=case.theirs, by=case.line.executing, files=[case.theirs.evidence_set.get().public_id],
        origin=Origin("Example Hosting", "Prosecutor's office", "order of 3 May", "copy", "dd 9.1", timezone.now()),
    )  # fmt: skip
    case.item("M1", "execute", case.line.executing)
    case.item("M2", "find_nothing", case.line.executing, reason="not there")
    inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
    drain()


def test_other_use_is_asked_answered_and_accounted_for_after_their_file_is_closed(case: Case) -> None:
    with_evidence(case)
    line = case.line
    inward.incoming_close(incoming=case.theirs, by=line.their_registry, reason="done")
    drain()
    file = case.ours.evidence_set.get()
    ledger.outgoing_ask_other_use(
        outgoing=case.ours, by=line.desk, use=Use("transfer", "tax matter", "Tax office", "the same facts", DUE),
        files=[file.public_id],
    )  # fmt: skip
    drain()
    (asked,) = OtherUse.objects.filter(incoming=case.theirs)
    assert uses(case.ours) == uses(case.theirs) and case.theirs.uses_open == 1
    ledger.incoming_answer_other_use(
        incoming=case.theirs, by=line.their_supervisor, use_id=asked.use_id, choice="conditions",
        answer="not for a customs matter", article="UNTOC 18(19)", until=DUE,
    )  # fmt: skip
    drain()
    assert uses(case.ours) == uses(case.theirs)
    assert bound(case.ours) == bound(case.theirs) and "not for a customs matter" in [row[2] for row in bound(case.ours)]
    assert case.ours.uses_open == case.theirs.uses_open == 0
    ledger.incoming_ask_account(incoming=case.theirs, by=line.their_desk, question="What for?", due=DUE)
    drain()
    question = UseAccount.objects.get(outgoing=case.ours)
    ledger.outgoing_give_account(
        outgoing=case.ours, by=line.desk, account=Account("the indictment", "Court 7", TODAY),
        answers=question.account_id,
    )  # fmt: skip
    drain()
    (here,) = UseAccount.objects.filter(incoming=case.theirs)
    assert (here.account_id, here.question, here.used_for, here.proceedings, here.used_on) == (
        question.account_id, "What for?", "the indictment", "Court 7", TODAY,
    )  # fmt: skip
    assert types(case)[-4:] == ["other_use_asked", "other_use_answered", "account_asked", "account_given"]
    assert case.theirs.status == "closed"
    case.whole()


def test_origin_goes_with_the_file_and_stands_there_as_they_said(case: Case) -> None:
    with_evidence(case)
    here, there = (origin_of(side.evidence_set.get()) for side in (case.theirs, case.ours))
    assert here is not None and there is not None
    fields = ("obtained_from", "obtained_by", "how", "form", "tool", "acquired_at")
    assert [getattr(here, name) for name in fields] == [getattr(there, name) for name in fields]
    assert there.form == "copy" and ExhibitOrigin.objects.count() == 2
    case.whole()


def test_release_reaches_the_other_side_and_one_of_theirs_alone_is_not_told(case: Case) -> None:
    case.in_execution()
    line = case.line
    conditions.incoming_offer_conditions(
        incoming=case.theirs, by=line.their_supervisor, question="Do you accept?",
        conditions=[Offered("onward_use", "to nobody else", "CETS-185 28", "M1", DUE)],
    )  # fmt: skip
    drain()
    conditions.outgoing_accept_conditions(outgoing=case.ours, by=line.supervisor)
    drain()
    assert bound(case.ours) == bound(case.theirs)
    kinds = {row[1] for row in bound(case.ours)}
    assert {"onward_use", "speciality"} <= kinds
    assert (case.ours.bound_due, case.theirs.bound_due) == (DUE, DUE)
    row = Undertaking.objects.get(incoming=case.theirs, kind="onward_use")
    undertakings.incoming_release_undertaking(
        incoming=case.theirs, by=line.their_supervisor, undertaking_id=row.undertaking_id, words="you may"
    )
    drain()
    assert bound(case.ours) == bound(case.theirs)
    assert Undertaking.objects.get(outgoing=case.ours, kind="onward_use").state == "released"
    assert types(case)[-1] == "undertaking_released"
    case.whole()


def test_answer_late_twice_or_to_nothing_changes_nothing(case: Case, answers: Post) -> None:
    with_evidence(case)
    ledger.outgoing_ask_other_use(outgoing=case.ours, by=case.line.desk, use=Use("use", "a claim"))
    drain()
    use = OtherUse.objects.get(outgoing=case.ours)
    ours = Post(answers.sender, answers.receiver, answers.conversation_id)
    first = ours.write("other_use_answered", {"use": str(use.use_id), "choice": "declined", "answer": "no"})
    second = ours.write("other_use_answered", {"use": str(use.use_id), "choice": "consent"})
    third = ours.write("other_use_answered", {"use": str(uuid7()), "choice": "consent"})
    # The second comes before the first: it waits for its turn, and then it is too late.
    assert ours.deliver(second).status == "held"
    assert ours.deliver(first).status == "applied"
    assert Message.objects.get(pk=ours.deliver(second).pk).status == "refused"
    assert ours.deliver(third).status == "refused"
    use.refresh_from_db()
    assert (use.choice, use.answer) == ("declined", "no")
    assert case.ours.uses_open == 0


def test_files_that_were_never_furnished_are_not_asked_about(case: Case) -> None:
    with_evidence(case)
    line = case.line
    there = Post(case.ours.central, case.theirs.authority, case.ours.conversation_id)
    body = {"use": str(uuid7()), "kind": "use", "purpose": "a claim", "files": ["f" * 64]}
    assert there.send("other_use_asked", body).status == "refused"
    assert there.send("exculpatory_notice", {"use": str(uuid7()), "purpose": "the alibi"}).status == "applied"
    assert case.theirs.uses_open == 0
    assert Transmission.objects.exists() and line is not None
