"""Forms made from the sections: one form field for each question, with why, article and example beside it.

What a field gives is the plain JSON value of the letter file. Single values are judged by the letter's own
rules when they are merged (see merging.py): there is one truth of what fits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.reference.models import Authority
from workflows.drafting.before import alternatives
from workflows.drafting.measures import Measure, Question, measure_catalogue
from workflows.web.choices import ManySelect
from workflows.web.drafting.elements import ElementsField, ElementsWidget
from workflows.web.drafting.fields import (
    InstantField,
    LinesField,
    NumberField,
    PeriodField,
    ProseField,
    StateField,
    StatesField,
    YesNoField,
)
from workflows.web.drafting.languages import language_choices
from workflows.web.drafting.measures import grouped_choices
from workflows.web.drafting.merging import DEFAULTS
from workflows.web.drafting.proposing import ALIKE, proposals
from workflows.web.drafting.reading import Read, answer_told, day_told, moment_told, period_told
from workflows.web.drafting.sections import Field
from workflows.web.drafting.words import entry_name
from workflows.web.states import states_named

#: What stands in the letter for a field that was left empty: the field is left out.
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass
class Around:
    """What the choices of a form come from: the letter's content and the reference data, read when needed."""

    content: Mapping[str, Any]
    measures: Mapping[str, Measure] = field(default_factory=measure_catalogue)

    @cached_property
    def states(self) -> list[tuple[str, str]]:
        return states_named()

    @cached_property
    def offices(self) -> list[Authority]:
        """The authorities of both sides."""
        codes = [self.content.get(side, {}).get("jurisdiction", "") for side in ("requesting", "requested")]
        found = Authority.objects.filter(jurisdiction__code__in=codes).select_related("jurisdiction")
        return list(found.order_by("kind", "name"))

    def authorities(self, side: str) -> list[tuple[str, str]]:
        code = self.content.get(side, {}).get("jurisdiction", "")
        mine = [row for row in self.offices if row.jurisdiction.code == code]
        return [(row.code, f"{row.name} ({row.get_kind_display()})") for row in mine]

    def entries(self, group: str) -> list[tuple[str, str]]:
        return [(entry["id"], entry_name(group, entry)) for entry in self.content.get(group, ())]


def form_field(asked: Field, around: Around) -> forms.Field:
    """Return the form field of a question."""
    common: dict[str, Any] = {"label": asked.label, "help_text": asked.help, "required": asked.required}
    nothing = [("", "—")]
    made: forms.Field
    match asked.kind:
        case "line":
            made = ProseField(max_length=300, **common)
        case "text":
            made = ProseField(max_length=20_000, widget=forms.Textarea(attrs={"rows": asked.rows}), **common)
        case "date":
            # The letter's rules judge it; a typed date that is none comes back as it was typed.
            made = forms.CharField(max_length=30, widget=forms.TextInput(attrs={"type": "date"}), **common)
        case "number":
            made = NumberField(widget=forms.TextInput(attrs={"inputmode": "numeric", "maxlength": 30}), **common)
        case "yes":
            made = forms.BooleanField(**(common | {"required": False}))
        case "yes_no":
            made = YesNoField(**(common | {"required": False}))
        case "choice":
            choices = [
                *(
                    ()
                    # What always has a value; the others begin with nothing chosen.
                    if _preset(asked) is not None and (asked.required or asked.name in _BEFORE)
                    else nothing
                ),
                *asked.choices,
            ]
            made = forms.ChoiceField(choices=choices, widget=ManySelect, **common)
        case "choices":
            made = forms.MultipleChoiceField(
                choices=asked.choices, widget=forms.CheckboxSelectMultiple, **(common | {"required": False})
            )
        case "lines":
            made = LinesField(widget=forms.Textarea(attrs={"rows": 2}), **common)
        case "state":
            made = StateField(states=around.states, widget=_listed(), **common)
        case "states":
            made = StatesField(states=around.states, widget=_listed(), **common)
        case "authority":
            made = forms.ChoiceField(choices=[*nothing, *around.authorities(asked.side)], widget=ManySelect, **common)
        case "ref":
            made = forms.ChoiceField(choices=[*nothing, *around.entries(asked.to)], widget=ManySelect, **common)
        case "refs":
            made = forms.MultipleChoiceField(
                choices=around.entries(asked.to), widget=forms.CheckboxSelectMultiple, **common
            )
        case "instant":
            made = InstantField(**common)
        case "period":
            made = PeriodField(**common)
        case "elements":
            made = ElementsField(**(common | {"required": False}))
        case "language":
            made = forms.ChoiceField(choices=language_choices(), **common)
        case "zone":
            made = forms.CharField(max_length=60, widget=forms.TextInput(attrs={"list": "zones"}), **common)
        case "measure":
            # A list of sentences for the choice; a measure that was chosen is named in one line.
            widget = forms.Select if asked.chosen else forms.RadioSelect
            made = forms.ChoiceField(choices=grouped_choices(around.measures), widget=widget, **common)
    _dress(made, asked, str(around.content.get("language") or ""))
    return made


