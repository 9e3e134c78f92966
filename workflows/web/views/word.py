"""The working copy of a version for a word processor, and an edited copy that came back, against the approved text.

The system sends neither. What is uploaded is read, shown and forgotten: whoever wants a change of it copies it over.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from allauth.core import ratelimit
from django import forms
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from mla.accounts.access import AccessDenied
from workflows.drafting.models import LetterVersion
from workflows.drafting.selectors import access_letter_by_id, access_version_by_number
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.selectors import visible_outgoing
from workflows.web.desk import OUTWARD, WRITING, DeskRequest, page
from workflows.web.purpose import case_purpose
from workflows.web.views.downloads import file_name

#: Bytes; more is no letter.
LARGEST = 20 * 2**20


class CopyForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("The edited copy (.docx)"),
        help_text=gettext_lazy("At most 20 MB. It is read and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than a letter may be."))
        return file


@dataclass(frozen=True, slots=True)
class Group:
    """Paragraphs that follow each other; those that are as they were are folded."""

    unchanged: bool
    rows: list[Any]


@require_GET
@page(open_to=OUTWARD)
def working_copy(request: DeskRequest, public_id: UUID, number: int) -> HttpResponse:
    """The working copy of a frozen version, to whoever may read it; recorded as taken."""
    from workflows.documents.services_word import working_copy_hand_out
    from workflows.documents.word import MEDIA_TYPE

    outgoing, version = _frozen(request, public_id, number)
    if (asked := case_purpose(request, outgoing.KIND, outgoing.public_id)[1]) is not None:
        return asked
    made = working_copy_hand_out(outgoing=outgoing, version=version, by=request.actor)
    name = f"{file_name(outgoing.reference) or 'letter'}-v{version.number}.docx"
    answer = FileResponse(io.BytesIO(made), as_attachment=True, filename=name, content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "no-store, private"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return cast(HttpResponse, answer)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def compare(request: DeskRequest, public_id: UUID, number: int) -> HttpResponse:
    """What an edited copy says otherwise than a frozen version. Nothing is stored."""
    outgoing, version = _frozen(request, public_id, number)
    context: dict[str, Any] = {
        "case": outgoing,
        "letter": version.letter,
        "version": version,
        "form": CopyForm(),
        "letter_address": letter_address(request, outgoing, version),
    }
    if request.method != "POST":
        return render(request, "web/word/compare.html", context)
    if not ratelimit.consume(request, action="compare_copy", user=request.user):
        return render(request, "429.html", status=429)
    from workflows.documents.services_word import copy_compare
    from workflows.documents.word_reading import CopyRefused

    form = CopyForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = copy_compare(outgoing, version, form.cleaned_data["file"].read())
        except CopyRefused as refused:
            form.add_error("file", str(refused))
        else:
            shown = [
                Group(same, list(rows)) for same, rows in groupby(found.rows, lambda row: row.state == "unchanged")
            ]
            counts = {state: found.count(state) for state in ("changed", "moved", "removed", "added", "unchanged")}
            answer = context | {
                "found": found,
                "groups": shown,
                "counts": counts,
                "name": form.cleaned_data["file"].name,
            }
            return render(request, "web/word/compare.html", answer)
    return render(request, "web/word/compare.html", context | {"form": form}, status=422)


def letter_address(request: DeskRequest, outgoing: OutgoingRequest, version: LetterVersion) -> str:
    """Return where the person reads the letter: as a case of theirs, else as one that is shared for advice."""
    if visible_outgoing(request.actor).filter(pk=outgoing.pk).exists():
        address = reverse("web:letter_preview", args=[outgoing.public_id])
    else:
        address = reverse("web:advice_letter", args=[version.letter.public_id])
    return f"{address}?version={version.number}"


def _frozen(request: DeskRequest, public_id: UUID, number: int) -> tuple[OutgoingRequest, LetterVersion]:
    """Return a frozen version that the person may read, and its case.

    Raises:
        AccessDenied: absent, hidden, or not frozen: a draft changes, so that no copy could say what it was made from.
    """
    letter = access_letter_by_id(request.actor, public_id)
    version = access_version_by_number(request.actor, letter, number)
    outgoing = getattr(letter, "outgoing", None)
    if outgoing is None or not version.content_hash:
        raise AccessDenied("working copy", public_id, request.actor)
    version.letter = letter
    return outgoing, version
