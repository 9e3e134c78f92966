"""The library of offences: the list, adding, changing with its history, and both ways between it and a letter."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, officer
from workflows.drafting import selectors_library
from workflows.drafting.models_library import OffenceEntry, OffenceEntryVersion
from workflows.drafting.services_library import offence_add, offence_save_from_letter

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]

SAID = {
    "title": "Computer sabotage", "category": "cybercrime", "provision": "Criminal Code, section 303b",
    "law_text": "Whoever disrupts data processing.", "maximum_penalty": "imprisonment for ten years",
    "maximum_years": "10", "limitation": "", "source": "", "last_verified": "", "to_be_confirmed": "on",
}  # fmt: skip


def legal(line: Line) -> Actor:
    return officer(Role.LEGAL, line.letter.requesting.authority or "")


def test_entry_is_added_changed_by_the_legal_officer_and_withdrawn(at_desk: AtDesk) -> None:
    line = Line()
    client, lawyer = at_desk(line.prosecutor), at_desk(legal(line))
    missing = client.post("/offences/add", SAID | {"law_text": ""})
    assert missing.status_code == 422 and "Computer sabotage" in missing.content.decode()
    made = client.post("/offences/add", SAID)
    again = client.post("/offences/add", SAID)
    assert made.status_code == 302 and again.status_code == 422
    assert "has an entry with this title" in again.content.decode()
    entry = OffenceEntry.objects.get()
    assert "To be confirmed" in client.get(made["Location"]).content.decode()
    change = f"/offences/{entry.public_id}/change"
    assert client.get(change).status_code == 404
    confirmed = {k: v for k, v in SAID.items() if k != "to_be_confirmed"} | {"expected_version": "1"}
    assert "Say on which day" in lawyer.post(change, confirmed).content.decode()
    confirmed |= {"last_verified": "2026-06-01", "maximum_penalty": "imprisonment for five years", "maximum_years": "5"}
    assert lawyer.post(change, confirmed).status_code == 302
    assert lawyer.post(change, confirmed | {"title": "Another"}).status_code == 422, "changed meanwhile"
    entry.refresh_from_db()
    assert (entry.maximum_years, entry.to_be_confirmed, entry.version) == (5, False, 2)
    assert [row.values["maximum_years"] for row in OffenceEntryVersion.objects.all()] == [5, 10]
    page = lawyer.get(f"/offences/{entry.public_id}/").content.decode()
    assert "(5 years)" in page
    OffenceEntry.objects.update(maximum_years=100)
    assert "(for life)" in lawyer.get(f"/offences/{entry.public_id}/").content.decode()
    assert "imprisonment for ten years" in page and "imprisonment for five years" in page
    assert lawyer.post(change, {"withdraw": "1", "expected_version": "2"}).status_code == 302
    assert OffenceEntry.objects.get().status == "withdrawn"
    assert [row.act for row in AuditEntry.objects.filter(object_type="offence", outcome="done").order_by("id")] == [
        "offence.create", "offence.change", "offence.withdraw",
    ]  # fmt: skip


def test_another_states_entry_is_not_there(at_desk: AtDesk) -> None:
    line = Line()
    at_desk(line.desk).post("/offences/add", SAID)
    entry = OffenceEntry.objects.get()
    assert at_desk(line.prosecutor).get(f"/offences/{entry.public_id}/").status_code == 200
    theirs = at_desk(line.their_desk)
    assert theirs.get(f"/offences/{entry.public_id}/").status_code == 404
    assert "Computer sabotage" not in theirs.get("/offences/").content.decode()
    assert "Computer sabotage" not in theirs.get("/offences/export.csv").content.decode()


def test_list_has_filters_pages_a_fixed_number_of_queries_and_a_file(
    at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line()
    monkeypatch.setattr(selectors_library, "PAGE", 3)
    values = SAID | {"maximum_years": 10, "last_verified": None, "to_be_confirmed": True}
    client = at_desk(line.desk)

    def price(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    offence_add(values=values, by=line.desk)
    few = price("/offences/")
    for number in range(6):
        offence_add(values=values | {"title": f"Offence {number}", "category": "fraud"}, by=line.desk)
    assert price("/offences/") == few
    found: list[str] = []
    address = "/offences/"
    while address:
        page = client.get(address).content.decode()
        found += re.findall(r'<a href="/offences/[0-9a-f-]{36}/"><bdi>([^<]+)', page)
        following = re.search(r'href="(/offences/\?[^"]*after=\d+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert found == sorted(found) and len(found) == 7
    assert "Computer sabotage" not in client.get("/offences/?category=fraud").content.decode()
    assert "Offence 3" not in client.get("/offences/?q=sabotage+303b").content.decode()
    rows = list(csv.reader(io.StringIO(client.get("/offences/export.csv?category=fraud").content.decode("utf-8-sig"))))
    assert len(rows) == 7 and rows[1][0] == "Offence 0"


def test_offence_goes_into_a_letter_by_one_choice_and_out_of_it_by_one_press(at_desk: AtDesk) -> None:
    line = Line()
    draft = line.drafted()
    client = at_desk(line.prosecutor)
    client.post("/offences/add", SAID)
    entry = OffenceEntry.objects.get()
    section = f"/out/{draft.public_id}/letter/offences/"
    assert f'value="{entry.public_id}"' in client.get(section).content.decode()
    nothing = client.post(f"{section}library", {"offence": ""})
    assert nothing.status_code == 302 and nothing["Location"] == section
    first = client.post(f"{section}library", {"offence": str(entry.public_id)})
    again = client.post(f"{section}library", {"offence": str(entry.public_id)})
    assert first["Location"] == again["Location"]
    offences = draft.letter.present().content["offences"]
    assert len(offences) == len(line.letter.offences) + 1
    assert (offences[-1]["title"], offences[-1]["maximum_years"], offences[-1]["conduct"]) == (
        "Computer sabotage",
        10,
        "",
    )

    mine = line.letter.offences[0]
    assert "Save this offence to the library" in client.get(f"{section}{mine.id}/").content.decode()
    saved = [client.post(f"{section}{mine.id}/library")["Location"] for _press in range(2)]
    assert saved[0] == saved[1]
    kept = OffenceEntry.objects.get(title=mine.title)
    assert (kept.to_be_confirmed, kept.law_text, kept.provision) == (True, mine.law_text, mine.provision)
    assert client.post(f"{section}O99/library").status_code == 404
    assert at_desk(line.their_desk).post(f"{section}library", {"offence": str(entry.public_id)}).status_code == 404


def test_entry_of_another_authority_of_the_state_is_not_written_twice() -> None:
    line = Line()
    one, new = offence_save_from_letter(offence=line.letter.offences[0], by=line.prosecutor)
    other, newer = offence_save_from_letter(offence=line.letter.offences[0], by=line.desk)
    assert (one, new, newer) == (other, True, False)
