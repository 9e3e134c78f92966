"""Bring in a running register from a CSV file: shown first, done with --confirm. docs/register-import.md has the format."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.accounts.actors import Actor
from mla.accounts.capabilities import capability_table
from mla.accounts.models import Membership
from mla.core import clock
from mla.core.errors import MlaError
from workflows.engine.perform import recording_refusals
from workflows.lifecycle.importing_files import left_out_csv
from workflows.lifecycle.services.importing import Imported, ImportRefused, Preview, register_import, register_preview


class Command(BaseCommand):
    help = "Bring in a running register (CSV): shows each line; with --confirm takes all of them over, or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--authority", required=True, help="code of the authority whose register it becomes")
        parser.add_argument("--by", dest="username", required=True, help="user name of its registry or supervisor")
        parser.add_argument("--confirm", action="store_true", help="take the lines over")
        parser.add_argument("--leave-out", action="store_true", help="without the lines that have errors")
        parser.add_argument("--left-out", type=Path, help="write the lines that were left out, and why, into this file")
        parser.add_argument("--sha256", help="of the file that was shown: another one is refused")
        parser.add_argument("--json", action="store_true", help="for a program")

    def handle(self, *args: Any, file: Path, authority: str, username: str, **options: Any) -> None:
        """Exit code 1: the file cannot be read, a line has an error, or nothing is left to take over."""
        hat = self._hat(authority, username)
        by = Actor.user(hat.user, authority=hat.authority, role=hat.role)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        done: Imported | None = None
        refused = ""
        try:
            with recording_refusals():
                if options["confirm"]:
                    how = {"leave_out": options["leave_out"], "sha256": options["sha256"]}
                    done = register_import(data=data, name=file.name, by=by, **how)
                    preview = done.preview
                else:
                    preview = register_preview(data=data, name=file.name, by=by)
        except ImportRefused as error:
            preview, refused = error.preview, str(error)
        except MlaError as error:
            raise CommandError(str(error)) from error
        if options["left_out"] and preview.wrong:
            options["left_out"].write_bytes(left_out_csv(preview.wrong, delimiter=preview.delimiter))
        if options["json"]:
            self.stdout.write(json.dumps(_plain(preview, done, refused), ensure_ascii=False, indent=2))
        else:
            self._tell(preview, done, refused)
        if refused or (preview.wrong and not options["leave_out"]) or not preview.right:
            sys.exit(1)

    def _tell(self, preview: Preview, done: Imported | None, refused: str) -> None:
        for one in preview.lines:
            for problem in one.problems:
                self.stderr.write(f"line {problem.line}, {problem.column or 'the line'}: {problem.message}")
            if one.entry is not None and done is None:
                entry = one.entry
                told = (
                    f"line {one.line.number}: {entry.direction} {entry.reference}, {entry.other.code}, {entry.status}"
                )
                self.stdout.write(told + "".join(f" ({warning})" for warning in one.warnings))
        if refused:
            self.stderr.write(refused)
        elif done is not None:
            self.stdout.write(f"{len(done.outgoing)} requests out and {len(done.incoming)} requests in were taken over")
        else:
            self.stdout.write(
                f"{len(preview.right)} lines are right, {len(preview.wrong)} have errors; nothing was written"
            )
        if done is not None or not refused:
            self.stdout.write("".join(f"the register goes on with {number}\n" for number in preview.goes_on), ending="")
        self.stdout.write(f"SHA-256 of the file: {preview.sha256}")

    def _hat(self, authority: str, username: str) -> Membership:
        roles = capability_table()["outgoing.import"]
        hats = Membership.objects.valid(clock.now()).filter(
            user__username=username, authority__code=authority, user__is_active=True, role__in=roles
        )
        hat = hats.select_related("user", "authority").order_by("role").first()
        if hat is None:
            raise CommandError(f"{username} is neither registry nor supervisor of {authority}")
        return hat


def _plain(preview: Preview, done: Imported | None, refused: str) -> dict[str, Any]:
    return {
        "file": preview.name,
        "sha256": preview.sha256,
        "imported": bool(done),
        "refused": refused,
        "right": len(preview.right),
        "wrong": len(preview.wrong),
        "known": len(preview.known),
        "goes_on": preview.goes_on,
        "columns_not_read": list(preview.unread),
        "lines": [
            {
                "line": one.line.number,
                "direction": one.entry.direction if one.entry else "",
                "reference": one.entry.reference if one.entry else one.line.said.get("our_reference", ""),
                "status": one.entry.status if one.entry else "",
                "problems": [{"column": problem.column, "message": problem.message} for problem in one.problems],
                "warnings": list(one.warnings),
            }
            for one in preview.lines
        ],
    }
