"""Whatever arrives: applied once and in its order, or refused in words, and the file is as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection, transaction

from mla.core.canonical import content_hash
from mla.core.files import file_store
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.exchange.conftest import Post
from tests.factories import drain
from tests.lifecycle.acting import fresh
from tests.lifecycle.conftest import World
from workflows.engine.models import OutboxJob
from workflows.exchange.bodies import ItemState
from workflows.exchange.envelope import CarriedFile, EnvelopeWrong, decode
from workflows.exchange.models import Message, Transmission
from workflows.exchange.receiving import message_receive
from workflows.exchange.writing import Draft, message_write
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course

ACKNOWLEDGED = {"reference": "AL-CENTRAL/in/2026/00001", "contact": "Registry"}


def question(text: str, **more: Any) -> dict[str, Any]:
    return {"point": str(uuid7()), "question": text, "due": None} | more


def questions(world: World) -> list[str]:
    sent = world.outgoing("sent")
    return list(OpenPoint.objects.filter(outgoing=sent).order_by("id").values_list("question", flat=True))


class TestOrder:
    def test_message_delivered_twice_is_applied_once(self, world: World, answers: Post) -> None:
        data = answers.write("acknowledgement", ACKNOWLEDGED)
        first = answers.deliver(data)
        again = message_receive(data=data, receiver=answers.receiver, channel="local")
        assert (first.pk, first.status, again.pk) == (again.pk, "applied", first.pk)
        assert OutboxJob.objects.filter(event="message.received", object_id=first.pk).count() == 1
        case = fresh(world.outgoing("sent"))
        assert (case.status, case.version) == ("acknowledged", world.outgoing("sent").version)
        assert case.peer_reference == ACKNOWLEDGED["reference"]

    def test_message_that_came_too_early_is_held_and_applied_after_the_missing_one(
        self, world: World, answers: Post
    ) -> None:
        data = [answers.write("information_asked", question(str(number))) for number in range(1, 5)]
        assert answers.deliver(data[3]).status == "held"
        assert answers.deliver(data[2]).status == "held"
        assert questions(world) == []
        answers.deliver(data[0])
        assert questions(world) == ["1"]
        answers.deliver(data[1])
        assert questions(world) == ["1", "2", "3", "4"]
        log = Message.objects.filter(
            authority=answers.receiver, conversation_id=answers.conversation_id, direction="in"
        )
        assert list(log.order_by("seq").values_list("status", flat=True)) == ["applied"] * 4

    def test_other_message_under_a_known_identifier_is_not_taken(self, world: World, answers: Post) -> None:
        data = answers.write("information_asked", question("1"))
        message = answers.deliver(data)
        count = Message.objects.count()
        with pytest.raises(EnvelopeWrong, match="another message"):
            answers.deliver(answers.forge("information_asked", question("2"), message_id=message.message_id))
        assert Message.objects.count() == count

    @pytest.mark.parametrize(
        "place",
        [{"seq": 1}, {"seq": 2}, {"prev_hash": "d" * 64}],
        ids=["place taken long ago", "place taken last", "follows nothing"],
    )
    def test_message_that_contradicts_the_log_is_refused_and_the_genuine_ones_go_on(
        self, world: World, answers: Post, place: dict[str, Any]
    ) -> None:
        answers.send("information_asked", question("1"))
        answers.send("information_asked", question("2"))
        refused = answers.deliver(answers.forge("information_asked", question("forged"), **place))
        assert refused.status == "refused"
        assert "does not follow message 2" in refused.refusal
        assert answers.send("information_asked", question("3")).status == "applied"
        assert questions(world) == ["1", "2", "3"]

    def test_forged_message_that_waits_does_not_keep_the_genuine_one_waiting(self, world: World, answers: Post) -> None:
        first = answers.write("information_asked", question("1"))
        forged = answers.forge("information_asked", question("forged"), prev_hash="d" * 64)
        second = answers.write("information_asked", question("2"))
        third = answers.write("information_asked", question("3"))
        for data in (forged, third, second):
            assert answers.deliver(data).status == "held"
        answers.deliver(first)
        assert questions(world) == ["1", "2", "3"]
        assert Message.objects.get(message_id=decode(forged).message_id).status == "refused"

    def test_message_that_was_refused_keeps_its_place_in_the_conversation(self, world: World, answers: Post) -> None:
        assert answers.send("result", {"outcome": "executed", "items": []}).status == "refused"
        assert answers.send("information_asked", question("1")).status == "applied"


class TestAddress:
    def test_message_for_somebody_else_or_from_nobody_is_not_taken(self, world: World, answers: Post) -> None:
        count = Message.objects.count()
        other = Authority.objects.exclude(pk__in=[answers.sender.pk, answers.receiver.pk]).order_by("id")[0]
        for changes, said in (
            ({"receiver": other.code}, f"is for {other.code}"),
            ({"sender": "nobody-at-all"}, "is not known here"),
        ):
            with pytest.raises(EnvelopeWrong, match=said):
                answers.deliver(answers.forge("acknowledgement", ACKNOWLEDGED, **changes))
        with pytest.raises(EnvelopeWrong, match="not JSON"):
            answers.deliver(b"\x00")
        assert Message.objects.count() == count

    def test_third_authority_has_no_word_in_a_conversation_of_two(self, world: World, answers: Post) -> None:
        other = Authority.objects.exclude(pk__in=[answers.sender.pk, answers.receiver.pk]).order_by("id")[0]
        intruder = Post(other, answers.receiver, answers.conversation_id)
        for kind, body in (
            ("acknowledgement", ACKNOWLEDGED),
            ("withdrawal", {"reason": "x"}),
            ("request", {"frozen": {}, "content_hash": "0" * 64, "document_sha256": "0" * 64}),
        ):
            assert intruder.send(kind, body).status == "refused"
        assert answers.send("acknowledgement", ACKNOWLEDGED).status == "applied"


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("acknowledgement", ACKNOWLEDGED | {"urgency": "high"}, "urgency: Extra inputs are not permitted"),
    ("acknowledgement", {"reference": "x" * 200, "contact": ""}, "peer_reference"),
    ("status", {"status": "x" * 30, "items": []}, "peer_status"),
    ("status", {"status": "under_review", "items": [{"key": "M9", "status": "accepted"}]}, "no item M9"),
    ("status", {"status": "under_review", "items": [{"key": "M1", "status": "refused"}]}, "missing"),
    ("status", {"status": "under_review", "items": [{"key": "M1", "status": "lost"}]}, "items.0.status"),
    (
        "status",
        {
            "status": "under_review",
            "items": [
                {
                    "key": "M1",
                    "status": "executed",
                    "preserved_from": "2026-03-02",
                    "preserved_until": "2026-03-01",
                }
            ],
        },
        "contradicts",
    ),
    ("result", {"outcome": "won", "items": []}, "outcome must be one of"),
    ("result", {"outcome": "not_pursued", "items": []}, "outcome must be one of"),
    ("returned", {"outcome": "executed", "reason": "x"}, "outcome must be one of"),
    ("returned", {"outcome": "returned", "reason": " "}, "missing"),
    ("result", {"outcome": "executed", "items": [{"key": "M1", "status": "executed"}]}, "M2"),
    ("withdrawal_confirmed", {}, "has not withdrawn"),
    ("confirmation", {"content_hash": "0" * 64, "document_sha256": "0" * 64}, "no request from this sender"),
    ("withdrawal", {"reason": "x"}, "no request from this sender"),
    ("information_given", {"point": str(uuid7()), "answer": "x"}, "no request from this sender"),
]


@pytest.mark.parametrize(("kind", "body", "said"), REFUSED, ids=[f"{row[0]}: {row[2][:20]}" for row in REFUSED])
def test_message_that_does_not_fit_is_refused_and_the_file_is_as_it_was(
    world: World, answers: Post, kind: str, body: dict[str, Any], said: str
) -> None:
    before = OutgoingRequest.objects.filter(pk=world.outgoing("sent").pk).values().get()
    items = list(world.outgoing("sent").items.values())
    message = answers.send(kind, body)
    assert message.status == "refused"
    assert said in message.refusal
    assert OutgoingRequest.objects.filter(pk=before["id"]).values().get() == before
    assert list(world.outgoing("sent").items.values()) == items
    assert answers.send("acknowledgement", ACKNOWLEDGED).status == "applied"


def test_question_of_one_identifier_is_asked_once(world: World, answers: Post) -> None:
    body = question("1")
    assert answers.send("information_asked", body).status == "applied"
    assert answers.send("information_asked", body | {"question": "2"}).status == "refused"
    assert questions(world) == ["1"]


def test_item_reports_lead_through_every_status_between() -> None:
    path = [
        (act, data.get("ground", ""))
        for status, report in (
            ("requested", ItemState(key="M1", status="not_held", reason="x")),
            ("postponed", ItemState(key="M1", status="executed")),
            ("accepted", ItemState(key="M1", status="postponed", ground="g", until=dt.date(2027, 1, 1))),
            ("executed", ItemState(key="M1", status="refused", ground="g", reason="x")),
            ("accepted", ItemState(key="M1", status="requested")),
        )
        for act, data in course.acts_towards(status, course.ItemReport(**report.model_dump()))
    ]
    assert path == [("accept", ""), ("find_nothing", ""), ("resume", ""), ("execute", ""), ("postpone", "g")]
    with pytest.raises(course.UnknownItem, match="no status"):
        course.acts_towards("accepted", course.ItemReport("M1", "lost"))


class TestRequest:
    """A letter that arrives at the other side, damaged in every way that can be thought of."""

    @pytest.fixture
    def letter(self, world: World) -> tuple[Post, dict[str, Any], list[CarriedFile]]:
        sent = world.outgoing("sent")
        version = sent.approved_version
        assert version is not None and sent.addressee is not None
        pdf = file_store(b"%PDF-1.7 another letter")
        body = {
            "frozen": version.frozen_content,
            "content_hash": version.content_hash,
            "document_sha256": pdf.sha256,
        }
        files = [
            CarriedFile(name="l.pdf", media_type="application/pdf", size=pdf.size, sha256=pdf.sha256, role="letter")
        ]
        return Post(sent.central, sent.addressee, uuid7()), body, files

    def test_whole_letter_is_registered(self, letter: Any) -> None:
        post, body, files = letter
        assert post.send("request", body, files=files).status == "applied"
        case = IncomingRequest.objects.get(conversation_id=post.conversation_id)
        assert (case.letter_sha256, case.peer_reference) == (files[0].sha256, "T-1")
        again = post.send("request", body, files=files)
        assert (again.status, again.refusal) == ("refused", "this conversation has its request already")

    def test_damaged_letter_is_refused_and_takes_no_number(self, letter: Any) -> None:
        post, body, files = letter
        (pdf,) = files
        last = IncomingRequest.objects.count()
        other = file_store(b"something else")
        frozen: dict[str, Any] = body["frozen"]
        changed = frozen | {"letter": frozen["letter"] | {"title": "Another title"}}
        bare = {"format": "mla-frozen/1"}
        foreign = frozen | {"letter": frozen["letter"] | {"requesting": {"jurisdiction": "FR"}}}
        damages = [
            (body | {"frozen": changed}, files, "does not have the content hash"),
            (body | {"document_sha256": other.sha256}, files, "does not carry the letter's document"),
            (body, [], "does not carry the letter's document"),
            (body, [*files, *files], "does not carry the letter's document"),
            (body, [pdf.model_copy(update={"sha256": "e" * 64})], "did not arrive whole"),
            (body, [pdf.model_copy(update={"size": 1})], "the message says 1"),
            (body | {"frozen": bare, "content_hash": content_hash(bare)}, files, "cannot be registered: title"),
            (body | {"frozen": foreign, "content_hash": content_hash(foreign)}, files, "one of FR"),
        ]
        for damaged, carried, said in damages:
            message = Post(post.sender, post.receiver, uuid7()).send("request", damaged, files=carried)
            assert message.status == "refused"
            assert said in message.refusal
        assert IncomingRequest.objects.count() == last
        assert post.send("request", body, files=files).status == "applied"
        reference = IncomingRequest.objects.get(conversation_id=post.conversation_id).reference
        assert int(reference.rsplit("/", 1)[1]) == last + 1

    def test_file_that_was_changed_on_the_way_is_noticed(self, letter: Any) -> None:
        post, body, files = letter
        sha256 = files[0].sha256
        path = default_storage.path(f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}")
        with open(path, "r+b") as stored:
            stored.write(b"%PDF-6")
        try:
            assert "did not arrive whole" in post.send("request", body, files=files).refusal
        finally:
            with open(path, "r+b") as stored:
                stored.write(b"%PDF-1")

    def test_request_into_a_conversation_that_we_began_is_refused(self, world: World, letter: Any) -> None:
        post, body, files = letter
        sent = world.outgoing("sent")
        back = Post(post.receiver, post.sender, sent.conversation_id)
        assert back.send("request", body, files=files).refusal == "this conversation has its request already"


class TestBothSides:
    """Refusals are told: the sender's transmission says what the receiver said."""

    def refused_transmission(self, world: World) -> Transmission:
        drain()
        return Transmission.objects.get(authority=world.outgoing("sent").addressee, status="rejected")

    def test_message_for_a_closed_case_is_refused_and_told(self, world: World, arrived: None) -> None:
        sent, line = world.outgoing("sent"), world.line
        received = world.incoming("received")
        course.outgoing_lapse(outgoing=sent, by=line.supervisor, reason="two years", originator_confirmed=True)
        inward.incoming_acknowledge(incoming=received, by=line.their_registry, contact="Registry")
        told = self.refused_transmission(world)
        assert (told.message.type, told.status) == ("acknowledgement", "rejected")
        assert "does not fit the status “closed”" in told.failure
        assert [receipt.kind for receipt in told.receipts.all()] == ["submitted", "delivered", "rejected"]
        assert fresh(sent).status == "closed"

    def test_conflict_is_refused_told_and_does_not_stop_the_conversation(self, world: World, arrived: None) -> None:
        """The receiver lost its log's end and writes another message at a place that is taken."""
        sent, line = world.outgoing("sent"), world.line
        received = inward.incoming_acknowledge(
            incoming=world.incoming("received"), by=line.their_registry, contact="Registry"
        )
        drain()
        assert fresh(sent).status == "acknowledged"
        from mla.accounts.actors import Actor

        system = Actor.system("test", authority_id=received.authority_id)
        message_write(case=received, peer=received.sender, draft=Draft("acknowledgement", ACKNOWLEDGED), by=system)
        told = self.refused_transmission(world)
        assert "does not fit" in told.failure
        inward.incoming_start_review(incoming=received, by=line.their_desk)
        drain()
        assert fresh(sent).peer_status == "under_review"


class TestLog:
    def test_what_was_sent_and_received_is_never_changed_or_deleted(self, world: World, arrived: None) -> None:
        from django.db.utils import DatabaseError

        message = Message.objects.filter(direction="in")[0]
        for sql in (
            "update exchange_message set envelope = '\\x00' where id = %s",
            "update exchange_message set seq = 9 where id = %s",
            "delete from exchange_message where id = %s",
            "update exchange_receipt set kind = 'x' where transmission_id = %s",
            "delete from exchange_messagefile where message_id = %s",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, [message.pk])
        assert bytes(fresh(message).envelope) == bytes(message.envelope)
