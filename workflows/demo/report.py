"""The report of a demonstration, for a person and for a machine."""

from __future__ import annotations

import io
import json
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

FOLDER = BASE_DIR / "var" / "demo"


def write_report(cases: list[DemoCase], *, folder: Path = FOLDER) -> Path:
    """Write report.json and every letter's PDF; paths in it are relative to the repository."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_row(case, folder) for case in cases]
    path = folder / "report.json"
    path.write_text(json.dumps({"cases": rows}, indent=2, ensure_ascii=False) + "\n")
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


def _row(case: DemoCase, folder: Path) -> dict[str, Any]:
    out, into = case.out, case.into
    pdf = folder / f"{case.plan.letter}.pdf"
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
