"""The acts of preservations, on both sides. Each is done by the officers it names, or comes with a message.

Every act of the other State on a request out can be recorded by the registry, with its proof.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from workflows.drafting.follow_up import COPIED, elsewhere_content
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.models_reuse import LetterLink
from workflows.drafting.reuse import Beginning, Follows
from workflows.engine.acts import one_act
from workflows.lifecycle.begun import fitting, once, our_side, require_drafter
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, PreservationIn, PreservationOut
from workflows.lifecycle.noting import short_perform
from workflows.lifecycle.services.incoming import require_reason_of
from workflows.lifecycle.services.keeping import hold_where_followed
from workflows.lifecycle.services.outgoing_chain import outgoing_create
from workflows.lifecycle.services.outgoing_course import Proof, UnknownItem, stored_proof
from workflows.lifecycle.services.outgoing_reuse import sent_version
from workflows.lifecycle.short import may_now


@dataclass(frozen=True, slots=True)
class Kept:
    """From when until when data are kept. `reference`: what the other State finds them by; `rule`: the article that sets the least time.

    `extent`: `all` or `part`; of a part `words` say which. Days are of the requested State.
    """

    preserved_from: dt.date | None
    until: dt.date | None
    extent: str = "all"
    words: str = ""
    reference: str = ""
    rule: str = ""

    def said(self) -> dict[str, Any]:
        return {
            "preserved_from": self.preserved_from, "until": self.until, "extent": self.extent, "words": self.words,
            "reference": self.reference, "rule": self.rule,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class OtherProvider:
    """A provider that partial disclosure of traffic data shows (Budapest 30). `jurisdiction`: code of its State, where known."""

    provider: str
    jurisdiction: str = ""
    contact: str = ""
    words: str = ""

    def said(self) -> dict[str, Any]:
        return {
            "provider": self.provider, "jurisdiction": self.jurisdiction, "contact": self.contact, "words": self.words,
        }  # fmt: skip


# --- of a request out ---


def preservation_out_of(case: OutgoingRequest, key: str) -> PreservationOut:
    """Return the preservation of an item of ours. Raises UnknownItem."""
    row = PreservationOut.objects.filter(item__outgoing=case, item__key=key).first()
    if row is None:
        raise UnknownItem(f"the letter asks for no preservation as {key}")
    return row


def preservation_out_note_preserved(
    *, preservation: PreservationOut, by: Actor, kept: Kept, proof: Proof | None = None
) -> PreservationOut:
    """Record that the data are kept, and until when. By the peer, or by hand with proof.

    Raises:
        ConditionsNotMet: a day is missing or they are in disorder, or of a part it is not said which.
    """
    stored = stored_proof(proof)
    with one_act():
        row = short_perform(preservation, "note_preserved", by=by, proof=stored, **kept.said())
        return hold_where_followed(row)


def preservation_out_note(
    *, preservation: PreservationOut, act: str, by: Actor, proof: Proof | None = None, **data: Any
) -> PreservationOut:
    """Record what else the other State says: note_none, note_refusal, note_tipping_off, note_extension,
    note_extension_refused, note_hold, note_provider, note_released. By the peer, or by hand with proof.

    Raises:
        UnknownGround: by hand, a ground that is not in the list; a message's is kept as it came.
        ConditionsNotMet: what the act needs is missing.
    """
    if act == "note_refusal" and by.kind == "user":
        require_reason_of("refuse", data.get("ground", ""))
    return short_perform(preservation, act, by=by, proof=stored_proof(proof), **data)


def preservation_out_go_on(*, preservation: PreservationOut, by: Actor, answer: str = "") -> PreservationOut:
    """Tell them to go on, although the person may learn of it; for the supervisor."""
    return short_perform(preservation, "go_on", by=by, answer=answer)


def preservation_out_withdraw(*, preservation: PreservationOut, by: Actor, reason: str) -> PreservationOut:
    """Withdraw what is not confirmed yet; for the supervisor."""
    return short_perform(preservation, "withdraw", by=by, reason=reason)


def preservation_out_ask_extension(
    *, preservation: PreservationOut, by: Actor, until: dt.date | None, reason: str
) -> PreservationOut:
    """Ask for more time; for desk officer, supervisor and duty officer. Repeatable, one at a time.

    Raises:
        ConditionsNotMet: the day is not later than the present one, no reason, or an extension is asked already.
    """
    return short_perform(preservation, "ask_extension", by=by, until=until, reason=reason)


def preservation_out_release(*, preservation: PreservationOut, by: Actor, reason: str) -> PreservationOut:
    """Tell them that the data are needed no longer; for the supervisor.

    Raises:
        ConditionsNotMet: a request for the data is not decided yet.
    """
    return short_perform(preservation, "release", by=by, reason=reason)


def preservation_out_lapse(*, preservation: PreservationOut, by: Actor, reason: str = "") -> PreservationOut:
    """Record that the day passed without an extension; for the supervisor or the system."""
    return short_perform(preservation, "lapse", by=by, reason=reason)


def preservation_out_begin_elsewhere(*, preservation: PreservationOut, by: Actor, point: UUID) -> OutgoingRequest:
    """Begin a preservation request to the provider that came to light, linked; a second press leads to the same letter.

    For whoever may draft, of either authority of the case. The State is the one told, or the same where none was.

    Raises:
        ConditionsNotMet: no such provider waits; the letter does not fit.
        ActForbidden: the role may not draft, or it is another authority's case.
    """
    case = preservation.item.outgoing
    assert case is not None
    require_drafter(case, by, "begin_elsewhere")
    version = sent_version(earlier=case, by=by)
    found = next((one for one in preservation.points if one.point_id == point), None)
    if found is None:
        raise UnknownItem(f"no other provider is known as {point}")

    def content() -> LetterFile:
        values = elsewhere_content(
            version.content, preservation.item.key, provider=found.provider, jurisdiction=found.jurisdiction,
            contact=found.contact, requesting=our_side(by), today=clock.now().date(),
        )  # fmt: skip
        return fitting(values, "begin_elsewhere")

    source = (_("preservation %(reference)s") % {"reference": case.reference})[:300]
    beginning = Beginning(
        follows=Follows(LetterLink.Kind.PROVIDER, version, case.peer_reference or case.reference),
        copied={part: source for part in COPIED if part in version.content} | {"items": source},
        source={"kind": "provider", "earlier": str(case.public_id), "content_hash": version.content_hash},
    )
    with one_act():
        begun = once(
            f"elsewhere {found.point_id}",
            by,
            lambda key: outgoing_create(content=content(), by=by, letter_id=key, beginning=beginning),
        )
        if not found.answered_at:
            short_perform(preservation, "begin_elsewhere", by=by, point=point)
        return begun


# --- of a request in ---


def preservation_in_of(case: IncomingRequest, key: str) -> PreservationIn:
    """Return the preservation of an item of a request in. Raises UnknownItem."""
    row = PreservationIn.objects.filter(item__incoming=case, item__key=key).first()
    if row is None:
        raise UnknownItem(f"the request asks for no preservation as {key}")
    return row


def preservation_in_serve(*, preservation: PreservationIn, by: Actor, on: dt.date | None, whom: str) -> PreservationIn:
    """Record that the order or request was served on the provider; for executing officer, supervisor and duty officer."""
    return short_perform(preservation, "serve", by=by, on=on, whom=whom)


def preservation_in_preserve(*, preservation: PreservationIn, by: Actor, kept: Kept) -> PreservationIn:
    """Record that the data are kept, until the day that we set, and tell the sender. The item is executed with it,
    where it was accepted and the officer may; otherwise that is decided apart.

    Raises:
        ConditionsNotMet: days in disorder; a part without words; less than a treaty says without words; a question is open.
    """
    with one_act():
        row = short_perform(preservation, "preserve", by=by, **kept.said())
        act = "execute_partially" if kept.extent == "part" else "execute"
        _decide(row, act, by, reason=kept.words)
        return hold_where_followed(row)


def preservation_in_find_none(*, preservation: PreservationIn, by: Actor, reason: str) -> PreservationIn:
    """Record that nothing is held, and tell the sender; roles as for serving."""
    with one_act():
        row = short_perform(preservation, "find_none", by=by, reason=reason)
        _decide(row, "find_nothing", by, reason=reason)
        return row


def preservation_in_refuse(
    *, preservation: PreservationIn, by: Actor, ground: str, article: str, reason: str
) -> PreservationIn:
    """Refuse the preservation on a coded ground, and tell the sender; for the supervisor.

    Raises:
        UnknownGround: no such ground.
    """
    require_reason_of("refuse", ground)
    with one_act():
        row = short_perform(preservation, "refuse", by=by, ground=ground, article=article, reason=reason)
        _decide(row, "refuse", by, ground=ground, article=article, reason=reason)
        return row


def preservation_in_ask_tipping_off(
    *, preservation: PreservationIn, by: Actor, question: str, due: dt.date | None = None
) -> PreservationIn:
    """Ask the sender whether to go on, although the person would learn of it (Budapest 29(6)); roles as for serving."""
    return short_perform(preservation, "ask_tipping_off", by=by, question=question, due=due)


def preservation_in_extend(
    *, preservation: PreservationIn, by: Actor, until: dt.date | None, words: str = ""
) -> PreservationIn:
    """Set a later day, asked or not, and tell the sender; roles as for serving.

    Raises:
        ConditionsNotMet: the day is not later than the present one.
    """
    return short_perform(preservation, "extend", by=by, until=until, words=words)


def preservation_in_refuse_extension(*, preservation: PreservationIn, by: Actor, reason: str) -> PreservationIn:
    """Refuse an extension that was asked, and tell the sender; for the supervisor."""
    return short_perform(preservation, "refuse_extension", by=by, reason=reason)


def preservation_in_hold(*, preservation: PreservationIn, by: Actor, reference: str) -> PreservationIn:
    """Keep the data until the request for them, which came by another way, is decided; for supervisor and registry."""
    return short_perform(preservation, "hold", by=by, reference=reference)


def preservation_in_tell_provider(*, preservation: PreservationIn, by: Actor, other: OtherProvider) -> PreservationIn:
    """Tell the sender which other provider took part in the transmission (Budapest 30(1)); roles as for serving."""
    return short_perform(preservation, "tell_provider", by=by, **other.said())


def preservation_in_release(*, preservation: PreservationIn, by: Actor, reason: str) -> PreservationIn:
    """Release the data, and tell the sender; for the supervisor.

    Raises:
        ConditionsNotMet: a request for the data is not decided yet.
    """
    return short_perform(preservation, "release", by=by, reason=reason)


def preservation_in_lapse(*, preservation: PreservationIn, by: Actor, reason: str = "") -> PreservationIn:
    """Record that the day passed without an extension; for the supervisor or the system."""
    return short_perform(preservation, "lapse", by=by, reason=reason)


def preservation_in_receive(*, preservation: PreservationIn, act: str, by: Actor, **data: Any) -> PreservationIn:
    """Take the sender's word into the file: receive_go_on, receive_withdrawal, receive_extension_request,
    receive_release. By the peer's message, or by the registry from paper."""
    return short_perform(preservation, act, by=by, **data)


def _decide(row: PreservationIn, act: str, by: Actor, **data: Any) -> None:
    """Decide the item alike, where it is with this officer to decide. The sender learns it with the status of the items."""
    item = row.item
    if item.case.status not in {"concluded", "closed"} and may_now(item, act, by):
        short_perform(item, act, by=by, **data)


R = TypeVar("R", PreservationOut, PreservationIn)


def ended_alike(preservation: R, status: str) -> bool:
    """Tell whether both sides said the same at once: the other's word, when it comes, is no news."""
    return preservation.status == status
