"""What one item of a letter asks, in words: for the pages on which somebody examines it or carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from workflows.documents.wording import CERTIFICATE, IDENTIFIER, PERSON_ROLE, word
from workflows.drafting.letterfile import Identifier, Item, LetterFile
from workflows.drafting.measures import Question, measure_catalogue
from workflows.web.drafting.reading import day_told, moment_told, period_told


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
            f"{persons[key].name} ({word(PERSON_ROLE, persons[key].role)})" for key in item.persons if key in persons
        ),
    )
    yield _("Period"), period_told(item.period.start, item.period.end) if item.period else ""
    yield _("Why this period"), item.period_reason
    measure = measure_catalogue().get(item.measure)
    for question in measure.questions if measure else ():
        yield house_words(question.label), _answer(question, item.answers.get(question.key))
    yield _("Link with the offence"), item.nexus
    yield _("Why it is needed"), item.necessity
    yield _("Procedure that is wished"), item.procedure
    if item.certificate_form in ("records_certificate", "oath"):
        yield _("Form to be signed, at the end of the letter"), word(CERTIFICATE, item.certificate_form)
    if item.time_limit:
        yield (
            _("Time limit that is wished"),
            f"{day_told(item.time_limit)}. {item.time_limit_reason}".removesuffix(". "),
        )


def _identifier(identifier: Identifier) -> str:
    parts = [f"{word(IDENTIFIER, identifier.type)}: {identifier.value}"]
    if identifier.port:
        parts.append(_("port %(port)s") % {"port": identifier.port})
    if identifier.at:
        parts.append(moment_told(identifier.at))
    if identifier.period:
        parts.append(period_told(identifier.period.start, identifier.period.end))
    return ", ".join(parts)


def _answer(question: Question, value: Any) -> str:
    if value in (None, "", [], ()):
        return ""
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, dict):
        return period_told(value.get("from", ""), value.get("to", ""))
    if isinstance(value, list | tuple):
        return ", ".join(house_words(question.choice_label(str(one))) for one in value)
    if question.kind == "date":
        return day_told(value)
    if question.kind == "instant":
        return moment_told(value)
    return house_words(question.choice_label(str(value))) if question.kind == "choice" else str(value)
