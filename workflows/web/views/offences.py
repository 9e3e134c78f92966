"""The library of offences: the list, an entry with its history, adding and changing; and both ways between it and a letter."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from workflows.documents import wording
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models_library import SAID, OffenceEntry
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.selectors_library import (
    access_offence_by_id,
    history_of,
    offences_found,
    offences_page,
)
from workflows.drafting.services import letter_save
from workflows.drafting.services_library import (
    OF_A_LETTER,
    offence_add,
    offence_change,
    offence_save_from_letter,
    offence_withdraw,
)
from workflows.engine.errors import ActRefused
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.draft import draft_of
from workflows.web.drafting.merging import Place, part_at
from workflows.web.drafting.sections import OFFENCES
from workflows.web.paging import after_of, next_address
from workflows.web.views.lists import safe_cell

ADDERS = frozenset({Role.ORIGINATOR_DRAFTER, Role.ORIGINATOR_SIGNATORY, Role.DESK_OFFICER, Role.LEGAL})
#: Rows of one file at most; the file says when there are more.
MOST_EXPORTED = 10_000


class OffenceFilter(forms.Form):
    q = forms.CharField(label=lazy("Words"), required=False, max_length=200)
    category = forms.ChoiceField(label=lazy("Kind of offence"), required=False)
    show = forms.ChoiceField(
        label=lazy("Show"),
        required=False,
        choices=[("", lazy("all in use")), ("confirm", lazy("to be confirmed")), ("withdrawn", lazy("withdrawn"))],
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        self.fields["category"].choices = [("", _("every kind")), *wording.CATEGORY.items()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"

    def said(self) -> dict[str, str]:
        """Return what was asked for; what does not fit is left out."""
        self.is_valid()
        found = self.cleaned_data
        return {
            "words": found.get("q", ""), "category": found.get("category", ""), "show": found.get("show", ""),
        }  # fmt: skip


class OffenceForm(forms.Form):
    title = forms.CharField(label=lazy("Name of the offence"), max_length=300)
    category = forms.ChoiceField(label=lazy("Kind of offence"))
    provision = forms.CharField(label=lazy("Provision"), max_length=300)
    law_text = forms.CharField(
        label=lazy("Text of the law"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6})
    )
    maximum_penalty = forms.CharField(label=lazy("Maximum penalty"), max_length=300)
    maximum_years = forms.IntegerField(
        label=lazy("Maximum penalty in years"), min_value=0, max_value=100, required=False,
        help_text=lazy("100 for life."),
    )  # fmt: skip
    limitation = forms.CharField(
        label=lazy("Limitation period"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    source = forms.CharField(
        label=lazy("Source"), max_length=300, required=False, help_text=lazy("Where the text of the law was read.")
    )
    last_verified = forms.DateField(
        label=lazy("Last verified"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )  # fmt: skip
    to_be_confirmed = forms.BooleanField(label=lazy("To be confirmed"), required=False)
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        self.fields["category"].choices = [("", "—"), *wording.CATEGORY.items()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.HiddenInput):
                field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("to_be_confirmed") and "last_verified" in said and not said.get("last_verified"):
            raise ValidationError(
                {"last_verified": _("Say on which day it was verified, or leave it to be confirmed.")}
            )
        return said

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SAID}


@require_safe
@page(open_to=WRITING)
def offences(request: DeskRequest) -> HttpResponse:
    """The entries of the own State, by title."""
    form = OffenceFilter(request.GET)
    rows, following = offences_page(offences_found(request.actor, **form.said()), after_of(request))
    query = {name: request.GET.get(name, "") for name in form.fields}
    context = {
        "form": form,
        "rows": rows,
        "next": next_address(request, following),
        "query": urlencode({name: value for name, value in query.items() if value}),
        "may_add": holds(request.actor, "offence.create"),
        "kinds": wording.CATEGORY,
    }
    return render(request, "web/offences/list.html", context)


@require_safe
@page(open_to=WRITING)
def export(request: DeskRequest) -> HttpResponse:
    """The entries that the list shows, as a table file."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="offences.csv"'
    answer.write("\ufeff")
    table = csv.writer(answer)
    for line in _lines(request):
        table.writerow([safe_cell(cell) for cell in line])
    return answer


def _lines(request: DeskRequest) -> Iterator[list[str]]:
    yield [
        _("title"), _("category"), _("provision"), _("text of the law"), _("maximum penalty"),
        _("maximum penalty in years"), _("limitation period"), _("source"), _("last verified"), _("to be confirmed"),
        _("authority"),
    ]  # fmt: skip
    rows = offences_found(request.actor, **OffenceFilter(request.GET).said())[: MOST_EXPORTED + 1]
    for number, row in enumerate(rows):
        if number == MOST_EXPORTED:
            yield [_("more rows are left out: narrow the filters")]
            return
        yield [
            row.title, wording.word(wording.CATEGORY, row.category), row.provision, row.law_text, row.maximum_penalty,
            "" if row.maximum_years is None else str(row.maximum_years), row.limitation, row.source,
            row.last_verified.isoformat() if row.last_verified else "",
            _("yes") if row.to_be_confirmed else _("no"), row.authority.name,
        ]  # fmt: skip


