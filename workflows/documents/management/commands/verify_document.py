"""Say of a PDF who signed it, when, whether it is intact, and whether it holds the content it names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.documents.signing_keys import signing_config
from workflows.documents.verifying import Checked, NotReadable, document_check_apart


class Command(BaseCommand):
    help = "Check a PDF: signature, timestamp, changes after it, and its attached content. Ends with 1 when it is not sound."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="for a machine to read")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            checked = document_check_apart(path.read_bytes(), signing_config().trust)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
        except NotReadable as error:
            raise CommandError(f"{path}: {error}") from None
        if options["json"]:
            self.stdout.write(json.dumps(checked.as_dict(), indent=2, ensure_ascii=False))
        else:
            for line in _lines(checked):
                self.stdout.write(line)
        if not checked.sound:
            sys.exit(1)


def _lines(checked: Checked) -> list[str]:
    lines = [f"file SHA-256      {checked.sha256}", f"title             {checked.title or '-'}"]
    if not checked.signatures:
        lines.append("signature         none")
    for one in checked.signatures:
        lines += [
            f"signer            {one.signer} (certificate {one.serial})",
            f"level             {one.level}",
            f"intact            {'yes' if one.intact else 'NO: the signed bytes are not those that were signed'}",
            f"nothing added     {'yes' if one.whole else 'NO: the file was changed after the signature'}",
            f"trusted           {one.trusted}",
            f"signed at         {one.said_at.isoformat() if one.said_at else '-'} (by the signer's clock)",
            f"proven at         {one.proven_at.isoformat() if one.proven_at else '-'} (by a timestamp service)",
        ]
    named, held = checked.translation_declared_sha256, checked.translation_attached_sha256
    translation = (
        [f"translation held  {held or 'none'}", f"translation named {named or 'none'}"] if named or held else []
    )
    return [
        *lines,
        f"content attached  {checked.attached_sha256 or 'none'}",
        f"content named     {checked.declared_sha256 or 'none'}",
        *translation,
        f"content matches   {checked.content_matches}",
        f"sound             {'yes' if checked.sound else 'NO'}",
    ]
