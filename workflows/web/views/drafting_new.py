"""A new letter: who asks whom for what, by when. One form, one letter, however often it is sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from mla.core import clock
from mla.reference.addressees import addressee_of, language_of
from mla.reference.models import Authority, Jurisdiction
from workflows.documents import wording
from workflows.drafting.findings.law import needed_of, stage_of
from workflows.drafting.findings.profile import certificate_wanted
from workflows.drafting.findings.wording import wording_doubt
from workflows.drafting.law import evidence_needed
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.resolver import read_pair, resolve_in
from workflows.drafting.resolver_types import Offence
from workflows.drafting.selectors_templates import templates_offered
from workflows.lifecycle.selectors import visible_outgoing
from workflows.lifecycle.services.outgoing_chain import outgoing_create
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.fields import StateField
from workflows.web.drafting.languages import LANGUAGES, language_choices
from workflows.web.drafting.measures import grouped_choices
from workflows.web.drafting.new_letter import made_before, new_key, read_key
from workflows.web.drafting.sections import URGENCY

DRAFTERS = frozenset({Role.ORIGINATOR_DRAFTER, Role.DESK_OFFICER})

#: Letters that are offered to begin from; any other is reached from its case.
EARLIER = 5


class NewLetterForm(forms.Form):
    """The least that makes a letter. Everything else is asked section by section."""

    #: Made for this person under this hat (`new_key`): two presses of one form make one letter.
    letter_key = forms.CharField(label=lazy("Key of the new letter"), widget=forms.HiddenInput, max_length=200)
    requested = forms.CharField(max_length=120)
    measures = forms.MultipleChoiceField(
        label=lazy("What you ask for"),
        help_text=lazy("You can add and remove measures later."),
        widget=forms.CheckboxSelectMultiple,
    )
    title = forms.CharField(
        label=lazy("Subject of the letter"),
        max_length=300,
        help_text=lazy("The other State files it under these words; a few that say what is sought and why."),
    )
    subject = forms.CharField(
        label=lazy("What the proceedings are about"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("One or two sentences; the facts come later."),
    )
    nature = forms.ChoiceField(label=lazy("Nature of the proceedings"))
    reference = forms.CharField(label=lazy("Your number of the proceedings"), max_length=300, required=False)
    operation = forms.CharField(label=lazy("Name of the operation"), max_length=300, required=False)
    language = forms.ChoiceField(
        label=lazy("Language of the letter"),
        required=False,
        choices=[("", lazy("as the other State takes it, where that is known"))],
    )
    date = forms.CharField(
        label=lazy("Date of the letter"), max_length=10, widget=forms.TextInput(attrs={"type": "date"}),
        help_text=lazy("The legal basis is judged as of this day."),
    )  # fmt: skip
    urgency = forms.ChoiceField(label=lazy("Urgency"), choices=URGENCY)
    urgency_date = forms.CharField(
        label=lazy("Needed by"), max_length=10, required=False, widget=forms.TextInput(attrs={"type": "date"})
    )
    urgency_reason = forms.CharField(
        label=lazy("Why by that day"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    confidentiality = forms.ChoiceField(
        label=lazy("Confidentiality"),
        help_text=lazy("Restricted: you and the officers whom you name see it, nobody else."),
    )

    #: What most letters say later, in its section.
    FOLDED = ("operation", "language", "urgency", "urgency_date", "urgency_reason")

    #: Where a problem of the letter's own rules is told.
    PLACES = {
        "title": "title", "operation": "operation", "date": "date", "proceedings.subject": "subject",
        "proceedings.reference": "reference", "urgency.date": "urgency_date", "urgency.reason": "urgency_reason",
        "requested.jurisdiction": "requested", "language": "language",
    }  # fmt: skip

    @property
    def front(self) -> list[forms.BoundField]:
        """Return what is asked after State and measures."""
        return [f for f in self.visible_fields() if f.name not in ("requested", "measures", *self.FOLDED)]

    @property
    def first(self) -> list[forms.BoundField]:
        return [self["requested"]]

    @property
    def folded(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FOLDED]

    @property
    def unfold(self) -> bool:
        """Tell whether one of the folded answers was given, or is wrong."""
        return any(one.errors or one.value() not in (None, "", "routine") for one in self.folded)

    def __init__(self, *args: Any, states: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **(options | {"auto_id": "f-%s"}))
        self.fields["requested"] = StateField(
            states=states,
            label=_("State that is asked"),
            help_text=_("Begin to type its name, or give its code."),
            widget=forms.TextInput(attrs={"list": "states", "autocomplete": "off"}),
        )
        self.fields["nature"].choices = [("", "—"), *wording.NATURE.items()]  # type: ignore[attr-defined]
        self.fields["confidentiality"].choices = list(wording.LEVEL.items())  # type: ignore[attr-defined]
        self.fields["language"].choices = [*self.fields["language"].choices, *language_choices()]  # type: ignore[attr-defined]
        self.fields["measures"].choices = grouped_choices(measure_catalogue())  # type: ignore[attr-defined]
        self.order_fields(["letter_key", "requested", "measures"])
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select):
                field.widget.attrs["class"] = "form-select"
            elif not isinstance(field.widget, forms.CheckboxSelectMultiple):
                field.widget.attrs["class"] = "form-control"


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=DRAFTERS)
def letter_new(request: DeskRequest) -> HttpResponse:
    """Ask the least, tell which treaties bind both States, and begin the letter and its case."""
    if not holds(request.actor, "letter.create"):
        raise AccessDenied("page", "letter_new", request.actor)
    own = Authority.objects.select_related("jurisdiction", "central").get(pk=request.actor.authority_id or 0)
    language = get_language() or "en"
    states = sorted(
        ((state.code, state.name(language)) for state in Jurisdiction.objects.exclude(pk=own.jurisdiction_id)),
        key=lambda pair: pair[1],
    )
    if request.htmx and request.method == "GET":
        given = NewLetterForm(request.GET, states=states)
        given.full_clean()
        return render(request, "web/letter/_binding.html", {"form": given, **_binding(own, given)})
    if request.method == "POST":
        form = NewLetterForm(request.POST, states=states)
        answer = _created(request, own, form)
        if answer is not None:
            return answer
    else:
        today = clock.now().date().isoformat()
        initial = {"date": today} | request.GET.dict() | {"letter_key": new_key(request.actor)}
        form = NewLetterForm(states=states, initial=initial)
    earlier = visible_outgoing(request.actor).select_related("letter__requested").order_by("-id")[:EARLIER]
    context = {
        "form": form,
        "states": states,
        "own": own,
        "earlier": earlier,
        "templates": templates_offered(request.actor),
        **_binding(own, form),
    }
    return render(request, "web/letter/new.html", context, status=422 if form.errors else 200)


def _created(request: DeskRequest, own: Authority, form: NewLetterForm) -> HttpResponse | None:
    given = request.POST.get("letter_key", "")
    key = read_key(given, request.actor) if given else None
    if key is None or not form.is_valid():
        return None
    if there := made_before(key, request.actor):
        return redirect("web:letter", there)
    try:
        content = first_content(own, form.cleaned_data)
    except LetterFileWrong as wrong:
        for problem in wrong.problems:
            place = NewLetterForm.PLACES.get(problem.where)
            form.add_error(place, problem.message if place else f"{problem.where}: {problem.message}")
        return None
    made: list[Any] = []
    try:
        done = do_from(form, lambda: made.append(outgoing_create(content=content, by=request.actor, letter_id=key)))
    except IntegrityError:
        # The second of two presses that came at once.
        there = made_before(key, request.actor)
        if there is None:
            raise
        return redirect("web:letter", there)
    return redirect("web:letter", made[0].public_id) if done else None


def first_content(own: Authority, said: dict[str, Any]) -> LetterFile:
    """Return the letter that the answers make.

    Raises:
        LetterFileWrong: a date that is none, a character that has no place in a letter.
    """
    requested = said["requested"]
    addressee = addressee_for(requested, said["nature"])
    originating = own if own.kind == Authority.Kind.ORIGINATING else None
    central = own.central or (None if originating else own)
    values: dict[str, Any] = {
        "format": "mla-letter/1",
        "language": said["language"] or language_for(requested, addressee),
        "date": said["date"],
        "title": said["title"],
        "operation": said["operation"],
        "requesting": {"jurisdiction": own.jurisdiction.code},
        "requested": {"jurisdiction": requested},
        "confidentiality": {"level": said["confidentiality"]},
        "urgency": {
            "level": said["urgency"],
            "reason": said["urgency_reason"],
            **({"date": said["urgency_date"]} if said["urgency_date"] else {}),
        },
        "proceedings": {
            "subject": said["subject"],
            "nature": said["nature"],
            "reference": said["reference"],
            "conducting_authority": own.name if originating else "",
        },
        "items": _items(own.jurisdiction.code, said["measures"]),
    }
    if central:
        values["requesting"]["authority"] = central.code
    if own.email or own.phone:
        values["contacts"] = [_contact(own)]
    if originating:
        values["requesting"]["originating"] = originating.code
    if addressee:
        values["requested"]["authority"] = addressee.code
    return letter_from(values)


def _items(state: str, measures: list[str]) -> list[dict[str, Any]]:
    """Return the measures, each with the form to be signed that our own courts are known to need."""
    needs, catalogue, items = evidence_needed(state), measure_catalogue(), []
    for number, slug in enumerate(measures, 1):
        item = {"id": f"M{number}", "measure": slug}
        if wanted := certificate_wanted(needed_of(needs, slug), catalogue[slug]):
            item["certificate_form"] = wanted
        items.append(item)
    return items


def _contact(own: Authority) -> dict[str, Any]:
    """Return the drafting office as the contact for questions, as far as the reference data know it."""
    known = {
        "email": own.email,
        "phone": own.phone,
        "hours": own.office_hours,
        "time_zone": own.time_zone,
        "languages": list(own.languages),
    }
    return {"role": "queries", "office": own.name, **{name: value for name, value in known.items() if value}}


def addressee_for(state: str, nature: str) -> Authority | None:
    """Return the office to propose, which may be another at another stage of the proceedings."""
    return addressee_of(state, stage=stage_of(nature))


def language_for(state: str, addressee: Authority | None) -> str:
    """Return the first language that is taken there and that a letter can be in."""
    return language_of(state, addressee, among=dict(LANGUAGES))


def _binding(own: Authority, form: NewLetterForm) -> dict[str, Any]:
    """Return what is known of the pair of States so far: treaties, addressee, language. It informs, no more."""
    said = getattr(form, "cleaned_data", None) or {}
    if not said.get("requested"):
        return {"pair": None}
    addressee = addressee_for(said["requested"], said.get("nature", ""))
    measures = said.get("measures") or ["other"]
    try:
        day = letter_from(_content_probe(own, said)).date
    except LetterFileWrong:
        day = clock.now().date()
    facts = read_pair(requesting=own.jurisdiction.code, requested=said["requested"])
    found = [resolve_in(facts, on=day, measure=measure, offence=Offence()) for measure in measures]
    bound = {e.instrument: e for r in found for e in r.in_force if e.role in ("primary", "subsidiary")}
    proposed = language_for(said["requested"], addressee)
    unknown = {e.instrument: e for r in found for e in r.unknown if e.recorded}
    return {
        "pair": dict(form.fields["requested"].states).get(said["requested"], said["requested"]),  # type: ignore[attr-defined]
        "bound": [entry for entry in bound.values() if not entry.law.rules.second_basis],
        "narrow": [entry for entry in bound.values() if entry.law.rules.second_basis],
        "not_known": list(unknown.values()),
        "addressee": addressee,
        "proposed": dict(LANGUAGES).get(proposed, ""),
        "wording": (wording_doubt(said.get("language") or proposed) or ("", ""))[1],
        "day": day,
    }


def _content_probe(own: Authority, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "format": "mla-letter/1", "language": "en", "date": said.get("date", ""), "title": "-",
        "requesting": {"jurisdiction": own.jurisdiction.code}, "requested": {"jurisdiction": said["requested"]},
        "proceedings": {"subject": "-", "nature": "investigation"},
    }  # fmt: skip
