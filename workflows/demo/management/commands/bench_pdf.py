from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from workflows.demo import bench
from workflows.demo.signing import ensure_development_keys


class Command(BaseCommand):
    help = (
        "Measure a letter's PDF against WeasyPrint alone, and its signature, for letters of several sizes and scripts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pages", type=int, nargs="+", default=[6, 40, 200])
        parser.add_argument("--languages", nargs="+", default=["en", "ar", "zh-hans"])
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--output", type=Path, default=bench.FOLDER / "pdf.json")

    def handle(self, *args: Any, **options: Any) -> None:
        from workflows.demo.bench_pdf import measure

        ensure_development_keys(Path(settings.SIGNING_CONFIG).parent)
        rows = measure(options["pages"], options["languages"], options["rounds"], self.stderr.write)
        report = {"machine": bench.machine(), "letters": rows}
        output: Path = options["output"]
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(report, indent=2) + "\n")
        names = list(rows[0])
        self.stdout.write(" | ".join(names))
        for row in rows:
            self.stdout.write(" | ".join(str(row[name]) for name in names))
        self.stdout.write(f"written to {output}")
