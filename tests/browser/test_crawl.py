"""Every page that anybody can reach: accessible, never wider than a phone, in both directions of writing."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from mla.accounts.models import User
from tests.browser.conftest import People
from tests.browser.crawling import Crawl, Found, crawl
from tests.browser.watched import axe_violations, sideways
from tests.browser.world import World, build_world

PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def world(house: str) -> World:
    return build_world()


@pytest.fixture(scope="module")
def crawled(world: World) -> Crawl:
    return crawl({"": None, **world.people}, start=("/",))


def test_every_link_of_every_person_leads_to_a_page_with_one_heading(crawled: Crawl, world: World) -> None:
    assert {found.who for found in crawled.pages} == {"", *world.people}
    assert not crawled.failures, "\n" + "\n".join(sorted(set(crawled.failures)))


def look(people: Windows, found: Found, *, language: str) -> list[str]:
    """Return what is wrong with one page at a desk and on a phone."""
    page = people.page_of(found.who)
    page.set_viewport_size(DESK)
    try:
        page.goto(found.address, wait_until="load")
    except BrowserError as error:
        return [f"cannot be opened: {str(error).splitlines()[0]}"]
    wrong = [] if language != "en" else [f"axe {one}" for one in axe_violations(page)]
    if language == "en" and not focus_is_seen(page):
        wrong.append("the focus cannot be seen")
    page.set_viewport_size(PHONE)
    wide = sideways(page)
    if wide:
        wrong.append(f"scrolls sideways at 320 px: {'; '.join(wide)}")
    if language != "en":
        wrong += [f"axe {one}" for one in axe_violations(page)]
        if page.evaluate("document.documentElement.dir") != "rtl":
            wrong.append("is not written from the right")
    return wrong + people.people.watch.taken()


def focus_is_seen(page: Page) -> bool:
    """Press Tab until the focus is past the link that skips the frame, and tell whether something marks it."""
    for _press in range(3):
        page.keyboard.press("Tab")
    return bool(
        page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              return document.activeElement !== document.body
                && (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 || style.boxShadow !== "none");
            }"""
        )
    )


class Windows:
    """One window for each person, kept open."""

    def __init__(self, people: People, world: World) -> None:
        self.people, self.world = people, world
        self.open: dict[str, Page] = {}

    def page_of(self, who: str) -> Page:
        if who not in self.open:
            self.open[who] = self.people.window(self.world.people.get(who))
        return self.open[who]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_is_accessible_and_fits_a_phone(
    chromium: Browser, house: str, world: World, crawled: Crawl, language: str
) -> None:
    User.objects.update(language=language)
    people = People(chromium, house)
    windows = Windows(people, world)
    wrong: list[str] = []
    chosen = crawled.examples(2 if language == "en" else 1)
    for found in chosen:
        if language != "en" and not found.who:
            continue
        wrong += [
            f"{found.route} [{found.who or 'nobody'} {found.address}]: {one}"
            for one in look(windows, found, language=language)
        ]
    people.close()
    by_route = Counter(line.split(" [")[0] for line in wrong)
    assert not wrong, (
        f"\n{len(wrong)} on {len(by_route)} of {len({one.route for one in chosen})} routes:\n" + "\n".join(wrong)
    )
