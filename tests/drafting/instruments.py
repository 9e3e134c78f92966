"""The shipped instruments as values, without a database, and a letter that says everything a measure asks."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mla.reference.files import ROOT, instrument_rows
from mla.reference.loading import plain
from mla.reference.rules import InstrumentRules, rules_of
from tests.drafting.letters import values
from workflows.drafting.findings.law import InstrumentFacts, Law
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.measures import Measure, Question
from workflows.drafting.resolver import OFFENCE_CATEGORIES, decide
from workflows.drafting.resolver_scope import scope
from workflows.drafting.resolver_types import Law as Instrument
from workflows.drafting.resolver_types import Offence, Relation, Row

TODAY = dt.date(2026, 6, 15)
BOUND = Row("party", in_force_date=dt.date(1990, 1, 1), confidence="high", source="a test", to_be_confirmed=False)
_HEADER = frozenset({"code", "adopted", "in_force", "kind", "short_name", "full_title", "depositary", "articles", "source",
                     "as_of", "confidence", "note", "in_force_text"})  # fmt: skip


@cache
def instruments() -> Mapping[str, Instrument]:
    """Return every shipped instrument by code, as if it were in force."""
    found = {}
    for row in instrument_rows(ROOT):
        code = row.text("code")
        rules = rules_of(plain({key: value for key, value in row.values.items() if key not in _HEADER}))
        rules = rules.model_copy(update={"entry_into_force": type(rules.entry_into_force)()})
        found[code] = Instrument(code, row.text("kind"), row.text("short_name"), rules)
    return found


def offence_within(rules: InstrumentRules, measure: str) -> Offence | None:
    """Return an offence that the instrument reaches with a measure, or may reach; None where it provides for none."""
    offences = [
        Offence(category, 10, organized_group=True, benefit_sought=True, transnational=True)
        for category in OFFENCE_CATEGORIES
    ]
    answers = {offence: scope(rules, measure, offence).answer for offence in offences}
    for wanted in ("in_scope", "cannot_tell"):
        found = next((offence for offence, answer in answers.items() if answer == wanted), None)
        if found is not None:
            return found
    return None


def pair_of(rules: InstrumentRules) -> tuple[str, str]:
    if rules.sides:
        return rules.sides[0][0], rules.sides[1][0]
    states = rules.parties or rules.open_to or ("DE", "AL")
    return states[0], states[1]


def law_of(code: str, measure: str, offence: Offence) -> Law:
    """Return the law of a pair that only this instrument binds, and the one it supplements."""
    known = instruments()
    law = known[code]
    mine = [law] + [known[parent] for parent in [law.rules.supplements] if parent]
    asking, asked = pair_of(law.rules)
    resolution = decide(
        requesting=asking, requested=asked, on=dt.date(2026, 6, 12), measure=measure, offence=offence, laws=mine,
        rows={(one.code, state): BOUND for one in mine for state in (asking, asked)},
        relation=Relation(other_treaty=False),
    )  # fmt: skip
    facts = {one.code: InstrumentFacts(one.code, one.short_name, one.kind, one.rules) for one in mine}
    return Law(resolutions={(measure, "O1"): resolution}, instruments=facts)


def whole_letter(code: str, measure: Measure, offence: Offence, given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a letter in which every question is answered; `given` are answers and the urgency."""
    letter = values()
    asking, asked = pair_of(instruments()[code].rules)
    letter["requesting"]["jurisdiction"], letter["requested"]["jurisdiction"] = asking, asked
    letter["proceedings"]["stage"] = "The investigation is going on."
    letter["confidentiality"] = {"level": "confidential", "reason": "The suspect is at large."}
    letter["offences"][0] |= {
        "category": offence.category, "maximum_years": 10, "organized_group": True, "benefit_sought": True,
        "transnational": True,
    }  # fmt: skip
    letter["bases"] = [{"id": "B1", "instrument": code, "articles": ["1"]}]
    letter["urgency"] = {
        "level": given.get("urgency.level", "routine"), "reason": "A life is in danger.", "date": "2026-07-01"
    }  # fmt: skip
    letter["contacts"].append(letter["contacts"][0] | {"role": "duty"})
    letter["persons"][0] |= {"nationality": [asking], "location": "Known.", "address": "1 Example Street"}
    item = copy.deepcopy(letter["items"][0])
    item |= {
        "measure": measure.slug, "persons": ["P1"], "procedure": "By a certificate.", "time_limit": "2026-08-01",
        "time_limit_reason": "The trial.",
        "answers": {question.key: _sample(question) for question in measure.questions},
    }  # fmt: skip
    for place, value in given.items():
        key = place.removeprefix("answers.")
        question = measure.question(key)
        if question is not None and place.startswith("answers."):
            item["answers"][key] = [value] if question.kind == "choices" else value
    letter["items"] = [item]
    return letter


def read(letter: dict[str, Any]) -> LetterFile:
    return letter_from(copy.deepcopy(letter))


def kinds_of_letter(code: str, measure: Measure) -> Iterator[dict[str, str]]:
    """Yield each combination of the answers on which the contents of an instrument depend."""
    places: dict[str, list[str]] = {}
    for content in instruments()[code].rules.contents:
        if content.applies_to(measure.slug):
            for place, allowed in content.when.items():
                places.setdefault(place, []).extend(allowed)
    ordered = {place: list(dict.fromkeys(allowed)) for place, allowed in places.items()}
    for chosen in itertools.product(*ordered.values()):
        yield dict(zip(ordered, chosen, strict=True))


def _sample(question: Question) -> Any:
    match question.kind:
        case "choice":
            values = [choice.value for choice in question.choices]
            return question.example if question.example in values else values[0]
        case "choices":
            return [question.choices[0].value]
        case "yes_no":
            return True
        case "date":
            return "2026-08-01"
        case "instant":
            return "2026-06-01T10:00:00Z"
        case "period":
            return {"from": "2026-03-01T00:00:00Z", "to": "2026-03-07T00:00:00Z"}
        case "number":
            return 1
        case _:
            return "Said in words."
