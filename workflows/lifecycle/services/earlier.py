"""Earlier requests on the receiving side: what a letter says of the one that it adds to or corrects, and our file of it."""

from __future__ import annotations

from typing import Any

from workflows.lifecycle.models import IncomingLink, IncomingRequest


def links_to_earlier(incoming: IncomingRequest, related: Any) -> list[IncomingLink]:
    """Return the links, unsaved, from a request that is being registered to those of ours that it names.

    `related`: as it came in. What does not fit is for people to read: a register refuses nothing for it. The earlier one is
    known by its content hash, else by the sender's own reference; of the same sender alone, so that nobody learns whether
    another State's request stands here.
    """
    found: dict[int, IncomingLink] = {}
    for entry in related if isinstance(related, list) else ():
        if not isinstance(entry, dict) or entry.get("kind") not in IncomingLink.Kind.values:
            continue
        ours = IncomingRequest.objects.filter(authority_id=incoming.authority_id, sender_id=incoming.sender_id)
        earlier = _by(ours, "content_hash", entry.get("sha256")) or _by(ours, "peer_reference", entry.get("reference"))
        if earlier is None and entry["kind"] == IncomingLink.Kind.FOLLOW_UP:
            # Here the sender cites what finds the data: our own reference, or that of the preservation.
            earlier = _by(ours, "reference", entry.get("reference")) or _by(
                ours, "items__preservations__peer_reference", entry.get("reference")
            )
        if earlier is not None:
            found.setdefault(earlier.pk, IncomingLink(incoming=incoming, kind=entry["kind"], earlier=earlier))
    return list(found.values())


def _by(ours: Any, name: str, value: Any) -> IncomingRequest | None:
    text = value.strip() if isinstance(value, str) else ""
    found: IncomingRequest | None = ours.filter(**{name: text}).order_by("id").first() if text else None
    return found
