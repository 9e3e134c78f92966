"""Loading the shipped reference data: whole, twice the same, and never over what a user wrote."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
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
from mla.reference.files import ROOT, data_version, instrument_rows
from mla.reference.models import (
    Authority,
    Declaration,
    Instrument,
    Jurisdiction,
    MeasureType,
    Participation,
    RefusalGround,
)
from mla.reference.places import line_of
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
        ("data/example_authorities.toml", 'jurisdiction = "US"', 'jurisdiction = "QQ"', None, "'QQ' is not known"),
        ("data/example_authorities.toml", 'city = "Capital District"', 'town = "X"', 3, "town is not known here"),
        ("data/treaties/CETS-185.toml", 'ground = "political_offence"', 'ground = "whim"', None, "'whim'"),
        ("data/treaties/CETS-185.toml", 'answer = "in_scope"', 'answer = "perhaps"', None, "answer"),
        ("data/treaties/CETS-185.toml", 'code = "CETS-185"', 'code = "CETS-186"', None, "not the file's name"),
        ("data/treaties/CETS-185.toml", "adopted = 2001-11-23", "adopted = 2001-11-", 6, "is not TOML"),
        ("measures/preservation/measure.toml", "position = 10", 'position = "first"', None, "position"),
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


US = "data/treaties/CH-US-1973.toml"
ROWS = "data/participation.csv"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (US, "in_force = 1977-01-23", "in_force = 1973-05-24", "is before it was adopted"),
        (US, 'parties = ["CH", "US"]', 'parties = ["CH", "QQ"]', "jurisdiction 'QQ' is not known"),
        (US, 'parties = ["CH", "US"]', 'parties = ["CH"]', "has two parties, not CH"),
        (US, 'parties = ["CH", "US"]', 'parties = ["CH", "CH"]', "has two parties"),
        (US, 'parties = ["CH", "US"]', "", "has two parties, not none"),
        (US, "testimony = {", "telepathy = {", "measure 'telepathy' is not known"),
        (US, '"bank-records", "stored-content"', '"bank-accounts", "stored-content"', "'bank-accounts' is not known"),
        (US, 'item = "facts"', 'item = "gossip"', "contents.2.item"),
        (US, 'item = "facts", article = "29"', 'item = "facts"', "contents.2.article"),
        (US, 'item = "facts", article = "29"', 'item = "facts", article = " "', "contents.2.article"),
        (US, 'ground = "fiscal_offence", article = "2"', 'ground = "fiscal_offence", article = ""', "refusal.1.article"),
        (US, 'article = "1"\n', 'article = " "\n', "scope.0.article is empty"),
        (US, 'subscriber-information = { answer = "in_scope", articles = ["1"],',
         'subscriber-information = { answer = "in_scope", articles = [""],', "measures.subscriber-information.articles"),
        (US, 'articles = "arts', 'articles = " "\n#', "articles is missing"),
        (US, 'as_of = "2015-03"', "", "as_of is missing"),
        (US, 'source = "U.S.', 'source = ""\n# "', "source is missing"),
        (US, "mla_treaty = true", 'mla_treaty = true\nsupplements = "NO-SUCH"', "instrument 'NO-SUCH' is not known"),
        (US, "mla_treaty = true", 'mla_treaty = true\nreplaces = ["CETS-030", "NO-SUCH"]', "'NO-SUCH' is not known"),
        (US, "mla_treaty = true", 'mla_treaty = true\nsupplements = "CH-US-1973"', "names the instrument itself"),
        ("data/treaties/CETS-224.toml", 'kind = "treaty"', 'kind = "treaty"\nparties = ["CH", "US"]', "only a bilateral treaty names its parties"),
        ("data/treaties/CETS-185.toml", "\nfr = {", "\nxx = {", "xx is no language that letters are written in"),
        (US, 'unread = ["time_limits"]', 'unread = ["contents"]', "contents is given and named in unread"),
        ("data/treaties/CETS-224.toml", 'state = "not_in_force"', 'state = "not_in_force"\nearliest = 2020-01-01\nlatest = 2019-01-01', "latest 2019-01-01 is before earliest"),
        (ROWS, "CH-US-1973,US,party,1973-05-25,,1977-01-23,", "CH-US-1973,US,party,1973-05-24,,1977-01-23,", "signed 1973-05-24 is before the instrument was adopted"),
        (ROWS, "CH-US-1973,US,party,1973-05-25,,1977-01-23,", "CH-US-1973,US,party,1973-05-25,,1970-01-23,", "in_force_date 1970-01-23 is before the instrument was adopted"),
        (ROWS, "CH-US-1973,US,party,1973-05-25,,1977-01-23,", "CH-US-1973,US,party,1973-05-25,,1976-01-23,", "before the instrument's own"),
        (ROWS, "CH-US-1973,US,party,1973-05-25,,1977-01-23,,", "CH-US-1973,US,party,1973-05-25,,1977-01-23,1977-01-23,", "is not after it was bound"),
        (ROWS, "CH-US-1973,US,party,1973-05-25,,", "CH-US-1973,US,party,1973-05-25,1978-01-01,", "is before consent_date 1978-01-01"),
        (ROWS, "CH-US-1973,US,party,1973-05-25,,1977-01-23,,", "CH-US-1973,US,signatory,1973-05-25,,,1990-01-01,", "never was bound"),
        (ROWS, "CH-US-1973,US,", "CH-US-1973,MX,", "MX is not one of the two parties"),
        (ROWS, "CH-US-1973,US,", "CH-US-1973,QQ,", "jurisdiction 'QQ' is not known"),
        (ROWS, "CH-US-1973,US,party,1973-05-25,,", "CH-US-1973,US,party,1973-13,,", "signed '1973-13' is not a date"),
        (ROWS, "EIO-2014,DK,not_party,", "EIO-2014,CH,bound,", "CH can never be bound"),
        (ROWS, "CETS-224,JP,ratified_not_in_force,2022-05-12,2023-08-10,,", "CETS-224,JP,party,2022-05-12,2023-08-10,2024-01-01,", "the instrument is not in force"),
    ],
)  # fmt: skip
def test_data_that_contradict_themselves_are_refused_with_file_and_line_and_nothing_is_kept(
    copy: Path, file: str, old: str, new: str, says: str
) -> None:
    before = _everything()
    text = (copy / file).read_text(encoding="utf-8")
    # The line of what was changed; a key that is missing has none: then that of what should hold it, or the first.
    changed = text.count("\n", 0, text.index(old)) + 1
    _replace(copy / "data/declarations.csv", "witness immunity", "witness protection")
    _replace(copy / file, old, new)
    with pytest.raises(ReferenceDataWrong) as refused:
        reference_load(root=copy)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{file}, line ")
    if not new:
        assert refused.value.line == 1
    else:
        assert refused.value.line - changed in range(new.count("\n") + 1)
    assert _everything() == before


def test_every_error_of_a_load_is_told_at_once_and_nothing_is_kept(copy: Path) -> None:
    before = _everything()
    edits = [
        ("data/jurisdictions.csv", "\nAE,ARE,784,state", "\nAE,ARE,784,empire", "kind"),
        (US, 'parties = ["CH", "US"]', 'parties = ["CH", "QQ"]', "jurisdiction 'QQ' is not known"),
        (
            US,
            'ground = "fiscal_offence", article = "2"',
            'ground = "fiscal_offence", article = ""',
            "refusal.1.article",
        ),
        (US, 'item = "facts", article = "29"', 'item = "gossip", article = "29"', "contents.2.item"),
        ("data/treaties/CETS-224.toml", 'kind = "treaty"', 'kind = "treaty', "is not TOML"),
        ("data/treaties/CETS-185.toml", 'ground = "political_offence"', 'ground = "whim"', "'whim'"),
        ("measures/preservation/measure.toml", "position = 10", 'position = "first"', "position"),
        (ROWS, "CETS-185,IS,party,", "CETS-185,IS,friend,", "status"),
        (ROWS, "CETS-185,IT,party,", "CETS-185,IT,party,,", "number of values"),
        ("data/declarations.csv", ",dual criminality,", ",,", "kind is missing"),
        ("data/profiles.csv", "US,", "QQ,", "QQ"),
    ]
    for file, old, new, _says in edits:
        _replace(copy / file, old, new)
    with pytest.raises(ReferenceDataWrong) as refused:
        reference_load(root=copy)
    told = [str(fault) for fault in refused.value.every]
    assert str(refused.value).splitlines() == told
    for file, _old, _new, says in edits:
        # A file whose rules are wrong is told all of them; what it names is looked at once they are whole.
        if (file, says) != (US, edits[1][3]):
            assert [text for text in told if text.startswith(f"{file}, line ") and says in text], (file, says)
    # What names a wrong row or a file that cannot be read is not wrong for that.
    assert len(told) == len(edits) - 1
    assert _everything() == before


def test_the_line_of_a_key_is_found_in_any_form_of_the_file() -> None:
    text = """code = "A"  # parties = ["X"]
