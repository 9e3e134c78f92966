"""Reading the message log. An authority reads its own log alone."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing


def visible_messages(actor: Actor) -> QuerySet[Message]:
    """Return the messages of the actor's authority in the cases that the actor may see."""
    conversations = (
        visible_outgoing(actor).values("conversation_id").union(visible_incoming(actor).values("conversation_id"))
    )
    return Message.objects.filter(authority=actor.authority_id, conversation_id__in=conversations)


def access_message_by_id(actor: Actor, public_id: UUID | str) -> Message:
    """Return the message. Raises AccessDenied when absent or hidden."""
    return access(visible_messages(actor), actor=actor, kind="message", public_id=public_id)


def visible_transmissions(actor: Actor) -> QuerySet[Transmission]:
    """Return the transmissions of the messages that the actor may see."""
    return Transmission.objects.filter(message__in=visible_messages(actor))


def access_transmission_by_id(actor: Actor, public_id: UUID | str) -> Transmission:
    """Return the transmission. Raises AccessDenied when absent or hidden."""
    return access(visible_transmissions(actor), actor=actor, kind="transmission", public_id=public_id)
