"""Assurances: rows and statements are one thing said once, and what is wanted and not offered is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mla.core.reasons import Finding
from mla.reference import assurances as data
from mla.reference.assurances import assurance_kinds
from mla.reference.errors import ReferenceDataWrong
from mla.reference.profiles import Topic, value_checked
from tests.documents import factory
from tests.factories import example_letter
from workflows.documents.letters import letter_html
from workflows.drafting.assurances import assurances_of, offers
from workflows.drafting.findings import letter_findings
from workflows.drafting.findings.law import Law, ProfileFacts
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.parsing import LetterFileWrong

EIGHT = {
    "speciality",
    "confidentiality",
    "death_penalty",
    "onward_use",
    "destruction",
    "return",
    "costs",
    "reciprocity",
}


def letter(*rows: dict[str, Any], parts: dict[str, Any] | None = None, **statements: str) -> LetterFile:
    said = {"purpose": "To identify the user.", **statements}
    return factory.letter(assurances=list(rows), statements=said, **(parts or {}))


def found(of: LetterFile, law: Law | None = None) -> dict[str, Finding]:
    return {
        one.code: one
        for one in letter_findings(of, law=law or Law(), today=dt.date(2026, 3, 20))
        if one.code.startswith(("assurance", "speciality", "death", "reciprocity"))
    }


def test_the_eight_kinds_stand_in_the_data_and_only_what_was_read_is_verified() -> None:
    kinds = assurance_kinds()
    assert set(kinds) == EIGHT
    assert all(one.name and one.label and one.example for one in kinds.values())
    rule = kinds["speciality"].rule_of("UNTOC-2000")
    assert rule is not None and (rule.article, rule.wanted, rule.to_be_confirmed) == ("18(19)", True, False)
    assert value_checked(Topic.ASSURANCES, "speciality  costs speciality") == "speciality costs"
    with pytest.raises(ValueError, match="is none of"):
        value_checked(Topic.ASSURANCES, "honour")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('statement = "purpose"', "statement is empty or one of"),
        (
            'rule = [{ instrument = "X", article = "1", wanted = "yes", confidence = "verified" }]',
            "wanted is true or false",
        ),
        (
            'rule = [{ instrument = "X", article = "1", wanted = true, confidence = "sure" }]',
            "confidence is verified or",
        ),
        ("rule = [{ article = 1 }]", "a rule has an instrument and an article"),
    ],
)
def test_wrong_row_of_the_data_is_told_with_its_line(
    line: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    text = f'[[assurance]]\nkind = "oath"\nname = "N"\nlabel = "L"\nexample = "E"\n{line}\n'
    (tmp_path / "data" / "assurances.toml").write_text(text)
    monkeypatch.setattr(data, "ROOT", tmp_path)
    assurance_kinds.cache_clear()
    try:
        with pytest.raises(ReferenceDataWrong, match=says) as error:
            assurance_kinds()
        assert "assurances.toml, line" in str(error.value)
    finally:
        assurance_kinds.cache_clear()


def test_a_row_takes_its_words_from_the_statement_of_its_kind_and_nothing_stands_twice() -> None:
    own = {"kind": "destruction", "text": "Copies are destroyed.", "given_by": "Court"}
    both = letter({"kind": "speciality", "given_by": "Ministry"}, own, speciality="For this case alone.", costs="Ours.")
    assert [(one.kind.kind, one.text, one.path) for one in assurances_of(both)] == [
        ("speciality", "For this case alone.", "statements.speciality"),
        ("destruction", "Copies are destroyed.", "assurances[1]"),
        ("costs", "Ours.", "statements.costs"),
    ]
    page = letter_html(both, factory.cover(), factory.names())
    assert page.count("For this case alone.") == 1
    assert "This assurance is given with this letter by Ministry." in page
    asked = letter({"kind": "return", "text": "It is sent back.", "offered": "when_asked", "given_by": "Court"})
    assert "This assurance is given when it is asked for, by Court." in letter_html(
        asked, factory.cover(), factory.names()
    )
    assert "assurances" not in found(both)


def test_rows_without_words_or_giver_and_words_said_twice_are_told_at_their_place() -> None:
    assert found(letter({"kind": "onward_use", "given_by": "Court"}))["assurance_without_words"].severity == "gap"
    twice = found(letter({"kind": "costs", "text": "Ours.", "given_by": "Court"}, costs="Theirs."))
    assert twice["assurance_twice"].question == "assurances[0].text"
    nobody = found(letter({"kind": "costs", "text": "Ours."}))
    assert nobody["assurance_by_nobody"].question == "assurances[0].given_by"
    whole = found(letter({"kind": "costs", "text": "Ours.", "given_by": "Court"}, speciality="This case alone."))
    assert not whole, "what is offered in words and by somebody is not asked for again"


def test_an_instrument_that_limits_use_asks_for_speciality_with_its_article_and_a_row_answers_it() -> None:
    bases = [{"id": "B1", "instrument": "UNTOC-2000", "articles": ["18"]}]
    items = [dict(item, bases=["B1"]) for item in factory.letter().content()["items"]]
    parts = {"bases": bases, "items": items}
    missing = found(letter(parts=parts))["speciality_missing"]
    assert (missing.instrument, missing.article, missing.severity) == ("UNTOC-2000", "18(19)", "warning")
    row = {"kind": "speciality", "text": "This case alone.", "given_by": "Court"}
    assert "speciality_missing" not in found(letter(row, parts=parts))


def test_a_profile_that_asks_for_an_assurance_warns_until_it_is_offered() -> None:
    entry = ProfileFacts(topic=Topic.ASSURANCES, value="destruction", note="Asked in every case", to_be_confirmed=True)
    law = replace(Law(), profile=(entry,))
    said = found(letter(speciality="x"), law)["assurance_destruction"]
    assert said.severity == "warning" and "Asked in every case. (to be confirmed)" in said.message
    assert "assurance_destruction" not in found(
        letter({"kind": "destruction", "text": "Done.", "given_by": "Court"}, speciality="x"), law
    )


def test_an_offence_punishable_by_death_warns_until_an_assurance_is_offered() -> None:
    offences = [dict(one, maximum_penalty="death or imprisonment") for one in letter().content()["offences"]]
    answered = {"offences": offences, "rights": {"death_penalty": "Not sought."}}
    assert found(letter(parts=answered))["assurance_death_penalty"].question == "assurances"
    assert "death_penalty" not in found(letter(parts=answered)), "the rights screen is answered"
    unanswered = answered | {"rights": {}}
    assert found(letter(parts=unanswered))["death_penalty"].severity == "gap"
    row = {"kind": "death_penalty", "text": "It is not sought.", "given_by": "Ministry"}
    assert not {"death_penalty", "assurance_death_penalty"} & set(found(letter(row, parts=unanswered)))


def test_reciprocity_offered_as_a_row_is_the_words_that_its_basis_asks_for() -> None:
    row = {"kind": "reciprocity", "text": "The same is given to you.", "given_by": "Ministry"}
    assert offers(letter(row), "reciprocity") and not offers(letter(), "reciprocity")


def test_wrong_row_is_told_at_its_place() -> None:
    with pytest.raises(LetterFileWrong, match=r"assurances\[0\].kind: must be one of: speciality"):
        letter_from(example_letter(1).content() | {"assurances": [{"kind": "honour"}]})
    with pytest.raises(LetterFileWrong, match=r"assurances\[0\].offered: must be one of"):
        letter_from(example_letter(1).content() | {"assurances": [{"kind": "costs", "offered": "later"}]})
