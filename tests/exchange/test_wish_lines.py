"""Wishes, answers and reminders by messages alone: both sides alike, twice, late and in disorder, crossing a result."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.core import clock
from mla.core.ids import uuid7
from tests.documents.test_signing_job import scan
from tests.exchange.conftest import Post
from tests.exchange.test_lines import Case, types
from tests.factories import drain
from tests.lifecycle.acting import fresh
from tests.lifecycle.conftest import World
from workflows.documents.services_chasing import case_chase
from workflows.documents.services_kinds import document_make
from workflows.documents.services_signing import case_document_attach_scan
from workflows.exchange.models import Message
from workflows.exchange.services import case_document_send
from workflows.lifecycle.models import OutgoingRequest, Wish
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import wishes
from workflows.lifecycle.services.wishes import WishAnswer, Wished

NEEDED = dt.date(2031, 3, 1)


@pytest.fixture
def case(world: World, arrived: None) -> Case:
    return Case(world)


def rows(side: Any) -> list[tuple[Any, ...]]:
    return [
        (one.wish_id, one.kind, one.words, one.needed_by, one.items, one.rung, one.choice, one.answer, one.next_on)
        for one in side.wish_set.order_by("id")
    ]


def alike(case: Case) -> list[tuple[Any, ...]]:
    drain()
    assert rows(case.ours) == rows(case.theirs)
    return rows(case.ours)


def answer(case: Case, kind: str, **said: Any) -> None:
    wish = Wish.objects.get(incoming=case.theirs, kind=kind)
    wishes.incoming_answer_wish(
        incoming=case.theirs, by=case.line.their_supervisor, wish_id=wish.wish_id, answer=WishAnswer(**said)
    )


def test_how_does_it_stand_is_asked_and_answered_in_words_and_with_the_day_of_the_next_news(case: Case) -> None:
    case.under_review()
    wishes.outgoing_ask_status(outgoing=case.ours, by=case.line.desk, words="The court asks.")
    assert [row[1:3] for row in alike(case)] == [("status", "The court asks.")]
    assert case.ours.wished_at and case.theirs.wished_at
    day = clock.now().date() + dt.timedelta(days=20)
    answer(case, "status", choice="told", answer="With the prosecutor.", next_on=day)
    assert [row[6:] for row in alike(case)] == [("told", "With the prosecutor.", day)]
    ours = case.ours
    assert (ours.wished_at, ours.peer_status, ours.next_news_on) == (None, "under_review", day)
    assert (ours.silent_since, ours.chased_rung) == (Wish.objects.get(outgoing=ours).answered_at, 0)
    assert types(case)[-2:] == ["wish", "wish_answered"]
    case.whole()


def test_expedite_and_an_item_that_is_needed_no_longer(case: Case) -> None:
    case.under_review()
    key = case.ours.items.order_by("id")[0].key
    line = case.line
    wishes.outgoing_expedite(outgoing=case.ours, by=line.registry, words="Detention ends.", needed_by=NEEDED)
    wishes.outgoing_no_longer_needed(outgoing=case.ours, by=line.supervisor, words="Found at home.", items=[key])
    assert [row[1:5] for row in alike(case)] == [
        ("expedite", "Detention ends.", NEEDED, []),
        ("not_needed", "Found at home.", None, [key]),
    ]
    answer(case, "expedite", choice="not_expedited", answer="The court sits in May.")
    answer(case, "not_needed", choice="stopped")
    assert [row[6] for row in alike(case)] == ["not_expedited", "stopped"]
    for side in (case.ours, case.theirs):
        assert side.items.get(key=key).status == "withdrawn"
        assert (side.status, side.desired) != ("concluded", "not_needed")
    case.whole()


def test_whole_that_is_not_needed_ends_as_withdrawn_where_nothing_was_done(case: Case) -> None:
    wishes.outgoing_no_longer_needed(outgoing=case.ours, by=case.line.supervisor, words="The accused died.")
    drain()
    answer(case, "not_needed", choice="stopped", answer="Nothing was begun.")
    alike(case)
    assert types(case)[-3:] == ["wish", "wish_answered", "withdrawal_confirmed"]
    for side in (case.ours, case.theirs):
        assert (side.status, side.outcome) == ("concluded", "withdrawn")
    case.whole()


def test_reminder_arrives_and_any_message_of_theirs_is_a_sign_of_life(case: Case, answers: Post) -> None:
    long_ago = clock.now() - dt.timedelta(days=31)
    OutgoingRequest.objects.filter(pk=case.ours.pk).update(silent_since=long_ago)
    case_chase(case=case.ours, by=case.line.registry)
    assert [row[1:6] for row in alike(case)] == [("reminder", "", None, [], 1)]
    reminder = Wish.objects.get(incoming=case.theirs)
    assert (reminder.rungs, reminder.silent_since, case.ours.chased_rung) == (3, long_ago, 1)
    # What they say of it is no answer to the reminder yet, and a sign of life all the same.
    inward.incoming_acknowledge(incoming=case.theirs, by=case.line.their_registry, contact="Registry")
    drain()
    assert (case.ours.chased_rung, case.ours.status) == (0, "acknowledged")
    OutgoingRequest.objects.filter(pk=case.ours.pk).update(silent_since=long_ago)
    beside = document_make(
        kind="acknowledgement", case=case.theirs, by=case.line.their_registry, language=case.line.letter.language
    )
    drain()
    beside.refresh_from_db()
    beside = case_document_attach_scan(document=beside, by=case.line.their_registry, content=scan())
    case_document_send(document=beside, by=case.line.their_registry)
    drain()
    assert case.ours.silent_since > long_ago
    answer(case, "reminder", choice="told", answer="It is registered.")
    alike(case)
    case.whole()


def told(**said: Any) -> dict[str, Any]:
    return {"wishes": [str(uuid7())], "kind": "status", "choice": "told", "answer": "At court.", "status": "x"} | said


def test_answers_twice_late_and_out_of_order_count_once_and_an_unknown_one_is_news(case: Case, answers: Post) -> None:
    wishes.outgoing_ask_status(outgoing=case.ours, by=case.line.desk)
    wish = Wish.objects.get(outgoing=case.ours)
    first = answers.write("acknowledgement", {"reference": "T-1", "contact": "x"})
    second = answers.write("wish_answered", told(wishes=[str(wish.wish_id)]))
    assert answers.deliver(second).status == "held"
    answers.deliver(first)
    assert answers.deliver(second).status == "applied"
    wish.refresh_from_db()
    assert (wish.choice, wish.answer, wish.status_told) == ("told", "At court.", "x")
    # The registry had a wish by paper; over there it has another identifier.
    wishes.outgoing_ask_status(outgoing=case.ours, by=case.line.desk)
    assert answers.send("wish_answered", told(answer="To the paper.")).status == "applied"
    assert [row[7] for row in rows(case.ours)] == ["At court.", "To the paper."]
    assert answers.send("wish_answered", told(answer="Once more.")).status == "applied"
    assert case.ours.progress_set.order_by("-id")[0].text == "Once more."
    wrong = answers.send("wish_answered", told(choice="stopped"))
    assert wrong.status == "applied", "answers nothing of ours: news"
    assert case.ours.wished_at is None


def test_wish_that_crosses_the_result_is_kept_and_one_to_a_closed_case_is_refused(case: Case) -> None:
    case.in_execution()
    case.line.executed(case.theirs)
    inward.incoming_transmit_result(incoming=case.theirs, by=case.line.their_registry)
    wishes.outgoing_ask_status(outgoing=case.ours, by=case.line.desk)
    drain()
    assert case.ours.status == "concluded" and case.theirs.wished_at is not None
    answer(case, "status", choice="told", answer="The result is sent.")
    alike(case)
    inward.incoming_close(incoming=case.theirs, by=case.line.their_supervisor, reason="done")
    with pytest.raises(Exception, match="status"):
        wishes.incoming_receive_wish(
            incoming=fresh(case.theirs), by=case.line.their_registry, wished=Wished("status", "still?")
        )
    assert not Message.objects.filter(type="wish", direction="in", status="refused").exists()