#: They may stay as they are: nothing is needed.
_BEFORE = frozenset(f"before.{key}.answer" for key in alternatives())


def _preset(asked: Field) -> str | None:
    """Return the value that the letter means where it says nothing."""
    return next((value for name, value in DEFAULTS if name == asked.name and value in dict(asked.choices)), None)


def _listed() -> forms.TextInput:
    return forms.TextInput(attrs={"list": "states", "autocomplete": "off"})


#: Lines that are written in sentences; the others are names, numbers and references, in which nothing is misspelt.
_SENTENCES = frozenset({"title", "subject", "proceedings.subject", "maximum_penalty"})


def _dress(made: forms.Field, asked: Field, language: str) -> None:
    made.asked = asked  # type: ignore[attr-defined]
    widget = made.widget
    if isinstance(widget, ElementsWidget | forms.MultiWidget | forms.CheckboxSelectMultiple | forms.RadioSelect):
        return
    if isinstance(widget, forms.CheckboxInput):
        kind = "form-check-input"
    else:
        kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
    widget.attrs.setdefault("class", kind)
    widget.attrs.setdefault("dir", "auto") if kind == "form-control" and asked.kind in ("line", "text") else None
    if kind == "form-control":
        prose = asked.kind == "text" or asked.name in _SENTENCES
        widget.attrs.setdefault("spellcheck", "true" if prose else "false")
        if prose and language:
            widget.attrs.setdefault("lang", language)
    told = [f"{asked.html}-why"] if asked.why or asked.because else []
    told += [f"{asked.html}-help"] if asked.help else []
    if told:
        widget.attrs["aria-describedby"] = " ".join(told)


class PartForm(forms.Form):
    """The form of one part of a letter: a section's own fields, or one entry of a list.

    `wrong` holds, after validation, the names of fields whose values do not fit; `values` the others,
    by their path inside the part. What was not in the post at all (`partly`) is left as it is.
    `like`: the answered measure from which what measures have in common is proposed.
    """

    required_css_class = "required"

    def __init__(self, *args: Any, asked: Sequence[Field], around: Around, values: Mapping[str, Any],
                 like: Mapping[str, Any] | None = None, **options: Any):  # fmt: skip
        given = {one.html: values.get(one.name, _preset(one)) for one in asked}
        proposed = proposals(asked, around.content, values, like)
        given |= {one.html: proposed[one.name] for one in asked if one.name in proposed}
        #: The key of the measure of which answers are proposed.
        self.proposed_like = str(like["id"]) if like and proposed.keys() & set(ALIKE) else ""
        options |= {"auto_id": "f-%s", "initial": given}
        super().__init__(*args, **options)
        self.asked = {one.html: one for one in asked}
        for one in asked:
            self.fields[one.html] = form_field(one, around)

    @property
    def front(self) -> list[forms.BoundField]:
        return [self[html] for html, asked in self.asked.items() if not asked.aside]

    @property
    def folded(self) -> list[forms.BoundField]:
        """Return the questions that most letters leave out."""
        return [self[html] for html, asked in self.asked.items() if asked.aside]

    @property
    def some_from_practice(self) -> bool:
        """Tell whether a question gives its reason and no article."""
        return any(asked.why and not asked.article for asked in self.asked.values())

    @property
    def read(self) -> list[Read]:
        """Return questions and answers for somebody who reads them alone: of the folded ones those that are answered."""
        rows = [Read(html, asked.label, answer_told(self[html], asked.kind)) for html, asked in self.asked.items()]
        return [row for row in rows if row.told or not self.asked[row.name].aside]

    @property
    def unfold(self) -> bool:
        """Tell whether one of the folded questions has an answer, or a problem."""
        return any(one.errors or one.value() not in EMPTY for one in self.folded)

    def values(self) -> dict[str, Any]:
        """Return the valid values by path; an empty answer is None. Errors added later stay."""
        return dict(self._said)

    @cached_property
    def _said(self) -> dict[str, Any]:
        self.errors  # noqa: B018 validates, once
        found = {}
        for html, value in self.cleaned_data.items():
            if html in self.asked:
                if isinstance(value, str):
                    # As the letter keeps it: browsers send CR LF.
                    value = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
                found[self.asked[html].name] = (
                    None if value in EMPTY or (value is False and self._is_yes(html)) else value
                )
        return found

    def _is_yes(self, html: str) -> bool:
        return self.asked[html].kind == "yes"

    def place(self, path: str) -> str:
        """Return the form field that answers a path inside the part, or the empty text."""
        found = [
            one for one in self.asked.values() if path == one.name or path.startswith((f"{one.name}.", f"{one.name}["))
        ]
        return max(found, key=lambda one: len(one.name)).html if found else ""


