"""Courts, notice and filters on the pages: forms that keep what is typed, and what either side reads of it."""

from __future__ import annotations

from typing import Any

import pytest

from mla.accounts.models import Role
from tests.factories import Line, drain, officer
from tests.web.conftest import day, signed_in
from tests.web.test_act_screens import address
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides() -> tuple[Line, OutgoingRequest, IncomingRequest]:
    line = Line()
    sent = line.sent()
    return line, sent, line.in_execution(line.arrived(sent))


Sides = tuple[Line, OutgoingRequest, IncomingRequest]


def test_order_remedy_and_notice_are_recorded_and_stay_on_our_side(sides: Sides) -> None:
    line, ours, theirs = sides
    client = signed_in(line.executing)

    def do(act: str, said: dict[str, Any]) -> str:
        answer = client.post(address(theirs, act), said)
        assert answer.status_code in {302, 422}
        return answer.content.decode() if answer.status_code == 422 else ""

    wrong = do("apply_for_order", {"kind": "search", "court": "", "applied_on": day(3), "reference": "R-7"})
    assert "R-7" in wrong, "what was typed is still there"
    assert "in the future" in do("apply_for_order", {"kind": "search", "court": "District Court", "applied_on": day(3)})
    said = {"kind": "search", "court": "District Court", "applied_on": day(-9), "items": ["M1"]}
    assert not do("apply_for_order", said)
    order = theirs.courtorder_set.get()
    refused = {"order": str(order.public_id), "decided_on": day(-5), "reason": "No suspicion."}
    assert not do("note_order_denied", refused)
    item = theirs.items.get(key="M1")
    refusal = signed_in(line.their_supervisor).get(address(item, "refuse")).content.decode()
    assert "District Court denied the order" in refusal and "No suspicion." in refusal
    decides = signed_in(line.their_supervisor).get(f"/in/{theirs.public_id}/").content.decode()
    assert f'<a class="sub" href="{address(item, "refuse")}">Refuse item M1</a>' in decides
    assert not do("apply_for_order", said)
    order = theirs.courtorder_set.latest("id")
    granted = {"order": str(order.public_id), "decided_on": day(-4), "reference": "4 Gs 12", "valid_until": day(40)}
    assert not do("note_order_granted", granted)
    challenge = {"order": str(order.public_id), "party": "provider", "court": "Court of Appeal", "lodged_on": day(-2)}
    assert do("note_challenge", challenge | {"order": ""}), "against what is never said by silence"
    assert not do("note_challenge", challenge | {"hearing_on": day(8)})
    assert not do("defer_notice", {"ground": "law", "article": "CPA 101", "until": day(30), "whom": "the holder"})
    page = client.get(f"/in/{theirs.public_id}/").content.decode()
    for words in ("4 Gs 12", "Court of Appeal", "Pending: no result leaves.", "the holder", "CPA 101", "No suspicion."):
        assert words in page, words
    sends = signed_in(line.their_registry).get(address(theirs, "transmit_result")).content.decode()
    assert "a remedy of" in sends and day(8) in sends
    remedy = theirs.remedy_set.get()
    decided = {"remedy": str(remedy.public_id), "result": "dismissed", "decided_on": day(0), "decision": "It holds."}
    assert not do("note_remedy_decided", decided)
    assert "ends the deferral" in client.get(address(theirs, "notify_affected")).content.decode().lower()
    notice = str(theirs.notice_set.get().public_id)
    assert not do("notify_affected", {"deferral": notice, "given_on": day(0), "how": "by post"})
    drain()
    other_side = signed_in(line.supervisor).get(f"/out/{ours.public_id}/").content.decode()
    assert "4 Gs 12" not in other_side and "Court of Appeal" not in other_side


def test_filter_is_closed_file_by_file(sides: Sides) -> None:
    line, _ours, theirs = sides
    theirs = line.executed(theirs)
    client, opens = signed_in(line.their_supervisor), address(theirs, "open_filter")
    said = {"kind": "legal", "filtered_by": "Examining office 2", "scope": "some"}
    assert "Choose at least one file" in client.post(opens, said).content.decode()
    first, second, *rest = theirs.evidence_set.order_by("id")
    assert client.post(opens, said | {"scope": "all"}).status_code == 302
    row = str(theirs.privilegefilter_set.get().public_id)
    # Meanwhile whoever brought evidence opens none of it; whoever filters does.
    brought = signed_in(line.executing)
    assert brought.get(f"/evidence/{first.public_id}").status_code == 404
    for shown in (f"/in/{theirs.public_id}/", f"/in/{theirs.public_id}/execution/"):
        assert f"/evidence/{first.public_id}" not in brought.get(shown).content.decode()
    apart = signed_in(officer(Role.EXECUTING_OFFICER, line.executing_authority.code, 2))
    assert apart.get(f"/evidence/{first.public_id}").status_code == 200
    assert "somebody else records" in signed_in(line.executing).get(address(theirs, "close_filter")).content.decode()
    half = {"filter": row, f"file_{first.public_id}": "legal", "words": "Letters to counsel."}
    wrong = client.post(address(theirs, "close_filter"), half)
    assert wrong.status_code == 422
    assert "Say whether it is released or withheld." in wrong.content.decode()
    assert "Letters to counsel." in wrong.content.decode()
    whole = half | {f"file_{file.public_id}": "released" for file in (second, *rest)}
    assert client.post(address(theirs, "close_filter"), whole).status_code == 302
    page = client.get(f"/in/{theirs.public_id}/").content.decode()
    assert "withheld, does not leave:" in page and "communication with a lawyer" in page
    # Who investigates does not open what the filter keeps from the case.
    investigator = signed_in(line.executing)
    assert [investigator.get(f"/evidence/{file.public_id}").status_code for file in (first, second)] == [404, 200]
    shown = investigator.get(f"/in/{theirs.public_id}/").content.decode()
    assert f"/evidence/{first.public_id}" not in shown and f"/evidence/{second.public_id}" in shown
    facts = signed_in(line.their_registry).get(address(theirs, "transmit_result")).content.decode()
    assert second.name in facts and first.sha256 not in facts
