"""Take off a person's second factor, after the identity was checked; written into the audit."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.accounts.sign_in import person_named
from mla.accounts.sign_in_reset import IdentityNotChecked, second_factor_reset


class Command(BaseCommand):
    help = "Take off a person's second factor and recovery codes, and end the sessions. Check the identity first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="user name or e-mail address")
        parser.add_argument("--by", required=True, help="who does this")
        parser.add_argument("--checked", required=True, help="how the identity was checked; stands in the audit")

    def handle(self, *args: Any, **options: Any) -> None:
        user = person_named(options["name"])
        if user is None:
            raise CommandError("there is no such person, or several have this address")
        try:
            taken = second_factor_reset(user=user, operator=options["by"], checked=options["checked"])
        except IdentityNotChecked as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{taken} taken off. At the next sign-in a second factor is set up anew.")
