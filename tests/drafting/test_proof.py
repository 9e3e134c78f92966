"""What a court of the requested State asks by its standard of proof: asked where its profile names one, and printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mla.reference.models import Jurisdiction, ProfileEntry
from tests.drafting.letters import letter
from tests.drafting.test_findings import TODAY, findings
from workflows.drafting.forecast import refusal_forecast
from workflows.drafting.law import law_for
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.proof import ProofWrong, prompts, prompts_read

pytestmark = pytest.mark.django_db

FULL = {
    "source": "The examiner saw it.",
    "reliability": "Her report.",
    "freshness": "Of last week; logs are kept a year.",
}


def standard(value: str, measure: str = "stored-traffic-data") -> None:
    ProfileEntry.objects.all().delete()
    ProfileEntry.objects.create(
        jurisdiction=Jurisdiction.objects.get(code="AL"), topic="proof_standard", value=value, measure=measure,
        source="a person", last_verified=TODAY, confidence="high", to_be_confirmed=False,
    )  # fmt: skip


def asked(**changes: Any) -> set[tuple[str, str]]:
    return {(one.code, one.question) for one in findings(**changes) if one.code.startswith("proof_")}


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        ("probable_cause", {"source", "reliability", "freshness"}),
        ("specific_and_articulable_facts", {"source"}),
        ("other", {"source", "reliability"}),
    ],
)
def test_each_standard_asks_its_questions_and_an_answer_settles_one(value: str, missing: set[str]) -> None:
    standard(value)
    found = asked()
    assert found - {("proof_standard", "items[0].nexus")} == {
        (f"proof_{key}", f"items[0].standard_of_proof.{key}") for key in missing
    }
    bare = asked(items__0__nexus=None)
    assert ("proof_nexus", "items[0].nexus") in bare
    assert not asked(items__0__standard_of_proof=FULL) - {("proof_standard", "items[0].nexus")}


def test_question_that_the_measure_asks_itself_is_asked_there_alone() -> None:
    standard("probable_cause", "stored-content")
    item = {key: value for key, value in letter().content()["items"][0].items() if key != "answers"}
    item |= {"measure": "stored-content", "answers": {"grounds": "The examiner saw it."}}
    assert ("proof_freshness", "items[0].answers.grounds_latest") in asked(items__0=item)
    item["answers"] |= {"grounds_latest": "2026-06-10"}
    assert "proof_freshness" not in {code for code, _place in asked(items__0=item)}


def test_no_standard_is_known_and_nothing_is_asked() -> None:
    standard("probable_cause", "stored-content")
    assert asked() == set()


def test_question_from_general_knowledge_is_told_as_to_be_confirmed_with_its_source() -> None:
    standard("probable_cause")
    told = next(one for one in findings() if one.code == "proof_freshness")
    assert "to be confirmed" in told.message and "287 US 206" in told.message and told.severity == "warning"


def test_forecast_names_what_of_the_standard_is_answered() -> None:
    standard("probable_cause")
    content = letter(items__0__standard_of_proof={"source": "The examiner saw it."})
    found = refusal_forecast(content, law=law_for(content), today=TODAY)
    proof = next(one for one in found.practice if one.topic == "proof_standard")
    assert {one.path: one.filled for one in proof.written} == {
        "items[0].nexus": "filled", "items[0].standard_of_proof.source": "filled",
        "items[0].standard_of_proof.reliability": "empty", "items[0].standard_of_proof.freshness": "empty",
    }  # fmt: skip


def test_key_that_is_no_question_names_its_place_and_the_questions() -> None:
    with pytest.raises(LetterFileWrong) as wrong:
        letter(items__0__standard_of_proof={"hunch": "x"})
    (problem,) = wrong.value.problems
    assert (
        problem.where == "items[0].standard_of_proof" and "hunch" in problem.message and "freshness" in problem.message
    )


def test_every_question_says_where_it_comes_from() -> None:
    assert all(one.source and one.standards for one in prompts().values())


GOOD = 'key = "a"\nstandards = ["other"]\nlabel = "b"\nshort = "c"\nsource = "d"\nconfidence = "to_be_confirmed"\n'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"other"', '"hunch"', "'hunch'"),
        ('label = "b"', 'label = ""', "label"),
        ('key = "a"', 'key = "A b"', "'A b'"),
        ('source = "d"\n', "", "source"),
        ('"to_be_confirmed"', '"sure"', "confidence"),
        ('short = "c"', 'short = "c"\nfield = "facts"', "'facts'"),
        ('short = "c"', 'short = "c"\nextra = 1', "'extra'"),
        ('short = "c"', 'short = "c"\nanswer = "no_question"', "'no_question'"),
        ('["other"]', "[]", "standards"),
    ],
)
def test_wrong_questions_name_their_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    file = tmp_path / "proof.toml"
    file.write_text(f"[[question]]\n{GOOD}")
    assert set(prompts_read(file)) == {"a"}
    file.write_text(f"[[question]]\n{GOOD.replace(old, new)}")
    with pytest.raises(ProofWrong, match=r"proof\.toml, question 1") as wrong:
        prompts_read(file)
    assert says in str(wrong.value)
