"""The countries: what is known of each State, for every officer to read and for a legal officer to keep right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mla.accounts import services_profiles as profiles
from mla.accounts.access import access
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.reference.models import Jurisdiction, ProfileEntry
from mla.reference.own_practice import own_ladder
from mla.reference.profiles import LIMITED_TO, SEVERAL_OF, EntryWrong, Topic
from mla.reference.selectors_profiles import (
    changes_of,
    countries_page,
    entries_of,
    profile_of,
    stale_before,
)
from mla.reference.selectors_profiles import countries as states_known
from mla.reference.services_profiles import ProfileFileWrong, fingerprint, profile_file, profile_file_plan
from workflows.web.desk import READERS, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.forms.countries import CountryFilter, EntryForm, FileForm, PlannedForm, sealed, unsealed
from workflows.web.paging import after_of, next_address
from workflows.web.states import states_named

EDITORS = frozenset({Role.LEGAL})
#: Rows of a kind that a plan shows; it says how many there are in all.
MOST_PLANNED = 200


def _may_edit(request: DeskRequest) -> bool:
    return holds(request.actor, profiles.EDIT)


@require_safe
@page(READERS)
def countries(request: DeskRequest) -> HttpResponse:
    """Every State with what is known of it, by code."""
    form, rows = _filtered(request)
    shown, following = countries_page(rows, request.GET.get("after", "")[:2].upper())
    language = get_language() or "en"
    context = {
        "form": form,
        "rows": [(row, row.name(language)) for row in shown],
        "next": next_address(request, following or None),
        "query": urlencode({name: value for name, value in _said(form).items() if value}),
        "first": stale_before(),
        "may_edit": _may_edit(request),
    }
    return render(request, "web/countries/list.html", context)


def _said(form: CountryFilter) -> dict[str, str]:
    form.is_valid()
    return {name: form.cleaned_data.get(name, "") for name in ("q", "show")}


def _filtered(request: DeskRequest) -> tuple[CountryFilter, Any]:
    form = CountryFilter(request.GET)
    said = _said(form)
    return form, states_known(words=said["q"], show=said["show"], language=get_language() or "en")


@require_safe
@page(READERS)
def export(request: DeskRequest) -> HttpResponse:
    """The entries of the States that the list shows, in the format of the shipped file."""
    _form, rows = _filtered(request)
    answer = HttpResponse(
        b"\xef\xbb\xbf" + profile_file(entries_of(rows)).encode(), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="profiles.csv"'
    return answer


def _state(request: DeskRequest, code: str) -> Jurisdiction:
    return access(Jurisdiction.objects.all(), actor=request.actor, kind="country", code=code)


@require_safe
@page(READERS)
def country(request: DeskRequest, code: str) -> HttpResponse:
    """All that is known of one State, topic by topic, and what was changed in it."""
    state = _state(request, code)
    known = profile_of(state)
    changes, following = changes_of(state, after_of(request))
    context = {
        "state": state,
        "name": state.name(get_language() or "en"),
        "sections": [(topic, topic.label, _editable(known[topic])) for topic in Topic],
        "nothing": not any(known.values()),
        "ladder": ", ".join(map(str, own_ladder().reminded_after)),
        "changes": changes,
        "next": next_address(request, following),
        "may_edit": _may_edit(request),
    }
    return render(request, "web/countries/country.html", context)


def _editable(lines: list[Any]) -> list[tuple[Any, str]]:
    return [(line, fingerprint(line.entry) if line.entry else "") for line in lines]


@require_http_methods(["GET", "HEAD", "POST"])
@page(EDITORS)
def entry_add(request: DeskRequest, code: str, topic: str) -> HttpResponse:
    """Add an entry to the profile of a State."""
    state = _state(request, code)
    if request.method == "POST":
        form = EntryForm(request.POST, topic=topic)
        if form.is_valid():
            row = form.row({"jurisdiction": state.code})
            if _saved(form, lambda: profiles.profile_entry_save(row=row, expected="-", by=request.actor)):
                messages.success(request, _("The entry is added to the profile."))
                return redirect("web:country", state.code)
    else:
        form = EntryForm(topic=topic, initial={"confidence": "medium"})
    context = {"state": state, "name": state.name(get_language() or "en"), "form": form, "topic": Topic(topic).label}
    return render(request, "web/countries/entry.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(EDITORS)
def entry(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One entry: change it, note that it was verified today, or take it out."""
    rows = ProfileEntry.objects.filter(removed=False).select_related("jurisdiction")
    there = access(rows, actor=request.actor, kind="profile entry", public_id=public_id)
    status = 200
    if request.method == "POST":
        form = EntryForm(request.POST, topic=there.topic, fixed=True)
        answer = _entry_act(request, there, form)
        if answer is not None:
            return answer
        status = 422
        # The next press is made in the knowledge of the change, which the page shows.
        there.refresh_from_db()
        again = request.POST.copy() if request.POST.get("do") not in ("verify", "remove") else _of(form)
        again["seen"] = fingerprint(there)
        form.data = again
    else:
        row = there.row()
        value = row["value"].split() if there.topic in SEVERAL_OF else row["value"]
        form = EntryForm(topic=there.topic, fixed=True, initial=row | {"value": value, "seen": fingerprint(there)})
    state = there.jurisdiction
    context = {
        "state": state,
        "name": state.name(get_language() or "en"),
        "form": form,
        "topic": there.get_topic_display(),
        "entry": there,
        "limits": [name for name in LIMITED_TO[there.topic] if getattr(there, name)],
    }
    return render(request, "web/countries/entry.html", context, status=status)


