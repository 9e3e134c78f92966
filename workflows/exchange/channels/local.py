"""Channel `local`: both authorities on this installation. Still by messages, never by shared rows."""

from __future__ import annotations

from mla.accounts.actors import Actor
from workflows.engine.errors import PermanentFailure
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import perform
from workflows.exchange.channels import Carried
from workflows.exchange.envelope import iso
from workflows.exchange.models import Message, Transmission
from workflows.exchange.receiving import message_receive


class LocalChannel:
    name = "local"
    electronic = True

    def carry(self, transmission: Transmission, message: Message) -> Carried:
        """Put the envelope into the peer's log, in the transaction that notes its delivery."""
        peer = message.peer
        if not peer.hosted_here:
            raise PermanentFailure(f"{peer.code} does not work on this installation: choose another channel")
        data = bytes(message.envelope)

        def deliver() -> None:
            message_receive(data=data, receiver=peer, channel=self.name)

        receipt = {"channel": self.name, "message": str(message.message_id), "hash": message.hash}
        return Carried(steps=[("submit", receipt), ("deliver", receipt)], finish=deliver)


def tell_the_sender(job: Job) -> Finish | None:
    """The peer applied or refused a message: note it at the sender's transmission. A handler of both events."""
    arrived = Message.objects.select_related("peer").get(pk=job.object_id)
    sent = Transmission.objects.filter(
        message__authority=arrived.peer, message__message_id=arrived.message_id, channel=LocalChannel.name
    ).first()
    if sent is None:
        return None
    system = Actor.system("channel.local", authority_id=sent.authority_id)
    receipt = {"channel": LocalChannel.name, "message": str(arrived.message_id), "at": iso(arrived.changed_at)}

    def note() -> None:
        if job.event == "message.applied":
            perform(sent, "retrieve", by=system, receipt=receipt)
        else:
            perform(sent, "reject", by=system, receipt=receipt | {"why": arrived.refusal})

    return note
