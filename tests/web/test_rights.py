"""The rights screen on the desk: answered by the drafter, read by the approver, recorded whole, read by the auditor."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import Line, example_letter, officer
from tests.web.test_audit_reader import reading
from workflows.drafting.letter_rights import RightsAnswers
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import Confidentiality, LetterOfRequest, LetterVersion
from workflows.lifecycle.models import OutgoingRequest

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]
ROWS = tuple(RightsAnswers.model_fields)
REASON = "Looked at by two people"


def body(answer: Any) -> str:
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", str(answer.content.decode())))


def answering(**answers: str) -> Line:
    content = example_letter().content()
    content["rights"] = {"torture": REASON, "answers": answers}
    return Line(letter=letter_from(content))


def entry_of(outgoing: OutgoingRequest, act: str = "outgoing.approve") -> AuditEntry:
    return AuditEntry.objects.get(act=act, object_id=str(outgoing.public_id), outcome="done")


def test_drafter_answers_each_row_by_a_choice_and_a_reason(at_desk: AtDesk) -> None:
    line = answering()
    outgoing = line.drafted()
    client, address = at_desk(line.prosecutor), f"/out/{outgoing.public_id}/letter/rights/"
    page = body(client.get(address))
    assert all(f'name="rights__answers__{row}"' in page and f'name="rights__{row}"' in page for row in ROWS)
    seen = re.search(r"name=\"seen\"[^>]*value=\"(\{.*?\})\"", page)
    assert seen
    typed = {"shown": "rights__answers__minors rights__minors", "seen": seen[1], "rights__answers__minors": "not_known",
             "rights__minors": "Her age is not known."}  # fmt: skip
    assert client.post(address, typed).status_code == 302
    outgoing.letter.refresh_from_db()
    rights = outgoing.letter.present().content["rights"]
    assert rights["answers"] == {"minors": "not_known"} and rights["minors"] == "Her age is not known."
    refused = client.post(address, typed | {"rights__answers__minors": "perhaps"})
    assert refused.status_code == 422


def test_approval_records_the_whole_screen_as_answered_and_the_auditor_reads_it(at_desk: AtDesk) -> None:
    line = answering(torture="yes", speech="not_known", press="no")
    outgoing = line.in_review()
    for page in (f"/out/{outgoing.public_id}/review/", f"/out/{outgoing.public_id}/do/approve"):
        shown = body(at_desk(line.supervisor).get(page))
        assert shown.count('class="right') >= 10 and REASON in shown
        assert "not known" in shown and "not answered" in shown
    given = {"content_hash": line.hash_of(outgoing), "expected_version": outgoing.version}
    client = at_desk(line.supervisor)
    refused = client.post(f"/out/{outgoing.public_id}/do/approve", given)
    assert refused.status_code == 422
    assert not AuditEntry.objects.filter(act="outgoing.approve", outcome="done").exists()
    assert client.post(f"/out/{outgoing.public_id}/do/approve", given | {"rights_screened": "on"}).status_code == 302
    entry = entry_of(outgoing)
    expected = dict.fromkeys(ROWS, "not_answered") | {"torture": "yes", "speech": "not_known", "press": "no"}
    assert entry.detail["rights_screen"] == expected
    assert len(entry.detail["rights_screen_sha256"]) == 64 and REASON not in str(entry.detail)
    reader = reading(at_desk, officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    address = f"/audit/entry/{entry.public_id}/"
    page = body(reader.get(address))
    assert "Rights screen, as it was answered" in page and REASON in page and "Torture" in page
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(confidentiality=Confidentiality.RESTRICTED)
    withheld = body(reader.get(address))
    assert REASON not in withheld and "The reasons are withheld" in withheld


def test_reason_that_was_changed_behind_the_record_is_not_shown_as_the_approved_one(at_desk: AtDesk) -> None:
    line = answering(torture="yes")
    outgoing = line.approved()
    version = LetterVersion.objects.get(pk=outgoing.approved_version_id)
    version.content["rights"]["torture"] = "Something else"
    LetterVersion.objects.filter(pk=version.pk).update(content=version.content)
    reader = reading(at_desk, officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    page = body(reader.get(f"/audit/entry/{entry_of(outgoing).public_id}/"))
    assert "Something else" not in page and "their hash differs" in page


def test_entry_of_another_act_has_no_screen(at_desk: AtDesk) -> None:
    line = answering()
    outgoing = line.in_review()
    reader = reading(at_desk, officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    page = body(reader.get(f"/audit/entry/{entry_of(outgoing, 'outgoing.submit').public_id}/"))
    assert "Rights screen, as it was answered" not in page
