from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.accounts.services import OPERATOR, authority_add
from mla.core.errors import MlaError
from mla.reference.models import Authority, Jurisdiction


class Command(BaseCommand):
    help = "Add an authority: an office whose officers work on this installation, or, with --elsewhere, another one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="small letters, digits and hyphens; part of every reference, never changed")
        parser.add_argument("jurisdiction", help="ISO 3166-1 alpha-2 code")
        parser.add_argument("kind", choices=Authority.Kind.values)
        parser.add_argument("name", help="as it stands in letters")
        parser.add_argument("--central", help="code of the central authority it works through")
        parser.add_argument("--elsewhere", action="store_true", help="its officers do not work on this installation")
        parser.add_argument("--time-zone", default="UTC", help="IANA name; UTC")
        parser.add_argument("--language", action="append", default=[], help="BCP 47 code it works in; repeatable")
        parser.add_argument("--email", default="")
        parser.add_argument("--city", default="")
        parser.add_argument("--address", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        jurisdiction = Jurisdiction.objects.filter(code=options["jurisdiction"].upper()).first()
        if jurisdiction is None:
            raise CommandError(f"there is no jurisdiction {options['jurisdiction']}: give its ISO 3166-1 alpha-2 code")
        central = Authority.objects.filter(code=options["central"]).first() if options["central"] else None
        if options["central"] and central is None:
            raise CommandError(f"there is no authority {options['central']}")
        try:
            authority = authority_add(
                code=options["code"],
                jurisdiction=jurisdiction,
                kind=options["kind"],
                name=options["name"],
                central=central,
                hosted_here=not options["elsewhere"],
                time_zone=options["time_zone"],
                values={name: options[name] for name in ("email", "city", "address")}
                | {"languages": options["language"]},
                by=OPERATOR,
            )
        except MlaError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{authority.code}: {authority}, {authority.get_kind_display()} of {jurisdiction}")
