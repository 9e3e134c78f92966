"""Emergency disclosures and transfers in custody between both sides, by messages alone; repeated, crossing and late."""

from __future__ import annotations

from typing import Any

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.ids import uuid7
from tests.exchange.conftest import Post
from tests.invariants import assert_invariants
from tests.lifecycle.short_letters import CONSENT, MOVED, Both, arrangements, both, in_days, module_world
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.models import FactsAsked, ReturnExtension
from workflows.lifecycle.services import custody, emergency

__all__ = ["both", "module_world"]


def told(both: Both) -> list[str]:
    """Return the types of what was said after the request, in order."""
    found = Message.objects.filter(direction="out", conversation_id=both.ours.conversation_id).order_by("id")
    return [one.type for one in found][1:]


def same(one: Any, other: Any, *names: str) -> None:
    assert {name: getattr(one, name) for name in names} == {name: getattr(other, name) for name in names}


class TestEmergency:
    def test_is_taken_up_asked_answered_disclosed_and_regularised_alike_on_both_sides(self, both: Both) -> None:
        assert (both.emergency_out.status, both.emergency_in.status) == ("sent", "received")
        emergency.emergency_act(emergency=both.emergency_in, act="take_up", by=both.their_duty)
        emergency.emergency_ask_facts(emergency=both.emergency_in, by=both.their_duty, question="Which account?")
        both.drain()
        assert both.emergency_out.status == "more_facts" and both.emergency_out.facts_asked_at is not None
        emergency.emergency_give_facts(emergency=both.emergency_out, by=both.duty, answer="The one in I1.")
        both.drain()
        assert (both.emergency_out.status, both.emergency_in.status) == ("sent", "answering")
        facts = FactsAsked.objects.filter(item__key="M1").values_list("point_id", "question", "answer")
        assert len(facts) == 2 and len(set(facts)) == 1
        emergency.emergency_act(emergency=both.emergency_in, act="disclose", by=both.their_duty, what="Log-ins.")
        emergency.emergency_act(
            emergency=both.emergency_in, act="ask_followup", by=both.their_duty, why="asked", due=in_days(14)
        )
        both.drain()
        assert both.emergency_out.status == "written_followup_due"
        same(both.emergency_out, both.emergency_in, "taken_up_at", "disclosed", "disclosed_at", "followup_why",
             "followup_due", "followup_asked")  # fmt: skip
        emergency.emergency_regularise(
            emergency=both.emergency_out, by=both.line.supervisor, on=in_days(0), reference=both.ours.reference
        )
        both.drain()
        assert both.emergency_out.status == both.emergency_in.status == "regularised"
        # The request that followed is named by its reference: here, for brevity, this one itself.
        assert (both.emergency_out.follow_up, both.emergency_in.follow_up) == (both.ours, both.theirs)
        assert told(both) == [
            "emergency_taken_up", "emergency_facts_asked", "emergency_facts_given", "emergency_disclosed",
            "emergency_followup_asked", "emergency_regularised",
        ]  # fmt: skip
        assert_invariants()

    def test_refusal_is_answered_with_new_facts_and_decided_anew(self, both: Both) -> None:
        said = {"ground": "not_verified", "reason": "Nobody answered the call."}
        emergency.emergency_act(emergency=both.emergency_in, act="decline", by=both.their_duty, **said)
        both.drain()
        assert (both.emergency_out.status, both.emergency_out.ground) == ("declined", "not_verified")
        emergency.emergency_give_facts(emergency=both.emergency_out, by=both.duty, answer="Call the number of today.")
        both.drain()
        assert (both.emergency_out.status, both.emergency_in.status) == ("sent", "answering")
        emergency.emergency_act(emergency=both.emergency_in, act="disclose", by=both.their_duty, what="The address.")
        both.drain()
        assert both.emergency_out.status == both.emergency_in.status == "disclosed"
        assert_invariants()

    def test_disorder_repetition_and_unknown_codes_change_nothing_twice(self, both: Both, answers: Post) -> None:
        now = clock.now().isoformat()
        first = answers.write("emergency_taken_up", {"item": "M1", "at": now})
        second = answers.write(
            "emergency_declined", {"item": "M1", "ground": "their_own_code", "reason": "No.", "at": now}
        )
        assert answers.deliver(second).status == "held" and both.emergency_out.status == "sent"
        assert answers.deliver(first).status == "applied"
        assert (both.emergency_out.status, both.emergency_out.ground_words) == ("declined", "their_own_code")
        version = both.emergency_out.version
        assert answers.deliver(second).status == "applied" and both.emergency_out.version == version
        wrong = answers.send("emergency_disclosed", {"item": "M2", "what": "x", "at": now})
        assert wrong.status == "refused" and "no emergency disclosure" in wrong.refusal
        late = answers.send("emergency_followup_asked", {"item": "M1", "why": "asked", "due": "2030-01-01"})
        assert late.status == "refused" and both.emergency_out.status == "declined"


