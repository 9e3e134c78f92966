"""Who holds the ball: from the acts on a case to the stretches of time that each party had it. Pure.

One party has it at a time: whoever must act next. While a question is open that is the one asked, even
where the other could go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext as _

Party = Literal["originating", "central", "other", "executing", "nobody"]


#: Acts on an emergency after which its facts are awaited, until the next act on it.
FACTS_ASKED = frozenset({"emergency_out.note_more_facts", "emergency_in.ask_facts"})


@dataclass(frozen=True, slots=True)
class Step:
    """One act on the case row itself, as the audit has it, or on an emergency or preservation in it, without a status. `at` is UTC."""

    at: datetime
    act: str
    to_status: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch of time in which one party had to act. `until` is None while it still has; instants are UTC."""

    party: Party
    authority_id: int | None
    why: str
    since: datetime
    until: datetime | None

    def length(self, now: datetime) -> timedelta:
        return (self.until or now) - self.since

    def days(self, now: datetime) -> int:
        """Return the whole days of waiting."""
        return self.length(now).days


@dataclass(slots=True)
class _State:
    status: str = ""
    lodged: bool = False
    queries: int = 0
    questions: int = 0
    conditions: int = 0
    complements: int = 0
    remedies: int = 0
    filters: int = 0
    uses: int = 0
    accounts: int = 0
    postponed: bool = False
    files: int = 0
    confirmed: bool = False
    handed_over: bool = False
    originator_confirmed: bool = False
    executing: int | None = None
    came_back: bool = False
    #: More facts are asked on an emergency.
    facts: bool = False
    #: Items on whose preservation it is asked whether it goes on, and how long it may be extended.
    tipping: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)


def holders_outgoing(steps: Iterable[Step], *, originating: int, central: int, other: int | None) -> list[Held]:
    """Return who held a request out, in order. Authorities by their identity; `other`: the addressee."""
    ids: dict[Party, int | None] = {"originating": originating, "central": central, "other": other, "nobody": None}
    return _walk(steps, ids, lambda state: _outgoing(state, chain=originating != central))


def holders_incoming(steps: Iterable[Step], *, authority: int, sender: int) -> list[Held]:
    """Return who held a request in, in order. The executing authority is named by the act that assigns it."""
    ids: dict[Party, int | None] = {"central": authority, "other": sender, "nobody": None}
    return _walk(steps, ids, _incoming)


def waiting(held: Sequence[Held], now: datetime) -> dict[int, timedelta]:
    """Return how long each authority had the case altogether, by its identity."""
    total: dict[int, timedelta] = {}
    for stretch in held:
        if stretch.authority_id is not None:
            total[stretch.authority_id] = total.get(stretch.authority_id, timedelta()) + stretch.length(now)
    return total


def _walk(steps: Iterable[Step], ids: Mapping[Party, int | None], who: Any) -> list[Held]:
    state, found = _State(), list[Held]()
    for step in steps:
        _apply(state, step)
        party, why = who(state)
        authority_id = state.executing if party == "executing" else ids[party]
        last = found[-1] if found else None
        # The order is that of the record: a clock that was set back makes no stretch shorter than nothing.
        at = max(step.at, last.since) if last is not None else step.at
        if last is not None and (last.authority_id, last.why) == (authority_id, why):
            continue
        if last is not None:
            found[-1] = Held(last.party, last.authority_id, last.why, last.since, at)
        found.append(Held(party, authority_id, why, at, None))
    return found


def _apply(state: _State, step: Step) -> None:
    state.status = step.to_status or state.status
    if step.act.startswith("emergency_"):
        state.facts = step.act in FACTS_ASKED
        return
    if step.act.startswith("preservation_"):
        _keep(state, step.act.partition(".")[2], str(step.detail.get("item", "")))
        return
    match step.act.partition(".")[2]:
        case "lodge" | "reopen":
            state.lodged = True
        case "return_to_originator":
            state.lodged = False
        case "query_originator":
            state.queries += 1
        case "answer_query":
            state.queries = max(0, state.queries - 1)
        case "note_question" | "ask_information" | "note_consultation" | "consult":
            state.questions += 1
        case "postpone" | "note_postponement":
            state.postponed = True
        case "resume" | "note_resumption":
            state.postponed = False
        case "give_information" | "receive_information" | "answer_consultation" | "receive_consultation_answer":
            state.questions = max(0, state.questions - 1)
        case "note_conditions" | "offer_conditions":
            state.conditions += 1
        case "accept_conditions" | "decline_conditions" | "receive_conditions_answer":
            state.conditions = max(0, state.conditions - 1)
        case "ask_complement" | "note_complement_asked":
            state.complements += 1
        case "note_complement" | "supply_complement":
            state.complements = max(0, state.complements - 1)
            if brought := len(step.detail.get("sha256") or []):
                state.files += brought
                state.confirmed = state.handed_over = state.originator_confirmed = False
        case "ask_other_use" | "note_use_asked":
            state.uses += 1
        case "note_use_answer" | "answer_other_use":
            state.uses = max(0, state.uses - 1)
        case "ask_account" | "note_account_asked":
            state.accounts += 1
        case "give_account" | "note_account" if state.accounts:
            state.accounts -= 1
        case "note_challenge":
            state.remedies += 1
        case "note_remedy_decided":
            state.remedies = max(0, state.remedies - 1)
        case "open_filter":
            state.filters += 1
        case "close_filter":
            state.filters = max(0, state.filters - 1)
        case "accept" | "import":
            state.executing = step.detail.get("executing")
        case "assign_execution" if not step.detail.get("items"):
            state.executing = step.detail.get("executing")
        case "note_part" | "transmit_part" | "note_result" | "transmit_result":
            # What came with a part is checked with the rest at the latest. Meanwhile the execution goes on: whoever
            # carries out has the ball, and the confirmation of a part is no reason for the other to wait.
            state.files += len(step.detail.get("sha256") or [])
        case "confirm_evidence" | "note_receipt":
            state.confirmed = True
        case "note_return":
            state.came_back = True
        case "hand_over_result":
            state.handed_over = True
        case "originator_confirms":
            state.originator_confirmed = True


