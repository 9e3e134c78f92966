from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mla.core import clock
from workflows.tracking.ball import Held, waiting
from workflows.tracking.cases import UnknownReference, case_by_reference
from workflows.tracking.deadlines import Deadline
from workflows.tracking.state import CaseState, case_state
from workflows.tracking.timeline import TimelineEntry

_ADMISSIBLE = ("version", "item", "type", "seq", "message", "document", "receipt", "channel", "outcome", "officer")
_HASHES = ("content_hash", "sha256", "hash")


class Command(BaseCommand):
    help = (
        "Print where a case stands and everything that happened to it, by our reference or theirs; both sides "
        "where both work here. For the operator: prints identifiers and hashes, no text of a case."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="our reference or the other State's")
        parser.add_argument("--json", action="store_true", help="print one JSON object, hashes in full")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            cases = case_by_reference(None, options["reference"])
        except UnknownReference as error:
            raise CommandError(str(error)) from error
        states = [case_state(None, case) for case in cases]
        if options["json"]:
            value = {"reference": options["reference"], "cases": [state.as_dict() for state in states]}
            self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))
            return
        now = clock.now()
        self.stdout.write("\n\n".join("\n".join(_lines(state, now)) for state in states))


def _lines(state: CaseState, now: datetime) -> list[str]:
    lines = [
        state.title,
        "=" * len(state.title),
        f"our reference    {state.reference or '-'}",
        f"their reference  {state.peer_reference or '-'}",
        f"status           {state.status_label}{f' ({state.outcome_label})' if state.outcome else ''}",
    ]
    if state.peer_status:
        lines.append(f"their last word  {state.peer_status} ({_instant(state.peer_status_at)})")
    held = state.held[-1] if state.held else None
    if held is not None and held.authority_id is not None:
        lines.append(f"waits for        {_holder(held, state)}, {held.why}, since {_ago(held.length(now))}")
    lines += ["", *_table(state.entries), "", "Who had it"]
    lines += [
        f"  {_instant(held.since)}  {_ago(held.length(now)):>10}  {_holder(held, state)}: {held.why}"
        for held in state.held
        if held.authority_id is not None and held.length(now) >= timedelta(seconds=1)
    ]
    total = ", ".join(f"{state.parties.get(pk, '?')} {_ago(time)}" for pk, time in waiting(state.held, now).items())
    lines += [f"  altogether: {total or '-'}", "", "Open points"]
    lines += [
        f"  {point.kind}: asked by {point.asked_by} {_instant(point.asked_at)}, due {point.due or 'without a date'}"
        for point in state.open_points
    ] or ["  none"]
    lines += ["", "Deadlines (working days are Monday to Friday; holidays are not known)"]
    lines += [_deadline(deadline, state, now) for deadline in state.deadlines] or ["  none"]
    return lines


def _table(entries: list[TimelineEntry]) -> list[str]:
    head = ("When (UTC)", "Who", "What", "Status", "Identifiers")
    rows = [
        (
            _instant(entry.at),
            _who(entry),
            entry.label if entry.on_case else f"  {entry.subject}: {entry.label}",
            _change(entry),
            _ids(entry.ids),
        )
        for entry in entries
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(4)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]).rstrip()
        for row in [head, tuple("-" * width for width in [*widths, len(head[4])]), *rows]
    ]


def _who(entry: TimelineEntry) -> str:
    match entry.who_kind:
        case "system":
            return "the system"
        case "peer":
            return f"the other State, {entry.authority}"
    return f"{entry.who}, {entry.role}, {entry.authority}"


def _change(entry: TimelineEntry) -> str:
    if entry.from_status == entry.to_status:
        return ""
    return f"{entry.from_label} > {entry.to_label}" if entry.from_status else f"> {entry.to_label}"


def _ids(ids: dict[str, Any]) -> str:
    shown = [f"{name} {ids[name]}" for name in _ADMISSIBLE if ids.get(name) not in (None, "")]
    for name in _HASHES:
        values = ids.get(name) or []
        for value in [values] if isinstance(values, str) else values:
            shown.append(f"{name} {value[:12]}")
    return ", ".join(shown)


def _deadline(deadline: Deadline, state: CaseState, now: datetime) -> str:
    left = deadline.days_left(now.date())
    when = f"{-left} days overdue" if left < 0 else f"in {left} days"
    nature = "legal" if deadline.legal else "not a legal limit"
    sure = "" if deadline.confirmed else ", not confirmed"
    whose = state.parties.get(deadline.for_authority_id, "?")
    note = f"; {deadline.note}" if deadline.note else ""
    return f"  {deadline.due}  {when:>16}  {deadline.kind.label} ({deadline.source}, {nature}{sure}; for {whose}){note}"


def _holder(held: Held, state: CaseState) -> str:
    return state.parties.get(held.authority_id or 0, "the other State")


def _instant(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "-"


def _ago(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if length.days:
        return f"{length.days} days"
    if seconds >= 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60} min"
    return f"{seconds // 60} min {seconds % 60} s"
