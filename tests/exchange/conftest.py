"""Fixtures of the exchange's tests: the lifecycle's world, and a post office for messages made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from mla.core import clock
from mla.core.ids import uuid7
from mla.reference.models import Authority
from tests.engine.racing import committed
from tests.lifecycle.conftest import World, arrived, module_world, one_transaction, savepoint, world
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.exchange.envelope import GENESIS, Envelope, envelope_hash
from workflows.exchange.models import Message
from workflows.exchange.receiving import message_receive

__all__ = ["World", "arrived", "committed", "module_world", "one_transaction", "savepoint", "world"]


class Post:
    """Messages of one authority to another in one conversation, as bytes, in any order one likes."""

    def __init__(self, sender: Authority, receiver: Authority, conversation_id: Any) -> None:
        self.sender, self.receiver, self.conversation_id = sender, receiver, conversation_id
        last = Message.objects.filter(
            authority=receiver, peer=sender, conversation_id=conversation_id, direction="in"
        ).order_by("-seq").first()  # fmt: skip
        self.seq, self.prev_hash = (last.seq, last.hash) if last else (0, GENESIS)

    def write(self, kind: str, body: dict[str, Any], **changes: Any) -> bytes:
        """Return the next message; the one after it follows from it."""
        data = self.forge(kind, body, **changes)
        self.seq, self.prev_hash = self.seq + 1, envelope_hash(data)
        return data

    def forge(self, kind: str, body: dict[str, Any], **changes: Any) -> bytes:
        """Return a message at the next place that the conversation does not go on from."""
        values: dict[str, Any] = {
            "message_id": uuid7(),
            "conversation_id": self.conversation_id,
            "type": kind,
            "sender": self.sender.code,
            "receiver": self.receiver.code,
            "seq": self.seq + 1,
            "prev_hash": self.prev_hash,
            "written_at": clock.now(),
            "sender_reference": "T-1",
            "body": body,
        }
        return Envelope.model_validate(values | changes).encode()

    def deliver(self, data: bytes) -> Message:
        """Put a message into the receiver's log and apply it, as a channel and a worker would."""
        message = message_receive(data=data, receiver=self.receiver, channel="local")
        for job in OutboxJob.objects.filter(event="message.received", object_id=message.pk, status="due"):
            assert run_job(job.pk) == "done", OutboxJob.objects.get(pk=job.pk).last_error
        return Message.objects.get(pk=message.pk)

    def send(self, kind: str, body: dict[str, Any], **changes: Any) -> Message:
        return self.deliver(self.write(kind, body, **changes))


@pytest.fixture
def answers(world: World) -> Post:
    """What the requested side writes about the module's sent case."""
    sent = world.outgoing("sent")
    assert sent.addressee is not None
    return Post(sent.addressee, sent.central, sent.conversation_id)
