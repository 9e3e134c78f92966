"""The difference of a later letter since the one that was sent: pure, in words for every field that a letter has."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from django.utils.translation import override
from pydantic import BaseModel

from tests.documents.factory import names
from tests.drafting.letters import values
from workflows.documents.difference import difference_context, value_texts
from workflows.drafting.difference import Cited, letter_difference, related_entry, with_citation
from workflows.drafting.freezing import PREPARING
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.place_words import known_words, path_words, steps_of

CITED = Cited("supplement", "DE/out/2026/00042", dt.date(2026, 6, 12), "ab" * 32)


def told(
    before: dict[str, Any], after: dict[str, Any], cited: Cited = CITED
) -> list[tuple[str, str, list[str], list[str]]]:
    found = difference_context(letter_difference(before, after, cited), after, names(), "en")
    return [(one["kind"], one["what"], one["before"], one["after"]) for one in found["changes"]]


def test_what_is_added_changed_and_taken_out_is_told_by_its_place() -> None:
    before = letter_from(values()).content()
    after = letter_from(
        values(
            persons__0__role="accused",
            persons__1={"id": "P2", "kind": "legal", "role": "account_holder", "name": "Example Sh.p.k."},
            items__0__period={"from": "2026-03-01T00:00:00Z", "to": "2026-03-31T23:59:59Z"},
            statements__data_protection=None,
            date="2026-08-01",
        )
    ).content()  # fmt: skip
    assert told(before, after) == [
        ("changed", "Person P1, role", ["suspect"], ["accused"]),
        ("added", "Person P2", [], ["Kind: legal person", "Role: account holder", "Name: Example Sh.p.k."]),
        (
            "changed", "Measure M1, period, to", ["7 March 2026, 23:59:59 UTC"], ["31 March 2026, 23:59:59 UTC"],
        ),
        ("removed", "Statements, protection of data", ["Kept under the law on criminal data."], []),
    ]  # fmt: skip


def test_an_entry_that_was_taken_out_is_called_by_its_own_key() -> None:
    before = letter_from(values(persons__1={"id": "P2", "role": "witness", "name": "Subject B"})).content()
    after = letter_from(values(persons=[{"id": "P2", "role": "witness", "name": "Subject B"}])).content()
    assert [(kind, what) for kind, what, _was, _now in told(before, after)] == [("removed", "Person P1")]


def test_date_rights_and_the_citation_itself_are_no_difference() -> None:
    before = letter_from(values(rights={"press": "No."})).content()
    after = with_citation(letter_from(values(date="2026-09-09", rights={"press": "Yes."})).content(), CITED)
    assert after["related"] == [related_entry(CITED)]
    assert letter_from(after).related[0].sha256 == CITED.content_hash
    found = letter_difference(before, after, CITED)
    assert found["changes"] == []
    assert (found["reference"], found["date"], found["content_hash"]) == (
        "DE/out/2026/00042", "2026-06-12", CITED.content_hash,
    )  # fmt: skip
    assert with_citation(after, CITED) == after


def fields(part: type[BaseModel] = LetterFile, path: str = "") -> Iterator[str]:
    """Yield every field of the schema as a path: `persons[0].born`."""
    for key, field in part.model_fields.items():
        name = field.alias or key
        here = f"{path}.{name}" if path else name
        inner = [field.annotation]
        found = False
        while inner:
            kind = inner.pop()
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found = True
                listed = "tuple" in str(field.annotation)
                yield from fields(kind, f"{here}[0]" if listed else here)
            inner += get_args(kind)
        if not found:
            yield here


@pytest.mark.parametrize("path", sorted(set(fields())))
def test_every_field_of_the_schema_has_words(path: str) -> None:
    last = [step for step in steps_of(path) if not step.isdigit()][-1]
    if last in {"id", "format", "answers"}:
        return

    assert known_words(path), path
    with override("en"):
        assert "_" not in path_words(path, {}), path


def test_every_closed_word_of_the_schema_has_words() -> None:
    """A choice is never printed as the format writes it, such as `account_holder`."""
    for part, path, value in closed_words():
        if re.split(r"[.\[]", path)[0] in ("rights", *PREPARING):
            # It never leaves the house.
            continue
        (text,) = value_texts(path, value, names(), "en")
        assert "_" not in text and text, (part, path, value)


def closed_words(part: type[BaseModel] = LetterFile, path: str = "") -> Iterator[tuple[str, str, str]]:
    for key, field in part.model_fields.items():
        here = f"{path}.{key}" if path else key
        inner = [field.annotation]
        while inner:
            kind = inner.pop()
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from closed_words(kind, f"{here}[0]")
            if isinstance(kind, str) and key != "format":
                yield part.__name__, here, kind
            inner += get_args(kind)


def test_an_entry_is_told_in_the_order_of_the_format_and_a_penalty_for_life_as_such() -> None:
    """The database keeps the fields of an entry by the length of their names."""
    entry = {"date": "2026-03-13", "level": "urgent", "reason": "Data are deleted."}
    assert [line.split(":")[0] for line in value_texts("urgency", entry, names(), "en")] == ["Level", "Reason", "Date"]
    item = {
        "nexus": "It is there.",
        "measure": "preservation",
        "answers": {"until": "2026-06-12", "data_to_preserve": "Logs."},
    }
    told = [line.split(":")[0] for line in value_texts("items[0]", item, names(), "en")]
    assert told[0] == "Kind of measure" and told[1] == "Link to the offence" and told[-1].casefold().endswith("until")
    assert value_texts("offences[0].maximum_years", 100, names(), "en") == ["for life"]
    assert value_texts("offences[0].maximum_years", 99, names(), "en") == ["99"]
