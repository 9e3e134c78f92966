from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.demo import bench
from workflows.demo.bench_acts import measure_acts
from workflows.demo.bench_apart import is_apart, make_anew, run_again
from workflows.demo.bench_cases import measure_cases

DATABASE = "mla_bench"


class Command(BaseCommand):
    help = (
        "Measure letters a second, acts, and the way from approval to receipt, in a database made anew. "
        "With REDIS_URL set, let it be a Redis that no installation uses."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--letters", type=int, default=200, help="letters rendered by each side")
        parser.add_argument("--rounds", type=int, default=4, help="in how many turns")
        parser.add_argument("--acts", type=int, default=300, help="acts of each kind")
        parser.add_argument("--cases", type=int, default=24, help="cases from approval to receipt")
        parser.add_argument("--output", type=Path, default=bench.FOLDER / "core.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_apart(DATABASE):
            sys.exit(run_again(database=DATABASE, storage=bench.FOLDER / "storage", queue=3))
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
        make_anew()
        examples = bench.examples()
        report: dict[str, Any] = {"machine": bench.machine()}
        try:
            # The first letter of all reads the measures, the law's rules and the templates.
            bench.approve(examples[0], bench.case_in_review(examples[0]))
            report["acts"] = measure_acts(examples[3], acts_each=options["acts"])
            self._say("acts measured")
            report["cases"] = measure_cases(examples, cases=options["cases"])
            self._say("cases measured")
            # Last, and imported late: it preloads what a worker preloads.
            from workflows.demo.bench_letters import measure_letters

            report["letters"] = measure_letters(examples, letters=options["letters"], rounds=options["rounds"])
        except bench.BenchFailed as error:
            raise CommandError(str(error)) from error
        output: Path = options["output"]
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(report, indent=2) + "\n")
        self.stdout.write(bench.table(_rows(report)))
        self.stdout.write(f"\nwritten to {output}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _rows(report: dict[str, Any]) -> list[tuple[str, str]]:
    machine, acts, cases, letters = (report[name] for name in ("machine", "acts", "cases", "letters"))
    memory = letters["memory"]
    rows = [
        ("machine", f"{machine['cores']} cores, {machine['processor']}; load before {machine['load_before']}"),
        ("an act (perform)", f"{acts['perform']['median_ms']:.2f} ms, 90 % under {acts['perform']['p90_ms']:.2f} ms"),
        ("the same without audit", f"{acts['perform_without_audit']['median_ms']:.2f} ms"),
        ("a bare update", f"{acts['bare_update']['median_ms']:.2f} ms"),
        ("act to bare update", f"{acts['perform_to_bare']:.1f}"),
        ("share of the audit", f"{acts['audit_share']:.0%}"),
    ]
    rows += [
        (f"case: {step}", f"{found['median_ms']:.0f} ms, 90 % under {found['p90_ms']:.0f} ms ({found['n']})")
        for step, found in cases.items()
    ]
    rows += [
        ("letters a second, bare loop", f"{letters['raw_per_second']:.2f}"),
        ("letters a second, Celery", f"{letters['celery_per_second']:.2f}"),
        ("Celery to bare loop", f"{letters['celery_to_raw']:.2f}"),
    ]
    rows += [
        (
            f"worker after {found['letters']} letters",
            f"{found['rss'] / 2**20:.0f} MB resident, {found['pss'] / 2**20:.0f} MB own share"
            f" in {found['processes']} processes",
        )
        for found in memory
    ]
    return rows
