"""What a page of the letter asks as things stand: which questions and why, which are new, and what is left over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from workflows.documents import wording
from workflows.drafting.asking import ALWAYS, ANSWERS, AskedWhen, Condition, Situation
from workflows.drafting.asking_letter import fields_asked_when, not_asked_of_item, not_asked_of_part, said, situation
from workflows.drafting.asking_words import conditions_told
from workflows.drafting.identifiers import identifier_checked
from workflows.drafting.measures import Measure
from workflows.web.drafting.merging import values_of
from workflows.web.drafting.sections import CHANNELS, SECTIONS, URGENCY, Field
from workflows.web.drafting.words import value_told

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "urgency": dict(URGENCY),
    "stage": wording.NATURE,
    "channel": dict(CHANNELS),
    "confidentiality": wording.LEVEL,
    "identifier_types": wording.IDENTIFIER,
    "person_roles": wording.PERSON_ROLE,
    "offence_categories": wording.CATEGORY,
}


@dataclass(frozen=True, slots=True)
class Left:
    """An answer whose question is not asked as things stand. `told`: the answer in words; `where`: when it is asked."""

    field: Field
    told: str
    where: str

    @property
    def remove(self) -> str:
        """Return the name of the box that takes the answer out."""
        return f"remove-{self.field.html}"


@dataclass(frozen=True, slots=True)
class Asking:
    """The questions of one page: `every` one that it could ask, those it `asked`, and the answers `left` over."""

    every: tuple[Field, ...]
    asked: tuple[Field, ...]
    left: tuple[Left, ...]

    @property
    def names(self) -> list[str]:
        """Return the paths of which the page hands back what it showed."""
        return [one.name for one in self.asked] + [one.field.name for one in self.left]

    @property
    def shown(self) -> str:
        """Return what the page hands back of the questions that it showed."""
        return " ".join(one.html for one in self.asked)

    def pages(self, now: Asking) -> bool:
        """Tell whether it is the same page still: one that could ask the same questions."""
        return [one.name for one in self.every] == [one.name for one in now.every]

    def posted(self, shown: str | None) -> list[Field]:
        """Return the questions that a page showed when it was drawn: what was typed there counts, asked by now or not."""
        if shown is None:
            return list(self.asked)
        names = set(shown.split())
        return [one for one in self.every if one.html in names]

    def new(self, shown: str | None) -> list[str]:
        """Return the questions that a page did not show yet."""
        names = None if shown is None else set(shown.split())
        return [one.html for one in self.asked if names is not None and one.html not in names]


def asking_of(
    every: Sequence[Field],
    content: Mapping[str, Any],
    group: str,
    part: Mapping[str, Any] | None,
    measure: Measure | None,
    new: Collection[str] = (),
) -> Asking:
    """Return what a page asks of a part of `content`: the letter itself (no group), or an entry of a list, None a new one."""
    entry: Mapping[str, Any] = part or {}
    if group == "items":
        unasked = not_asked_of_item(content, entry, measure) if measure else {}
    else:
        unasked = not_asked_of_part(content, group, entry)
    here = replace(
        situation(content, entry if group == "items" else None),
        answers={key: said(value) for key, value in (entry.get("answers") or {}).items()} if group == "items" else {},
        own={name: said(value) for name, value in entry.items()} if group else {},
    )
    asked = tuple(_because(one, group, measure, here, one.html in new) for one in every if one.name not in unasked)
    given = values_of(entry, list(unasked))
    left = tuple(
        Left(one, value_told(one, given[one.name]), told(unasked[one.name].conditions, group, measure))
        for one in every
        if given.get(one.name) not in (None, "", [], {}) and one.name in unasked
    )
    return Asking(tuple(every), asked, left)


def with_check(fields: Iterable[Field], part: Mapping[str, Any], content: Mapping[str, Any]) -> list[Field]:
    """Return the questions of an identifier, with what its form and check digits tell beside the value."""
    region = content.get("requested", {}).get("jurisdiction", "")
    checked = identifier_checked(str(part.get("type", "")), str(part.get("value", "")), region=region)
    return [replace(one, help=checked.told or one.help) if one.name == "value" else one for one in fields]


def _because(one: Field, group: str, measure: Measure | None, here: Situation, new: bool) -> Field:
    when = _when(one.name, group, measure)
    chosen = [
        replace(condition, values=values)
        for condition in when.conditions
        # What is asked because nothing is chosen yet was chosen by nobody.
        if (values := tuple(value for value in condition.values if value in here.of(condition)))
    ]
    if not when.conditions:
        return one
    # What most letters leave out is folded; what was just chosen is not.
    return replace(one, because=told(chosen, group, measure), new=new, aside=one.aside and not new)


def _when(name: str, group: str, measure: Measure | None) -> AskedWhen:
    if measure is None:
        return fields_asked_when().get(f"{group}.{name}" if group else name, ALWAYS)
    question = measure.question(name.removeprefix("answers.")) if name.startswith("answers.") else None
    return question.asked_when if question else measure.common_when.get(name, ALWAYS)


def told(conditions: Iterable[Condition], group: str, measure: Measure | None) -> str:
    """Return conditions in the words of the form."""

    def word(condition: Condition, value: str) -> str:
        if condition.predicate in _WORDS:
            return _briefly(_WORDS[condition.predicate].get(value, value))
        if condition.predicate == ANSWERS or not condition.of:
            return value
        field = _field(group, condition.of)
        if field is None:
            return value or condition.of
        if value:
            return _briefly(dict(field.choices).get(value, value))
        label = str(field.label)
        return _("“%(question)s”") % {"question": label} if label.endswith("?") else label

    return conditions_told(conditions, measure, word)


def _briefly(choice: Any) -> str:
    """Return a choice without the words that explain it, which stand in its list."""
    return str(choice).partition(": ")[0]


def _field(group: str, name: str) -> Field | None:
    for section in SECTIONS:
        for entries in section.entries:
            if entries.group == group:
                return next((one for one in entries.fields if one.name == name), None)
    return None
