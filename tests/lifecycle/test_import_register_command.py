"""The command that brings in a register: shows without --confirm, exits with 1 where something is wrong."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mla.accounts.models import Role
from mla.core.spreadsheet import plain_cell
from tests.factories import officer
from tests.lifecycle.test_importing import CAME, SENT, registry
from tests.lifecycle.test_importing_lines import KNOWN, file_of
from workflows.lifecycle.importing import COLUMNS, read_register
from workflows.lifecycle.importing_files import example_csv, left_out_csv
from workflows.lifecycle.importing_lines import checked
from workflows.lifecycle.models import ImportedEntry

pytestmark = pytest.mark.django_db
BY = f"{Role.REGISTRY}-is-central-1"


def run(file: Path, *more: str, by: str = BY) -> tuple[int, str, str]:
    out, errors = StringIO(), StringIO()
    code: Any = 0
    try:
        call_command(
            "import_register", str(file), "--authority", "is-central", "--by", by, *more, stdout=out, stderr=errors
        )
    except SystemExit as ended:
        code = ended.code
    return int(code), out.getvalue(), errors.getvalue()


@pytest.fixture
def register(tmp_path: Path) -> Path:
    registry()
    file = tmp_path / "register.csv"
    file.write_bytes(file_of(SENT, CAME))
    return file


def test_it_shows_then_does_and_does_nothing_twice(register: Path) -> None:
    code, told, _errors = run(register)
    assert code == 0 and "line 2: outgoing 77/2025, fr-central, sent" in told and not ImportedEntry.objects.exists()
    code, told, _errors = run(register, "--confirm")
    assert code == 0 and "1 requests out and 1 requests in were taken over" in told
    code, _told, errors = run(register, "--confirm", "--leave-out")
    assert code == 1 and "in the register already" in errors and ImportedEntry.objects.count() == 2


def test_errors_stop_it_or_are_left_out_into_a_file(register: Path, tmp_path: Path) -> None:
    register.write_bytes(file_of(SENT, CAME | {"state": "XX", "note": "=1+1"}))
    for more in ((), ("--confirm",)):
        code, _told, errors = run(register, *more)
        assert code == 1 and "line 3, state: “XX”" in errors and not ImportedEntry.objects.exists()
    left = tmp_path / "left.csv"
    code, told, _errors = run(register, "--confirm", "--leave-out", "--left-out", str(left), "--json")
    said = json.loads(told)
    assert code == 0 and (said["imported"], said["right"], said["wrong"]) == (True, 1, 1)
    mended = left.read_bytes().replace(b";XX;", b";FR;")
    assert b"'=1+1" in mended and plain_cell("'=1+1") == "=1+1"
    register.write_bytes(mended)
    assert run(register, "--confirm")[0] == 0
    assert ["note", "=1+1"] in ImportedEntry.objects.get(incoming__isnull=False).cells


def test_file_that_was_not_shown_strangers_and_no_csv_are_refused(register: Path) -> None:
    assert run(register, "--confirm", "--sha256", "0" * 64)[0] == 1
    officer(Role.DESK_OFFICER, "is-central")
    with pytest.raises(CommandError, match="neither registry nor supervisor"):
        run(register, by=f"{Role.DESK_OFFICER}-is-central-1")
    register.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match="CSV UTF-8"):
        run(register)
    with pytest.raises(CommandError):
        run(register.with_name("absent.csv"))
    assert not ImportedEntry.objects.exists()


def test_example_has_every_column_and_both_directions() -> None:
    register = read_register(example_csv(), name="example.csv")
    assert list(register.columns) == list(COLUMNS) and not register.unread
    found = checked(register, KNOWN)
    assert [one.entry and one.entry.direction for one in found] == ["outgoing", "incoming"]


def test_no_spreadsheet_takes_a_cell_that_was_left_out_for_a_formula() -> None:
    found = checked(read_register(file_of(SENT | {"subject": "=cmd|' /C calc'!A0", "state": "XX"}), name="r"), KNOWN)
    (line,) = read_register(left_out_csv(found, delimiter=";"), name="again").lines
    assert ";'=cmd|" in line.text and line.said["subject"] == "=cmd|' /C calc'!A0"
