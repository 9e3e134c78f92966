from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.accounts.models import User
from mla.settings.env import BASE_DIR
from workflows.demo import bench
from workflows.demo import bench_web_pages as pages
from workflows.demo.bench_apart import is_apart, make_anew, run_again
from workflows.demo.bench_fill import IN, OUT, fill
from workflows.demo.bench_http import Browser
from workflows.demo.processes import stop, web
from workflows.drafting.services import letter_create
from workflows.engine.relay import relay_backlog
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course

DATABASE = "mla_bench_web"


class Command(BaseCommand):
    help = (
        "Measure every list, a section of a letter and saving an answer over HTTP, beside a trivial view and a bare "
        "list on the same server, in turns of one run, in a database made anew. Ends with 1 when a floor does not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=int, default=10_000, help="rows in each list")
        parser.add_argument("--rounds", type=int, default=60, help="times that each page is asked")
        parser.add_argument("--seconds", type=float, default=900, help="after these no further round begins")
        parser.add_argument("--again", action="store_true", help="keep the database of the last run")
        parser.add_argument("--output", type=Path, default=bench.FOLDER / "web.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_apart(DATABASE):
            sys.exit(run_again(database=DATABASE, storage=bench.FOLDER / "storage-web", queue=4))
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
        try:
            self._measure(options)
        except bench.BenchFailed as error:
            raise CommandError(str(error)) from error

    def _measure(self, options: dict[str, Any]) -> None:
        machine = bench.machine()
        example = bench.examples()[3]
        if not options["again"]:
            self._fill(example, options["rows"])
        sent = OutgoingRequest.objects.order_by("id").get(pk=self._first("sent"))
        draft = OutgoingRequest.objects.get(pk=self._first("draft"))
        actors = pages.people(example.cast)
        # Everybody's password in this database, known to this run alone.
        secret = secrets.token_urlsafe(24)
        User.objects.filter(pk__in=[actor.user_id for actor in actors.values()]).update(password=make_password(secret))
        found = pages.targets(draft, sent, (example.cast.central, example.cast.receiver))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        server = self._serve(port)
        try:
            browsers = {}
            for who, actor in actors.items():
                browsers[who] = Browser("127.0.0.1", port)
                browsers[who].sign_in(User.objects.get(public_id=actor.id).username, secret)
            self._state_a_purpose(browsers["auditor"])
            first = pages.first_visit(browsers["desk"])
            pages.measure(found, browsers, options["rounds"], options["seconds"], self._say)
        finally:
            stop([server])
        rows = pages.results(found)
        total = sum(first.values())
        report = {
            "machine": machine,
            "rows": {"each list": options["rows"], "out": OutgoingRequest.objects.count(),
                     "in": IncomingRequest.objects.count()},
            "first_visit": {"bytes": total, "most": pages.FIRST_VISIT, "files": first},
            "pages": rows,
        }  # fmt: skip
        output: Path = options["output"]
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(report, indent=2) + "\n")
        self._tell(report)
        self.stdout.write(f"\nwritten to {output}")
        if total > pages.FIRST_VISIT or any(row["over"] for row in rows):
            sys.exit(1)

    # --- the database ---

    def _fill(self, example: bench.Example, rows: int) -> None:
        make_anew()
        with bench.running("worker", "documents-worker", "relay"):
            case = bench.case_in_review(example)
            bench.approve(example, case)
            ready = OutgoingRequest.objects.filter(pk=case.pk).exclude(document_sha256="")
            bench.wait(ready.exists, 120, "the document")
            course.outgoing_send(outgoing=ready.get(), by=example.cast.registry(), channel="local")
            arrived = IncomingRequest.objects.filter(conversation_id=case.conversation_id)
            bench.wait(arrived.exists, 120, "the file at the other State")
            bench.wait(lambda: relay_backlog() == 0, 60, "idle workers")
        self._say("one case was sent and arrived")
        began = time.monotonic()
        fill(OutgoingRequest.objects.get(pk=case.pk), rows)
        cast = example.cast
        letter = letter_create(
            content=example.letter, authority=cast.originating, by=cast.drafter(), annexes=example.annexes
        )
        draft = chain.outgoing_open(letter=letter, by=cast.drafter(), urgency="routine")
        self._mark().write_text(json.dumps({"sent": case.pk, "draft": draft.pk}))
        self._say(f"{rows} rows in each of {len(OUT)} and {len(IN)} states, {time.monotonic() - began:.0f} s")

    @staticmethod
    def _mark() -> Path:
        return bench.FOLDER / "web-rows.json"

    def _first(self, which: str) -> int:
        if not self._mark().exists():
            raise CommandError("there is no last run: leave out --again")
        return int(json.loads(self._mark().read_text())[which])

    # --- the server ---

    def _serve(self, port: int) -> subprocess.Popen[bytes]:
        logs = bench.FOLDER / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with open(logs / "web.log", "wb") as log:
            server = subprocess.Popen(
                web("127.0.0.1", port, "workflows.demo.bench_wsgi:application"),
                cwd=BASE_DIR,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def answers() -> bool:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1.0):
                    return True
            except OSError:
                return server.poll() is not None

        bench.wait(answers, 60, "the web server", every=0.1)
        return server

    @staticmethod
    def _state_a_purpose(browser: Browser) -> None:
        answer = browser.post("/audit/purpose", {"purpose": ["Measuring how fast the record is shown"], "next": [""]})
        if answer.status != 302:
            raise bench.BenchFailed(f"the purpose was not taken: {answer.status}")

    # --- telling ---

    def _tell(self, report: dict[str, Any]) -> None:
        machine = report["machine"]
        self.stdout.write(f"{machine['cores']} cores, {machine['processor']}; load before {machine['load_before']}")
        self.stdout.write(
            "\n| Page | p50 ms | p95 ms | times | against | queries | bytes | |\n|---|---|---|---|---|---|---|---|"
        )
        for row in report["pages"]:
            held = "; ".join(row["over"]) or ("holds" if row["most"] else "")
            self.stdout.write(
                f"| {row['page']} | {row['p50_ms']} | {row['p95_ms']} | {row['ratio']} | {row['against']}"
                f" | {row['queries']} | {row['bytes']} | {held} |"
            )
        first = report["first_visit"]
        held = "holds" if first["bytes"] <= first["most"] else "over"
        self.stdout.write(f"\nfirst visit: {first['bytes']} bytes in {len(first['files'])} answers, {held}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
