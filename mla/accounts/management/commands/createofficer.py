from __future__ import annotations

import getpass
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from mla.accounts.models import Role, User
from mla.accounts.services import OPERATOR, membership_add, officer_add, officer_set_password
from mla.accounts.set_password import set_password_path
from mla.core.errors import MlaError
from mla.reference.models import Authority


class Command(BaseCommand):
    help = (
        "Add a person with a role at an authority, or give one who is there already another role. "
        "Prints a link by which the person sets the password, once, within three days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("authority", help="code of the authority")
        parser.add_argument("role", choices=[role for role in Role.values if role != Role.TIMER])
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])
        parser.add_argument(
            "--password", action="store_true", help="ask for the password, or read it from standard input: no link"
        )
        parser.add_argument("--site", default="", help="address of this installation, such as https://mla.example.net")

    def handle(self, *args: Any, **options: Any) -> None:
        authority = Authority.objects.filter(code=options["authority"]).first()
        if authority is None:
            raise CommandError(f"there is no authority {options['authority']}: `manage.py createauthority` adds one")
        if not authority.hosted_here and options["role"] != Role.FOREIGN_OFFICER:
            raise CommandError(f"officers of {authority.code} do not work on this installation")
        password = _asked() if options["password"] else None
        user = User.objects.filter(username=options["username"]).first()
        try:
            with transaction.atomic():
                if user is None:
                    user = officer_add(
                        **{
                            name: options[name] for name in ("username", "first_name", "last_name", "email", "language")
                        },
                        authority=authority,
                        role=options["role"],
                        password=password,
                        by=OPERATOR,
                    )
                else:
                    membership_add(user=user, authority=authority, role=options["role"], by=OPERATOR)
                    if password is not None:
                        officer_set_password(user=user, password=password, authority=authority, by=OPERATOR)
        except MlaError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.username} ({user}) is {Role(options['role']).label} of {authority}")
        if password is None and not user.has_usable_password():
            site = options["site"].rstrip("/") or f"https://{settings.ALLOWED_HOSTS[0]}"
            self.stdout.write(
                "To set the password, once, within three days; whoever has this link becomes that person:\n"
                f"{site}{set_password_path(user)}"
            )


def _asked() -> str:
    """Read a password: twice from a terminal, else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("the two differ")
    return password
