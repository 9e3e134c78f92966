"""The difference since an earlier letter in words, for the printed letter and for pages: pure.

Resolve it inside `wording.document_language(letter.language)` for the letter; on a page it speaks the reader's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from workflows.documents import wording
from workflows.documents.context_items import answer_texts
from workflows.documents.formats import day, grouped, instant, language_name, listed, marks, number, paragraphs
from workflows.documents.values import RECIPROCITY, Names
from workflows.documents.wording import Words, word, wording_language
from workflows.drafting.letter_rights import RightsAnswers
from workflows.drafting.letterfile import fields_at
from workflows.drafting.place_words import answer_words, field_words, path_words, steps_of

#: The words of a value, by the part of the letter and the field.
_WORDS: dict[tuple[str, str], Words] = {
    ("proceedings", "nature"): wording.NATURE,
    ("persons", "role"): wording.PERSON_ROLE,
    ("persons", "kind"): wording.PERSON_KIND,
    ("key_dates", "kind"): wording.KEY_DATE,
    ("contacts", "role"): wording.CONTACT_ROLE,
    ("offences", "category"): wording.CATEGORY,
    ("identifiers", "type"): wording.IDENTIFIER,
    ("related", "kind"): wording.RELATED,
    ("items", "certificate_form"): wording.CERTIFICATE,
    ("confidentiality", "level"): wording.LEVEL,
    ("urgency", "level"): wording.URGENCY,
    ("bases", "role"): wording.BASIS_ROLE,
    ("assurances", "kind"): wording.ASSURANCE,
    ("assurances", "offered"): wording.OFFERED,
    ("before", "answer"): wording.CONSIDERED,
    ("preserved", "state"): wording.KNOWN,
    ("preserved", "hold"): wording.KNOWN,
    **{("rights", row): wording.KNOWN for row in RightsAnswers.model_fields},
}
#: How the format writes a penalty for life, in years.
LIFE = 100
_DAYS = frozenset({"date", "born", "committed_from", "committed_to", "time_limit"})


def difference_context(
    difference: Mapping[str, Any], letter: Mapping[str, Any], names: Names, language: str
) -> dict[str, Any]:
    """Return what the section on the difference prints.

    Args:
        difference: as `workflows.drafting.difference.letter_difference` returns it.
        letter: the later letter as plain JSON, in which the entries have their keys.
    """
    dated = difference.get("date")
    return {
        "kind": difference["kind"],
        "reference": difference["reference"],
        "date": day(dt.date.fromisoformat(dated), language) if dated else "",
        "hash": grouped(difference["content_hash"]),
        "changes": [_change(change, letter, names, language) for change in difference["changes"]],
    }


def _change(change: Mapping[str, Any], letter: Mapping[str, Any], names: Names, language: str) -> dict[str, Any]:
    measure = _measure_of(change["path"], letter)
    return {
        "kind": change["kind"],
        "path": change["path"] if change["kind"] != "removed" else "",
        "what": capfirst(place_of(change, letter)),
        "before": value_texts(change["path"], change["before"], names, language, measure=measure),
        "after": value_texts(change["path"], change["after"], names, language, measure=measure),
    }


def place_of(change: Mapping[str, Any], letter: Mapping[str, Any]) -> str:
    """Return which answer of the letter differs, in words: “Measure M1, period”."""
    said = marks(wording_language())
    path, taken_out = change["path"], change["before"]
    if change["kind"] == "removed" and path.endswith("]") and isinstance(taken_out, Mapping):
        # The place is that of the earlier letter; the key, where it has one, is in what was taken out.
        part, _bracket, rest = path.rpartition("[")
        return f"{path_words(part, {}, comma=said.comma, gap=said.gap)}{said.gap}{taken_out.get('id') or int(rest[:-1]) + 1}"
    return path_words(path, letter, comma=said.comma, gap=said.gap)


def value_texts(path: str, value: Any, names: Names, language: str, *, measure: str = "") -> list[str]:
    """Return one value of a letter as paragraphs: choices, codes, dates and periods in words; none for no value.

    A whole entry has one line for each of its answers.
    """
    if value is None or value in ("", [], {}):
        return []
    steps = [step for step in steps_of(path) if not step.isdigit()]
    part, name = steps[0], steps[-1]
    if isinstance(value, Mapping):
        if "from" in value and "to" in value:
            return [
                _("from %(start)s to %(end)s")
                % {"start": _moment(value["from"], language), "end": _moment(value["to"], language)}
            ]
        if name == "answers" and part == "items":
            return _answers(path, value, names, language, measure=measure)
        return _entry(path, value, names, language)
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(isinstance(one, Mapping) for one in value):
            return [line for one in value for line in _entry(path, one, names, language)]
        if "answers" in steps and part == "items":
            return answer_texts(value, names.measure(measure).questions.get(name), language)
        return [listed([_one(part, name, one, names, language) for one in value], language)]
    if "answers" in steps and part == "items":
        return answer_texts(value, names.measure(measure).questions.get(name), language)
    return paragraphs(_one(part, name, value, names, language))


def _entry(path: str, entry: Mapping[str, Any], names: Names, language: str) -> list[str]:
    measure = str(entry.get("measure", ""))
    lines = []
    for name, value in _ordered(entry, fields_at([step for step in steps_of(path) if not step.isdigit()])):
        if name == "id":
            continue
        told = value_texts(f"{path}.{name}", value, names, language, measure=measure)
        if name == "answers":
            lines += told
        elif told:
            label = field_words(name)
            lines.append(_("%(label)s: %(value)s") % {"label": capfirst(label), "value": "\n".join(told)})
    return lines


def _ordered(values: Mapping[str, Any], order: Sequence[str]) -> list[tuple[str, Any]]:
    """Return the values in that order, not in the one in which the database keeps them; unknown ones come last."""
    places = {name: place for place, name in enumerate(order)}
    return sorted(values.items(), key=lambda one: places.get(one[0], len(places)))


def _answers(path: str, answers: Mapping[str, Any], names: Names, language: str, *, measure: str) -> list[str]:
    questions = names.measure(measure).questions
    lines = []
    for key, value in _ordered(answers, tuple(questions)):
        told = answer_texts(value, questions.get(key), language)
        if told:
            label = answer_words(key)
            lines.append(_("%(label)s: %(value)s") % {"label": capfirst(label), "value": "\n".join(told)})
    return lines


def _one(part: str, name: str, value: Any, names: Names, language: str) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if words := _WORDS.get((part, name)):
        return word(words, str(value))
    if name in ("jurisdiction", "nationality"):
        return names.jurisdiction(str(value))
    if name in ("authority", "originating") and part in ("requesting", "requested"):
        return names.authority(str(value))
    if name == "instrument":
        return _("reciprocity") if value == RECIPROCITY else names.instrument(str(value)).short
    if name == "measure":
        return names.measure(str(value)).name
    if name in ("language", "languages"):
        return language_name(str(value), language)
    if name == "sha256":
        return grouped(str(value))
    if name in _DAYS or name in ("at", "from", "to"):
        return _moment(value, language)
    if name == "maximum_years" and value == LIFE:
        return _("for life")
    # A port and the years of a penalty are numbers without a separator in every language.
    return str(value) if name in ("port", "maximum_years") or not isinstance(value, int) else number(value, language)


def _moment(value: Any, language: str) -> str:
    text = str(value)
    try:
        return (
            day(dt.date.fromisoformat(text), language)
            if len(text) == 10
            else instant(dt.datetime.fromisoformat(text), language)
        )
    except ValueError:
        return text


def _measure_of(path: str, letter: Mapping[str, Any]) -> str:
    steps = steps_of(path)
    if len(steps) < 2 or steps[0] != "items" or not steps[1].isdigit():
        return ""
    items = letter.get("items", [])
    place = int(steps[1])
    return str(items[place].get("measure", "")) if place < len(items) else ""
