"""Brings an embedded database up to date before the first command that needs it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

from mla import services
from mla.settings.env import BASE_DIR, Env


def prepare_database(env: Env, *, migrate: bool = True) -> None:
    """Create the database, migrate as its owner and load the reference data, unless nothing changed since.

    Two commands at once wait for each other. Only for the embedded servers.
    """
    name = urlsplit(env.database_url).path.lstrip("/")
    where = services.location()
    with open(where.root / "prepare.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = where.root / f"prepared-{name}"
        state = _state()
        if mark.exists() and mark.read_text() == state:
            return
        services.ensure_database(name)
        if not migrate:
            return
        _bring_up_to_date(name)
        mark.write_text(state)


def recreate_database(env: Env) -> None:
    """Drop the database of the demonstration and make it anew, on whatever server it is.

    Raises:
        ValueError: the environment is not that of the demonstration.
        ServicesFailed: migrating or loading failed.
    """
    import psycopg
    from psycopg import sql

    if not env.demo:
        raise ValueError("only the database of the demonstration is ever dropped")
    name = urlsplit(env.database_url).path.lstrip("/")
    if os.environ.get("DATABASE_URL"):
        server = urlunsplit(urlsplit(env.database_owner_url)._replace(path="/postgres"))
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(env.database_owner_url, autocommit=True) as connection:
            role = sql.Identifier(urlsplit(env.database_url).username or "")
            for rights in ("select, insert, update, delete on tables", "usage, select on sequences"):
                connection.execute(sql.SQL("alter default privileges grant " + rights + " to {}").format(role))
        _bring_up_to_date(name)
    else:
        forget_database(name)
        prepare_database(env)


def _bring_up_to_date(name: str) -> None:
    for command, owner in (("migrate", "1"), ("load_reference", "0")):
        done = subprocess.run(
            [sys.executable, "-m", "django", command, "-v", "0"],
            env=os.environ | {"MLA_ACT_AS_OWNER": owner, "PYTHONPATH": str(BASE_DIR)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise services.ServicesFailed(f"{command} of {name} failed:\n{done.stdout}{done.stderr}")


def forget_database(name: str) -> None:
    """Drop the embedded database `name`; the next command makes it anew."""
    (services.location().root / f"prepared-{name}").unlink(missing_ok=True)
    from psycopg import sql

    with services.admin(services.location()) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _state() -> str:
    digest = hashlib.sha256()
    for pattern in (
        "*/*/migrations/*.py",
        "mla/reference/data/**/*",
        "mla/reference/measures/**/*",
        "mla/reference/*.py",
    ):
        for path in sorted(BASE_DIR.glob(pattern)):
            if path.is_file():
                digest.update(str(path.relative_to(BASE_DIR)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
