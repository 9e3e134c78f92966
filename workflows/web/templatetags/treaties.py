"""Words of an instrument: what was changed in it, article by article."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from mla.core.languages import house_words
from mla.reference.models import Participation, Sourced
from workflows.drafting.findings.content_items import WANTED
from workflows.drafting.measures import measure_catalogue

register = template.Library()

LABELS = {
    "short_name": lazy("Short name"), "full_title": lazy("Full title"), "adopted": lazy("Signed on"),
    "in_force": lazy("In force since"), "ended": lazy("Ended"), "supplements": lazy("Rank"), "scope": lazy("Offences"),
    "measures": lazy("Measures"), "contents": lazy("Contents of a request"), "time_limits": lazy("Time limits"),
    "languages": lazy("Languages"), "unread": lazy("Not read"), "refusal": lazy("Grounds of refusal"),
    "bar": lazy("Grounds that it switches off"), "residual": lazy("Paragraphs that give way"), "status": lazy("Status"),
    "signed": lazy("Signed on"), "consent_date": lazy("Consent"), "consent_kind": lazy("Kind of consent"),
    "in_force_date": lazy("In force for it since"), "source": lazy("Source"), "as_of": lazy("As of"),
    "confidence": lazy("How sure it is"), "to_be_confirmed": lazy("To be confirmed"), "note": lazy("Note"),
    "articles": lazy("Articles"),
}  # fmt: skip


@register.simple_tag
def treaty_differs(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """Return label, before and after of each value in which two states of a treaty or of a standing differ."""
    was, now = _flat(before), _flat(after)
    return [
        (str(LABELS.get(name, name)), _words(name, was.get(name)), _words(name, now.get(name)))
        for name in dict.fromkeys((*was, *now))
        if was.get(name) != now.get(name) and name not in ("state", "parties", "mla_treaty")
    ]


def _flat(row: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the values with those of the rules among them, and the end of a bilateral treaty once."""
    if row is None:
        return {}
    found = {name: value for name, value in row.items() if name not in ("rules", "parties")}
    found |= row.get("rules", {})
    ended = [one["ended"] for one in row.get("parties", ()) if isinstance(one, dict) and one.get("ended")]
    return found | ({"ended": min(ended)} if ended else {})


def _words(name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "status":
        return str(dict(Participation.Status.choices).get(value, value))
    if name == "confidence":
        return str(dict(Sourced.Confidence.choices).get(value, value))
    if isinstance(value, str):
        return value
    if name == "measures":
        return "; ".join(f"{_measure(slug)}: {_answer(one)}" for slug, one in value.items())
    if name in ("contents", "time_limits", "languages", "refusal", "bar", "scope"):
        return "; ".join(_part(name, one) for one in value)
    if name == "residual":
        return str(value.get("article", ""))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _measure(slug: str) -> str:
    known = measure_catalogue().get(slug)
    return house_words(known.name) if known else slug


def _answer(rule: Mapping[str, Any]) -> str:
    words = {"in_scope": _("yes"), "not": _("no"), "cannot_tell": _("not known")}
    articles = ", ".join(rule.get("articles", ()))
    return f"{words.get(rule['answer'], rule['answer'])}{f' ({articles})' if articles else ''}"


def _part(name: str, one: Mapping[str, Any]) -> str:
    article = one.get("article", "")
    if name == "contents":
        wanted = WANTED.get(one["item"])
        return f"{article} {wanted.says() if wanted else one['item']}"
    if name == "scope":
        return f"{', '.join(one['offences'])}: {_answer(one)} {article}".strip()
    return f"{article} {one.get('says') or one.get('ground', '')} {' '.join(one.get('languages', ()))}".strip()
