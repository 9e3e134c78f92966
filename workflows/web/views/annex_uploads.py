"""Annexes by pieces, as the script of the page sends them: a large file goes on where a broken line stopped it.

Answers are JSON. Whoever is signed out gets 401, since the script says that it is one (as htmx does); what the actor may
not do or see is answered as everywhere. Without the script the form of the section takes the same files whole.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from workflows.drafting.annexes import AnnexWrong
from workflows.drafting.models import Annex
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.selectors_uploads import access_upload
from workflows.drafting.services_uploads import (
    PIECE,
    NoRoom,
    OffsetWrong,
    upload_begin,
    upload_discard,
    upload_finish,
    upload_take,
)
from workflows.engine.errors import ActForbidden, ActNotPossible, ActRefused, VersionChanged
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.drafting.draft import Draft, draft_of
from workflows.web.drafting.languages import LANGUAGES
from workflows.web.drafting.merging import Place, part_at, trying_again
from workflows.web.drafting.sections import ANNEXES


@require_POST
@page(open_to=WRITING)
def begin(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Begin a file, or find it where it stopped."""
    try:
        draft = _writing(request, public_id)
    except ActNotPossible as closed:
        return _closed(closed)
    given = request.POST
    size = given.get("size", "")
    try:
        upload = upload_begin(
            letter=draft.letter, by=request.actor, name=given.get("name", "")[:1000],
            size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
            sha256=given.get("sha256", "")[:64], title=given.get("title", "")[:300], key=given.get("annex", "")[:12],
        )  # fmt: skip
    except AnnexWrong as wrong:
        return _refused(str(wrong), 422)
    return JsonResponse(_state(upload) | {"piece": PIECE, "address": f"{request.path}/{upload.public_id}"}, status=201)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def piece(request: DeskRequest, public_id: UUID, upload_id: UUID) -> HttpResponse:
    """Say how far a file is; take its next piece."""
    try:
        draft = _writing(request, public_id)
    except ActNotPossible as closed:
        return _closed(closed)
    upload = access_upload(request.actor, draft.letter, upload_id)
    if request.method != "POST":
        return JsonResponse(_state(upload))
    given, offset = request.FILES.get("piece"), request.POST.get("offset", "")
    if given is None or not (offset.isascii() and offset.isdigit() and len(offset) < 16):
        return _refused(_("a piece of it has the wrong length"), 422)
    try:
        content = given.read() if (given.size or 0) <= PIECE else b""
        upload = upload_take(upload=upload, by=request.actor, offset=int(offset), piece=content)
    except OffsetWrong as wrong:
        return JsonResponse(_state(upload) | {"received": wrong.received, "error": str(wrong)}, status=409)
    except NoRoom as full:
        return _refused(str(full), 507)
    except AnnexWrong as wrong:
        return _refused(str(wrong), 422)
    return JsonResponse(_state(upload))


@require_POST
@page(open_to=WRITING)
def finish(request: DeskRequest, public_id: UUID, upload_id: UUID) -> HttpResponse:
    """Make a file that is whole an annex, with the title and the language that the form has by now."""
    given = request.POST
    title, language = given.get("title", "")[:301], given.get("language")
    if "title" in given and not title.strip():
        return _refused(_("The annex has no title yet: give it one."), 422)
    try:
        draft = _writing(request, public_id)
        upload = access_upload(request.actor, draft.letter, upload_id)
        part = part_at(draft.content, Place("annexes", upload.key)) or {}
        if language and language not in dict(LANGUAGES) and language != part.get("language"):
            return _refused(_("The language of the annex is not one of the list."), 422)

        def finished() -> Annex:
            return upload_finish(
                upload=upload, by=request.actor, title=title, language=language, replacing=given.get("replacing")
            )

        # Another save of the letter that came between does not concern the file.
        annex = trying_again(finished)
    except AnnexWrong as wrong:
        return _refused(str(wrong), 507 if wrong.passing else 422)
    except ActForbidden:
        raise
    except VersionChanged as changed:
        return _refused("; ".join(reason.message for reason in changed.reasons), 503)
    except ActRefused as refused:
        return _closed(refused)
    return JsonResponse({"key": annex.key, "sha256": annex.sha256, "address": draft.address(ANNEXES, annex.key)})


@require_POST
@page(open_to=WRITING)
def discard(request: DeskRequest, public_id: UUID, upload_id: UUID) -> HttpResponse:
    """Take a file that is on its way away."""
    draft = _writing(request, public_id)
    upload = access_upload(request.actor, draft.letter, upload_id)
    upload_discard(upload=upload, by=request.actor)
    messages.success(request, _("Discarded: %(name)s") % {"name": upload.name})
    return redirect(draft.address(ANNEXES))


def _writing(request: DeskRequest, public_id: UUID) -> Draft:
    draft = draft_of(request.actor, public_id)
    draft.require("add_annex")
    return draft


def _state(upload: AnnexUpload) -> dict[str, Any]:
    return {"received": upload.received, "size": upload.size}


def _closed(refused: ActRefused) -> HttpResponse:
    return _refused("; ".join(reason.message for reason in refused.reasons), 409)


def _refused(why: str, status: int) -> HttpResponse:
    return JsonResponse({"error": why}, status=status)
