"""What one item of a letter asks, in words: for the pages on which somebody examines it or carries it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mla.core.languages import house_words
from workflows.documents.wording import IDENTIFIER, word
from workflows.drafting.letterfile import Identifier, Item, LetterFile, Period
from workflows.drafting.measures import Question, measure_catalogue


def asked(letter: LetterFile, item: Item) -> list[tuple[str, str]]:
    """Return what an item asks as pairs of words, in the order in which an officer needs them. Empty ones left out."""
    return [(words, text) for words, text in _pairs(letter, item) if text]


def _pairs(letter: LetterFile, item: Item) -> Iterator[tuple[str, str]]:
    providers = {provider.id: provider for provider in letter.providers}
    persons = {person.id: person for person in letter.persons}
    identifiers = {identifier.id: identifier for identifier in letter.identifiers}
    provider = providers.get(item.provider or "")
    if provider is not None:
        yield _("Provider"), ", ".join(filter(None, [provider.name, provider.service, provider.address]))
        yield _("Why it is believed to hold the data"), provider.holds_because
    yield _("Identifiers"), "\n".join(_identifier(identifiers[key]) for key in item.identifiers if key in identifiers)
    yield (
        _("Persons"),
        "\n".join(
            f"{persons[key].name} ({persons[key].role.replace('_', ' ')})" for key in item.persons if key in persons
        ),
    )
    yield _("Period"), _period(item.period) if item.period else ""
    yield _("Why this period"), item.period_reason
    measure = measure_catalogue().get(item.measure)
    for question in measure.questions if measure else ():
        yield house_words(question.label), _answer(question, item.answers.get(question.key))
    yield _("Link with the offence"), item.nexus
    yield _("Why it is needed"), item.necessity
    yield _("Procedure that is wished"), item.procedure
    if item.time_limit:
        yield _("Time limit that is wished"), f"{_day(item.time_limit)} {item.time_limit_reason}".strip()


def _identifier(identifier: Identifier) -> str:
    parts = [f"{word(IDENTIFIER, identifier.type)}: {identifier.value}"]
    if identifier.port:
        parts.append(_("port %(port)s") % {"port": identifier.port})
    if identifier.at:
        parts.append(_instant(identifier.at))
    if identifier.period:
        parts.append(_period(identifier.period))
    return ", ".join(parts)


def _period(period: Period) -> str:
    return _("from %(start)s to %(end)s") % {"start": _instant(period.start), "end": _instant(period.end)}


def _instant(moment: dt.datetime) -> str:
    # As the letter says it: a provider searches by that time and offset.
    shown, offset = (
        moment.strftime("%Y-%m-%d %H:%M:%S"),
        moment.isoformat()[-6:] if moment.utcoffset() is not None else "",
    )
    return f"{shown} UTC{'' if offset == '+00:00' else offset}" if offset else shown


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y")


def _answer(question: Question, value: Any) -> str:
    if value in (None, "", [], ()):
        return ""
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, dict):
        return _("from %(start)s to %(end)s") % {"start": value.get("from", ""), "end": value.get("to", "")}
    if isinstance(value, list | tuple):
        return ", ".join(house_words(question.choice_label(str(one))) for one in value)
    return house_words(question.choice_label(str(value))) if question.kind == "choice" else str(value)
