"""Words of a country profile: values, what an entry is limited to, columns of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from mla.core.languages import house_words
from mla.reference.models import Sourced
from mla.reference.profiles import ONE_OF, SEVERAL_OF, Stage, Topic, languages_of
from workflows.documents.formats import language_name, listed
from workflows.drafting.measures import measure_catalogue

register = template.Library()

COLUMNS = {
    "jurisdiction": lazy("State"), "topic": lazy("Topic"), "instrument": lazy("Instrument"), "measure": lazy("Measure"),
    "stage": lazy("Stage"), "value": lazy("Value"), "note": lazy("Note"), "source": lazy("Source"),
    "last_verified": lazy("Last verified"), "confidence": lazy("How sure it is"),
}  # fmt: skip


@register.filter
def column(name: str) -> str:
    return str(COLUMNS.get(name, name))


@register.simple_tag
def profile_value(topic: str, value: str) -> SafeString:
    """Return the value of an entry as it is read."""
    if not value:
        return format_html("")
    if topic in ONE_OF:
        return format_html("{}", dict(ONE_OF[topic].choices).get(value, value))
    if topic in SEVERAL_OF:
        labels = dict(SEVERAL_OF[topic])
        return format_html_join("; ", "{}", ((labels.get(code, code),) for code in value.split()))
    if topic == Topic.LANGUAGE:
        language = get_language() or "en"
        options = (
            listed([language_name(code, language) for code in option], language) for option in languages_of(value)
        )
        return format_html_join("; ", "<bdi>{}</bdi>", ((option,) for option in options))
    if topic == Topic.CHASERS:
        return format_html("{}", _("after %(days)s days") % {"days": ", ".join(value.split())})
    return format_html("<bdi>{}</bdi>", value)


@register.simple_tag
def profile_limits(of: Any) -> SafeString:
    """Return what a line or a row of a profile is limited to, empty where to nothing."""
    said: dict[str, str] = {
        name: of.get(name, "") if isinstance(of, Mapping) else getattr(of, name, "")
        for name in ("instrument", "article", "measure", "stage")
    }
    measure = measure_catalogue().get(said["measure"])
    parts = [
        format_html('<bdi translate="no">{} {}</bdi>', said["instrument"], said["article"])
        if said["instrument"]
        else "",
        house_words(measure.name) if measure else said["measure"],
        str(dict(Stage.choices).get(said["stage"], said["stage"])),
    ]
    return format_html_join(" · ", "{}", ((part,) for part in parts if part))


@register.simple_tag
def profile_cell(name: str, row: Mapping[str, str]) -> SafeString:
    """Return a cell of a row of the file as it is read; a dash where it is empty."""
    text = row.get(name, "")
    if not text:
        return format_html("–")
    if name == "value":
        return profile_value(row.get("topic", ""), text)
    if name == "topic":
        return format_html("{}", dict(Topic.choices).get(text, text))
    if name == "stage":
        return format_html("{}", dict(Stage.choices).get(text, text))
    if name == "confidence":
        return format_html("{}", str(dict(Sourced.Confidence.choices).get(text, text)))
    if name == "measure":
        measure = measure_catalogue().get(text)
        return format_html("{}", house_words(measure.name) if measure else text)
    return format_html("<bdi>{}</bdi>", text)


@register.simple_tag
def profile_differs(before: Mapping[str, str] | None, after: Mapping[str, str] | None) -> list[str]:
    """Return the columns in which two states of an entry differ; of one state alone those that say something."""
    was, now = before or {}, after or {}
    return [name for name in COLUMNS if name != "jurisdiction" and was.get(name, "") != now.get(name, "")]
