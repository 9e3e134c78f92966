"""Databases for the tests that kill: one made and filled for the session, copied for each test."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from mla import services
from mla.settings.env import BASE_DIR, Env
from tests.kill.installation import Server

_MAKE = "from mla.prepare import recreate_database; from mla.settings.env import Env; recreate_database(Env.read())"
_FORGET = "import sys; from mla.prepare import forget_database; forget_database(sys.argv[1])"
#: Holds the embedded servers of an own folder until its standard input ends, which it does with the test.
_HOLD = "import sys; from mla import services; services.ensure_services(); print('up', flush=True); sys.stdin.read()"


def _python(program: str, *arguments: str, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "mla.settings", "MLA_MODE": "test"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@contextlib.contextmanager
def made_database(name: str, **environment: str) -> Iterator[Server]:
    """Make a database as its owner, migrated and with the reference data; drop it at the end."""
    made = environment | {"MLA_DEMO": "1", "MLA_DEMO_DATABASE": name}
    with mock.patch.dict(os.environ, made):
        env = Env.read()
    server = Server(env.database_url, env.database_owner_url)
    try:
        _python(_MAKE, **made)
        yield server
    finally:
        if os.environ.get("DATABASE_URL") and not environment:
            server.named("postgres").execute(f'drop database if exists "{name}" with (force)')
        else:
            _python(_FORGET, name, **environment)


@contextlib.contextmanager
def copied_database(template: Server, source: str, name: str) -> Iterator[Server]:
    """Copy a database by TEMPLATE; drop the copy at the end, whoever is still connected."""
    maintenance = template.named("postgres")
    maintenance.execute(f'create database "{name}" template "{source}"')
    try:
        yield template.named(name)
    finally:
        maintenance.execute(f'drop database if exists "{name}" with (force)')


class OwnPostgres:
    """A PostgreSQL that may be stopped as by a loss of power: nobody else uses it."""

    def __init__(self) -> None:
        # Short, for its sockets; not below a private home, which the database's own user cannot enter.
        self.root = Path(tempfile.mkdtemp(prefix="mla-k-pg-", dir="/tmp"))
        with mock.patch.dict(os.environ, {"MLA_SERVICES_DIR": str(self.root)}):
            self.where = services.location()
        self.environment = {"MLA_SERVICES_DIR": str(self.root), "DATABASE_URL": "", "REDIS_URL": ""}
        self._holder = subprocess.Popen(
            [sys.executable, "-c", _HOLD],
            cwd=BASE_DIR,
            env=os.environ | self.environment | {"DATABASE_OWNER_URL": "", "PYTHONPATH": str(BASE_DIR)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"up\n", "the own PostgreSQL does not start"

    def stop_at_once(self) -> None:
        """Stop it without a word to its clients and without a checkpoint: it recovers from its log."""
        programs = services._programs(self.where)
        problem = services._try([programs / "pg_ctl", "-D", self.where.pgdata, "-m", "immediate", "-w", "stop"])
        assert problem is None, problem

    def start(self) -> None:
        services._start_postgres(self.where)

    def end(self) -> None:
        assert self._holder.stdin is not None
        self._holder.stdin.close()
        try:
            self._holder.wait(timeout=60)
        finally:
            for name in ("postgres", "valkey"):
                for process in services._processes(self.where, name):
                    process.kill()
            self._holder.kill()
            shutil.rmtree(self.root, ignore_errors=True)
            shutil.rmtree(self.where.sockets, ignore_errors=True)


def fresh_name(kind: str) -> str:
    return f"mla_kill{os.environ.get('MLA_TEST_NAME', '')}_{kind}_{secrets.token_hex(3)}"
