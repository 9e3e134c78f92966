"""How a place in a letter is called: the path of an answer in words, for pages and for the letter itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _now
from django.utils.translation import pgettext_lazy as _p

from mla.core.languages import house_words
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.proof import prompts
from workflows.drafting.rights import rights_rows

#: The first step of a path: the part of the letter.
_PARTS: dict[str, Any] = {
    "requesting": _p("place in a letter", "Requesting State"),
    "requested": _p("place in a letter", "Requested State"),
    "title": _p("place in a letter", "Title"),
    "operation": _p("place in a letter", "Operation"),
    "language": _p("place in a letter", "Language"),
    "date": _p("place in a letter", "Date"),
    "channel": _p("place in a letter", "Channel"),
    "confidentiality": _p("place in a letter", "Confidentiality"),
    "urgency": _p("place in a letter", "Urgency"),
    "proceedings": _p("place in a letter", "Proceedings"),
    "key_dates": _p("place in a letter", "Date to know"),
    "contacts": _p("place in a letter", "Contact"),
    "persons": _p("place in a letter", "Person"),
    "offences": _p("place in a letter", "Offence"),
    "facts": _p("place in a letter", "Facts"),
    "providers": _p("place in a letter", "Provider"),
    "identifiers": _p("place in a letter", "Identifier"),
    "bases": _p("place in a letter", "Legal basis"),
    "items": _p("place in a letter", "Measure"),
    "related": _p("place in a letter", "Related request"),
    "statements": _p("place in a letter", "Statements"),
    "rights": _p("place in a letter", "Rights screen"),
    "before": _p("place in a letter", "Before you ask"),
    "preserved": _p("place in a letter", "Data set"),
    "annexes": _p("place in a letter", "Annex"),
    "annexes_bound": _p("place in a letter", "Annexes bound for reading"),
    "assurances": _p("place in a letter", "Assurance"),
}

#: The steps after it. One that is not here is shown as the letter's format calls it.
_FIELDS: dict[str, Any] = {
    "jurisdiction": _p("place in a letter", "State"),
    "authority": _p("place in a letter", "authority"),
    "originating": _p("place in a letter", "originating authority"),
    "level": _p("place in a letter", "level"),
    "reason": _p("place in a letter", "reason"),
    "date": _p("place in a letter", "date"),
    "user_notification": _p("place in a letter", "notification of the user"),
    "subject": _p("place in a letter", "subject"),
    "nature": _p("place in a letter", "nature"),
    "stage": _p("place in a letter", "stage reached"),
    "reference": _p("place in a letter", "reference"),
    "conducting_authority": _p("place in a letter", "conducting authority"),
    "functions": _p("place in a letter", "functions of the authority"),
    "powers": _p("place in a letter", "powers under its own law"),
    "name": _p("place in a letter", "name"),
    "role": _p("place in a letter", "role"),
    "kind": _p("place in a letter", "kind"),
    "aliases": _p("place in a letter", "other names"),
    "born": _p("place in a letter", "date of birth"),
    "birthplace": _p("place in a letter", "place of birth"),
    "nationality": _p("place in a letter", "nationality"),
    "document": _p("place in a letter", "identity document"),
    "address": _p("place in a letter", "address"),
    "location": _p("place in a letter", "whereabouts"),
    "description": _p("place in a letter", "description"),
    "protected": _p("place in a letter", "protected identity"),
    "pseudonym": _p("place in a letter", "pseudonym"),
    "title": _p("place in a letter", "title"),
    "category": _p("place in a letter", "category"),
    "provision": _p("place in a letter", "provision"),
    "law_text": _p("place in a letter", "text of the law"),
    "maximum_penalty": _p("place in a letter", "maximum penalty"),
    "maximum_years": _p("place in a letter", "maximum penalty in years"),
    "conduct": _p("place in a letter", "conduct"),
    "committed_from": _p("place in a letter", "committed from"),
    "committed_to": _p("place in a letter", "committed to"),
    "place": _p("place in a letter", "place"),
    "elements": _p("place in a letter", "elements of the conduct"),
    "element": _p("place in a letter", "element"),
    "fact": _p("place in a letter", "fact that shows it"),
    "theirs": _p("place in a letter", "the matching element of their law"),
    "text": _p("place in a letter", "text"),
    "source": _p("place in a letter", "source"),
    "measure": _p("place in a letter", "kind of measure"),
    "bases": _p("place in a letter", "legal bases"),
    "offences": _p("place in a letter", "offences"),
    "persons": _p("place in a letter", "persons"),
    "identifiers": _p("place in a letter", "identifiers"),
    "provider": _p("place in a letter", "provider"),
    "period": _p("place in a letter", "period"),
    "from": _p("place in a letter", "from"),
    "to": _p("place in a letter", "to"),
    "period_reason": _p("place in a letter", "reason for the period"),
    "nexus": _p("place in a letter", "link to the offence"),
    "standard_of_proof": _p("place in a letter", "standard of proof"),
    "necessity": _p("place in a letter", "necessity"),
    "procedure": _p("place in a letter", "procedure"),
    "certificate_form": _p("place in a letter", "form to be signed"),
    "time_limit": _p("place in a letter", "time limit"),
    "time_limit_reason": _p("place in a letter", "reason for the time limit"),
    "instrument": _p("place in a letter", "instrument"),
    "articles": _p("place in a letter", "articles"),
    "note": _p("place in a letter", "note"),
    "lead_days": _p("place in a letter", "days before it on which the evidence is needed"),
    "value": _p("place in a letter", "value"),
    "type": _p("place in a letter", "kind"),
    "port": _p("place in a letter", "port"),
    "at": _p("place in a letter", "time"),
    "purpose": _p("place in a letter", "purpose"),
    "reciprocity": _p("place in a letter", "reciprocity"),
    "speciality": _p("place in a letter", "limits on use"),
    "data_protection": _p("place in a letter", "protection of data"),
    "death_penalty": _p("place in a letter", "penalties"),
    "costs": _p("place in a letter", "costs"),
    "admissibility": _p("place in a letter", "admissibility in court"),
    "tipping_off": _p("place in a letter", "risk of disclosure"),
    "office": _p("place in a letter", "office"),
    "function": _p("place in a letter", "function"),
    "email": _p("place in a letter", "e-mail"),
    "phone": _p("place in a letter", "telephone"),
    "hours": _p("place in a letter", "hours"),
    "time_zone": _p("place in a letter", "time zone"),
    "language": _p("place in a letter", "language"),
    "languages": _p("place in a letter", "languages"),
    "service": _p("place in a letter", "service"),
    "holds_because": _p("place in a letter", "why it holds the data"),
    "sha256": _p("place in a letter", "SHA-256"),
    "size": _p("place in a letter", "size"),
    "media_type": _p("place in a letter", "type of file"),
    "file": _p("place in a letter", "file"),
    "marking": _p("place in a letter", "marking on every page"),
    "offered": _p("place in a letter", "when it is given"),
    "given_by": _p("place in a letter", "authority that can give it"),
    "agreed_instead": _p("place in a letter", "agreed to apply instead"),
    "other_treaty": _p("place in a letter", "another treaty binds"),
    "person": _p("place in a letter", "person"),
    "benefit_sought": _p("place in a letter", "benefit sought"),
    "organized_group": _p("place in a letter", "organized criminal group"),
    "transnational": _p("place in a letter", "transnational"),
    "answers": "",
    "answer": _p("place in a letter", "answer"),
    "what": _p("place in a letter", "which data"),
    "state": _p("place in a letter", "whether preserved"),
    "by": _p("place in a letter", "who preserves"),
    "on": _p("place in a letter", "preserved on"),
    "until": _p("place in a letter", "preserved until"),
    "extended_until": _p("place in a letter", "extended until"),
    "extensions": _p("place in a letter", "number of extensions"),
    "hold": _p("place in a letter", "kept until decided"),
    "held_evidence": _p("place in a letter", "evidence held already"),
    "open_data": _p("place in a letter", "open data"),
    "consent": _p("place in a letter", "lawful consent"),
    "police_24_7": _p("place in a letter", "police and 24/7"),
    "spontaneous": _p("place in a letter", "spontaneous information"),
}

#: The questions of the rights screen.
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def path_words(path: str, content: Mapping[str, Any], *, comma: str = ", ", gap: str = " ") -> str:
    """Return a path such as ``items[0].nexus`` in words: “Measure M1, link to the offence”.

    Entries are called by their key in `content`, and by their place where they have none.
    `comma` and `gap`: what the language of a letter sets between two steps, and between a word and its key.
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
                words[-1] = f"{words[-1]}{gap}{key or place + 1}"
            continue
        at = at.get(name) if isinstance(at, dict) else None
        of_rights = path.startswith("rights.") and bool(words) and name in rights_rows()
        if of_rights:
            word = house_words(rights_rows()[name].name)
        elif in_answers and name in _questions():
            word = answer_words(name)
        else:
            word = _step_words(name, first=not words)
        in_answers = name == "answers"
        if word:
            words.append(word)
    return comma.join(words) or _now("The whole letter")


