"""Each test gets an installation of its own; nothing of it is left, whatever happens."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from mla import services
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
def where() -> Iterator[services.Location]:
    """A folder for the servers of one demonstration, where the database's own user can enter."""
    root = Path(tempfile.mkdtemp(prefix="mla-k-demo-", dir="/tmp"))
    with mock.patch.dict(os.environ, {"MLA_SERVICES_DIR": str(root)}):
        where = services.location()
    yield where
    for name in ("postgres", "valkey"):
        for process in services._processes(where, name):
            process.kill()
    shutil.rmtree(root, ignore_errors=True)
    shutil.rmtree(where.sockets, ignore_errors=True)


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
