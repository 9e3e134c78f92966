"""The test database: made by the owner, used as the application's role, renewed from a template.

The application's role cannot truncate (and a flush would take the reference data with it), so a
transactional test ends with the database dropped and copied anew from a template.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

from mla import services
from mla.settings import ENV
from tests.database import copy_database, make_database, owner_connection
from workflows.demo.signing import ensure_development_keys

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # Started in the background of a shell, which ignores Ctrl-C for its children: tests send it to theirs.
    signal.signal(signal.SIGINT, signal.default_int_handler)

if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    # The controller of a parallel run starts them before its workers exist; a worker only joins.
    services.ensure_services()


# The authorities of the tests sign by certificate, as those of the examples do.
ensure_development_keys(Path(settings.SIGNING_CONFIG).parent)


#: Two workers begin with half of the tests each, and whoever is done takes from the end of the other's.
LONGEST_FIRST = (
    "tests/web/test_matrix.py",
    "tests/languages/test_every_page.py",
    "tests/documents/test_hostile_text.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long to the beginning, so that two workers end together."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST_FIRST))


def pytest_collection_finish() -> None:
    from tests.economy import look_less_for_garbage

    look_less_for_garbage()


@pytest.fixture(autouse=True, scope="session")
def made_once(django_test_environment: None) -> None:
    from tests import economy

    economy.load_every_page()
    economy.keep_no_contexts()
    economy.find_static_files_once()
    economy.preload_the_renderer()


@pytest.fixture(autouse=True, scope="session")
def storage_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test writes into the storage of a person."""
    from django.core.files.storage import default_storage

    folder = tmp_path_factory.mktemp("storage")
    default_storage._location = str(folder)  # type: ignore[attr-defined]
    default_storage.__dict__.pop("base_location", None)
    default_storage.__dict__.pop("location", None)
    yield folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Make the test database as its owner."""
    import dj_database_url

    owner = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    connection.close()
    connection.settings_dict["USER"] = owner["USER"]
    connection.settings_dict["PASSWORD"] = owner["PASSWORD"]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """In place of pytest-django's own, which migrates in each worker of each run."""
    import dj_database_url

    application = dj_database_url.parse(ENV.database_url)
    owner = (connection.settings_dict["USER"], connection.settings_dict["PASSWORD"])
    usual = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        name = make_database()
        copy_database(name, f"{name}_template")
        connection.settings_dict["USER"], connection.settings_dict["PASSWORD"] = (
            application["USER"],
            application["PASSWORD"],
        )
    yield
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict["USER"], connection.settings_dict["PASSWORD"] = owner
        connection.creation.destroy_test_db(usual, verbosity=0)
        with owner_connection() as server:
            server.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(f"{name}_template"))
            )


def _test_database() -> str:
    """Return the name of the test database.

    Where no fixture has made one, the connection still leads to the developer's own: that one must be neither used
    nor renewed.
    """
    name = str(connection.settings_dict["NAME"])
    if not name.startswith("test_"):
        pytest.exit(f"{name} is no test database: mark the tests with django_db", returncode=3)
    return name


def _renew_from_template(self: TransactionTestCase) -> None:
    name = _test_database()
    connection.close()
    try:
        copy_database(f"{name}_template", name)
    except psycopg.errors.ObjectInUse:
        # A thread of the test had not yet let go of the template's copy.
        copy_database(f"{name}_template", name)


TransactionTestCase._fixture_teardown = _renew_from_template  # type: ignore[method-assign]
