"""Reading the message log. An authority reads its own log alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import OuterRef, QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.core.questions import OfEachRow
from workflows.exchange.models import Message, MessageFile, Transmission
from workflows.lifecycle.models import IncomingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """Return the messages of the actor's authority in the cases that the actor may see."""
    # Questions to each message: the list of all conversations in sight is never made.
    outgoing = visible_outgoing(actor).filter(conversation_id=OuterRef("conversation_id"))
    incoming = visible_incoming(actor).filter(conversation_id=OuterRef("conversation_id"))
    return Message.objects.filter(OfEachRow(outgoing) | OfEachRow(incoming), authority=actor.authority_id)


def access_message_by_id(actor: Actor, public_id: UUID | str) -> Message:
    """Return the message. Raises AccessDenied when absent or hidden."""
    return access(visible_messages(actor), actor=actor, kind="message", public_id=public_id)


def visible_transmissions(actor: Actor) -> QuerySet[Transmission]:
    """Return the transmissions of the messages that the actor may see."""
    # A transmission is of the authority in whose log its message stands; said again, since lists are read by it.
    return Transmission.objects.filter(authority=actor.authority_id, message__in=visible_messages(actor))


def access_transmission_by_id(actor: Actor, public_id: UUID | str) -> Transmission:
    """Return the transmission. Raises AccessDenied when absent or hidden."""
    return access(visible_transmissions(actor), actor=actor, kind="transmission", public_id=public_id)


def received_files(case: IncomingRequest) -> QuerySet[MessageFile]:
    """Return the files that came with a request in, the letter first, for whoever was given the case."""
    return MessageFile.objects.filter(
        message__authority=case.authority_id,
        message__conversation_id=case.conversation_id,
        message__direction=Message.Direction.IN,
        message__type="request",
        message__status=Message.Status.APPLIED,
    ).order_by("id")
