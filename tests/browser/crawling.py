"""Which pages there are: found by following every link, as every person, never listed by hand."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import Client
from django.urls import Resolver404, resolve

from mla.accounts.actors import Actor
from tests.web.conftest import signed_in

#: Examples of one route that one person follows, and that a browser opens of all people's.
EACH = 2
#: Parts of an address whose pages are alike: a State and an instrument by their codes, a file by its hash.
ALIKE = frozenset({"code", "state", "sha256"})
#: What str() or repr() makes of an object that has no words for a person.
OF_PYTHON = re.compile(
    r"&lt;[A-Z]\w*[: ][^&]{0,60}&gt;|\bobject at 0x|__proxy__|\b\w+ object \(\d+\)|>None<|datetime\.\w+\("
)


@dataclass(frozen=True, slots=True)
class Found:
    """A page: the name of its route (of an act also which), its address, and who opened it ("" is nobody)."""

    route: str
    address: str
    who: str


@dataclass
class Crawl:
    pages: list[Found] = field(default_factory=list)
    others: list[Found] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def examples(self, each: int = EACH) -> list[Found]:
        """Return at most `each` pages of every route, of different people where there are; of every act one."""
        by_route: dict[str, list[Found]] = defaultdict(list)
        for found in self.pages:
            by_route[found.route].append(found)
        chosen = []
        for route in sorted(by_route):
            taken: list[Found] = []
            # One page does every act, and there are a hundred and fifty.
            most = 1 if route.startswith("web:act ") else each
            for found in by_route[route]:
                if len(taken) < most and all(other.who != found.who for other in taken):
                    taken.append(found)
            for found in by_route[route]:
                if len(taken) < most and all(other.address != found.address for other in taken):
                    taken.append(found)
            chosen += taken
        return chosen


class _Page(HTMLParser):
    """The links of a page, its title and how many h1 it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.headings = 0
        self.title = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        elif tag in ("iframe", "embed") and given.get("src"):
            self.links.append(given["src"] or "")
        elif tag == "h1":
            self.headings += 1
        elif tag == "title":
            self._in_title = not self.title

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data


def route_of(address: str) -> str:
    """Return the name of the route, with the act, the section or the like that its page differs by; "" for none."""
    try:
        match = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    telling = [
        str(value)
        for name, value in match.kwargs.items()
        if isinstance(value, str) and not value.isdigit() and name not in ALIKE
    ]
    return " ".join([match.view_name, *telling])


def crawl(
    people: Mapping[str, Actor | None],
    *,
    start: Iterable[str] = ("/",),
    each: int = EACH,
    reading: Callable[[Found, str], None] = lambda found, html: None,
    language: str = "en",
) -> Crawl:
    """Follow every link of the house from `start`, as each of the people, `each` examples of a route.

    `reading` gets every page and what it says; `language`: that of the browser.
    """
    found = Crawl()
    acts: dict[str, int] = defaultdict(int)
    for who, actor in people.items():
        calm: Any = {"raise_request_exception": False, "headers": {"Accept-Language": language}}
        client = Client(**calm) if actor is None else signed_in(actor, **calm)
        _crawl_as(who, client, start, each, found, reading, acts)
    return found


def _crawl_as(
    who: str,
    client: Client,
    start: Iterable[str],
    each: int,
    found: Crawl,
    reading: Callable[[Found, str], None],
    acts: dict[str, int],
) -> None:
    waiting = deque((address, "") for address in start)
    seen: set[str] = set(start)
    opened: dict[str, int] = defaultdict(int)
    while waiting:
        address, came_from = waiting.popleft()
        route = route_of(address)
        if not route:
            found.failures.append(f"{who}: {came_from} links to {address}, which no route answers")
            continue
        # Of acts there are a hundred and fifty, all done by one page: two people's examples are enough.
        count, most = (acts, max(each, 2)) if route.startswith("web:act ") else (opened, each)
        if count[route] >= most:
            continue
        count[route] += 1
        answer = client.get(address, headers={"host": "localhost"})
        if answer.status_code in (301, 302):
            links = [answer["Location"]]
        elif answer.status_code not in (200, 409):
            raised = getattr(answer, "exc_info", None)
            why = f"{answer.status_code} {raised[0].__name__}: {raised[1]}" if raised else str(answer.status_code)
            found.failures.append(f"{who}: {route} {address} (linked from {came_from}): {why}")
            continue
        elif not answer["Content-Type"].startswith("text/html"):
            found.others.append(Found(route, address, who))
            # Its end would close the connection of a test that runs in a transaction.
            request_finished.disconnect(close_old_connections)
            answer.close()
            request_finished.connect(close_old_connections)
            continue
        else:
            page, text = _Page(), answer.content.decode()
            page.feed(text)
            if (leaked := OF_PYTHON.search(text)) is not None:
                found.failures.append(f"{who}: {route} {address} shows an object of the program: {leaked[0]}")
            if page.title or "<main" in text:
                # Otherwise it is shown in a frame of another page.
                found.pages.append(Found(route, address, who))
                reading(found.pages[-1], answer.content.decode())
                if page.headings != 1:
                    found.failures.append(f"{who}: {route} {address} has {page.headings} h1")
                if not page.title.split("·")[0].strip():
                    found.failures.append(f"{who}: {route} {address} has no title of its own")
            links = page.links
        for link in links:
            target = urljoin(address, link.partition("#")[0])
            if (
                target
                and not urlsplit(target).netloc
                and not target.startswith(("/static/", "mailto:"))
                and target not in seen
            ):
                seen.add(target)
                waiting.append((target, address))
