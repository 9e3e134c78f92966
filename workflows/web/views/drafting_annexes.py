"""Annexes of a letter: adding a file, replacing it, its title, and looking at it again."""

from __future__ import annotations

from functools import partial
from typing import Any, BinaryIO, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mla.accounts.access import AccessDenied
from workflows.drafting.annexes import LARGEST_ANNEX, annex_name
from workflows.drafting.services import annex_add
from workflows.drafting.services_uploads import title_of
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.annex_list import annex_limits, annex_moved, annexes_bound, annexes_context
from workflows.web.drafting.draft import Draft, draft_of
from workflows.web.drafting.languages import LANGUAGES
from workflows.web.drafting.merging import Place, digest, index_of, part_at, saved
from workflows.web.drafting.sections import ANNEXES, Section
from workflows.web.uploads import ManyFiles


class AnnexForm(forms.Form):
    title = forms.CharField(
        label=lazy("Title of the annex"), max_length=300, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    language = forms.ChoiceField(
        label=lazy("Language of the annex"), required=False, widget=forms.Select(attrs={"class": "form-select"})
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
    initial = {name: (part or {}).get(name, "") for name in ("title", "language")} | {
        "expected_version": draft.letter.version
    }
    form = AnnexForm(request.POST or None, request.FILES or None, initial=initial, auto_id="f-%s")
    # A code that came with a letter file and is none of ours stays what it is.
    known = [("", "—"), *LANGUAGES]
    own = initial["language"]
    form.fields["language"].choices = known + ([(own, own)] if own not in dict(known) else [])  # type: ignore[attr-defined]
    if part is None:
        form.fields["file"].required = True
    if request.method == "POST":
        draft.require("add_annex")
        if form.is_valid() and do_from(form, lambda: _store(draft, request, place, form)):
            messages.success(request, _("The annex is stored."))
            return redirect(draft.address(section))
    context = {
        "draft": draft, "section": section, "form": form, "part": part, "place": place, "back": draft.address(section),
        **annex_limits(),
        "uploads": reverse("web:letter_uploads", args=[draft.outgoing.public_id]),
        "here": [shown for shown in draft.findings if shown.section is section],
    }  # fmt: skip
    return render(request, "web/letter/annex.html", context, status=422 if form.errors else 200)


class FilesField(forms.FileField):
    """Several files; empty is an error of the form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=ManyFiles(attrs={"class": "form-control"}), **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return files


class FilesForm(forms.Form):
    file = FilesField(label=lazy("Files"))


def annexes(request: DeskRequest, draft: Draft, section: Section, context: dict[str, Any]) -> HttpResponse:
    """Show the annexes; take several files at once, each an annex of its own. `context`: of every section's page."""
    posted = request.method == "POST"
    form = FilesForm(request.POST if posted else None, request.FILES if posted else None, auto_id="f-%s")
    if posted and "bind" in request.POST:
        return _bind(request, draft, section)
    if posted:
        draft.require("add_annex")
        if form.is_valid():
            stored = [file for file in form.cleaned_data["file"] if do_from(form, partial(_add, draft, request, file))]
            if stored:
                told = ngettext("%(n)d annex is stored.", "%(n)d annexes are stored.", len(stored))
                messages.success(request, told % {"n": len(stored)})
            if not form.errors:
                return redirect(draft.address(section))
            draft = draft_of(request.actor, draft.outgoing.public_id)
    context |= {"draft": draft, "files_form": form, **annexes_context(draft, section)}
    return render(request, "web/letter/annexes.html", context, status=422 if form.errors else 200)


def _bind(request: DeskRequest, draft: Draft, section: Section) -> HttpResponse:
    """Note whether the annexes are also bound into one file."""
    draft.require("edit")
    wished = request.POST.get("bind") == "yes"
    annexes_bound(letter=draft.letter, by=request.actor, wished=wished)
    messages.success(request, _("They will also be bound.") if wished else _("They will not be bound."))
    return redirect(draft.address(section))


def _add(draft: Draft, request: DeskRequest, file: UploadedFile) -> None:
    name = file.name or ""
    annex_add(
        letter=draft.letter, by=request.actor, title=title_of(annex_name(name)), name=name, content=content_of(file)
    )


def content_of(file: UploadedFile) -> BinaryIO:
    """Return the content of an upload where Django put it: in the memory, or on the disk where it is large."""
    return cast(BinaryIO, file.file or file)


@require_POST
@page(open_to=WRITING)
def move(request: DeskRequest, public_id: UUID, key: str) -> HttpResponse:
    """Put an annex one place up or down; the focus of the next page is where it went."""
    draft = draft_of(request.actor, public_id)
    if index_of(draft.content, Place("annexes", key)) is None:
        raise AccessDenied("entry", key, request.actor)
    draft.require("edit")
    annex_moved(letter=draft.letter, by=request.actor, key=key, up=request.POST.get("direction") != "down")
    return redirect(f"{draft.address(ANNEXES)}#annex-{key}")


def _store(draft: Draft, request: DeskRequest, place: Place, form: AnnexForm) -> None:
    file = form.cleaned_data["file"]
    title, language = form.cleaned_data["title"], form.cleaned_data["language"]
    if file is not None:
        annex_add(
            letter=draft.letter, by=request.actor, title=title, name=file.name, content=content_of(file),
            key=place.key or None, expected_version=form.cleaned_data["expected_version"], language=language,
        )  # fmt: skip
        return
    part = part_at(draft.content, place) or {}
    saved(
        letter=draft.letter, by=request.actor, place=place, mine={"title": title, "language": language},
        seen={name: digest(part.get(name), name) for name in ("title", "language")},
    )  # fmt: skip
