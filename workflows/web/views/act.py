"""The page of one act: what it does, what it asks, what stands in its way; and doing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from workflows.documents.selectors import access_case_document_by_id
from workflows.drafting.selectors import access_letter_by_id, access_translation_by_id
from workflows.engine.machine import acts_of, transition_from
from workflows.engine.models import CaseRow
from workflows.engine.perform import AvailableAct, available_acts, require_right
from workflows.lifecycle.guards_custody import NOT_THE_HOLDER, NOT_THE_RECEIVER
from workflows.lifecycle.models.short import ShortMachine
from workflows.lifecycle.selectors import (
    access_break_glass_by_id,
    access_custody_in_by_id,
    access_custody_out_by_id,
    access_emergency_in_by_id,
    access_emergency_out_by_id,
    access_incoming_by_id,
    access_item_by_id,
    access_officer_link_by_id,
    access_operation_by_id,
    access_outgoing_by_id,
    access_preservation_in_by_id,
    access_preservation_out_by_id,
    access_spontaneous_in_by_id,
    access_spontaneous_out_by_id,
    access_team_in_by_id,
    access_team_out_by_id,
)
from workflows.web.acts import ActScreen, screen_of
from workflows.web.addresses import address_of
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from, needs_recent_sign_in

#: By the first part of the address: how the row is reached. The only ways to a row.
_WAYS: dict[str, Callable[[Actor, UUID | str], Any]] = {
    "out": access_outgoing_by_id,
    "in": access_incoming_by_id,
    "item": access_item_by_id,
    "letter": access_letter_by_id,
    "translation": access_translation_by_id,
    "document": access_case_document_by_id,
    "operation": access_operation_by_id,
    "spontaneous_out": access_spontaneous_out_by_id,
    "spontaneous_in": access_spontaneous_in_by_id,
    "team_out": access_team_out_by_id,
    "team_in": access_team_in_by_id,
    "emergency_out": access_emergency_out_by_id,
    "emergency_in": access_emergency_in_by_id,
    "custody_out": access_custody_out_by_id,
    "custody_in": access_custody_in_by_id,
    "preservation_out": access_preservation_out_by_id,
    "preservation_in": access_preservation_in_by_id,
    "break_glass": access_break_glass_by_id,
    "officer_link": access_officer_link_by_id,
}


def screen_kind(case: CaseRow) -> str:
    """Return the kind under which a row's acts have their screens: an item's differ by side."""
    if case.KIND == "item":
        return "item_out" if case.outgoing_id else "item_in"  # type: ignore[attr-defined]
    return case.KIND


def case_address(case: Any) -> str:
    """Return the address of the page of a case, for an item or a document where it stands in the list of its case."""
    if case.KIND == "item":
        case = case.outgoing or case.incoming
    if case.KIND == "translation":
        return address_of("web:translation", case.public_id)
    if case.KIND == "operation":
        return address_of("web:operation", case.public_id)
    if case.KIND == "officer_link":
        return address_of("web:officer_link", case.public_id)
    if case.KIND == "break_glass":
        return address_of("web:break_glass", case.public_id)
    if isinstance(case, ShortMachine):
        return f"{case_address(case.case)}#short-{case.item.key}"
    if case.KIND == "case_document":
        return reverse("web:case_documents", args=["out" if case.outgoing_id else "in", case.case.public_id])
    if case.KIND == "letter":
        # Whoever acts on a letter comes from its preview, and goes back to it.
        return address_of("web:letter_preview", case.outgoing.public_id)
    return address_of("web:outgoing" if case.KIND == "outgoing" else "web:incoming", case.public_id)


def reading_address(case: Any, act: str) -> str:
    """Return the page that an act is decided from, or the empty text."""
    screen = screen_of(screen_kind(case), act)
    return address_of(screen.reads, case.public_id) if screen and screen.reads else ""


def home_address(case: Any, screen: ActScreen) -> str:
    """Return the page that an act is done from: a page of its own, or that of the case."""
    return address_of(screen.home, case.public_id) if screen.home else case_address(case)


def case_words(case: Any) -> str:
    """Return what a case is called; an item or a document is called by its case and what it is."""
    if case.KIND == "item":
        return _("%(case)s, item %(key)s") % {"case": case.case, "key": case.key}
    if case.KIND == "case_document":
        return f"{case.case.reference}, {case.name}"
    if isinstance(case, ShortMachine):
        words = {"what": case.what, "case": case.case, "key": case.item.key}
        return _("%(what)s: %(case)s, item %(key)s") % words
    return str(case)


def act_address(case: CaseRow, act: str) -> str:
    way = {"outgoing": "out", "incoming": "in", "case_document": "document"}.get(case.KIND, case.KIND)
    return reverse("web:act", args=[way, case.public_id, act])


#: Acts whose service freezes the letter as it does them: that it is still being drafted stands in no way.
_FREEZING = {("outgoing", "lodge"), ("outgoing", "submit")}


def _in_the_way(case: CaseRow, available: AvailableAct) -> AvailableAct:
    if (case.KIND, available.name) not in _FREEZING:
        return available
    return replace(available, reasons=tuple(one for one in available.reasons if one.code != "not_frozen"))


#: Reasons that make an act no matter of this case at all: it is not shown, not even as something to come.
_ANOTHER_MATTER = frozenset(
    {
        "no_emergency",
        "four_eyes_always",
        "nothing_to_confirm",
        "not_provisional",
        "no_next_step",
        "not_restricted",
        "no_wish_open",
        "no_reminder_due",
        "no_reminder_left",
        "asked_already",
        "said_already",
        "signed_already",
        NOT_THE_HOLDER,
        NOT_THE_RECEIVER,
        "no_extension",
        "no_tipping_off_open",
        "nothing_open",
        "no_order_open",
        "no_remedy_open",
        "no_filter_open",
        "no_part_open",
        "not_withdrawn",
        "no_extension_open",
        "no_provider_open",
        "until_ahead",
        "works_here",
    }
)


def buttons_for(case: CaseRow, actor: Actor, home: str = "") -> list[dict[str, Any]]:
    """Return the acts with a screen that the actor may do now, each with its address, words, and what stands in its way.

    `home`: only those that are done from that page; empty: those of the case's own page. First stands what brings the
    case on (`onward`), then what else can be done, what stands beside the case's way, and last what cannot be done yet.
    """
    kind = screen_kind(case)
    found = []
    for available in (_in_the_way(case, one) for one in available_acts(case, actor)):
        screen = screen_of(kind, available.name)
        if screen is None or screen.home != home:
            continue
        if not any(reason.code in _ANOTHER_MATTER for reason in available.reasons):
            found.append(
                {
                    "act": available.name,
                    "address": act_address(case, available.name),
                    "words": screen.words(case),
                    "grave": screen.grave,
                    "beside": screen.beside or _ends_a_course(case, available.name),
                    "reasons": available.reasons,
                    "onward": _is_onward(case, available, screen),
                }
            )
    return sorted(found, key=_place)


#: Acts that the other State waits for: open only while it waits.
_ANSWERS = frozenset(
    {
        "give_information",
        "accept_conditions",
        "answer_consultation",
        "answer_wish",
        "answer_other_use",
        "take_up",
        "give_facts",
        "agree_extension",
        "supply_complement",
    }
)
#: Acts that change the status without bringing the case on.
_NO_NEXT_STEP = frozenset({"redirect"})


def _place(button: dict[str, Any]) -> tuple[bool, bool, bool, bool]:
    return bool(button["reasons"]), bool(button["beside"]), not button["onward"], button["act"] not in _ANSWERS


def _is_onward(case: CaseRow, available: AvailableAct, screen: ActScreen) -> bool:
    """Tell whether the act is what comes next: an answer that is waited for, or a step of the case's own way and no end of it."""
    if screen.grave or screen.beside or available.reasons or available.name in _NO_NEXT_STEP:
        return False
    if available.name in _ANSWERS:
        return True
    declared = transition_from(case, available.name)
    changes = declared is not None and declared.target not in (None, declared.source)
    return changes and not _ends_a_course(case, available.name)


