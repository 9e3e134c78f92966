"""Documents beside the letter: what was made of a case, and what can be made of it now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.models import Role
from mla.core import clock
from workflows.documents.kinds import WHOLE, About, Field, Kind
from workflows.documents.models_kinds import CaseDocument, may_leave, scan_is_awaited
from workflows.documents.selectors import access_case_document_by_id, visible_case_documents
from workflows.documents.services_kinds import document_languages, document_make, kind_open, kinds_open
from workflows.engine.machine import Doing
from workflows.engine.perform import available_acts, require_right
from workflows.exchange.services import case_document_send
from workflows.lifecycle.models import OutgoingRequest
from workflows.tracking.casefile import access_case
from workflows.web.desk import INWARD, OUTWARD, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.languages import LANGUAGES, language_choices
from workflows.web.purpose import case_purpose
from workflows.web.views.act import act_address

_KINDS = {"out": "outgoing", "in": "incoming"}
_MAKERS = frozenset({
    Role.DESK_OFFICER, Role.SUPERVISOR, Role.LEGAL, Role.REGISTRY, Role.DUTY_OFFICER, Role.EXECUTING_OFFICER,
})  # fmt: skip
#: A case has a few dozen documents; the newest of more.
MOST = 200


@require_safe
@page(open_to=INWARD | OUTWARD)
def documents(request: DeskRequest, way: str, public_id: UUID) -> HttpResponse:
    case = access_case(request.actor, _KINDS[way], public_id)
    asked = case_purpose(request, _KINDS[way], public_id)[1]
    if asked is not None:
        return asked
    made = list(visible_case_documents(request.actor).filter(**{_KINDS[way]: case}).order_by("-id")[:MOST])
    statuses = {one.status for one in made}
    context = _frame(case, way) | {
        "made": made,
        "being_made": bool(statuses & {CaseDocument.Status.QUEUED, CaseDocument.Status.RENDERING}),
        "could_not": CaseDocument.Status.FAILED in statuses,
        "sendable": {one.pk for one in made if _can_go(one, request)},
        "scans": {one.pk: act_address(one, "attach_scan") for one in made if _awaits_scan(one, request)},
        "open": [
            (kind, [(one, one.words) for one in about]) for kind, about in kinds_open(case=case, by=request.actor)
        ],
    }
    return render(request, "web/case_documents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=_MAKERS)
def make(request: DeskRequest, way: str, public_id: UUID, kind: str, about: str) -> HttpResponse:
    """Say what the case does not hold, and make the document."""
    case = access_case(request.actor, _KINDS[way], public_id)
    found = kind_open(case=case, slug=kind, about=about, by=request.actor)
    known = found.known(case, about)
    form = MakeForm(request.POST if request.method == "POST" else None, kind=found, case=case, known=known)
    status = 200
    if request.method == "POST":
        made: list[CaseDocument] = []
        if form.is_valid() and do_from(form, lambda: made.append(_made(request, form, found, case, about))):
            messages.success(request, _("The document is ordered. It stands in the list, with how far it is."))
            return redirect(reverse("web:case_documents", args=[way, public_id]))
        status = 422
    part = next(one for one in found.about(case) if one.key == about)
    context = _frame(case, way) | {"form": form, "kind": found, "words": words_of(found, part)}
    context["known"] = [(one.plain_label, known[one.key]) for one in found.fields if one.key in known]
    return render(request, "web/case_document_make.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=_MAKERS)
def send(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Send a finished document to the other State, after looking at what goes where."""
    document = access_case_document_by_id(request.actor, public_id)
    require_right(document, "send", by=request.actor)
    way = "out" if document.outgoing_id else "in"
    case = access_case(request.actor, _KINDS[way], document.case.public_id)
    listing = reverse("web:case_documents", args=[way, case.public_id])
    form = SendForm(request.POST or None, initial={"expected_version": document.version})
    status = 200
    if request.method == "POST":
        if form.is_valid() and do_from(
            form,
            lambda: case_document_send(
                document=document, by=request.actor, expected_version=form.cleaned_data["expected_version"]
            ),
        ):
            messages.success(request, _("The document is on its way to the other State."))
            return redirect(listing)
        # The next press is made in the knowledge of the page that comes back.
        form.data = request.POST.copy() | {"expected_version": str(document.version)}
        status = 422
    stands = next((one for one in available_acts(document, request.actor) if one.name == "send"), None)
    waits = document.status == CaseDocument.Status.WAITING
    not_yet = (
        _("It waits for its signature: %(what)s.") % {"what": document.get_awaits_display()}
        if waits
        else _("It is not made yet.")
    )
    context = _frame(case, way) | {
        "document": document,
        "form": form,
        "listing": listing,
        "peer": case.addressee if isinstance(case, OutgoingRequest) else case.sender,
        "reasons": stands.reasons if stands else [not_yet],
        "scan": act_address(document, "attach_scan") if _awaits_scan(document, request) else "",
    }
    return render(request, "web/case_document_send.html", context, status=status)


