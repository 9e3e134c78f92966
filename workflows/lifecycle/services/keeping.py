"""What moves a preservation along with its request: its item's execution, and the request that follows it.

Called by other services, inside their acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Q

from mla.accounts.actors import Actor
from workflows.drafting.models_reuse import LetterLink
from workflows.engine.perform import perform
from workflows.lifecycle.models import (
    IncomingLink,
    IncomingRequest,
    OutgoingRequest,
    PreservationIn,
    PreservationOut,
    RequestedItem,
)
from workflows.lifecycle.models.preservation import Preserving
from workflows.lifecycle.short import may_now

P = TypeVar("P", bound=Preserving)


def item_was_kept(*, item: RequestedItem, act: str, by: Actor, data: dict[str, Any]) -> None:
    """Lead the preservation of an item to "preserved" where its execution says from when until when. Nothing is told twice."""
    days = data.get("preservation") if act == "execute" else None
    if not days or item.measure != Preserving.MEASURE:
        return
    said = {"preserved_from": days["preserved_from"], "until": days["until"], "rule": days.get("rule", "")}
    if item.outgoing_id:
        out = PreservationOut.objects.filter(item=item, status="asked").first()
        if out is not None:
            noted = perform(out, "note_preserved", by=by, proof=data.get("proof"), **said)
            hold_where_followed(noted)
    else:
        inward = PreservationIn.objects.filter(item=item).first()
        # Why the days are few may stand in the note on the execution.
        said["words"] = data.get("reason", "")
        if inward is not None and may_now(inward, "preserve", by):
            hold_where_followed(perform(inward, "preserve", by=by, **said))


def hold_where_followed(row: P) -> P:
    """Hold data that a request follows already: it was sent, or came in, before they were confirmed. By the system."""
    if row.status != "preserved" or not row.follow_ups:  # type: ignore[attr-defined]
        return row
    by = Actor.system(f"{row.KIND}.hold", authority_id=row.authority_id)
    return perform(row, "hold", by=by, reference=row.follow_ups[-1].reference)


def hold_for_sent(*, sent: OutgoingRequest) -> None:
    """Hold what a request that is being sent asks for: of the letters that it follows, or names as preservations."""
    version = sent.approved_version
    content = version.content if version else {}
    if not asks_for_data(content.get("items")):
        return
    links = LetterLink.objects.filter(letter=sent.letter_id, kind=LetterLink.Kind.FOLLOW_UP).values("earlier")
    named = _named(content.get("related"))
    of_it = Q(item__outgoing__letter__in=links)
    if named:
        cited = Q(item__outgoing__reference__in=named) | Q(item__outgoing__peer_reference__in=named)
        of_it |= cited & Q(item__outgoing__letter__requested=sent.letter.requested_id)
    by = Actor.system("outgoing.send", authority_id=sent.authority_id)
    rows = PreservationOut.objects.filter(of_it, status="preserved", authority_id=sent.authority_id).order_by("id")
    for row in rows:
        perform(row, "hold", by=by, reference=sent.reference)


def hold_for_received(*, received: IncomingRequest, links: Iterable[IncomingLink]) -> None:
    """Hold what a request that is being registered asks for, and tell its sender."""
    if not asks_for_data(received.content.get("items")):
        return
    followed = [link.earlier_id for link in links if link.kind == IncomingLink.Kind.FOLLOW_UP]
    by = Actor.system("incoming.receive", authority_id=received.authority_id)
    for row in PreservationIn.objects.filter(item__incoming__in=followed, status="preserved").order_by("id"):
        perform(row, "hold", by=by, reference=received.reference)


def asks_for_data(items: Any) -> bool:
    """Tell whether a letter asks for more than to keep data."""
    rows = items if isinstance(items, list) else []
    return any(isinstance(one, dict) and one.get("measure") != Preserving.MEASURE for one in rows)


def _named(related: Any) -> list[str]:
    rows = [one for one in related or () if isinstance(one, dict) and one.get("kind") == "preservation"]
    return [text for one in rows if (text := str(one.get("reference", "")).strip())]
