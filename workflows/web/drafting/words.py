"""How the entries of a letter are called in lists, choices and questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy as _p

from mla.core.languages import house_words
from workflows.documents import wording
from workflows.drafting.measures import measure_catalogue
from workflows.web.drafting.reading import day_told, elements_told, moment_told, period_told
from workflows.web.drafting.sections import Field

#: By the answer of a data set; nothing is said where it is not known.
PRESERVED: dict[str, Any] = {"yes": _p("preserved data", "preserved"), "no": _p("preserved data", "not preserved")}
PRESERVED |= {"": _p("preserved data", "not known whether preserved")}

_WORDS: dict[tuple[str, str], Any] = {
    ("persons", "role"): wording.PERSON_ROLE,
    ("identifiers", "type"): wording.IDENTIFIER,
    ("key_dates", "kind"): wording.KEY_DATE,
    ("contacts", "role"): wording.CONTACT_ROLE,
    ("related", "kind"): wording.RELATED,
    ("assurances", "kind"): wording.ASSURANCE,
    ("assurances", "offered"): wording.OFFERED,
    ("preserved", "state"): PRESERVED,
}


def entry_name(group: str, entry: Mapping[str, Any]) -> str:
    """Return one line that tells an entry apart from the others."""
    key = entry.get("id", "")
    if group == "items":
        measure = measure_catalogue().get(entry.get("measure", ""))
        told = house_words(measure.name) if measure else entry.get("measure", "")
    elif group == "facts":
        told = " · ".join(filter(None, (_day(entry), shortened(entry.get("text", "")))))
    elif group == "key_dates":
        told = f"{_word(group, 'kind', entry)} · {_day(entry)}"
    elif group == "assurances":
        told = f"{_word(group, 'kind', entry)} · {_word(group, 'offered', entry)}"
    elif group == "contacts":
        told = f"{entry.get('office', '')} · {_word(group, 'role', entry)}"
    elif group == "identifiers":
        # One address is often named for several moments: the moment tells them apart.
        seen = moment_told(entry["at"]) if entry.get("at") else ""
        told = " · ".join(filter(None, (entry.get("value", ""), _word(group, "type", entry), seen)))
    elif group == "preserved":
        told = f"{shortened(entry.get('what', ''))} · {_word(group, 'state', entry)}"
    elif group == "persons":
        told = f"{entry.get('name', '')} · {_word(group, 'role', entry)}"
    elif group == "bases":
        told = entry.get("instrument", "")
    else:
        told = entry.get("title") or entry.get("name") or entry.get("reference") or ""
    return " · ".join(filter(None, (key, str(told))))


def _day(entry: Mapping[str, Any]) -> str:
    return day_told(entry["date"]) if entry.get("date") else ""


def _word(group: str, name: str, entry: Mapping[str, Any]) -> str:
    # Left out, an assurance is given with the letter.
    return wording.word(_WORDS[group, name], entry.get(name, "now" if name == "offered" else ""))


def shortened(text: str, longest: int = 90) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + "…"


def value_told(asked: Field, value: Any) -> str:
    """Return a value as a person reads it, for the difference between two answers."""
    if value in (None, "", [], {}):
        return _("(nothing)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if asked.kind == "elements":
        return elements_told(value)
    words = dict(asked.choices)
    if isinstance(value, list):
        return ", ".join(str(words.get(one, one)) for one in value)
    if isinstance(value, dict):
        return period_told(value.get("from", ""), value.get("to", ""))
    if asked.kind == "date":
        return day_told(value)
    if asked.kind == "instant":
        return moment_told(value)
    return str(words.get(value, value))