class TestCustody:
    def agreed(self, both: Both, **changed: Any) -> None:
        line = both.line
        custody.custody_act(
            custody=both.custody_in, act="record_consent", by=line.their_desk, on=in_days(-1), **CONSENT
        )
        custody.custody_act(
            custody=both.custody_in, act="agree_arrangements", by=line.their_supervisor, **arrangements(**changed)
        )
        both.drain()

    def transferred(self, both: Both) -> None:
        self.agreed(both)
        custody.custody_act(
            custody=both.custody_out, act="record_transfer", by=both.line.registry, on=in_days(0), **MOVED
        )
        both.drain()

    def test_person_goes_stays_longer_by_their_word_and_comes_back_alike_on_both_sides(self, both: Both) -> None:
        self.transferred(both)
        assert both.custody_out.status == both.custody_in.status == "transferred"
        custody.custody_ask_extension(
            custody=both.custody_out, by=both.line.supervisor, on=in_days(30), reason="The hearing was put off."
        )
        both.drain()
        # The agreed day stands until they say another.
        assert both.custody_out.return_on == both.custody_in.return_on == in_days(20)
        custody.custody_extend_return(
            custody=both.custody_in, act="extend_return", by=both.line.their_supervisor, on=in_days(25), answer="Five days."
        )  # fmt: skip
        both.drain()
        assert both.custody_out.return_on == both.custody_in.return_on == in_days(25)
        rows = ReturnExtension.objects.values_list(
            "extension_id", "state", "wished_on", "was_on", "agreed_on", "answer"
        )
        assert len(rows) == 2 and len(set(rows)) == 1 and rows[0][1] == "agreed"
        custody.custody_ask_extension(
            custody=both.custody_out, by=both.line.supervisor, on=in_days(40), reason="Once more."
        )
        both.drain()
        custody.custody_refuse_extension(
            custody=both.custody_in, act="refuse_extension", by=both.line.their_supervisor, answer="No longer."
        )
        both.drain()
        assert both.custody_out.open_extension is None is both.custody_in.open_extension
        custody.custody_act(
            custody=both.custody_out, act="record_return", by=both.line.registry, on=in_days(0), **MOVED
        )
        both.drain()
        assert both.custody_out.status == both.custody_in.status == "returned"
        same(both.custody_out, both.custody_in, "consent_on", "consent_before", "transfer_on", "transfer_place",
             "return_on", "return_place", "transit", "custody_terms", "time_credit", "safe_conduct", "transferred_on",
             "transferred_by", "returned_on", "returned_to")  # fmt: skip
        assert told(both) == [
            "custody_consented", "custody_arranged", "custody_transferred", "custody_extension_asked",
            "custody_extended", "custody_extension_asked", "custody_extension_refused", "custody_returned",
        ]  # fmt: skip
        assert_invariants()

    def test_both_write_of_the_hand_over_and_the_day_of_whom_the_person_comes_from_stands(self, both: Both) -> None:
        self.agreed(both)
        line = both.line
        custody.custody_act(custody=both.custody_out, act="record_transfer", by=line.registry, on=in_days(0), **MOVED)
        custody.custody_act(
            custody=both.custody_in, act="record_transfer", by=line.their_registry, on=in_days(-1), **MOVED
        )
        both.drain()
        assert both.custody_out.transferred_on == both.custody_in.transferred_on == in_days(-1)
        # Waived there and brought back here at the same time: who came back is back.
        custody.custody_act(
            custody=both.custody_in, act="release", by=line.their_supervisor, on=in_days(0), why="sentence_served",
            words="The sentence ended.",
        )  # fmt: skip
        custody.custody_act(custody=both.custody_out, act="record_return", by=line.registry, on=in_days(0), **MOVED)
        both.drain()
        assert both.custody_out.status == both.custody_in.status == "returned"
        assert Transmission.objects.filter(message__type="custody_released").get().status == "rejected"

    def test_consent_taken_back_refusal_and_waiver_are_told(self, both: Both, answers: Post) -> None:
        self.agreed(both)
        custody.custody_act(
            custody=both.custody_in, act="record_no_consent", by=both.line.their_desk, on=in_days(0), words="Changed."
        )
        both.drain()
        assert both.custody_out.status == both.custody_in.status == "consent_refused"
        answers = Post(answers.sender, answers.receiver, answers.conversation_id)
        late = answers.send("custody_arranged", {"item": "M2"} | {
            name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in arrangements().items()
        })  # fmt: skip
        assert late.status == "refused"
        assert answers.send("custody_consented", {"item": "M2"}).status == "refused"

    def test_their_dates_codes_and_repeated_extensions_are_kept_as_they_came(self, both: Both, answers: Post) -> None:
        far = {"transfer_on": in_days(-9), "return_on": in_days(-2), "transit": ["ZZ-OLD"]}
        said = {name: value.isoformat() if hasattr(value, "isoformat") else value
                for name, value in arrangements(**far).items()}  # fmt: skip
        moved = {"item": "M2", "on": in_days(-9).isoformat()} | MOVED
        assert [
            answers.send(kind, {"item": "M2"} | body).status
            for kind, body in (
                ("custody_consented", {"on": in_days(-10).isoformat()} | CONSENT | {"before": "their_code"}),
                ("custody_arranged", said),
                ("custody_transferred", moved),
            )
        ] == ["applied"] * 3
        row = both.custody_out
        assert (row.status, row.before_words, row.transit) == ("transferred", "their_code", ["ZZ-OLD"])
        given = {"item": "M2", "extension": str(uuid7()), "on": in_days(5).isoformat()}
        assert answers.send("custody_extended", given).status == "applied"
        assert both.custody_out.return_on == in_days(5)
        peer = Actor.peer(answers.sender)
        assert not peer.user_id and ReturnExtension.objects.get().state == "agreed"
