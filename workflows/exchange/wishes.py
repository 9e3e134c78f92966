"""Messages about wishes, answers and reminders: what each says, and what an arriving one does in the file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from mla.accounts.actors import Actor
from workflows.exchange.bodies import Body, ItemState, Line, Text, register_bodies
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, Wish
from workflows.lifecycle.services import wishes
from workflows.lifecycle.services.outgoing_course import ItemReport, News, outgoing_note_progress
from workflows.lifecycle.services.wishes import WishAnswer, Wished

if TYPE_CHECKING:
    from workflows.engine.outbox import Job
    from workflows.exchange.envelope import Envelope

Kind = Literal["status", "expedite", "not_needed", "reminder"]


class WishTold(Body):
    """What the requesting State wishes. `items`: none for the whole; `rung`, `of`, `silent_since`: of a reminder."""

    wish: UUID
    kind: Kind
    text: Text = ""
    needed_by: dt.date | None = None
    items: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=8)], ...], Field(max_length=200)
    ] = ()
    rung: Annotated[int, Field(ge=0, le=100)] = 0
    of: Annotated[int, Field(ge=0, le=100)] = 0
    silent_since: AwareDatetime | None = None


class WishAnswered(Body):
    """The answer to wishes of one kind, and how the request and its items stand."""

    wishes: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=100)]
    kind: Kind
    choice: Literal["told", "expedited", "not_expedited", "stopped", "not_stopped"]
    answer: Text = ""
    next_on: dt.date | None = None
    status: Line
    items: tuple[ItemState, ...] = ()


register_bodies({"wish": WishTold, "wish_answered": WishAnswered})


# --- told ---


def wish_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    """Return what a message on a wish, or a reminder, says."""
    row = Wish.objects.get(outgoing=case, wish_id=job.payload["wish"])
    return {
        "wish": str(row.wish_id),
        "kind": row.kind,
        "text": row.words,
        "needed_by": row.needed_by.isoformat() if row.needed_by else None,
        "items": row.items,
        "rung": row.rung,
        "of": row.rungs,
        "silent_since": row.silent_since.astimezone(dt.UTC).isoformat() if row.silent_since else None,
    }


def answer_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    """Return the answer of one act, without the items. Its wishes have it alike, so the first speaks for all."""
    rows = list(Wish.objects.filter(incoming=case, wish_id__in=job.payload["wishes"]).order_by("id"))
    first = rows[0]
    return {
        "wishes": [str(one.wish_id) for one in rows],
        "kind": first.kind,
        "choice": first.choice,
        "answer": first.answer,
        "next_on": first.next_on.isoformat() if first.next_on else None,
        "status": first.status_told,
    }


# --- taken ---


def take_wish(case: IncomingRequest, by: Actor, body: WishTold, envelope: Envelope) -> None:
    """Take a wish into the requested side's file."""
    wished = Wished(
        kind=body.kind,
        words=body.text,
        needed_by=body.needed_by,
        items=body.items,
        rung=body.rung,
        rungs=body.of,
        silent_since=body.silent_since,
        wish_id=body.wish,
    )
    wishes.incoming_receive_wish(incoming=case, by=by, wished=wished)


def take_answer(case: OutgoingRequest, by: Actor, body: WishAnswered, envelope: Envelope) -> None:
    """Take an answer into the requesting side's file. One to a wish that is answered there already is news all the same."""
    reports = [ItemReport(**item.model_dump()) for item in body.items]
    named = wishes.wishes_answered(case, list(body.wishes), body.kind)
    if named:
        answer = WishAnswer(body.choice, body.answer, body.next_on, body.status)
        wishes.outgoing_note_wish_answer(outgoing=case, by=by, wishes=named, answer=answer, reports=reports)
        return
    news = News("", body.answer, body.next_on)
    outgoing_note_progress(outgoing=case, by=by, peer_status=body.status, reports=reports, news=news)
