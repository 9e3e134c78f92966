"""A browser at the desk: the house on a real port with the test database, Debian's Chromium, people signed in.

The database is renewed after each module; the tests of a module share it. Jobs are run by `drain` between the
steps of a test, so that a document or a message is there when the next person looks.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

# Playwright keeps an event loop in this thread; the database is used from it by one call at a time all the same.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

from mla.accounts.actors import Actor
from tests.browser.watched import Watch
from tests.web.conftest import signed_in

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
#: As root the browser's sandbox cannot start; the pages are our own.
SWITCHES = ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid.replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)
            # So that pytest-django makes the test database. `house` renews it, a module at a time.
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """In place of pytest-django's own: the tests of a module share the database, which `house` opens and renews."""


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(driver: Playwright) -> Iterator[Browser]:
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of the house. What the module's tests leave in the database goes with the module."""
    name = connection.settings_dict["NAME"]
    assert name.startswith("test_"), f"{name} is no test database"
    with django_db_blocker.unblock():
        server = LiveServer("localhost")
        server._live_server_modified_settings.enable()
        try:
            cache.clear()
            yield server.url
        finally:
            server._live_server_modified_settings.disable()
            server.stop()
            TransactionTestCase._fixture_teardown(None)  # type: ignore[arg-type]


class People:
    """Windows of a browser, each with one person."""

    def __init__(self, browser: Browser, house: str) -> None:
        self.browser, self.house = browser, house
        self.watch = Watch()
        self.contexts: list[BrowserContext] = []

    def window(self, actor: Actor | None = None, **options: Any) -> Page:
        """Open a window, signed in as the actor's person under its hat; without an actor as nobody."""
        context = self.browser.new_context(
            base_url=self.house, **({"viewport": {"width": 1280, "height": 900}} | options)
        )
        context.set_default_timeout(15_000)
        if actor is not None:
            session = signed_in(actor).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": self.house}])
        self.watch.on(context)
        self.contexts.append(context)
        return context.new_page()

    def close(self) -> list[str]:
        for context in self.contexts:
            context.close()
        return self.watch.taken()


@pytest.fixture
def people(chromium: Browser, house: str) -> Iterator[People]:
    """Windows; after the test no page may have complained (policy, scripts, 5xx, missing files)."""
    found = People(chromium, house)
    yield found
    complaints = found.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def person(people: People) -> Callable[..., Page]:
    return people.window
