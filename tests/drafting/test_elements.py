"""The dual-criminality worksheet: asked for where the requested State wants it, printed without what is noted of its law."""

from __future__ import annotations

from typing import Any

import pytest

from mla.reference.models import Jurisdiction, ProfileEntry
from tests.drafting.letters import letter
from tests.drafting.test_findings import TODAY, findings, told
from workflows.drafting.freezing import frozen_hash, outward
from workflows.drafting.letterfile import letter_from
from workflows.drafting.parsing import LetterFileWrong

pytestmark = pytest.mark.django_db

ROW = {"element": "Data are made useless", "fact": "The files were encrypted.", "theirs": "Interference with data"}


def wants(value: str) -> None:
    ProfileEntry.objects.filter(topic="dual_criminality").delete()
    ProfileEntry.objects.create(
        jurisdiction=Jurisdiction.objects.get(code="AL"), topic="dual_criminality", value=value,
        source="a person", last_verified=TODAY, confidence="high", to_be_confirmed=False,
    )  # fmt: skip


def codes(**changes: Any) -> set[tuple[str, str]]:
    return {(code, place) for _severity, code, place in told(findings(**changes))}


@pytest.mark.parametrize(("value", "missing"), [("required", True), ("may_refuse", False), ("not_required", False)])
def test_worksheet_is_asked_for_where_the_requested_state_wants_dual_criminality(value: str, missing: bool) -> None:
    wants(value)
    place = ("elements_missing", "offences[0].elements")
    assert (place in codes()) is missing
    assert place not in codes(offences__0__elements=[ROW])


def test_element_that_no_fact_shows_is_told_and_a_law_that_is_not_known_is_not() -> None:
    wants("not_required")
    bare = {key: value for key, value in ROW.items() if key != "theirs"}
    assert not {code for code, _place in codes(offences__0__elements=[bare]) if code == "element_unfinished"}
    found = codes(offences__0__elements=[bare, {"element": "For money"}])
    assert ("element_unfinished", "offences[0].elements[1]") in found


def test_what_is_noted_of_their_law_never_leaves_and_is_approved_with_the_letter() -> None:
    content = letter(offences__0__elements=[ROW, {"element": "For money"}]).content()
    sent, internal = outward(content)
    assert [set(row) for row in sent["offences"][0]["elements"]] == [{"element", "fact"}, {"element"}]
    assert internal["O1.theirs"] == ["Interference with data", ""]
    other = letter(offences__0__elements=[ROW | {"theirs": "Another"}, {"element": "For money"}]).content()
    assert outward(other)[0] == sent and frozen_hash(outward(other)[1]) != frozen_hash(internal)


def test_letter_without_the_worksheet_reads_and_leaves_as_before_and_a_wrong_row_names_its_place() -> None:
    old = letter(before={}, preserved=[]).content()
    assert "elements" not in letter_from(old).content()["offences"][0]
    assert outward(old)[1] == {"rights": old.get("rights", {})}
    with pytest.raises(LetterFileWrong) as wrong:
        letter(offences__0__elements=[{"fact": "x"}, {"element": "y", "law": "z"}])
    assert {problem.where for problem in wrong.value.problems} == {
        "offences[0].elements[0].element", "offences[0].elements[1].law",
    }  # fmt: skip
