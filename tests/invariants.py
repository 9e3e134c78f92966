"""What must hold after any fault: I1 to I8, as plain functions over the database of the present connection.

Each returns its violations as sentences; `assert_invariants` raises with all of them. No fixtures: a test
that kills processes calls it on a database of its own, once every process is gone and the outbox is drained.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import models

from mla.accounts.models import User
from mla.audit.models import AuditEntry
from mla.audit.selectors import verify_chains
from workflows.documents.models import CaseDocument, Document
from workflows.drafting.models import LetterEditor
from workflows.engine.machine import acts_of
from workflows.engine.models import CaseRow, OutboxJob
from workflows.engine.outbox import registered_events
from workflows.exchange.models import Message, Receipt, Transmission
from workflows.lifecycle.models import CustodyEntry, IncomingRequest, OutgoingRequest, RegisterCounter
from workflows.lifecycle.short import MACHINES

#: Events of each act, by hand. An act that is not here writes no job.
EVENTS: dict[str, str] = {
    "letter.freeze": "letter.frozen",
    "break_glass.open": "break_glass.opened",
    "outgoing.lodge": "outgoing.lodged",
    "outgoing.take_in": "outgoing.taken_in",
    "outgoing.return_to_originator": "outgoing.returned_to_originator",
    "outgoing.submit": "outgoing.submitted",
    "outgoing.return_for_changes": "outgoing.returned_for_changes",
    "outgoing.approve": "outgoing.approved",
    "outgoing.reject": "outgoing.closed",
    "outgoing.give_up": "outgoing.closed",
    "outgoing.revise": "outgoing.revised",
    "outgoing.attach_document": "outgoing.document_ready",
    "outgoing.attach_scan": "outgoing.document_ready",
    "outgoing.send": "outgoing.sent",
    "outgoing.acknowledge": "outgoing.acknowledged",
    "outgoing.note_question": "outgoing.question_noted",
    "outgoing.note_part": "outgoing.part_received",
    "outgoing.note_consultation": "outgoing.consultation_noted",
    "outgoing.note_postponement": "outgoing.postponement_noted",
    "outgoing.note_resumption": "outgoing.resumption_noted",
    "outgoing.note_originals": "outgoing.originals_noted",
    "outgoing.return_originals": "outgoing.originals_returned",
    "outgoing.note_return_waived": "outgoing.return_waived_noted",
    "outgoing.note_result": "outgoing.result_received",
    "preservation_in.preserve": "preservation_in.preserved",
    "preservation_in.find_none": "preservation_in.none_held",
    "preservation_in.refuse": "preservation_in.refused",
    "preservation_in.ask_tipping_off": "preservation_in.tipping_off",
    "preservation_in.extend": "preservation_in.extended",
    "preservation_in.refuse_extension": "preservation_in.extension_refused",
    "preservation_in.hold": "preservation_in.held",
    "preservation_in.release": "preservation_in.released",
    "preservation_in.tell_provider": "preservation_in.provider_found",
    "preservation_out.go_on": "preservation_out.went_on",
    "preservation_out.withdraw": "preservation_out.withdrawn",
    "preservation_out.ask_extension": "preservation_out.extension_asked",
    "preservation_out.release": "preservation_out.released",
    "outgoing.note_refusal": "outgoing.refused",
    "outgoing.note_return": "outgoing.returned",
    "outgoing.give_information": "outgoing.information_given",
    "outgoing.note_conditions": "outgoing.conditions_noted",
    "outgoing.accept_conditions": "outgoing.conditions_answered",
    "outgoing.decline_conditions": "outgoing.conditions_answered",
    "outgoing.answer_consultation": "outgoing.consultation_answered",
    "outgoing.withdraw": "outgoing.withdrawn",
    "outgoing.ask_status": "outgoing.wished",
    "outgoing.expedite": "outgoing.wished",
    "outgoing.no_longer_needed": "outgoing.wished",
    "outgoing.note_wish_answer": "outgoing.wish_answered",
    "outgoing.chase": "outgoing.chased",
    "outgoing.confirm_part": "outgoing.part_confirmed",
    "outgoing.confirm_evidence": "outgoing.evidence_confirmed",
    "outgoing.ask_complement": "outgoing.complement_asked",
    "outgoing.note_complement": "outgoing.complement_received",
    "outgoing.hand_over_result": "outgoing.result_handed_over",
    "outgoing.approve_provisionally": "outgoing.approved",
    "outgoing.confirm": "outgoing.confirmed",
    "outgoing.attach_confirmation": "outgoing.confirmation_ready",
    "outgoing.ask_other_use": "outgoing.other_use_asked",
    "outgoing.notify_exculpatory": "outgoing.exculpatory_notified",
    "outgoing.note_use_answer": "outgoing.use_answered",
    "outgoing.note_account_asked": "outgoing.account_asked",
    "outgoing.give_account": "outgoing.account_given",
    "outgoing.lapse": "outgoing.closed",
    "outgoing.close": "outgoing.closed",
    "case_document.make": "case_document.ordered",
    "case_document.redact": "case_document.ordered",
    "case_document.again": "case_document.ordered",
    "case_document.send": "case_document.sent",
    "translation.certify": "translation.certified",
    "incoming.receive": "incoming.received",
    "incoming.note_use_asked": "incoming.use_asked",
    "incoming.note_exculpatory": "incoming.exculpatory_noted",
    "incoming.answer_other_use": "incoming.use_answered",
    "incoming.ask_account": "incoming.account_asked",
    "incoming.note_account": "incoming.account_noted",
    "incoming.release_undertaking": "incoming.undertaking_released",
    "incoming.acknowledge": "incoming.acknowledged",
    "incoming.start_review": "incoming.progress",
    "incoming.ask_information": "incoming.information_asked",
    "incoming.receive_information": "incoming.information_received",
    "incoming.offer_conditions": "incoming.conditions_offered",
    "incoming.receive_conditions_answer": "incoming.conditions_answered",
    "incoming.consult": "incoming.consulted",
    "incoming.receive_consultation_answer": "incoming.consultation_answered",
    "incoming.postpone": "incoming.postponed",
    "incoming.resume": "incoming.resumed",
    "incoming.accept": "incoming.accepted",
    "incoming.report_items": "incoming.progress",
    "incoming.tell_progress": "incoming.progress",
    "incoming.list_originals": "incoming.originals_listed",
    "incoming.waive_return": "incoming.return_waived",
    "incoming.transmit_part": "incoming.part",
    "incoming.transmit_result": "incoming.result",
    "incoming.refuse": "incoming.refused",
    "incoming.return_defective": "incoming.returned",
    "incoming.redirect": "incoming.returned",
    "incoming.confirm_withdrawal": "incoming.withdrawal_confirmed",
    "incoming.receive_wish": "incoming.wish_received",
    "incoming.answer_wish": "incoming.wish_answered",
    "incoming.note_complement_asked": "incoming.complement_asked",
    "incoming.supply_complement": "incoming.complement_supplied",
    "mail.queue": "mail.queued",
    "emergency_in.take_up": "emergency_in.taken_up",
    "emergency_in.ask_facts": "emergency_in.facts_asked",
    "emergency_in.disclose": "emergency_in.disclosed",
    "emergency_in.decline": "emergency_in.declined",
    "emergency_in.ask_followup": "emergency_in.followup_asked",
    "emergency_out.give_facts": "emergency_out.facts_given",
    "emergency_out.regularise": "emergency_out.regularised",
    **{
        f"{kind}.{act}": f"{kind}.{event}"
        for kind in ("custody_out", "custody_in")
        for act, event in (
            ("record_consent", "consented"),
            ("record_no_consent", "not_consented"),
            ("decline", "declined"),
            ("agree_arrangements", "arranged"),
            ("record_transfer", "transferred"),
            ("record_return", "returned"),
            ("ask_extension", "extension_asked"),
            ("extend_return", "extended"),
            ("refuse_extension", "extension_refused"),
            ("release", "released"),
        )
    },
    "message.receive": "message.received",
    "message.apply": "message.applied",
    "message.refuse": "message.refused",
    "transmission.queue": "transmission.queued",
    "spontaneous_out.give": "spontaneous_out.given",
    "spontaneous_in.accept": "spontaneous_in.accepted",
    "spontaneous_in.decline": "spontaneous_in.declined",
    "spontaneous_in.use": "spontaneous_in.used",
    "team_out.propose": "team_out.proposed",
    "team_out.decline": "team_out.declined",
    "team_out.sign": "team_out.signed",
    "team_out.countersign": "team_out.signed",
    "team_out.start": "team_out.started",
    "team_out.ask_extension": "team_out.extension_asked",
    "team_out.agree_extension": "team_out.extension_answered",
    "team_out.decline_extension": "team_out.extension_answered",
    "team_out.end": "team_out.ended",
    "team_in.propose": "team_in.proposed",
    "team_in.decline": "team_in.declined",
    "team_in.sign": "team_in.signed",
    "team_in.countersign": "team_in.signed",
    "team_in.start": "team_in.started",
    "team_in.ask_extension": "team_in.extension_asked",
    "team_in.agree_extension": "team_in.extension_answered",
    "team_in.decline_extension": "team_in.extension_answered",
    "team_in.end": "team_in.ended",
}
#: Acts by which a case that ran elsewhere begins here at the status where it stood, and no other act does.
BEGINS_LATER = {"letter.import", "outgoing.import", "incoming.import", "item.import"}
#: Acts of the other State, or of the letter itself, that bring a row at a status of its own.
BEGINS_AT = {
    ("spontaneous_out.create", "sent"), ("spontaneous_in.create", "sent"), ("case_document.receive", "ready"),
}  # fmt: skip
#: A number of a register of this house. What an earlier register called a case otherwise is none of ours.
OWN_FORM = re.compile(r"[A-Z0-9_-]+/(?:in|out)/[0-9]{4}/[0-9]{5,}")
LOCAL = "local"
#: Statuses of a transmission whose message the peer's log has.
ARRIVED = {"delivered", "retrieved", "rejected", "failed"}


def assert_invariants(
    *,
    drained: bool = True,
    secrets: Collection[str] = (),
    peers: Collection[int] = (),
    redis: Any = None,
    lines: Iterable[str] = (),
) -> None:
    """Raise AssertionError naming every violation of I1 to I8.

    `drained`: no job is expected to be open and no local message to be under way. `secrets`: text of a draft
    that the authorities `peers` (their keys) must not hold, nor the Redis server of the client `redis`, nor
    `lines` of logs and mails.
    """
    wrong = [*i1_acts_entries_jobs(), *i3_effects_once(), *i4_logs_equal(drained=drained), *i5_no_status_skipped()]
    wrong += [*i6_approver_is_no_author(), *i7_chains_verify()]
    if drained:
        wrong += i2_jobs_done_or_parked()
    if secrets:
        wrong += i8_no_draft_text(secrets=secrets, peers=peers, redis=redis, lines=lines)
    assert not wrong, f"{len(wrong)} violations:\n" + "\n".join(wrong[:200])


def i1_acts_entries_jobs() -> list[str]:
    """Versions 1..n of each row <=> its audit entries <=> the jobs for its events."""
    wrong = []
    rows = _rows()
    entries = _entries()
    for key, (row, _pk) in rows.items():
        versions = [entry.object_version for entry in entries.get(key, [])]
        if versions != list(range(1, row.version + 1)):
            wrong.append(f"I1 {key} stands at version {row.version}, its entries say {versions}")
    wrong += [f"I1 entries without a row: {key}" for key in entries.keys() - rows.keys()]
    handlers = registered_events()
    wanted: Counter[tuple[Any, ...]] = Counter(
        (entry.act_id, EVENTS[entry.act], handler, key[0], rows[key][1])
        for key, found in entries.items()
        if key in rows
        for entry in found
        if entry.act in EVENTS
        for handler in handlers.get(EVENTS[entry.act], [])
    )
    for act_id, event, kind, public_id in _ordered_again():
        pk = rows[kind, public_id][1]
        wanted.update((act_id, event, handler, kind, pk) for handler in handlers.get(event, []))
    there = Counter(OutboxJob.objects.values_list("act_id", "event", "handler", "object_type", "object_id"))
    wrong += [f"I1 an act without its job: {job[1:]} ({count} too few)" for job, count in (wanted - there).items()]
    wrong += [f"I1 a job without its act: {job[1:]} ({count} too many)" for job, count in (there - wanted).items()]
    return wrong


def i2_jobs_done_or_parked() -> list[str]:
    open_jobs = OutboxJob.objects.exclude(status__in=["done", "parked", "skipped"])
    return [f"I2 {job.pk} {job} after {job.attempts} attempts: {job.last_error}" for job in open_jobs]


def i3_effects_once() -> list[str]:
    """One message an event, one transmission a message, one step of custody and transport, one number a case."""
    wrong = []
    for model in (OutgoingRequest, IncomingRequest):
        done = Counter(
            OutboxJob.objects.filter(handler="exchange.write", status="done", object_type=model.KIND).values_list(
                "object_id", flat=True
            )
        )
        sent = OutboxJob.objects.filter(handler="exchange.write", status="done", object_type=CaseDocument.KIND)
        done.update(
            CaseDocument.objects.filter(
                pk__in=sent.values("object_id"), **{f"{model.KIND}__isnull": False}
            ).values_list(model.KIND, flat=True)
        )
        done.update(_told_by_short_machines(model))
        written = Counter(
            Message.objects.filter(direction="out").values_list("authority_id", "conversation_id").order_by()
        )
        for pk, authority_id, conversation in model._default_manager.values_list(
            "pk", "authority_id", "conversation_id"
        ):
            if done[pk] != written[authority_id, conversation]:
                wrong.append(
                    f"I3 {model.KIND} {pk}: {done[pk]} messages were to be written, "
                    f"{written[authority_id, conversation]} were"
                )
    for message in Message.objects.filter(direction="out", transmission=None):
        wrong.append(f"I3 message {message.pk} has no transmission")
    steps = Counter(Receipt.objects.filter(transmission__channel=LOCAL).values_list("transmission_id", "kind"))
    wrong += [f"I3 {count} receipts “{kind}” of transmission {pk}" for (pk, kind), count in steps.items() if count > 1]
    once = [CustodyEntry.Step.ADDED, CustodyEntry.Step.SENT, CustodyEntry.Step.RECEIVED]
    custody = Counter(CustodyEntry.objects.filter(step__in=once).values_list("evidence_id", "step"))
    wrong += [f"I3 evidence {pk} was {step} {count} times" for (pk, step), count in custody.items() if count > 1]
    for document in Document.objects.filter(status="ready").select_related("outgoing"):
        case = document.outgoing
        if document.letter_version_id == case.approved_version_id and case.document_sha256 != document.sha256:
            wrong.append(f"I3 the PDF of {case} is not the one in its file")
    return wrong + _gaps()


def _told_by_short_machines(model: type[models.Model]) -> Iterable[int]:
    """Return for each message that a short machine had to write the case it is of."""
    for machine in MACHINES:
        if machine.SIDE == model.KIND:  # type: ignore[attr-defined]
            cases = dict(machine._default_manager.values_list("pk", f"item__{machine.SIDE}"))
            jobs = OutboxJob.objects.filter(handler="exchange.write", status="done", object_type=machine.KIND)
            yield from (cases[pk] for pk in jobs.values_list("object_id", flat=True))


def _gaps() -> list[str]:
    used: dict[tuple[str, ...], list[int]] = defaultdict(list)
    #: Up to which number an earlier register is taken over: what it left free stays free.
    brought: dict[tuple[str, ...], int] = defaultdict(int)
    for model in (OutgoingRequest, IncomingRequest):
        rows = model._default_manager.exclude(reference="")
        for reference, taken_over in rows.values_list("reference", "taken_over"):
            if taken_over and not OWN_FORM.fullmatch(reference):
                continue
            *register, number = reference.split("/")
            used[tuple(register)].append(int(number))
            if taken_over:
                brought[tuple(register)] = max(brought[tuple(register)], int(number))
    wrong = []
    for counter in RegisterCounter.objects.select_related("authority"):
        name = (counter.authority.code.upper(), counter.stream, str(counter.year))
        numbers, from_here = sorted(used.pop(name, [])), brought[name] + 1
        ours = [number for number in numbers if number >= from_here]
        if ours != list(range(from_here, counter.last + 1)) or len(set(numbers)) != len(numbers):
            wrong.append(f"I3 the register {'/'.join(name)} has gaps or doubles below {counter.last}")
    return wrong + [f"I3 numbers of no register: {'/'.join(name)}" for name in used]


def i4_logs_equal(*, drained: bool = True) -> list[str]:
    """Neither side's log holds a message on the local channel that the other's lacks, and the bytes are equal."""
    wrong = []
    received = {
        (row.authority_id, row.message_id): row for row in Message.objects.filter(direction="in").defer("envelope")
    }
    for sent in Transmission.objects.filter(channel=LOCAL).select_related("message"):
        message = sent.message
        there = received.pop((message.peer_id, message.message_id), None)
        name = f"message {message.message_id} ({message.type})"
        if there is not None and (there.hash, there.peer_id) != (message.hash, message.authority_id):
            wrong.append(f"I4 {name} has other bytes at the receiver")
        if (there is not None) != (sent.status in ARRIVED):
            wrong.append(f"I4 {name} is {sent.status}, but the receiver {'has' if there else 'lacks'} it")
        if drained and sent.status not in {"retrieved", "rejected", "parked"}:
            wrong.append(f"I4 {name} is still {sent.status}")
    hosted = set(Transmission.objects.filter(channel=LOCAL).values_list("authority_id", flat=True))
    wrong += [
        f"I4 message {row.message_id} was received from {row.peer_id}, whose log lacks it"
        for row in received.values()
        if row.peer_id in hosted
    ]
    if drained:
        held = Message.objects.filter(status__in=["received", "held"])
        wrong += [f"I4 message {row.message_id} is still {row.status}" for row in held.defer("envelope")]
    return wrong


def i5_no_status_skipped() -> list[str]:
    """Each entry starts where the one before ended, by an act that leads there, one version further."""
    wrong = []
    rows = _rows()
    moves: dict[str, set[tuple[str, str, str]]] = {
        model.KIND: {
            (f"{model.KIND}.{name}", str(found.source), str(found.target or found.source))
            for name, transitions in acts_of(model).items()
            for found in transitions
        }
        for model in _case_models()
    }
    begins = {model.KIND: _first_statuses(model) for model in _case_models()}
    for key, entries in _entries().items():
        status, version = "", 0
        for entry in entries:
            if entry.from_status != status:
                wrong.append(f"I5 {key}: {entry.act} started from {entry.from_status!r}, it stood at {status!r}")
            if entry.object_version != version + 1:
                wrong.append(f"I5 {key}: version {entry.object_version} after {version}")
            first = entry.to_status in begins[key[0]] or (entry.act, entry.to_status) in BEGINS_AT
            if not version and not first and entry.act not in BEGINS_LATER:
                wrong.append(f"I5 {key}: {entry.act} began it at {entry.to_status}")
            if version and (entry.act, entry.from_status, entry.to_status) not in moves[key[0]]:
                wrong.append(f"I5 {key}: no {entry.act} leads from {entry.from_status} to {entry.to_status}")
            status, version = entry.to_status, entry.object_version
        if key in rows and rows[key][0].status != status:  # type: ignore[attr-defined]
            wrong.append(f"I5 {key} stands at {rows[key][0].status}, its last entry says {status}")  # type: ignore[attr-defined]
    return wrong


def _first_statuses(model: type[CaseRow]) -> set[str]:
    """Return where a row begins that has no past: at the machine's first status; without one, where no act leads."""
    field: Any = model._meta.get_field("status")  # type: ignore[misc]
    if first := str(field.get_default() or ""):
        return {first}
    led_to = {str(found.target) for rows in acts_of(model).values() for found in rows if found.target}
    return {str(value) for value, _label in field.choices} - led_to


