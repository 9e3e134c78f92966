"""A protected person has a pseudonym in the letter and nothing else; who names the person is told where, and not whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.documents import factory
from workflows.drafting.findings import letter_findings
from workflows.drafting.findings.law import Law
from workflows.drafting.sealing import as_protected, betrayals, taken_apart

INGRID = {
    "id": "P1", "role": "witness", "name": "Ingrid Tésten", "protected": True, "born": "2012-02-29",
    "aliases": ["Falcon Girl"], "document": "NO-990011",
}  # fmt: skip


def content(*persons: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"language": "en", "persons": list(persons), **more}


def test_particulars_and_name_are_taken_out_once_and_the_pseudonym_stays() -> None:
    apart = taken_apart(content(INGRID | {"pseudonym": "The Falcon"}, {"id": "P2", "role": "suspect", "name": "Open"}))
    first, second = apart.content["persons"]
    assert first == {"id": "P1", "role": "witness", "name": "The Falcon", "pseudonym": "The Falcon", "protected": True}
    assert second == {"id": "P2", "role": "suspect", "name": "Open"}
    assert apart.sealed["P1"]["name"] == "Ingrid Tésten" and apart.sealed["P1"]["born"] == "2012-02-29"
    again = taken_apart(apart.content)
    assert again.content == apart.content and not again.sealed


def test_without_a_pseudonym_one_is_given_that_nobody_else_has() -> None:
    others: list[dict[str, Any]] = [
        {"id": "P2", "role": "witness", "name": "Witness A"},
        INGRID | {"id": "P3", "role": "victim"},
    ]
    names = [person["name"] for person in taken_apart(content(INGRID, *others)).content["persons"]]
    assert names == ["Witness B", "Witness A", "Victim A"]
    old = taken_apart(content({"id": "P1", "role": "witness", "name": "Witness W1", "protected": True, "address": "x"}))
    assert old.content["persons"][0]["name"] == "Witness W1" and old.sealed == {"P1": {"address": "x"}}


def test_an_earlier_text_names_whoever_is_protected_by_now_as_the_letter_does_now() -> None:
    before = content({"id": "P1", "role": "witness", "name": "Ingrid Tésten", "address": "Hidden Lane"})
    now = taken_apart(content(INGRID)).content
    assert as_protected(before, now)["persons"] == now["persons"]
    assert as_protected(before, content())["persons"] == before["persons"], "nobody is protected"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Then INGRID  testen came.", True),
        ("Tésten, Ingrid: said so", True),
        ("known as falcon girl", True),
        ("passport NO-990011", True),
        ("Ms Testen was heard", False),
        ("The testening and Ingridson", None),
    ],
)
def test_texts_that_name_the_person_are_found_in_any_order_case_and_accent(text: str, whole: bool | None) -> None:
    apart = taken_apart(content(INGRID, facts=[{"text": "Nothing."}, {"text": text}]))
    found = [(one.path, one.key, one.whole) for one in betrayals(apart.content, apart.sealed)]
    assert found == ([] if whole is None else [("facts[1].text", "P1", whole)])


def test_findings_name_the_field_and_never_the_person() -> None:
    facts = [{"text": "Ingrid Tésten opened the door.", "source": "Statement of Ms Tésten"}]
    letter = factory.letter(persons=[INGRID], facts=facts)
    apart = taken_apart(letter.content())
    letter = factory.letter(persons=apart.content["persons"], facts=facts)
    found = letter_findings(letter, law=Law(), today=dt.date(2026, 3, 20), sealed=apart.sealed)
    told = {(one.code, one.severity, one.question) for one in found}
    assert ("protected_name_in_text", "gap", "facts[0].text") in told
    assert ("protected_name_near", "warning", "facts[0].source") in told
    assert any(one.code == "minors" for one in found), "the date of birth under seal is looked at"
    assert not any("sten" in one.message and "Ingrid" in one.message for one in found)
    bare = letter_findings(letter, law=Law(), today=dt.date(2026, 3, 20), sealed={})
    assert ("sealed_name_missing", "persons[0].name") in {(one.code, one.question) for one in bare}
    assert not any(
        one.code.startswith(("sealed", "protected")) for one in letter_findings(letter, law=Law(), today=letter.date)
    )
