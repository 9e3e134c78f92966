"""What the requesting State wishes while its request is with the other, the answer, and reminders: on both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, Wish
from workflows.lifecycle.models.incoming_wishes import OPEN_ITEMS
from workflows.lifecycle.outcomes import IncomingStatus
from workflows.lifecycle.services.outgoing_course import ItemReport, Proof, items_named, items_report, stored_proof


class UnknownWish(MlaError):
    """No wish of that identifier waits for an answer in this file."""


@dataclass(frozen=True, slots=True)
class Wished:
    """A wish as it is told. `kind`: a code of Wish.Kind; `items`: keys, none for the whole; the rest as in the row."""

    kind: str
    words: str = ""
    needed_by: dt.date | None = None
    items: tuple[str, ...] = ()
    rung: int = 0
    rungs: int = 0
    silent_since: dt.datetime | None = None
    wish_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class WishAnswer:
    """An answer. `choice`: a code of Wish.Choice; `status`: how it stands over there; `next_on`: day of the next news."""

    choice: str
    answer: str = ""
    next_on: dt.date | None = None
    status: str = ""


# --- the requesting side ---


def outgoing_ask_status(*, outgoing: OutgoingRequest, by: Actor, words: str = "") -> OutgoingRequest:
    """Ask how the request stands (UNCAC 46(24), UNTOC 18(24)). For the desk officer, the supervisor and the registry.

    Raises:
        ConditionsNotMet: asked already and not answered, or withdrawn.
    """
    return perform(outgoing, "ask_status", by=by, words=words, wish_id=uuid7())


def outgoing_expedite(*, outgoing: OutgoingRequest, by: Actor, words: str, needed_by: dt.date) -> OutgoingRequest:
    """Ask that the request be expedited: why, and by which day it is needed. For those who may ask how it stands.

    Raises:
        ConditionsNotMet: no reason, no day or one that is past, or asked already.
    """
    return perform(outgoing, "expedite", by=by, words=words, needed_by=needed_by, wish_id=uuid7())


def outgoing_no_longer_needed(
    *, outgoing: OutgoingRequest, by: Actor, words: str, items: Sequence[str] = ()
) -> OutgoingRequest:
    """Say that the request, or some of its items, is no longer needed; the other State may stop. For the supervisor.

    No withdrawal: what is ready is still sent, and the other State says whether it can stop.

    Raises:
        UnknownItem: an item that the letter does not have.
        ConditionsNotMet: no reason, an ended item, or said already.
    """
    with one_act():
        keys = [item.key for item in items_named(outgoing, items)]
        return perform(outgoing, "no_longer_needed", by=by, words=words, items=keys, wish_id=uuid7())


def outgoing_chase(*, outgoing: OutgoingRequest, by: Actor) -> OutgoingRequest:
    """Note that the other State is reminded on the rung that its silence has reached, each rung once.

    The letter is made by `workflows.documents.services_chasing.case_chase`, which calls this.

    Raises:
        ConditionsNotMet: no rung reached, or its reminder written already.
    """
    return perform(outgoing, "chase", by=by)


def outgoing_hear(
    *, outgoing: OutgoingRequest, by: Actor, words: str = "", proof: Proof | None = None
) -> OutgoingRequest:
    """Record a sign of life of the other State that is nothing else, by the registry with proof: the ladder begins anew.

    Raises:
        ConditionsNotMet: without what proves it.
    """
    return perform(outgoing, "hear", by=by, words=words, proof=stored_proof(proof))


def outgoing_note_wish_answer(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    wishes: Sequence[UUID],
    answer: WishAnswer,
    reports: Sequence[ItemReport] = (),
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record what the other State answers to wishes of one kind; by its message, or by the registry with proof.

    Recorded by hand, what they say is stopped is stopped: its items end as withdrawn.

    Raises:
        UnknownWish: one that does not wait for an answer.
    """
    stored = stored_proof(proof)
    with one_act():
        rows = open_wishes(outgoing, wishes)
        noted = perform(
            outgoing, "note_wish_answer", by=by, wishes=rows, choice=answer.choice, answer=answer.answer,
            next_on=answer.next_on, peer_status=answer.status, proof=stored,
        )  # fmt: skip
        told = list(reports)
        if by.kind == "user" and answer.choice == Wish.Choice.STOPPED:
            left = noted.items.filter(status__in=OPEN_ITEMS).order_by("id")
            told = [
                ItemReport(item.key, "withdrawn", reason=answer.answer)
                for item in left
                if not rows[0].items or item.key in rows[0].items
            ]
        if noted.status != "concluded":
            items_report(outgoing=noted, by=by, reports=told, proof=stored)
        return noted


