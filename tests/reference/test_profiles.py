"""The profiles of States: loaded, edited, brought by a file; what an entry was is never lost."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from mla.accounts import services_profiles as profiles
from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.reference.errors import ReferenceChanged, ReferenceDataWrong
from mla.reference.files import ROOT
from mla.reference.models import ProfileChange, ProfileEntry
from mla.reference.profiles import COLUMNS, EntryWrong, value_checked
from mla.reference.services import reference_load
from mla.reference.services_profiles import ProfileFileWrong, fingerprint, profile_file, profile_file_plan
from tests.factories import officer

pytestmark = pytest.mark.django_db
FILE = ROOT / "data" / "profiles.csv"


def entry(*key: str) -> ProfileEntry:
    names = dict(zip(("jurisdiction__code", "topic", "instrument", "measure", "stage"), key, strict=False))
    return ProfileEntry.objects.select_related("jurisdiction").get(**names)


def latvian() -> ProfileEntry:
    return entry("LV", "language", "UNTOC-2000")


@pytest.fixture
def lawyer() -> Actor:
    return officer(Role.LEGAL, "de-central")


def row(**other: str) -> dict[str, str]:
    said = dict.fromkeys(COLUMNS, "") | {
        "jurisdiction": "BR", "topic": "language", "value": "pt", "source": "the central authority, asked",
        "last_verified": "2026-11-02", "confidence": "medium",
    }  # fmt: skip
    return said | other


def test_the_shipped_file_is_loaded_each_row_sourced_and_a_weak_one_to_be_confirmed() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert ProfileEntry.objects.count() == reference_load()["profile_entries"] == len(rows)
    assert all(one["source"] for one in rows)
    assert latvian().value == "en lv" and not latvian().to_be_confirmed
    assert entry("LV", "authority", "UNTOC-2000", "", "before_trial").value == "Prosecutor General's Office"
    us = entry("US", "proof_standard", "", "stored-content")
    assert us.to_be_confirmed and us.last_verified is None
    lithuanian = entry("LT", "language")
    assert (lithuanian.as_of, str(lithuanian.last_verified)) == ("2010", "2010-12-31")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("LV,language,UNTOC-2000,,,en lv", "LV,language,UNTOC-2000,,,english", "value: “english” is no code"),
        ("LV,language,UNTOC-2000,,,en lv", "LV,language,UNTOC-2000,,,", "value"),
        ("LV,language,UNTOC-2000", "LV,language,UNTOC-9", "instrument: there is no instrument"),
        ("LV,language,UNTOC-2000", "QQ,language,UNTOC-2000", "jurisdiction: there is no State"),
        ("LV,language,UNTOC-2000", "LV,tongue,UNTOC-2000", "topic: “tongue” is none of"),
        ("AL,dual_criminality,CETS-030,search-and-seizure", "AL,dual_criminality,CETS-030,tickling", "measure"),
        ("AU,channel,,,", "AU,channel,,,at_trial", "stage: an entry of this topic is not limited by it"),
        ("central diplomatic", "central pigeon", "value: “pigeon” is none of"),
        (",may_refuse,", ",perhaps,", "value: “perhaps” is none of"),
        ("2024-12-17", "last week", "last_verified: “last week” is no date"),
        ("2024-12-17,high", "2024-12-17,certain", "confidence"),
    ],
)
def test_a_wrong_row_is_refused_with_file_and_line_and_nothing_is_kept(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    for folder in ("data", "measures"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "data/profiles.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    before = list(ProfileEntry.objects.values())
    with pytest.raises(ReferenceDataWrong) as refused:
        reference_load(root=tmp_path)
    assert (refused.value.file, refused.value.line) == ("data/profiles.csv", line)
    assert says in str(refused.value)
    assert list(ProfileEntry.objects.values()) == before


def test_a_load_keeps_what_a_person_edited_or_took_out_and_notes_what_it_changes(lawyer: Actor, tmp_path: Path) -> None:
    edited, gone = latvian(), entry("LS", "language")
    profiles.profile_entry_save(row=edited.row() | {"value": "lv"}, expected=fingerprint(edited), by=lawyer)
    profiles.profile_entry_remove(entry=gone, expected=fingerprint(gone), by=lawyer)
    added = profiles.profile_entry_save(row=row(), expected="-", by=lawyer)
    for folder in ("data", "measures"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    text = FILE.read_text(encoding="utf-8").replace("mk+en", "mk")
    (tmp_path / "data/profiles.csv").write_text("".join(
        line for line in text.splitlines(keepends=True) if not line.startswith("SV,")
    ), encoding="utf-8")  # fmt: skip
    reference_load(root=tmp_path)
    assert latvian().value == "lv" and entry("LS", "language").removed
    assert ProfileEntry.objects.filter(pk=added.pk).exists()
    assert not ProfileEntry.objects.filter(jurisdiction__code="SV").exists()
    loaded = {c.jurisdiction.code: c for c in ProfileChange.objects.filter(act="load").select_related("jurisdiction")}
    assert set(loaded) == {"MK", "SV"}
    assert (loaded["MK"].before["value"], loaded["MK"].after["value"], loaded["SV"].after) == ("mk+en", "mk", None)


def test_an_edit_keeps_the_former_row_with_who_and_when_and_is_audited(lawyer: Actor) -> None:
    before = latvian()
    was = before.row()
    profiles.profile_entry_save(row=was | {"value": "lv en"}, expected=fingerprint(before), by=lawyer)
    again = latvian()
    profiles.profile_entry_verify(entry=again, expected=fingerprint(again), by=lawyer)
    verified, changed = ProfileChange.objects.filter(jurisdiction__code="LV")
    assert (changed.act, changed.before, changed.after["value"]) == ("change", was, "lv en")
    assert (verified.act, verified.before["last_verified"]) == ("verify", "2013-11-18")
    assert verified.after["last_verified"] == latvian().as_of != "2013-11-18"
    assert changed.by_authority_id == lawyer.authority_id and changed.by_label
    done = AuditEntry.objects.filter(act__startswith="profile.").order_by("pk")
    assert [(one.act, one.authority_id) for one in done] == [
        ("profile.change", lawyer.authority_id), ("profile.verify", lawyer.authority_id),
    ]  # fmt: skip
    for spoil in ("update reference_profilechange set by_label = 'x'", "delete from reference_profilechange"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(spoil)


def test_without_a_difference_nothing_is_written(lawyer: Actor) -> None:
    there = latvian()
    profiles.profile_entry_save(row=there.row(), expected=fingerprint(there), by=lawyer)
    assert latvian().edited_at is None and not ProfileChange.objects.exists()


def test_of_two_editors_the_later_one_is_refused_and_nothing_of_the_first_is_lost(lawyer: Actor) -> None:
    read = latvian()
    seen = fingerprint(read)
    profiles.profile_entry_save(row=read.row() | {"value": "lv"}, expected=seen, by=lawyer)
    with pytest.raises(ReferenceChanged, match="meanwhile"):
        profiles.profile_entry_save(row=read.row() | {"note": "second"}, expected=seen, by=lawyer)
    with pytest.raises(ReferenceChanged):
        profiles.profile_entry_verify(entry=read, expected=seen, by=lawyer)
    with pytest.raises(ReferenceChanged):
        profiles.profile_entry_remove(entry=read, expected=seen, by=lawyer)
    with pytest.raises(ReferenceChanged, match="already"):
        profiles.profile_entry_save(row=read.row(), expected="-", by=lawyer)
    assert (latvian().value, ProfileChange.objects.count()) == ("lv", 1)


def test_only_a_legal_officer_edits(lawyer: Actor) -> None:
    assert profiles.profile_entry_save(row=row(), expected="-", by=lawyer).jurisdiction.code == "BR"
    there = latvian()
    for role in set(Role) - {Role.LEGAL, Role.TIMER}:
        other = officer(role, "de-central")
        with pytest.raises(AccessDenied):
            profiles.profile_entry_save(row=there.row() | {"value": "lv"}, expected=fingerprint(there), by=other)
        with pytest.raises(AccessDenied):
            profiles.profile_entry_verify(entry=there, expected=fingerprint(there), by=other)
        with pytest.raises(AccessDenied):
            profiles.profile_entry_remove(entry=there, expected=fingerprint(there), by=other)
        with pytest.raises(AccessDenied):
            profiles.profile_file_apply(content=b"", digest="", by=other)
    assert latvian() == there and latvian().value == "en lv"


@pytest.mark.parametrize(
    ("topic", "value", "canonical"),
    [
        ("language", "mk+en  fr", "mk+en fr"),
        ("language", "zh-Hant", "zh-Hant"),
        ("chasers", "10 20", "10 20"),
        ("evidence_needed", "certified_copy apostille", "certified_copy apostille"),
        ("channel", "central central", "central"),
    ],
)
def test_value_is_kept_in_canonical_form(topic: str, value: str, canonical: str) -> None:
    assert value_checked(topic, value) == canonical


@pytest.mark.parametrize(
    ("topic", "value"),
    [("language", "EN"), ("language", "en+"), ("chasers", "30 20"), ("chasers", "0 5"), ("chasers", "30 30"), ("chasers", ""),
     ("chasers", "-1"), ("chasers", "٣٠"), ("evidence_given", "none seal"), ("evidence_needed", ""), ("note", "x"),
     ("authority", ""), ("dual_criminality", "")],
)  # fmt: skip
def test_value_of_another_kind_is_refused(topic: str, value: str) -> None:
    with pytest.raises(ValueError):
        value_checked(topic, value)


def test_every_fault_of_an_entry_is_told_with_its_field(lawyer: Actor) -> None:
    wrong = row(
        jurisdiction="QQ", value="English", source="", last_verified="2026-13", measure="other", note="a\u202eb"
    )
    with pytest.raises(EntryWrong) as refused:
        profiles.profile_entry_save(row=wrong, expected="-", by=lawyer)
    assert {name for name, _why in refused.value.problems} == {
        "jurisdiction", "value", "source", "last_verified", "measure", "note",
    }  # fmt: skip


# --- a whole file ---


def file(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    import io

    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, delimiter=delimiter, lineterminator="\r\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def test_export_is_the_shipped_format_and_brings_nothing_new_when_it_comes_back(lawyer: Actor) -> None:
    profiles.profile_entry_save(row=row(note="=1+1"), expected="-", by=lawyer)
    text = profile_file(ProfileEntry.objects.select_related("jurisdiction").order_by("jurisdiction__code", "topic"))
    assert "'=1+1" in text
    plan = profile_file_plan(content=text.encode())
    assert not plan.refused and not plan.would_change and len(plan.of("same")) == ProfileEntry.objects.count()
    shipped = profile_file_plan(content=FILE.read_bytes())
    assert not shipped.refused and not shipped.would_change


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_file_is_planned_and_then_done_as_planned(lawyer: Actor, delimiter: str) -> None:
    there = latvian()
    content = file(there.row() | {"value": "lv"}, row(), entry("LT", "language").row(), delimiter=delimiter)
    plan = profile_file_plan(content=content)
    assert [(one.change, one.line) for one in plan.rows] == [("changed", 2), ("added", 3), ("same", 4)]
    assert plan.rows[0].differs == [("value", "en lv", "lv")]
    assert not ProfileChange.objects.exists(), "a plan writes nothing"
    profiles.profile_file_apply(content=content, digest=plan.digest, by=lawyer)
    assert latvian().value == "lv" and entry("BR", "language").value == "pt"
    assert {one.act for one in ProfileChange.objects.all()} == {"import"} and ProfileChange.objects.count() == 2
    with pytest.raises(ReferenceChanged):
        profiles.profile_file_apply(content=content, digest=plan.digest, by=lawyer)


def test_file_with_a_wrong_row_is_told_line_by_line_and_none_of_it_is_done(lawyer: Actor) -> None:
    content = file(latvian().row() | {"value": "lv"}, row(value="pt br!"), row(topic="hours"), row(), row())
    plan = profile_file_plan(content=content)
    assert [(one.line, [field for field, _why in one.problems]) for one in plan.refused] == [
        (3, ["value"]), (4, ["topic"]), (5, [""]), (6, [""]),
    ]  # fmt: skip
    with pytest.raises(ProfileFileWrong):
        profiles.profile_file_apply(content=content, digest=plan.digest, by=lawyer)
    assert latvian().value == "en lv" and not ProfileChange.objects.exists()


def test_file_is_not_done_over_what_was_changed_since_it_was_planned(lawyer: Actor) -> None:
    content = file(latvian().row() | {"value": "lv"}, row())
    plan = profile_file_plan(content=content)
    there = latvian()
    profiles.profile_entry_save(row=there.row() | {"note": "meanwhile"}, expected=fingerprint(there), by=lawyer)
    with pytest.raises(ReferenceChanged):
        profiles.profile_file_apply(content=content, digest=plan.digest, by=lawyer)
    assert latvian().note == "meanwhile" and not ProfileEntry.objects.filter(jurisdiction__code="BR").exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"", "columns"),
        (b"jurisdiction,topic\nLV,language\n", "Missing"),
        (",".join(COLUMNS).encode(), "no rows"),
        (",".join(COLUMNS).encode() + b'\n"LV', "Line 2"),
    ],
)
def test_file_that_is_no_table_of_profiles_is_refused_with_why(content: bytes, says: str) -> None:
    with pytest.raises(ProfileFileWrong, match=says):
        profile_file_plan(content=content)
