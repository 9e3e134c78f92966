"""The report of a demonstration, for a person and for a machine."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from mla.audit.models import AuditEntry
from mla.core.files import file_read
from mla.settings.env import BASE_DIR
from workflows.demo.case import DemoCase
from workflows.documents.signing_keys import signing_config
from workflows.documents.verifying import ATTACHMENT, TRANSLATION, document_check
from workflows.drafting.letterfile import Side
from workflows.engine.models import CaseRow
from workflows.exchange.models import Message
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.tracking.labels import message_label

FOLDER = BASE_DIR / "var" / "demo"


def write_report(cases: Sequence[DemoCase], stories: Sequence[DemoCase] = (), *, folder: Path = FOLDER) -> Path:
    """Write report.json and every letter's PDF; paths in it are relative to the repository."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {"cases": [_row(case, folder) for case in cases], "stories": [_story(case, folder) for case in stories]}
    path = folder / "report.json"
    path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    return path


def course_of(case: DemoCase) -> list[str]:
    """Return the course of a case as two lines: each side's statuses, with the seconds at which they were reached."""
    began = case.out.created_at
    lines = []
    sides: tuple[tuple[Side, CaseRow], ...] = (
        (case.letter.requesting, case.out),
        (case.letter.requested, case.into),
    )
    for side, row in sides:
        entries = AuditEntry.objects.filter(object_type=row.KIND, object_id=str(row.public_id), outcome="done")
        reached: dict[str, float] = {}
        for to_status, at in entries.order_by("id").values_list("to_status", "at"):
            reached.setdefault(to_status, (at - began).total_seconds())
        steps = " > ".join(f"{status.replace('_', ' ')} {seconds:.1f}" for status, seconds in reached.items())
        lines.append(f"{side.jurisdiction}  {steps}")
    return lines


@dataclass(frozen=True, slots=True)
class Told:
    """One message of a case, and where both sides stood once it was taken in. `at` (UTC): when it was written."""

    at: dt.datetime
    sender: str
    receiver: str
    label: str
    outgoing_status: str
    incoming_status: str

    def __str__(self) -> str:
        here, there = self.outgoing_status.replace("_", " "), self.incoming_status.replace("_", " ") or "–"
        return f"{self.sender} → {self.receiver}  {self.label:<34} {here:<14} | {there}"


def messages_of(out: OutgoingRequest, into: IncomingRequest) -> list[Told]:
    """Return the messages of a case in the order in which they were written, with both statuses after each."""
    log = Message.objects.filter(conversation_id=out.conversation_id).order_by("written_at", "id")
    arrivals = {
        row.message_id: entry_at
        for row in log.filter(direction=Message.Direction.IN)
        if (entry_at := _applied_at(row)) is not None
    }
    moves = [[*_moves(out)], [*_moves(into)]]
    found = []
    for row in log.filter(direction=Message.Direction.OUT).select_related(
        "authority__jurisdiction", "peer__jurisdiction"
    ):
        at = arrivals.get(row.message_id, row.written_at)
        found.append(
            Told(
                at=row.written_at,
                sender=row.authority.jurisdiction.code,
                receiver=row.peer.jurisdiction.code,
                label=str(message_label(row.type)),
                outgoing_status=_status_at(moves[0], at),
                incoming_status=_status_at(moves[1], at),
            )
        )
    return found


def _applied_at(row: Message) -> dt.datetime | None:
    entries = AuditEntry.objects.filter(object_type=row.KIND, object_id=str(row.public_id), act="message.apply")
    return entries.values_list("at", flat=True).first()


def _moves(row: CaseRow) -> Iterator[tuple[dt.datetime, str]]:
    entries = AuditEntry.objects.filter(object_type=row.KIND, object_id=str(row.public_id), outcome="done")
    yield from entries.order_by("id").values_list("at", "to_status")


def _status_at(moves: Iterable[tuple[dt.datetime, str]], at: dt.datetime) -> str:
    return next((status for when, status in reversed(list(moves)) if when <= at), "")


def _row(case: DemoCase, folder: Path) -> dict[str, Any]:
    out, into = case.out, case.into
    pdf = folder / f"{case.file_name}.pdf"
    pdf.write_bytes(file_read(out.document_sha256))
    return {
        "case": case.number,
        "requesting": case.letter.requesting.jurisdiction,
        "requested": case.letter.requested.jurisdiction,
        "outgoing_reference": out.reference,
        "incoming_reference": into.reference,
        "outgoing_status": out.status,
        "incoming_status": into.status,
        "outcome": out.outcome,
        "basis": [basis.instrument for basis in case.letter.bases],
        "measures": [item.measure for item in case.letter.items],
        "pdf": str(pdf.relative_to(BASE_DIR)),
        "pdf_sha256": out.document_sha256,
        "languages": languages_told(case),
        "pdf_signature": signature_told(out.document_sha256),
        "content_hash": out.approved_hash,
        "messages": Message.objects.filter(conversation_id=out.conversation_id, direction="out").count(),
        "seconds": round(case.seconds, 2),
    }


def _story(case: DemoCase, folder: Path) -> dict[str, Any]:
    """Return the row of a story: as of a case, with its messages and both statuses after each."""
    files = case.files()
    return _row(case, folder) | {
        "story": type(case).__name__,
        "title": case.letter.title,
        "letters": len(files),
        "course": [
            {"at": one.at.isoformat()} | {name: getattr(one, name) for name in Told.__slots__ if name != "at"}
            for out, into in files
            for one in messages_of(out, into)
        ],
    }


def languages_told(case: DemoCase) -> list[str]:
    """Return in which languages the sent letter speaks (BCP 47): by what is attached to it, else as it was approved."""
    with pikepdf.open(io.BytesIO(file_read(case.out.document_sha256))) as pdf:
        attached = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    found = [json.loads(attached[name])["letter"]["language"] for name in (ATTACHMENT, TRANSLATION) if name in attached]
    return found or [case.out.approved_version.content["language"] if case.out.approved_version else ""]


def signature_told(sha256: str) -> str:
    """Return what the check of the sent file says in a few words."""
    checked = document_check(file_read(sha256), signing_config().trust)
    if not checked.signatures:
        return "in ink"
    one = checked.signatures[0]
    return f"{one.level}, {'sound' if checked.sound else 'NOT SOUND'}"
