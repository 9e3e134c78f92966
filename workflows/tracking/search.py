"""Search: by reference, person, identifier, provider and free text, over what the actor may see and read.

Nothing is counted or found in what is hidden: every query starts from the visible cases, and of a letter only
the versions that the actor may read are searched. The text looked for is never logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from mla.accounts.actors import Actor
from workflows.drafting.models import LetterShare, LetterVersion
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.tracking.pages import Page

MOST_COUNTED = 1_000
#: Characters; shorter texts match too much to help.
SHORTEST, LONGEST = 2, 200
SIZE = 25
#: Newest rows that are looked at one by one for a word that stands in very many.
LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits of one kind, newest first. `count` is at most MOST_COUNTED."""

    page: Page[Any]
    count: int


def search_outgoing(actor: Actor, text: str, after: int | None = None) -> Found:
    """Return the requests out that hold `text` in their references, title, or a version that the actor may read."""
    seen = visible_outgoing(actor)
    letters = LetterVersion.objects.filter(_is_readable(actor), matches(text), letter=OuterRef("letter_id"))
    parts = [
        seen.filter(_named(text)),
        seen.filter(letter__title__icontains=text),
        seen.filter(letter__in=LetterVersion.objects.filter(_is_readable(actor), matches(text)).values("letter")),
    ]
    either = _named(text) | Q(letter__title__icontains=text) | Exists(letters)
    rows = OutgoingRequest.objects.select_related("letter__requested", "addressee__jurisdiction")
    return _found(rows, seen, parts, either, text, after)


def search_incoming(actor: Actor, text: str, after: int | None = None) -> Found:
    """Return the requests in that hold `text` in their references, title or content as received."""
    seen = visible_incoming(actor)
    parts = [seen.filter(_named(text) | Q(title__icontains=text)), seen.filter(matches(text))]
    either = _named(text) | Q(title__icontains=text) | Q(matches(text))
    return _found(
        IncomingRequest.objects.select_related("requesting").defer("content"), seen, parts, either, text, after
    )


def matches(text: str) -> Func:
    """Return the condition that a row's `content` holds every word of `text`; the last word may be a beginning.

    They stand in a column that the database keeps, `words`, with the indexes drafting_version_words and
    lifecycle_incoming_words.
    """
    wanted, template = text, "websearch_to_tsquery('simple'::regconfig, %(expressions)s)"
    if text.isalnum():
        wanted, template = f"{text}:*", "to_tsquery('simple'::regconfig, %(expressions)s)"
    query = Func(Value(wanted), template=template)
    return Func(
        _Words(F("content")), query, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=BooleanField()
    )


class _Words(Func):
    """The column of the words, which no model names, beside the `content` of the same row."""

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:  # type: ignore[override]
        sql, values = compiler.compile(self.source_expressions[0])
        return sql.removesuffix('"content"') + '"words"', values


def _named(text: str) -> Q:
    return Q(reference__icontains=text) | Q(peer_reference__icontains=text)


def _is_readable(actor: Actor) -> Q:
    """Tell of a version whether `visible_versions` gives it; advice aside, whose drafts are not searched."""
    lodged = LetterShare.objects.filter(
        letter=OuterRef("letter"),
        authority=actor.authority_id,
        kind=LetterShare.Kind.LODGED,
        version_number=OuterRef("number"),
        ended_at=None,
    )
    own = Q(authority=actor.authority_id)
    frozen = Q(frozen_at__isnull=False) & (Q(letter__authority=actor.authority_id) | Q(Exists(lodged)))
    return own | frozen


def _found(
    rows: QuerySet[Any], seen: QuerySet[Any], parts: Sequence[QuerySet[Any]], either: Any, text: str, after: int | None
) -> Found:
    """Return a page of the rows that any of `parts` holds; `either` says the same of a single row.

    Each part is asked by its own index and for its identities alone, so that no part makes the others read every
    letter. Where more hits than are counted are found, the newest rows are looked at one by one, since most of them
    hold a word so common; where that gives no whole page, all hits are put in order.
    """
    if len(text) < SHORTEST:
        return Found(Page([], None), 0)
    enough = MOST_COUNTED + 1
    first, *others = (part.order_by().values_list("pk", flat=True)[:enough] for part in parts)
    hits = set(first.union(*others, all=True))
    if len(hits) < enough:
        page = _by_identity(rows, sorted(hits, reverse=True), after)
        return Found(page, len(hits))
    newest = seen if after is None else seen.filter(pk__lt=after)
    looked_at = newest.order_by("-pk").values("pk")[:LOOKED_AT]
    hits = set(seen.model._default_manager.filter(pk__in=looked_at).filter(either).values_list("pk", flat=True))
    if len(hits) <= SIZE:
        ordered = (
            (part if after is None else part.filter(pk__lt=after))
            .order_by("-pk")
            .values_list("pk", flat=True)[: SIZE + 1]
            for part in parts
        )
        first, *others = ordered
        hits = set(first.union(*others, all=True))
    return Found(_by_identity(rows, sorted(hits, reverse=True), after), MOST_COUNTED)


def _by_identity(rows: QuerySet[Any], hits: Sequence[int], after: int | None) -> Page[Any]:
    left = [pk for pk in hits if after is None or pk < after]
    shown = left[:SIZE]
    found = rows.in_bulk(shown)
    # One that is gone meanwhile is left out.
    page = [found[pk] for pk in shown if pk in found]
    return Page(page, shown[-1] if len(left) > SIZE else None)
