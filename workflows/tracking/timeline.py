"""The timeline of a case: every act on its rows, from the audit of every chain, in order.

A case's timeline holds its own side alone: what the other State did appears as the message that said so.
Attempts that were refused are in the audit, not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.audit.models import AuditEntry
from mla.reference.models import Authority
from workflows.documents.models import CaseDocument, Document
from workflows.documents.selectors import visible_case_documents
from workflows.engine.models import OutboxJob
from workflows.exchange.models import Message, Receipt
from workflows.lifecycle.models import OutgoingRequest, RequestedItem
from workflows.lifecycle.models.short import ShortMachine
from workflows.lifecycle.short import short_rows
from workflows.tracking import ball
from workflows.tracking.cases import Case, log_owner_id, require_sight
from workflows.tracking.labels import act_label, message_label, role_label, status_label

#: Not an act on the case: that somebody read it, with the purpose.
OPENED = "access.purpose"
#: Acts on a letter that another authority of the chain may know of. The others are work on a draft.
LETTER_ACTS_BETWEEN_AUTHORITIES = (
    "letter.create", "letter.reopen", "letter.import", "letter.freeze", "letter.open_next", "letter.hand_back",
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class CaseRows:
    """The rows of one side of a case on which acts are done, in the order in which they came into being."""

    items: list[RequestedItem]
    documents: list[Document]
    #: Without their envelopes; each with its transmission where there is one.
    messages: list[Message]
    #: By identity of the transmission.
    receipts: dict[int, list[Receipt]]
    jobs: list[OutboxJob]
    #: Documents beside the letter, without their content.
    beside: list[CaseDocument]
    #: The further course of items that have one.
    short: list[ShortMachine]


def case_rows(case: Case, *, actor: Actor | None = None, with_jobs: bool = True) -> CaseRows:
    """Return the rows of a case; five queries, one more with jobs, one less for a request in,
    one more for each short machine that its items have. Access is checked before.

    `actor`: sees those documents beside the letter that are for such eyes; None: all of them.
    """
    side = {"outgoing": case} if isinstance(case, OutgoingRequest) else {"incoming": case}
    read = "items" in getattr(case, "_prefetched_objects_cache", {})
    items = list(case.items.all() if read else RequestedItem.objects.filter(**side).order_by("id"))
    documents = list(Document.objects.filter(outgoing=case).order_by("id")) if isinstance(case, OutgoingRequest) else []
    around = CaseDocument.objects.all() if actor is None else visible_case_documents(actor)
    beside = list(around.filter(**side).defer("content", "frame").order_by("id"))
    # The envelope stays in the database: the log holds megabytes.
    log = Message.objects.filter(authority_id=log_owner_id(case), conversation_id=case.conversation_id)
    messages = list(log.defer("envelope").select_related("transmission").order_by("id"))
    receipts: dict[int, list[Receipt]] = {}
    sent = [row.transmission.pk for row in messages if hasattr(row, "transmission")]
    for receipt in Receipt.objects.filter(transmission__in=sent).order_by("id"):
        receipts.setdefault(receipt.transmission_id, []).append(receipt)
    rows = CaseRows(items, documents, messages, receipts, [], beside, short_rows(items))
    if not with_jobs:
        return rows
    keys: dict[str, list[int]] = {}
    for kind, pk, _public_id in _objects(case, rows):
        keys.setdefault(kind, []).append(pk)
    jobs = OutboxJob.objects.filter(_any_of(keys)).only("public_id", "event", "object_type")
    return replace(rows, jobs=list(jobs))


def case_timeline(
    actor: Actor | None,
    case: Case,
    rows: CaseRows | None = None,
    codes: dict[int, str] | None = None,
) -> list[TimelineEntry]:
    """Return what happened to a case, oldest first; a fixed number of queries whatever its length.

    `actor`: must see the case; of another authority's work on the letter it learns what that authority
    handed on, not its drafting. None: the operator, who sees all of this side. `rows`: read before, with
    the case, by a caller that has checked access; `codes`: of authorities by identity, known to it already.

    Raises:
        AccessDenied: the actor may not see the case.
    """
    if actor is not None and rows is None:
        require_sight(actor, case)
    subjects = _subjects(case, rows or case_rows(case, actor=actor))
    entries = list(_entries_of(subjects))
    codes = _codes(entries, codes or {})
    found = []
    for row in entries:
        if actor is not None and _another_authoritys_draft(row, actor):
            continue
        found.append(_entry(row, subjects[row.object_type, row.object_id], case, codes))
    return found


#: Rows beside a case whose acts say who must act next.
_SAYING = ("emergency_out", "emergency_in", "preservation_out", "preservation_in")


def case_ball(case: Case, entries: Sequence[TimelineEntry]) -> list[ball.Held]:
    """Return who held the ball and for how long, from a case's timeline. Instants are UTC."""
    steps = [
        ball.Step(entry.at, entry.act, entry.to_status if entry.kind == case.KIND else "", entry.ids)
        for entry in entries
        if entry.kind in (case.KIND, *_SAYING) and not entry.act.startswith("job.")
    ]
    if isinstance(case, OutgoingRequest):
        return ball.holders_outgoing(
            steps, originating=case.originating_id, central=case.central_id, other=case.addressee_id
        )
    return ball.holders_incoming(steps, authority=case.authority_id, sender=case.sender_id)