def _keep(state: _State, act: str, item: str) -> None:
    """Take an act on a preservation: what is asked on it, and what answers or ends it."""
    match act:
        case "note_tipping_off" | "ask_tipping_off":
            state.tipping.add(item)
        case "ask_extension" | "receive_extension_request":
            state.extensions.add(item)
        case "note_extension" | "extend" | "note_extension_refused" | "refuse_extension":
            state.extensions.discard(item)
        case "go_on" | "receive_go_on":
            state.tipping.discard(item)
        case "withdraw" | "receive_withdrawal" | "refuse" | "note_refusal" | "find_none" | "note_none" | "release":
            state.tipping.discard(item)
            state.extensions.discard(item)
        case "note_released" | "receive_release":
            state.extensions.discard(item)


def _outgoing(state: _State, *, chain: bool) -> tuple[Party, str]:
    match state.status:
        case "drafting" if chain and not state.lodged:
            return "originating", _("drafting")
        case "drafting" if state.queries:
            return "originating", _("a question of the central authority is open")
        case "drafting":
            return "central", _("checking the letter") if chain else _("drafting")
        case "in_review":
            return "central", _("in review")
        case "approved":
            return "central", _("to be sent")
        case "sent" | "acknowledged" | "in_execution" if state.facts:
            return "central", _("more facts are asked on the emergency")
        case "sent" | "acknowledged" | "in_execution" if state.questions:
            return "central", _("a question of the other State is open")
        case "sent" | "acknowledged" | "in_execution" if state.conditions:
            return "central", _("conditions of the other State are to be accepted or declined")
        case "sent" | "acknowledged" | "in_execution" if state.tipping:
            return "central", _("they ask whether a preservation goes on")
        case "sent" | "acknowledged" | "in_execution" if state.postponed:
            return "other", _("postponed")
        case "sent":
            return "other", _("not acknowledged yet")
        case "acknowledged":
            return "other", _("acknowledged")
        case "in_execution":
            return "other", _("in execution")
        case "concluded" if state.files and not state.confirmed:
            return "central", _("the evidence is to be checked")
        case "concluded" if state.came_back and not state.handed_over:
            return "central", _("it came back: to be sent again, or to be closed")
        case "concluded" if state.complements:
            return "other", _("a complement of the result is asked")
        case "concluded" if state.accounts:
            return "central", _("they ask what use was made of the evidence")
        case "concluded" if state.uses:
            return "other", _("another use of the evidence is asked for")
        case "concluded" | "closed" if state.extensions:
            return "other", _("the extension of a preservation is asked")
        case "concluded" if chain and not state.handed_over:
            return "central", _("the result is to be handed over")
        case "concluded" if chain and not state.originator_confirmed:
            return "originating", _("the result is to be confirmed")
        case "concluded":
            return "central", _("to be closed")
    return "nobody", _("closed")


def _incoming(state: _State) -> tuple[Party, str]:
    match state.status:
        case "received" | "acknowledged" | "under_review" | "in_execution" if state.facts:
            return "other", _("more facts are asked on the emergency")
        case "received" | "acknowledged" | "under_review" | "in_execution" if state.tipping:
            return "other", _("we ask whether a preservation goes on")
        case "received":
            return "central", _("to be acknowledged")
        case "acknowledged" | "under_review" | "in_execution" if state.questions:
            return "other", _("an answer to our question is open")
        case "under_review" | "in_execution" if state.conditions:
            return "other", _("an answer to our conditions is open")
        case "under_review" | "in_execution" if state.postponed:
            return "central", _("postponed")
        case "acknowledged":
            return "central", _("acknowledged, to be examined")
        case "under_review":
            return "central", _("under review")
        case "in_execution":
            why = _("in execution")
            if state.remedies:
                why = _("a remedy is pending before a court")
            elif state.filters:
                why = _("files are looked through for what is privileged")
            return ("executing" if state.executing else "central"), why
        case "concluded" if state.complements:
            return "central", _("a complement of the result is to be supplied")
        case "concluded" | "closed" if state.uses:
            return "central", _("another use of the evidence is asked for")
        case "concluded" | "closed" if state.extensions:
            return "central", _("the extension of a preservation is asked")
        case "concluded" if state.accounts:
            return "other", _("we ask what use was made of the evidence")
        case "concluded" if state.files and not state.confirmed:
            return "other", _("the receipt of the evidence is to be confirmed")
        case "concluded":
            return "central", _("to be closed")
    return "nobody", _("closed")
