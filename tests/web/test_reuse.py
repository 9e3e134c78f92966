"""Beginning a letter from another at the desk: supplement, correction, copy; the marks, the difference, the links."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, drain, officer
from workflows.drafting.models import LetterOfRequest
from workflows.drafting.models_reuse import CopiedPart, LetterLink
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def key_in(page: str) -> str:
    found = re.search(r'name="letter_key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_supplement_is_begun_once_and_both_cases_show_the_link(at_desk: AtDesk) -> None:
    line = Line()
    sent = line.sent()
    drain()
    client = at_desk(line.prosecutor)
    address = f"/out/{sent.public_id}/follow"
    assert address in client.get(f"/out/{sent.public_id}/").content.decode()
    key = key_in(client.get(address).content.decode())
    wrong = client.post(address, {"letter_key": key, "kind": ""})
    assert wrong.status_code == 422 and LetterLink.objects.count() == 0
    said = {"letter_key": key, "kind": "supplement"}
    first, again = client.post(address, said), client.post(address, said)
    assert first.status_code == 302 and first["Location"] == again["Location"]
    later = LetterLink.objects.get().letter.outgoing
    page = client.get(f"/out/{later.public_id}/").content.decode()
    assert "supplements" in page and f"/out/{sent.public_id}/" in page
    assert f"/out/{later.public_id}/" in client.get(f"/out/{sent.public_id}/").content.decode()
    told = client.get(f"/out/{later.public_id}/letter/difference")
    assert told.status_code == 200
    shown = told.content.decode()
    assert "Difference since the letter that was sent" in shown and sent.reference in shown
    # Nothing was written yet; what is counted from the day of the letter is another number of days.
    assert "Added:" not in shown and "Not repeated:" not in shown
    tasks = client.get(f"/out/{later.public_id}/letter/").content.decode()
    assert "copied, to check" in tasks and f"/out/{later.public_id}/letter/difference" in tasks


def test_draft_is_not_followed_and_another_states_letter_is_not_there(at_desk: AtDesk) -> None:
    line = Line()
    draft, sent = line.drafted(), line.sent()
    assert "after it was sent" in at_desk(line.prosecutor).get(f"/out/{draft.public_id}/follow").content.decode()
    for path in ("follow", "copy", "letter/difference"):
        assert at_desk(line.their_desk).get(f"/out/{sent.public_id}/{path}").status_code == 404
    assert at_desk(line.prosecutor).get(f"/out/{sent.public_id}/letter/difference").status_code == 404
    LetterOfRequest.objects.filter(pk=sent.letter_id).update(confidentiality="restricted")
    other = officer(Role.DESK_OFFICER, sent.central.code, 7)
    for path in ("follow", "copy"):
        assert at_desk(other).get(f"/out/{sent.public_id}/{path}").status_code == 404


def test_copy_brings_the_ticked_parts_with_marks_that_go_when_looked_at(at_desk: AtDesk) -> None:
    line = Line()
    sent = line.sent()
    client = at_desk(line.prosecutor)
    address = f"/out/{sent.public_id}/copy"
    page = client.get(address).content.decode()
    assert "approvals" in page
    said = {"letter_key": key_in(page), "requested": line.letter.requested.jurisdiction, "title": "A second letter"}
    bad = client.post(address, said | {"date": "2026-13-40", "parts": ["offences"]})
    assert bad.status_code == 422 and "A second letter" in bad.content.decode()
    made = client.post(address, said | {"date": "2026-07-01", "parts": ["offences", "statements"]})
    assert made.status_code == 302
    letter = LetterOfRequest.objects.get(title="A second letter")
    content, source = letter.present().content, sent.letter.present().content
    assert content["offences"] == source["offences"] and content["statements"] == source["statements"]
    assert not {"persons", "facts", "identifiers", "items", "annexes", "rights"} & set(content)
    assert content["requested"] == {"jurisdiction": line.letter.requested.jurisdiction} | (
        {"authority": content["requested"]["authority"]} if "authority" in content["requested"] else {}
    )
    entry = AuditEntry.objects.get(act="letter.create", object_id=str(letter.public_id))
    assert entry.detail["from"] == str(sent.letter.public_id) and entry.detail["copied"] == ["offences", "statements"]

    outgoing = OutgoingRequest.objects.get(letter=letter)
    section = f"/out/{outgoing.public_id}/letter/offences/"
    assert "Copied, to check" in client.get(section).content.decode()
    assert at_desk(line.desk).post(f"{section}checked").status_code == 404
    assert client.post(f"{section}checked").status_code == 302
    assert client.post(f"{section}checked").status_code == 302
    assert [part.part for part in CopiedPart.objects.filter(letter=letter, checked_at=None)] == ["statements"]
    assert AuditEntry.objects.filter(act="letter.check_copied", object_id=str(letter.public_id)).count() == 1
    assert "Copied, to check" not in client.get(section).content.decode()


def test_saving_a_section_looks_at_what_was_copied_into_it(at_desk: AtDesk) -> None:
    from tests.web.test_drafting import fields_of

    line = Line()
    sent = line.sent()
    client = at_desk(line.prosecutor)
    address = f"/out/{sent.public_id}/copy"
    said = {
        "letter_key": key_in(client.get(address).content.decode()),
        "title": "A second letter",
        "date": "2026-07-01",
    }
    client.post(address, said | {"requested": line.letter.requested.jurisdiction, "parts": ["statements"]})
    outgoing = OutgoingRequest.objects.get(letter__title="A second letter")
    section = f"/out/{outgoing.public_id}/letter/statements/"
    assert client.post(section, fields_of(client.get(section).content.decode())).status_code == 302
    assert not CopiedPart.objects.filter(letter=outgoing.letter, checked_at=None).exists()


def test_page_of_a_new_letter_names_the_letters_that_one_may_begin_from(at_desk: AtDesk) -> None:
    line = Line()
    sent, draft = line.sent(), line.drafted()
    page = at_desk(line.prosecutor).get("/out/new").content.decode()
    assert f"/out/{sent.public_id}/copy" in page and f"/out/{draft.public_id}/copy" in page
    # Not lodged yet: the central authority does not know of it.
    page = at_desk(line.desk).get("/out/new").content.decode()
    assert f"/out/{sent.public_id}/copy" in page and f"/out/{draft.public_id}/copy" not in page