def _objects(case: Case, rows: CaseRows) -> Iterator[tuple[str, int, UUID]]:
    """Yield kind and both identities of every row of the case."""
    yield case.KIND, case.pk, case.public_id
    if isinstance(case, OutgoingRequest):
        yield "letter", case.letter_id, case.letter.public_id
    for row in (*rows.items, *rows.short, *rows.documents, *rows.beside, *rows.messages):
        yield row.KIND, row.pk, row.public_id
        if isinstance(row, Message) and hasattr(row, "transmission"):
            yield "transmission", row.transmission.pk, row.transmission.public_id


def _subjects(case: Case, rows: CaseRows) -> _Subjects:
    """Return what the rows of the case are called, by their name in the audit."""
    text = _("the request out") if isinstance(case, OutgoingRequest) else _("the request in")
    found: _Subjects = {(case.KIND, str(case.public_id)): _Subject(text)}
    if isinstance(case, OutgoingRequest):
        found["letter", str(case.letter.public_id)] = _Subject(_("the letter"))
    for item in rows.items:
        found["item", str(item.public_id)] = _Subject(_("item %(key)s") % {"key": item.key}, {"item": item.key})
    for short in rows.short:
        words = {"what": short.what, "key": short.item.key}
        found[short.KIND, str(short.public_id)] = _Subject(
            _("%(what)s, item %(key)s") % words, {"item": short.item.key}
        )
    for document in rows.documents:
        ids = {"document": str(document.public_id), "content_hash": document.content_hash}
        found["document", str(document.public_id)] = _Subject(_("the document"), ids)
    for one in rows.beside:
        ids = {"document": str(one.public_id), "content_hash": one.content_hash}
        text = _("%(name)s, %(part)s") % {"name": one.name, "part": one.part} if one.part else one.name
        found[one.KIND, str(one.public_id)] = _Subject(text, ids)
    for message in rows.messages:
        _add_message(message, rows, found)
    for job in rows.jobs:
        found["job", str(job.public_id)] = _Subject(_("job for %(event)s") % {"event": job.event})
    return found


def _add_message(message: Message, rows: CaseRows, found: _Subjects) -> None:
    words = {"type": message_label(message.type), "number": message.seq}
    outward = message.direction == Message.Direction.OUT
    text = (_("message %(number)s out, %(type)s") if outward else _("message %(number)s in, %(type)s")) % words
    ids = {"message": str(message.message_id), "hash": message.hash}
    found["message", str(message.public_id)] = _Subject(text, ids)
    sent = getattr(message, "transmission", None)
    if sent is not None:
        receipts = {
            receipt.kind: {"receipt": f"{receipt.kind} {receipt.pk}"}
            | {name: value for name, value in receipt.content.items() if name in {"channel", "sha256"}}
            for receipt in rows.receipts.get(sent.pk, [])
        }
        found["transmission", str(sent.public_id)] = _Subject(text, ids | {"channel": sent.channel}, receipts)


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
    done = AuditEntry.objects.filter(wanted, outcome=AuditEntry.Outcome.DONE)
    # Who read the case, and why, is the auditor's to read.
    return done.exclude(act=OPENED).order_by("id")


def _codes(rows: Sequence[AuditEntry], known: dict[int, str]) -> dict[int, str]:
    ids = {row.actor_authority_id for row in rows if row.actor_authority_id} - known.keys()
    return known | dict(Authority.objects.filter(pk__in=ids).values_list("pk", "code")) if ids else known


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
