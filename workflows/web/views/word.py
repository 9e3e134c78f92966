"""The working copy of a version for a word processor, and an edited copy that came back, against the approved text.

The system sends neither. What is uploaded is read, shown and forgotten: whoever wants a change of it copies it over.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from workflows.documents.formats import language_name
from workflows.documents.with_translation import not_paired_words
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.drafting.selectors import access_letter_by_id, access_version_by_number
from workflows.drafting.selectors_translation import translations_beside
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


@dataclass(frozen=True, slots=True)
class Column:
    """What was compared in one language."""

    language: str
    groups: list[Group]


def groups_of(rows: Iterable[Any]) -> list[Group]:
    return [Group(same, list(found)) for same, found in groupby(rows, lambda row: row.state == "unchanged")]


@require_GET
@page(open_to=OUTWARD)
def working_copy(request: DeskRequest, public_id: UUID, number: int) -> HttpResponse:
    """The working copy of a frozen version, to whoever may read it, beside a translation where it is asked for; recorded."""
    from workflows.documents.pairing import LettersDiffer
    from workflows.documents.services_word import working_copy_hand_out
    from workflows.documents.word import MEDIA_TYPE

    outgoing, version = _frozen(request, public_id, number)
    if (asked := case_purpose(request, outgoing.KIND, outgoing.public_id)[1]) is not None:
        return asked
    beside = _beside(request, version)
    try:
        made = working_copy_hand_out(outgoing=outgoing, version=version, by=request.actor, translation=beside)
    except LettersDiffer as differ:
        messages.error(request, not_paired_words(differ.number, ""))
        return redirect(letter_address(request, outgoing, version))
    languages = f"-{file_name(beside.language)}" if beside is not None else ""
    name = f"{file_name(outgoing.reference) or 'letter'}-v{version.number}{languages}.docx"
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
    from workflows.documents.pairing import LettersDiffer
    from workflows.documents.services_word import copy_compare
    from workflows.documents.word_reading import CopyRefused

    form = CopyForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            rows = certified_beside(request.actor, version)
            found = copy_compare(outgoing, version, form.cleaned_data["file"].read(), rows)
        except CopyRefused as refused:
            form.add_error("file", str(refused))
        except LettersDiffer as differ:
            form.add_error("file", not_paired_words(differ.number, ""))
        else:
            language = request.LANGUAGE_CODE
            columns = [Column(language_name(version.content["language"], language), groups_of(found.rows))]
            if found.translation is not None:
                columns.append(Column(language_name(found.translation.language, language), groups_of(found.other)))
            counts = {state: found.count(state) for state in ("changed", "moved", "removed", "added", "unchanged")}
            answer = context | {
                "found": found,
                "columns": columns,
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


def certified_beside(actor: Actor, version: LetterVersion) -> list[Translation]:
    """Return the certified translations of a version that the actor may see. At most one query."""
    return [row for row in translations_beside(actor, version) if row.status == Translation.Status.CERTIFIED]


def _beside(request: DeskRequest, version: LetterVersion) -> Translation | None:
    """Return the certified translation that the address names, None without one. Raises AccessDenied when absent or hidden."""
    given = request.GET.get("with", "")
    if not given:
        return None
    found = next((row for row in certified_beside(request.actor, version) if str(row.public_id) == given), None)
    if found is None:
        raise AccessDenied("translation", given[:60], request.actor)
    return found


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
