"""Loading the shipped reference data: whole, twice the same, and never over what a user wrote."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from mla.core import clock
from mla.reference.errors import ReferenceDataWrong
from mla.reference.files import ROOT, data_version
from mla.reference.models import (
    Authority,
    Declaration,
    Instrument,
    Jurisdiction,
    MeasureType,
    Participation,
    RefusalGround,
)
from mla.reference.selectors import reference_data_version
from mla.reference.services import reference_load

pytestmark = pytest.mark.django_db
TABLES = (Jurisdiction, Instrument, Participation, Declaration, Authority, MeasureType, RefusalGround)


def _rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "data" / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _everything() -> dict[str, list[dict[str, Any]]]:
    return {
        model.__name__: [
            model_to_dict(row) | {"pk": row.pk, "origin": getattr(row, "origin", "")}
            for row in model.objects.order_by("pk")
        ]
        for model in TABLES
    }


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped files that a test may spoil."""
    for folder in ("data", "measures"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_second_load_changes_nothing() -> None:
    before = _everything()
    counts = reference_load()
    assert (counts["created"], counts["changed"], counts["removed"]) == (0, 0, 0)
    assert _everything() == before


def test_a_load_restores_every_row_of_the_files_with_a_few_statements() -> None:
    before = _everything()
    for model in (Declaration, Participation, RefusalGround, Instrument):
        model.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        counts = reference_load()
    assert len(queries) < 60, "by tables, not by rows"
    assert counts["created"] == sum(
        len(before[model.__name__]) for model in (Declaration, Participation, RefusalGround, Instrument)
    )

    def without_keys(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        keep = [{k: v for k, v in row.items() if k not in {"pk", "id", "instrument"}} for row in rows]
        return sorted(keep, key=str)

    after = _everything()
    for name, rows in before.items():
        assert without_keys(after[name]) == without_keys(rows)


def test_the_tables_hold_as_many_rows_as_the_files() -> None:
    counts = reference_load()
    assert Participation.objects.count() == counts["participations"] == len(_rows("participation.csv"))
    assert Declaration.objects.count() == counts["declarations"] == len(_rows("declarations.csv"))
    assert Jurisdiction.objects.count() == counts["jurisdictions"] == len(_rows("jurisdictions.csv"))
    assert Authority.objects.filter(fictional=False).count() == len(_rows("authorities.csv"))
    assert Instrument.objects.count() == len(list((ROOT / "data/treaties").glob("*.toml")))
    assert MeasureType.objects.count() == len(list((ROOT / "measures").glob("*/measure.toml")))


def test_a_row_is_to_be_confirmed_exactly_where_its_source_is_weak_or_its_note_says_so() -> None:
    held = {
        (row.instrument.code, row.jurisdiction.code): row
        for row in Participation.objects.select_related("instrument", "jurisdiction")
    }
    us = held["CETS-185", "US"]
    assert us.to_be_confirmed
    assert "general knowledge" in us.note
    assert not held["CETS-185", "IS"].to_be_confirmed
    assert held["CETS-185", "TO"].to_be_confirmed, "a month is no day"
    assert held["CETS-185", "TO"].consent_date == date(2017, 5, 31)
    for row in held.values():
        assert row.to_be_confirmed or row.confidence == "high"
        assert row.as_of or row.confidence == "none"
        assert row.source


def test_what_a_user_edited_is_kept_and_the_rest_brought_up_to_date() -> None:
    edited = Participation.objects.get(instrument__code="CETS-185", jurisdiction__code="IS")
    edited.in_force_date, edited.edited_at = date(2007, 6, 1), clock.now()
    edited.save()
    spoiled = Participation.objects.get(instrument__code="CETS-185", jurisdiction__code="AL")
    spoiled.in_force_date = date(1999, 1, 1)
    spoiled.save()
    counts = reference_load()
    assert counts["changed"] == 1
    edited.refresh_from_db()
    spoiled.refresh_from_db()
    assert edited.in_force_date == date(2007, 6, 1)
    assert spoiled.in_force_date == date(2004, 7, 1)


def test_a_shipped_fact_that_left_the_files_goes_and_one_that_was_added_here_stays(copy: Path) -> None:
    instrument = Instrument.objects.get(code="CETS-185")
    added = Participation.objects.create(
        instrument=instrument, jurisdiction=Jurisdiction.objects.get(code="XK"), status="unknown", source="a person"
    )
    _replace(copy / "data/participation.csv", "\nCETS-185,IS,", "\nCETS-185,GL,")
    counts = reference_load(root=copy)
    assert (counts["created"], counts["removed"]) == (1, 1)
    assert not Participation.objects.filter(instrument=instrument, jurisdiction__code="IS").exists()
    assert Participation.objects.filter(pk=added.pk).exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "says"),
    [
        ("data/participation.csv", "\nASEAN-2004,ID,", "\nASEAN-2004,QQ,", None, "jurisdiction 'QQ' is not known"),
        ("data/participation.csv", "\nASEAN-2004,ID,", "\nNO-SUCH,ID,", None, "instrument 'NO-SUCH' is not known"),
        ("data/participation.csv", "\nASEAN-2004,ID,party", "\nASEAN-2004,ID,maybe", None, "status"),
        ("data/participation.csv", "\nASEAN-2004,ID,party,,", "\nASEAN-2004,ID,party,yesterday,", None, "signed"),
        ("data/participation.csv", "\nASEAN-2004,ID,party,,", "\nASEAN-2004,ID,party,2004-02-31,", None, "signed"),
        ("data/participation.csv", "\nASEAN-2004,ID,", "\nASEAN-2004,BN,", None, "repeats line"),
        ("data/participation.csv", "\nASEAN-2004,ID,party,", "\nASEAN-2004,ID,", None, "number of values"),
        ("data/participation.csv", "treaty_id,", "treaty,", 1, "columns are wrong"),
        ("data/declarations.csv", ",dual criminality,", ",,", 3, "kind is missing"),
        ("data/authorities.csv", "al-moj-27,AL,central", "al-moj-27,AL,office", 3, "kind"),
        ("data/jurisdictions.csv", "\nAE,ARE,784,state", "\nAE,ARE,784,empire", 3, "kind"),
        ("data/example_authorities.toml", 'jurisdiction = "US"', 'jurisdiction = "QQ"', 3, "'QQ' is not known"),
        ("data/example_authorities.toml", 'city = "Capital District"', 'town = "X"', 3, "town is not known here"),
        ("data/treaties/CETS-185.toml", 'ground = "political_offence"', 'ground = "whim"', 1, "'whim'"),
        ("data/treaties/CETS-185.toml", 'answer = "in_scope"', 'answer = "perhaps"', 1, "answer"),
        ("data/treaties/CETS-185.toml", 'code = "CETS-185"', 'code = "CETS-186"', 1, "not the file's name"),
        ("data/treaties/CETS-185.toml", "adopted = 2001-11-23", "adopted = 2001-11-", 6, "is not TOML"),
        ("measures/preservation/measure.toml", "position = 10", 'position = "first"', 1, "position"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_with_its_file_and_line_and_nothing_is_kept(
    copy: Path, file: str, old: str, new: str, line: int | None, says: str
) -> None:
    before = _everything()
    text = (copy / file).read_text(encoding="utf-8")
    line = line or text.count("\n", 0, text.index(old) + len(old)) + 1
    _replace(copy / "data/declarations.csv", "witness immunity", "witness protection")
    _replace(copy / file, old, new)
    with pytest.raises(ReferenceDataWrong) as refused:
        reference_load(root=copy)
    assert (refused.value.file, refused.value.line) == (file, line)
    assert says in str(refused.value)
    assert _everything() == before


def test_the_version_of_the_data_is_the_hash_of_its_files(copy: Path) -> None:
    assert reference_data_version() == data_version() == data_version(copy)
    _replace(copy / "data/participation.csv", "2007-05-01", "2007-05-02")
    changed = data_version(copy)
    assert changed != data_version()
    shutil.copy(copy / "data/declarations.csv", copy / "data/more.csv")
    assert data_version(copy) not in {changed, data_version()}


def test_the_command_tells_what_it_loaded(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("load_reference")
    assert "251 jurisdictions" in capsys.readouterr().out

    def fails() -> None:
        raise ReferenceDataWrong("data/x.csv", 7, "is wrong")

    monkeypatch.setattr("mla.reference.management.commands.load_reference.reference_load", fails)
    with pytest.raises(CommandError, match=r"data/x\.csv, line 7: is wrong"):
        call_command("load_reference")
