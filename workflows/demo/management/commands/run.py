from __future__ import annotations

import argparse
import contextlib
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from mla import services
from mla.celery import app
from mla.settings.env import BASE_DIR
from workflows.demo import launch
from workflows.demo.accounts import accounts, accounts_made, let_in, make_accounts, password
from workflows.demo.courses import COURSES
from workflows.demo.open_cases import open_cases
from workflows.demo.processes import await_timestamps, commands, web
from workflows.demo.shelves import fill_shelves
from workflows.demo.signing import ensure_development_keys
from workflows.demo.supervisor import Supervisor
from workflows.demo.walk import WalkFailed, cases_of_the_courses, make_anew, settle, walk
from workflows.lifecycle.models import OutgoingRequest

#: Seconds until all must answer, and without any progress while the cases are brought on their way.
START_SECONDS, PATIENCE = 90.0, 120.0
#: Seconds between two looks at the embedded servers.
SERVERS_EVERY = 5.0
#: The authorities of one case, asking and asked, whose accounts are shown at the start.
SHOWN = ("us-prosecutor", "us-central", "is-central", "is-executing")
EVERYWHERE = ("0.0.0.0", "::")


class Command(BaseCommand):
    # What a developer is warned of is not for whoever tries it.
    requires_system_checks: list[str] = []
    help = (
        "Run the whole installation here: web, workers, relay and beat, with the embedded servers, on the database of "
        "the demonstration, which is filled at the first start. Ctrl-C ends it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=_port, default=8000, help="to listen on (8000)")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine alone)")
        parser.add_argument("--accounts", action="store_true", help="list every account with its authority, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        from mla.settings import ENV

        if not ENV.demo:
            raise CommandError("this runs on the database of the demonstration: `manage.py --demo run`")
        if options["accounts"]:
            self._list_accounts()
            return
        self.began = time.monotonic()
        self.host, self.port = options["host"], options["port"]
        self._take_signals()
        try:
            with launch.only_one():
                self._run()
        except (launch.LaunchRefused, WalkFailed, services.ServicesFailed) as error:
            raise CommandError(str(error)) from error

    def _take_signals(self) -> None:
        """End once, in order, by Ctrl-C, SIGTERM or the terminal's end; a second signal changes nothing."""
        ending: list[int] = []

        def end(number: int, frame: object) -> None:
            if not ending:
                ending.append(number)
                sys.exit(0)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, end)

    def _run(self) -> None:
        from mla.settings import ENV

        for name in launch.end_leftovers():
            self._say("left by a killed start, now ended", name)
        launch.wait_until_free(self.host, self.port)
        state = launch.Launch(address=self.address)
        state.write()
        supervisor = Supervisor(
            logs=launch.FOLDER / "logs",
            environment={
                launch.MARK: state.token,
                "ALLOWED_HOSTS": ",".join(self._hosts()),
                "PUBLIC_URL": self.address,
            },
            say=lambda text: self._say("again", text),
            note=state.note_child,
        )
        try:
            standing = self._standing()
            if standing in ("absent", "half"):
                self._say("database", "made anew" if standing == "absent" else "made anew: it was filled by half")
                make_anew(ENV)
                standing = "empty"
            ensure_development_keys(Path(settings.SIGNING_CONFIG).parent)
            for name, command in commands().items():
                supervisor.start(name, command)
                if name == "timestamps":
                    await_timestamps(supervisor.programs[name].process)
            if standing != "filled":
                self._fill(standing, supervisor)
            let_in(password())
            supervisor.start("beat", self._beat())
            launch.require_free(self.host, self.port)
            supervisor.start("web", web(self.host, self.port))
            self._await_answers(supervisor)
            self._welcome()
            self._stay(supervisor)
        finally:
            self._say("ending", "web, workers, relay and beat")
            supervisor.stop()
            launch.forget()
            self._say("ended", "nothing is left running")

    # --- the database ---

    def _standing(self) -> str:
        """Tell how far the database is: absent, empty, half, walked (the closed cases alone) or filled."""
        try:
            executor = MigrationExecutor(connection)
            left = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except OperationalError:
            return "absent"
        if left and not executor.loader.applied_migrations:
            return "absent"
        if left:
            raise launch.LaunchRefused(
                f"{len(left)} migrations are outstanding: `.venv/bin/python manage.py --demo migrate`"
            )
        if accounts_made():
            return "filled"
        cases = OutgoingRequest.objects.all()
        if not cases.exists():
            return "empty"
        return "walked" if cases.count() == cases.filter(status="closed").count() == len(COURSES) else "half"

    def _fill(self, standing: str, supervisor: Supervisor) -> None:
        """Walk the demonstration, leave cases open, and make the accounts: these last, as the mark that all is there."""
        if standing == "empty":
            self._say("filling", "nine example letters, from draft to closed case: once, in a minute or two")
            cases = cases_of_the_courses(self._say_end)
            walk([(case, case.run()) for case in cases], patience=PATIENCE, look=supervisor.look)
        self._say("filling", "cases in the middle of their way, for every role")
        walk(open_cases(self._say), patience=PATIENCE, look=supervisor.look)
        settle(patience=PATIENCE, look=supervisor.look)
        fill_shelves()
        make_accounts()

    # --- processes ---

    @property
    def address(self) -> str:
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def _hosts(self) -> list[str]:
        from django.conf import settings

        more = [socket.gethostname()] if self.host in EVERYWHERE else [self.host]
        return sorted({*settings.ALLOWED_HOSTS, *more})

    @staticmethod
    def _beat() -> list[str]:
        schedule = launch.FOLDER / "beat-schedule"
        return [
            *(sys.executable, "-m", "celery", "-A", "mla", "beat", "--loglevel", "WARNING"),
            *("--schedule", str(schedule)),
        ]

    def _await_answers(self, supervisor: Supervisor) -> None:
        until = time.monotonic() + START_SECONDS
        waiting = {"web": self._healthy, "workers": lambda: len(app.control.ping(timeout=0.5) or []) >= 2}
        while waiting:
            supervisor.look()
            for name, answers in list(waiting.items()):
                if answers():
                    del waiting[name]
            if waiting and time.monotonic() > until:
                logs = supervisor.logs.relative_to(BASE_DIR)
                raise launch.LaunchRefused(f"no answer from {', '.join(waiting)} in {START_SECONDS:.0f} s: see {logs}")
            time.sleep(0.1)

    def _healthy(self) -> bool:
        """Ask /healthz by hand: the house has no HTTP client outside its channels."""
        host = "127.0.0.1" if self.host in EVERYWHERE else self.host
        with (
            contextlib.suppress(OSError),
            contextlib.closing(socket.create_connection((host, self.port), timeout=5)) as asked,
        ):
            asked.sendall(f"GET /healthz HTTP/1.0\r\nHost: {self.address.removeprefix('http://')}\r\n\r\n".encode())
            return b" 200 " in asked.recv(64).partition(b"\r\n")[0] + b" "
        return False

    def _stay(self, supervisor: Supervisor) -> None:
        from mla.settings import ENV

        looked = time.monotonic()
        while True:
            supervisor.look()
            if ENV.embedded and time.monotonic() - looked > SERVERS_EVERY:
                looked = time.monotonic()
                for name in services.revive_services():
                    self._say("again", f"{name} had died and was started again")
            time.sleep(0.2)

    # --- telling ---

    def _say(self, who: str, text: str) -> None:
        # The terminal may be gone, and the end must go on.
        with contextlib.suppress(OSError):
            self.stdout.write(f"{time.monotonic() - self.began:6.1f} s  {who:<10} {text}")
            self.stdout.flush()

    def _say_end(self, who: str, text: str) -> None:
        """Of a case that is walked: its end alone."""
        if text.startswith("closed"):
            self._say(who, text)

    def _welcome(self) -> None:
        self._say("ready", f"{self.address} answers, with web, two workers, relay and beat")
        secret = launch.FOLDER.relative_to(BASE_DIR) / "password"
        lines = ["", f"  Open {self.address} and sign in as one of these, all with the password", ""]
        lines += [f"      {password()}      (kept in {secret})", ""]
        name = ""
        for account in accounts(SHOWN):
            if account.name != name:
                name = account.name
                lines += [f"  {name}"]
            lines += [f"      {account.username:<36} {account.role}"]
        logs = (launch.FOLDER / "logs").relative_to(BASE_DIR)
        lines += ["", "  Officers of the other authorities: `.venv/bin/python manage.py --demo run --accounts`"]
        lines += [f"  Ctrl-C ends everything; what was done stays. Logs: {logs}"]
        self.stdout.write("\n".join(lines) + "\n")
        self.stdout.flush()

    def _list_accounts(self) -> None:
        found = accounts()
        if not found:
            raise CommandError("there are no accounts yet: `make run` makes them")
        width = max(len(account.username) for account in found)
        name = ""
        for account in found:
            if account.name != name:
                name = account.name
                self.stdout.write(f"\n{name}")
            self.stdout.write(f"    {account.username.ljust(width)}  {account.role}")
        self.stdout.write(f"\nThe password of all of them is in {launch.FOLDER.relative_to(BASE_DIR) / 'password'}.")


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise argparse.ArgumentTypeError(f"{value} is no port: use a number from 1 to 65535")
    return int(value)
