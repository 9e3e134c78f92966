"""Prompts for the rights screen: what the letter gives rise to, and what its answers call for.

The screen is answered by people and read by the approver. A prompt that is answered stays as a warning where
the requested State will ask about it in any case; otherwise the answer settles it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from workflows.drafting.assurances import assurances_of, offers
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.letterfile import LetterFile, Offence, Person
from workflows.drafting.rights import rights_rows

_PRIVILEGED = re.compile(
    r"\b(notar(y|ies|ial)|lawyer|attorney|advocate|barrister|solicitor|counsel|physician|doctor|psychotherapist|"
    r"priest|clergy|confessor)s?\b",
    re.IGNORECASE,
)
_PRESS = re.compile(
    r"\b(journalist|reporter|editor|newspaper|broadcaster|news agency|press office|blogger)s?\b", re.IGNORECASE
)
_INVIOLABLE = re.compile(
    r"\b(international (inter-?governmental )?organi[sz]ation|embassy|consulate|diplomat(ic|s)?|consular|"
    r"United Nations|seat agreement|headquarters agreement)\b",
    re.IGNORECASE,
)
_DEATH = re.compile(r"\b(death( penalty)?|capital punishment|execution by)\b", re.IGNORECASE)

_SPEECH = frozenset({"incitement"})
_NEAR_SPEECH = frozenset({"terrorism", "participation_in_terrorist_group"})
_BELIEF = frozenset({"terrorism", "terrorism_financing", "terrorist_bombing", "participation_in_terrorist_group"})


def rights_findings(view: View) -> Iterator[Finding]:
    """Yield what the rights screen has to answer before the approval, with what gives rise to it."""
    yield from _privilege(view)
    yield from _press_and_speech(view)
    yield from _immunity(view)
    yield from _persons(view)
    yield from _persecution(view)
    yield from _screen(view)


def punishable_by_death(letter: LetterFile) -> bool:
    """Tell whether the maximum penalty of an offence, as the letter words it, is death."""
    return any(_by_death(offence) for offence in letter.offences)


def _by_death(offence: Offence) -> bool:
    # “No death penalty” and the like are not told apart: a person answers.
    return _DEATH.search(offence.maximum_penalty) is not None


def _texts_of(person: Person) -> str:
    return "\n".join((person.name, *person.aliases, person.description, person.location))


def _texts_of_items(view: View) -> str:
    texts = [item.nexus + "\n" + item.procedure for item in view.letter.items]
    for item in view.letter.items:
        texts += [value for value in item.answers.values() if isinstance(value, str)]
    texts += [f"{p.name}\n{p.address}\n{p.service}\n{p.holds_because}" for p in view.letter.providers]
    return "\n".join(texts)


def _privilege(view: View) -> Iterator[Finding]:
    answered = view.letter.rights.settles("privilege")
    for index, person in enumerate(view.letter.persons):
        match = _PRIVILEGED.search(_texts_of(person))
        if match is None:
            continue
        message = _("%(id)s may be bound by professional secrecy (“%(word)s”): privilege under either law.")
        if not answered:
            message += " " + _("Say in the rights screen what is asked of this person and how secrecy is kept.")
        yield warning("privilege", f"persons[{index}]", message % {"id": person.id, "word": match[0]})


def _press_and_speech(view: View) -> Iterator[Finding]:
    rights = view.letter.rights
    for index, person in enumerate(view.letter.persons):
        match = _PRESS.search(_texts_of(person))
        if match and not rights.settles("press"):
            message = _("%(id)s may be protected as press (“%(word)s”): answer in the rights screen.")
            yield warning("press", f"persons[{index}]", message % {"id": person.id, "word": match[0]})
    for index, offence in enumerate(view.letter.offences):
        if offence.category in _SPEECH:
            message = _(
                "The conduct is, in whole or in part, speech: the requested State may protect it. Show the call to "
                "a crime and its danger apart from the opinion."
            )
            yield warning("speech", f"offences[{index}]", message)
        elif offence.category in _NEAR_SPEECH and not rights.settles("speech"):
            message = _("Say in the rights screen whether the conduct is more than speech.")
            yield warning("speech", f"offences[{index}]", message)


def _immunity(view: View) -> Iterator[Finding]:
    rights = view.letter.rights
    answer = rights.answer("immunity")
    if answer == "no" and rights.settles("immunity"):
        return
    if answer == "yes" or (rights.immunity and not answer):
        message = _(
            "Immunity or inviolable premises are noted: what lies there is not reached by an order of a court, only "
            "with a waiver from the head of the organisation or mission. Ask for the waiver, not for a search."
        )
        yield warning("immunity", "rights.immunity", message)
        return
    match = _INVIOLABLE.search(_texts_of_items(view)) or _INVIOLABLE.search(
        "\n".join(_texts_of(person) for person in view.letter.persons)
    )
    if match:
        message = _("The letter speaks of “%(word)s”: say in the rights screen whether an immunity stands in the way.")
        yield warning("immunity", "rights.immunity", message % {"word": match[0]})


def _persons(view: View) -> Iterator[Finding]:
    letter = view.letter
    for index, offence in enumerate(letter.offences):
        if _by_death(offence) and not (letter.rights.settles("death_penalty") or offers(letter, "death_penalty")):
            message = _(
                "The offence can be punished by death: state whether it will be sought, imposed or carried out."
            )
            yield gap("death_penalty", f"offences[{index}].maximum_penalty", message)
    if letter.rights.settles("minors"):
        return
    for index, person in enumerate(letter.persons):
        if person.born and (letter.date - person.born).days < 18 * 365.25:
            message = _("%(id)s is under eighteen: answer in the rights screen how the person is protected.")
            yield warning("minors", f"persons[{index}]", message % {"id": person.id})
    for index, offence in enumerate(letter.offences):
        if offence.category == "child_sexual_exploitation":
            message = _("Children are concerned: answer in the rights screen how they are protected.")
            yield warning("minors", f"offences[{index}]", message)


def _persecution(view: View) -> Iterator[Finding]:
    if view.letter.rights.settles("persecution") or not any(o.category in _BELIEF for o in view.letter.offences):
        return
    clauses = [
        (basis.instrument, refusal.article)
        for basis in view.letter.bases
        if (facts := view.law.instruments.get(basis.instrument))
        for refusal in facts.rules.refusal
        if refusal.ground == "persecution"
    ]
    instrument, article = clauses[0] if clauses else ("", "")
    message = _("Say in the rights screen that nobody is pursued for race, religion, nationality, origin or opinion.")
    yield warning("persecution", "rights.persecution", message, instrument=instrument, article=article)


def _screen(view: View) -> Iterator[Finding]:
    """What the answers themselves call for: rows that are open, a yes with what follows, an answer without its reason."""
    rights = view.letter.rights
    open_rows, unknown = [], []
    for key, row in rights_rows().items():
        answer = rights.answer(key)
        if not answer:
            open_rows.append(house_words(row.name))
        elif answer == "not_known":
            unknown.append(house_words(row.name))
        if answer in ("yes", "not_known") and not getattr(rights, key):
            message = _("Give the reason of the answer to “%(row)s”: the approver reads it.")
            yield warning("rights_reason", f"rights.{key}", message % {"row": house_words(row.name)})
        # The prompt on immunity speaks by itself.
        if answer == "yes" and key != "immunity" and not (row.needs and _said(view, row.needs)):
            said = house_words(row.warn)
            if row.to_be_confirmed:
                said = f"{said} {_('(to be confirmed)')}"
            yield warning(f"rights_{key}", row.needs or f"rights.answers.{key}", said, article=row.article)
        if answer == "no" and key == "death_penalty" and not rights.settles(key):
            yield from _death_denied(view)
    if open_rows:
        message = _("Not answered in the rights screen: %(rows)s. Not known is an answer too.")
        yield warning("rights_unanswered", "rights", message % {"rows": "; ".join(open_rows)})
    if unknown:
        message = _("Not known in the rights screen: %(rows)s. It counts neither as a yes nor as a no.")
        yield warning("rights_not_known", "rights", message % {"rows": "; ".join(unknown)})


def _said(view: View, path: str) -> bool:
    _statements, _dot, name = path.partition(".")
    given = [one for one in assurances_of(view.letter) if name in (one.kind.statement, one.kind.kind)]
    return bool(getattr(view.letter.statements, name)) or any(one.text for one in given)


def _death_denied(view: View) -> Iterator[Finding]:
    for index, offence in enumerate(view.letter.offences):
        if _DEATH.search(offence.maximum_penalty):
            message = _(
                "The rights screen says that no offence can be punished by death; this maximum penalty says death."
            )
            yield warning("death_penalty_differs", f"offences[{index}].maximum_penalty", message)
