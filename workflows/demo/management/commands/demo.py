from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.audit.selectors import verify_chains
from mla.settings.env import BASE_DIR
from workflows.demo.case import DemoCase
from workflows.demo.launch import running_now
from workflows.demo.processes import running
from workflows.demo.report import course_of, languages_told, messages_of, signature_told, write_report
from workflows.demo.stories import Story, stories_from
from workflows.demo.walk import WalkFailed, cases_of_the_courses, make_anew, settle, walk

LOGS = BASE_DIR / "var" / "demo" / "logs"


class Command(BaseCommand):
    help = "Walk nine letters from draft to closed case, and tell the stories, through real workers, in a database made anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--patience", type=float, default=120.0, help="seconds without any progress before giving up"
        )

        parser.add_argument("--letters-only", action="store_true", help="the nine letters, without the stories")

    def handle(self, *args: Any, **options: Any) -> None:
        from mla.settings import ENV

        if not ENV.demo:
            raise CommandError("this makes its database anew: run `manage.py --demo demo`")
        if (other := running_now()) is not None:
            raise CommandError(f"this makes the database anew in which {other} works: end that first")
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
        started = time.monotonic()
        self._say(started, "preparing", "database, reference data")
        make_anew(ENV)
        with running(LOGS) as processes:
            self._say(started, "starting", ", ".join(processes))
            cases = cases_of_the_courses(lambda who, text: self._say(started, who, text))
            begun = len(cases) + 1
            stories = (
                [] if options["letters_only"] else stories_from(begun, lambda who, text: self._say(started, who, text))
            )

            def look() -> None:
                dead = [name for name, process in processes.items() if process.poll() is not None]
                if dead:
                    raise WalkFailed(f"{', '.join(dead)} ended")

            try:
                # The stories come after: the nine get the same references in every run.
                for few in (cases, stories):
                    walk([(case, case.run()) for case in few], patience=options["patience"], look=look)
                settle(patience=options["patience"])
            except WalkFailed as failed:
                raise CommandError(f"{failed}: see {LOGS.relative_to(BASE_DIR)}") from failed
        report = write_report(cases, stories)
        self._print_courses(cases)
        self._print_stories(stories)
        self._print_table([*cases, *stories])
        verification = verify_chains()
        if verification.broken:
            raise CommandError(f"the audit is broken: {verification.broken}")
        self.stdout.write(
            f"\n{verification.entries} audit entries in {verification.chains} chains verified; "
            f"report {report.relative_to(BASE_DIR)}; {time.monotonic() - started:.1f} s"
        )

    def _say(self, started: float, who: str, text: str) -> None:
        self.stdout.write(f"{time.monotonic() - started:6.1f} s  {who:<10} {text}")
        self.stdout.flush()

    def _print_courses(self, cases: list[DemoCase]) -> None:
        self.stdout.write("\nThe course on both sides, with the seconds since the first word:")
        for case in cases:
            self.stdout.write(f"\n{case.number}  {case.letter.title}")
            for line in course_of(case):
                self.stdout.write(f"   {line}")

    def _print_stories(self, stories: list[Story]) -> None:
        if stories:
            self.stdout.write("\nThe stories, message by message, with the statuses of both sides after each:")
        for story in stories:
            self.stdout.write(f"\n{story.number}  {story.letter.title}")
            for out, into in story.files():
                for told in messages_of(out, into):
                    self.stdout.write(f"   {told}")

    def _print_table(self, cases: Sequence[DemoCase]) -> None:
        head = (
            "case",
            "course",
            "our reference",
            "their reference",
            "outcome",
            "asked",
            "language",
            "signature",
            "time",
        )
        rows = [
            (
                str(case.number),
                f"{case.letter.requesting.jurisdiction} → {case.letter.requested.jurisdiction}",
                case.out.reference,
                case.into.reference,
                str(case.out.get_outcome_display()),
                str(case.out.items.count()) + " items",
                " + ".join(languages_told(case)),
                signature_told(case.out.document_sha256),
                f"{case.seconds:.1f} s",
            )
            for case in cases
        ]
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
        self.stdout.write("")
        for row in [head, tuple("─" * width for width in widths), *rows]:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
