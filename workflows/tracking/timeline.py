"""The timeline of a case: every act on its rows, from the audit of every chain, in order.

A case's timeline holds its own side alone: what the other State did appears as the message that said so.
Attempts that were refused are in the audit, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.audit.models import AuditEntry
from mla.reference.models import Authority
from workflows.documents.models import Document
from workflows.engine.models import OutboxJob
from workflows.exchange.models import Message, Receipt, Transmission
from workflows.lifecycle.models import OutgoingRequest, RequestedItem
from workflows.tracking import ball
from workflows.tracking.cases import Case, log_owner_id, require_sight
from workflows.tracking.labels import act_label, message_label, role_label, status_label

#: Acts on a letter that another authority of the chain may know of. The others are work on a draft.
LETTER_ACTS_BETWEEN_AUTHORITIES = ("letter.create", "letter.freeze", "letter.open_next", "letter.hand_back")


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One act. `at` is UTC; statuses are given as codes and as words; `ids` holds identifiers and hashes only."""

    seq: int
    at: datetime
    act_id: UUID
    act: str
    label: str
    kind: str
    subject: str
    #: True for the acts on the case itself, false for those on its items, documents and messages.
    on_case: bool
    who: str
    who_kind: str
    role: str
    authority_id: int | None
    authority: str
    from_status: str
    to_status: str
    from_label: str
    to_label: str
    reason_code: str
    article: str
    #: The officer's own words, may be text of a case.
    reason: str
    ids: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values, without the free text of the reason."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "act_id": str(self.act_id),
            "act": self.act,
            "label": self.label,
            "kind": self.kind,
            "subject": self.subject,
            "who": self.who,
            "who_kind": self.who_kind,
            "role": self.role,
            "authority": self.authority,
            "from": self.from_status,
            "to": self.to_status,
            "reason_code": self.reason_code,
            "article": self.article,
            "ids": self.ids,
        }


@dataclass(frozen=True, slots=True)
class _Subject:
    text: str
    ids: dict[str, Any] = field(default_factory=dict)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)


_Subjects = dict[tuple[str, str], _Subject]


def case_timeline(actor: Actor | None, case: Case) -> list[TimelineEntry]:
    """Return what happened to a case, oldest first; a fixed number of queries whatever its length.

    `actor`: must see the case; of another authority's work on the letter it learns what that authority
    handed on, not its drafting. None: the operator, who sees all of this side.

    Raises:
        AccessDenied: the actor may not see the case.
    """
    if actor is not None:
        require_sight(actor, case)
    subjects = _subjects(case)
    rows = list(_entries_of(subjects))
    codes = _codes(rows)
    found = []
    for row in rows:
        if actor is not None and _another_authoritys_draft(row, actor):
            continue
        found.append(_entry(row, subjects[row.object_type, row.object_id], case, codes))
    return found


def case_ball(case: Case, entries: Sequence[TimelineEntry]) -> list[ball.Held]:
    """Return who held the ball and for how long, from a case's timeline. Instants are UTC."""
    steps = [
        ball.Step(entry.at, entry.act, entry.to_status, entry.ids)
        for entry in entries
        if entry.kind == case.KIND and not entry.act.startswith("job.")
    ]
    if isinstance(case, OutgoingRequest):
        return ball.holders_outgoing(
            steps, originating=case.originating_id, central=case.central_id, other=case.addressee_id
        )
    return ball.holders_incoming(steps, authority=case.authority_id, sender=case.sender_id)


def _subjects(case: Case) -> _Subjects:
    """Return the rows of the case that acts are done on, by their name in the audit."""
    side = {"outgoing": case} if isinstance(case, OutgoingRequest) else {"incoming": case}
    text = _("the request out") if isinstance(case, OutgoingRequest) else _("the request in")
    found: _Subjects = {(case.KIND, str(case.public_id)): _Subject(text)}
    primary_keys: dict[str, list[int]] = {case.KIND: [case.pk]}

    def add(kind: str, pk: int, public_id: UUID, subject: _Subject) -> None:
        found[kind, str(public_id)] = subject
        primary_keys.setdefault(kind, []).append(pk)

    for item in RequestedItem.objects.filter(**side).order_by("id"):
        add("item", item.pk, item.public_id, _Subject(_("item %(key)s") % {"key": item.key}, {"item": item.key}))
    if isinstance(case, OutgoingRequest):
        add("letter", case.letter_id, case.letter.public_id, _Subject(_("the letter")))
        for document in Document.objects.filter(outgoing=case).order_by("id"):
            ids = {"document": str(document.public_id), "content_hash": document.content_hash}
            add("document", document.pk, document.public_id, _Subject(_("the document"), ids))
    _add_exchange(case, add)
    for job in OutboxJob.objects.filter(_any_of(primary_keys)).only("public_id", "event", "object_type"):
        found["job", str(job.public_id)] = _Subject(_("job for %(event)s") % {"event": job.event})
    return found


