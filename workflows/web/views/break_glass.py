"""Opening a restricted case without being named: the form, what was opened, one opening, and the case to be read.

The page of the case is a page of its own: every other page finds a case by what the person may see, and goes on to
refuse this one. So nothing can be done on it, and no list, search or number knows of it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.accounts.services_record import LONGEST_PURPOSE, SHORTEST_PURPOSE
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.languages import house_words, is_from_the_right
from mla.reference.break_glass import break_glass_purposes
from workflows.documents.preview import Sheet, letter_sheet
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.selectors import visible_versions
from workflows.engine.perform import recording_refusals
from workflows.lifecycle.models import BreakGlass, OutgoingRequest
from workflows.lifecycle.selectors import access_break_glass_by_id
from workflows.lifecycle.selectors_break_glass import house_of, opened_case, visible_break_glass
from workflows.lifecycle.services.break_glass import break_glass_open
from workflows.tracking.casefile import access_case, case_file
from workflows.tracking.cases import Case
from workflows.tracking.pages import keyset_page
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.forms.administration import CleanText, lines
from workflows.web.letters_in import letter_in
from workflows.web.paging import after_of, next_address
from workflows.web.templatetags.course import state_name
from workflows.web.views.act import buttons_for

#: Who can open a restricted case, as the capability table has it for `break_glass.open`.
OPENERS = frozenset({Role.SUPERVISOR, Role.DUTY_OFFICER})


class OpenForm(forms.Form):
    reference = CleanText(
        label=gettext_lazy("Reference of the case"),
        max_length=120,
        help_text=gettext_lazy("Ours or theirs, whole. What you may see anyway is found by the search."),
    )
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), widget=forms.RadioSelect)
    words = CleanText(
        label=gettext_lazy("Why you must see it now"),
        min_length=SHORTEST_PURPOSE,
        max_length=LONGEST_PURPOSE,
        widget=lines(3),
        help_text=gettext_lazy("The auditor and the named persons read it. Nothing that the case itself keeps."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(code, house_words(one.name)) for code, one in break_glass_purposes().items()]
        self.fields["purpose"].choices = choices  # type: ignore[attr-defined]


def purpose_words(opened: BreakGlass) -> str:
    """Return a purpose in words; one that the data no longer has, by its code."""
    one = break_glass_purposes().get(opened.purpose)
    return house_words(one.name) if one else opened.purpose


def told(found: list[BreakGlass]) -> list[BreakGlass]:
    """Put on each opening the words of its purpose."""
    for one in found:
        one.purpose_words = purpose_words(one)  # type: ignore[attr-defined]
    return found


@require_safe
@page(open_to=OPENERS | {Role.AUDITOR})
def openings(request: DeskRequest) -> HttpResponse:
    """The auditor: every opening by persons of the authority. Others: their own, and those of cases they are named in."""
    shown = keyset_page(visible_break_glass(request.actor), after_of(request))
    context = {
        "rows": told(shown.rows),
        "next": next_address(request, shown.after),
        "may_open": holds(request.actor, "break_glass.open"),
        "reviews": holds(request.actor, "break_glass.review"),
    }
    return render(request, "web/break_glass/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=OPENERS)
def open_one(request: DeskRequest) -> HttpResponse:
    """Ask for one restricted case by its reference. One answer to all that cannot be opened so."""
    form = OpenForm(request.POST if request.method == "POST" else None)
    made: list[BreakGlass] = []
    if form.is_valid():
        try:
            with recording_refusals():
                if do_from(form, lambda: made.append(break_glass_open(by=request.actor, **form.cleaned_data))):
                    messages.success(request, _("The case is open to you, to read. The auditor has been shown it."))
                    return redirect("web:break_glass_case", made[0].public_id)
        except AccessDenied:
            form.add_error("reference", _("With this reference there is nothing that you can open here."))
    context = {"form": form, "hours": settings.BREAK_GLASS_HOURS}
    return render(request, "web/break_glass/open.html", context, status=422 if form.is_bound else 200)


@require_safe
@page(open_to=OUTWARD | INWARD)
def opening(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One opening: who, when, for which purpose, what the auditor said. Nothing of the case but its reference."""
    found = access_break_glass_by_id(request.actor, public_id)
    told([found])
    own = found.user_id == request.actor.user_id and found.role == request.actor.role
    context = {"opened": found, "buttons": buttons_for(found, request.actor), "reads": own and found.holds}
    return render(request, "web/break_glass/opening.html", context)


@require_safe
@page(open_to=OPENERS)
def read_case(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The case, to be read by the person who opened it, while the opening holds: as the house sees it, without any act."""
    opened, case_id = opened_case(request.actor, public_id)
    told([opened])
    house = house_of(request.actor)
    case = access_case(house, "outgoing" if opened.outgoing_id else "incoming", case_id)
    file = case_file(house, case, mirrored=is_from_the_right(), zone=timezone.get_current_timezone())
    outward = isinstance(case, OutgoingRequest)
    context = {
        "opened": opened,
        "buttons": buttons_for(opened, request.actor),
        "case": case,
        "title": case.letter.title if isinstance(case, OutgoingRequest) else case.title,
        "us": state_name(
            case.central.jurisdiction if isinstance(case, OutgoingRequest) else case.authority.jurisdiction
        ),
        "them": state_name(case.letter.requested if isinstance(case, OutgoingRequest) else case.requesting),
        "outward": outward,
        "file": file,
        "sheet": _sheet(request, case),
        "measures": {slug: house_words(measure.name) for slug, measure in measure_catalogue().items()},
        "today": timezone.localdate(clock.now()),
    }
    return render(request, "web/break_glass/case.html", context)


def _sheet(request: DeskRequest, case: Case) -> Sheet | None:
    """Return the letter, protected persons under their keys; None where it came in no form that a page can show."""
    if not isinstance(case, OutgoingRequest):
        return letter_in(case).sheet
    version = visible_versions(case.letter, house_of(request.actor)).last()
    try:
        return letter_sheet(case, version) if version is not None else None
    except MlaError:
        # A draft may be no letter yet.
        return None
