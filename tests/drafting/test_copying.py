"""What comes along from an earlier letter, and what never does: pure."""

from __future__ import annotations

from typing import Any

from tests.drafting.letters import values
from workflows.drafting.copying import PARTS, copied_content
from workflows.drafting.letterfile import letter_from
from workflows.drafting.measures import measure_catalogue

KINDS = {(slug, q.key): q.kind for slug, measure in measure_catalogue().items() for q in measure.questions}


def source(**changes: Any) -> dict[str, Any]:
    return letter_from(values(**changes)).content()


def test_all_parts_without_what_belongs_to_one_letter() -> None:
    content = source(
        items__0__time_limit="2026-08-01", items__0__time_limit_reason="Trial", annexes=[{"id": "A1", "title": "Report"}],
        related=[{"kind": "police_channel", "reference": "X 12"}], rights={"press": "No."}, urgency={"level": "urgent"},
    )  # fmt: skip
    found, parts = copied_content(content, PARTS, state="AL", kinds=KINDS)
    assert parts == [part for part in PARTS if part in content]
    assert found["requested"] == {"authority": "al-central"}
    assert "reference" not in found["proceedings"] and found["proceedings"]["functions"]
    (item,) = found["items"]
    assert set(item) == {"id", "measure", "bases", "offences", "provider", "nexus", "necessity", "answers"}
    assert set(item["answers"]) == set(content["items"][0]["answers"])
    assert not {"identifiers", "related", "annexes", "rights", "urgency", "key_dates"} & set(found)


def test_only_what_was_ticked_and_no_reference_to_what_was_not() -> None:
    found, parts = copied_content(source(), ["items", "nonsense"], state="AL", kinds=KINDS)
    assert parts == ["items"]
    assert set(found["items"][0]) == {"id", "measure", "nexus", "necessity", "answers"}


def test_treaties_and_authority_stay_behind_on_the_way_to_another_state() -> None:
    found, parts = copied_content(source(), PARTS, state="JP", kinds=KINDS)
    assert "bases" not in parts and "requested" not in parts
    assert "bases" not in found["items"][0]


def test_dates_and_references_among_the_answers_stay_behind() -> None:
    measure = measure_catalogue()["preservation"]
    answers = {q.key: "2026-05-01" for q in measure.questions if q.kind == "date"}
    content = source(items__0__measure="preservation", items__0__answers=answers)
    found, _parts = copied_content(content, ["items"], state="AL", kinds=KINDS)
    assert "answers" not in found["items"][0]
