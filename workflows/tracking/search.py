"""Search: by reference, person, identifier, provider and free text, over what the actor may see and read.

Nothing is counted or found in what is hidden: every query starts from the visible cases, and of a letter only
the versions that the actor may read are searched. The text looked for is never logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Func, OuterRef, Q, QuerySet, Value

from mla.accounts.actors import Actor
from mla.core.questions import OfEachRow
from workflows.drafting.models import LetterShare, LetterVersion
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.tracking.pages import Page

MOST_COUNTED = 200
#: Characters; shorter texts match too much to help.
SHORTEST, LONGEST = 2, 200
SIZE = 25
#: Newest rows that are looked at one by one for a word that stands in very many.
LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits of one kind, newest first. `more`: counting ended at `count`, and there may be more hits."""

    page: Page[Any]
    count: int
    more: bool = False


def search_outgoing(actor: Actor, text: str, after: int | None = None) -> Found:
    """Return the requests out that hold `text` in their references, title, or a version that the actor may read."""
    seen = visible_outgoing(actor)
    versions = LetterVersion.objects.filter(_is_readable(actor), matches(text))
    named, titled = seen.filter(_named(text)), seen.filter(letter__title__icontains=text)
    # A letter comes here once for each of its versions: to make it one, all hits would be read first.
    worded = versions.filter(letter__outgoing__in=seen).order_by().values_list("letter__outgoing", flat=True)
    either = (
        _named(text) | Q(letter__title__icontains=text) | Q(OfEachRow(versions.filter(letter=OuterRef("letter_id"))))
    )
    rows = OutgoingRequest.objects.select_related("letter__requested", "addressee__jurisdiction")
    in_order = [named, titled, seen.filter(letter__in=versions.values("letter"))]
    return _found(rows, seen, [_identities(named), _identities(titled), worded], in_order, either, text, after)


def search_incoming(actor: Actor, text: str, after: int | None = None) -> Found:
    """Return the requests in that hold `text` in their references, title or content as received."""
    seen = visible_incoming(actor)
    parts = [seen.filter(_named(text) | Q(title__icontains=text)), seen.filter(matches(text))]
    either = _named(text) | Q(title__icontains=text) | Q(matches(text))
    rows = IncomingRequest.objects.select_related("requesting").defer("content")
    return _found(rows, seen, [_identities(part) for part in parts], parts, either, text, after)


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
    frozen = Q(frozen_at__isnull=False) & (Q(letter__authority=actor.authority_id) | Q(OfEachRow(lodged)))
    return own | frozen


def _identities(part: QuerySet[Any]) -> QuerySet[Any]:
    return part.order_by().values_list("pk", flat=True)


def _found(
    rows: QuerySet[Any],
    seen: QuerySet[Any],
    identities: Sequence[QuerySet[Any]],
    parts: Sequence[QuerySet[Any]],
    either: Any,
    text: str,
    after: int | None,
) -> Found:
    """Return a page of the rows that any of `parts` holds.

    `identities` are those of the same rows, some perhaps several times; `either` says the same of a single row.

    Each part is asked by its own index and for its identities alone, so that no part makes the others read every
    letter. Where more hits than are counted are found, the newest rows are looked at one by one, since most of them
    hold a word so common; where that gives no whole page, all hits are put in order.
    """
    if len(text) < SHORTEST:
        return Found(Page([], None), 0)
    first, *others = (part[: MOST_COUNTED + 1] for part in identities)
    all_hits = list(first.union(*others, all=True))
    hits = set(all_hits)
    if len(all_hits) <= MOST_COUNTED:
        page = _by_identity(rows, sorted(hits, reverse=True), after)
        return Found(page, len(hits))
    count = min(len(hits), MOST_COUNTED)
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
    return Found(_by_identity(rows, sorted(hits, reverse=True), after), count, more=True)


def _by_identity(rows: QuerySet[Any], hits: Sequence[int], after: int | None) -> Page[Any]:
    left = [pk for pk in hits if after is None or pk < after]
    shown = left[:SIZE]
    found = rows.in_bulk(shown)
    # One that is gone meanwhile is left out.
    page = [found[pk] for pk in shown if pk in found]
    return Page(page, shown[-1] if len(left) > SIZE else None)
