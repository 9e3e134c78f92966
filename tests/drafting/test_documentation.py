"""docs/letter-format.md names every field and value, and its example is a letter without a gap."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mla.settings.env import BASE_DIR
from workflows.drafting.findings import letter_findings
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import LetterFile, read_letter

PAGE = (BASE_DIR / "docs" / "letter-format.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]


def parts(part: type[BaseModel], name: str = "The letter") -> list[tuple[str, type[BaseModel]]]:
    found = [(name, part)]
    for key, field in part.model_fields.items():
        waiting: list[Any] = [field.annotation]
        while waiting:
            kind = waiting.pop()
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__name__ != "Period":
                found += parts(kind, key)
            waiting += get_args(kind)
    return found


def section(name: str) -> str:
    """Return the section whose heading names the field."""
    for text in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]:
        heading, _line, body = text.partition("\n")
        if heading == name or f"`{name}`" in heading:
            return re.split(r"^## ", body, flags=re.MULTILINE)[0]
    raise AssertionError(f"no section on {name}")


@pytest.mark.parametrize(("name", "part"), parts(LetterFile), ids=lambda value: value if isinstance(value, str) else "")
def test_every_field_and_every_value_is_explained(name: str, part: type[BaseModel]) -> None:
    text = section(name)
    for key, field in part.model_fields.items():
        assert f"`{field.alias or key}`" in text, f"{name}: {key}"
        if field.is_required():
            assert re.search(rf"`{key}` \*", text), f"{name}: {key} must be there"
        for value in get_args(field.annotation):
            if isinstance(value, str):
                assert f"`{value}`" in text, f"{name}: {key} = {value}"


@pytest.mark.django_db
def test_example_is_read_and_has_no_gap() -> None:
    letter = read_letter(EXAMPLE.encode(), name="example.toml")
    found = letter_findings(letter, law=law_for(letter), today=dt.date(2026, 6, 12))
    assert [finding for finding in found if finding.severity == "gap"] == []
    assert {finding.code for finding in found} <= {"bilateral_not_recorded", "language_undeclared"}
