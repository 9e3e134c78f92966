"""Entering a bilateral treaty, changing it, and recording how a State stands towards an instrument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts import services_treaties as service
from mla.accounts.access import AccessDenied, access
from mla.accounts.models import Role
from mla.reference.errors import ReferenceChanged
from mla.reference.history import STANDING, fingerprint, standing_row
from mla.reference.models import Instrument, InstrumentChange, Jurisdiction, Participation
from mla.reference.selectors_treaties import changes_of
from mla.reference.services_treaties import treaty_fingerprint, treaty_values
from mla.reference.treaties import TreatyWrong
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.forms.treaties import StandingForm, TreatyForms
from workflows.web.views.treaties import instrument_named

EDITORS = frozenset({Role.LEGAL})
#: Rows that the button for more rows adds to each list.
MORE = 5


@require_http_methods(["GET", "HEAD", "POST"])
@page(EDITORS)
def treaty_add(request: DeskRequest) -> HttpResponse:
    """Enter a treaty between two States."""
    if request.method != "POST":
        return _form_page(request, TreatyForms(), None)
    more = request.POST.get("do") == "more"
    both = TreatyForms(request.POST, more=MORE if more else 0)
    if more:
        return _form_page(request, both, None, quiet=True)
    done: list[Instrument] = []
    if both.is_valid() and _saved(
        both.main, lambda: done.append(service.treaty_add(values=both.values(), by=request.actor))
    ):
        messages.success(request, _("The treaty is entered as %(code)s. It counts at once.") % {"code": done[0].code})
        return redirect("web:treaty", done[0].code)
    return _form_page(request, both, None, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@page(EDITORS)
def treaty_change(request: DeskRequest, code: str) -> HttpResponse:
    """Change what is entered of a treaty between two States."""
    there = instrument_named(request, code)
    if there.kind != Instrument.Kind.BILATERAL:
        raise AccessDenied("instrument", code, request.actor)
    values = treaty_values(there)
    if request.method != "POST":
        return _form_page(request, TreatyForms(values=values, seen=treaty_fingerprint(there)), there)
    more = request.POST.get("do") == "more"
    both = TreatyForms(request.POST, values=values, more=MORE if more else 0)
    if more:
        return _form_page(request, both, there, quiet=True)
    seen = request.POST.get("seen", "")
    if both.is_valid() and _saved(
        both.main,
        lambda: service.treaty_edit(instrument=there, values=both.values(), expected=seen, by=request.actor),
    ):
        messages.success(request, _("The treaty is saved. What it was stays in the history."))
        return redirect("web:treaty", there.code)
    there.refresh_from_db()
    _told_of_a_change(both.main, treaty_fingerprint(there))
    return _form_page(request, both, there, status=422)


def _form_page(
    request: DeskRequest, both: TreatyForms, there: Instrument | None, *, status: int = 200, quiet: bool = False
) -> HttpResponse:
    """Show the form. `quiet`: only more rows were asked for, so nothing is complained of yet."""
    language = get_language() or "en"
    states = Jurisdiction.objects.filter(code__in=both.fixed.parties).order_by("code") if both.fixed else ()
    context = {
        "both": both,
        "form": both.main,
        "errors": [] if quiet else both.errors if both.main.is_bound else [],
        "quiet": quiet,
        "treaty": there,
        "changed": _last_change(both.main, there),
        "states": [state.name(language) for state in states],
        "title_fields": both.main.group(both.main.TITLE),
        "offence_fields": both.main.group(both.main.OFFENCES),
        "language_fields": both.main.group(both.main.LANGUAGE),
        "source_fields": both.main.group(both.main.SOURCE),
    }
    return render(request, "web/treaties/form.html", context, status=status)


def _state(request: DeskRequest, code: str) -> Jurisdiction:
    return access(Jurisdiction.objects.all(), actor=request.actor, kind="country", code=code)


@require_safe
@page(EDITORS)
def standing_choose(request: DeskRequest, code: str) -> HttpResponse:
    """Lead to the page of the State that was chosen on the page of the instrument."""
    there, state = instrument_named(request, code), request.GET.get("state", "")[:2]
    if not state:
        return redirect("web:treaty", there.code)
    return redirect("web:treaty_standing", there.code, _state(request, state).code)


@require_http_methods(["GET", "HEAD", "POST"])
@page(EDITORS)
def standing(request: DeskRequest, code: str, state: str) -> HttpResponse:
    """Record how one State stands towards an instrument. Of a treaty between two, its own page tells that."""
    there, of_state = instrument_named(request, code), _state(request, state)
    if there.kind == Instrument.Kind.BILATERAL:
        raise AccessDenied("instrument", code, request.actor)
    return _standing(request, there, of_state)


def _standing(request: DeskRequest, there: Instrument, state: Jurisdiction) -> HttpResponse:
    row = Participation.objects.filter(instrument=there, jurisdiction=state).select_related("jurisdiction").first()
    status = 200
    if request.method == "POST":
        form = StandingForm(request.POST)
        seen = request.POST.get("seen", "")
        if form.is_valid() and _saved(
            form,
            lambda: service.participation_record(
                instrument=there, jurisdiction=state, values=form.values(), expected=seen, by=request.actor
            ),
        ):
            messages.success(request, _("Recorded. What it was stays in the history."))
            return redirect("web:treaty", there.code)
        status = 422
        row = Participation.objects.filter(instrument=there, jurisdiction=state).select_related("jurisdiction").first()
        _told_of_a_change(form, fingerprint(standing_row(row)))
    else:
        said: dict[str, Any] = {name: getattr(row, name) for name in STANDING} if row else {"confidence": "medium"}
        form = StandingForm(initial=said | {"seen": fingerprint(standing_row(row))})
    context = {"treaty": there, "name": state.name(get_language() or "en"), "form": form, "row": row}
    context["changed"] = _last_change(form, there)
    return render(request, "web/treaties/standing.html", context, status=status)


def _told_of_a_change(form: forms.Form, seen: str) -> None:
    """Let the next press be made in the knowledge of a change by somebody else, where the page has told of one."""
    if getattr(form, "changed_meanwhile", None):
        data: Any = form.data
        again = data.copy()
        again["seen"] = seen
        form.data = again


def _last_change(form: forms.Form, there: Instrument | None) -> InstrumentChange | None:
    """Return what somebody else did, where that is why the form comes back."""
    if there is None or not getattr(form, "changed_meanwhile", None):
        return None
    return next(iter(changes_of(there)[0]), None)


def _saved(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Do an edit; each fault of the treaty stands beside its field."""

    def edit() -> None:
        try:
            act()
        except TreatyWrong as wrong:
            for name, message in wrong.problems:
                place = name if name in form.fields else None
                form.add_error(place, message)
        except ReferenceChanged:
            form.changed_meanwhile = True  # type: ignore[attr-defined]
            raise

    return do_from(form, edit) and not form.errors