def i6_approver_is_no_author() -> list[str]:
    wrong = []
    letters = {str(public): letter for public, letter in OutgoingRequest.objects.values_list("public_id", "letter_id")}
    people = {str(public): pk for public, pk in User.objects.values_list("public_id", "pk")}
    wrote = set(LetterEditor.objects.values_list("version__letter_id", "version__number", "user_id"))
    for entry in AuditEntry.objects.filter(act="outgoing.approve", outcome="done"):
        letter, number = letters.get(entry.object_id), entry.detail.get("version")
        person = people.get(entry.actor_id)
        if person is None or any((letter, earlier, person) in wrote for earlier in range(1, int(number or 0) + 1)):
            wrong.append(f"I6 version {number} of letter {letter} was approved by {entry.actor_label}, who wrote on it")
    for case in OutgoingRequest.objects.exclude(approved_version=None):
        if (case.letter_id, case.approved_version.number, case.approved_by_id) in wrote:  # type: ignore[union-attr]
            wrong.append(f"I6 {case} stands approved by one of its authors")
    return wrong


def i7_chains_verify() -> list[str]:
    broken = verify_chains().broken
    return [f"I7 chain {broken.authority_id} is broken at {broken.seq}: {broken.why}"] if broken else []


def i8_no_draft_text(
    *, secrets: Collection[str], peers: Collection[int], redis: Any = None, lines: Iterable[str] = ()
) -> list[str]:
    """No text of a draft in a row of a peer, in a job, a Redis value, a line of a log or a mail."""
    found = re.compile("|".join(re.escape(secret) for secret in secrets))
    wrong = []
    for model in apps.get_models():
        if not model.__module__.startswith("workflows."):
            continue
        path = _owner_path(model)
        if path:
            rows = model._default_manager.filter(**{f"{path}__in": list(peers)})
            wrong += [f"I8 {model._meta.label} {row.pk} holds text of a draft" for row in _holding(rows, found)]
    wrong += [f"I8 job {job.pk} holds text of a case" for job in _holding(OutboxJob.objects.all(), found)]
    chains = AuditEntry.objects.filter(authority_id__in=list(peers))
    wrong += [f"I8 entry {entry.pk} holds text of a draft" for entry in _holding(chains, found)]
    wrong += [f"I8 Redis key {key} holds text of a case" for key, value in _redis(redis) if found.search(value)]
    wrong += [f"I8 line {number} holds text of a case" for number, line in enumerate(lines, 1) if found.search(line)]
    return wrong


