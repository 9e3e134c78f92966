"""Wishes, their answers and the ladder of reminders: each act refused, or done and recorded."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core import clock
from mla.reference.models import ProfileEntry
from tests.lifecycle.acting import Act, codes_of, fresh, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.documents.models import CaseDocument
from workflows.documents.services_chasing import case_chase
from workflows.engine.errors import ActNotPossible, ConditionsNotMet, VersionChanged
from workflows.engine.perform import available_acts
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, RecordedProof, Wish
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services import wishes
from workflows.lifecycle.services.outgoing_course import Proof, UnknownItem
from workflows.lifecycle.services.wishes import UnknownWish, WishAnswer, Wished

pytestmark = pytest.mark.usefixtures("arrived")

LETTER = Proof("letter.pdf", "application/pdf", b"their letter")
NEEDED = dt.date(2031, 3, 1)
PAST = dt.date(2020, 1, 1)
NO_PROOF = ({"proof": None}, "proof_missing")


def out(service: Any, **defaults: Any) -> Any:
    return lambda case, by, data: service(outgoing=case, by=by, **(defaults | data))


def note_answer(case: Any, by: Any, data: Any) -> Any:
    given = {"choice": "not_expedited", "answer": "The court sits in May.", "proof": LETTER} | data
    wish = Wish.objects.get(outgoing=case)
    answer = WishAnswer(given["choice"], given["answer"], given.get("next_on"))
    return wishes.outgoing_note_wish_answer(
        outgoing=case, by=by, wishes=[wish.wish_id], answer=answer, proof=given["proof"]
    )


def receive(case: Any, by: Any, data: Any) -> Any:
    wished = Wished(**({"kind": "expedite", "words": "The trial begins.", "needed_by": NEEDED} | data))
    return wishes.incoming_receive_wish(incoming=case, by=by, wished=wished)


def answer(case: Any, by: Any, data: Any) -> Any:
    wish = Wish.objects.filter(incoming=case).order_by("-id")[0]
    given = {"choice": "told", "answer": "It is before the court."} | data
    return wishes.incoming_answer_wish(incoming=case, by=by, wish_id=wish.wish_id, answer=WishAnswer(**given))


class Cases:
    """Cases of the module, one step further than the world has them."""

    def __init__(self, world: World) -> None:
        self.world, self.line = world, world.line

    def outgoing(self, state: str) -> OutgoingRequest:
        if state == "urged":
            return wishes.outgoing_expedite(
                outgoing=self.world.outgoing("sent"), by=self.line.desk, words="The trial begins.", needed_by=NEEDED
            )
        return self.world.outgoing(state)

    def incoming(self, state: str) -> IncomingRequest:
        kind, _dot, at = state.partition("@")
        if not at:
            return self.world.incoming(state)
        case = self.world.incoming(at)
        return receive(case, Actor.peer(case.sender), {"kind": kind, "needed_by": None})


@pytest.fixture
def cases(world: World) -> Cases:
    return Cases(world)


OUT = [
    Act("ask_status", "sent", "desk", Role.LEGAL, out(wishes.outgoing_ask_status), "sent",
        events=("outgoing.wished",)),
    Act("expedite", "acknowledged", "registry", Role.LEGAL,
        out(wishes.outgoing_expedite, words="The trial begins.", needed_by=NEEDED), "acknowledged",
        unmet=(({"words": " "}, "words_missing"), ({"needed_by": PAST}, "needed_by_past")),
        events=("outgoing.wished",)),
    Act("no_longer_needed", "sent", "supervisor", Role.DESK_OFFICER,
        out(wishes.outgoing_no_longer_needed, words="It was found at home."), "sent",
        unmet=(({"words": ""}, "words_missing"),), events=("outgoing.wished",), after={"desired": "not_needed"}),
    Act("hear", "acknowledged", "registry", Role.SUPERVISOR, out(wishes.outgoing_hear, words="Soon.", proof=LETTER),
        "acknowledged", unmet=(NO_PROOF,)),
    Act("note_wish_answer", "urged", "registry", Role.SUPERVISOR, note_answer, "sent",
        unmet=(NO_PROOF, ({"answer": " "}, "answer_missing"), ({"choice": "stopped"}, "choice_missing")),
        events=("outgoing.wish_answered",), after={"wished_at": None}),
]  # fmt: skip
IN = [
    Act("receive_wish", "received", "their_registry", Role.SUPERVISOR, receive, "received",
        unmet=(({"kind": "perhaps"}, "kind_missing"), ({"words": " "}, "words_missing")),
        events=("incoming.wish_received",)),
    Act("answer_wish", "status@under_review", "their_supervisor", Role.DESK_OFFICER, answer, "under_review",
        unmet=(({"answer": ""}, "answer_missing"), ({"choice": "expedited"}, "choice_missing"),
               ({"next_on": PAST}, "next_past")),
        events=("incoming.wish_answered",), after={"wished_at": None}),
]  # fmt: skip


@pytest.mark.parametrize("act", OUT, ids=str)
def test_act_on_a_request_out_is_refused_or_done_and_recorded(cases: Cases, act: Act) -> None:
    try_act(act, cases.outgoing(act.at), cases.line)


@pytest.mark.parametrize("act", IN, ids=str)
def test_act_on_a_request_in_is_refused_or_done_and_recorded(cases: Cases, act: Act) -> None:
    try_act(act, cases.incoming(act.at), cases.line)


def test_one_thing_is_asked_once_and_what_is_not_needed_is_said_once(cases: Cases) -> None:
    line, case = cases.line, cases.outgoing("urged")
    before = state_of(case)
    refused: list[Any] = [
        lambda: wishes.outgoing_expedite(outgoing=case, by=line.desk, words="Again.", needed_by=NEEDED),
        lambda: wishes.outgoing_no_longer_needed(outgoing=case, by=line.supervisor, words="x", items=["M99"]),
    ]
    for once, error in zip(refused, (ConditionsNotMet, UnknownItem), strict=True):
        with pytest.raises(error):
            once()
    assert nothing_changed(case, before)
    case = wishes.outgoing_no_longer_needed(outgoing=case, by=line.supervisor, words="Found.", items=["M1"])
    assert case.desired == "", "of one item only"
    for items in (["M1"], ["M1", "M2"]):
        with pytest.raises(ConditionsNotMet) as twice:
            wishes.outgoing_no_longer_needed(outgoing=case, by=line.supervisor, words="Found.", items=items)
        assert codes_of(twice) == ["said_already"]
    withdrawn = course.outgoing_withdraw(outgoing=case, by=line.supervisor, reason="all of it")
    with pytest.raises(ConditionsNotMet) as late:
        wishes.outgoing_ask_status(outgoing=withdrawn, by=line.desk)
    assert codes_of(late) == ["withdrawn"]


def test_answer_on_paper_has_its_proof_and_what_they_stopped_is_stopped_here(cases: Cases) -> None:
    line = cases.line
    sent = cases.outgoing("sent")
    first, *rest = sent.items.order_by("id")
    case = wishes.outgoing_no_longer_needed(outgoing=sent, by=line.supervisor, words="Found.", items=[first.key])
    wish = Wish.objects.get(outgoing=case)
    noted = note_answer(case, line.registry, {"choice": "stopped", "answer": "Nothing was begun."})
    wish.refresh_from_db()
    assert (wish.choice, wish.answer, wish.answered_by) == ("stopped", "Nothing was begun.", line.registry.label)
    assert RecordedProof.objects.filter(outgoing=case, act="note_wish_answer").count() == 1
    assert fresh(first).status == "withdrawn" and all(fresh(item).status == "requested" for item in rest)
    with pytest.raises(UnknownWish):
        wishes.outgoing_note_wish_answer(
            outgoing=noted, by=line.registry, wishes=[wish.wish_id], answer=WishAnswer("stopped"), proof=LETTER
        )


def test_all_that_ask_how_it_stands_are_answered_at_once_and_each_wish_once(cases: Cases) -> None:
    line, case = cases.line, cases.incoming("status@in_execution")
    reminded = wishes.incoming_receive_wish(
        incoming=case, by=line.their_registry, wished=Wished("reminder", rung=1, rungs=3)
    )
    urged = receive(reminded, line.their_registry, {})
    asked, reminder, wish = Wish.objects.filter(incoming=case).order_by("id")
    day = clock.now().date() + dt.timedelta(days=20)
    done = wishes.incoming_answer_wish(
        incoming=urged, by=line.their_registry, wish_id=reminder.wish_id, answer=WishAnswer("told", "At court.", day)
    )
    for row in (asked, reminder):
        row.refresh_from_db()
        assert (row.choice, row.answer, row.next_on, row.status_told) == ("told", "At court.", day, "in_execution")
    assert (done.next_news_on, done.wished_at) == (day, wish.asked_at)
    with pytest.raises(UnknownWish):
        wishes.incoming_answer_wish(
            incoming=done, by=line.their_registry, wish_id=asked.wish_id, answer=WishAnswer("told", "Again.")
        )
    faster = wishes.incoming_answer_wish(
        incoming=done, by=line.their_supervisor, wish_id=wish.wish_id, answer=WishAnswer("expedited")
    )
    assert (faster.urgency != "routine", faster.needed_by is not None and faster.needed_by <= NEEDED) == (True, True)
    assert faster.wished_at is None


def test_stopped_ends_what_is_left_and_what_was_done_is_still_sent(cases: Cases) -> None:
    line = cases.line
    case = cases.incoming("not_needed@in_execution")
    assert case.desired == "not_needed"
    first, *rest = case.items.order_by("id")
    item = inward.incoming_item_decide(item=first, by=line.executing, act="execute")
    assert item.status == "executed"
    # Not a withdrawal: what is done is sent.
    with pytest.raises(ConditionsNotMet):
        inward.incoming_confirm_withdrawal(incoming=fresh(case), by=line.their_supervisor, done="x")
    stopped = answer(fresh(case), line.their_supervisor, {"choice": "stopped", "answer": ""})
    assert (stopped.status, [fresh(one).status for one in rest]) == ("in_execution", ["withdrawn"] * len(rest))
    with pytest.raises(ConditionsNotMet) as nothing:
        answer(
            receive(stopped, line.their_registry, {"kind": "not_needed", "items": (rest[0].key,)}),
            line.their_supervisor, {"choice": "stopped"},
        )  # fmt: skip
    assert codes_of(nothing) == ["nothing_to_stop"]


def test_stopped_before_anything_was_done_concludes_as_withdrawn(cases: Cases) -> None:
    line = cases.line
    case = answer(cases.incoming("not_needed@under_review"), line.their_registry, {"choice": "stopped", "answer": ""})
    assert (case.status, case.outcome) == ("concluded", "withdrawn")
    assert set(case.items.values_list("status", flat=True)) == {"withdrawn"}


# --- the ladder ---


def days_later(case: Any, days: int) -> Any:
    assert case.silent_since is not None
    return clock.frozen(case.silent_since + dt.timedelta(days=days))


def test_each_rung_is_reminded_of_once_by_letter_and_message_and_a_sign_of_life_begins_anew(cases: Cases) -> None:
    line, case = cases.line, cases.outgoing("sent")
    sent_at = case.silent_since
    assert sent_at == case.sent_at
    with days_later(case, 29), pytest.raises(ConditionsNotMet) as early:
        case_chase(case=case, by=line.desk)
    assert codes_of(early) == ["no_reminder_due"]
    with days_later(case, 30):
        chased = case_chase(case=case, by=line.desk, expected_version=case.version)
        assert (chased.chased_rung, chased.status, chased.silent_since) == (1, "sent", sent_at)
        with pytest.raises(VersionChanged):
            case_chase(case=case, by=line.registry, expected_version=case.version)
        with pytest.raises(ConditionsNotMet) as twice:
            case_chase(case=chased, by=line.registry)
        assert codes_of(twice) == ["no_reminder_due"]
    letters = CaseDocument.objects.filter(outgoing=case)
    assert [row.kind for row in letters.all()] == ["chaser"]
    # The second rung was passed over: nobody writes two letters on one day.
    with days_later(case, 95):
        chased = case_chase(case=chased, by=line.desk)
        assert (chased.chased_rung, letters.count()) == (3, 2)
        with pytest.raises(ConditionsNotMet) as top:
            case_chase(case=chased, by=line.desk)
        assert codes_of(top) == ["no_reminder_left"]
    rows = Wish.objects.filter(outgoing=case, kind="reminder").order_by("id")
    assert [(row.rung, row.rungs, row.silent_since) for row in rows] == [(1, 3, sent_at), (3, 3, sent_at)]
    with days_later(case, 96):
        heard = course.outgoing_acknowledge(outgoing=chased, by=cases.world.peer(case), peer_reference="T-1")
        assert (heard.chased_rung, heard.chased_at, heard.silent_since) == (0, None, clock.now())
    with days_later(heard, 31):
        asked = case_chase(case=heard, by=line.supervisor)
    assert asked.chased_rung == 1 and letters.order_by("-id")[0].kind == "status-enquiry"


def test_ladder_is_that_of_the_profile_and_a_withdrawn_request_is_not_reminded_of(cases: Cases) -> None:
    line, case = cases.line, cases.outgoing("sent")
    ProfileEntry.objects.create(
        jurisdiction_id=case.letter.requested_id, topic="chasers", value="10", source="a person"
    )
    with days_later(case, 12):
        offered = {act.name: act.reasons for act in available_acts(case, line.desk)}
        assert offered["chase"] == ()
        chased = case_chase(case=case, by=line.desk)
        gone = course.outgoing_withdraw(outgoing=chased, by=line.supervisor, reason="not needed")
        with pytest.raises(ConditionsNotMet):
            case_chase(case=gone, by=line.desk)
    with days_later(case, 200):
        closed = course.outgoing_lapse(outgoing=chased, by=line.supervisor, reason="silent", originator_confirmed=True)
        assert (closed.status, closed.outcome) == ("closed", "unanswered")
        with pytest.raises(ActNotPossible):
            case_chase(case=closed, by=line.desk)
