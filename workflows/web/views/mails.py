"""An e-mail on a case, or a file of one, handed out to whoever may see the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from mla.accounts.access import AccessDenied
from workflows.documents.opening import Kept
from workflows.lifecycle.models import CaseMail, CaseMailFile
from workflows.tracking.casefile import access_case
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.purpose import case_purpose
from workflows.web.views.downloads import Download, handed_out


@require_GET
@page(open_to=OUTWARD | INWARD)
def mail(request: DeskRequest, way: str, public_id: UUID, sha256: str) -> HttpResponse:
    case = access_case(request.actor, "outgoing" if way == "out" else "incoming", public_id)
    if (asked := case_purpose(request, case.KIND, public_id)[1]) is not None:
        return asked
    mails = CaseMail.objects.filter(**{case.KIND: case})
    found: Any = mails.filter(sha256=sha256).first()
    found = found or CaseMailFile.objects.filter(mail__in=mails, sha256=sha256).first()
    if found is None:
        raise AccessDenied("file", sha256, request.actor)
    kind = getattr(found, "media_type", "message/rfc822")
    answer: HttpResponse = handed_out(request, Download(Kept("case_mail", str(public_id), sha256), found.name, kind))
    return answer