class SendForm(forms.Form):
    """`expected_version`: the document as whoever sends it has looked at it."""

    expected_version = forms.IntegerField(widget=forms.HiddenInput)


def words_of(kind: Kind, about: About) -> str:
    """Return a kind in words, with the part of the case that it is about."""
    return f"{kind.name}: {about.words}" if about.key != WHOLE else str(kind.name)


def _can_go(document: CaseDocument, request: DeskRequest) -> bool:
    """Tell whether the reader may send this document now. Asks nothing of the database."""
    doing = Doing(act="send", by=request.actor, at=clock.now(), act_id=document.public_id, asking=True)
    made = document.status == CaseDocument.Status.READY
    return made and document.may_send(request.actor) and not may_leave(document, doing)


def _awaits_scan(document: CaseDocument, request: DeskRequest) -> bool:
    """Tell whether the reader may put in the scan of its signed print now. Asks nothing of the database."""
    doing = Doing(act="attach_scan", by=request.actor, at=clock.now(), act_id=document.public_id, asking=True)
    printed = document.status in {CaseDocument.Status.WAITING, CaseDocument.Status.READY}
    return printed and document.may_attach_scan(request.actor) and not scan_is_awaited(document, doing)


def _made(request: DeskRequest, form: MakeForm, kind: Kind, case: Any, about: str) -> CaseDocument:
    said = {field.key: form.cleaned_data.get(field.key, "") for field in kind.fields}
    return document_make(
        kind=kind.slug, case=case, by=request.actor, language=form.cleaned_data["in_language"], about=about, said=said
    )


def _frame(case: Any, way: str) -> dict[str, Any]:
    return {
        "case": case,
        "way": way,
        "name": case.reference or str(_("letter without a reference yet")),
        "back": reverse(f"web:{_KINDS[way]}", args=[case.public_id]),
    }


class MakeForm(forms.Form):
    in_language = forms.ChoiceField(
        label=gettext_lazy("Language of the document"),
        help_text=gettext_lazy(
            "That of the letter, or one that the other State works in. What you type is printed as it is."
        ),
    )

    def __init__(self, *args: Any, kind: Kind, case: Any, known: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        language: Any = self.fields["in_language"]
        language.choices = _languages(document_languages(case))
        for field in kind.fields:
            if field.key not in known:
                self.fields[field.key] = _field(field)


def _languages(codes: list[str]) -> list[Any]:
    """Return these languages as a choice, in groups that say whether the fixed wording is there and confirmed."""
    groups = [(label, [one for one in some if one[0] in codes]) for label, some in language_choices()]
    named = {code: name for _label, some in groups for code, name in some}
    rest = [(code, code) for code in codes if code not in named]
    return [*((label, some) for label, some in groups if some), *rest]


def _field(field: Field) -> forms.Field:
    common: dict[str, Any] = {"label": field.plain_label, "required": field.required}
    match field.kind:
        case "line":
            return forms.CharField(max_length=300, **common)
        case "sha256":
            wrong = gettext_lazy("A SHA-256 value has 64 digits from 0 to 9 and a to f.")
            return forms.RegexField(r"^[0-9a-f]{64}$", error_messages={"invalid": wrong}, **common)
        case "language":
            return forms.ChoiceField(choices=[("", _("Choose a language")), *LANGUAGES], **common)
        case "choice":
            choices = [(key, str(words)) for key, words in (field.choices or {}).items()]
            return forms.ChoiceField(choices=[("", _("Choose an answer")), *choices], **common)
    return forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}), **common)
