"""Two officers save at the same moment, each on a connection of its own: both answers stand, or one is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from tests.engine.racing import at_once, committed  # noqa: F401 a fixture
from tests.factories import Line, example_letter, officer
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.selectors import current_version
from workflows.web.drafting.basis import RECIPROCITY, basis_add
from workflows.web.drafting.draft import draft_of
from workflows.web.drafting.merging import Outcome, Place, digest, saved

pytestmark = pytest.mark.usefixtures("committed")


def saving(letter: LetterOfRequest, by: Actor, name: str, value: str, before: Any) -> Callable[[], Outcome]:
    return lambda: saved(
        letter=letter, by=by, place=Place(), mine={name: value}, seen={name: digest(before, name)}, partly=True
    )


def test_simultaneous_answers_both_stand_or_the_second_is_told() -> None:
    line = Line(example_letter(2))
    second = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    letter = line.drafted().letter
    stage, costs = line.letter.proceedings.stage, line.letter.statements.costs
    # Different questions.
    outcomes = at_once(
        saving(letter, line.prosecutor, "proceedings.stage", "Charged.", stage),
        saving(letter, second, "statements.costs", "Each its own.", costs),
    )
    assert [outcome.saved for outcome in outcomes] == [True, True], outcomes
    content = current_version(LetterOfRequest.objects.get(pk=letter.pk)).content
    assert (content["proceedings"]["stage"], content["statements"]["costs"]) == ("Charged.", "Each its own.")
    # The same question.
    outcomes = at_once(
        saving(letter, line.prosecutor, "proceedings.stage", "Mine.", "Charged."),
        saving(letter, second, "proceedings.stage", "Theirs.", "Charged."),
    )
    assert sorted(outcome.saved for outcome in outcomes) == [False, True], outcomes
    told = next(outcome for outcome in outcomes if not outcome.saved)
    content = current_version(LetterOfRequest.objects.get(pk=letter.pk)).content
    assert told.conflicts == ["proceedings.stage"]
    assert told.theirs["proceedings.stage"] == content["proceedings"]["stage"]


def test_treaty_is_cited_while_another_officer_saves() -> None:
    line = Line(example_letter(2))
    second = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    outgoing = line.drafted()
    letter = outgoing.letter
    cited = {basis["instrument"] for basis in current_version(letter).content["bases"]}
    draft = draft_of(line.prosecutor, outgoing.public_id)
    assert RECIPROCITY not in cited
    key, outcome = at_once(
        lambda: basis_add(draft, line.prosecutor, RECIPROCITY),
        saving(letter, second, "statements.costs", "Each its own.", line.letter.statements.costs),
    )
    assert outcome.saved, outcome
    content = current_version(LetterOfRequest.objects.get(pk=letter.pk)).content
    assert next(basis["instrument"] for basis in content["bases"] if basis["id"] == key) == RECIPROCITY
    assert content["statements"]["costs"] == "Each its own."
