"""Files of a translation: XLIFF and TMX for agencies, the XLIFF that comes back, its PDF, and its certificate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.models import Role
from workflows.documents.formats import language_name
from workflows.documents.opening import Kept
from workflows.drafting.models_translation import Translation
from workflows.drafting.selectors_translation import access_translation_by_id
from workflows.drafting.services_xliff import translation_bring_in, translation_tmx, translation_xliff
from workflows.drafting.translation_content import certificate_of
from workflows.drafting.xliff import LARGEST, MOST_TOLD, XliffWrong
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.uploads import UploadField
from workflows.web.views.downloads import Download, handed_out
from workflows.web.views.translations import TRANSLATING


@require_GET
@page(open_to=TRANSLATING)
def xliff(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Every text with its target, for an agency's program."""
    found = access_translation_by_id(request.actor, public_id)
    return _file(translation_xliff(found), "application/xliff+xml", f"{found.public_id}-{found.language}.xlf")


@require_GET
@page(open_to=TRANSLATING)
def tmx(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """What is done, as a translation memory."""
    found = access_translation_by_id(request.actor, public_id)
    return _file(translation_tmx(found), "application/x-tmx+xml", f"{found.public_id}-{found.language}.tmx")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@require_GET
@page(open_to=TRANSLATING)
def document(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The translated letter as PDF, kept by its hash."""
    found = access_translation_by_id(request.actor, public_id)
    if not found.document_sha256:
        raise AccessDenied("document", public_id, request.actor)
    kept = Kept("translation_document", str(found.public_id), found.document_sha256)
    return handed_out(request, Download(kept, f"letter-{found.language}.pdf", "application/pdf", own=True))


@require_GET
@page(open_to=TRANSLATING)
def annex_file(request: DeskRequest, public_id: UUID, key: str) -> HttpResponse:
    """The translation of an annex."""
    found = access_translation_by_id(request.actor, public_id)
    row = found.annexes.filter(key=key).exclude(sha256="").first()
    if row is None:
        raise AccessDenied("annex", key, request.actor)
    kept = Kept("translated_annex", str(found.public_id), row.sha256)
    return handed_out(request, Download(kept, row.name, row.media_type))


@require_GET
@page(open_to=TRANSLATING)
def annex_source(request: DeskRequest, public_id: UUID, key: str) -> HttpResponse:
    """An annex of the letter, to whoever may know of its translation: it is translated from this."""
    found = access_translation_by_id(request.actor, public_id)
    row = found.source.annexes.filter(key=key).first()
    if row is None:
        raise AccessDenied("annex", key, request.actor)
    kept = Kept("annex", str(found.source.letter.public_id), row.sha256)
    return handed_out(request, Download(kept, row.name, row.media_type))


class BringInForm(forms.Form):
    file = UploadField(
        label=lazy("File of the agency"), largest=LARGEST, help_text=lazy("The XLIFF 2.0 file that was given out here.")
    )
    done = forms.BooleanField(
        label=lazy("The texts are done"), required=False,
        help_text=lazy("Left open, they come in as drafts, to be read one by one."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=frozenset({Role.TRANSLATOR}))
def bring_in(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Bring in what an agency translated: all of the file, or nothing, with what is wrong by its text."""
    found = access_translation_by_id(request.actor, public_id)
    if not found.may_bring_in(request.actor):
        raise AccessDenied("translation", public_id, request.actor)
    form = BringInForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST":
        form = BringInForm(request.POST, request.FILES)
        done: list[int] = []

        def take() -> Any:
            data = form.cleaned_data["file"].content.read()
            said = form.cleaned_data["done"]
            try:
                done.append(translation_bring_in(translation=found, data=data, done=said, by=request.actor))
            except XliffWrong as wrong:
                problems.extend(str(one) for one in wrong.problems[:MOST_TOLD])
                if (more := len(wrong.problems) - MOST_TOLD) > 0:
                    problems.append(_("and %(n)s more") % {"n": more})

        if form.is_valid() and do_from(form, take) and not problems:
            told = ngettext("%(n)s text was brought in.", "%(n)s texts were brought in.", done[0])
            messages.success(request, told % {"n": done[0]})
            return redirect("web:translation", found.public_id)
    posted = request.method == "POST"
    context = {"translation": found, "form": form, "problems": problems}
    return render(request, "web/translations/bring_in.html", context, status=422 if posted else 200)


@require_safe
@page(open_to=TRANSLATING)
def certificate(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """What the certificate says: who, when, from which content to which."""
    found: Translation = access_translation_by_id(request.actor, public_id)
    told = certificate_of(found)
    if told is None:
        raise AccessDenied("certificate", public_id, request.actor)
    language = request.LANGUAGE_CODE
    context = {
        "translation": found,
        "told": told,
        "source_words": language_name(told.source_language, language),
        "target_words": language_name(told.target_language, language),
        "annexes": [
            (key, title, found.annexes.model.How(how).label if how else "") for key, title, how in told.annexes
        ],
    }
    return render(request, "web/translations/certificate.html", context)
