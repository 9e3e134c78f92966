"""Findings on what each instrument wants a request to contain (its `contents`, article by article)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from mla.reference.rules import Content
from workflows.drafting.findings.content_items import WANTED, At
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.letterfile import Item
from workflows.drafting.measures import Measure, Question
from workflows.drafting.place_words import field_words


def content_findings(view: View) -> Iterator[Finding]:
    """Yield what an instrument in force asks for and the letter does not say. Read texts make gaps."""
    for index, item, measure in view.items():
        for basis in view.letter.bases:
            entry = view.entry(item, basis.instrument) if basis.id in item.bases else None
            if entry is None or not (entry.is_basis or entry.role == "scheme"):
                continue
            for content in entry.contents:
                if content.need != "if_any" and content_applies(view, item, content):
                    yield from _missing(view, item, index, measure, basis.instrument, content)


def content_applies(view: View, item: Item, content: Content) -> bool:
    """Tell whether the letter is of the kind for which the instrument wants this. What is not answered decides nothing."""
    for place, values in content.when.items():
        given = view.letter.urgency.level if place == "urgency.level" else item.answers.get(place.split(".", 1)[1])
        said = given if isinstance(given, list | tuple) else (given,)
        if not any(value in values for value in said):
            return False
    return True


def _missing(
    view: View, item: Item, index: int, measure: Measure, instrument: str, content: Content
) -> Iterator[Finding]:
    wanted = WANTED[content.item]
    heavy = content.need == "required" and content.confidence == "verified"
    report = gap if heavy else warning
    for slot in wanted.slots:
        places = slot.places(view, item, index)
        if not places or any(at.filled for at in places):
            continue
        question = _question(measure, places[0])
        denied = next((at for at in places if at.denied), None)
        if denied is not None:
            asked = _question(measure, denied)
            message = _("The request must state this: %(question)s") % {
                "question": house_words(asked.label) if asked else wanted.says()
            }
            place = denied
        elif question is not None and _asks_it_itself(question, instrument, content, heavy=heavy):
            continue
        else:
            place = places[0]
            words = {
                "treaty": view.name(instrument), "article": content.article, "content": wanted.says(),
                "place": field_words(place.path.rpartition(".")[2]),
            }  # fmt: skip
            if len(wanted.slots) > 1:
                message = (
                    _("%(treaty)s, article %(article)s, asks for this: %(content)s Empty here: %(place)s.") % words
                )
            else:
                message = _("%(treaty)s, article %(article)s, asks for this, and it is empty: %(content)s") % words
        yield report(f"content_{content.item}", place.path, message, instrument=instrument, article=content.article)


def _question(measure: Measure, at: At) -> Question | None:
    _before, found, key = at.path.partition(".answers.")
    return measure.question(key) if found else None


def _asks_it_itself(question: Question, instrument: str, content: Content, *, heavy: bool) -> bool:
    """The measure asks this under the same article and with at least the same weight: it is told once."""
    return question.rule == (instrument, content.article) and (
        question.required == "gap" or (question.required == "warning" and not heavy)
    )


def content_state(view: View, item: Item, index: int, content: Content) -> Literal["stated", "missing", "judge"]:
    """Tell whether a letter says one thing that an instrument wants in a request. For the side that examines it.

    Whether what it says is enough is never told. "judge": nothing can be told by looking for it.
    """
    slots = [places for slot in WANTED[content.item].slots if (places := slot.places(view, item, index))]
    if any(at.denied for places in slots for at in places) or not slots:
        return "judge"
    if all(any(at.filled for at in places) for places in slots):
        return "stated"
    return "missing" if content.need == "required" else "judge"


def content_words(content: Content) -> str:
    """Return what an instrument wants said, as a sentence in the active language."""
    return WANTED[content.item].says()
