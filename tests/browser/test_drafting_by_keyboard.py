"""A whole letter in each of three measures, by the keyboard alone: begun, led from gap to gap, and lodged.

What is not typed from the facts is answered where a gap leads, as the page's own example of a good answer has it.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import People
from tests.browser.keys import Keys
from tests.factories import Line, example_letter
from workflows.lifecycle.models import OutgoingRequest

SAVE = "#letter-form .letter-end button"

OFFENCE = {
    "title": "Inciting terrorism overseas", "category": "incitement", "provision": "Terrorism Act 2000, section 59",
    "law_text": "A person commits an offence if he incites another to commit an act of terrorism abroad.",
    "maximum_penalty": "Imprisonment for life", "maximum_years": "100", "committed_from": "2025-06-01",
    "committed_to": "2025-10-21", "conduct": "Urging members of a forum to commit murder abroad.",
}  # fmt: skip
FACT = {
    "date": "2025-10-21", "source": "Record of the arrest.",
    "text": "The accused paid for web hosting with stolen card data and ran a closed forum there.",
}  # fmt: skip
PROVIDER = {
    "name": "Tallgrass Web Hosting LLC", "jurisdiction": "United States", "address": "1 Example Street",
    "holds_because": "Its messages about the account were on the computer of Subject A.",
}  # fmt: skip
IDENTIFIER = {"type": "domain", "value": "alpha-forum.example.net"}

#: What the facts say, by the question; the rest comes from the examples.
SAID = {
    "nexus": "The forum was hosted there from June to October 2025.",
    "necessity": "Only the company knows who opened the account; nothing else leads to that person.",
    "period_from_date": "2025-06-01", "period_from_time": "00:00", "period_from_offset": "+00:00",
    "period_to_date": "2025-10-21", "period_to_time": "12:00", "period_to_offset": "+00:00",
    "urgency__reason": "The data is erased after 90 days.",
}  # fmt: skip


def begun(keys: Keys, measure: str) -> None:
    keys.press("main a.button")
    for name, value in {"requested": "United States", "nature": "prosecution", "title": f"Records: {measure}"}.items():
        keys.answer(name, value)
    keys.answer("subject", "Web sites and a forum that incited murder, paid for with stolen card data.")
    keys.answer("measures", measure)
    keys.press("main form.letter-new [data-once]")


def added(keys: Keys, home: str, slug: str, group: str, fields: dict[str, str]) -> None:
    """From the task list into a section, add an entry, and go back to the list of tasks."""
    keys.press(f"ol.tasks a[href$='/{slug}/']")
    keys.press(f"#list-{group} a.button")
    for name, value in fields.items():
        keys.answer(name, value)
    keys.press(SAVE)
    keys.press(f".over a[href='{home}']")


def answered(keys: Keys) -> str:
    """Answer the question that has the focus, and return its name."""
    page = keys.page
    at: dict[str, Any] = page.evaluate(
        """() => { const at = document.activeElement, asked = at.closest('.question');
        const options = [...(at.options ?? [])].map((one) => one.value).filter(Boolean);
        return { name: at.name || '', kind: at.type || at.tagName, value: at.value || '', first: options[0] || '',
                 example: asked?.querySelector('.example p')?.textContent.trim() || '',
                 names: [...(asked?.querySelectorAll('input, select, textarea') ?? [])].map((one) => one.name) }; }"""
    )
    assert at["names"], f"a gap leads to no question: {page.url} {at}"
    assert at["name"], f"{page.url}: the focus is on no field: {at}"
    several = [name for name in at["names"] if name in SAID]
    if several:
        for name in several:
            keys.answer(name, SAID[name])
    elif at["kind"] in ("checkbox", "radio"):
        page.keyboard.press("Space")
    elif at["kind"] == "date":
        keys.answer(at["name"], "2027-03-01")
    elif at["kind"] == "select-one":
        keys.answer(at["name"], at["first"])
    else:
        keys.answer(at["name"], at["example"] or "As stated in the record of the investigation.")
    return str(at["name"])


def without_gaps(keys: Keys, home: str) -> None:
    """Follow each gap to its question and answer it, until none is left."""
    page: Page = keys.page
    seen: list[str] = []
    while page.locator("#findings .finding-gap").count():
        assert len(seen) < 40, f"gaps do not close: {seen[-12:]} {page.locator('#findings').inner_text()[:600]}"
        told = page.locator("#findings .finding-gap a").first.inner_text()
        keys.press("#findings .finding-gap a")
        if page.url.rstrip("/").endswith("/basis"):
            keys.press(".treaty button")
            keys.press(SAVE)
            seen.append(told)
        elif page.evaluate("() => !!document.activeElement.closest('.question')"):
            seen.append(f"{told} -> {answered(keys)}")
            keys.press(SAVE)
        else:
            raise AssertionError(f"{told}: no question has the focus on {page.url}")
        keys.press(f".over a[href='{home}']")


@pytest.mark.parametrize("measure", ["subscriber-information", "preservation", "stored-content"])
def test_letter_is_drafted_and_lodged_by_the_keyboard_alone(people: People, measure: str) -> None:
    line = Line(example_letter(2))
    page = people.window(line.prosecutor)
    page.goto("/")
    keys = Keys(page)
    begun(keys, measure)
    outgoing = OutgoingRequest.objects.get(letter__title=f"Records: {measure}")
    home = f"/out/{outgoing.public_id}/letter/"
    assert page.url.endswith(home)
    added(keys, home, "offences", "offences", OFFENCE)
    added(keys, home, "persons", "persons", {"name": "Subject A", "role": "accused"})
    added(keys, home, "facts", "facts", FACT)
    added(keys, home, "items", "providers", PROVIDER)
    added(keys, home, "items", "identifiers", IDENTIFIER)
    keys.press("ol.tasks a[href$='/basis/']")
    keys.press(".treaty button")
    keys.press(SAVE)
    keys.press(f".over a[href='{home}']")
    without_gaps(keys, home)

    keys.press("main [data-act='lodge']")
    keys.press("main form [data-once]")
    outgoing.refresh_from_db()
    assert outgoing.lodged_at
    item = outgoing.letter.present().content["items"][0]
    assert (item["measure"], bool(item["bases"])) == (measure, True)
