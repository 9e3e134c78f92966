"""Writing the keys of likeness anew: for cases that are older than the table, and after the secret key was changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.lifecycle.alike import Trait, digest_of, traits_of_letter, traits_of_received

_AT_ONCE = 100


def keys_fill(*, incoming: Any, outgoing: Any, versions: Any, keys: Any) -> int:
    """Write the missing keys of all cases; return how many were looked at. The arguments are the four models.

    As models they come from a migration too, where they know no methods of ours.
    """
    looked_at = 0
    for rows in _by_hundreds(incoming.objects.select_related("requesting")):
        found = [_key(keys, "incoming", row, row.received_at, trait) for row in rows for trait in _traits_in(row)]
        keys.objects.bulk_create(found, ignore_conflicts=True)
        looked_at += len(rows)
    for rows in _by_hundreds(outgoing.objects.exclude(submitted_at=None)):
        frozen = _frozen(versions, rows)
        found = [
            _key(keys, "outgoing", row, row.submitted_at, trait)
            for row in rows
            for trait in traits_of_letter(*frozen.get(row.letter_id, ({}, "")))
        ]
        keys.objects.bulk_create(found, ignore_conflicts=True)
        looked_at += len(rows)
    return looked_at


def _by_hundreds(rows: Any) -> Iterator[list[Any]]:
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        yield found
        last = found[-1].pk


def _traits_in(row: Any) -> list[Trait]:
    hashed = row.content_hash if row.channel == "local" else ""
    return traits_of_letter(row.content, hashed) + traits_of_received(
        state=row.requesting.code, peer_reference=row.peer_reference, file_sha256=row.letter_sha256
    )


def _frozen(versions: Any, rows: list[Any]) -> dict[int, tuple[Any, str]]:
    """Return content and hash of the last frozen version of each letter."""
    found = versions.objects.filter(letter__in=[row.letter_id for row in rows], frozen_at__isnull=False)
    return {
        letter: (content, digest)
        for letter, content, digest in found.order_by("number").values_list("letter_id", "content", "content_hash")
    }


def _key(keys: Any, side: str, row: Any, at: Any, trait: Trait) -> Any:
    digest = digest_of(trait, authority_id=row.authority_id, direction=side)
    return keys(authority_id=row.authority_id, kind=trait[0], digest=digest, at=at, **{f"{side}_id": row.pk})
