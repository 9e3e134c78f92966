"""The measures asked for, one context each: custodian, identifiers, period, and the measure's own answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from workflows.documents import wording
from workflows.documents.formats import day, instant, listed, marks, number, paragraphs
from workflows.documents.values import RECIPROCITY, MeasureName, Names, QuestionName, cite
from workflows.documents.wording import word
from workflows.drafting.letterfile import Identifier, Item, LetterFile, Period, Provider

#: The only form of a measure's template; whatever else is written there is printed by the general one.
_TEMPLATE = re.compile(r"measures/[a-z0-9]+(-[a-z0-9]+)*\.html")


_CERTIFICATE = re.compile(r"[a-z]+(-[a-z]+)*")
#: Identifiers that a form to be signed repeats; the letter has them all.
_MOST_FOUND_BY = 8


def item_contexts(letter: LetterFile, names: Names) -> list[dict[str, Any]]:
    """Return the items in their order.

    A custodian or an identifier is printed in full under the first measure that needs it; later measures
    refer to it. So a long list of addresses stands in the letter once, and its length has a bound.
    """
    shown_identifiers: dict[str, str] = {}
    shown_providers: dict[str, str] = {}
    identifiers = {identifier.id: identifier for identifier in letter.identifiers}
    providers = {provider.id: provider for provider in letter.providers}
    contexts = []
    for index, item in enumerate(letter.items):
        path = f"items[{index}]"
        contexts.append(
            _item(item, path, letter, names)
            | {
                "provider": _provider(item, providers, shown_providers, names),
                "identifiers": _identifiers(item, identifiers, shown_identifiers, letter),
            }
        )
    return contexts


def _item(item: Item, path: str, letter: LetterFile, names: Names) -> dict[str, Any]:
    language = letter.language
    measure = names.measure(item.measure)
    bases = {basis.id: basis for basis in letter.bases}
    template = measure.template if _TEMPLATE.fullmatch(measure.template) else "measures/other.html"
    return {
        "id": item.id,
        "path": path,
        "measure": item.measure,
        "name": _title(item, measure),
        "template": f"documents/letter/{template}",
        "bases": [
            cite(names.instrument(bases[key].instrument).short, bases[key].articles, language)
            if bases[key].instrument != RECIPROCITY
            else _("reciprocity")
            for key in item.bases
            if key in bases
        ],
        "base_keys": listed(item.bases, language),
        "offences": listed(item.offences, language),
        "persons": listed(item.persons, language),
        "period": period_text(item.period, language),
        "period_reason": paragraphs(item.period_reason),
        "nexus": paragraphs(item.nexus),
        "proof": [
            {
                "lead": _("%(words)s.") % {"words": names.proof.get(key, key)},
                "texts": paragraphs(text),
                "path": f"{path}.standard_of_proof.{key}",
            }
            for key, text in item.standard_of_proof.items()
        ],
        "necessity": paragraphs(item.necessity),
        "procedure": paragraphs(item.procedure),
        "time_limit": day(item.time_limit, language),
        "time_limit_reason": paragraphs(item.time_limit_reason),
        "answers": _answers(item, path, names, language),
        "certificate": _certificate(item, path, measure, letter),
    }


def _certificate(item: Item, path: str, measure: MeasureName, letter: LetterFile) -> dict[str, Any] | None:
    """Return what the form prints that is signed over there, or None where none is asked for."""
    template = measure.certificates.get(item.certificate_form or "", "")
    if not _CERTIFICATE.fullmatch(template):
        return None
    wished = item.answers.get("certificate")
    known = {identifier.id: identifier.value for identifier in letter.identifiers}
    values = list(dict.fromkeys(known[key] for key in item.identifiers if key in known))
    persons = [person for person in letter.persons if person.id in item.persons]
    joint = marks(letter.language).joint
    return {
        "path": f"{path}.certificate_form",
        "template": f"documents/letter/certificates/{template}.html",
        "sworn": item.certificate_form == "oath",
        "wished": paragraphs(wished) if isinstance(wished, str) else [],
        # Who signs a form on records need not know whom they are about; a protected person is a key here too.
        "heard": listed(
            [one.id if one.protected else f"{one.id}{joint}{one.name}" for one in persons], letter.language
        ),
        "found_by": listed(values[:_MOST_FOUND_BY], letter.language) + (" …" if len(values) > _MOST_FOUND_BY else ""),
    }


def _title(item: Item, measure: MeasureName) -> str:
    """Return the measure's name; for a measure that covers several kinds of assistance, the kind that was chosen."""
    question = measure.questions.get("kind_of_assistance")
    kind = str(item.answers.get("kind_of_assistance", "other"))
    return (
        capfirst(question.choices[kind]) if question and kind != "other" and kind in question.choices else measure.name
    )