def _entry_act(request: DeskRequest, there: ProfileEntry, form: EntryForm) -> HttpResponse | None:
    """Do what was pressed; None: the form holds why not."""
    act, seen = request.POST.get("do", ""), request.POST.get("seen", "")
    if act in ("verify", "remove"):
        form = _for_errors(form, there)
        if act == "verify":
            done = _saved(form, lambda: profiles.profile_entry_verify(entry=there, expected=seen, by=request.actor))
            said = _("Noted: verified today.")
        else:
            done = _saved(form, lambda: profiles.profile_entry_remove(entry=there, expected=seen, by=request.actor))
            said = _("The entry is taken out. What it was stays in the history.")
    elif form.is_valid():
        named = dict(zip(("jurisdiction", "topic", "instrument", "measure", "stage"), there.key, strict=True))
        row = form.row(named)
        done = _saved(form, lambda: profiles.profile_entry_save(row=row, expected=seen, by=request.actor))
        said = _("The entry is saved. What it was stays in the history.")
    else:
        return None
    if not done:
        return None
    messages.success(request, said)
    return redirect("web:country", there.jurisdiction.code)


def _of(form: EntryForm) -> QueryDict:
    return cast(QueryDict, form.data).copy()


def _for_errors(form: EntryForm, there: ProfileEntry) -> EntryForm:
    """Fill the form with the entry as it stands: a button was pressed, nothing was typed."""
    row = there.row()
    data = _of(form)
    for name in form.fields:
        if name != "seen":
            values = row[name].split() if name == "value" and there.topic in SEVERAL_OF else [row[name]]
            data.setlist(name, values)
    form.data = data
    form.is_valid()
    return form


def _saved(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Do an edit; each fault of the entry stands beside its field."""

    def edit() -> None:
        try:
            act()
        except EntryWrong as wrong:
            for name, message in wrong.problems:
                place = name if name in form.fields else None
                form.add_error(place, message if place else f"{name}: {message}" if name else message)

    return do_from(form, edit) and not form.errors


@require_http_methods(["GET", "HEAD", "POST"])
@page(EDITORS)
def bring(request: DeskRequest) -> HttpResponse:
    """Bring a file of entries: what it would change is shown, nothing is changed."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].content.read()
        answer = _planned(request, form, content)
        if answer is not None:
            return answer
    return render(request, "web/countries/import.html", {"form": form}, status=422 if form.errors else 200)


def _planned(request: DeskRequest, form: forms.Form, content: bytes, told: str = "") -> HttpResponse | None:
    """Return the page that shows what a file would change; None: it is no such file, and the form says why."""
    try:
        plan = profile_file_plan(content=content)
    except ProfileFileWrong as wrong:
        form.add_error(None, str(wrong))
        return None
    names = dict(states_named())
    planned = PlannedForm(initial={"content": sealed(content, request.actor.user_id), "digest": plan.digest})
    context = {
        "plan": plan,
        "form": planned,
        "told": told,
        "groups": [
            (
                change,
                [(row, names.get(row.after["jurisdiction"], "")) for row in plan.of(change)[:MOST_PLANNED]],
                len(plan.of(change)),
            )
            for change in ("changed", "added")
        ],
        "same": len(plan.of("same")),
        "refused": plan.refused[:MOST_PLANNED],
        "may_apply": plan.would_change and not plan.refused,
    }
    return render(request, "web/countries/planned.html", context, status=409 if told else 200)


@require_POST
@page(EDITORS)
def bring_apply(request: DeskRequest) -> HttpResponse:
    """Do what was shown of a file: exactly that, all of it or nothing."""
    planned = PlannedForm(request.POST)
    content = unsealed(planned.data.get("content", ""), request.actor.user_id) if planned.is_valid() else None
    form = FileForm({})
    form.is_valid()
    form.errors.clear()
    if content is None:
        form.add_error(None, _("Bring the file again: what was looked at is no longer here."))
        return render(request, "web/countries/import.html", {"form": form}, status=422)
    digest = planned.cleaned_data["digest"]
    done: list[Any] = []
    if do_from(
        form,
        lambda: done.append(profiles.profile_file_apply(content=content, digest=digest, by=request.actor)),
    ):
        plan = done[0]
        message = _("The file is done: %(added)d entries added, %(changed)d changed.")
        parts = {"added": len(plan.of("added")), "changed": len(plan.of("changed"))}
        messages.success(request, message % parts)
        return redirect("web:countries")
    answer = _planned(request, form, content, told=" ".join(map(str, form.non_field_errors())))
    assert answer is not None, "it was read a moment ago"
    return answer
