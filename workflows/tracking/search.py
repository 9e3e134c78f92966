"""Search: by reference, person, identifier, provider and free text, over what the actor may see and read.

Nothing is counted or found in what is hidden: every query starts from the visible cases, and of a letter only
the versions that the actor may read are searched. The text looked for is never logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value

from mla.accounts.actors import Actor
from workflows.drafting.models import LetterShare, LetterVersion
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing
from workflows.tracking.pages import Page, keyset_page

MOST_COUNTED = 1_000
#: Characters; shorter texts match too much to help.
SHORTEST, LONGEST = 2, 200
SIZE = 25


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits of one kind, newest first. `count` is at most MOST_COUNTED."""

    page: Page[Any]
    count: int


def search_outgoing(actor: Actor, text: str, after: int | None = None) -> Found:
    """Return the requests out that hold `text` in their references, title, or a version that the actor may read."""
    cases = OutgoingRequest.objects.filter(pk__in=visible_outgoing(actor).order_by().values("pk"))
    letters = _readable(actor).filter(matches(text)).order_by().values("letter")
    hit = _named(text) | Q(letter__title__icontains=text) | Q(letter__in=letters)
    return _found(cases.filter(hit).select_related("letter__requested", "addressee__jurisdiction"), text, after)


def search_incoming(actor: Actor, text: str, after: int | None = None) -> Found:
    """Return the requests in that hold `text` in their references, title or content as received."""
    cases = IncomingRequest.objects.filter(pk__in=visible_incoming(actor).order_by().values("pk"))
    texts = IncomingRequest.objects.filter(matches(text)).order_by().values("pk")
    hit = _named(text) | Q(title__icontains=text) | Q(pk__in=texts)
    return _found(cases.filter(hit).select_related("requesting").defer("content"), text, after)


def matches(text: str) -> Func:
    """Return the condition that a row's `content` holds every word of `text`; the last word may be a beginning.

    The expression is that of the indexes drafting_version_words and lifecycle_incoming_words.
    """
    words = Func(
        F("content"),
        template="jsonb_to_tsvector('simple'::regconfig, %(expressions)s, '[\"string\"]'::jsonb)",
    )
    wanted, template = text, "websearch_to_tsquery('simple'::regconfig, %(expressions)s)"
    if text.isalnum():
        wanted, template = f"{text}:*", "to_tsquery('simple'::regconfig, %(expressions)s)"
    query = Func(Value(wanted), template=template)
    return Func(words, query, template="(%(expressions)s)", arg_joiner=" @@ ", output_field=BooleanField())


def _named(text: str) -> Q:
    return Q(reference__icontains=text) | Q(peer_reference__icontains=text)


def _readable(actor: Actor) -> QuerySet[LetterVersion]:
    """Return the versions that `visible_versions` gives for a letter, for all letters at once."""
    lodged = LetterShare.objects.filter(
        letter=OuterRef("letter"),
        authority=actor.authority_id,
        kind=LetterShare.Kind.LODGED,
        version_number=OuterRef("number"),
        ended_at=None,
    )
    own = Q(authority=actor.authority_id)
    frozen = Q(frozen_at__isnull=False) & (Q(letter__authority=actor.authority_id) | Q(Exists(lodged)))
    return LetterVersion.objects.filter(own | frozen)


def _found(rows: QuerySet[Any], text: str, after: int | None) -> Found:
    if len(text) < SHORTEST:
        return Found(Page([], None), 0)
    page = keyset_page(rows, after, SIZE)
    if after is None and page.after is None:
        return Found(page, len(page.rows))
    return Found(page, rows.order_by()[:MOST_COUNTED].count())