def place_now(path: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return where the place of an earlier letter is in a later one: the same entry by its key, else its part."""
    part, bracket, rest = path.partition("[")
    number, _bracket, inside = rest.partition("]")
    if not bracket or not number.isdigit():
        return path
    before, after = then.get(part), now.get(part)
    entries = after if isinstance(after, list) else []
    if not isinstance(before, list) or int(number) >= len(before):
        return path if int(number) < len(entries) else part
    one = before[int(number)]
    key = one.get("id") if isinstance(one, dict) else None
    for place, entry in enumerate(entries):
        if entry == one or (key and isinstance(entry, dict) and entry.get("id") == key):
            return f"{part}[{place}]{inside}"
    return part


#: Parts that never leave the house.
_AT_HOME = ("rights", "before", "preserved", "annexes_bound")


def places_of(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return path and words of each part of a letter as it was sent, and of each entry of a list, in the letter's order.

    A part that the letter does not have is a place too: something may be missing there.
    """
    found = []
    for part in _PARTS:
        if part in _AT_HOME:
            continue
        held = content.get(part)
        entries = len(held) if isinstance(held, list) else 0
        for path in [f"{part}[{number}]" for number in range(entries)] or [part]:
            found.append((path, path_words(path, content)))
    return found


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


def answer_words(key: str) -> str:
    """Return the short words of a measure's question; its key may be that of another field too."""
    asked = _questions()
    return house_words(asked[key]) if key in asked else field_words(key)


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
