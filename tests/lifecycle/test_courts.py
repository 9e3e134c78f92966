"""Courts, notice and filters: each act refused or done and recorded, and no result that leaves too early."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core import clock
from mla.core.ids import uuid7
from mla.reference.courts import court_codes, withheld_names
from tests.lifecycle.acting import Act, codes_of, fresh, nothing_changed, state_of, try_act
from tests.lifecycle.conftest import World
from workflows.engine.errors import ConditionsNotMet
from workflows.engine.perform import available_acts, perform
from workflows.lifecycle.guards_courts import PARTIES, RESULTS
from workflows.lifecycle.models import CourtOrder, Evidence, Notice, PrivilegeFilter, Remedy, Withheld
from workflows.lifecycle.services import complements, courts
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.complements import Supplied
from workflows.lifecycle.services.courts import AppliedFor, Challenge, Deferral, UnknownAtCourt
from workflows.lifecycle.services.outgoing_course import ItemReport, Proof, UnknownItem, acts_towards
from workflows.lifecycle.services.parts import incoming_transmit_part

pytestmark = pytest.mark.usefixtures("arrived")

COURT = "District Court, Chamber 4"


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


def apply(case: Any, by: Actor, data: Any) -> Any:
    given = {"kind": "search", "court": COURT, "applied_on": in_days(-20)} | data
    return courts.incoming_apply_for_order(incoming=case, by=by, order=AppliedFor(**given))


def grant(case: Any, by: Actor, data: Any) -> Any:
    given = {"order": case.courtorder_set.latest("id").public_id, "reference": "4 Gs 12", "decided_on": in_days(-15)}
    return courts.incoming_note_order_granted(incoming=case, by=by, **(given | data))


def deny(case: Any, by: Actor, data: Any) -> Any:
    given = {"order": case.courtorder_set.latest("id").public_id, "reason": "no suspicion", "decided_on": in_days(-15)}
    return courts.incoming_note_order_denied(incoming=case, by=by, **(given | data))


def challenge(case: Any, by: Actor, data: Any) -> Any:
    given = {"party": "provider", "court": "Court of Appeal", "lodged_on": in_days(-10), "hearing_on": in_days(9)}
    return courts.incoming_note_challenge(incoming=case, by=by, challenge=Challenge(**(given | data)))


def decide(case: Any, by: Actor, data: Any) -> Any:
    given = {"remedy": case.remedy_set.latest("id").public_id, "result": "dismissed", "decided_on": in_days(-1)}
    return courts.incoming_note_remedy_decided(incoming=case, by=by, **(given | {"decision": "It holds."} | data))


def notify(case: Any, by: Actor, data: Any) -> Any:
    given = {"given_on": in_days(-1), "how": "registered letter", "whom": "the account holder"} | data
    return courts.incoming_notify_affected(incoming=case, by=by, **given)


def defer(case: Any, by: Actor, data: Any) -> Any:
    given = {"ground": "investigation", "article": "CPA 101(5)", "until": in_days(60)} | data
    return courts.incoming_defer_notice(incoming=case, by=by, deferral=Deferral(**given))


def open_filter(case: Any, by: Actor, data: Any) -> Any:
    given = {"kind": "legal", "filtered_by": "Examining office 2"} | data
    return courts.incoming_open_filter(incoming=case, by=by, **given)


def close_filter(case: Any, by: Actor, data: Any) -> Any:
    row = case.privilegefilter_set.latest("id")
    decided = {file.public_id: "" for file in courts.filter_files(row)}
    given = {"filter": row.public_id, "decided": decided} | data
    return courts.incoming_close_filter(incoming=case, by=by, **given)


def codes(case: Any, by: Actor, act: str) -> list[str]:
    """What stands in the way of an act, as the page says it."""
    return next([reason.code for reason in one.reasons] for one in available_acts(case, by) if one.name == act)


LATE = in_days(3)
ACTS = [
    Act("apply_for_order", "in_execution", "executing", Role.REGISTRY, apply, "in_execution",
        unmet=(({"kind": "weather"}, "kind_unknown"), ({"court": " "}, "court_missing"),
               ({"applied_on": LATE}, "applied_on_ahead"), ({"applied_on": None}, "applied_on_missing"))),
    Act("note_challenge", "in_execution", "their_supervisor", Role.DESK_OFFICER, challenge, "in_execution",
        unmet=(({"party": "nobody"}, "party_unknown"), ({"court": ""}, "court_missing"), ({"lodged_on": LATE}, "lodged_on_ahead"))),
    Act("notify_affected", "in_execution", "executing", Role.DESK_OFFICER, notify, "in_execution",
        unmet=(({"given_on": LATE}, "given_on_ahead"), ({"how": " "}, "how_missing"))),
    Act("defer_notice", "in_execution", "their_supervisor", Role.REGISTRY, defer, "in_execution",
        unmet=(({"ground": "mood"}, "ground_unknown"), ({"article": ""}, "article_missing"), ({"until": None}, "until_missing"),
               ({"until": dt.date(2020, 1, 1)}, "until_past"))),
    Act("open_filter", "in_execution", "their_supervisor", Role.DESK_OFFICER, open_filter, "in_execution",
        unmet=(({"kind": "gossip"}, "kind_unknown"), ({"filtered_by": ""}, "filtered_by_missing"), ({"evidence": []}, "evidence_missing"))),
]  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=str)
def test_act_is_refused_or_done_and_recorded(world: World, act: Act) -> None:
    try_act(act, world.incoming(act.at), world.line)


def test_decision_on_an_order_is_recorded_once_and_never_before_the_application(world: World) -> None:
    line = world.line
    early = ({"decided_on": in_days(-30)}, "decided_early")
    case = apply(world.incoming("in_execution"), line.executing, {"items": ["M1"]})
    with pytest.raises(UnknownItem):
        apply(case, line.executing, {"items": ["M9"]})
    with pytest.raises(UnknownAtCourt):
        grant(case, line.executing, {"order": uuid7()})
    act = Act("note_order_granted", "applied", "executing", Role.REGISTRY, grant, "in_execution",
              unmet=(early, ({"reference": ""}, "reference_missing"), ({"decided_on": LATE}, "decided_on_ahead"),
                     ({"valid_until": in_days(-16)}, "valid_until_early")))  # fmt: skip
    case = try_act(act, case, line)
    with pytest.raises(ConditionsNotMet) as twice:
        deny(case, line.their_supervisor, {})
    assert codes_of(twice) == ["no_order_open"]
    case = apply(case, line.their_supervisor, {"kind": "interception", "items": ["M2"]})
    act = Act("note_order_denied", "applied", "their_supervisor", Role.DESK_OFFICER, deny, "in_execution",
              unmet=(early, ({"reason": " "}, "reason_missing")))  # fmt: skip
    case = try_act(act, case, line)
    assert [order.state for order in case.courtorder_set.order_by("id")] == ["granted", "denied"]
    # Nothing is refused by the denial itself, and the item can still be refused.
    assert {item.status for item in case.items.all()} == {"accepted"}


def test_nothing_leaves_while_a_remedy_is_pending(world: World) -> None:
    line = world.line
    case = grant(apply(world.incoming("in_execution"), line.executing, {}), line.executing, {})
    executed = line.executed(case)
    with pytest.raises(ConditionsNotMet) as undecided:
        challenge(
            apply(executed, line.executing, {}),
            line.executing,
            {"order": executed.courtorder_set.latest("id").public_id},
        )
    assert codes_of(undecided) == ["order_not_decided"]
    case = challenge(fresh(executed), line.their_supervisor, {"order": case.courtorder_set.earliest("id").public_id})
    case = challenge(case, line.executing, {"party": "affected_person", "hearing_on": None})
    for act, send in (("transmit_part", incoming_transmit_part), ("transmit_result", inward.incoming_transmit_result)):
        before = state_of(case)
        with pytest.raises(ConditionsNotMet) as pending:
            send(incoming=case, by=line.their_registry)
        assert codes_of(pending) == ["remedy_pending", "remedy_pending"]
        first, second = [reason.message for reason in pending.value.reasons]
        assert in_days(9).isoformat() in first and "no hearing day" in second
        assert nothing_changed(case, before)
        assert codes(case, line.their_registry, act) == ["remedy_pending", "remedy_pending"]
    act = Act("note_remedy_decided", "challenged", "executing", Role.REGISTRY, decide, "in_execution",
              unmet=(({"result": "unclear"}, "result_unknown"), ({"decision": " "}, "decision_missing"),
                     ({"decided_on": in_days(-11)}, "decided_early"), ({"decided_on": LATE}, "decided_on_ahead")))  # fmt: skip
    last = case.remedy_set.latest("id")
    case = try_act(act, case, line)
    with pytest.raises(ConditionsNotMet) as twice:
        decide(case, line.executing, {"remedy": last.public_id})
    assert codes_of(twice) == ["no_remedy_open"]
    case = decide(
        case, line.executing, {"remedy": case.remedy_set.earliest("id").public_id, "result": "upheld_in_part"}
    )
    assert case.courtorder_set.earliest("id").state == "granted"
    done = inward.incoming_transmit_result(incoming=case, by=line.their_registry)
    assert (done.outcome, done.evidence_set.filter(custody__step="sent").count()) == ("executed", 2)


def test_no_file_of_a_complement_leaves_while_a_remedy_is_pending_but_words_do(world: World) -> None:
    line = world.line
    case = challenge(world.incoming("concluded"), line.their_supervisor, {})
    case = complements.incoming_note_complement_asked(
        incoming=case, by=line.their_registry, defect="incomplete", question="May is missing."
    )
    point, file = case.openpoint_set.latest("id").point_id, Supplied("may.csv", "text/csv", b"5")
    before = state_of(case)
    with pytest.raises(ConditionsNotMet) as pending:
        complements.incoming_supply_complement(incoming=case, by=line.their_registry, point_id=point, files=[file])
    assert codes_of(pending) == ["remedy_pending"] and nothing_changed(case, before)
    complements.incoming_supply_complement(
        incoming=case, by=line.their_registry, point_id=point, answer="A court has it."
    )
    assert case.openpoint_set.latest("id").answer == "A court has it."


def test_order_that_is_set_aside_takes_the_execution_back_and_its_evidence_never_leaves(world: World) -> None:
    line = world.line
    case = grant(apply(world.incoming("in_execution"), line.executing, {"items": ["M1"]}), line.executing, {})
    executed = line.executed(case)
    first, second = executed.items.order_by("key")
    before = state_of(executed)
    with pytest.raises(ConditionsNotMet) as stands:
        perform(first, "take_back", by=line.executing, reason="no more wanted")
    assert codes_of(stands) == ["no_order_set_aside"] and nothing_changed(executed, before)
    case = challenge(executed, line.executing, {"order": case.courtorder_set.latest("id").public_id})
    case = decide(case, line.executing, {"result": "upheld"})
    assert (fresh(first).status, fresh(second).status) == ("accepted", "executed")
    assert case.courtorder_set.get().state == "set_aside"
    assert [row.evidence.item for row in Withheld.objects.filter(evidence__incoming=case)] == [first]
    with pytest.raises(ConditionsNotMet) as fell:
        inward.incoming_item_decide(item=fresh(first), act="execute", by=line.executing)
    assert codes_of(fell) == ["order_set_aside"] and COURT in fell.value.reasons[0].message
    # Under a new order it may be executed again, with evidence of its own.
    case = grant(apply(fresh(case), line.executing, {"items": ["M1"]}), line.executing, {})
    inward.incoming_item_decide(item=fresh(first), act="execute", by=line.executing)
    inward.incoming_add_evidence(
        incoming=fresh(case), by=line.executing, name="again.csv", media_type="text/csv", content=b"anew", item="M1"
    )
    done = inward.incoming_transmit_result(incoming=fresh(case), by=line.their_registry)
    sent = set(done.evidence_set.filter(custody__step="sent").values_list("name", flat=True))
    assert sent == {"again.csv", "M2.csv"}


def test_surrender_that_a_court_stops_keeps_every_file_here(world: World) -> None:
    line = world.line
    case = decide(challenge(world.incoming("executed"), line.executing, {}), line.executing, {"result": "upheld"})
    assert set(Withheld.objects.values_list("ground", flat=True)) == {"surrender_stopped"}
    with pytest.raises(ConditionsNotMet) as unmet:
        incoming_transmit_part(incoming=case, by=line.their_registry)
    assert codes_of(unmet) == ["nothing_unsent"]
    done = inward.incoming_transmit_result(incoming=case, by=line.their_registry)
    assert not done.evidence_set.filter(custody__step="sent").exists()
    # Afterwards a remedy is recorded, and changes nothing of what has left.
    done = decide(challenge(done, line.executing, {}), line.executing, {"result": "upheld"})
    assert inward.incoming_close(incoming=done, by=line.their_registry).status == "closed"


def test_notice_that_is_put_off_is_given_prolonged_or_said_at_the_end(world: World) -> None:
    line = world.line
    case = defer(world.incoming("in_execution"), line.executing, {"whom": "the account holder"})
    first = Notice.objects.get(incoming=case)
    with pytest.raises(UnknownAtCourt):
        notify(case, line.executing, {"deferral": uuid7()})
    case = defer(case, line.their_supervisor, {"deferral": first.public_id, "until": None, "until_event": "the trial"})
    with pytest.raises(ConditionsNotMet) as over:
        notify(case, line.executing, {"deferral": first.public_id})
    assert codes_of(over) == ["deferral_ended"]
    case = inward.incoming_transmit_result(incoming=line.executed(case), by=line.their_registry)
    case = inward.incoming_note_receipt(incoming=case, by=line.their_registry, all_match=True)
    with pytest.raises(ConditionsNotMet) as unmet:
        inward.incoming_close(incoming=case, by=line.their_registry)
    assert codes_of(unmet) == ["notice_deferred"]
    last = Notice.objects.get(incoming=case, kind="deferred", ended_at=None)
    case = notify(case, line.executing, {"deferral": last.public_id, "whom": ""})
    assert Notice.objects.get(incoming=case, kind="given").whom == "the account holder"
    with pytest.raises(UnknownAtCourt):
        defer(case, line.executing, {"deferral": Notice.objects.get(kind="given").public_id})
    assert inward.incoming_close(incoming=case, by=line.their_registry).status == "closed"


def test_filter_stops_the_result_and_what_it_withholds_never_leaves(world: World) -> None:
    line = world.line
    case = world.incoming("executed")
    before = state_of(case)
    for by, data, code in (
        (line.their_supervisor, {"filtered_by": f" {line.executing.label.upper()} "}, "filter_not_apart"),
        (line.their_supervisor, {"filtered_by": " "}, "filtered_by_missing"),
    ):
        with pytest.raises(ConditionsNotMet) as unmet:
            open_filter(case, by, data)
        assert codes_of(unmet) == [code] and nothing_changed(case, before)
    with pytest.raises(UnknownAtCourt):
        open_filter(case, line.executing, {"evidence": [uuid7()]})
    first, second = case.evidence_set.order_by("id")
    case = open_filter(case, line.executing, {"evidence": [first.public_id]})
    case = open_filter(case, line.their_supervisor, {"kind": "medical"})
    one, everything = PrivilegeFilter.objects.filter(incoming=case)
    assert (courts.filter_files(one), courts.filter_files(everything)) == ([first], [first, second])
    for send in (incoming_transmit_part, inward.incoming_transmit_result):
        with pytest.raises(ConditionsNotMet) as waits:
            send(incoming=case, by=line.their_registry)
        assert codes_of(waits) == ["filter_open", "filter_open"]
    with pytest.raises(ConditionsNotMet) as investigates:
        close_filter(case, line.executing, {"filter": one.public_id, "decided": {first.public_id: ""}})
    assert codes_of(investigates) == ["closer_not_apart"]
    act = Act("close_filter", "filtered", "their_supervisor", Role.REGISTRY, close_filter, "in_execution",
              unmet=(({"decided": {first.public_id: ""}}, "file_undecided"),
                     ({"decided": {first.public_id: "", second.public_id: "mood"}}, "ground_unknown"),
                     ({"decided": {first.public_id: "", second.public_id: "", uuid7(): ""}}, "file_not_filtered")))  # fmt: skip
    case = try_act(act, case, line)
    case = close_filter(
        case,
        line.their_supervisor,
        {"filter": one.public_id, "decided": {first.public_id: "legal"}, "words": "letters"},
    )
    with pytest.raises(ConditionsNotMet) as closed:
        close_filter(case, line.their_supervisor, {"filter": one.public_id, "decided": {}})
    assert "no_filter_open" in codes_of(closed)
    done = inward.incoming_transmit_result(incoming=case, by=line.their_registry)
    assert list(Evidence.objects.filter(incoming=done, custody__step="sent")) == [second]
    assert [(row.evidence, row.ground) for row in Withheld.objects.all()] == [(first, "legal")]


def test_execution_that_fell_over_there_is_taken_back_by_their_word_alone(world: World) -> None:
    sent = world.outgoing("sent")
    course.outgoing_note_progress(
        outgoing=sent, by=world.peer(sent), peer_status="in_execution", reports=[ItemReport("M1", "executed")]
    )
    item = sent.items.get(key="M1")
    with pytest.raises(ConditionsNotMet) as unmet:
        perform(item, "take_back", by=world.line.registry, reason="their letter of Monday")
    assert codes_of(unmet) == ["proof_missing"]
    proof = Proof("letter.pdf", "application/pdf", b"%PDF letter").stored()
    assert perform(item, "take_back", by=world.line.registry, reason="their letter", proof=proof).status == "accepted"


def test_report_takes_an_execution_back_only_where_it_says_so() -> None:
    refused = {"status": "refused", "ground": "g", "reason": "r"}
    assert acts_towards("executed", ItemReport("M1", **refused)) == []
    assert acts_towards("executed", ItemReport("M1", "executed", taken_back=True)) == []
    assert [name for name, _data in acts_towards("executed", ItemReport("M1", **refused, taken_back=True))] == [
        "take_back",
        "refuse",
    ]
    assert [name for name, _data in acts_towards("refused", ItemReport("M1", "accepted", taken_back=True))] == []


def test_codes_are_named_and_say_what_is_to_be_confirmed() -> None:
    for table in ("order", "deferral", "privilege", "withheld"):
        for coded in court_codes(table).values():
            assert coded.name and len(coded.code) <= 60
            assert all(rule.to_be_confirmed for rule in coded.rules)
    assert {"search", "seizure", "production", "interception", "other"} < set(court_codes("order"))
    assert {"order_set_aside", "surrender_stopped", "legal"} < set(withheld_names())
    assert (list(Remedy.Result.values), list(Remedy.Party.values)) == (list(RESULTS), list(PARTIES))
    assert set(CourtOrder.State.values) == {"applied", "granted", "denied", "set_aside"}
