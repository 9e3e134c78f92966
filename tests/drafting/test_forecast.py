"""The refusal forecast: offences by instruments by grounds, what switches which off, and what answers each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mla.reference.files import ground_names
from mla.reference.models import Jurisdiction, ProfileEntry
from tests.drafting.letters import letter
from tests.drafting.test_findings import TODAY
from workflows.drafting.forecast import Expected, Forecast, refusal_forecast
from workflows.drafting.forecast_data import PRACTICE, ForecastWrong, advice_known, advice_read
from workflows.drafting.law import law_for

pytestmark = pytest.mark.django_db

FRENCH = {"requesting": {"jurisdiction": "FR"}, "requested": {"jurisdiction": "CH"}, "date": "2013-06-12"}


def forecast(**changes: Any) -> Forecast:
    content = letter(**changes)
    return refusal_forecast(content, law=law_for(content), today=TODAY)


def of(category: str, measure: str = "bank-records", **changes: Any) -> dict[str, Expected]:
    """The grounds for one offence of that kind, France asking Switzerland."""
    changes = (
        FRENCH
        | {
            "offences__0__category": category,
            "items__0": {"id": "M1", "measure": measure, "bases": ["B1"], "offences": ["O1"]},
        }
        | changes
    )
    (offence,) = forecast(**changes).offences
    return {one.ground: one for one in offence.grounds}


def instruments(found: Expected) -> set[tuple[str, str]]:
    return {(place.instrument, place.article) for place in found.places}


#: Pair and day; offence, measure, ground: its state, the instruments that state it, and what switches it off (as the
#: only ground or altogether).
FR, US, IN = ("FR CH", "2013-06-12"), ("US IS", "2013-06-12"), ("IN LV", "2025-03-10")
Stated = set[tuple[str, str]]
Against = set[tuple[str, str, bool]]
TABLE: list[tuple[tuple[str, str], str, str, str, str, Stated, Against]] = [
    # The Terrorist Financing Convention: bank secrecy absolutely, fiscal and political as the only ground; persecution kept.
    (FR, "terrorism_financing", "bank-records", "bank_secrecy", "unnamed", set(), {("ICSFT-1999", "12(2)", False)}),
    (FR, "terrorism_financing", "bank-records", "fiscal_offence", "sole",
     {("CETS-030", "2(a)")}, {("ICSFT-1999", "13", True)}),
    (FR, "terrorism_financing", "bank-records", "political_offence", "sole",
     {("CETS-030", "2(a)")}, {("ICSFT-1999", "14", True)}),
    (FR, "terrorism_financing", "bank-records", "persecution", "stands", {("ICSFT-1999", "15")}, set()),
    (FR, "terrorism_financing", "bank-records", "essential_interests", "stands", {("CETS-030", "2(b)")}, set()),
    # The same ground stands for another offence, and cannot be told where the Convention's reach cannot.
    (FR, "fraud", "bank-records", "political_offence", "stands", {("CETS-030", "2(a)")}, set()),
    (FR, "terrorism", "bank-records", "political_offence", "perhaps",
     {("CETS-030", "2(a)")}, {("ICSFT-1999", "14", True)}),
    # The Terrorist Bombings Convention takes the political ground and no other.
    (FR, "terrorist_bombing", "stored-content", "political_offence", "sole",
     {("CETS-030", "2(a)")}, {("BOMBINGS-1997", "11", True)}),
    (FR, "terrorist_bombing", "stored-content", "fiscal_offence", "stands", {("CETS-030", "2(a)")}, set()),
    (FR, "terrorist_bombing", "stored-content", "persecution", "stands", {("BOMBINGS-1997", "12")}, set()),
    # The Vienna Convention takes both altogether, subject to fundamental law.
    (FR, "drug_trafficking", "bank-records", "political_offence", "removed",
     {("CETS-030", "2(a)")}, {("VIENNA-1988", "3(10)", False)}),
    # Preservation under the Budapest Convention has its own, shorter list.
    (US, "cybercrime", "preservation", "political_offence", "stands", {("CETS-185", "29(5)(a)")}, set()),
    (US, "cybercrime", "preservation", "dual_criminality", "stands", {("CETS-185", "29(4)")}, set()),
    # Paragraphs that give way to a treaty of which it is not known whether there is one.
    (US, "cybercrime", "stored-content", "own_proceedings", "open", {("CETS-185", "27(5)")}, set()),
    (US, "corruption", "bank-records", "dual_criminality", "open", {("UNCAC-2003", "46(9)")}, set()),
    (US, "corruption", "bank-records", "bank_secrecy", "unnamed", set(), {("UNCAC-2003", "46(8)", False)}),
    (IN, "organized_crime", "bank-records", "de_minimis", "open", {("UNCAC-2003", "46(9)(b)")}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "category", "measure", "ground", "state", "stated", "against"), TABLE)
def test_grounds_are_those_of_every_instrument_in_play_minus_the_bars_for_the_offence(
    pair: tuple[str, str], category: str, measure: str, ground: str, state: str, stated: Stated, against: Against
) -> None:
    (requesting, requested), day = pair[0].split(), pair[1]
    sides = {"requesting": {"jurisdiction": requesting}, "requested": {"jurisdiction": requested}, "date": day}
    found = of(category, measure, **sides)[ground]
    assert stated <= instruments(found) and found.state == state
    assert against <= {(one.instrument, one.article, one.sole) for one in found.switches}
    assert bool(found.switches) == bool(against)


def test_the_bar_holds_for_its_own_offence_and_not_for_the_one_beside_it() -> None:
    first = {**letter().content()["offences"][0], "category": "terrorism_financing"}
    second = {**first, "id": "O2", "title": "Fraud", "category": "fraud"}
    item = {"id": "M1", "measure": "bank-records", "bases": ["B1"], "offences": ["O1", "O2"]}
    found = forecast(**FRENCH, offences=[first, second], items=[item])
    states = {
        offence.key: next(one.state for one in offence.grounds if one.ground == "political_offence")
        for offence in found.offences
    }
    assert states == {"O1": "sole", "O2": "stands"}


def test_what_an_instrument_keeps_beside_its_bars_is_marked_as_kept() -> None:
    found = of("terrorism_financing")
    assert [place.instrument for place in found["persecution"].kept] == ["ICSFT-1999"]
    assert not any(one.kept for ground, one in found.items() if ground != "persecution")


def test_each_ground_has_what_answers_it_and_whether_something_stands_there() -> None:
    found = of("fraud")["essential_interests"]
    assert found.advice is not None and found.advice.label
    assert {one.path: one.filled for one in found.written} == {
        "statements.purpose": "filled", "items[0].necessity": "empty",
    }  # fmt: skip
    assert found.filled == "some"
    full = of("fraud", items__0__necessity="Nothing else leads to the account.")["essential_interests"]
    assert full.filled == "filled"
    empty = of("fraud", statements=None)["essential_interests"]
    assert empty.filled == "empty"


def test_every_ground_of_the_reference_data_has_an_answer() -> None:
    assert set(advice_known()) == {*ground_names(), *PRACTICE}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[answer]]\nground = "whim"\nlabel = "x"\nconfidence = "verified"\nfields = ["facts"]', "'whim'"),
        ('[[answer]]\nground = "persecution"\nlabel = ""\nconfidence = "verified"\nfields = ["facts"]', "label"),
        ('[[answer]]\nground = "persecution"\nlabel = "x"\nconfidence = "verified"\nfields = ["facts"]', "article"),
        ('[[answer]]\nground = "persecution"\nlabel = "x"\nconfidence = "sure"\nfields = ["facts"]', "confidence"),
        ('[[answer]]\nground = "persecution"\nlabel = "x"\nconfidence = "to_be_confirmed"\nfields = ["facts.no"]',
         "'facts.no'"),
        ('[[answer]]\nground = "persecution"\nlabel = "x"\nwhy = "y"', "'why'"),
        ("[answer]", "[[answer]]"),
        ("nonsense", "answers.toml"),
    ],
)  # fmt: skip
def test_wrong_answers_name_their_place(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "answers.toml"
    file.write_text(text)
    with pytest.raises(ForecastWrong, match=r"answers\.toml") as wrong:
        advice_read(file)
    assert says in str(wrong.value)


def test_practice_of_the_requested_state_is_shown_and_silence_of_its_profile_is_not_known() -> None:
    ProfileEntry.objects.all().delete()
    found = {one.topic: one for one in forecast().practice}
    assert set(found) == {"dual_criminality", "proof_standard", "assurances"}
    assert all(one.entries == () for one in found.values())
    ProfileEntry.objects.create(
        jurisdiction=Jurisdiction.objects.get(code="AL"), topic="dual_criminality", value="required",
        source="a person", last_verified=TODAY, confidence="high", to_be_confirmed=False,
    )  # fmt: skip
    found = {one.topic: one for one in forecast().practice}
    assert [entry.value for entry in found["dual_criminality"].entries] == ["required"]
    assert found["proof_standard"].entries == ()


def test_assurance_that_the_state_asks_for_is_told_with_whether_one_stands_in_the_letter() -> None:
    ProfileEntry.objects.all().delete()
    ProfileEntry.objects.create(
        jurisdiction=Jurisdiction.objects.get(code="AL"), topic="assurances", value="death_penalty",
        source="a person", last_verified=TODAY, confidence="high", to_be_confirmed=False,
    )  # fmt: skip
    row = {"kind": "death_penalty", "text": "It will not be sought.", "given_by": "The prosecutor"}
    for rows, filled in (([], "empty"), ([row], "filled")):
        found = next(one for one in forecast(assurances=rows).practice if one.topic == "assurances")
        assert [entry.value for entry in found.entries] == ["death_penalty"] and found.filled == filled


def test_instruments_of_which_it_is_not_known_whether_they_bind_are_named() -> None:
    (offence,) = forecast().offences
    assert all(code and name for code, name in offence.unknown)


def test_letter_without_offence_or_item_has_an_empty_forecast_and_no_error() -> None:
    (none,) = forecast(offences=[], items=[]).offences
    assert none.key == "" and none.grounds == ()
    (some,) = forecast(offences=[], items__0__offences=None).offences
    assert all(one.state != "removed" for one in some.grounds)


@pytest.mark.parametrize(
    ("answer", "reason", "filled"),
    [
        (None, "", "empty"), ("no", "", "filled"), ("no", "Nobody was.", "filled"), ("yes", "", "some"),
        ("not_known", "", "some"), ("yes", "An appeal is open.", "filled"), (None, "Nobody was.", "filled"),
    ],
)  # fmt: skip
def test_row_of_the_rights_screen_counts_by_its_answer(answer: str | None, reason: str, filled: str) -> None:
    screen = {"ne_bis_in_idem": reason, "answers": {"ne_bis_in_idem": answer} if answer else {}}
    found = of("terrorism_financing", rights=screen)["ne_bis_in_idem"]
    assert {one.path: one.filled for one in found.written}["rights.ne_bis_in_idem"] == filled