"quoted key" = 1
text = \'\'\'
refusal = [
\'\'\'
refusal = [
  { ground = "a]", article = "1" }, { ground = "b" },

  # a note: [
  { ground = "c", measures = ["x",
    "y"] },
]
a.b = 3
[[scope]]
offences = ["*"]
[[scope]]
answer = "not"
[scope.more]
note = 1
[measures.other]
answer = "not"
[measures]
preservation = { answer = "in_scope", articles = ["1"] }
"""
    assert {path: line_of(text, path) for path in LINES} == LINES
    assert line_of("", ("code",)) == 1


LINES: dict[tuple[str | int, ...], int] = {
    ("code",): 1, ("quoted key",): 2, ("text",): 3, ("refusal",): 6, ("refusal", 0, "article"): 7,
    ("refusal", 1, "ground"): 7, ("refusal", 2): 10, ("refusal", 2, "measures", 1): 11, ("a", "b"): 13,
    ("scope", 0, "offences", 0): 15, ("scope", 1): 16, ("scope", 1, "answer"): 17, ("scope", 1, "more", "note"): 19,
    ("scope", 1, "question"): 16, ("measures", "other", "answer"): 21, ("measures", "preservation", "articles"): 23,
    ("nothing", 4): 1,
}  # fmt: skip


def test_every_key_of_the_shipped_files_is_found_where_it_stands() -> None:
    for row in instrument_rows(ROOT):
        lines = row.document.splitlines()
        for path, value in _leaves(row.values):
            found = lines[line_of(row.document, path) - 1]
            assert str(path[-1] if isinstance(path[-1], str) else value) in found.replace('\\"', '"'), (row.file, path)


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(item, (*path, key))
    else:
        yield path, value


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
