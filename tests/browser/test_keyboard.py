"""The review queue by the keyboard alone; single keys can be switched off (WCAG 2.1.4); the focus comes back."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import People
from tests.factories import Line
from tests.kill.letters import short_letter

FOCUSED = (
    "() => document.activeElement.id || document.activeElement.getAttribute('name') || document.activeElement.tagName"
)


def path(page: Page) -> str:
    return urlsplit(page.url).path


@pytest.fixture(scope="module")
def line(house: str) -> Line:
    for number in range(3):
        Line(short_letter(f"Account number {number}")).in_review()
    return Line(short_letter("Account of the last"))


def test_review_queue_is_worked_by_the_keyboard_alone(people: People, line: Line) -> None:
    page = people.window(line.supervisor)
    page.goto("/review/")
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "search"
    page.keyboard.type("jka")
    assert page.locator("#search").input_value() == "jka", "keys are text while somebody types"
    page.keyboard.press("Escape")
    page.locator("main").focus()

    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url(lambda address: urlsplit(address).path == "/")
    assert path(page) == "/"
    page.goto("/review/")
    first, second = (page.locator("[data-row] .main-cell a").nth(number).get_attribute("href") for number in (0, 1))
    for key, expected in (("j", first), ("j", second), ("k", first), ("k", first)):
        page.keyboard.press(key)
        assert page.evaluate("() => document.activeElement.getAttribute('href')") == expected, key
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{first}")

    page.keyboard.press("c")
    assert page.evaluate("() => document.activeElement.matches('[data-comment]')")
    page.keyboard.type("Say when.")
    page.locator("main").focus()
    page.keyboard.press("a")
    page.wait_for_url("**/do/approve?*")
    assert page.locator("main form [data-once]").is_visible(), "approving asks first"


def test_keys_can_be_switched_off_and_stay_off(people: People, line: Line) -> None:
    page = people.window(line.supervisor)
    page.goto("/review/")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.locator("#keys-off").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    assert not page.locator("dialog#keys").is_visible()
    page.reload()
    for key in ("/", "j", "?"):
        page.keyboard.press(key)
    assert page.evaluate("() => document.activeElement === document.body")
    assert not page.locator("dialog#keys").is_visible()


@pytest.mark.parametrize(("width", "which"), [(1280, "details.menu.wide"), (360, "#menu")])
def test_focus_begins_at_the_skip_link_and_returns_from_a_menu(
    people: People, line: Line, width: int, which: str
) -> None:
    page = people.window(line.supervisor, viewport={"width": width, "height": 800})
    page.goto("/review/")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "main"
    menu = page.locator(f"{which} > summary").last
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => !!document.activeElement.closest('.menu-body')"), "the next stop is in the menu"
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.tagName") == "SUMMARY"
    assert not page.evaluate("() => document.activeElement.closest('details').open")


def test_nothing_traps_the_focus(people: People, line: Line) -> None:
    page = people.window(line.supervisor)
    page.goto("/review/")
    seen = []
    for _press in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("() => { const one = document.activeElement; return one.outerHTML.slice(0, 160); }"))
        if seen[-1].startswith("<body"):
            break
    assert seen[-1].startswith("<body") or seen[0] in seen[1:], "Tab leaves the page or begins anew"


def test_frame_of_a_phone_is_one_row_and_its_menu_has_the_rest_without_javascript(people: People, line: Line) -> None:
    page = people.window(line.supervisor, viewport={"width": 320, "height": 700}, java_script_enabled=False)
    page.goto("/review/")
    box = page.locator("header.frame").bounding_box()
    assert box is not None
    assert box["height"] <= 72, "one row of two short lines"
    for link in ("Worklist", "Registry", "Sign out"):
        assert not page.get_by_text(link, exact=True).locator("visible=true").count(), link
    page.locator("#menu > summary").click()
    for link in ("Worklist", "Registry", "Sign out"):
        assert page.get_by_text(link, exact=True).locator("visible=true").count() == 1, link
    page.locator("#menu").get_by_role("link", name="Registry").click()
    assert page.url.endswith("/registry/")
