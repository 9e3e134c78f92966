"""Letters after letters: one that adds to a letter that was sent or corrects it, and one that begins from parts of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.core import clock
from mla.reference.models import Authority, Jurisdiction
from workflows.documents.difference import difference_context
from workflows.documents.services import names_of
from workflows.drafting.copying import NEVER, PARTS
from workflows.drafting.freezing import content_now
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.selectors import access_version_by_number
from workflows.drafting.services_reuse import letter_copied_check
from workflows.engine.errors import ConditionsNotMet
from workflows.lifecycle.selectors import access_outgoing_by_id
from workflows.lifecycle.services.outgoing_reuse import outgoing_copy, outgoing_follow, sent_version
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.draft import draft_of
from workflows.web.drafting.fields import StateField
from workflows.web.drafting.new_letter import made_before, new_key, read_key
from workflows.web.drafting.sections import section_named
from workflows.web.views.drafting_new import DRAFTERS, first_content


class FollowForm(forms.Form):
    letter_key = forms.CharField(label=lazy("Key of the new letter"), widget=forms.HiddenInput, max_length=200)
    kind = forms.ChoiceField(
        label=lazy("What the new letter does"),
        widget=forms.RadioSelect,
        choices=[
            ("supplement", lazy("It adds to that letter, which stays as it is: “added”, “changed”")),
            ("amendment", lazy("It corrects that letter: “instead of … read …”")),
        ],
    )


class CopyForm(forms.Form):
    letter_key = forms.CharField(label=lazy("Key of the new letter"), widget=forms.HiddenInput, max_length=200)
    requested = forms.CharField(max_length=120)
    title = forms.CharField(label=lazy("Subject of the letter"), max_length=300)
    date = forms.CharField(
        label=lazy("Date of the letter"), max_length=10, widget=forms.TextInput(attrs={"type": "date"}),
        help_text=lazy("The legal basis is judged as of this day."),
    )  # fmt: skip
    parts = forms.MultipleChoiceField(
        label=lazy("What comes along"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, states: list[tuple[str, str]], there: list[str], **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        self.fields["requested"] = StateField(
            states=states,
            label=_("State that is asked"),
            help_text=_("Begin to type its name, or give its code."),
            widget=forms.TextInput(attrs={"list": "states", "autocomplete": "off", "class": "form-control"}),
        )
        self.fields["parts"].choices = [(part, PARTS[part]) for part in PARTS if part in there]  # type: ignore[attr-defined]
        self.order_fields(["letter_key", "requested", "title", "date", "parts"])
        for name in ("title", "date"):
            self.fields[name].widget.attrs["class"] = "form-control"


def require_drafter(request: DeskRequest) -> None:
    """Refuse whoever may not begin a letter. Raises AccessDenied."""
    if not holds(request.actor, "letter.create"):
        raise AccessDenied("page", "letter_new", request.actor)


def office_and_states(request: DeskRequest) -> tuple[Authority, list[tuple[str, str]]]:
    """Return the authority that drafts, and code and name of every State that it can ask."""
    own = Authority.objects.select_related("jurisdiction", "central").get(pk=request.actor.authority_id or 0)
    language = get_language() or "en"
    every = Jurisdiction.objects.exclude(pk=own.jurisdiction_id)
    return own, sorted(((one.code, one.name(language)) for one in every), key=lambda pair: pair[1])


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=DRAFTERS)
def follow(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Begin the letter that supplements or amends one that was sent."""
    require_drafter(request)
    earlier = access_outgoing_by_id(request.actor, public_id)
    try:
        version = sent_version(earlier=earlier, by=request.actor)
    except ConditionsNotMet as unmet:
        context = {"case": earlier, "reasons": unmet.reasons}
        return render(request, "web/letter/follow.html", context, status=409)
    form = FollowForm(request.POST or None, initial={"letter_key": new_key(request.actor)}, auto_id="f-%s")
    if request.method == "POST":
        answer = begun(
            request, form,
            lambda key: outgoing_follow(
                earlier=earlier, kind=form.cleaned_data["kind"], by=request.actor, letter_id=key
            ),
        )  # fmt: skip
        if answer is not None:
            return answer
    context = {"case": earlier, "version": version, "form": form}
    return render(request, "web/letter/follow.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=DRAFTERS)
def copy(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Begin a new letter from the parts of one that the person may read."""
    require_drafter(request)
    earlier = access_outgoing_by_id(request.actor, public_id)
    version = access_version_by_number(request.actor, earlier.letter)
    own, states = office_and_states(request)
    there = [part for part in PARTS if version.content.get(part)]
    initial = {
        "letter_key": new_key(request.actor),
        "requested": version.content["requested"]["jurisdiction"],
        "title": version.content["title"],
        "date": clock.now().date().isoformat(),
        "parts": there,
    }
    form = CopyForm(request.POST if request.method == "POST" else None, states=states, there=there, initial=initial)
    if request.method == "POST":

        def begin(key: UUID) -> Any:
            content = first_content(own, said_of_copy(form.cleaned_data, version.content))
            return outgoing_copy(
                source=version, parts=form.cleaned_data["parts"], content=content, by=request.actor, letter_id=key
            )

        answer = begun(request, form, begin)
        if answer is not None:
            return answer
    context = {"case": earlier, "version": version, "form": form, "states": states, "never": NEVER}
    return render(request, "web/letter/copy.html", context, status=422 if request.method == "POST" else 200)


def said_of_copy(said: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
    """Return the answers of the form of a new letter that this one does not ask."""
    return {
        "requested": said["requested"], "title": said["title"], "date": said["date"], "measures": [],
        "subject": said["title"], "nature": source["proceedings"]["nature"], "reference": "", "operation": "",
        "language": source["language"] if said["requested"] == source["requested"]["jurisdiction"] else "",
        "urgency": "routine", "urgency_date": "", "urgency_reason": "", "confidentiality": "normal",
    }  # fmt: skip


def begun(request: DeskRequest, form: forms.Form, begin: Callable[[UUID], Any]) -> HttpResponse | None:
    """Begin a letter from a valid form, once; None: the form holds what is wrong."""
    given = request.POST.get("letter_key", "")
    key = read_key(given, request.actor) if given else None
    if key is None or not form.is_valid():
        return None
    if there := made_before(key, request.actor):
        return redirect("web:letter", there)
    made: list[Any] = []
    try:
        if not do_from(form, lambda: made.append(begin(key))):
            return None
    except LetterFileWrong as wrong:
        for problem in wrong.problems:
            place = problem.where if problem.where in form.fields else None
            form.add_error(place, problem.message if place else f"{problem.where}: {problem.message}")
        return None
    except IntegrityError:
        # The second of two presses that came at once.
        if (there := made_before(key, request.actor)) is None:
            raise
        return redirect("web:letter", there)
    messages.success(request, _("The letter is begun. Look again at what came along before you lodge it."))
    return redirect("web:letter", made[0].public_id)


@require_safe
@page(open_to=WRITING)
def difference(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """What the letter says otherwise than the one that was sent, as it will be printed."""
    draft = draft_of(request.actor, public_id)
    content = content_now(draft.version)
    if "difference" not in content:
        raise AccessDenied("difference", public_id, request.actor)
    told = difference_context(content["difference"], content["letter"], names_of(content), get_language() or "en")
    context = {"draft": draft, "difference": told}
    return render(request, "web/letter/difference.html", context)


@require_http_methods(["POST"])
@page(open_to=WRITING)
def checked(request: DeskRequest, public_id: UUID, slug: str) -> HttpResponse:
    """Mark what was copied into a section as looked at."""
    draft = draft_of(request.actor, public_id)
    draft.require("check_copied")
    found = section_named(slug)
    if found is None:
        raise AccessDenied("page", slug, request.actor)
    letter_copied_check(letter=draft.letter, by=request.actor, parts=found.owns)
    messages.success(request, _("Looked at. The mark is gone."))
    return redirect("web:letter", draft.outgoing.public_id)
