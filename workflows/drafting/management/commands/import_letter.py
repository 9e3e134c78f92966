"""Import a letter file with its annexes as a new letter, and print its identifier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.accounts.actors import Actor
from mla.accounts.capabilities import capability_table
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.core.errors import MlaError
from mla.reference.models import Authority
from workflows.drafting.transfer import letter_import
from workflows.engine.perform import recording_refusals


class Command(BaseCommand):
    help = "Import a letter file (JSON or TOML) with the annexes beside it. All or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="username", required=True, help="who imports: a user name")
        parser.add_argument("--authority", help="code of the authority that drafts, where the user has several")
        parser.add_argument("--role", choices=[str(role) for role in Role], help="under which role")

    def handle(
        self, *args: Any, file: Path, username: str, authority: str | None, role: str | None, **options: Any
    ) -> None:
        try:
            hat = self._hat(username, authority, role)
            actor = Actor.user(hat.user, authority=hat.authority, role=hat.role)
            with recording_refusals():
                letter = letter_import(path=file, authority=hat.authority, by=actor)
        except MlaError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(letter.public_id))

    def _hat(self, username: str, authority: str | None, role: str | None) -> Membership:
        """Return the one membership that is meant, or name those there are."""
        if not User.objects.filter(username=username).exists():
            raise CommandError(f"there is no user {username}")
        if authority and not Authority.objects.filter(code=authority).exists():
            raise CommandError(f"there is no authority {authority}")
        hats = Membership.objects.valid(clock.now()).filter(user__username=username)
        hats = hats.select_related("user", "authority").order_by("authority__code", "role")
        named = [
            hat
            for hat in hats
            if (authority is None or hat.authority.code == authority) and (role is None or hat.role == role)
        ]
        drafting = capability_table()["letter.create"]
        chosen = named if authority and role else [hat for hat in named if hat.role in drafting]
        if len(chosen) != 1:
            held = ", ".join(f"{hat.role} at {hat.authority.code}" for hat in hats) or "none"
            what = "several roles that draft" if chosen else "no such role"
            raise CommandError(f"{username} has {what}; name --authority and --role. Held now: {held}")
        return chosen[0]
