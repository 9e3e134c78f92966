"""The glossary of terms: the list for a pair of languages, adding, changing and withdrawing a term."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from workflows.drafting.models_translation import GlossaryTerm
from workflows.drafting.selectors_translation import access_term_by_id, terms_found, terms_page
from workflows.drafting.services_translation import term_add, term_change, term_withdraw
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.paging import after_of, next_address

READING = WRITING | {Role.TRANSLATOR}
EDITORS = frozenset({Role.TRANSLATOR, Role.LEGAL})


class TermFilter(forms.Form):
    q = forms.CharField(label=lazy("Words"), required=False, max_length=200)
    source = forms.CharField(label=lazy("From"), required=False, max_length=35)
    target = forms.CharField(label=lazy("Into"), required=False, max_length=35)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"


class TermForm(forms.Form):
    source_language = forms.CharField(
        label=lazy("Language of the term"), max_length=35, help_text=lazy("Its code, such as fr, ar or zh-Hans.")
    )
    target_language = forms.CharField(label=lazy("Language of the translation"), max_length=35)
    term = forms.CharField(label=lazy("Term"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"}))
    translation = forms.CharField(
        label=lazy("Translation"), max_length=300, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    note = forms.CharField(
        label=lazy("Note"), max_length=2000, required=False, help_text=lazy("Where it is used, or where it was read."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )  # fmt: skip
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def said(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("term", "translation", "note")}


@require_safe
@page(open_to=READING)
def glossary(request: DeskRequest) -> HttpResponse:
    """The terms in use of the own State, by term."""
    form = TermFilter(request.GET)
    form.is_valid()
    said = form.cleaned_data
    found = terms_found(
        request.actor, words=said.get("q", ""), source=said.get("source", "").strip(), target=said.get("target", "").strip()
    )  # fmt: skip
    rows, following = terms_page(found, after_of(request))
    context = {
        "form": form,
        "rows": rows,
        "next": next_address(request, following),
        "may_add": holds(request.actor, "term.create"),
        "may_change": holds(request.actor, "term.change"),
    }
    return render(request, "web/translations/glossary.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=EDITORS)
def add(request: DeskRequest) -> HttpResponse:
    """Write a term into the glossary."""
    posted = request.method == "POST"
    names = ("source_language", "target_language", "term")
    initial = {name: request.GET.get(f"{name}", "")[:300] for name in names}
    form = TermForm(request.POST if posted else None, initial=initial)

    def write() -> Any:
        said = form.cleaned_data
        pair = {name: said[name].strip() for name in ("source_language", "target_language")}
        return term_add(**pair, **form.said(), by=request.actor)

    if posted and form.is_valid() and do_from(form, write):
        messages.success(request, _("It stands in the glossary."))
        pair = {"source": form.cleaned_data["source_language"], "target": form.cleaned_data["target_language"]}
        return redirect(f"{reverse('web:glossary')}?{urlencode(pair)}")
    context = {"form": form, "title": _("Add a term")}
    return render(request, "web/translations/term.html", context, status=422 if posted else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=EDITORS)
def change(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Change a term, or take it out of use. The languages stay."""
    row = access_term_by_id(request.actor, public_id)
    if row.status != GlossaryTerm.Status.IN_USE:
        return redirect("web:glossary")
    initial: dict[str, Any] = {name: getattr(row, name) for name in ("term", "translation", "note")}
    initial |= {"expected_version": row.version}
    posted = request.method == "POST"
    form = TermForm(request.POST if posted else None, initial=initial)
    del form.fields["source_language"], form.fields["target_language"]
    if posted:
        seen = request.POST.get("expected_version", "")
        expected = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
        if "withdraw" in request.POST:
            form = TermForm(initial | {"source_language": "-", "target_language": "-", "expected_version": seen})
            act = lambda: term_withdraw(row=row, by=request.actor, expected_version=expected)  # noqa: E731
            told = _("Withdrawn: it is offered no more.")
        else:
            act = lambda: term_change(row=row, **form.said(), by=request.actor, expected_version=expected)  # noqa: E731
            told = _("Changed.")
        if form.is_valid() and do_from(form, act):
            messages.success(request, told)
            return redirect("web:glossary")
    context = {"form": form, "term": row, "title": _("Change a term")}
    return render(request, "web/translations/term.html", context, status=422 if posted else 200)
