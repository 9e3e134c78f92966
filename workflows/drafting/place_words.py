"""How a place in a letter is called: the path of an answer in words, for pages and for the letter itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mla.core.languages import house_words
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.proof import prompts
from workflows.drafting.rights import rights_rows

#: The first step of a path: the part of the letter.
_PARTS: dict[str, Any] = {
    "requesting": _("Requesting State"),
    "requested": _("Requested State"),
    "title": _("Title"),
    "operation": _("Operation"),
    "language": _("Language"),
    "date": _("Date"),
    "channel": _("Channel"),
    "confidentiality": _("Confidentiality"),
    "urgency": _("Urgency"),
    "proceedings": _("Proceedings"),
    "key_dates": _("Date to know"),
    "contacts": _("Contact"),
    "persons": _("Person"),
    "offences": _("Offence"),
    "facts": _("Facts"),
    "providers": _("Provider"),
    "identifiers": _("Identifier"),
    "bases": _("Legal basis"),
    "items": _("Measure"),
    "related": _("Related request"),
    "statements": _("Statements"),
    "rights": _("Rights screen"),
    "before": _("Before you ask"),
    "preserved": _("Data set"),
    "annexes": _("Annex"),
    "assurances": _("Assurance"),
}

#: The steps after it. One that is not here is shown as the letter's format calls it.
_FIELDS: dict[str, Any] = {
    "jurisdiction": _("State"),
    "authority": _("authority"),
    "originating": _("originating authority"),
    "level": _("level"),
    "reason": _("reason"),
    "date": _("date"),
    "user_notification": _("notification of the user"),
    "subject": _("subject"),
    "nature": _("nature"),
    "stage": _("stage reached"),
    "reference": _("reference"),
    "conducting_authority": _("conducting authority"),
    "functions": _("functions of the authority"),
    "powers": _("powers under its own law"),
    "name": _("name"),
    "role": _("role"),
    "kind": _("kind"),
    "aliases": _("other names"),
    "born": _("date of birth"),
    "birthplace": _("place of birth"),
    "nationality": _("nationality"),
    "document": _("identity document"),
    "address": _("address"),
    "location": _("whereabouts"),
    "description": _("description"),
    "protected": _("protected identity"),
    "pseudonym": _("pseudonym"),
    "title": _("title"),
    "category": _("category"),
    "provision": _("provision"),
    "law_text": _("text of the law"),
    "maximum_penalty": _("maximum penalty"),
    "maximum_years": _("maximum penalty in years"),
    "conduct": _("conduct"),
    "committed_from": _("committed from"),
    "committed_to": _("committed to"),
    "place": _("place"),
    "elements": _("elements of the conduct"),
    "element": _("element"),
    "fact": _("fact that shows it"),
    "theirs": _("the matching element of their law"),
    "text": _("text"),
    "source": _("source"),
    "measure": _("kind of measure"),
    "bases": _("legal bases"),
    "offences": _("offences"),
    "persons": _("persons"),
    "identifiers": _("identifiers"),
    "provider": _("provider"),
    "period": _("period"),
    "from": _("from"),
    "to": _("to"),
    "period_reason": _("reason for the period"),
    "nexus": _("link to the offence"),
    "standard_of_proof": _("standard of proof"),
    "necessity": _("necessity"),
    "procedure": _("procedure"),
    "certificate_form": _("form to be signed"),
    "time_limit": _("time limit"),
    "time_limit_reason": _("reason for the time limit"),
    "instrument": _("instrument"),
    "articles": _("articles"),
    "note": _("note"),
    "lead_days": _("days before it on which the evidence is needed"),
    "value": _("value"),
    "type": _("kind"),
    "port": _("port"),
    "at": _("time"),
    "purpose": _("purpose"),
    "reciprocity": _("reciprocity"),
    "speciality": _("limits on use"),
    "data_protection": _("protection of data"),
    "death_penalty": _("penalties"),
    "costs": _("costs"),
    "admissibility": _("admissibility in court"),
    "tipping_off": _("risk of disclosure"),
    "office": _("office"),
    "function": _("function"),
    "email": _("e-mail"),
    "phone": _("telephone"),
    "hours": _("hours"),
    "time_zone": _("time zone"),
    "languages": _("languages"),
    "service": _("service"),
    "holds_because": _("why it holds the data"),
    "sha256": _("SHA-256"),
    "size": _("size"),
    "media_type": _("type of file"),
    "file": _("file"),
    "marking": _("marking on every page"),
    "offered": _("when it is given"),
    "given_by": _("authority that can give it"),
    "agreed_instead": _("agreed to apply instead"),
    "other_treaty": _("another treaty binds"),
    "person": _("person"),
    "benefit_sought": _("benefit sought"),
    "organized_group": _("organized criminal group"),
    "transnational": _("transnational"),
    "answers": "",
    "answer": _("answer"),
    "what": _("which data"),
    "state": _("whether preserved"),
    "by": _("who preserves"),
    "on": _("preserved on"),
    "until": _("preserved until"),
    "extended_until": _("extended until"),
    "extensions": _("number of extensions"),
    "hold": _("kept until decided"),
    "held_evidence": _("evidence held already"),
    "open_data": _("open data"),
    "consent": _("lawful consent"),
    "police_24_7": _("police and 24/7"),
    "spontaneous": _("spontaneous information"),
}

#: The questions of the rights screen.
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def path_words(path: str, content: Mapping[str, Any]) -> str:
    """Return a path such as ``items[0].nexus`` in words: “Measure M1, link to the offence”.

    Entries are called by their key in `content`, and by their place where they have none.
    """
    words: list[str] = []
    in_answers = False
    at: Any = content
    for name, index in _STEP.findall(path):
        if index:
            place = int(index)
            at = at[place] if isinstance(at, list) and place < len(at) else None
            key = at.get("id") if isinstance(at, dict) else None
            if words:
                words[-1] = f"{words[-1]} {key or place + 1}"
            continue
        at = at.get(name) if isinstance(at, dict) else None
        of_rights = path.startswith("rights.") and bool(words) and name in rights_rows()
        if of_rights:
            word = house_words(rights_rows()[name].name)
        elif in_answers and name in _questions():
            word = house_words(_questions()[name])
        else:
            word = _step_words(name, first=not words)
        in_answers = name == "answers"
        if word:
            words.append(word)
    return ", ".join(words) or _now("The whole letter")


def steps_of(path: str) -> list[str]:
    """Return the steps of a path, names and positions."""
    return [name or index for name, index in _STEP.findall(path)]


def known_words(path: str) -> bool:
    """Tell whether each step of a path is called by words of ours, not as the letter's format writes it."""
    names = [step for step in steps_of(path) if not step.isdigit()]
    return names[0] in _PARTS and all(
        name in _FIELDS or name in _questions() or (names[0] == "rights" and name in rights_rows())
        for name in names[1:]
    )


def field_words(name: str) -> str:
    """Return a field of an entry, or the key of a measure's question, in words."""
    return _step_words(name, first=False)


field_words_later = lazy(field_words, str)


def _step_words(name: str, *, first: bool) -> str:
    known = _PARTS if first else _FIELDS
    if name in known:
        return str(known[name])
    asked = {} if first else _questions()
    return house_words(asked[name]) if name in asked else name.replace("_", " ")


@cache
def _questions() -> dict[str, str]:
    """Return the short words of the measures' questions, by their keys. One key means one thing in all measures."""
    proof = {one.key: one.short for one in prompts().values() if one.own}
    return proof | {q.key: q.short for measure in measure_catalogue().values() for q in measure.questions}
