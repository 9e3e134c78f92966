"""Redacted copy of a letter, for the provider or court that carries it out: without the information that supports it.

A document of its own, with its own hash. Neither the letter's hash nor its content goes with it: with the hash somebody
could try out what the letter says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Kind
from workflows.documents.kinds._case import letter_held
from workflows.documents.values import Names
from workflows.drafting.letterfile import Item, LetterFile, Proceedings, Statements, Urgency
from workflows.drafting.measures import measure_catalogue

#: What is left out, in kind; printed only where the letter had it.
KINDS_LEFT_OUT = {
    "facts": _("the summary of the facts"),
    "conduct": _("the description of the conduct"),
    "persons": _("the particulars of persons"),
    "reasons": _("the reasons and the proof for each measure"),
    "proceedings": _("the subject and stage of the proceedings"),
    "related": _("earlier and parallel requests"),
    "statements": _("assurances and other statements between the two States"),
    "annexes": _("the annexes"),
}


@dataclass(frozen=True, slots=True)
class RedactedCopy:
    letter: LetterFile
    names: Names
    left_out: tuple[str, ...]


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if letter_held(case) is not None else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> RedactedCopy:
    held = letter_held(case)
    assert held is not None
    return redacted(held.letter, held.names)


def redacted(letter: LetterFile, names: Names) -> RedactedCopy:
    """Return what of a letter a provider or court needs to carry it out, and what in kind it does not get. Pure."""
    kept = letter.model_copy(
        update={
            "operation": "",
            # The title often tells the case.
            "title": "",
            "urgency": Urgency(level=letter.urgency.level, date=letter.urgency.date),
            "proceedings": Proceedings(
                subject="",
                nature=letter.proceedings.nature,
                reference=letter.proceedings.reference,
                conducting_authority=letter.proceedings.conducting_authority,
            ),
            "key_dates": (),
            "facts": (),
            "offences": tuple(
                one.model_copy(
                    update={
                        "conduct": "", "elements": (), "committed_from": None, "committed_to": None, "place": "",
                        "organized_group": None, "benefit_sought": None, "transnational": None,
                    }
                )
                for one in letter.offences
            ),
            "persons": (),
            "providers": tuple(one.model_copy(update={"holds_because": ""}) for one in letter.providers),
            "identifiers": tuple(one.model_copy(update={"person": None, "note": ""}) for one in letter.identifiers),
            "bases": tuple(one.model_copy(update={"note": ""}) for one in letter.bases),
            "items": tuple(_asked(item) for item in letter.items),
            "related": (),
            "statements": Statements(admissibility=letter.statements.admissibility),
            "confidentiality": letter.confidentiality.model_copy(update={"reason": ""}),
            "assurances": (),
            "rights": type(letter.rights)(),
            "before": {},
            "preserved": (),
            "annexes": (),
        }
    )  # fmt: skip
    return RedactedCopy(kept, Names(**_names(names)), tuple(key for key in KINDS_LEFT_OUT if _had(letter, key)))


#: Answers in free words that say what is wanted of whoever carries the measure out. All others stay out: a question
#: that comes to be asked later is left out until somebody puts it here.
ASKED = frozenset({
    "actions_requested", "addressee", "certificate", "copy_method", "custodian_location", "data_to_preserve",
    "data_wanted", "delivery", "delivery_method", "delivery_point", "devices", "documents", "filter_plan",
    "hearing_questions", "interpreter", "item_details", "log_fields", "media", "oath", "objects", "occupier", "property",
    "records_form", "renewals", "samples", "selection", "time_and_manner", "what", "where", "working_language",
})  # fmt: skip
#: Answers by choice that weigh a risk or a case, which is not for them.
WEIGHED = frozenset({"go_on_if_risk", "parallel_proceedings", "reliability", "sought_elsewhere", "tip_off_risk"})


def _asked(item: Item) -> Item:
    measure = measure_catalogue().get(item.measure)
    kinds = {question.key: question.kind for question in measure.questions} if measure else {}

    def goes(key: str) -> bool:
        free = kinds.get(key, "text") in ("text", "line")
        return key in ASKED if free else key not in WEIGHED

    answers = {key: value for key, value in item.answers.items() if goes(key)}
    return item.model_copy(
        update={
            "persons": (), "period_reason": "", "nexus": "", "necessity": "", "standard_of_proof": {},
            "time_limit_reason": "", "answers": answers,
        }
    )  # fmt: skip


def _names(names: Names) -> dict[str, Any]:
    return {name: getattr(names, name) for name in ("jurisdictions", "authorities", "instruments", "measures")}


def _had(letter: LetterFile, key: str) -> bool:
    items = letter.items
    return bool(
        {
            "facts": letter.facts,
            "conduct": any(one.conduct or one.elements for one in letter.offences),
            "persons": letter.persons,
            "reasons": any(one.nexus or one.necessity or one.standard_of_proof for one in items),
            "proceedings": letter.proceedings.subject or letter.proceedings.stage,
            "related": letter.related,
            "statements": letter.assurances or letter.statements != Statements(),
            "annexes": letter.annexes,
        }[key]
    )


KIND = Kind(
    "redacted-copy",
    _("Redacted copy of the request"),
    "both",
    about,
    kind_context,
    right="case_document.redact",
    between_states=False,
)
