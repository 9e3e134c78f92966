"""What an officer of a State without such a system says and reads by a link: messages of its authority, in our log alone.

The officer has no log, so its messages get their place in the conversation here, and are applied while the officer
waits: either all of it is in the file, or nothing is and the officer is told why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.errors import MlaError
from workflows.engine.acts import one_act
from workflows.engine.perform import available_acts, perform
from workflows.exchange.channels import channel_named
from workflows.exchange.envelope import CarriedFile, Envelope, MessageType, decode, iso
from workflows.exchange.models import Message, MessageFile, Transmission
from workflows.exchange.receiving import message_take_in, peer_chain_end
from workflows.lifecycle.models import LinkFile, OfficerLink, OpenPoint, OutgoingRequest, Wish
from workflows.lifecycle.services.officer_links import LinkOver, officer_of

CHANNEL = "link"
#: What can be said by a link, and the act in our file that it becomes.
SAYINGS: dict[str, str] = {
    "acknowledgement": "acknowledge",
    "status": "note_progress",
    "information_asked": "note_question",
    "consultation": "note_consultation",
    "wish_answered": "note_wish_answer",
    "partial_result": "note_part",
    "result": "note_result",
    "complement": "note_complement",
    "refusal": "note_refusal",
    "withdrawal_confirmed": "note_withdrawal",
}
#: What stands in the way of an act until the message itself says it.
_SAID_WITH_IT = frozenset({"item_open"})
#: What the officer asks, and we answer.
_ASKED = (OpenPoint.Kind.INFORMATION, *OpenPoint.CONSULTATIONS)
#: Roles of files that nobody gets by a link: who the protected persons are goes another way.
_NEVER = ("sealed",)


class NotNow(MlaError):
    """This cannot be said as the request stands."""


@dataclass(frozen=True, slots=True)
class Told:
    """One message of a conversation, as the officer reads it. `body`: as in the envelope; `ours`: of who sent the request."""

    type: str
    ours: bool
    written_at: dt.datetime
    body: dict[str, Any]
    files: list[MessageFile]
    officer: str


@dataclass(frozen=True, slots=True)
class LinkView:
    """All that an officer sees by a link. `open_sayings`: what can be said now, of SAYINGS."""

    link: OfficerLink
    case: OutgoingRequest
    letter_files: list[MessageFile]
    told: list[Told]
    open_sayings: list[str]
    questions: list[OpenPoint]
    wishes: list[Wish]
    ready: list[LinkFile]


def link_view(link: OfficerLink) -> LinkView:
    """Return what an officer who came in by `link` sees; the caller has let it in. A fixed number of queries."""
    case = link.outgoing
    log = list(_conversation(link).defer("envelope").prefetch_related("files").order_by("id"))
    # That of the request holds the whole letter; the officer reads its document.
    envelopes = dict(_conversation(link).exclude(type="request").values_list("pk", "envelope"))
    officers = dict(link.uses.exclude(message_id=None).values_list("message_id", "officer"))
    told = [
        Told(
            type=message.type,
            ours=message.direction == Message.Direction.OUT,
            written_at=message.written_at,
            body=decode(bytes(envelopes[message.pk])).body if message.pk in envelopes else {},
            files=[file for file in message.files.all() if file.role not in _NEVER],
            officer=officers.get(message.message_id, ""),
        )
        for message in log
    ]
    return LinkView(
        link=link,
        case=case,
        letter_files=[file for one in told if one.type == "request" for file in one.files],
        told=[one for one in told if one.type != "request"],
        open_sayings=sayings_open(link),
        questions=list(OpenPoint.objects.filter(outgoing=case, kind__in=_ASKED).order_by("id")),
        wishes=list(Wish.objects.filter(outgoing=case, answered_at=None).order_by("id")),
        ready=files_ready(link),
    )


def sayings_open(link: OfficerLink) -> list[str]:
    """Return what the officer can say as the request stands, in the order of SAYINGS."""
    if not link.holds or link.outgoing.addressee is None:
        return []
    found = {
        one.name
        for one in available_acts(link.outgoing, officer_of(link))
        if {reason.code for reason in one.reasons} <= _SAID_WITH_IT
    }
    return [said for said, act in SAYINGS.items() if act in found]


def files_ready(link: OfficerLink) -> list[LinkFile]:
    """Return the files that were laid ready by a link and not sent yet."""
    return list(link.files.filter(removed_at=None, message_id=None).order_by("id"))


def access_link_file_by_id(link: OfficerLink, public_id: UUID | str) -> LinkFile:
    """Return a file that was laid ready by this link. Raises AccessDenied: absent, taken away, or another link's."""
    found = link.files.filter(public_id=public_id, removed_at=None).first()
    if found is None:
        raise AccessDenied("file", str(public_id), None)
    return found


