"""Check a letter file: what it lacks, by question and article. Nothing is stored."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mla.core import clock
from mla.core.errors import MlaError
from workflows.drafting.findings import letter_findings
from workflows.drafting.law import law_for
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.transfer import letter_file_load


class Command(BaseCommand):
    help = "Check a letter file (JSON or TOML). Exit code: 0 no gap, 1 gaps, 2 not readable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")

    def handle(self, *args: Any, file: Path, json: bool, **options: Any) -> None:
        try:
            letter = letter_file_load(file)
            findings = letter_findings(letter, law=law_for(letter), today=clock.now().date(), at=clock.now())
        except MlaError as error:
            self._unreadable(error, as_json=json)
            sys.exit(2)
        complete = not any(finding.severity == "gap" for finding in findings)
        if json:
            self._print({"complete": complete, "findings": [finding.as_dict() for finding in findings]})
        else:
            for finding in findings:
                rule = f" [{finding.instrument} {finding.article}]".replace(" ]", "]") if finding.instrument else ""
                self.stdout.write(f"{finding.severity}: {finding.question}: {finding.message}{rule}")
            self.stdout.write("complete" if complete else "not complete")
        sys.exit(0 if complete else 1)

    def _unreadable(self, error: MlaError, *, as_json: bool) -> None:
        problems = error.problems if isinstance(error, LetterFileWrong) else ()
        if as_json:
            told = [{"where": problem.where, "message": problem.message} for problem in problems]
            self._print(
                {"complete": False, "findings": [], "unreadable": told or [{"where": "", "message": str(error)}]}
            )
        else:
            self.stderr.write(str(error))

    def _print(self, value: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))
