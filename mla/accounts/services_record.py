"""What reading the record leaves in the record: the purpose that was stated, and each export.

Reading is no act of the capability table: an auditor changes nothing. These entries are written by the pages
that let somebody read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.audit.services import Entry, What, Why, record
from mla.core.errors import MlaError
from mla.core.text import clean

#: Characters.
SHORTEST_PURPOSE, LONGEST_PURPOSE = 8, 500


class PurposeMissing(MlaError):
    """A purpose is to be stated in a few words before this is opened."""


def purpose_state(*, by: Actor, kind: str, object_id: str, text: str) -> str:
    """Record for which purpose a person opens the record.

    Directive (EU) 2016/680, article 25: logs of consultation make it possible to establish the justification.
    Written into the chain of the person's own authority. Returns the purpose as recorded.

    Raises:
        PurposeMissing: shorter than SHORTEST_PURPOSE or longer than LONGEST_PURPOSE characters.
        TextRefused: it holds invisible characters.
    """
    said = clean(text).strip()
    if not SHORTEST_PURPOSE <= len(said) <= LONGEST_PURPOSE:
        raise PurposeMissing(
            f"say in a few words why you open this: between {SHORTEST_PURPOSE} and {LONGEST_PURPOSE} characters"
        )
    _write(by, "access.purpose", What(kind, object_id), Why(code="purpose", text=said), {})
    return said


def audit_export_record(*, by: Actor, purpose: str, detail: Mapping[str, Any]) -> AuditEntry:
    """Record an export of the record before it leaves: filters, number of rows, head of the chain, sha256.

    Raises:
        AccessDenied: the person is no auditor.
    """
    _only_auditor(by)
    return _write(by, "audit.export", What("audit", str(by.authority_id)), Why(code="purpose", text=purpose), detail)


def audit_verify_record(*, by: Actor, detail: Mapping[str, Any]) -> AuditEntry:
    """Record that the chain was verified, up to where, and whether it holds. Raises as audit_export_record."""
    _only_auditor(by)
    return _write(by, "audit.verify", What("audit", str(by.authority_id)), Why(), detail)


def _only_auditor(by: Actor) -> None:
    if by.kind != "user" or by.role != Role.AUDITOR or by.authority_id is None:
        raise AccessDenied("record", str(by.authority_id or ""), by)


def _write(by: Actor, act: str, on: What, why: Why, detail: Mapping[str, Any]) -> AuditEntry:
    with transaction.atomic():
        return record(
            Entry(authority_id=by.authority_id or 0, act=act, by=by.who(), on=on, why=why, detail=dict(detail))
        )
