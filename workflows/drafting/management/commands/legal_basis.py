from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mla.core import clock
from mla.core.errors import MlaError
from workflows.drafting.resolver import OFFENCE_CATEGORIES, resolve
from workflows.drafting.resolver_types import BasisEntry, Excluded, Resolution, Standing


class Command(BaseCommand):
    help = (
        "Show which instruments are in force between two States on the day of a request, which are not and of which "
        "that is not known, and what each gives for a measure and an offence."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("requesting", help="the requesting State, ISO 3166-1 alpha-2")
        parser.add_argument("requested", help="the requested State")
        parser.add_argument("--on", default="", help="day of the request, YYYY-MM-DD; today (UTC) if left out")
        parser.add_argument("--measure", required=True, help="slug of the measure, such as stored-content")
        parser.add_argument("--offence", default=None, help=f"category: {', '.join(OFFENCE_CATEGORIES)}")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            on = date.fromisoformat(options["on"]) if options["on"] else clock.now().date()
        except ValueError as error:
            raise CommandError(f"--on {options['on']} is not a day (YYYY-MM-DD)") from error
        try:
            resolution = resolve(
                requesting=options["requesting"],
                requested=options["requested"],
                on=on,
                measure=options["measure"],
                offence_category=options["offence"],
            )
        except MlaError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(resolution.as_dict(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_page(resolution)))


def _page(resolution: Resolution) -> list[str]:
    offence = resolution.offence.category or "offence not given"
    lines = [
        f"{resolution.requesting} asks {resolution.requested} on {resolution.on.isoformat()}: "
        f"{resolution.measure}, {offence}",
        "This informs; it is no advice that a request is lawful. (?) marks what is to be confirmed.",
        "",
        "In force for both",
    ]
    lines += [line for entry in resolution.in_force for line in _entry(entry)] or ["  nothing known"]
    lines += ["", "Not in force"]
    lines += [line for row in resolution.not_in_force for line in _excluded(row)] or ["  nothing"]
    recorded = [row for row in resolution.unknown if row.recorded]
    lines += ["", "Not known (never a no)"]
    lines += [line for row in recorded for line in _excluded(row)]
    rest = [row.instrument for row in resolution.unknown if not row.recorded]
    if rest:
        lines.append(f"  nothing recorded on either State: {', '.join(rest)}")
    if resolution.declarations:
        lines += ["", "Declarations"]
        lines += [
            f"  {item.jurisdiction} {item.instrument} art. {item.article}, {item.kind}: {item.content} "
            f"(as of {item.as_of}){_doubt(item.to_be_confirmed)}"
            for item in resolution.declarations
        ]
    lines += ["", "Findings"]
    lines += [f"  {finding.severity}: {finding.message} [{finding.code}]" for finding in resolution.findings]
    return lines


def _entry(entry: BasisEntry) -> list[str]:
    scope = entry.scope.answer.replace("_", " ")
    lines = [
        f"  {entry.instrument:<14} {entry.role:<10} {scope:<11} "
        f"art. {', '.join(entry.articles) or '-'}{_doubt(entry.scope.to_be_confirmed)}  {entry.law.short_name}",
        f"{'':17}{_side(entry.requesting)}; {_side(entry.requested)}",
    ]
    lines += [f"{'':17}{text}" for text in (entry.role_reason, entry.scope.question) if text]
    return lines


def _side(side: Standing) -> str:
    since = side.since.isoformat() if side.since else f"date not known, recorded {side.as_of}"
    computed = " computed" if side.computed else ""
    return f"{side.jurisdiction} since {since}{computed}{_doubt(side.to_be_confirmed)}"


def _excluded(row: Excluded) -> list[str]:
    return [f"  {row.instrument:<14} {row.why}"]


def _doubt(to_be_confirmed: bool) -> str:
    return " (?)" if to_be_confirmed else ""
