"""The pages of an officer of a State without such a system: one request by a link and a code, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mla.accounts.actors import Actor
from mla.core.ids import uuid7
from tests.factories import Line, drain, officer
from tests.web.test_review import body, do, hidden
from workflows.exchange.envelope import decode
from workflows.exchange.models import Message
from workflows.lifecycle.link_secrets import link_code, link_token
from workflows.lifecycle.models import LinkFile, OfficerLink, OutgoingRequest
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.officer_links import officer_link_revoke, outgoing_give_link
from workflows.lifecycle.services.wishes import outgoing_ask_status

AtDesk = Callable[[Actor], Client]

pytestmark = pytest.mark.django_db

WHO = {"name": "B. Registrar", "office": "Central Authority"}


class Abroad:
    """A request on paper, a link to it, and the browser of the officer abroad."""

    def __init__(self) -> None:
        self.line = Line()
        self.case = self.line.sent_on_paper()
        self.link = outgoing_give_link(outgoing=self.case, by=self.line.registry, given_to="their central authority")
        self.client = Client()

    def door(self, client: Client | None = None, **said: str) -> Any:
        address = reverse("web:link_door", args=[link_token(self.link)])
        return (client or self.client).post(address, {"code": link_code(self.link)} | WHO | said)

    def at(self, name: str, *rest: Any) -> str:
        return reverse(f"web:{name}", args=[self.link.public_id, *rest])

    def say(self, said: str, **fields: Any) -> Any:
        address = self.at("link_say", said)
        given = {"message_id": hidden(body(self.client.get(address)), "message_id")}
        return self.client.post(address, given | fields)

    def now(self) -> OutgoingRequest:
        drain()
        return OutgoingRequest.objects.get(pk=self.case.pk)


@pytest.fixture
def abroad() -> Abroad:
    return Abroad()


def test_door_opens_with_the_code_alone_and_says_nothing_before(abroad: Abroad) -> None:
    address = reverse("web:link_door", args=[link_token(abroad.link)])
    page = abroad.client.get(address)
    shown = body(page)
    assert page.status_code == 200 and abroad.link.authority.name in shown
    for secret in (abroad.case.letter.title, abroad.case.reference, link_code(abroad.link)):
        assert secret not in shown
    assert (page["Referrer-Policy"], page["Cache-Control"].split(",")[0]) == ("same-origin", "max-age=0")
    assert abroad.client.get(abroad.at("link_case")).status_code == 404, "not opened yet"
    wrong = abroad.door(code="1")
    assert wrong.status_code == 422 and "Tries left: 4" in body(wrong) and WHO["name"] in body(wrong)
    assert abroad.door(name="").status_code == 422
    opened = abroad.door()
    assert opened.status_code == 302 and opened["Location"] == abroad.at("link_case")
    seen = body(abroad.client.get(opened["Location"]))
    assert abroad.case.letter.title in seen and abroad.case.reference in seen
    assert Client().get(opened["Location"]).status_code == 404, "another browser"


def test_officer_acknowledges_asks_and_says_how_it_stands(abroad: Abroad) -> None:
    abroad.door()
    empty = abroad.say("acknowledgement", contact="on call")
    assert empty.status_code == 422 and "on call" in body(empty)
    assert abroad.say("acknowledgement", peer_reference="IS-117", contact="on call").status_code == 302
    assert (abroad.now().status, abroad.now().peer_reference) == ("acknowledged", "IS-117")
    assert abroad.client.get(abroad.at("link_say", "acknowledgement")).status_code == 409, "said already"
    assert abroad.say("information_asked", question="Which port?").status_code == 302
    point = abroad.now().openpoint_set.get()
    course.outgoing_give_information(
        outgoing=abroad.now(), by=abroad.line.supervisor, answer="Port 443.", point_id=point.point_id
    )
    drain()
    page = body(abroad.client.get(abroad.at("link_case")))
    assert "Port 443." in page and "Which port?" in page and WHO["name"] in page
    answer = {"peer_status": "in_execution", "text": "The court was asked.", "next_on": "2027-02-15", "event": ""}
    assert abroad.say("status", **answer).status_code == 302
    assert abroad.now().status == "in_execution"


def test_officer_lays_files_ready_and_sends_a_part_and_the_rest(abroad: Abroad) -> None:
    abroad.door()
    page = abroad.at("link_evidence")
    keys = list(abroad.case.items.order_by("id").values_list("key", flat=True))
    shown = body(abroad.client.get(page))
    given = {"message_id": hidden(shown, "message_id"), "note": "from the provider"}
    given |= {f"status_{key}": "accepted" for key in keys}
    none = abroad.client.post(page, given | {"whole": "part"})
    assert none.status_code == 422 and "No file lies ready" in body(none) and "from the provider" in body(none)
    add = abroad.at("link_add_file")
    assert abroad.client.post(add, {}).status_code == 422
    sent = {"file": SimpleUploadedFile("log.csv", b"a,b\n1,2\n"), "item": keys[0], "description": "the log"}
    assert abroad.client.post(add, sent).status_code == 302
    wrong = abroad.client.post(add, {"file": SimpleUploadedFile("x.csv", b"x")})
    [_kept, unwanted] = LinkFile.objects.order_by("id")
    assert wrong.status_code == 302
    assert abroad.client.post(abroad.at("link_remove_file", unwanted.public_id)).status_code == 302
    assert abroad.client.post(page, given | {"whole": "part"}).status_code == 302
    assert [one.name for one in abroad.now().evidence_set.all()] == ["log.csv"]
    done = {"message_id": str(uuid7()), "whole": "whole"} | {f"status_{key}": "executed" for key in keys}
    half = abroad.client.post(page, done | {f"status_{keys[0]}": "accepted"})
    assert half.status_code == 422 and "Say how it ended" in body(half)
    refused = abroad.client.post(page, done | {f"status_{keys[0]}": "refused"})
    assert refused.status_code == 422 and body(refused).count("This is needed where an item ends so.") >= 3
    assert abroad.client.post(page, done).status_code == 302
    assert (abroad.now().status, abroad.now().outcome) == ("concluded", "executed")


def test_officer_answers_what_is_wished(abroad: Abroad) -> None:
    outgoing_ask_status(outgoing=abroad.case, by=abroad.line.registry, words="The trial is near.")
    drain()
    abroad.door()
    assert "The trial is near." in body(abroad.client.get(abroad.at("link_case")))
    wish = str(abroad.now().wish_set.get().wish_id)
    none = abroad.say("wish_answered", wish=wish, peer_status="under_review")
    assert none.status_code == 422 and "Write it in words." in body(none)
    assert abroad.say("wish_answered", wish=wish, peer_status="under_review", answer="At the court.").status_code == 302
    answered = abroad.now().wish_set.get()
    assert (answered.answer, abroad.now().peer_status) == ("At the court.", "under_review")


def test_officer_refuses_with_a_coded_ground(abroad: Abroad) -> None:
    abroad.door()
    consulting = {"kind": "refusal", "question": "Is it a political offence?", "ground": "political_offence"}
    assert abroad.say("consultation", **consulting).status_code == 302
    assert "Is it a political offence?" in body(abroad.client.get(abroad.at("link_case")))
    assert abroad.say("refusal", ground="", article="", reason="No.").status_code == 422
    said = {"ground": "political_offence", "article": "UNTOC 18(21)", "reason": "See there."}
    assert abroad.say("refusal", **said).status_code == 302
    assert (abroad.now().outcome, abroad.now().refusal_ground) == ("refused", "political_offence")
    told = Message.objects.get(conversation_id=abroad.case.conversation_id, type="refusal")
    assert decode(bytes(told.envelope)).body["consulted"] is True
    assert "Nothing is expected of you now" in body(abroad.client.get(abroad.at("link_case")))


def test_letter_is_handed_out_and_nothing_else(abroad: Abroad) -> None:
    abroad.door()
    page = body(abroad.client.get(abroad.at("link_case")))
    letter = Message.objects.get(conversation_id=abroad.case.conversation_id, type="request").files.get(role="letter")
    address = abroad.at("link_file", letter.pk)
    assert address in page and letter.sha256 in page
    answer = abroad.client.get(address)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    other = Abroad()
    other.door()
    theirs = Message.objects.filter(conversation_id=other.case.conversation_id).get().files.get(role="letter")
    assert abroad.client.get(abroad.at("link_file", theirs.pk)).status_code == 404
    assert abroad.client.get(other.at("link_case")).status_code == 404
    assert abroad.client.get(f"/out/{abroad.case.public_id}/").status_code == 302, "the desk asks for a sign-in"


def test_whoever_is_in_is_out_when_the_link_is_revoked(abroad: Abroad) -> None:
    abroad.door()
    assert abroad.client.get(abroad.at("link_case")).status_code == 200
    officer_link_revoke(link=OfficerLink.objects.get(pk=abroad.link.pk), by=abroad.line.registry)
    for address in (
        abroad.at("link_case"),
        abroad.at("link_evidence"),
        reverse("web:link_door", args=[link_token(abroad.link)]),
    ):
        assert abroad.client.get(address).status_code == 410
    assert abroad.client.post(abroad.at("link_add_file")).status_code == 410


def test_leaving_closes_the_case_in_this_browser(abroad: Abroad) -> None:
    abroad.door()
    assert "link and the code open it again" in body(abroad.client.post(abroad.at("link_leave")))
    assert abroad.client.get(abroad.at("link_case")).status_code == 404


def test_codes_cannot_be_tried_without_end(abroad: Abroad) -> None:
    codes = {abroad.door(code="1").status_code for _time in range(5)}
    assert codes == {422, 410}
    assert abroad.door().status_code == 410, "locked"
    with mock.patch("workflows.web.views.by_link.ratelimit.consume", return_value=None):
        assert Abroad().door().status_code == 429


def test_registry_gives_shows_and_revokes_a_link(at_desk: AtDesk) -> None:
    line = Line()
    case = line.sent_on_paper()
    registry = at_desk(line.registry)
    page = f"/out/{case.public_id}/"
    assert f"{page}do/give_link" in body(registry.get(page))
    none = do(registry, case, "give_link", given_to="", days="0", expected_version=case.version)
    assert none.status_code == 422
    done = do(registry, case, "give_link", given_to="The desk abroad", days="30", expected_version=case.version)
    assert done.status_code == 302
    link = OfficerLink.objects.get()
    assert "The desk abroad" in body(registry.get(page))
    slip = f"/officer_link/{link.public_id}/"
    shown = body(registry.get(slip))
    assert link_code(link) in shown and link_token(link) in shown and "<svg" in shown
    assert at_desk(line.prosecutor).get(slip).status_code == 404
    assert at_desk(officer("supervisor", case.addressee.code)).get(slip).status_code == 404  # type: ignore[union-attr]
    assert (
        registry.post(f"/officer_link/{link.public_id}/do/revoke", {"expected_version": link.version}).status_code
        == 302
    )
    assert link_token(link) not in body(registry.get(slip))
    local = line.sent()
    assert "give_link" not in body(registry.get(f"/out/{local.public_id}/"))


def test_request_that_was_taken_over_from_a_register_is_answered_by_a_link_too(at_desk: AtDesk) -> None:
    from tests.lifecycle.test_importing import SENT, bring, registry

    bring(SENT)
    case = OutgoingRequest.objects.get()
    link = outgoing_give_link(outgoing=case, by=registry(), given_to="The desk abroad")
    client = Client()
    client.post(reverse("web:link_door", args=[link_token(link)]), {"code": link_code(link)} | WHO)
    page = client.get(reverse("web:link_case", args=[link.public_id]))
    assert page.status_code == 200 and "It went to you on paper." in body(page)
    say = reverse("web:link_say", args=[link.public_id, "status"])
    given = {"message_id": hidden(body(client.get(say)), "message_id"), "peer_status": "in_execution"}
    assert client.post(say, given).status_code == 302
    assert OutgoingRequest.objects.get(pk=case.pk).status == "in_execution"
