"""Information given without a request, on both sides: accepted or declined, given, used, followed by a request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.files import file_store
from mla.core.ids import uuid7
from workflows.drafting.follow_up import OF_INFORMATION, information_content
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.reuse import Beginning
from workflows.engine.acts import one_act
from workflows.engine.perform import require_right
from workflows.lifecycle.begun import fitting, once, our_side
from workflows.lifecycle.models import Evidence, IncomingRequest, OutgoingRequest, SpontaneousIn, SpontaneousOut
from workflows.lifecycle.models.spontaneous import Spontaneous, SpontaneousStatus
from workflows.lifecycle.noting import short_perform
from workflows.lifecycle.selectors import visible_incoming
from workflows.lifecycle.services.complements import Supplied
from workflows.lifecycle.services.incoming import EvidenceKnown
from workflows.lifecycle.services.outgoing_chain import outgoing_create
from workflows.lifecycle.services.outgoing_course import EvidenceFile, Proof, stored_proof

S = SpontaneousStatus


# --- the giver ---


def spontaneous_note_acceptance(
    *, spontaneous: SpontaneousOut, by: Actor, answer: str = "", proof: Proof | None = None
) -> SpontaneousOut:
    """Record that they accept the information, with the conditions that were set; by their message, or by hand with proof.

    The same word again changes nothing.
    """
    if by.kind == "peer" and spontaneous.status in {S.ACCEPTED, S.SENT, S.USED}:
        return spontaneous
    return short_perform(spontaneous, "note_acceptance", by=by, answer=answer, proof=stored_proof(proof))


def spontaneous_note_decline(
    *, spontaneous: SpontaneousOut, by: Actor, reason: str, proof: Proof | None = None
) -> SpontaneousOut:
    """Record that they decline the information, with their reason; by their message, or by hand with proof."""
    if by.kind == "peer" and spontaneous.status == S.DECLINED:
        return spontaneous
    return short_perform(spontaneous, "note_decline", by=by, reason=reason, proof=stored_proof(proof))


def spontaneous_give(
    *, spontaneous: SpontaneousOut, by: Actor, words: str = "", files: Sequence[Supplied] = (), reason: str = ""
) -> SpontaneousOut:
    """Give the information: files, words, or both; as often as there is more. For the supervisor.

    Files carry the conditions that were accepted as their limits of use, where none are written. `reason`: why it is
    given although it was declined.

    Raises:
        EvidenceKnown: one of the files was given already, or stands twice.
        ConditionsNotMet: the conditions are not answered; nothing to give; declined, and no reason.
    """
    stored = [file_store(file.content) for file in files]
    with one_act():
        bound = [one.text for one in spontaneous.conditions() if one.point.choice == "accepted"]
        limits = "; ".join(dict.fromkeys(bound))
        known = set(Evidence.objects.filter(item=spontaneous.item_id).values_list("sha256", flat=True))
        evidence = []
        for file, kept in zip(files, stored, strict=True):
            if kept.sha256 in known:
                raise EvidenceKnown(_("“%(name)s” is in the case already.") % {"name": file.name})
            known.add(kept.sha256)
            evidence.append(
                _evidence(
                    spontaneous,
                    EvidenceFile(
                        name=file.name,
                        media_type=file.media_type,
                        size=kept.size,
                        sha256=kept.sha256,
                        description=file.description,
                        use_limits=(file.use_limits or limits)[:5000],
                    ),
                )
            )
        return short_perform(
            spontaneous, "give", by=by, information_id=uuid7(), words=words, files=evidence, reason=reason
        )  # fmt: skip


def spontaneous_note_use(
    *,
    spontaneous: SpontaneousOut,
    by: Actor,
    kind: str,
    on: dt.date,
    words: str = "",
    exculpatory: bool = False,
    use_id: UUID | None = None,
    proof: Proof | None = None,
) -> SpontaneousOut:
    """Record what they did with the information; by their message, or by hand with proof. A kind unknown here is kept."""
    if use_id and spontaneous.uses().filter(use_id=use_id).exists():
        return spontaneous
    return short_perform(
        spontaneous, "note_use", by=by, kind=kind, on=on, words=words, exculpatory=exculpatory, use_id=use_id,
        proof=stored_proof(proof),
    )  # fmt: skip


def spontaneous_note_request(*, spontaneous: SpontaneousOut, by: Actor, reference: str) -> SpontaneousOut:
    """Note that a request of theirs follows the information; it is linked where it stands in our register."""
    case = spontaneous.case
    there = visible_incoming(by).filter(peer_reference=reference, authority=case.authority_id).first()
    there = there or visible_incoming(by).filter(reference=reference, authority=case.authority_id).first()
    return short_perform(spontaneous, "note_request", by=by, reference=reference, incoming=there)


# --- the receiver ---


def spontaneous_accept(*, spontaneous: SpontaneousIn, by: Actor, answer: str = "") -> SpontaneousIn:
    """Accept the information, with the conditions that were set; they bind from then on. For the supervisor."""
    return short_perform(spontaneous, "accept", by=by, answer=answer)


def spontaneous_decline(*, spontaneous: SpontaneousIn, by: Actor, reason: str) -> SpontaneousIn:
    """Decline the information; the giver reads the reason, and decides what it does. For the supervisor."""
    return short_perform(spontaneous, "decline", by=by, reason=reason)


def spontaneous_note_information(
    *,
    spontaneous: SpontaneousIn,
    by: Actor,
    words: str = "",
    files: Sequence[EvidenceFile] = (),
    information_id: UUID | None = None,
) -> SpontaneousIn:
    """Take the information into the file, as evidence; by their message, or by the registry from paper.

    The bytes of each file must be in the storage already. The same giving again changes nothing.
    """
    if information_id and spontaneous.given().filter(information_id=information_id).exists():
        return spontaneous
    evidence = [_evidence(spontaneous, file) for file in files]
    return short_perform(
        spontaneous, "note_information", by=by, words=words, files=evidence, information_id=information_id
    )  # fmt: skip


def spontaneous_use(
    *, spontaneous: SpontaneousIn, by: Actor, kind: str, on: dt.date, words: str = "", exculpatory: bool = False
) -> SpontaneousIn:
    """Account for a use: what for, and when. The giver is told.

    `exculpatory`: disclosed because it speaks for an accused person; then the day may lie ahead, since notice comes
    before the disclosure (UNTOC 18(5)).
    """
    return short_perform(
        spontaneous, "use", by=by, kind=kind, on=on, words=words, exculpatory=exculpatory, use_id=uuid7()
    )  # fmt: skip


def letter_start_from_information(*, spontaneous: SpontaneousIn, by: Actor) -> OutgoingRequest:
    """Begin the request that follows information, or return the one that was begun so before.

    It cites the information by the giver's reference. For a desk officer of the authority that received it.

    Raises:
        ConditionsNotMet: the information itself was not given yet.
        ActForbidden: the role may not draft, or it is another authority's case.
    """
    require_right(spontaneous, "follow", by=by)
    case = spontaneous.case
    assert isinstance(case, IncomingRequest)
    reference = spontaneous.reference

    def content() -> LetterFile:
        values = information_content(
            case.content,
            requesting=our_side(by),
            requested={"jurisdiction": case.requesting.code, "authority": case.sender.code},
            reference=reference,
            authority=case.sender.name,
            today=clock.now().date(),
        )
        return fitting(values, "follow")

    source = _("information %(reference)s") % {"reference": reference}
    beginning = Beginning(
        copied={part: source[:300] for part in OF_INFORMATION if case.content.get(part)},
        source={"kind": "information", "incoming": str(case.public_id), "item": spontaneous.item.key},
    )
    with one_act():
        letter = once(
            f"information {case.public_id} {spontaneous.item.key}",
            by,
            lambda key: outgoing_create(content=content(), by=by, letter_id=key, beginning=beginning),
        )
        if not spontaneous.followed().filter(outgoing=letter).exists():
            short_perform(spontaneous, "follow", by=by, outgoing=letter)
        return letter


# --- both ---


def spontaneous_close(*, spontaneous: Spontaneous, by: Actor, reason: str = "") -> Spontaneous:
    """Close the course of the information; with a reason where it was neither given nor declined. For the supervisor."""
    return short_perform(spontaneous, "close", by=by, reason=reason)


def _evidence(spontaneous: Spontaneous, file: EvidenceFile) -> Evidence:
    case: Any = spontaneous.case
    return Evidence(
        authority_id=spontaneous.authority_id,
        item=spontaneous.item,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        description=file.description,
        use_limits=file.use_limits,
        added_at=clock.now(),
        **{case.KIND: case},
    )