def period_text(period: Period | None, language: str) -> str:
    """Return a period with both instants and their offsets, one time of day for both where it is one day."""
    if period is None:
        return ""
    return _("from %(start)s to %(end)s") % {
        "start": instant(period.start, language),
        "end": instant(period.end, language),
    }


def _provider(item: Item, providers: dict[str, Provider], shown: dict[str, str], names: Names) -> dict[str, Any] | None:
    provider = providers.get(item.provider or "")
    if provider is None:
        return None
    earlier = shown.setdefault(provider.id, item.id)
    return {
        "id": provider.id,
        "name": provider.name,
        "address": provider.address,
        "jurisdiction": names.jurisdiction(provider.jurisdiction),
        "service": provider.service,
        "holds_because": paragraphs(provider.holds_because),
        "shown_under": "" if earlier == item.id else earlier,
    }


def _identifiers(
    item: Item, known: dict[str, Identifier], shown: dict[str, str], letter: LetterFile
) -> dict[str, Any] | None:
    wanted = [known[key] for key in item.identifiers if key in known]
    if not wanted:
        return None
    fresh = [identifier for identifier in wanted if shown.setdefault(identifier.id, item.id) == item.id]
    earlier = [identifier for identifier in wanted if shown[identifier.id] != item.id]
    places = dict.fromkeys(shown[identifier.id] for identifier in earlier)
    return {
        "rows": [_identifier(identifier, letter.language) for identifier in fresh],
        "timed": any(identifier.at or identifier.period for identifier in fresh),
        "noted": any(identifier.note or identifier.person or identifier.provider for identifier in fresh),
        "earlier": listed([identifier.id for identifier in earlier], letter.language),
        "shown_under": listed(list(places), letter.language),
        "place_count": len(places),
    }


def _identifier(identifier: Identifier, language: str) -> dict[str, Any]:
    times = [instant(identifier.at, language)] if identifier.at else []
    if identifier.period:
        times.append(period_text(identifier.period, language))
    return {
        "id": identifier.id,
        "type": word(wording.IDENTIFIER, identifier.type),
        "value": identifier.value,
        "port": str(identifier.port) if identifier.port else "",
        "times": times,
        "relates_to": listed([key for key in (identifier.person, identifier.provider) if key], language),
        "note": identifier.note,
    }


def _answers(item: Item, path: str, names: Names, language: str) -> dict[str, dict[str, Any]]:
    """Return the answers in the order of the questions; answers without a known question come last, as given."""
    questions = names.measure(item.measure).questions
    order = [key for key in questions if key in item.answers] + [key for key in item.answers if key not in questions]
    answers = {}
    for key in order:
        question = questions.get(key)
        values = answer_texts(item.answers[key], question, language)
        if values:
            answers[key] = {
                "key": key,
                # A key that no question declares is somebody's text: it gets no place in an attribute.
                "path": f"{path}.answers.{key}" if question else "",
                "label": question.label if question else key.replace("_", " "),
                "value": item.answers[key],
                "texts": [capfirst(text) if question and question.choices else text for text in values],
                "text": capfirst("\n".join(values)),
                "inline": "\n".join(values),
            }
    return answers


def answer_texts(value: Any, question: QuestionName | None, language: str) -> list[str]:
    """Return the paragraphs of one answer as they are printed; none for an empty answer."""
    kind = question.kind if question else ""
    choices = question.choices if question else {}
    if value is None or value == "" or value == []:
        return []
    if isinstance(value, bool):
        return [_("Yes") if value else _("No")]
    if kind == "choice":
        return [choices.get(str(value), str(value))]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [listed([choices.get(str(one), str(one)) for one in value], language)]
    if isinstance(value, dict):
        start, end = (_instant_text(value.get(name), language) for name in ("from", "to"))
        return [_("from %(start)s to %(end)s") % {"start": start, "end": end}]
    if kind in ("instant", "date") or isinstance(value, dt.date):
        return [_instant_text(value, language)]
    if kind == "number" or isinstance(value, int | float):
        return [number(value, language)]
    return paragraphs(str(value))


def _instant_text(value: Any, language: str) -> str:
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value) if len(value) == 10 else dt.datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, dt.datetime):
        return instant(value, language)
    return day(value, language) if isinstance(value, dt.date) else str(value or "")
