"""The refusal forecast of a letter: for who writes it and for who approves it, with the way to each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from mla.core import clock
from mla.core.languages import house_words
from mla.reference.profiles import ONE_OF, SEVERAL_OF, Topic
from workflows.drafting.forecast import Expected, Forecast, Offence, Practice, Written, refusal_forecast
from workflows.drafting.law import law_for
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.drafting.draft import Draft, draft_of, keeping_law
from workflows.web.letter_words import path_words

STATE_WORDS = {
    "stands": _("stands"),
    "open": _("stands if the treaty applies: that cannot be told"),
    "perhaps": _("stands, unless a treaty applies of which that cannot be told"),
    "sole": _("removed as the only ground"),
    "removed": _("removed"),
    "unnamed": _("named by no treaty here"),
}
_REMOVED = ("removed", "unnamed")
FILLED_WORDS = {
    "filled": _("Something is written there."),
    "some": _("Only in part: look at what is empty."),
    "empty": _("Nothing is written there yet."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A ground or a practice with its words, and the places that answer it, each with its address."""

    of: Expected | Practice
    words: str
    state: str
    advice: str
    filled: str
    places: list[tuple[str, str, str]]
    values: list[tuple[str, Any]]


@require_safe
@page(open_to=WRITING)
def forecast(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Per offence the grounds of refusal, what removes which, and what answers each."""
    draft = draft_of(request.actor, public_id)
    with keeping_law():
        found = refusal_forecast(draft.file, law=law_for(draft.file), today=clock.now().date())
    context = {
        "draft": draft,
        "offences": [_offence(draft, offence, found.offences[0]) for offence in found.offences],
        "practice": _practice(draft, found),
    }
    return render(request, "web/letter/forecast.html", context)


def _offence(draft: Draft, offence: Offence, first: Offence) -> dict[str, Any]:
    """Return the grounds for one offence in words; those that are told of the first already are named alone."""
    told = () if offence is first else first.grounds
    own = [_told(draft, one) for one in offence.grounds if one not in told]
    same = [one for one in offence.grounds if one in told]
    return {
        "of": offence,
        "name": " · ".join(filter(None, (offence.key, offence.title))) or _now("No offence is named yet"),
        "open": [one for one in own if one.of.state not in _REMOVED],  # type: ignore[union-attr]
        "removed": [one for one in own if one.of.state in _REMOVED],  # type: ignore[union-attr]
        "same": [house_words(one.name) for one in same],
        "first": first.key or first.title,
    }


def _practice(draft: Draft, found: Forecast) -> list[Told]:
    return [_told(draft, one) for one in found.practice]


def _told(draft: Draft, one: Expected | Practice) -> Told:
    if isinstance(one, Expected):
        words, state, values = house_words(one.name), str(STATE_WORDS[one.state]), []
    else:
        words, state = str(Topic(one.topic).label), ""
        values = [(_value_words(one.topic, entry.value), entry) for entry in one.entries]
    return Told(
        of=one,
        words=words,
        state=state,
        advice=house_words(one.advice.label) if one.advice else "",
        filled=str(FILLED_WORDS[one.filled]),
        places=[_place(draft, place) for place in one.written],
        values=values,
    )


def _value_words(topic: str, value: str) -> str:
    if topic in ONE_OF:
        return str(ONE_OF[topic](value).label)
    words = dict(SEVERAL_OF[topic])
    return "; ".join(str(words.get(code, code)) for code in value.split())


def _place(draft: Draft, place: Written) -> tuple[str, str, str]:
    return path_words(place.path, draft.content), draft.address_of(place.path), place.filled
