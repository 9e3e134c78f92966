"""record(): the one door into the audit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from mla.audit.models import AuditEntry, AuditHead
from mla.core import clock
from mla.core.canonical import canonical_bytes
from mla.core.ids import uuid7

#: First key of the advisory locks that serialise each authority's chain.
CHAIN_LOCK = 4201
GENESIS = "0" * 64

#: The fields an entry's hash covers, with the hash of the entry before it.
_HASHED = (
    "public_id authority_id seq act_id act outcome actor_kind actor_id actor_label actor_role actor_authority_id "
    "object_type object_id object_version from_status to_status reason_code reason article detail prev_hash"
).split()


@dataclass(frozen=True, slots=True)
class Who:
    """Who acted, as values: kind is user, system or peer."""

    kind: str
    id: str
    label: str
    role: str = ""
    authority_id: int | None = None


@dataclass(frozen=True, slots=True)
class What:
    """The object of an act, as values."""

    type: str
    id: str
    version: int | None = None
    from_status: str = ""
    to_status: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    code: str = ""
    text: str = ""
    article: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What `record` writes. `detail` holds identifiers and hashes, never text of a case."""

    authority_id: int
    act: str
    by: Who
    on: What
    why: Why = field(default_factory=Why)
    act_id: UUID | None = None
    outcome: str = AuditEntry.Outcome.DONE
    detail: Mapping[str, Any] = field(default_factory=dict)


def record(entry: Entry) -> AuditEntry:
    """Append `entry` to its authority's chain, inside the caller's transaction.

    Takes the chain's advisory lock, held to the end of the transaction: call it last. Called by
    the engine for acts and by the recorder of refusals.

    Raises:
        TransactionManagementError: outside a transaction, where the entry could outlive the act.
    """
    row: AuditEntry = _following(entry, _chain_end(entry.authority_id), clock.now())
    row.save(force_insert=True)
    return row


def record_all(entries: Sequence[Entry]) -> None:
    """Append entries of one chain in their order, under one lock. As `record`, for acts that change thousands of rows."""
    if not entries:
        return
    (authority_id,) = {entry.authority_id for entry in entries}
    seq, last = _chain_end(authority_id)
    rows = []
    for entry in entries:
        row = _following(entry, (seq, last), clock.now())
        seq, last = row.seq, row.hash
        rows.append(row)
    AuditEntry.objects.bulk_create(rows, batch_size=500)


def _chain_end(authority_id: int) -> tuple[int, str]:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an audit entry is written in the transaction of its act")
    head = _locked_head(authority_id)
    return (head.seq, head.hash) if head else (0, GENESIS)


def _following(entry: Entry, end: tuple[int, str], at: datetime) -> AuditEntry:
    """Return the entry that follows the end of a chain (position and hash), unsaved."""
    row = AuditEntry(
        authority_id=entry.authority_id,
        seq=end[0] + 1,
        at=at,
        act_id=entry.act_id or uuid7(),
        act=entry.act,
        outcome=entry.outcome,
        actor_kind=entry.by.kind,
        actor_id=entry.by.id,
        actor_label=entry.by.label[:200],
        actor_role=entry.by.role,
        actor_authority_id=entry.by.authority_id,
        object_type=entry.on.type,
        object_id=entry.on.id,
        object_version=entry.on.version,
        from_status=entry.on.from_status,
        to_status=entry.on.to_status,
        reason_code=entry.why.code,
        reason=entry.why.text,
        article=entry.why.article,
        detail=dict(entry.detail),
        prev_hash=end[1],
    )
    row.hash = entry_hash(row)
    return row


def _locked_head(authority_id: int) -> AuditHead | None:
    """Lock the chain of an authority and return its last link as it stands then: two statements on one way.

    Two, so that the second is told what was written while the first waited.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, %s);"
            " select authority_id, seq, hash from audit_audithead where authority_id = %s",
            [CHAIN_LOCK, authority_id, authority_id],
        )
        cursor.nextset()
        found = cursor.fetchone()
    return AuditHead(*found) if found else None


def entry_hash(row: AuditEntry) -> str:
    """Return the hash that `row` must carry: over its fields and the hash of the entry before."""
    value = {name: _value(getattr(row, name)) for name in _HASHED} | {"at": row.at.isoformat()}
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def _value(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
