"""Reading the audit: verification of the chains."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from mla.audit.models import AuditEntry, AuditHead
from mla.audit.services import GENESIS, entry_hash


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry of a chain that does not follow from the one before."""

    authority_id: int
    seq: int
    entry_id: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Verification:
    entries: int
    chains: int
    broken: Break | None

    def as_dict(self) -> dict[str, Any]:
        return {"entries": self.entries, "chains": self.chains, "broken": asdict(self.broken) if self.broken else None}


def verify_chains() -> Verification:
    """Walk every chain from its start to its head; the first break, by authority and position, is named.

    Finds an entry that was changed, is missing (in the middle or at the end) or stands elsewhere.
    """
    heads = {head.authority_id: head for head in AuditHead.objects.all()}
    chains = set(heads) | set(AuditEntry.objects.values_list("authority_id", flat=True).distinct())
    count, broken = 0, None
    for authority_id in sorted(chains):
        seen, found = _verify_chain(authority_id, heads.get(authority_id))
        count += seen
        broken = broken or found
    return Verification(entries=count, chains=len(chains), broken=broken)


@dataclass(frozen=True, slots=True)
class PartVerified:
    """A stretch of one chain: positions `first` to `last` were read; `ended` tells whether the head was reached."""

    first: int
    last: int
    head: int
    ended: bool
    broken: Break | None


def verify_part(authority_id: int, *, first: int = 1, most: int = 20_000) -> PartVerified:
    """Walk at most `most` entries of one authority's chain from position `first`, for a page that must answer soon.

    Begins at the entry before `first`, whose own content is checked against its hash; so parts that follow
    one upon the other say together what `verify_chains` says.
    """
    head = AuditHead.objects.filter(authority_id=authority_id).first()
    top = head.seq if head else 0
    expected, previous, start = first, GENESIS, first
    if first > 1:
        before = AuditEntry.objects.filter(authority_id=authority_id, seq=first - 1).first()
        if before is None or before.hash != entry_hash(before):
            why = "is missing or was changed"
            return PartVerified(
                first, first - 1, top, False, Break(authority_id, first - 1, before.pk if before else None, why)
            )
        previous = before.hash
    rows = AuditEntry.objects.filter(authority_id=authority_id, seq__gte=first).order_by("seq")[:most]
    for row in rows.iterator(chunk_size=2000):
        if why := _broken(row, expected, previous):
            return PartVerified(start, expected, top, False, Break(authority_id, expected, row.pk, why))
        expected, previous = expected + 1, row.hash
    # Entries may be added while this walks: what was the head when it began must stand in the chain.
    if expected - 1 < top and expected - start < most:
        cut = Break(authority_id, expected, None, f"the end is cut off: the head stands at {top}")
        return PartVerified(start, expected - 1, top, False, cut)
    at_head = AuditEntry.objects.filter(authority_id=authority_id, seq=top).first() if expected - 1 >= top else None
    if head is not None and at_head is not None and at_head.hash != head.hash:
        return PartVerified(start, expected - 1, top, True, Break(authority_id, top, at_head.pk, "is not the head"))
    return PartVerified(start, expected - 1, top, expected - 1 >= top, None)


def _broken(row: AuditEntry, expected: int, previous: str) -> str:
    if row.seq != expected:
        return f"position {expected} is missing or stands elsewhere: found {row.seq}"
    if row.prev_hash != previous:
        return "does not carry the hash of the entry before it"
    if row.hash != entry_hash(row):
        return "content does not match its hash: it was changed"
    return ""


def _verify_chain(authority_id: int, head: AuditHead | None) -> tuple[int, Break | None]:
    expected, previous, count = 1, GENESIS, 0
    for row in AuditEntry.objects.filter(authority_id=authority_id).order_by("id").iterator(chunk_size=2000):
        count += 1
        if why := _broken(row, expected, previous):
            return count, Break(authority_id, expected, row.pk, why)
        expected, previous = expected + 1, row.hash
    if head is None:
        return count, Break(authority_id, expected, None, "the head of the chain is missing")
    if head.seq != expected - 1 or head.hash != previous:
        return count, Break(authority_id, expected, None, f"the end is cut off: the head stands at {head.seq}")
    return count, None
