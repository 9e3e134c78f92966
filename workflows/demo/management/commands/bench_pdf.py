from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.demo import bench
from workflows.demo.bench_apart import is_apart, make_anew, run_again
from workflows.demo.signing import ensure_development_keys

DATABASE = "mla_bench_pdf"
#: Shown of each letter; all is in the file.
SHOWN = (
    "asked", "language", "pages", "raw_ms", "ours_ms", "ours_to_raw", "ours_to_raw_cpu", "cpu_ms_a_page", "sign_ms",
    "sign_cpu_ms", "largest_fork_mb",
)  # fmt: skip


def _size(value: str) -> int | str:
    return value if value == "longest" else int(value)


class Command(BaseCommand):
    help = (
        "Measure a letter's PDF against WeasyPrint alone, its signature, and its way through Celery, in a database made"
        " anew. Some 25 minutes; three with --memory 0 --pages 4 40. With REDIS_URL set, let it be a Redis that nothing uses."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pages", type=_size, nargs="+", default=[4, 40, "longest", 200])
        parser.add_argument("--languages", nargs="+", default=["en", "ar", "zh-Hans"])
        parser.add_argument("--rounds", type=int, default=5, help="turns of the short letter; half of them of 40 pages")
        parser.add_argument("--letters", type=int, default=16, help="letters through Celery, for each process")
        parser.add_argument(
            "--memory", type=int, default=500, help="letters over which the worker's memory is looked at"
        )
        parser.add_argument("--quick", action="store_true", help="the least of everything, to see that it runs")
        parser.add_argument("--output", type=Path, default=bench.FOLDER / "pdf.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_apart(DATABASE):
            sys.exit(run_again(database=DATABASE, storage=bench.FOLDER / "pdf-storage", queue=5))
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
        if options["quick"]:
            options |= {"pages": [4], "languages": ["en"], "rounds": 1, "letters": 2, "memory": 2}
        began = time.monotonic()
        make_anew()
        from workflows.demo.bench_pdf import measure
        from workflows.demo.bench_pdf_worker import measure_worker

        ensure_development_keys(Path(settings.SIGNING_CONFIG).parent)
        report: dict[str, Any] = {"machine": bench.machine()}
        try:
            report["worker"] = measure_worker(
                bench.examples(),
                letters=options["letters"],
                hints=100 if options["quick"] else 500,
                memory=options["memory"],
                say=self._say,
            )
            # Last: it preloads what a worker preloads, and makes this process large.
            report["letters"] = measure(options["pages"], options["languages"], options["rounds"], self._say)
        except bench.BenchFailed as error:
            raise CommandError(str(error)) from error
        report["machine"]["load_after"] = round(os.getloadavg()[0], 2)
        report["seconds"] = round(time.monotonic() - began)
        output: Path = options["output"]
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(report, indent=2) + "\n")
        self._tell(report)
        self.stdout.write(f"\nwritten to {output}")

    def _say(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()

    def _tell(self, report: dict[str, Any]) -> None:
        machine, worker = report["machine"], report["worker"]
        self.stdout.write(" | ".join(SHOWN))
        for row in report["letters"]:
            told = " | ".join(str(row[name]) for name in SHOWN)
            self.stdout.write(told if row["accepted"] else f"{told} | past what the product accepts")
        hint, memory = worker["hint"], worker["memory"]
        rows = [
            ("machine", f"{machine['cores']} cores, {machine['processor']}"),
            ("load", f"{machine['load_before']} before, {machine['load_after']} after; {report['seconds']} s"),
            ("first letter of a worker", f"{worker['first_ms']} ms, the next {worker['next_ms']} ms"),
            ("first to next", f"{worker['first_to_next']}"),
            ("Celery adds to a letter", f"{hint['added_ms']} ms ({hint['celery_ms']} and {hint['direct_ms']} without)"),
            ("letters a second, one process", f"{worker['one_process_per_second']}"),
            ("letters a second, two", f"{worker['two_processes_per_second']}"),
            ("two to one", f"{worker['two_to_one']}"),
        ]
        rows += [
            (f"worker after {one['letters']} letters", f"{one['pss'] / 2**20:.0f} MB in {one['processes']} processes")
            for one in memory
        ]
        self.stdout.write("\n" + bench.table(rows))
