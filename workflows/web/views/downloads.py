"""Files of a case, handed out to whoever may see it: checked against the hash, recorded, never shown by the browser.

What came from outside is always an attachment and never sniffed, whatever its type says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.views.decorators.http import require_GET

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from workflows.documents.models_made import Made
from workflows.documents.opening import Kept, file_hand_out
from workflows.documents.selectors import access_case_document_by_id, access_document_by_id
from workflows.drafting.selectors import access_letter_by_id, access_version_by_number
from workflows.exchange.selectors import received_files
from workflows.lifecycle.models import RecordedProof, TeamIn, TeamOut
from workflows.lifecycle.selectors import (
    access_evidence_by_id,
    access_incoming_by_id,
    access_outgoing_by_id,
    access_team_in_by_id,
    access_team_out_by_id,
)
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.purpose import case_purpose

OPAQUE = "application/octet-stream"
#: Role of a file that says who the protected persons are.
SEALED = "sealed"
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}")
#: Types that a browser runs or renders as a page: handed out without saying so.
_ACTIVE = re.compile(r"html|xml|svg|script|pdf")
_UNSAFE = re.compile(r"[^\w.() -]+")

_READERS = INWARD | OUTWARD


@dataclass(frozen=True, slots=True)
class Download:
    kept: Kept
    name: str
    media_type: str = OPAQUE
    #: Made here: its type is known.
    own: bool = False


@require_GET
@page(open_to=_READERS - {Role.EXECUTING_OFFICER})
def document(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The PDF of an approved letter, as it was or will be sent; where it is to be signed in ink, the print for that."""
    found = access_document_by_id(request.actor, public_id)
    if not found.can_be_read:
        raise AccessDenied("document", public_id, request.actor)
    if asked := _purpose(request, found.outgoing):
        return asked
    endings: dict[str, str] = {
        found.Kind.CONFIRMATION: "-confirmation",
        found.Kind.SEALED: "-sealed",
        found.Kind.BOUND: "-annexes",
    }
    name = f"{file_name(found.outgoing.reference) or 'letter'}{endings.get(found.kind, '')}{to_sign(found)}.pdf"
    kind = "sealed_annex" if found.kind == found.Kind.SEALED else "document"
    kept = Kept(kind, str(found.public_id), found.readable_sha256)
    return handed_out(request, Download(kept, name, "application/pdf", own=True))


