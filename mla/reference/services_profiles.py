"""Editing the profiles of States: one entry, or a whole file. What an entry was is kept with every change."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext as _

from mla.audit.services import Entry, What, Who, record
from mla.core import clock
from mla.core.canonical import canonical_bytes
from mla.core.locks import one_at_a_time
from mla.core.spreadsheet import plain_cell, safe_cell
from mla.reference.errors import ReferenceChanged, ReferenceEditRefused
from mla.reference.history import edited_now
from mla.reference.models import Instrument, Jurisdiction, Maintained, MeasureType, ProfileChange, ProfileEntry
from mla.reference.profiles import COLUMNS, KEY, EntryWrong, Known, entry_checked

#: Advisory lock: who writes an entry waits for who writes one, so that two cannot add the same.
PROFILE_LOCK = 4203
MOST_ROWS = 5_000

Change = Literal["added", "changed", "same"]


class ProfileFileWrong(ReferenceEditRefused):
    """The file as a whole cannot be read: no table, other columns, too many rows. The message says which."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What one row of a file would do. `before` is None where there is no such entry; `values`: the fields of the entry."""

    line: int
    change: Change
    before: dict[str, str] | None
    after: dict[str, str]
    values: Mapping[str, Any]

    @property
    def differs(self) -> list[tuple[str, str, str]]:
        """Column, what it is, what it would be: of the columns that would change."""
        was = self.before or {}
        return [
            (name, was.get(name, ""), self.after[name]) for name in COLUMNS if was.get(name, "") != self.after[name]
        ]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be taken: its line, what it says it is, and (column, why) for each fault."""

    line: int
    names: str
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change. `digest` covers what it would write and what stood there when it was planned."""

    rows: tuple[PlannedRow, ...]
    refused: tuple[RefusedRow, ...]
    digest: str

    def of(self, change: Change) -> list[PlannedRow]:
        return [row for row in self.rows if row.change == change]

    @property
    def would_change(self) -> bool:
        return any(row.change != "same" for row in self.rows)


def known_codes() -> Known:
    """Return the codes that an entry may name. Three queries."""
    return Known(
        jurisdictions=dict(Jurisdiction.objects.values_list("code", "pk")),
        instruments=set(Instrument.objects.values_list("code", flat=True)),
        measures=set(MeasureType.objects.values_list("slug", flat=True)),
    )


def fingerprint(entry: ProfileEntry | None) -> str:
    """Return what tells one state of an entry from another; a page keeps it to see a change by somebody else."""
    if entry is None or entry.removed:
        return "-"
    return hashlib.sha256(canonical_bytes(entry.row())).hexdigest()[:16]


def profile_entry_save(*, row: Mapping[str, str], expected: str, by: Who) -> ProfileEntry:
    """Add or change the entry that `row` names (columns of the file, as texts); loading keeps it from then on.

    `expected`: the `fingerprint` that the editor read, "-" where an entry is to be added. The caller has checked
    that `by` may edit profiles. Without a difference nothing is written. Audited at `by`'s authority.

    Raises:
        EntryWrong: columns that do not fit.
        ReferenceChanged: the entry is no longer as `expected`, or is there already.
        ReferenceEditRefused: `by` is under no authority.
    """
    values = entry_checked(row, known_codes())
    with one_at_a_time(PROFILE_LOCK):
        entry = _find(values)
        if fingerprint(entry) != expected:
            if expected == "-":
                raise ReferenceChanged(_("There is such an entry already. Change that one; nothing was saved."))
            raise ReferenceChanged(_("It was changed meanwhile. Look at it again; nothing was saved."))
        return _write(entry, values, ProfileChange.Act.CHANGE, by)


def profile_entry_verify(*, entry: ProfileEntry, expected: str, on: date, by: Who) -> ProfileEntry:
    """Note that a person has verified an entry on a day: its words stay, `last_verified` is that day.

    Raises: as profile_entry_save.
    """
    with one_at_a_time(PROFILE_LOCK):
        entry = ProfileEntry.objects.select_related("jurisdiction").get(pk=entry.pk)
        _require_unchanged(entry, expected)
        values = entry_checked(entry.row() | {"last_verified": on.isoformat()}, known_codes())
        return _write(entry, values, ProfileChange.Act.VERIFY, by)


def profile_entry_remove(*, entry: ProfileEntry, expected: str, by: Who) -> None:
    """Take an entry out of the profile. What it was stays in the history; loading does not bring it back.

    Raises:
        ReferenceChanged: the entry is no longer as `expected`.
        ReferenceEditRefused: `by` is under no authority.
    """
    with one_at_a_time(PROFILE_LOCK):
        entry = ProfileEntry.objects.select_related("jurisdiction").get(pk=entry.pk)
        _require_unchanged(entry, expected)
        before = entry.row()
        entry.removed, entry.edited_at = True, clock.now()
        entry.save()
        _note(entry, ProfileChange.Act.REMOVE, before, None, by)