def access_told_file_by_id(link: OfficerLink, pk: int) -> MessageFile:
    """Return a file of a message of the link's conversation. Raises AccessDenied: of another, or sealed."""
    found = MessageFile.objects.filter(pk=pk, message__in=_conversation(link)).exclude(role__in=_NEVER).first()
    if found is None:
        raise AccessDenied("file", str(pk), None)
    return found


def link_read(*, link: OfficerLink, officer: str, file: MessageFile) -> None:
    """Note that an officer takes a file by the link, which proves that what carries it arrived.

    Raises:
        ConditionsNotMet, ActNotPossible: the link holds no more.
    """
    with one_act():
        perform(link, "read", by=officer_of(link), officer=officer, name=file.name, sha256=file.sha256)
        _arrived(link, officer, Transmission.objects.filter(message=file.message_id))


def link_seen(*, link: OfficerLink, officer: str) -> None:
    """Note that what was said to the officer without a file stood on the page that it opened. A second time changes nothing."""
    without_files = Transmission.objects.filter(message__in=_conversation(link), message__files=None)
    with one_act():
        _arrived(link, officer, without_files)


def link_say(
    *,
    link: OfficerLink,
    officer: str,
    said: str,
    body: dict[str, Any],
    message_id: UUID,
    files: Sequence[LinkFile] = (),
    reference: str = "",
) -> Message:
    """Take in what an officer says by a link. The same `message_id` again changes nothing.

    `officer`: name and office; `body`: of the message, plain values; `files`: laid ready by this link, sent with it;
    `reference`: theirs, where it is given now.

    Raises:
        NotNow: it is nothing that a link says.
        ActNotPossible, ConditionsNotMet: the link holds no more, or the request stands otherwise by now.
        EnvelopeWrong: a value that does not fit.
    """
    if said not in SAYINGS:
        raise NotNow(_("This cannot be said by a link."))
    with one_act():
        # Two pages of one officer, or two officers: each message has its place before the next is put together.
        case = OutgoingRequest.objects.select_for_update(of=("self",)).get(pk=link.outgoing_id)
        known = Message.objects.filter(authority=link.authority_id, message_id=message_id).first()
        if known is not None:
            return known
        actor = officer_of(link)
        perform(link, "say", by=actor, officer=officer, what=said, message_id=message_id, files=list(files))
        data = _envelope(link, case, said, body, message_id, files, reference).encode()
        return message_take_in(data=data, receiver=link.authority, channel=CHANNEL)


def _envelope(
    link: OfficerLink,
    case: OutgoingRequest,
    said: str,
    body: dict[str, Any],
    message_id: UUID,
    files: Iterable[LinkFile],
    reference: str,
) -> Envelope:
    peer = link.outgoing.addressee
    if peer is None:
        raise LinkOver(_("This request has no addressee any more."))
    last_seq, last_hash = peer_chain_end(
        authority_id=link.authority_id, conversation_id=case.conversation_id, peer_id=peer.pk
    )
    return Envelope(
        message_id=message_id,
        conversation_id=case.conversation_id,
        type=cast(MessageType, said),
        sender=peer.code,
        receiver=link.authority.code,
        seq=last_seq + 1,
        prev_hash=last_hash,
        written_at=clock.now().astimezone(dt.UTC),
        sender_reference=reference or case.peer_reference,
        receiver_reference=case.reference,
        body=body,
        files=tuple(
            CarriedFile(
                name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256, role="evidence",
                item=file.item, description=file.description, use_limits=file.use_limits,
            )
            for file in files
        ),
    )  # fmt: skip


def _conversation(link: OfficerLink) -> Any:
    return Message.objects.filter(authority=link.authority_id, conversation_id=link.outgoing.conversation_id).exclude(
        status=Message.Status.REFUSED
    )


#: The steps of a message on its way, and from which of its statuses each is open.
_STEPS = (("submit", {"queued", "failed", "parked"}), ("deliver", {"submitted"}), ("retrieve", {"delivered"}))


def _arrived(link: OfficerLink, officer: str, ways: Any) -> None:
    """Note at what goes by hand that it arrived: the officer has it before its eyes."""
    system = Actor.system(f"channel.{CHANNEL}", authority_id=link.authority_id)
    receipt = {"channel": CHANNEL, "link": str(link.public_id), "officer": officer, "at": iso(clock.now())}
    open_ways = ways.exclude(status__in=["retrieved", "rejected"]).select_related("message").order_by("id")
    for way in open_ways:
        if channel_named(way.channel).electronic:
            continue
        row = way
        for step, statuses in _STEPS:
            if row.status in statuses:
                row = perform(row, step, by=system, receipt=receipt)