# --- reading ---


def _case_models() -> list[type[CaseRow]]:
    return [model for model in apps.get_models() if issubclass(model, CaseRow)]


def _rows() -> dict[tuple[str, str], tuple[CaseRow, int]]:
    return {
        (model.KIND, str(row.public_id)): (row, row.pk)
        for model in _case_models()
        for row in model._default_manager.all()
    }


def _entries() -> dict[tuple[str, str], list[AuditEntry]]:
    kinds = [model.KIND for model in _case_models()]
    found: dict[tuple[str, str], list[AuditEntry]] = defaultdict(list)
    of_rows = AuditEntry.objects.filter(outcome="done", object_type__in=kinds).exclude(act__startswith="job.")
    for entry in of_rows.order_by("object_version", "id"):
        found[entry.object_type, entry.object_id].append(entry)
    return found


def _ordered_again() -> Iterator[tuple[Any, str, str, str]]:
    """Yield (act, event, kind, public identifier) of effects that reconciliation ordered anew."""
    for entry in AuditEntry.objects.filter(act="job.enqueue_again", outcome="done"):
        yield entry.act_id, entry.detail["event"], entry.object_type, entry.object_id


def _owner_path(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> str:
    """Return the way of keys from a row to its authority; empty where it has none."""
    for field in model._meta.fields:
        target = field.related_model
        if not isinstance(target, type) or field.null or target in seen:
            continue
        if field.name == "authority":
            return "authority"
        if target.__module__.startswith("workflows.") and (rest := _owner_path(target, seen | {model})):
            return f"{field.name}__{rest}"
    return ""


def _holding(rows: Any, found: re.Pattern[str]) -> Iterator[Any]:
    for row in rows.iterator(chunk_size=500):
        for field in row._meta.concrete_fields:
            if found.search(_text(getattr(row, field.attname))):
                yield row
                break


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _redis(client: Any) -> Iterator[tuple[str, str]]:
    if client is None:
        return
    read = {
        "string": client.get,
        "hash": client.hgetall,
        "set": client.smembers,
        "list": lambda key: client.lrange(key, 0, -1),
        "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        "stream": lambda key: client.xrange(key),
    }
    for key in client.scan_iter("*"):
        kind = _text(client.type(key))
        value = read[kind](key) if kind in read else ""
        yield _text(key), f"{_text(key)} {_decoded(value)}"


def _decoded(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{_decoded(key)} {_decoded(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(_decoded(inner) for inner in value)
    return _text(value)
