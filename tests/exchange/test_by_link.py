"""An officer of a State without such a system says and reads everything by a link: messages in our log alone."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.audit.models import AuditEntry
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from tests.factories import Line, drain
from tests.invariants import assert_invariants
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet, DataWrong
from workflows.exchange.by_link import (
    access_told_file_by_id,
    link_read,
    link_say,
    link_seen,
    link_view,
    sayings_open,
)
from workflows.exchange.envelope import EnvelopeWrong
from workflows.exchange.models import Message, MessageFile, Receipt, Transmission
from workflows.lifecycle.link_secrets import code_fits, link_code, link_token
from workflows.lifecycle.models import LinkFile, OfficerLink, OutgoingRequest
from workflows.lifecycle.models.officer_links import MOST_MISSES
from workflows.lifecycle.selectors_links import access_officer_link_by_id, link_by_token
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.officer_links import (
    CodeWrong,
    LinkOver,
    officer_link_add_file,
    officer_link_enter,
    officer_link_remove_file,
    officer_link_revoke,
    outgoing_give_link,
)

pytestmark = pytest.mark.django_db

OFFICER = "B. Registrar, central authority"


class Abroad:
    """One request on paper, and the officer abroad with its link."""

    def __init__(self) -> None:
        self.line = Line()
        self.case = self.line.sent_on_paper()
        self.link = outgoing_give_link(outgoing=self.case, by=self.line.registry, given_to="their central authority")

    def say(self, said: Any, body: dict[str, Any], **more: Any) -> Message:
        message = link_say(link=self.link, officer=OFFICER, said=said, body=body, message_id=uuid7(), **more)
        self.again()
        return message

    def again(self) -> None:
        drain()
        self.case = OutgoingRequest.objects.get(pk=self.case.pk)
        self.link = link_by_token(link_token(self.link))

    def lay_ready(self, content: bytes, item: str = "") -> LinkFile:
        return officer_link_add_file(
            link=self.link, officer=OFFICER, name="log.csv", media_type="text/csv", content=BytesIO(content), item=item,
            description="the log", use_limits="for these proceedings",
        )  # fmt: skip

    def open_items(self) -> list[str]:
        return list(self.case.items.order_by("id").values_list("key", flat=True))


@pytest.fixture
def abroad() -> Abroad:
    return Abroad()


def test_whole_course_of_a_request_by_the_link_alone(abroad: Abroad) -> None:
    officer_link_enter(link=abroad.link, officer=OFFICER, code=link_code(abroad.link))
    assert sayings_open(abroad.link)[:3] == ["acknowledgement", "status", "information_asked"]
    abroad.say("acknowledgement", {"reference": "IS-117", "contact": "on call: +354 000"}, reference="IS-117")
    assert (abroad.case.status, abroad.case.peer_reference) == ("acknowledged", "IS-117")
    assert "acknowledgement" not in sayings_open(abroad.link)
    point = uuid7()
    abroad.say("information_asked", {"point": str(point), "question": "Which port?", "due": "2027-01-31"})
    course.outgoing_give_information(
        outgoing=abroad.case, by=abroad.line.supervisor, answer="Port 443.", point_id=point
    )
    abroad.again()
    view = link_view(abroad.link)
    assert [(one.question, one.answer) for one in view.questions] == [("Which port?", "Port 443.")]
    assert [(one.type, one.ours, one.officer) for one in view.told] == [
        ("acknowledgement", False, OFFICER),
        ("information_asked", False, OFFICER),
        ("information_given", True, ""),
    ]
    abroad.say("status", {"status": "in_execution", "text": "The court was asked.", "next_on": "2027-02-15"})
    assert abroad.case.status == "in_execution"
    first = abroad.lay_ready(b"first half", item="M1")
    items = [{"key": key, "status": "accepted"} for key in abroad.open_items()]
    abroad.say("partial_result", {"part": str(uuid7()), "number": 1, "items": items}, files=[first])
    assert [file.sha256 for file in abroad.case.evidence_set.all()] == [first.sha256]
    second = abroad.lay_ready(b"second half")
    done = [{"key": key, "status": "executed"} for key in abroad.open_items()]
    abroad.say("result", {"outcome": "executed", "items": done, "note": "All of it."}, files=[second])
    assert (abroad.case.status, abroad.case.outcome, abroad.case.evidence_set.count()) == ("concluded", "executed", 2)
    assert abroad.case.evidence_set.latest("id").use_limits == "for these proceedings"
    course.outgoing_confirm_evidence(outgoing=abroad.case, by=abroad.line.registry)
    abroad.again()
    assert link_view(abroad.link).told[-1].type == "receipt_confirmed"
    seqs = Message.objects.filter(authority=abroad.link.authority, direction="in").order_by("id").values_list("seq")
    assert [seq for (seq,) in seqs] == [1, 2, 3, 4, 5]
    assert_invariants()


def test_refusal_with_its_coded_ground(abroad: Abroad) -> None:
    body = {"ground": "political_offence", "article": "UNTOC 18(21)", "reason": "See there.", "consulted": False}
    abroad.say("refusal", body)
    assert (abroad.case.outcome, abroad.case.refusal_ground) == ("refused", "political_offence")
    assert {item.status for item in abroad.case.items.all()} == {"refused"}
    assert sayings_open(abroad.link) == []


def test_what_does_not_fit_leaves_nothing_behind(abroad: Abroad) -> None:
    file = abroad.lay_ready(b"evidence")
    abroad.again()
    before = (AuditEntry.objects.count(), Message.objects.count(), abroad.link.version)
    with pytest.raises(MlaError):
        abroad.say("withdrawal_confirmed", {"done": ""})
    with pytest.raises(MlaError):
        abroad.say("result", {"outcome": "executed", "items": []}, files=[file])
    with pytest.raises(MlaError):
        abroad.say("status", {"status": "acknowledged", "items": [{"key": "M99", "status": "accepted"}]})
    with pytest.raises(EnvelopeWrong):
        abroad.say("refusal", {"ground": "political_offence"})
    abroad.again()
    assert (AuditEntry.objects.count(), Message.objects.count(), abroad.link.version) == before
    assert [one.pk for one in link_view(abroad.link).ready] == [file.pk]


def test_the_same_page_sent_twice_says_it_once(abroad: Abroad) -> None:
    same = {"link": abroad.link, "officer": OFFICER, "said": "acknowledgement", "message_id": uuid7()}
    body = {"reference": "IS-117", "contact": ""}
    first = link_say(**same, body=body)
    assert link_say(**same, body=body) == first
    assert Message.objects.filter(direction="in", authority=abroad.link.authority).count() == 1
    assert abroad.link.uses.count() == 1


def test_codes_are_counted_and_the_link_locks(abroad: Abroad) -> None:
    code = link_code(abroad.link)
    assert code_fits(abroad.link, code.replace(" ", "-")) and not code_fits(abroad.link, "")
    with pytest.raises(CodeWrong) as wrong:
        officer_link_enter(link=abroad.link, officer=OFFICER, code="0")
    assert wrong.value.left == MOST_MISSES - 1
    entered = officer_link_enter(link=abroad.link, officer=OFFICER, code=code)
    assert (entered.misses, entered.uses.get().officer) == (0, OFFICER)
    for _time in range(MOST_MISSES):
        with pytest.raises(CodeWrong):
            officer_link_enter(link=link_by_token(link_token(entered)), officer=OFFICER, code="0")
    locked = OfficerLink.objects.get(pk=entered.pk)
    assert locked.status == "locked"
    with pytest.raises(LinkOver):
        officer_link_enter(link=locked, officer=OFFICER, code=code)
    assert AuditEntry.objects.filter(act="officer_link.lock").exists()


def test_revoked_and_expired_links_let_nobody_say_anything(abroad: Abroad) -> None:
    later = abroad.link.until + dt.timedelta(seconds=1)
    with mock.patch("mla.core.clock.now", return_value=later), pytest.raises(ConditionsNotMet):
        abroad.say("acknowledgement", {"reference": "1", "contact": ""})
    with pytest.raises(ActForbidden):
        officer_link_revoke(link=abroad.link, by=abroad.line.prosecutor)
    abroad.link = officer_link_revoke(link=abroad.link, by=abroad.line.registry)
    with pytest.raises(ActNotPossible):
        abroad.say("acknowledgement", {"reference": "1", "contact": ""})
    assert abroad.case.status == "sent"


def test_a_forged_or_foreign_address_leads_nowhere(abroad: Abroad) -> None:
    token = link_token(abroad.link)
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), str(abroad.link.public_id), "", "a.b"):
        with (
            CaptureQueriesContext(
                connection,
            ) as asked,
            pytest.raises(AccessDenied),
        ):
            link_by_token(forged)
        assert len(asked) == 0
    other = Abroad()
    file = MessageFile.objects.filter(message__authority=other.link.authority, message__type="request").latest("id")
    with pytest.raises(AccessDenied):
        access_told_file_by_id(abroad.link, file.pk)
    assert access_told_file_by_id(other.link, file.pk) == file
    for by, seen in ((abroad.line.registry, True), (abroad.line.prosecutor, False), (abroad.line.their_desk, False)):
        if seen:
            assert access_officer_link_by_id(by, abroad.link.public_id) == abroad.link
        else:
            with pytest.raises(AccessDenied):
                access_officer_link_by_id(by, abroad.link.public_id)


def test_only_a_request_by_hand_gets_a_link_and_only_for_a_time(abroad: Abroad) -> None:
    local = Line().sent()
    with pytest.raises(ConditionsNotMet, match="no link"):
        outgoing_give_link(outgoing=local, by=abroad.line.registry, given_to="x")
    with pytest.raises(DataWrong):
        outgoing_give_link(outgoing=abroad.case, by=abroad.line.registry, given_to="x", days=0)
    with pytest.raises(ActForbidden):
        outgoing_give_link(outgoing=abroad.case, by=abroad.line.prosecutor, given_to="x")
    drafted = Line().drafted()
    with pytest.raises(ActForbidden):
        outgoing_give_link(outgoing=drafted, by=abroad.line.registry, given_to="x")


def test_what_the_officer_has_before_its_eyes_has_arrived(abroad: Abroad) -> None:
    way = Transmission.objects.get(message__conversation_id=abroad.case.conversation_id)
    letter = MessageFile.objects.get(message=way.message, role="letter")
    assert way.status == "submitted" or way.status == "queued"
    link_seen(link=abroad.link, officer=OFFICER)
    assert Transmission.objects.get(pk=way.pk).status == way.status, "the letter was not taken yet"
    link_read(link=abroad.link, officer=OFFICER, file=letter)
    assert Transmission.objects.get(pk=way.pk).status == "retrieved"
    assert Receipt.objects.filter(transmission=way, content__officer=OFFICER).exists()
    link_read(link=link_by_token(link_token(abroad.link)), officer=OFFICER, file=letter)
    assert Receipt.objects.filter(transmission=way, kind="retrieved").count() == 1
    assert [one.what for one in abroad.link.uses.filter(act="read")] == [letter.name] * 2


def test_files_laid_ready_are_theirs_until_sent(abroad: Abroad) -> None:
    file = abroad.lay_ready(b"wrong file")
    with pytest.raises(ConditionsNotMet):
        abroad.again()
        abroad.lay_ready(b"wrong file")
    with pytest.raises(ConditionsNotMet):
        abroad.lay_ready(b"other", item="M99")
    officer_link_remove_file(link=abroad.link, file=file)
    abroad.again()
    assert link_view(abroad.link).ready == []
    kept = abroad.lay_ready(b"right file")
    abroad.again()
    done = [{"key": key, "status": "executed"} for key in abroad.open_items()]
    abroad.say("result", {"outcome": "executed", "items": done}, files=[kept])
    kept.refresh_from_db()
    with pytest.raises(ConditionsNotMet):
        officer_link_remove_file(link=abroad.link, file=kept)


def test_view_costs_the_same_however_much_was_said(abroad: Abroad) -> None:
    abroad.say("acknowledgement", {"reference": "IS-117", "contact": ""})
    abroad.say("information_asked", {"point": str(uuid7()), "question": "Which port?", "due": None})
    with CaptureQueriesContext(connection) as few:
        link_view(abroad.link)
    for number in range(5):
        abroad.say("information_asked", {"point": str(uuid7()), "question": f"Which {number}?", "due": None})
    with CaptureQueriesContext(connection) as many:
        link_view(abroad.link)
    assert len(many) == len(few)
