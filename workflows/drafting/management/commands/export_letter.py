"""Export a version of a letter as a letter file that imports again to the same content hash."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.core.errors import MlaError
from workflows.drafting.models import LetterOfRequest, LetterVersion
from workflows.drafting.transfer import Exported, letter_export


class Command(BaseCommand):
    help = "Print a letter file (JSON), or write it with its annexes into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", help="public identifier of the letter")
        parser.add_argument(
            "--version", dest="number", type=int, help="number of the version; default: the present one"
        )
        parser.add_argument("--to", type=Path, help="a folder that is empty or not there yet: letter.json and annexes/")

    def add_base_argument(self, parser: CommandParser, *args: Any, **kwargs: Any) -> None:
        # Django's own --version would take the name.
        if "--version" not in args:
            super().add_base_argument(parser, *args, **kwargs)

    def handle(self, *args: Any, id: str, number: int | None, to: Path | None, **options: Any) -> None:
        try:
            exported = letter_export(self._version(id, number))
        except MlaError as error:
            raise CommandError(str(error)) from error
        if to is None:
            self.stdout.write(exported.letter.decode())
        else:
            self._write(exported, to)

    def _version(self, public_id: str, number: int | None) -> LetterVersion:
        try:
            letter = LetterOfRequest.objects.filter(public_id=public_id).first()
        except ValidationError:
            letter = None
        if letter is None:
            raise CommandError(f"there is no letter {public_id}")
        version = letter.versions.filter(number=number or letter.current).first()
        if version is None:
            raise CommandError(f"letter {public_id} has no version {number}")
        return version

    def _write(self, exported: Exported, folder: Path) -> None:
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty")
        for name, content in exported.annexes.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        os.makedirs(folder, exist_ok=True)
        # The letter last: a folder without it was not finished.
        (folder / "letter.json").write_bytes(exported.letter)
        self.stdout.write(str(folder / "letter.json"))
