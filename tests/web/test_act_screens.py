"""Every act that a person may do has a page: its words, its form, what stands in its way, and a second press."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from mla.accounts.capabilities import capability_table
from mla.accounts.models import Role
from mla.core import clock
from mla.reference.models import Authority, RefusalGround
from tests.documents.test_with_translation import certified
from tests.factories import Line, drain, officer
from tests.web.conftest import signed_in
from workflows.engine.errors import VersionChanged
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, RequestedItem
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.web.acts import screen_of, screens

pytestmark = pytest.mark.django_db

#: Acts of people that have no page of the act view, and why.
WITHOUT_SCREEN = {
    "outgoing.create": "a request begins with the drafting of its letter",
    "outgoing.reopen": "a page of its own: it brings a new case into being (web:letter_reopen)",
    "outgoing.import": "a page of its own: a whole register is brought in (web:register_import)",
    "incoming.import": "a page of its own: a whole register is brought in (web:register_import)",
    "incoming.receive": "a page of its own: nothing is there yet to act on (web:incoming_receive)",
    "incoming.read_sealed": "no act on the case: the file under seal is opened from its list, and each reading is recorded",
}
#: Acts before the sending have their screens in another module.
BEFORE_SENDING = frozenset(
    "lodge take_in query_originator answer_query return_to_originator submit return_for_changes approve reject "
    "give_up revise".split()
)
PEOPLE = frozenset(Role) - {Role.TIMER, Role.FOREIGN_OFFICER}


def acts_of_people() -> list[str]:
    """Return the acts of requests and items that some role of people may do."""
    kinds = {"outgoing", "incoming", "item_in", "item_out"}
    return [
        act
        for act, roles in capability_table().items()
        if act.partition(".")[0] in kinds and PEOPLE & {Role(role) for role in roles}
    ]


def test_every_act_of_a_person_has_a_screen_or_a_reason() -> None:
    acts = acts_of_people()
    assert len(acts) > 50
    missing = [
        act
        for act in acts
        if act not in WITHOUT_SCREEN
        and not (act.startswith("outgoing.") and act.partition(".")[2] in BEFORE_SENDING)
        and screen_of(*act.split(".")) is None
    ]
    assert missing == []
    assert set(WITHOUT_SCREEN) <= set(acts)


def test_screens_are_of_acts_that_exist() -> None:
    known = set(capability_table())
    ours = {f"{kind}.{act}" for kind, act in screens() if kind != "letter"}
    assert ours <= known


def proof(name: str = "slip.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7 slip", content_type="application/pdf")


def proven(**said: Any) -> dict[str, Any]:
    return {"proof": proof(), "proof_channel": "paper", "proof_day": clock.now().date().isoformat(), **said}


def address(case: Any, act: str) -> str:
    way = {"outgoing": "out", "incoming": "in", "item": "item"}[case.KIND]
    return f"/{way}/{case.public_id}/do/{act}"


def test_approval_says_in_which_languages_the_letter_leaves_and_what_warnings_stand() -> None:
    line = Line()
    outgoing = line.in_review()
    client, approval = signed_in(line.supervisor), address(outgoing, "approve")
    page = client.get(approval).content.decode()
    assert "Leaves in" not in page and "Warnings that stand open" in page
    certified(line, outgoing)
    assert "English with the certified translation: French" in client.get(approval).content.decode()
    refused = client.post(approval, {"content_hash": line.hash_of(outgoing)}).content.decode()
    assert "sending the request: confirm the rights screen" in refused


def test_send_names_addressee_version_and_hashes_and_sends_once() -> None:
    line = Line()
    outgoing = line.ready()
    client = signed_in(line.registry)
    page = client.get(address(outgoing, "send")).content.decode()
    for fact in (str(outgoing.addressee), outgoing.approved_hash, outgoing.document_sha256, outgoing.reference):
        assert fact in page
    assert "cannot be taken back" in page
    assert "Send to " in page
    said = {"channel": "local", "expected_version": outgoing.version}
    assert client.post(address(outgoing, "send"), said).status_code == 302
    outgoing.refresh_from_db()
    assert (outgoing.status, outgoing.channel) == ("sent", "local")
    again = client.post(address(outgoing, "send"), said)
    assert again.status_code == 422
    assert outgoing.items.count() == RequestedItem.objects.filter(outgoing=outgoing).count() > 0


def test_sending_by_hand_needs_its_proof_and_day() -> None:
    line = Line()
    outgoing = line.ready()
    client = signed_in(line.registry)
    refused = client.post(address(outgoing, "send"), {"channel": "paper"})
    assert refused.status_code == 422
    assert "Attach what proves that it was sent" in refused.content.decode()
    outgoing.refresh_from_db()
    assert outgoing.status == "approved"
    said = {"channel": "paper", "proof": proof(), "proof_day": clock.now().date().isoformat(), "proof_note": "no. 7"}
    assert client.post(address(outgoing, "send"), said).status_code == 302
    outgoing.refresh_from_db()
    kept = outgoing.proofs.get()
    assert outgoing.status == "sent"
    assert (kept.act, kept.name) == ("send", "slip.pdf")
    assert "no. 7" in kept.note and "paper" in kept.note


def test_send_is_not_open_to_others_and_not_to_another_authority() -> None:
    line = Line()
    outgoing = line.ready()
    assert signed_in(line.supervisor).get(address(outgoing, "send")).status_code == 403
    stranger = officer(Role.REGISTRY, line.letter.requested.authority or "")
    assert signed_in(stranger).get(address(outgoing, "send")).status_code == 404


def test_what_needs_a_recent_sign_in_is_not_done_without_one_by_any_way_of_sending_the_form() -> None:
    asks = {f"{kind}.{act}" for (kind, act), screen in screens().items() if screen.recent}
    assert asks == {
        "outgoing.accept_conditions",
        "outgoing.approve",
        "outgoing.approve_provisionally",
        "outgoing.confirm",
        "outgoing.give_link",
        "outgoing.send",
        "incoming.transmit_part",
        "incoming.transmit_result",
        "incoming.refuse",
        "spontaneous_out.give",
        "spontaneous_in.accept",
        *(f"{kind}.{act}" for kind in ("team_out", "team_in") for act in ("sign", "countersign", "agree_extension")),
    }
    line = Line()
    in_review, ready = line.in_review(), line.ready()
    under_review = line.under_review(line.arrived(line.sent()))
    executed = line.executed(line.in_execution(line.arrived(line.sent())))
    approval = {"content_hash": line.hash_of(in_review), "rights_screened": "on"}
    refusal = {
        "ground": RefusalGround.objects.order_by("code")[0].code, "article": "46(21)", "reason": "It cannot be done.",
        "consulted": "no", "decided_by": "Supervisor",
    }  # fmt: skip
    for actor, case, act, said in (
        (line.supervisor, in_review, "approve", approval),
        (line.registry, ready, "send", {"channel": "local"}),
        (line.their_supervisor, under_review, "refuse", refusal),
        (line.their_registry, executed, "transmit_part", {}),
        (line.their_registry, executed, "transmit_result", {}),
    ):
        case.refresh_from_db()  # Jobs ran meanwhile.
        client, before = signed_in(actor), (case.version, case.status)
        session, recent = client.session, dict(client.session.items())
        session["account_authentication_methods"] = [
            record | {"at": record["at"] - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT - 1}
            for record in recent["account_authentication_methods"]
        ]
        session.save()
        said = said | {"expected_version": case.version}
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.post(address(case, act), said, headers=headers)
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/reauthenticate/"), act
        case.refresh_from_db()
        assert (case.version, case.status) == before, act
        session["account_authentication_methods"] = recent["account_authentication_methods"]
        session.save()
        assert client.post(address(case, act), said).status_code == 302, act
        case.refresh_from_db()
        assert case.version == before[0] + 1, act


def test_letter_that_changed_since_its_page_is_not_taken_in() -> None:
    line = Line()
    lodged = line.lodged()
    client = signed_in(line.desk)
    old = client.post(address(lodged, "take_in"), {"expected_version": lodged.version - 1})
    assert old.status_code == 422
    assert "changed meanwhile" in old.content.decode()
    with pytest.raises(VersionChanged):
        chain.outgoing_take_in(outgoing=lodged, by=line.desk, expected_version=lodged.version - 1)
    lodged.refresh_from_db()
    assert (lodged.taken_in_at, lodged.reference) == (None, "")
    assert client.post(address(lodged, "take_in"), {"expected_version": lodged.version}).status_code == 302
    lodged.refresh_from_db()
    assert lodged.taken_in_at and lodged.reference.endswith("/00001")


def by_hand(line: Line) -> OutgoingRequest:
    from workflows.lifecycle.services.outgoing_course import Proof

    sent = Proof(name="slip.pdf", media_type="application/pdf", content=b"%PDF slip")
    return course.outgoing_send(outgoing=line.ready(), by=line.registry, channel="paper", proof=sent)


def test_acts_of_the_other_state_are_recorded_with_proof_up_to_the_result() -> None:
    line = Line()
    outgoing = by_hand(line)
    client = signed_in(line.registry)
    bare = client.post(address(outgoing, "acknowledge"), {"peer_reference": "IS-1"})
    assert bare.status_code == 422
    steps: list[tuple[str, dict[str, Any]]] = [
        ("acknowledge", {"peer_reference": "IS-1"}),
        ("note_progress", {"peer_status": "under_review"}),
        ("note_question", {"question": "Which account?"}),
        ("note_execution", {}),
    ]
    for act, said in steps:
        answer = client.post(address(outgoing, act), proven(**said))
        assert answer.status_code == 302, (act, answer.content.decode()[-3000:])
    outgoing.refresh_from_db()
    assert (outgoing.status, outgoing.peer_reference) == ("in_execution", "IS-1")
    for item in outgoing.items.all():
        bare = client.post(address(item, "accept"), {})
        assert bare.status_code == 422
        assert 'name="proof"' in bare.content.decode()
        assert client.post(address(item, "accept"), proven()).status_code == 302
        assert client.post(address(item, "execute"), proven(reason="done")).status_code == 302
    assert {row.act for row in outgoing.proofs.filter(act__startswith="item.")} == {"item.accept", "item.execute"}
    files = [SimpleUploadedFile("a.csv", b"1,2\n"), SimpleUploadedFile("b.csv", b"3,4\n")]
    result = client.post(address(outgoing, "note_result"), proven(outcome="executed", evidence=files))
    assert result.status_code == 302, result.content.decode()[-3000:]
    outgoing.refresh_from_db()
    assert (outgoing.status, outgoing.outcome, outgoing.evidence_set.count()) == ("concluded", "executed", 2)
    assert outgoing.proofs.count() == 6 + 2 * outgoing.items.count()


def test_answer_goes_to_the_question_that_was_chosen() -> None:
    line = Line()
    outgoing = by_hand(line)
    for question in ("First?", "Second?"):
        kept = course.Proof(name="q.pdf", media_type="application/pdf", content=b"q")
        course.outgoing_note_question(outgoing=outgoing, by=line.registry, question=question, proof=kept)
    second = outgoing.openpoint_set.get(question="Second?")
    client = signed_in(line.supervisor)
    foreign = client.post(
        address(outgoing, "give_information"), {"point": "0190b0a0-0000-7000-8000-000000000000", "answer": "x"}
    )
    assert foreign.status_code == 404
    said = {"point": str(second.point_id), "answer": "This one."}
    assert client.post(address(outgoing, "give_information"), said).status_code == 302
    second.refresh_from_db()
    assert second.answer == "This one."
    assert outgoing.openpoint_set.get(question="First?").answered_at is None


@pytest.fixture
def arrived() -> tuple[Line, IncomingRequest]:
    line = Line()
    return line, line.arrived(line.sent())


def test_requested_side_goes_from_receipt_to_result_and_the_sender_sees_it(
    arrived: tuple[Line, IncomingRequest],
) -> None:
    line, case = arrived
    registry, desk, chief = (signed_in(one) for one in (line.their_registry, line.their_desk, line.their_supervisor))
    assert registry.post(address(case, "acknowledge"), {"contact": "Registry"}).status_code == 302
    assert desk.post(address(case, "start_review"), {}).status_code == 302
    assert desk.post(address(case, "ask_information"), {"question": "Which log?"}).status_code == 302
    said = {
        "items": [item.key for item in case.items.all()],
        "executing": line.executing_authority.pk,
        "decided_by": "Supervisor",
    }
    assert chief.post(address(case, "accept"), said).status_code == 302
    executing = signed_in(line.executing)
    for item in case.items.all():
        assert executing.post(address(item, "execute"), {"reason": "done"}).status_code == 302
    assert registry.post(address(case, "transmit_result"), {"note": "Herewith."}).status_code == 302
    drain()
    outgoing = OutgoingRequest.objects.get(conversation_id=case.conversation_id)
    assert (outgoing.status, outgoing.outcome) == ("concluded", "executed")
    seen = signed_in(line.registry).get(f"/out/{outgoing.public_id}/").content.decode()
    assert "executed" in seen


def test_refusal_needs_ground_article_reasons_and_whether_consulted(arrived: tuple[Line, IncomingRequest]) -> None:
    line, case = arrived
    line.under_review(case)
    client = signed_in(line.their_supervisor)
    whole = {
        "ground": "essential_interests",
        "article": "UNCAC 46(21)(b)",
        "reason": "Public order.",
        "consulted": "no",
        "decided_by": "Supervisor",
    }
    for name in whole:
        bare = {key: value for key, value in whole.items() if key != name}
        answer = client.post(address(case, "refuse"), bare)
        assert answer.status_code == 422, name
    case.refresh_from_db()
    assert case.status == "under_review"
    assert client.post(address(case, "refuse"), whole | {"ground": "because"}).status_code == 422
    assert client.post(address(case, "refuse"), whole).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.outcome, case.refusal_ground) == ("concluded", "refused", "essential_interests")


def test_refused_request_cannot_be_transmitted(arrived: tuple[Line, IncomingRequest]) -> None:
    line, case = arrived
    line.under_review(case)
    inward.incoming_refuse(
        incoming=case, by=line.their_supervisor, ground="essential_interests", article="1", reason="no",
        consulted=False, decided_by="S",
    )  # fmt: skip
    client = signed_in(line.their_registry)
    assert client.get(address(case, "transmit_result")).status_code == 409
    assert client.post(address(case, "transmit_result"), {"note": ""}).status_code == 422


def test_second_press_is_told_and_not_done(arrived: tuple[Line, IncomingRequest]) -> None:
    line, case = arrived
    client = signed_in(line.their_registry)
    stale = {"contact": "Registry", "expected_version": case.version}
    assert client.post(address(case, "acknowledge"), stale).status_code == 302
    assert client.post(address(case, "acknowledge"), stale).status_code == 422
    supervisor = signed_in(line.their_supervisor)
    item = case.items.first()
    assert item is not None
    line.their_desk  # noqa: B018
    inward.incoming_start_review(incoming=case, by=line.their_desk)
    old = {"expected_version": item.version}
    assert supervisor.post(address(item, "accept"), old).status_code == 302
    said = {"ground": "essential_interests", "article": "1", "reason": "no", **old}
    told = supervisor.post(address(item, "refuse"), said)
    assert told.status_code == 422
    assert "changed meanwhile" in told.content.decode()
    item.refresh_from_db()
    assert item.status == "accepted"


def test_items_and_authorities_of_others_are_no_choice(arrived: tuple[Line, IncomingRequest]) -> None:
    line, case = arrived
    line.under_review(case)
    client = signed_in(line.their_supervisor)
    abroad = Authority.objects.exclude(jurisdiction=case.authority.jurisdiction).filter(hosted_here=True).first()
    assert abroad is not None
    keys = [item.key for item in case.items.all()]
    said = {"items": keys, "executing": abroad.pk, "decided_by": "S"}
    assert client.post(address(case, "accept"), said).status_code == 404
    own = {"executing": line.executing_authority.pk, "decided_by": "S"}
    assert client.post(address(case, "accept"), own | {"items": ["M99"]}).status_code == 404
    # One of the case that was decided meanwhile was offered: it is told beside the field.
    decided = inward.incoming_item_decide(item=case.items.get(key=keys[0]), act="accept", by=line.their_supervisor)
    told = client.post(address(case, "accept"), own | {"items": [decided.key]})
    assert (told.status_code, "Select a valid choice" in told.content.decode()) == (422, True)
    case.refresh_from_db()
    assert case.status == "under_review"


def test_item_is_postponed_resumed_and_refused_by_its_own_words(arrived: tuple[Line, IncomingRequest]) -> None:
    line, case = arrived
    line.under_review(case)
    item = case.items.first()
    assert item is not None
    client = signed_in(line.their_supervisor)
    page = client.get(address(item, "refuse")).content.decode()
    assert f"Refuse item {item.key}" in page
    until = (clock.now().date() + dt.timedelta(days=30)).isoformat()
    ground = {"ground": "essential_interests", "article": "1", "reason": "no"}
    assert client.post(address(item, "postpone"), ground).status_code == 422
    assert client.post(address(item, "postpone"), ground | {"until": until}).status_code == 302
    assert client.post(address(item, "resume"), {}).status_code == 302
    assert client.post(address(item, "refuse"), ground).status_code == 302
    item.refresh_from_db()
    assert (item.status, item.ground) == ("refused", "essential_interests")


def test_evidence_confirmed_is_told_with_what_did_not_match(arrived: tuple[Line, IncomingRequest]) -> None:
    from django.core.files.storage import default_storage

    line, case = arrived
    running = line.in_execution(case)
    inward.incoming_transmit_result(incoming=line.executed(running), by=line.their_registry)
    drain()
    outgoing = OutgoingRequest.objects.get(conversation_id=case.conversation_id)
    file = outgoing.evidence_set.order_by("id").first()
    assert file is not None
    path = default_storage.path(f"sha256/{file.sha256[:2]}/{file.sha256[2:4]}/{file.sha256}")
    with open(path, "ab") as stored:
        stored.write(b"!")
    client = signed_in(line.registry)
    answer = client.post(address(outgoing, "confirm_evidence"), {}, follow=True)
    assert f"the hash does not match for {file.name}" in answer.content.decode()
    with open(path, "rb+") as stored:
        stored.truncate(file.size)
