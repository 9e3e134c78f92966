from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.core import clock
from mla.reference.models import Instrument
from workflows.demo import bench
from workflows.demo.bench_law import Measured, measure_law

#: What a page can wait for, and what a small machine has.
P95_MS, MEMORY_MB = 2.0, 300.0


class Command(BaseCommand):
    help = (
        "Measure the legal basis and the check of contents for every ordered pair of States and four measures, on the "
        "reference data of this installation, beside a bare look-up of the rows. Reads, and writes nothing but its report."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pairs", type=int, help="so many pairs, drawn at random, instead of all")
        parser.add_argument("--states", type=int, help="all pairs of so many States, drawn at random")
        parser.add_argument("--on", default="", help="day of the request, YYYY-MM-DD; today (UTC) if left out")
        parser.add_argument("--strict", action="store_true", help="exit code 1 where the goals are not met")
        parser.add_argument("--output", type=Path, default=bench.FOLDER / "law.json")

    def handle(self, *args: Any, **options: Any) -> None:
        if not Instrument.objects.exists():
            raise CommandError("no reference data: run manage.py load_reference first")
        for name in ("pairs", "states"):
            if options[name] is not None and options[name] < (1 if name == "pairs" else 2):
                raise CommandError(f"--{name} {options[name]} is too few")
        try:
            on = dt.date.fromisoformat(options["on"]) if options["on"] else clock.now().date()
        except ValueError as error:
            raise CommandError(f"--on {options['on']} is not a day (YYYY-MM-DD)") from error
        machine = bench.machine()
        found = measure_law(on=on, pairs=options["pairs"], states=options["states"], progress=self._progress)
        output: Path = options["output"]
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps({"machine": machine, "on": on.isoformat()} | found.as_dict(), indent=2) + "\n")
        self.stdout.write(bench.table(_rows(found, machine)))
        self.stdout.write(f"\nwritten to {output}")
        if options["strict"] and not all(met for _words, met in _goals(found)):
            raise CommandError("; ".join(words for words, met in _goals(found) if not met))

    def _progress(self, done: int, of: int) -> None:
        if not self.stderr.isatty():
            return
        filled = 30 * done // of
        end = "\n" if done == of else ""
        self.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done:,} of {of:,} pairs", ending=end)
        sys.stderr.flush()


def _rows(found: Measured, machine: dict[str, Any]) -> list[tuple[str, str]]:
    answers, baseline = found.answers.as_dict(), found.baseline.as_dict()

    def line(times: dict[str, float]) -> str:
        return " ".join(f"{name} {value:8.3f}" for name, value in times.items()) + " ms"

    return [
        ("machine", f"{machine['cores']} cores, {machine['processor']}; load before {machine['load_before']}"),
        ("pairs, answers", f"{found.pairs:,}, {len(found.answers.wall):,} in {found.total_s:.1f} s"),
        ("reading the data once", f"{found.reading_s * 1000:.0f} ms"),
        ("resolver + contents, clock", line(answers["wall_ms"])),
        ("  of it processor", line(answers["processor_ms"])),
        ("look-up of the rows, clock", line(baseline["wall_ms"])),
        ("  of it processor", line(baseline["processor_ms"])),
        ("memory", f"{found.peak_rss / 2**20:.0f} MB at most, {found.rss_before / 2**20:.0f} MB before"),
        ("found", f"{found.bases:,} bases, {found.contents:,} contents not said"),
        *((words, "met" if met else "NOT met") for words, met in _goals(found)),
    ]


def _goals(found: Measured) -> list[tuple[str, bool]]:
    p95 = found.answers.as_dict()["wall_ms"]["p95"]
    return [
        (f"goal: p95 under {P95_MS:g} ms", p95 < P95_MS),
        (f"goal: memory under {MEMORY_MB:g} MB", found.peak_rss / 2**20 < MEMORY_MB),
    ]