def _add_exchange(case: Case, add: Any) -> None:
    # The envelope stays in the database: the log holds megabytes.
    messages = Message.objects.filter(authority_id=log_owner_id(case), conversation_id=case.conversation_id)
    transmissions = {
        sent.message_id: sent
        for sent in Transmission.objects.filter(message__in=messages.values("pk")).select_related(None)
    }
    receipts: dict[int, dict[str, dict[str, Any]]] = {}
    for receipt in Receipt.objects.filter(transmission__in=list(transmissions.values())).order_by("id"):
        kept = {"receipt": f"{receipt.kind} {receipt.pk}"} | {
            name: value for name, value in receipt.content.items() if name in {"channel", "sha256"}
        }
        receipts.setdefault(receipt.transmission_id, {})[receipt.kind] = kept
    for message in messages.defer("envelope").order_by("id"):
        words = {"type": message_label(message.type), "number": message.seq}
        outward = message.direction == Message.Direction.OUT
        text = _("message %(number)s out, %(type)s") if outward else _("message %(number)s in, %(type)s")
        ids = {"message": str(message.message_id), "hash": message.hash}
        add("message", message.pk, message.public_id, _Subject(text % words, ids))
        sent = transmissions.get(message.pk)
        if sent is not None:
            add(
                "transmission",
                sent.pk,
                sent.public_id,
                _Subject(text % words, ids | {"channel": sent.channel}, receipts.get(sent.pk, {})),
            )


def _any_of(primary_keys: dict[str, list[int]]) -> Q:
    wanted = Q()
    for kind, keys in primary_keys.items():
        wanted |= Q(object_type=kind, object_id__in=keys)
    return wanted


def _entries_of(subjects: _Subjects) -> Any:
    by_kind: dict[str, list[str]] = {}
    for kind, public_id in subjects:
        by_kind.setdefault(kind, []).append(public_id)
    wanted = Q()
    for kind, public_ids in by_kind.items():
        wanted |= Q(object_type=kind, object_id__in=public_ids)
    return AuditEntry.objects.filter(wanted, outcome=AuditEntry.Outcome.DONE).order_by("id")


def _codes(rows: Sequence[AuditEntry]) -> dict[int, str]:
    ids = {row.actor_authority_id for row in rows if row.actor_authority_id}
    return dict(Authority.objects.filter(pk__in=ids).values_list("pk", "code"))


def _another_authoritys_draft(row: AuditEntry, actor: Actor) -> bool:
    return (
        row.object_type == "letter"
        and row.actor_authority_id != actor.authority_id
        and row.act not in LETTER_ACTS_BETWEEN_AUTHORITIES
    )


#: The step of a transmission that an act records, by which its receipt is found.
_RECEIPT_OF = {"submit": "submitted", "deliver": "delivered", "retrieve": "retrieved", "reject": "rejected"}


def _entry(row: AuditEntry, subject: _Subject, case: Case, codes: dict[int, str]) -> TimelineEntry:
    receipt = subject.receipts.get(_RECEIPT_OF.get(row.act.partition(".")[2], ""), {})
    return TimelineEntry(
        seq=row.pk,
        at=row.at.astimezone(UTC),
        act_id=row.act_id,
        act=row.act,
        label=act_label(row.act),
        kind=row.object_type,
        subject=subject.text,
        on_case=row.object_type == case.KIND,
        who=row.actor_label,
        who_kind=row.actor_kind,
        role=role_label(row.actor_role),
        authority_id=row.actor_authority_id,
        authority=codes.get(row.actor_authority_id or 0, ""),
        from_status=row.from_status,
        to_status=row.to_status,
        from_label=status_label(row.object_type, row.from_status),
        to_label=status_label(row.object_type, row.to_status),
        reason_code=row.reason_code,
        article=row.article,
        reason=row.reason,
        ids=subject.ids | receipt | dict(row.detail),
    )


def parties_of(case: Case) -> dict[int, str]:
    """Return the codes of the authorities that can hold a case, by their identity. One query."""
    if isinstance(case, OutgoingRequest):
        ids = [case.originating_id, case.central_id, case.addressee_id]
    else:
        ids = [case.authority_id, case.sender_id, case.executing_id]
    return dict(Authority.objects.filter(pk__in=[pk for pk in ids if pk is not None]).values_list("pk", "code"))