def question_field(question: Question, given: Any = None) -> Field:
    """Return a measure's own question as a field of its form. `given`: its answer now.

    A choice that another measure asks for by now is offered to who has chosen it, and to nobody else.
    """
    now = given if isinstance(given, list) else [given]
    choices = tuple((c.value, house_words(c.label)) for c in question.choices if not c.moved_to or c.value in now)
    kinds = {"line": "line", "text": "text", "choice": "choice", "choices": "choices", "yes_no": "yes_no",
             "date": "date", "instant": "instant", "period": "period", "number": "number"}  # fmt: skip
    return Field(
        name=f"answers.{question.key}",
        kind=kinds[question.kind],  # type: ignore[arg-type]
        label=house_words(question.label),
        why=house_words(question.why),
        article=question.article,
        example=_readable(question),
        choices=choices,
        wanted=question.required == "gap",
        aside=question.required == "no",
        rows=3,
    )


def _readable(question: Question) -> str:
    """Return the example as a person reads it: choices in their words, days and times as a letter prints them."""
    if question.kind == "date":
        return day_told(question.example)
    if question.kind == "instant":
        return moment_told(question.example)
    if question.kind == "period":
        start, _comma, end = question.example.partition(",")
        return period_told(start.strip(), end.strip())
    if question.kind == "choice":
        return house_words(question.choice_label(question.example))
    if question.kind == "choices":
        return "; ".join(house_words(question.choice_label(value.strip())) for value in question.example.split(","))
    return {"true": _("yes"), "false": _("no"), "yes": _("yes"), "no": _("no")}.get(question.example) or house_words(
        question.example
    )


def fields_of_item(
    fields: Iterable[Field], item: Mapping[str, Any], measures: Mapping[str, Measure], content: Mapping[str, Any]
) -> list[Field]:
    """Return the fields of one measure: those it needs, then its own questions, then the rest."""
    measure = measures.get(item.get("measure", ""))
    common = [_certificates_of(one, item, measure) if one.name == "certificate_form" else one for one in fields]
    common = [one for one in common if one.name != "certificate_form" or one.choices]
    if measure is None:
        return [one for one in common if one.name == "measure"]
    repeated = {"nexus", "necessity", "procedure", "period_reason"} & {question.key for question in measure.questions}
    answers = item.get("answers") or {}
    own = [question_field(q, answers.get(q.key)) for q in measure.questions if q.key not in repeated]
    # A measure that asks a common field in its own words asks it once.
    weighed = [replace(_weighed(one, measure, content), chosen=one.name == "measure") for one in common]
    first = [one for one in weighed if one.name not in _LAST]
    return [*first, *own, *(one for one in weighed if one.name in _LAST)]


_LAST = ("procedure", "certificate_form", "time_limit", "time_limit_reason")


def _certificates_of(asked: Field, item: Mapping[str, Any], measure: Measure | None) -> Field:
    """Return the field with the forms that the measure has; one that was chosen before stays to be taken back."""
    forms_of = {*(measure.certificates if measure else ()), item.get("certificate_form", "")} - {"", "none"}
    return replace(
        asked, choices=tuple(one for one in asked.choices if one[0] in forms_of | {"none"}) if forms_of else ()
    )


def _weighed(asked: Field, measure: Measure, content: Mapping[str, Any]) -> Field:
    """Return a common field of an item with the weight that the measure gives it."""
    need = measure.common.get(asked.name, "")
    # None ticked means all of the letter: with several of them that is to be said, not to be passed over.
    every = asked.name in ("offences", "persons") and len(content.get(asked.name, ())) < 2
    return replace(
        asked, wanted=need == "gap", aside=every or (need == "no" and asked.name not in ("offences", "persons"))
    )
