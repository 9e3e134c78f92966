from __future__ import annotations

import shutil
import signal
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.audit.selectors import verify_chains
from mla.settings.env import BASE_DIR
from workflows.demo.case import DemoCase, Wait
from workflows.demo.courses import COURSES
from workflows.demo.processes import running
from workflows.demo.report import FOLDER, course_of, write_report
from workflows.drafting.letterfile import read_letter
from workflows.engine.models import OutboxJob
from workflows.engine.relay import relay_backlog

LETTERS = BASE_DIR / "examples" / "letters"


class Command(BaseCommand):
    help = "Walk eight letters from draft to closed case, through real workers, in a database made anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patience", type=float, default=120.0, help="seconds without any progress before giving up"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        from mla.settings import ENV

        if not ENV.demo:
            raise CommandError("this makes its database anew: run `manage.py --demo demo`")
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
        started = time.monotonic()
        self._say(started, "preparing", "database, reference data")
        self._anew()
        with running(BASE_DIR / "var" / "demo" / "logs") as processes:
            self._say(started, "starting", ", ".join(processes))
            cases = self._cases(started)
            self._walk(cases, options["patience"], processes)
            self._settle(options["patience"])
        report = write_report(cases)
        self._print_courses(cases)
        self._print_table(cases)
        verification = verify_chains()
        if verification.broken:
            raise CommandError(f"the audit is broken: {verification.broken}")
        self.stdout.write(
            f"\n{verification.entries} audit entries in {verification.chains} chains verified; "
            f"report {report.relative_to(BASE_DIR)}; {time.monotonic() - started:.1f} s"
        )

    def _anew(self) -> None:
        from mla.prepare import recreate_database
        from mla.settings import ENV

        recreate_database(ENV)
        shutil.rmtree(ENV.storage_dir, ignore_errors=True)
        shutil.rmtree(FOLDER, ignore_errors=True)

    def _cases(self, started: float) -> list[DemoCase]:
        cases = []
        for number, plan in enumerate(COURSES, start=1):
            path = self._letter(plan.letter)
            letter = read_letter(path.read_bytes(), name=path.name)
            pair = f"{number} {letter.requesting.jurisdiction}→{letter.requested.jurisdiction}"
            cases.append(
                DemoCase(
                    number=number,
                    plan=plan,
                    letter=letter,
                    folder=LETTERS,
                    say=lambda text, pair=pair: self._say(started, pair, text),  # type: ignore[misc]
                )
            )
        return cases

    @staticmethod
    def _letter(name: str) -> Any:
        return next(path for path in sorted(LETTERS.glob(f"{name}.*")) if path.suffix in {".toml", ".json"})

    def _walk(self, cases: list[DemoCase], patience: float, processes: dict[str, Any]) -> None:
        """Let every case go on until it waits, then look again: eight cases side by side."""
        walks = [(case, case.run()) for case in cases]
        waits: dict[int, Wait] = {}
        moved = time.monotonic()
        while walks:
            for case, walk in list(walks):
                _what, there = waits.get(case.number, ("", lambda: True))
                if not there():
                    continue
                moved = time.monotonic()
                try:
                    waits[case.number] = next(walk)
                except StopIteration:
                    walks.remove((case, walk))
            dead = [name for name, process in processes.items() if process.poll() is not None]
            if dead:
                raise CommandError(f"{', '.join(dead)} ended: see var/demo/logs")
            if time.monotonic() - moved > patience:
                waiting = "; ".join(f"case {case.number} for {waits[case.number][0]}" for case, _walk in walks)
                raise CommandError(f"no progress for {patience:.0f} s: {waiting}. See var/demo/logs")
            time.sleep(0.05)

    def _settle(self, patience: float) -> None:
        until = time.monotonic() + patience
        while relay_backlog():
            if time.monotonic() > until:
                raise CommandError(f"{relay_backlog()} jobs are left: see var/demo/logs")
            time.sleep(0.1)
        parked = OutboxJob.objects.filter(status=OutboxJob.Status.PARKED)
        if parked.exists():
            raise CommandError("parked: " + "; ".join(f"{job}: {job.last_error}" for job in parked))

    def _say(self, started: float, who: str, text: str) -> None:
        self.stdout.write(f"{time.monotonic() - started:6.1f} s  {who:<10} {text}")
        self.stdout.flush()

    def _print_courses(self, cases: list[DemoCase]) -> None:
        self.stdout.write("\nThe course on both sides, with the seconds since the first word:")
        for case in cases:
            self.stdout.write(f"\n{case.number}  {case.letter.title}")
            for line in course_of(case):
                self.stdout.write(f"   {line}")

    def _print_table(self, cases: list[DemoCase]) -> None:
        head = ("case", "course", "our reference", "their reference", "outcome", "asked", "time")
        rows = [
            (
                str(case.number),
                f"{case.letter.requesting.jurisdiction} → {case.letter.requested.jurisdiction}",
                case.out.reference,
                case.into.reference,
                str(case.out.get_outcome_display()),
                str(case.out.items.count()) + " items",
                f"{case.seconds:.1f} s",
            )
            for case in cases
        ]
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
        self.stdout.write("")
        for row in [head, tuple("─" * width for width in widths), *rows]:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
