"""The countries: every officer reads them, a legal officer keeps them right, nothing typed and nothing known is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.reference.models import Jurisdiction, ProfileChange, ProfileEntry
from tests.factories import officer
from tests.reference.test_profiles import entry, file, latvian, row
from tests.web.test_lists import queries

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]


@pytest.fixture
def lawyer(at_desk: AtDesk) -> Client:
    return at_desk(officer(Role.LEGAL, "de-central"))


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def seen_in(html: str) -> str:
    return re.findall(r'name="seen" value="([^"]*)"', html)[0]


def said(**other: str) -> dict[str, str]:
    return {
        "value": "lv", "note": "", "source": "the central authority", "last_verified": "2026-11-20", "confidence": "high",
    } | other  # fmt: skip


def test_list_shows_every_state_and_finds_by_name_code_and_what_is_stale(at_desk: AtDesk) -> None:
    reader = at_desk(officer(Role.REGISTRY, "de-central"))
    first = text_of(reader, "/countries/")
    assert "Albania" in first and "/countries/?after=" in first
    found = text_of(reader, "/countries/?q=latv")
    assert "/countries/LV/" in found and "/countries/LT/" not in found
    assert "/countries/LV/" in text_of(reader, "/countries/?q=lv")
    assert "No State fits" in text_of(reader, "/countries/?q=atlantis")
    ProfileEntry.objects.filter(jurisdiction__code="GB").update(last_verified="2999-01-01")
    stale = text_of(reader, "/countries/?show=stale")
    assert "/countries/LV/" in stale and "/countries/GB/" not in stale and "/countries/FR/" not in stale
    assert "/countries/GB/" in text_of(reader, "/countries/?show=known")
    assert "Bring a file" not in first


def test_pages_of_the_list_hold_every_state_once(at_desk: AtDesk) -> None:
    reader, path, codes = at_desk(officer(Role.AUDITOR, "de-central")), "/countries/", list[str]()
    while path:
        html = text_of(reader, path)
        codes += re.findall(r'href="/countries/([A-Z]{2})/"', html)
        [path] = re.findall(r'href="([^"]+)" rel="next"', html) or [""]
    assert codes == sorted(Jurisdiction.objects.values_list("code", flat=True))


@pytest.mark.parametrize("path", ["/countries/", "/countries/LV/", "/countries/export.csv"])
def test_queries_do_not_grow_with_the_rows(lawyer: Client, path: str) -> None:
    few = queries(lawyer, path)
    state = Jurisdiction.objects.get(code="LV")
    for n in range(30):
        ProfileEntry.objects.create(jurisdiction=state, topic="note", instrument=f"X-{n}", note="n", source="s")
        ProfileChange.objects.create(
            jurisdiction=state, act="change", before=None, after=row(), by_label="x", at="2026-01-01T00:00Z"
        )
    cache.clear()
    with CaptureQueriesContext(connection) as many:
        assert lawyer.get(path).status_code == 200
    assert len(many) == few <= 12


def test_state_is_shown_with_entries_declarations_and_offices_each_with_source_and_age(at_desk: AtDesk) -> None:
    html = text_of(at_desk(officer(Role.DESK_OFFICER, "de-central")), "/countries/LV/")
    for words in (
        "Prosecutor General&#x27;s Office", "before trial", "<bdi>English</bdi>; ", "Latvian", "UNTOC-2000", "Declared by the State.",
        "Designated by the State.", "2013-11-18", "verify again", "to be confirmed", "zmjones",
    ):  # fmt: skip
        assert words in html, words
    assert "I verified it today" not in html
    nothing = text_of(at_desk(officer(Role.DESK_OFFICER, "de-central")), "/countries/BR/")
    assert "Nothing is known of this State here" in nothing
    text_of(at_desk(officer(Role.DESK_OFFICER, "de-central")), "/countries/QQ/", 404)


def test_entry_is_added_changed_and_verified_and_the_page_shows_what_it_was(lawyer: Client) -> None:
    assert lawyer.post("/countries/BR/add/language", said(value="pt")).status_code == 302
    added = entry("BR", "language")
    address = f"/countries/entries/{added.public_id}/"
    seen = seen_in(text_of(lawyer, address))
    assert lawyer.post(address, said(value="pt es", last_verified="2019", seen=seen)).status_code == 302
    seen = seen_in(text_of(lawyer, address))
    assert lawyer.post(address, {"do": "verify", "seen": seen}).status_code == 302
    html = text_of(lawyer, "/countries/BR/")
    assert "<bdi>Portuguese</bdi>; " in html and "Spanish" in html
    assert html.count("Officer legal") >= 4 and "<del>" in html
    assert entry("BR", "language").last_verified.year >= 2026  # type: ignore[union-attr]
    assert [one.act for one in ProfileChange.objects.all()] == ["verify", "change", "add"]


@pytest.mark.parametrize(
    ("topic", "sent", "field"),
    [
        ("language", said(value="English"), "value"),
        ("language", said(value="pt", source=""), "source"),
        ("language", said(value="pt", last_verified="soon"), "last_verified"),
        ("language", said(value="pt", note="a\u202eb"), "note"),
        ("chasers", said(value="30 10"), "value"),
        ("dual_criminality", said(value="perhaps"), "value"),
        ("note", said(note=""), "note"),
    ],
)
def test_fault_is_told_beside_its_field_and_what_was_typed_stays(
    lawyer: Client, topic: str, sent: dict[str, str], field: str
) -> None:
    answer = lawyer.post(f"/countries/BR/add/{topic}", sent | {"note": sent["note"] or ""})
    html = answer.content.decode()
    assert answer.status_code == 422 and f'href="#id_{field}"' in html
    if field != "source":
        assert "the central authority" in html
    assert not ProfileEntry.objects.filter(jurisdiction__code="BR").exists()


def test_of_two_editors_the_later_one_is_told_sees_what_stands_now_and_may_go_on(lawyer: Client) -> None:
    address = f"/countries/entries/{latvian().public_id}/"
    old = seen_in(text_of(lawyer, address))
    assert lawyer.post(address, said(value="lv", seen=old)).status_code == 302
    answer = lawyer.post(address, said(value="lv ru", note="second", seen=old))
    html = answer.content.decode()
    assert answer.status_code == 422 and "changed meanwhile" in html
    assert 'value="lv ru"' in html and "second" in html and "As the entry stands now" in html
    assert latvian().value == "lv"
    for act in ("verify", "remove"):
        assert lawyer.post(address, {"do": act, "seen": old}).status_code == 422
    assert latvian().value == "lv" and not latvian().removed
    assert lawyer.post(address, said(value="lv ru", note="second", seen=seen_in(html))).status_code == 302
    assert latvian().value == "lv ru"
    again = lawyer.post("/countries/LV/add/language", said(instrument="UNTOC-2000"))
    assert again.status_code == 422 and "already" in again.content.decode()


def test_entry_is_taken_out_and_its_history_stays(lawyer: Client) -> None:
    address = f"/countries/entries/{latvian().public_id}/"
    assert lawyer.post(address, {"do": "remove", "seen": seen_in(text_of(lawyer, address))}).status_code == 302
    html = text_of(lawyer, "/countries/LV/")
    assert "removed" in html and address not in html
    text_of(lawyer, address, 404)
    assert lawyer.post("/countries/LV/add/language", said(instrument="UNTOC-2000")).status_code == 302


def upload(client: Client, content: bytes, status: int = 200) -> str:
    answer = client.post("/countries/import", {"file": SimpleUploadedFile("profiles.csv", content)})
    assert answer.status_code == status
    return answer.content.decode()


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'name="(content|digest)" value="([^"]+)"', html))


def test_file_is_shown_then_done_exactly_as_shown(lawyer: Client) -> None:
    html = upload(lawyer, file(latvian().row() | {"value": "lv"}, row(), entry("LT", "language").row()))
    assert "Would be changed" in html and "Would be added" in html and "1 entry would stay" in html
    assert "<bdi>Brazil</bdi>" in html and "press, inference, or a list without dates" in html
    assert latvian().value == "en lv"
    assert lawyer.post("/countries/import/apply", hidden(html)).status_code == 302
    assert latvian().value == "lv" and entry("BR", "language").value == "pt"


def test_file_with_a_wrong_row_cannot_be_done(lawyer: Client) -> None:
    html = upload(lawyer, file(latvian().row() | {"value": "lv"}, row(value="?")))
    assert "Cannot be taken" in html and "Line 3:" in html and "Do exactly this" not in html
    for content in (b"a,b\n1,2\n", b"\xff", b""):
        assert "error-summary" in upload(lawyer, content, 422)
    assert latvian().value == "en lv"


def test_file_is_not_done_over_a_change_made_meanwhile_nor_when_it_was_tampered_with(at_desk: AtDesk) -> None:
    lawyer, other = at_desk(officer(Role.LEGAL, "de-central")), at_desk(officer(Role.LEGAL, "de-central", 2))
    shown = hidden(upload(lawyer, file(latvian().row() | {"value": "lv"})))
    address = f"/countries/entries/{latvian().public_id}/"
    assert lawyer.post(address, said(value="en", seen=seen_in(text_of(lawyer, address)))).status_code == 302
    answer = lawyer.post("/countries/import/apply", shown)
    assert answer.status_code == 409 and "changed since you looked" in answer.content.decode()
    assert latvian().value == "en"
    for wrong in ({}, shown | {"content": "x"}):
        assert lawyer.post("/countries/import/apply", wrong).status_code == 422
    assert other.post("/countries/import/apply", shown).status_code == 422
    assert latvian().value == "en"
    assert lawyer.post("/countries/import/apply", hidden(answer.content.decode())).status_code == 302
    assert latvian().value == "lv"


def test_export_of_what_the_list_shows_comes_back_without_a_change(lawyer: Client) -> None:
    content = lawyer.get("/countries/export.csv").content
    assert content.count(b"\n") > ProfileEntry.objects.count()
    html = upload(lawyer, content)
    assert "Would be" not in html and "Do exactly this" not in html
    some = lawyer.get("/countries/export.csv?q=LV").content.decode()
    assert "LV,language" in some and "LT,language" not in some


def test_other_officers_read_and_do_not_write_and_a_foreign_officer_reads_nothing(at_desk: AtDesk) -> None:
    there = latvian()
    for role in set(Role) - {Role.LEGAL, Role.TIMER, Role.TRANSLATOR}:
        client = at_desk(officer(role, "de-central"))
        read = 404 if role == Role.FOREIGN_OFFICER else 200
        for path in ("/countries/", "/countries/LV/", "/countries/export.csv"):
            assert client.get(path).status_code == read
        assert client.post(f"/countries/entries/{there.public_id}/", {"do": "verify"}).status_code == 404
        assert client.post("/countries/LV/add/language", said()).status_code == 404
        assert client.post("/countries/import", {}).status_code == 404
        assert client.post("/countries/import/apply", {}).status_code == 404
    assert at_desk(officer(Role.TRANSLATOR, "de-central")).get("/countries/").status_code == 404
    assert latvian().row() == there.row()
