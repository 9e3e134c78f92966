"""The rights screen: ten rows of data, what each answer calls for, and what the record says of the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.drafting.letters import letter
from tests.drafting.test_findings import findings
from workflows.drafting.letter_rights import RightsAnswers, RightsScreen
from workflows.drafting.letterfile import letter_from
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.rights import RIGHTS, RightsWrong, rights_read, rights_rows, screen_of, screen_recorded

pytestmark = pytest.mark.django_db

ROWS = tuple(RightsAnswers.model_fields)
NO = dict.fromkeys(ROWS, "no")


def codes(answers: dict[str, str], reasons: dict[str, str] | None = None, **changes: Any) -> set[tuple[str, str]]:
    rights = {**(reasons or {}), "answers": answers}
    return {(one.code, one.question) for one in findings(rights=rights, **changes)}


def test_ten_rows_each_with_question_rule_and_mark() -> None:
    assert len(ROWS) == 10 and set(rights_rows()) == set(ROWS)
    assert set(RightsScreen.model_fields) == {*ROWS, "answers"}
    assert all(row.label.endswith("?") and row.article for row in rights_rows().values())


@pytest.mark.parametrize("row", ROWS)
def test_yes_calls_for_what_follows_no_is_silent_and_not_known_is_neither(row: str) -> None:
    concern = "immunity" if row == "immunity" else f"rights_{row}"
    silent = {code for code, _place in codes(NO)}
    assert not {code for code in silent if code.startswith("rights_")} and concern not in silent
    statements: dict[str, Any] = {"statements": {}} if rights_rows()[row].needs else {}
    yes = {code for code, _place in codes(NO | {row: "yes"}, {row: "Looked at."}, **statements)}
    assert concern in yes and "rights_reason" not in yes
    unknown = codes(NO | {row: "not_known"}, {row: "Looked at."})
    assert ("rights_not_known", "rights") in unknown and concern not in {code for code, _place in unknown}
    assert ("rights_reason", f"rights.{row}") in codes(NO | {row: "not_known"})
    left = {key: value for key, value in NO.items() if key != row}
    told = next(one for one in findings(rights={"answers": left}) if one.code == "rights_unanswered")
    assert told.severity == "warning" and rights_rows()[row].name in told.message


@pytest.mark.parametrize("row", ["death_penalty", "data_protection"])
def test_statement_in_the_letter_answers_the_concern(row: str) -> None:
    answers, reasons = NO | {row: "yes"}, {row: "Looked at."}
    assert (f"rights_{row}", f"statements.{row}") in codes(answers, reasons, statements={})
    assert f"rights_{row}" not in {
        code for code, _place in codes(answers, reasons, statements={row: "It will not be sought."})
    }


def test_answer_ends_the_prompt_where_it_settles_it() -> None:
    for field, changes in {
        "press": {"persons__0__description": "a journalist"},
        "speech": {"offences__0__category": "terrorism"},
        "minors": {"persons__0__born": "2010-01-01"},
        "death_penalty": {"offences__0__maximum_penalty": "death"},
        "persecution": {"offences__0__category": "terrorism"},
    }.items():
        assert field in {finding.code for finding in findings(**changes)}
        answered = findings(**changes, rights={field: "Looked at."})
        assert field not in {finding.code for finding in answered}


def test_bare_no_does_not_answer_what_the_letter_itself_gives_rise_to() -> None:
    death: dict[str, Any] = {"offences__0__maximum_penalty": "death"}
    found = codes(NO, **death)
    assert ("death_penalty", "offences[0].maximum_penalty") in found
    assert ("death_penalty_differs", "offences[0].maximum_penalty") in found
    reasoned = codes(NO, {"death_penalty": "Abolished for this offence in 2001."}, **death)
    assert not {code for code, _place in reasoned if code.startswith("death_penalty")}
    journalist: dict[str, Any] = {"persons__0__description": "a journalist"}
    assert ("press", "persons[0]") in codes(NO, **journalist)
    assert ("press", "persons[0]") in codes(NO | {"press": "not_known"}, {"press": "We asked."}, **journalist)
    assert ("press", "persons[0]") not in codes(NO, {"press": "A namesake."}, **journalist)


def test_record_holds_every_answer_and_a_hash_of_the_reasons_and_no_text() -> None:
    content = letter(
        rights={"speech": "our own view", "answers": NO | {"speech": "yes", "press": "not_known"}}
    ).content()
    kept = screen_recorded(content)
    assert kept["rights_screen"] == NO | {"speech": "yes", "press": "not_known"} and "our own view" not in str(kept)
    other = letter(rights={"speech": "another view", "answers": NO | {"speech": "yes", "press": "not_known"}}).content()
    assert screen_recorded(other)["rights_screen_sha256"] != kept["rights_screen_sha256"]


def test_letter_from_before_the_answers_reads_and_its_rows_are_not_answered() -> None:
    old = letter().content() | {"rights": {"speech": "No opinion is concerned."}}
    content = letter_from(old).content()
    assert content["rights"] == {"speech": "No opinion is concerned."}
    assert {(one.answer, one.reason) for one in screen_of(content) if one.row.key == "speech"} == {
        ("not_answered", "No opinion is concerned.")
    }
    with pytest.raises(LetterFileWrong) as wrong:
        letter(rights={"answers": {"speech": "maybe", "luck": "no"}})
    assert {one.where for one in wrong.value.problems} == {"rights.answers.speech", "rights.answers.luck"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('key = "speech"', 'key = "luck"', "'luck'"),
        ('key = "speech"', 'key = "press"', "'press' stands twice"),
        ('confidence = "verified"', 'confidence = "sure"', "confidence"),
        ('article = "ICSFT-1999 15"', 'article = ""', "article"),
        ('needs = "statements.death_penalty"', 'needs = "facts"', "'facts'"),
        ("[[row]]", "[[line]]", "[[row]]"),
        ('name = "Minors"', 'name = "Minors"\nextra = 1', "'extra'"),
    ],
)
def test_wrong_rows_name_their_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = tmp_path / "rights.toml"
    text = RIGHTS.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    with pytest.raises(RightsWrong, match=r"rights\.toml") as wrong:
        rights_read(file)
    assert says in str(wrong.value)


def test_row_of_the_letter_without_data_is_told(tmp_path: Path) -> None:
    file = tmp_path / "rights.toml"
    file.write_text("[[row]]" + RIGHTS.read_text().split("[[row]]")[1])
    with pytest.raises(RightsWrong, match="has no row 'speech'"):
        rights_read(file)
