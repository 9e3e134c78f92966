"""Annexes of a letter: adding a file, replacing it, its title, and looking at it again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from workflows.drafting.annexes import ALLOWED_TYPES, LARGEST_ANNEX
from workflows.drafting.services import annex_add
from workflows.web.desk import DeskRequest
from workflows.web.doing import do_from
from workflows.web.drafting.draft import Draft
from workflows.web.drafting.merging import Place, digest, part_at, saved
from workflows.web.drafting.sections import Section


class AnnexForm(forms.Form):
    title = forms.CharField(
        label=lazy("Title of the annex"), max_length=300, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    file = forms.FileField(
        label=lazy("File"), required=False, widget=forms.ClearableFileInput(attrs={"class": "form-control"})
    )
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file is not None and file.size > LARGEST_ANNEX:
            limit = LARGEST_ANNEX // (1024 * 1024)
            raise forms.ValidationError(_("the file is larger than %(limit)s MB") % {"limit": limit})
        return file


def annex(request: DeskRequest, draft: Draft, section: Section, place: Place) -> HttpResponse:
    """Show and save one annex; an empty key begins one. Called by the view of an entry, which checked the key."""
    part = part_at(draft.content, place) if place.key else None
    initial = {"title": (part or {}).get("title", ""), "expected_version": draft.letter.version}
    form = AnnexForm(request.POST or None, request.FILES or None, initial=initial, auto_id="f-%s")
    if part is None:
        form.fields["file"].required = True
    if request.method == "POST":
        draft.require("add_annex")
        if form.is_valid() and do_from(form, lambda: _store(draft, request, place, form)):
            messages.success(request, _("The annex is stored."))
            return redirect(draft.address(section))
    context = {
        "draft": draft, "section": section, "form": form, "part": part, "place": place, "back": draft.address(section),
        "limit": LARGEST_ANNEX // (1024 * 1024), "types": _kinds(),
        "here": [shown for shown in draft.findings if shown.section is section],
    }  # fmt: skip
    return render(request, "web/letter/annex.html", context, status=422 if form.errors else 200)


def _kinds() -> str:
    names = {"application/pdf": "PDF", "text/plain": "TXT", "text/csv": "CSV", "image/png": "PNG", "image/jpeg": "JPEG",
             "image/tiff": "TIFF", "application/json": "JSON", "application/xml": "XML", "message/rfc822": "EML"}  # fmt: skip
    return ", ".join([*(name for kind, name in names.items() if kind in ALLOWED_TYPES), "ODT, ODS, DOCX, XLSX, RTF"])


def _store(draft: Draft, request: DeskRequest, place: Place, form: AnnexForm) -> None:
    file = form.cleaned_data["file"]
    title = form.cleaned_data["title"]
    if file is not None:
        annex_add(
            letter=draft.letter, by=request.actor, title=title, name=file.name, content=file.read(),
            key=place.key or None, expected_version=form.cleaned_data["expected_version"],
        )  # fmt: skip
        return
    part = part_at(draft.content, place) or {}
    saved(
        letter=draft.letter, by=request.actor, place=place, mine={"title": title},
        seen={"title": digest(part.get("title"), "title")},
    )  # fmt: skip
