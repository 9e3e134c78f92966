"""Asked before the letter: which other ways are asked, what is told of them, and that none of it leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.drafting.letters import letter, values
from tests.drafting.test_findings import findings, told
from workflows.drafting.asking import Situation
from workflows.drafting.before import BeforeWrong, alternatives, alternatives_asked, alternatives_read
from workflows.drafting.freezing import outward
from workflows.drafting.letterfile import letter_from
from workflows.drafting.parsing import LetterFileWrong


def asked(measure: str, binding: set[str]) -> set[str]:
    content = {"items": [{"measure": measure}] if measure else [], "requested": {"jurisdiction": "AL"}}
    return {one.key for one in alternatives_asked(content, Situation(), frozenset(binding))}


def test_six_ways_are_asked_and_each_says_how_far_its_rule_was_checked() -> None:
    assert list(alternatives()) == ["held_evidence", "open_data", "consent", "provider", "police_24_7", "spontaneous"]
    checked = {one.key for one in alternatives().values() if not one.to_be_confirmed}
    assert checked == {"open_data", "consent", "police_24_7"} and all(alternatives()[key].article for key in checked)


@pytest.mark.parametrize(
    ("measure", "binding", "with_consent", "with_open_data"),
    [
        ("stored-content", {"CETS-185"}, True, True),
        ("stored-content", {"CETS-030"}, False, True),
        ("stored-content", {"none_binds"}, False, True),
        ("testimony", {"CETS-185"}, False, False),
        ("", set(), True, True),
        ("stored-content", set(), True, True),
    ],
)
def test_a_way_is_asked_where_measure_and_treaty_allow_it_and_where_that_is_not_known(
    measure: str, binding: set[str], with_consent: bool, with_open_data: bool
) -> None:
    found = asked(measure, binding)
    assert ("consent" in found, "open_data" in found) == (with_consent, with_open_data)
    assert "held_evidence" in found and "police_24_7" in found


def test_an_answer_once_given_stays_asked() -> None:
    content = {"items": [{"measure": "testimony"}], "before": {"open_data": {"answer": "used"}}}
    assert "open_data" in {one.key for one in alternatives_asked(content, Situation(), frozenset({"CETS-185"}))}


@pytest.mark.django_db
def test_an_obvious_way_without_an_answer_is_a_warning_and_an_answer_silences_it() -> None:
    silent = told(findings())
    assert not {one for one in silent if one[1].startswith("alternative")}
    place = ("warning", "alternative_open", "before.open_data.answer")
    before = values()["before"]
    assert place in told(findings(before={key: one for key, one in before.items() if key != "open_data"}))
    assert place in told(findings(before=before | {"open_data": {"reason": "to be looked at"}}))
    bare = told(findings(before=before | {"open_data": {"answer": "not_suitable"}}))
    assert ("warning", "alternative_reason", "before.open_data.reason") in bare and place not in bare
    assert not told(findings(before=before | {"open_data": {"answer": "used"}})) & {place}


def test_answers_never_leave_and_are_approved_with_the_letter() -> None:
    content = letter().content()
    sent, internal = outward(content)
    assert not {"before", "preserved"} & set(sent)
    assert internal["before"] == content["before"] and internal["preserved"] == content["preserved"]


def test_an_old_letter_without_them_reads_and_leaves_as_before() -> None:
    old = letter(before={}, preserved=[]).content()
    assert not {"before", "preserved"} & set(old)
    assert outward(letter_from(old).content())[1] == {"rights": old.get("rights", {})}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"before": {"opn_data": {"answer": "used"}}}, "before"),
        ({"before": {"open_data": {"answer": "perhaps"}}}, "before.open_data.answer"),
        ({"before": {"open_data": {"answr": "used"}}}, "before.open_data.answr"),
        ({"preserved": [{"id": "D1"}]}, "preserved[0].what"),
        ({"preserved": [{"id": "D1", "what": "x", "provider": "V9"}]}, "preserved[0].provider"),
        ({"preserved": [{"id": "D1", "what": "x", "identifiers": ["I9"]}]}, "preserved[0].identifiers[0]"),
        ({"preserved": [{"id": "D1", "what": "x"}] * 2}, "preserved[1].id"),
        ({"preserved": [{"id": "D1", "what": "x", "state": "perhaps"}]}, "preserved[0].state"),
        ({"preserved": [{"id": "D1", "what": "x", "on": "2026-03-02", "until": "2026-03-01"}]}, "preserved[0]"),
        (
            {"preserved": [{"id": "D1", "what": "x", "until": "2026-03-02", "extended_until": "2026-03-01"}]},
            "preserved[0]",
        ),
        ({"preserved": [{"id": "D1", "what": "x", "extensions": -1}]}, "preserved[0].extensions"),
    ],
)
def test_what_does_not_fit_names_its_place(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(LetterFileWrong) as wrong:
        letter(**changes)
    assert where in {problem.where for problem in wrong.value.problems}


ENTRY = 'key = "other_way"\nquestion = "Is there another?"\nwhy = "There may be."\narticle = ""\nconfidence = "to_be_confirmed"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no"),
        (f"[[alternative]]\n{ENTRY}x = 1\n", "unknown key 'x'"),
        (f"[[alternative]]\n{ENTRY}[[alternative]]\n{ENTRY}", "stands twice"),
        ("[[alternative]]\n" + ENTRY.replace("to_be_confirmed", "verified"), "names its article"),
        ("[[alternative]]\n" + ENTRY.replace("to_be_confirmed", "sure"), "confidence"),
        ("[[alternative]]\n" + ENTRY.replace('"There may be."', '""'), "why"),
        (f"[[alternative]]\n{ENTRY}obvious = 1\n", "obvious"),
        (f"[[alternative]]\n{ENTRY}asked_when = {{ measure = ['x'] }}\n", "no predicate"),
        (f"[[alternative]]\n{ENTRY}asked_when = {{ measures = ['x'] }}\n", "no value"),
        ("[[alternative]\n", "before.toml"),
    ],
)
def test_a_wrong_file_is_refused_naming_the_entry(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "before.toml"
    file.write_text(text)
    with pytest.raises(BeforeWrong, match=said):
        alternatives_read(file)


def test_a_new_way_is_a_new_entry(tmp_path: Path) -> None:
    file = tmp_path / "before.toml"
    file.write_text(f"[[alternative]]\n{ENTRY}asked_when = {{ requested = ['US', 'none_yet'] }}\n")
    assert list(alternatives_read(file)) == ["other_way"]
