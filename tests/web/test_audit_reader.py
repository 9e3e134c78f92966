"""The record: its purpose first, the own chain alone, what is withheld, proof, and exports that are recorded."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry, AuditHead
from mla.audit.selectors import verify_part
from mla.audit.services import Entry, What, Who, Why, entry_hash, record
from mla.core import clock
from tests.factories import Line, officer
from tests.web.test_jobs import hosted

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]
PURPOSE = "yearly inspection of the requests"


def auditor(number: int = 1) -> Actor:
    return officer(Role.AUDITOR, hosted(number).code)


def noted(count: int = 1, *, number: int = 1, **values: Any) -> list[AuditEntry]:
    given: dict[str, Any] = {
        "authority_id": hosted(number).pk,
        "act": "outgoing.submit",
        "by": Who("user", "7", "Officer A"),
        "on": What("outgoing", "0198c000-0000-7000-8000-000000000000", 2, "drafting", "in_review"),
    }
    with transaction.atomic():
        return [record(Entry(**(given | values))) for _number in range(count)]


def reading(at_desk: AtDesk, actor: Actor | None = None) -> Client:
    client = at_desk(actor or auditor())
    assert client.post("/audit/purpose", {"purpose": PURPOSE, "next": "/audit/"}).status_code == 302
    return client


def test_purpose_is_asked_first_recorded_and_shown(at_desk: AtDesk) -> None:
    entry = noted()[0]
    client = at_desk(auditor())
    for address in ("/audit/?act=submit", f"/audit/entry/{entry.public_id}/"):
        answer = client.get(address)
        assert answer.status_code == 302 and answer["Location"].startswith("/audit/purpose?next=")
    for address in ("/audit/verify", "/audit/export"):
        assert client.post(address, {"kind": "csv"})["Location"].startswith("/audit/purpose")
    assert client.post("/audit/purpose", {"purpose": "short"}).status_code == 422
    assert not AuditEntry.objects.filter(act="access.purpose").exists()
    answer = client.post("/audit/purpose", {"purpose": PURPOSE, "next": "/audit/?act=submit"})
    assert answer["Location"] == "/audit/?act=submit"
    assert AuditEntry.objects.get(act="access.purpose").reason == PURPOSE
    assert PURPOSE in client.get("/audit/").content.decode()


def test_purpose_holds_for_an_hour_and_for_one_hat_and_can_be_ended(at_desk: AtDesk) -> None:
    client = reading(at_desk)
    assert client.get("/audit/").status_code == 200
    later = clock.now() + dt.timedelta(minutes=61)
    with mock.patch("workflows.web.purpose.clock.now", return_value=later):
        assert client.get("/audit/").status_code == 302
    client.post("/audit/purpose/end")
    assert client.get("/audit/").status_code == 302


def test_purpose_leads_to_no_other_house(at_desk: AtDesk) -> None:
    client = at_desk(auditor())
    answer = client.post("/audit/purpose", {"purpose": PURPOSE, "next": "https://example.net/"})
    assert answer["Location"] == "/audit/"


def test_only_the_own_chain_is_there(at_desk: AtDesk) -> None:
    noted(act="outgoing.approve")
    foreign = noted(number=2, act="outgoing.send")[0]
    client = reading(at_desk)
    text = client.get("/audit/").content.decode()
    assert "outgoing.approve" in text and str(foreign.public_id) not in text
    assert client.get(f"/audit/entry/{foreign.public_id}/").status_code == 404
    exported = b"".join(client.post("/audit/export", {"kind": "jsonl"})).decode()  # type: ignore[arg-type]
    assert "outgoing.approve" in exported and "outgoing.send" not in exported


def test_filters_narrow_and_are_told_when_they_do_not_fit(at_desk: AtDesk) -> None:
    noted(act="outgoing.approve", by=Who("user", "8", "Officer B"))
    noted(act="outgoing.send", outcome="refused")
    client = reading(at_desk)

    def shown(query: str) -> set[str]:
        text = client.get(f"/audit/?{query}").content.decode().split("<tbody>")[-1].split("</tbody>")[0]
        return {act for act in ("outgoing.approve", "outgoing.send", "access.purpose") if f">{act}<" in text}

    assert shown("") == {"outgoing.approve", "outgoing.send", "access.purpose"}
    assert shown("act=approve") == {"outgoing.approve"}
    assert shown("person=officer+b") == {"outgoing.approve"}
    assert shown("outcome=refused") == {"outgoing.send"}
    assert shown("object=0198c000-0000-7000-8000-000000000000") == {"outgoing.approve", "outgoing.send"}
    assert shown("object=no-such") == set()
    tomorrow = (clock.now() + dt.timedelta(days=1)).date().isoformat()
    assert shown(f"since={tomorrow}") == set() and len(shown(f"until={tomorrow}")) == 3
    wrong = client.get("/audit/?since=2026-02-30").content.decode()
    assert "A filter does not fit" in wrong


def test_reference_finds_the_acts_on_the_case_its_letter_and_items(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.taken_in()
    client = reading(at_desk, officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    text = client.get("/audit/", {"object": outgoing.reference}).content.decode()
    assert str(outgoing.public_id) in text


def test_entry_opens_with_all_entries_of_its_act(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.taken_in()
    client = reading(at_desk, officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    entry = AuditEntry.objects.filter(act="outgoing.take_in", object_id=str(outgoing.public_id)).get()
    page = client.get(f"/audit/entry/{entry.public_id}/").content.decode()
    assert entry.hash in page and entry.prev_hash in page and str(entry.act_id) in page


def test_reason_on_a_restricted_case_is_withheld_on_the_page_and_in_the_export(at_desk: AtDesk) -> None:
    from workflows.drafting.models import Confidentiality, LetterOfRequest

    line = Line()
    outgoing = line.taken_in()
    authority = outgoing.central
    kept = {"authority_id": authority.pk, "why": Why(text="the reason in words"), "on": What("outgoing", "")}
    kept["on"] = What("outgoing", str(outgoing.public_id))
    entry = noted(**kept)[0]
    client = reading(at_desk, officer(Role.AUDITOR, authority.code))

    def seen() -> list[bool]:
        exported = b"".join(client.post("/audit/export", {"kind": "csv"}))  # type: ignore[arg-type]
        page = client.get(f"/audit/entry/{entry.public_id}/").content
        return [b"the reason in words" in text for text in (page, exported)]

    assert seen() == [True, True]
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(confidentiality=Confidentiality.RESTRICTED)
    assert seen() == [False, False]


def test_export_is_exact_recorded_and_bound_to_the_head_of_the_chain(at_desk: AtDesk) -> None:
    noted(3)
    client = reading(at_desk)
    head = AuditHead.objects.get(authority_id=hosted().pk)
    answer = client.post("/audit/export", {"kind": "jsonl", "act": "submit"})
    body = b"".join(answer)  # type: ignore[arg-type]
    lines = [json.loads(line) for line in body.decode().splitlines()]
    assert lines[0]["export"]["head_hash"] == head.hash and lines[0]["export"]["filters"] == {"act": "submit"}
    assert lines[-1]["rows"] == 3 == len(lines) - 2
    before_last = body[: body.rindex(b"\n", 0, -1) + 1]
    assert lines[-1]["sha256_of_the_lines_before"] == hashlib.sha256(before_last).hexdigest()
    for line in lines[1:-1]:
        again = AuditEntry(
            **{name: value for name, value in line.items() if name != "at"} | {"authority_id": hosted().pk}
        )
        again.at = dt.datetime.fromisoformat(line["at"])
        assert entry_hash(again) == line["hash"]
    sha256 = hashlib.sha256(body).hexdigest()
    assert answer["X-Content-SHA256"] == sha256
    recorded = AuditEntry.objects.get(act="audit.export")
    assert recorded.detail["sha256"] == sha256 and recorded.reason == PURPOSE and recorded.detail["rows"] == "3"


def test_table_holds_no_formula(at_desk: AtDesk) -> None:
    for label in ('=HYPERLINK("https://example.net")', "+1", "-1", "@SUM(A1)", " =1+1"):
        noted(by=Who("user", "9", label))
    noted(by=Who("user", "9", "O'Hara = ok"))
    client = reading(at_desk)
    answer = client.post("/audit/export", {"kind": "csv"})
    body = b"".join(answer).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(body)))
    labels = [row["actor_label"] for row in rows]
    assert '\'=HYPERLINK("https://example.net")' in labels and "O'Hara = ok" in labels
    assert not [cell for row in rows for cell in row.values() if cell.lstrip(" ")[:1] in ("=", "+", "-", "@")]


def test_unfit_export_is_told_and_not_recorded(at_desk: AtDesk) -> None:
    client = reading(at_desk)
    for posted in ({"kind": "xls"}, {"kind": "csv", "since": "yesterday"}, {}):
        assert client.post("/audit/export", posted).status_code == 302
    assert not AuditEntry.objects.filter(act="audit.export").exists()


def test_chain_is_verified_in_parts_and_the_first_break_is_named(at_desk: AtDesk) -> None:
    rows = noted(7)
    client = reading(at_desk)
    whole = client.post("/audit/verify", {"first": "1"}).content.decode()
    assert "The chain holds to its end" in whole
    with mock.patch("workflows.web.views.audit.MOST_VERIFIED", 3):
        part = client.post("/audit/verify", {"first": "1"}).content.decode()
        assert "holds so far" in part and 'name="first" value="4"' in part
        assert "holds so far" in client.post("/audit/verify", {"first": "4"}).content.decode()
    real = entry_hash

    def changed(row: AuditEntry) -> str:
        return "0" * 64 if row.pk == rows[4].pk else real(row)

    with mock.patch("mla.audit.selectors.entry_hash", changed):
        broken = client.post("/audit/verify", {"first": "1"}).content.decode()
        assert f"First break: entry {rows[4].seq}" in broken
        assert verify_part(hosted().pk, first=rows[4].seq + 1).broken is not None
        assert verify_part(hosted().pk, first=1, most=3).broken is None
    assert AuditEntry.objects.filter(act="audit.verify", detail__holds=False).count() == 1


def test_verified_parts_end_at_the_head_and_find_a_cut_end() -> None:
    noted(5)
    part = verify_part(hosted().pk)
    assert (part.ended, part.broken, part.last) == (True, None, 5)
    exactly = verify_part(hosted().pk, most=5)
    assert exactly.ended and exactly.broken is None
    with mock.patch("mla.audit.selectors.AuditHead.objects.filter") as heads:
        heads.return_value.first.return_value = AuditHead(authority_id=hosted().pk, seq=9, hash="f" * 64)
        cut = verify_part(hosted().pk)
    assert cut.broken is not None and cut.broken.seq == 6


def test_extra_fields_change_nothing(at_desk: AtDesk) -> None:
    noted()
    client = reading(at_desk)
    before = AuditEntry.objects.count()
    forged = {
        "kind": "jsonl",
        "authority_id": str(hosted(2).pk),
        "head_hash": "0" * 64,
        "purpose": "another",
        "rows": "0",
    }
    body = b"".join(client.post("/audit/export", forged)).decode()  # type: ignore[arg-type]
    recorded = AuditEntry.objects.latest("id")
    assert recorded.authority_id == hosted().pk and recorded.reason == PURPOSE
    assert recorded.detail["head_hash"] in body and recorded.detail["head_hash"] != "0" * 64
    client.post("/audit/verify", {"first": "1", "most": "1", "authority_id": str(hosted(2).pk)})
    assert AuditEntry.objects.latest("id").detail["head"] == str(before + 1)
    assert AuditEntry.objects.count() == before + 2


def test_queries_do_not_grow_with_the_rows(at_desk: AtDesk) -> None:
    client = reading(at_desk)
    counted = []
    for wanted in (3, 57):
        noted(wanted, why=Why(text="a reason"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/audit/").status_code == 200
        counted.append(len(queries))
    assert counted[1] <= counted[0] <= 12


def test_wrong_method_is_refused(at_desk: AtDesk) -> None:
    entry = noted()[0]
    client = reading(at_desk)
    for address in ("/audit/verify", "/audit/export", "/audit/purpose/end"):
        assert client.get(address).status_code == 405
    for address in ("/audit/", f"/audit/entry/{entry.public_id}/"):
        assert client.post(address).status_code == 405
    assert client.put("/audit/purpose").status_code == 405