def _ends_a_course(case: CaseRow, act: str) -> bool:
    """Tell whether the act closes the course of an item, which other acts bring to its own end."""
    return isinstance(case, ShortMachine) and act == "close"


@page()
def act(request: DeskRequest, way: str, public_id: UUID, name: str) -> HttpResponse:
    case = _WAYS[way](request.actor, public_id)
    screen = screen_of(screen_kind(case), name)
    if screen is None or name not in acts_of(type(case)):
        raise AccessDenied("page", name, request.actor)
    require_right(case, name, by=request.actor)
    if screen.recent and (sign_in := needs_recent_sign_in(request)):
        return sign_in
    if request.method == "POST":
        form = screen.form(request.POST, request.FILES, case=case, actor=request.actor)
        form.require_known()
        if form.is_valid() and do_from(form, lambda: screen.run(case, request.actor, form)):
            messages.success(request, getattr(form, "told", "") or _("Done: %(act)s") % {"act": screen.words(case)})
            return redirect(home_address(case, screen))
        return _page(request, case, name, screen, form, status=422)
    form = screen.form(case=case, actor=request.actor, initial=request.GET.dict())
    return _page(request, case, name, screen, form, status=200)


def _page(request: DeskRequest, case: Any, name: str, screen: ActScreen, form: Any, *, status: int) -> HttpResponse:
    # Read anew: the form may come back because somebody else changed the row.
    case = type(case).objects.get(pk=case.pk)
    available = next((_in_the_way(case, act) for act in available_acts(case, request.actor) if act.name == name), None)
    if available is None and status == 200:
        return _not_now(request, case, name, screen)
    context = {
        "case": case,
        "name": case_words(case),
        "back": home_address(case, screen),
        "reading": reading_address(case, name),
        "reading_words": _("Read what this is about first"),
        "screen": screen,
        "words": screen.words(case),
        "form": form,
        "facts": screen.facts(case) if screen.facts else [],
        "available": available or AvailableAct(name, screen.words(case), ()),
    }
    return render(request, screen.template, context, status=status)


def _not_now(request: DeskRequest, case: Any, name: str, screen: ActScreen) -> HttpResponse:
    """Say that the act is not open from the present status."""
    context = {"case": case, "name": case_words(case), "back": case_address(case), "words": screen.words(case)}
    return render(request, "web/act_not_now.html", context, status=409)