@require_GET
@page(open_to=_READERS)
def case_document(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """A document that was made beside the letter of a case."""
    found = access_case_document_by_id(request.actor, public_id)
    if not found.can_be_read:
        raise AccessDenied("document", public_id, request.actor)
    case = found.outgoing or found.incoming
    if asked := _purpose(request, case):
        return asked
    name = f"{file_name(case.reference if case else '') or 'case'}-{found.kind}{to_sign(found)}.pdf"
    kept = Kept("case_document", str(found.public_id), found.readable_sha256)
    return handed_out(request, Download(kept, name, "application/pdf", own=True))


@require_GET
@page(open_to=_READERS)
def evidence(request: DeskRequest, public_id: UUID) -> HttpResponse:
    found = access_evidence_by_id(request.actor, public_id)
    if asked := _purpose(request, found.outgoing or found.incoming):
        return asked
    kept = Kept("evidence", str(found.public_id), found.sha256)
    return handed_out(request, Download(kept, found.name, found.media_type))


@require_GET
@page(open_to=_READERS - {Role.EXECUTING_OFFICER})
def annex(request: DeskRequest, public_id: UUID, number: int, key: str) -> HttpResponse:
    """An annex of one version of a letter of ours, to whoever may read that version."""
    letter = access_letter_by_id(request.actor, public_id)
    if asked := _purpose(request, getattr(letter, "outgoing", None)):
        return asked
    version = access_version_by_number(request.actor, letter, number)
    found = version.annexes.filter(key=key).first()
    if found is None:
        raise AccessDenied("annex", key, request.actor)
    return handed_out(
        request, Download(Kept("annex", str(letter.public_id), found.sha256), found.name, found.media_type)
    )


@require_GET
@page(open_to=_READERS)
def received(request: DeskRequest, public_id: UUID, sha256: str) -> HttpResponse:
    """A file that came with a request in: the letter itself, or one of its annexes."""
    case = access_incoming_by_id(request.actor, public_id)
    if asked := _purpose(request, case):
        return asked
    file = received_files(case).filter(sha256=sha256).first()
    kept = Kept("received_file", str(case.public_id), sha256)
    if file is not None:
        if file.role == SEALED:
            if not holds(request.actor, "incoming.read_sealed"):
                raise AccessDenied("sealed annex", sha256, request.actor)
            kept = Kept("sealed_annex", str(case.public_id), sha256)
        return handed_out(request, Download(kept, file.name, file.media_type))
    if sha256 not in {case.letter_sha256, case.confirmation_sha256} - {""}:
        raise AccessDenied("file", sha256, request.actor)
    return handed_out(request, Download(kept, f"{file_name(case.reference)}-letter"))


@require_GET
@page(open_to=_READERS - {Role.EXECUTING_OFFICER})
def proof(request: DeskRequest, public_id: UUID, sha256: str) -> HttpResponse:
    """What proves an act of the other State that our registry recorded by hand."""
    case = access_outgoing_by_id(request.actor, public_id)
    if asked := _purpose(request, case):
        return asked
    found = RecordedProof.objects.filter(outgoing=case, sha256=sha256).first()
    if found is None:
        raise AccessDenied("file", sha256, request.actor)
    return handed_out(request, Download(Kept("proof", str(case.public_id), sha256), found.name, found.media_type))


@require_GET
@page(open_to=_READERS)
def team_file(request: DeskRequest, public_id: UUID, sha256: str) -> HttpResponse:
    """A draft of the agreement on a team, or the agreement, to whoever may see the team."""
    machine = TeamOut if TeamOut.objects.filter(public_id=public_id).exists() else TeamIn
    way = access_team_out_by_id if machine is TeamOut else access_team_in_by_id
    team: TeamOut | TeamIn = way(request.actor, public_id)
    if asked := _purpose(request, team.case):
        return asked
    draft = team.proposals().filter(sha256=sha256).first() if sha256 else None
    if draft is not None:
        name, media_type = draft.name, draft.media_type
    elif sha256 and sha256 == team.agreement_sha256:
        name, media_type = team.agreement_name, team.agreement_type
    else:
        raise AccessDenied("file", sha256, request.actor)
    return handed_out(request, Download(Kept("team_file", str(team.public_id), sha256), name, media_type))


def _purpose(request: DeskRequest, case: Any) -> HttpResponse | None:
    """Return where an auditor says for what purpose a case is read, or None: it is said, or nobody need say it."""
    if case is None:
        if request.actor.role == Role.AUDITOR:
            raise AccessDenied("file", "", request.actor)
        return None
    return case_purpose(request, case.KIND, case.public_id)[1]


def to_sign(made: Made) -> str:
    """Return what the name of a print that is to be signed in ink ends with; of a whole document nothing."""
    return "" if made.status == made.Status.READY else "-to-sign"


def file_name(text: str) -> str:
    """Return a reference as part of a file's name: nothing in it leads elsewhere or hides an ending."""
    return _UNSAFE.sub("-", text).strip("-. ")[:120]


def handed_out(request: DeskRequest, download: Download) -> Any:
    """Return a stored file as an attachment, after the caller checked access; its reading is recorded."""
    return attachment(file_hand_out(kept=download.kept, by=request.actor), download)


def attachment(opened: BinaryIO, download: Download) -> Any:
    """Return an opened file as an attachment that no browser runs, renders, sniffs or keeps."""
    kind = download.media_type.lower()
    ours = download.own
    if not ours and (not _MEDIA_TYPE.fullmatch(kind) or _ACTIVE.search(kind)):
        kind = OPAQUE
    answer = FileResponse(opened, as_attachment=True, filename=file_name(download.name) or "file", content_type=kind)
    answer["Cache-Control"] = "no-store, private"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
