"""The page of a case, of a request out or in: where it stands, its course, its file, and the acts open now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from babel.lists import format_list
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core import clock
from mla.core.languages import house_words, is_from_the_right
from workflows.documents.formats import locale_of
from workflows.drafting.letterfile import letter_from
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.place_words import path_words
from workflows.drafting.preserving_data import PRESERVATION
from workflows.drafting.selectors import visible_versions
from workflows.lifecycle.links import linked_cases
from workflows.lifecycle.models import Defect, IncomingRequest, OfficerLink, OutgoingRequest, RequestedItem
from workflows.lifecycle.outcomes import Outcome
from workflows.lifecycle.selectors import may_start
from workflows.lifecycle.selectors_break_glass import openings_of
from workflows.lifecycle.selectors_links import visible_officer_links
from workflows.lifecycle.short import MACHINES
from workflows.tracking.ball import Held
from workflows.tracking.casefile import CaseFile, access_case, case_file
from workflows.tracking.deadlines import Deadline, elsewhere
from workflows.tracking.timeline import TimelineEntry
from workflows.tracking.together import together_of
from workflows.tracking.unmanned import roles_missing
from workflows.web.acts.fields import content_of
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.drafting.planner import Planner, planner_of
from workflows.web.purpose import case_purpose
from workflows.web.templatetags.course import state_name
from workflows.web.views.act import buttons_for
from workflows.web.views.break_glass import told
from workflows.web.views.drafting_new import DRAFTERS

#: Documents beside the letter that the page of a case shows, newest first; all of them stand on a page of their own.
MOST_BESIDE = 20
#: Kinds whose acts stand with those on the case: its items, and their further course.
_OF_ITEMS = frozenset({"item", *(machine.KIND for machine in MACHINES)})
#: What people do with them, and that one could not be made.
_ACTS_BESIDE = frozenset(f"case_document.{act}" for act in "make redact again attach_scan send receive fail".split())


@require_safe
@page(open_to=OUTWARD)
def outgoing(request: DeskRequest, public_id: UUID) -> HttpResponse:
    return _page(request, "outgoing", public_id)


@require_safe
@page(open_to=INWARD)
def incoming(request: DeskRequest, public_id: UUID) -> HttpResponse:
    return _page(request, "incoming", public_id)


def _page(request: DeskRequest, kind: str, public_id: UUID) -> HttpResponse:
    case = access_case(request.actor, kind, public_id)
    purpose, asked = case_purpose(request, kind, public_id)
    if asked is not None:
        return asked
    mirrored = is_from_the_right()
    zone = timezone.get_current_timezone()
    file = case_file(request.actor, case, mirrored=mirrored, zone=zone)
    outward = isinstance(case, OutgoingRequest)
    ours, theirs = _sides(file)
    today = timezone.localdate(clock.now())
    preserving = _preserving(request, case)
    items = [(item, buttons_for(item, request.actor)) for item in file.rows.items]
    together = together_of(case, request.actor)
    buttons = buttons_for(case, request.actor)
    context = {
        "case": case,
        "planner": preserving[0],
        "may_follow_up": preserving[1],
        "follow_up_article": "CETS-185 29(7)",
        "purpose": purpose,
        "file": file,
        "reads_sealed": holds(request.actor, "letter.read_sealed"),
        "outward": outward,
        "way": "out" if outward else "in",
        "measures": {slug: house_words(measure.name) for slug, measure in measure_catalogue().items()},
        "title": case.letter.title if isinstance(case, OutgoingRequest) else case.title,
        "us": ours,
        "them": theirs,
        "holder": _holder(file, file.holder, ours, theirs),
        "roles_missing": format_list(
            roles_missing(case, file.holder), style="or", locale=locale_of(get_language() or "en")
        ),
        "due_list": [(one, _elsewhere(file, one)) for one in file.deadlines],
        "next_due": file.deadlines[0] if file.deadlines else None,
        "today": today,
        "acts": [entry for entry in file.entries if _is_act(entry)],
        "steps": [entry for entry in file.entries if not _is_act(entry)],
        "items": items,
        "refusing": _refusing(items),
        "short": [(row, f"web/short/{row.KIND}.html", buttons_for(row, request.actor)) for row in file.rows.short],
        "buttons": buttons,
        "goes_on": any(button["onward"] for button in buttons),
        "beside": file.rows.beside[: -MOST_BESIDE - 1 : -1],
        "ways": _ways(request, file),
        "refused_there": file.refused_there,
        "may_follow_sent": outward
        and not case.taken_over
        and str(request.actor.role) in {str(role) for role in _DRAFT},
        "linked": linked_cases(case, request.actor, decided=case.has_decisions),  # type: ignore[union-attr]
        "together": together,
        "may_group": _grouping(request, case),
        "back": _came_back(request, case),
        "openings": told(openings_of(case)),
        "officer_links": _officer_links(request, case),
        "entry": case.importedentry_set.first() if case.taken_over else None,
        "has_pane": True,
        "printed_at": clock.now(),
    }
    return render(request, "web/case.html", context)


def _officer_links(request: DeskRequest, case: OutgoingRequest | IncomingRequest) -> list[OfficerLink]:
    """Return the links to a request that went by hand; what went by message has none and costs no query."""
    if not isinstance(case, OutgoingRequest) or case.channel in ("", "local"):
        return []
    return list(visible_officer_links(request.actor).filter(outgoing=case))


def _refusing(items: list[tuple[RequestedItem, list[dict[str, Any]]]]) -> dict[str, str]:
    """Return where the reader can refuse an item now, by its key: offered beside an order that a court denied."""
    return {
        item.key: button["address"]
        for item, buttons in items
        for button in buttons
        if button["act"] == "refuse" and not button["reasons"]
    }


def _is_act(entry: TimelineEntry) -> bool:
    """Tell an act on the case, its items or a document beside the letter from a step of making and transport."""
    return entry.on_case or entry.kind in _OF_ITEMS or entry.act in _ACTS_BESIDE


def _preserving(request: DeskRequest, case: OutgoingRequest | IncomingRequest) -> tuple[Planner | None, bool]:
    """Return the planner of the letter as far as the reader may see it, and whether the follow-up can be begun here."""
    if not isinstance(case, OutgoingRequest):
        return None, False
    version = visible_versions(case.letter, request.actor).last()
    content = version.content if version is not None else {}
    asks = any(item.get("measure") == PRESERVATION for item in content.get("items", ()))
    planner = planner_of(letter_from(content), case, request.actor) if content.get("preserved") else None
    begins = case.sent_at is not None and asks and request.actor.role in DRAFTERS and may_start(case, request.actor)
    return planner, begins


def _grouping(request: DeskRequest, case: OutgoingRequest | IncomingRequest) -> str:
    """Return the address of the page that puts the case into an operation, or the empty text."""
    if not holds(request.actor, "operation.add"):
        return ""
    return reverse("web:case_operation", args=["out" if case.KIND == "outgoing" else "in", case.public_id])


@dataclass(frozen=True, slots=True)
class CameBack:
    """How a request came back or went on, its defects as (place in words, row), and what may be begun from it here."""

    defects: list[tuple[str, Defect]]
    resubmits: bool
    sends_on: bool


def _came_back(request: DeskRequest, case: OutgoingRequest | IncomingRequest) -> CameBack | None:
    """Return None for every other request: it costs no query then."""
    if case.outcome not in (Outcome.RETURNED, Outcome.REDIRECTED):
        return None
    content = content_of(case)
    ours = isinstance(case, OutgoingRequest) and not case.taken_over
    begins = ours and request.actor.role in DRAFTERS and may_start(case, request.actor)  # type: ignore[arg-type]
    return CameBack(
        [(path_words(row.place, content), row) for row in case.defect_set.order_by("number")],
        begins and case.outcome == Outcome.RETURNED,
        begins and case.outcome == Outcome.REDIRECTED,
    )


def _elsewhere(file: CaseFile, deadline: Deadline) -> dict[str, Any] | None:
    """Return when the day of a deadline ends by the other side's clock, with both zones, where it is another day there."""
    case = file.case
    ours = file.authorities.get(deadline.for_authority_id)
    theirs = file.authorities.get((case.addressee_id if isinstance(case, OutgoingRequest) else case.sender_id) or 0)
    if ours is None or theirs is None:
        return None
    found = elsewhere(deadline, ours.time_zone, theirs.time_zone)
    if found is None:
        return None
    # Written in words of that zone: the page's own zone is neither's.
    return {"here": deadline.zone or ours.time_zone, "there": found[1], "day": found[0].replace(tzinfo=None)}