@require_safe
@page(open_to=WRITING)
def offence(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One entry with what it said before."""
    entry = access_offence_by_id(request.actor, public_id)
    context = {
        "entry": entry,
        "kind": wording.word(wording.CATEGORY, entry.category),
        "history": history_of(entry),
        "may_change": entry.may_change(request.actor) and entry.status == OffenceEntry.Status.IN_USE,
    }
    return render(request, "web/offences/entry.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=ADDERS)
def add(request: DeskRequest) -> HttpResponse:
    """Write an offence into the library."""
    form = OffenceForm(request.POST if request.method == "POST" else None, initial={"to_be_confirmed": True})
    made: list[OffenceEntry] = []
    write = lambda: made.append(offence_add(values=form.values(), by=request.actor))  # noqa: E731
    if request.method == "POST" and form.is_valid() and do_from(form, write):
        messages.success(request, _("It stands in the library."))
        return redirect("web:offence", made[0].public_id)
    context = {"form": form, "title": _("Add an offence to the library")}
    return render(request, "web/offences/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=frozenset({Role.LEGAL}))
def change(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Change an entry, or take it out of use."""
    entry = access_offence_by_id(request.actor, public_id)
    if entry.status != OffenceEntry.Status.IN_USE:
        return redirect("web:offence", entry.public_id)
    initial = {name: getattr(entry, name) for name in SAID} | {"expected_version": entry.version}
    form = OffenceForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST":
        seen = request.POST.get("expected_version", "")
        expected = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
        if "withdraw" in request.POST:
            # Only the version counts: what else stands in the form is not looked at.
            form = OffenceForm(initial | {"expected_version": seen})
            act = lambda: offence_withdraw(entry=entry, by=request.actor, expected_version=expected)  # noqa: E731
            told = _("Withdrawn: it is offered no more.")
        else:
            act = lambda: offence_change(  # noqa: E731
                entry=entry, values=form.values(), by=request.actor, expected_version=expected
            )
            told = _("Changed. What it was stays in the history.")
        if form.is_valid() and do_from(form, act):
            messages.success(request, told)
            return redirect("web:offence", entry.public_id)
    context = {"form": form, "entry": entry, "title": _("Change the entry")}
    return render(request, "web/offences/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["POST"])
@page(open_to=WRITING)
def to_letter(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Put an entry of the library into a letter; a second press leads to the same offence."""
    draft = draft_of(request.actor, public_id)
    draft.require("edit")
    section = OFFENCES
    given = request.POST.get("offence", "")
    if not given:
        messages.error(request, _("Choose an offence of the library first."))
        return redirect(draft.address(section))
    entry = access_offence_by_id(request.actor, _uuid(request, given))
    there = draft.content.get("offences", [])
    same = [one for one in there if (one["title"], one["provision"]) == (entry.title, entry.provision)]
    if same:
        messages.success(request, _("This offence stands in the letter already."))
        return redirect(draft.address(section, same[0]["id"]))
    taken = {one["id"] for one in there}
    key = next(name for number in range(1, 10_000) if (name := f"O{number}") not in taken)
    said = {name: getattr(entry, name) for name in OF_A_LETTER if getattr(entry, name) is not None}
    content = dict(draft.content) | {"offences": [*there, {"id": key, **said, "conduct": ""}]}
    try:
        letter_save(
            letter=draft.letter, content=letter_from(content), by=request.actor, expected_version=draft.letter.version
        )
    except (ActRefused, LetterFileWrong) as refused:
        messages.error(request, _("Nothing was done: %(why)s") % {"why": refused})
        return redirect(draft.address(section))
    messages.success(request, _("Taken from the library. Say what was done, when and where."))
    return redirect(draft.address(section, key))


@require_http_methods(["POST"])
@page(open_to=ADDERS)
def from_letter(request: DeskRequest, public_id: UUID, key: str) -> HttpResponse:
    """Save an offence of a letter to the library; one that stands there already stays as it is."""
    draft = draft_of(request.actor, public_id)
    section = OFFENCES
    if part_at(draft.content, Place("offences", key)) is None:
        raise AccessDenied("entry", key, request.actor)
    of_letter = next(one for one in draft.file.offences if one.id == key)
    try:
        entry, new = offence_save_from_letter(offence=of_letter, by=request.actor)
    except ActRefused as refused:
        for reason in refused.reasons:
            messages.error(request, reason.message)
        return redirect(draft.address(section, key))
    messages.success(
        request,
        _("Saved to the library, to be confirmed by a legal officer.") if new else _("The library has it already."),
    )
    return redirect("web:offence", entry.public_id)


def _uuid(request: DeskRequest, given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError:
        raise AccessDenied("offence", given[:60], request.actor) from None
