"""Names of a treaty in other languages, typed at every width: long ones are read whole, and begin at their own side."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mla.accounts.models import Role
from tests.browser.conftest import People
from tests.browser.watched import axe_violations
from tests.factories import officer

ARABIC = "اتفاقية المساعدة القانونية (1998)"


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_names_stand_beside_their_language_and_what_is_wrong_says_of_which(people: People, width: int) -> None:
    page = people.window(officer(Role.LEGAL, "de-central"), viewport={"width": width, "height": 900})
    page.goto("/treaties/add")
    language, short, full = (
        page.locator(f"[name='titles-1-{name}']") for name in ("language", "short_name", "full_title")
    )
    language.select_option("ar")
    short.fill(ARABIC)
    page.locator("[name='titles-2-short_name']").fill("Traité")
    page.get_by_role("button", name="Enter the treaty").click()
    errors = page.locator("#errors")
    expect(errors).to_contain_text("Name 2, Full title: A letter names the treaty in full")
    expect(errors).to_contain_text("Name 3, Language of the letter: Choose the language")
    expect(short).to_have_value(ARABIC)
    for field in (short, full):
        assert field.evaluate("field => getComputedStyle(field).unicodeBidi") == "plaintext"
    row = page.get_by_role("group", name="Name 2")
    assert full.bounding_box()["width"] > 0.95 * row.bounding_box()["width"]  # type: ignore[index]
    assert short.bounding_box()["width"] > 0.5 * row.bounding_box()["width"]  # type: ignore[index]
    wrong = page.locator("[name='titles-2-language']")
    assert wrong.evaluate("list => getComputedStyle(list).backgroundImage").count("url(") == 1, "a list keeps its arrow"
    assert page.evaluate("document.documentElement.scrollWidth") == width and not axe_violations(page)
