"""Write docs/letter.schema.json anew from the letter file's model, or tell whether it is current."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from workflows.drafting.schema import letter_schema


class Command(BaseCommand):
    help = "Regenerate docs/letter.schema.json. With --check: exit code 1 where it is not current."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "letter.schema.json"
        text = letter_schema()
        current = path.exists() and path.read_text(encoding="utf-8") == text
        if check:
            self.stdout.write("current" if current else f"{path} is not current: run manage.py letter_schema")
            sys.exit(0 if current else 1)
        if not current:
            path.write_text(text, encoding="utf-8")
        self.stdout.write(str(path))
