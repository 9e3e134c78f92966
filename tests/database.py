"""Work on test databases that only their owner may do.

A database with every migration and the reference data is kept on the server, under a name that tells what it was made
of, and each run copies it: to migrate takes seconds of every worker of every run. It is made anew when anything has
changed that it depends on, and what was made of anything else is dropped.
"""

from __future__ import annotations

import hashlib
import sysconfig
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

#: Beside test_<name>, so that nobody takes it for a database of an installation.
KEPT = "test_kept_mla_"
#: Held while a kept database is looked for, made or dropped, on the server itself: it may serve several runs.
_LOCK = 5_301_977
#: What migrations, models, permissions, rights and reference data come from; mla imports nothing of workflows.
_MADE_OF = (
    "mla/**/*", "workflows/*/migrations/*.py", "workflows/**/models.py", "workflows/**/models/*.py",
    "workflows/*/apps.py", "tests/database.py", "tests/conftest.py",
)  # fmt: skip


def owner_connection(database: str = "postgres") -> psycopg.Connection[Any]:
    """Connect as the owner role, outside any transaction."""
    url = urlunsplit(urlsplit(settings.DATABASE_OWNER_URL)._replace(path="/" + database))
    return psycopg.connect(url, autocommit=True)


def grant_application_rights(database: str) -> None:
    """Give the application's role what default privileges give it in an installation, and no more."""
    role = settings.DATABASE_APP_ROLE
    with owner_connection(database) as connection:
        connection.execute(f'grant select, insert, update, delete on all tables in schema public to "{role}"')
        connection.execute(f'grant usage, select on all sequences in schema public to "{role}"')
        connection.execute(f'revoke insert, update, delete, truncate on audit_audithead from "{role}"')
        append_only = connection.execute(
            r"select distinct relname from pg_trigger join pg_proc on pg_proc.oid = tgfoid"
            r" join pg_class on pg_class.oid = tgrelid where proname = 'audit_append_only' and tgname like '%\_append\_only'"
        ).fetchall()
        for (table,) in append_only:
            connection.execute(f'revoke update, delete, truncate on {table} from "{role}"')


def make_database() -> str:
    """Give the connection, which is the owner's, a fresh database of its own; return its name."""
    name = connection.creation._get_test_db_name()
    kept = KEPT + _state()
    with owner_connection() as server:
        server.execute("select pg_advisory_lock(%s)", [_LOCK])
        found = {row[0] for row in server.execute("select datname from pg_database").fetchall()}
        if kept in found:
            copy_database(kept, name)
            connection.close()
            settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
            return name
        for other in found:
            if other.startswith(KEPT):
                server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(other)))
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        call_command("load_reference", verbosity=0)
        connection.close()
        grant_application_rights(name)
        copy_database(name, kept)
        return name


def copy_database(source: str, target: str) -> None:
    """Put a copy of `source`, to which nobody is connected, in the place of `target`."""
    with owner_connection() as server:
        server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(target)))
        server.execute(sql.SQL("create database {} template {}").format(sql.Identifier(target), sql.Identifier(source)))


def _state() -> str:
    """Return a hash of all that a fresh database is made of: sources, data, installed packages, the roles."""
    digest = hashlib.sha256()
    packages = sorted(one.name for one in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
    digest.update(repr((packages, settings.INSTALLED_APPS, settings.DATABASE_APP_ROLE)).encode())
    for path in sorted({path for pattern in _MADE_OF for path in settings.BASE_DIR.glob(pattern)}):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(str(path.relative_to(settings.BASE_DIR)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