# --- the requested side ---


def incoming_receive_wish(*, incoming: IncomingRequest, by: Actor, wished: Wished) -> IncomingRequest:
    """Take a wish of the requesting State into the file; by its message, or by the registry from paper.

    Raises:
        UnknownItem: an item that the request does not have.
        ConditionsNotMet: no kind, or no reason where one is needed.
    """
    with one_act():
        keys = [item.key for item in items_named(incoming, wished.items)]
        return perform(
            incoming, "receive_wish", by=by, kind=wished.kind, words=wished.words, needed_by=wished.needed_by,
            items=keys, rung=wished.rung, rungs=wished.rungs, silent_since=wished.silent_since, wish_id=wished.wish_id,
        )  # fmt: skip


def incoming_answer_wish(*, incoming: IncomingRequest, by: Actor, wish_id: UUID, answer: WishAnswer) -> IncomingRequest:
    """Answer a wish; the requesting State is told, and how the request and its items stand. For supervisor and registry.

    All that ask how it stands are answered together. Where the whole is stopped before anything was done, the case is
    concluded as withdrawn in the same act; what was done is still sent.

    Raises:
        UnknownWish: no such wish waits for an answer.
        ConditionsNotMet: none of its answers, a no without a reason, or nothing left to stop.
    """
    with one_act():
        rows = open_wishes(incoming, [wish_id])
        if rows[0].kind in Wish.ASKS_STATUS:
            rows = list(_open_rows(incoming).filter(kind__in=Wish.ASKS_STATUS))
        answered = perform(
            incoming, "answer_wish", by=by, wishes=rows, choice=answer.choice, answer=answer.answer,
            next_on=answer.next_on,
        )  # fmt: skip
        if answer.choice == Wish.Choice.STOPPED and not rows[0].items and _nothing_was_done(answered):
            return perform(answered, "confirm_withdrawal", by=by, done=answer.answer or rows[0].words)
        return answered


def _nothing_was_done(incoming: IncomingRequest) -> bool:
    left = incoming.items.exclude(status="withdrawn").exists()
    return incoming.status != IncomingStatus.CONCLUDED and not left and not incoming.evidence_set.exists()


# --- looked up ---


def open_wishes(case: OutgoingRequest | IncomingRequest, named: Sequence[UUID]) -> list[Wish]:
    """Return wishes of a case that wait for an answer, locked. Raises UnknownWish: one that does not, or none named."""
    found = list(_open_rows(case).filter(wish_id__in=named))
    missing = set(named) - {row.wish_id for row in found}
    if missing or not found:
        which = min(map(str, missing), default="none")
        raise UnknownWish(f"{case.reference} has no wish {which} that waits for an answer")
    return found


def wishes_answered(outgoing: OutgoingRequest, named: Sequence[UUID], kind: str) -> list[UUID]:
    """Return which open wishes an answer is to: those it names, else what it can only mean, the open ones of its kind.

    A wish that went on paper has another identifier over there.
    """
    rows = list(_open_rows(outgoing))
    known = [row.wish_id for row in rows if row.wish_id in named]
    kinds = Wish.ASKS_STATUS if kind in Wish.ASKS_STATUS else (kind,)
    return known or [row.wish_id for row in rows if row.kind in kinds][: None if kind in Wish.ASKS_STATUS else 1]


def _open_rows(case: OutgoingRequest | IncomingRequest) -> QuerySet[Wish]:
    # Locked: of two who answer one wish at once the second finds it answered.
    rows = Wish.objects.select_for_update(of=("self",)).filter(**{case.KIND: case}, answered_at=None)
    return rows.order_by("id")