def _sides(file: CaseFile) -> tuple[str, str]:
    """Return what the two lanes are called: the two States."""
    case = file.case
    if isinstance(case, OutgoingRequest):
        return state_name(case.central.jurisdiction), state_name(case.letter.requested)
    return state_name(case.authority.jurisdiction), state_name(case.requesting)


def _holder(file: CaseFile, held: Held | None, ours: str, theirs: str) -> str:
    """Say who must act: the other State by its name, of our own side the office."""
    if held is None:
        return ""
    if held.party == "other":
        return theirs
    office = file.authorities.get(held.authority_id or 0)
    return office.name if office else ours


_LETTER = frozenset({
    Role.ORIGINATOR_DRAFTER, Role.ORIGINATOR_SIGNATORY, Role.DESK_OFFICER, Role.SUPERVISOR, Role.LEGAL,
    Role.DUTY_OFFICER, Role.REGISTRY,
})  # fmt: skip
_DRAFT = frozenset({Role.ORIGINATOR_DRAFTER, Role.DESK_OFFICER})
_DECIDE = frozenset({Role.DESK_OFFICER, Role.SUPERVISOR, Role.LEGAL, Role.DUTY_OFFICER})
#: Pages of other parts of the house beside a case: route, words, side, and who.
_WAYS: tuple[tuple[str, Any, str, frozenset[Role]], ...] = (
    ("web:letter", _("The letter, question by question"), "outgoing", _LETTER),
    ("web:letter_preview", _("The letter as it will be read"), "outgoing", _LETTER),
    ("web:translations_case", _("Translations of the letter"), "outgoing", _LETTER),
    ("web:review_case", _("The letter beside the checks"), "outgoing", frozenset({Role.SUPERVISOR})),
    ("web:letter_follow", _("Supplement or correct this letter"), "outgoing", _DRAFT),
    ("web:letter_copy", _("Begin a new letter from this one"), "outgoing", _DRAFT),
    ("web:letter_reopen", _("Take up this case again"), "outgoing", frozenset({Role.SUPERVISOR})),
    (
        "web:template_save",
        _("Save as a template"),
        "outgoing",
        frozenset({Role.ORIGINATOR_SIGNATORY, Role.SUPERVISOR, Role.LEGAL}),
    ),
    ("web:incoming_letter", _("The letter as received"), "incoming", _DECIDE | {Role.REGISTRY, Role.EXECUTING_OFFICER}),
    ("web:examine", _("Examine the request"), "incoming", _DECIDE),
    ("web:execution", _("Carry out what is asked"), "incoming", frozenset({Role.EXECUTING_OFFICER})),
    ("web:outgoing_ledger", _("Evidence and undertakings"), "outgoing", OUTWARD),
    ("web:incoming_ledger", _("Evidence and undertakings"), "incoming", INWARD),
    ("web:case_documents", _("Documents about the case"), "outgoing", OUTWARD),
    ("web:case_documents", _("Documents about the case"), "incoming", INWARD),
)


#: Pages of the text of our letter, which a case has not that was taken over from an earlier register.
_OF_THE_TEXT = frozenset(
    f"web:{name}"
    for name in (
        "letter", "letter_preview", "translations_case", "review_case", "letter_follow", "letter_copy",
        "letter_reopen", "template_save",
    )
)  # fmt: skip


def _ways(request: DeskRequest, file: CaseFile) -> list[tuple[str, str]]:
    """Return the addresses of the other pages of this case, where the installation has them and the role fits."""
    case = file.case
    found = []
    for name, words, side, roles in _WAYS:
        if side != case.KIND or request.actor.role not in {str(role) for role in roles}:
            continue
        if name in ("web:letter_follow", "web:outgoing_ledger") and not getattr(case, "sent_at", None):
            # What was not sent is changed itself, and brought no evidence.
            continue
        if name in _OF_THE_TEXT and case.taken_over:
            continue
        if name == "web:letter_reopen" and case.status != "closed":
            continue
        try:
            way = ["out" if case.KIND == "outgoing" else "in"] if name == "web:case_documents" else []
            found.append((reverse(name, args=[*way, case.public_id]), str(words)))
        except NoReverseMatch:
            continue
    return found
