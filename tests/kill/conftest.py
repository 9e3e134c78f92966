"""Each test gets an installation of its own; nothing of it is left, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.kill.installation import Installation, Server
from tests.kill.servers import copied_database, fresh_name, made_database

MADE = pytest.StashKey[list[Installation]]()


@pytest.fixture(scope="session")
def template() -> Iterator[tuple[Server, str]]:
    """Make the database that every test of the session copies."""
    name = fresh_name("template")
    with made_database(name) as server:
        yield server, name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the last words of the processes into the report of a failure, while they can still be read."""
    report = yield
    if report.when == "call" and report.failed:
        for made in item.stash.get(MADE, []):
            report.sections.append(("what the processes said last", made.last_words()))
    return report


@pytest.fixture
def installation(template: tuple[Server, str], request: pytest.FixtureRequest) -> Iterator[Callable[..., Installation]]:
    """Return a function that makes an installation; its arguments are Installation's own."""
    server, name = template
    known = request.node.stash.setdefault(MADE, [])
    with ExitStack() as stack:

        def make(**arguments: Any) -> Installation:
            on = arguments.pop("server", None) or stack.enter_context(copied_database(server, name, fresh_name("test")))
            made = stack.enter_context(Installation(server=on, **arguments))
            known.append(made)
            return made

        yield make
