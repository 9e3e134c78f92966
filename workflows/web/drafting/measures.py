"""The choice of a measure: under the heading of its group, with the sentence that says what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.forms.widgets import ChoiceWidget

from mla.core.languages import house_words
from workflows.drafting.measures import Measure, measure_catalogue, measures_grouped


def grouped_choices(measures: Mapping[str, Measure]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the measures as the choices of a field, by group."""
    return [
        (house_words(name), [(measure.slug, house_words(measure.name)) for measure in mine])
        for name, mine in measures_grouped(measures)
    ]


@dataclass(frozen=True, slots=True)
class Option:
    """A measure to choose. `html`: the identity of its input, from which those of its sentence and group are made."""

    name: str
    value: str
    label: Any
    summary: str
    kind: str
    html: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    html: str
    options: tuple[Option, ...]


def measure_groups_of(field: BoundField) -> Iterator[Group]:
    """Yield what a field with grouped_choices offers, as radio buttons or boxes: with a heading and a sentence each."""
    known = measure_catalogue()
    widget = field.field.widget
    assert isinstance(widget, ChoiceWidget)
    kind = "checkbox" if widget.allow_multiple_selected else "radio"
    for number, (name, choices, _index) in enumerate(widget.optgroups(field.html_name, _chosen(widget, field))):
        html = f"{field.auto_id}-g{number}"
        options = tuple(
            Option(
                name=field.html_name,
                value=str(one["value"]),
                label=one["label"],
                summary=house_words(known[one["value"]].summary) if one["value"] in known else "",
                kind=kind,
                html=f"{html}-{at}",
                checked=bool(one["selected"]),
            )
            for at, one in enumerate(choices)
        )
        yield Group(str(name or ""), html, options)


def _chosen(widget: ChoiceWidget, field: BoundField) -> list[str]:
    return list(widget.format_value(field.value()))