def profile_file_plan(*, content: bytes) -> Plan:
    """Return what the rows of a CSV file (COLUMNS, in any order of rows) would change; nothing is written.

    Rows that the file does not have stay as they are. Comma, semicolon or tab between the values, UTF-8.

    Raises:
        ProfileFileWrong: the file as a whole cannot be read.
    """
    known = known_codes()
    there = {entry.key: entry for entry in ProfileEntry.objects.select_related("jurisdiction").filter(removed=False)}
    rows: list[PlannedRow] = []
    refused: list[RefusedRow] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, row in _rows_of(content):
        names = "/".join(row.get(name, "") for name in KEY)
        if None in row.values() or set(row) != set(COLUMNS):
            problem = _("the row has more or fewer values than there are columns")
            refused.append(RefusedRow(line, names, (("", problem),)))
            continue
        row = {name: plain_cell(value) for name, value in row.items()}
        key = tuple(row[name].strip() for name in KEY)
        if key in seen:
            problem = _("the same entry stands in line %(line)d") % {"line": seen[key]}
            refused.append(RefusedRow(line, names, (("", problem),)))
            continue
        seen[key] = line
        try:
            values = entry_checked(row, known)
        except EntryWrong as wrong:
            refused.append(RefusedRow(line, names, tuple(wrong.problems)))
            continue
        after = _row_of(values, row["jurisdiction"].strip())
        entry = there.get(key)
        before = entry.row() if entry else None
        change: Change = "added" if before is None else "same" if before == after else "changed"
        rows.append(PlannedRow(line, change, before, after, values))
    digest = hashlib.sha256(canonical_bytes([[row.change, row.before, row.after] for row in rows])).hexdigest()
    return Plan(tuple(rows), tuple(refused), digest)


def profile_file_apply(*, content: bytes, digest: str, by: Who) -> Plan:
    """Do exactly what was planned (`digest`) with a file: all of it or nothing.

    Raises:
        ProfileFileWrong: the file cannot be read, or a row of it is refused.
        ReferenceChanged: an entry was changed since the plan was made.
        ReferenceEditRefused: `by` is under no authority.
    """
    with one_at_a_time(PROFILE_LOCK):
        plan = profile_file_plan(content=content)
        if plan.refused:
            raise ProfileFileWrong(
                _("A row of the file cannot be taken, so nothing was: mend it and bring the file again.")
            )
        if plan.digest != digest:
            raise ReferenceChanged(_("An entry was changed since you looked. Look at it again; nothing was saved."))
        for row in plan.rows:
            if row.change != "same":
                _write(_find(row.values), row.values, ProfileChange.Act.IMPORT, by)
    return plan


def profile_file(entries: Iterable[ProfileEntry]) -> str:
    """Return entries as the text of a file in the shipped format; a cell that looks like a formula gets an apostrophe."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for entry in entries:
        table.writerow({name: safe_cell(cell) for name, cell in entry.row().items()})
    return text.getvalue()


def _rows_of(content: bytes) -> Iterable[tuple[int, dict[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise ProfileFileWrong(_("The file is not in UTF-8: save it as “CSV UTF-8”.")) from wrong
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        found = [(name or "").strip() for name in reader.fieldnames or ()]
        if sorted(found) != sorted(COLUMNS):
            missing, unknown = (
                ", ".join(sorted(one)) or "–" for one in (set(COLUMNS) - set(found), set(found) - set(COLUMNS))
            )
            message = _(
                "The columns are not those of a file of profiles. Missing: %(missing)s. Not known: %(unknown)s."
            )
            raise ProfileFileWrong(message % {"missing": missing, "unknown": unknown})
        reader.fieldnames = found
        rows = []
        for row in reader:
            rows.append((reader.line_num, row))
            if len(rows) > MOST_ROWS:
                raise ProfileFileWrong(
                    _("The file has more than %(most)d rows; bring it in parts.") % {"most": MOST_ROWS}
                )
    except csv.Error as wrong:
        message = _("Line %(line)d is no row of a CSV file: %(why)s") % {
            "line": reader.reader.line_num,
            "why": str(wrong),
        }
        raise ProfileFileWrong(message) from wrong
    if not rows:
        raise ProfileFileWrong(_("The file has no rows."))
    return rows


def _row_of(values: Mapping[str, Any], jurisdiction: str) -> dict[str, str]:
    said = dict(values) | {"jurisdiction": jurisdiction, "last_verified": values["as_of"]}
    return {name: said[name] for name in COLUMNS}


def _find(values: Mapping[str, Any]) -> ProfileEntry | None:
    key = {name: values[name] for name in ("jurisdiction_id", "topic", "instrument", "measure", "stage")}
    return ProfileEntry.objects.select_related("jurisdiction").filter(**key).first()


def _require_unchanged(entry: ProfileEntry, expected: str) -> None:
    if fingerprint(entry) != expected:
        raise ReferenceChanged(_("It was changed meanwhile. Look at it again; nothing was saved."))


def _write(entry: ProfileEntry | None, values: Mapping[str, Any], act: ProfileChange.Act, by: Who) -> ProfileEntry:
    before = entry.row() if entry and not entry.removed else None
    entry = entry or ProfileEntry(origin=Maintained.Origin.ADDED)
    for name, value in values.items():
        setattr(entry, name, value)
    entry.removed = False
    if before is not None and entry.row() == before:
        return entry
    entry.edited_at = clock.now()
    entry.save()
    if before is None and act == ProfileChange.Act.CHANGE:
        act = ProfileChange.Act.ADD
    _note(entry, act, before, entry.row(), by)
    return entry


def _note(
    entry: ProfileEntry,
    act: ProfileChange.Act,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
    by: Who,
) -> None:
    edited = edited_now(by)
    change = ProfileChange.objects.create(
        jurisdiction=entry.jurisdiction,
        act=act,
        before=before,
        after=after,
        **edited,
    )
    record(
        Entry(
            authority_id=edited["by_authority_id"],
            act=f"profile.{act}",
            by=by,
            on=What(type="profile", id=str(entry.public_id)),
            detail={"change": change.pk, "entry": str(entry)},
        )
    )
