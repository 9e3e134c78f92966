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


def _verify_chain(authority_id: int, head: AuditHead | None) -> tuple[int, Break | None]:
    expected, previous, count = 1, GENESIS, 0
    for row in AuditEntry.objects.filter(authority_id=authority_id).order_by("id").iterator(chunk_size=2000):
        count += 1
        why = ""
        if row.seq != expected:
            why = f"position {expected} is missing or stands elsewhere: found {row.seq}"
        elif row.prev_hash != previous:
            why = "does not carry the hash of the entry before it"
        elif row.hash != entry_hash(row):
            why = "content does not match its hash: it was changed"
        if why:
            return count, Break(authority_id, expected, row.pk, why)
        expected, previous = expected + 1, row.hash
    if head is None:
        return count, Break(authority_id, expected, None, "the head of the chain is missing")
    if head.seq != expected - 1 or head.hash != previous:
        return count, Break(authority_id, expected, None, f"the end is cut off: the head stands at {head.seq}")
    return count, None
