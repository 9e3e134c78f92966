"""A result that lacks something: the complement asked and supplied, on both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.ids import uuid7
from mla.reference.practice import defects
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import Evidence, IncomingRequest, OpenPoint, OutgoingRequest, RequestedItem
from workflows.lifecycle.services.conditions import open_point_in
from workflows.lifecycle.services.incoming import EvidenceKnown
from workflows.lifecycle.services.outgoing_chain import oldest_open_point
from workflows.lifecycle.services.outgoing_course import EvidenceFile, Proof, UnknownItem


class UnknownDefect(MlaError):
    """No such coded defect of a result."""


@dataclass(frozen=True, slots=True)
class Supplied:
    """A file that complements a result, before it is stored."""

    name: str
    media_type: str
    content: bytes | BinaryIO
    item: str = ""
    description: str = ""
    use_limits: str = ""


def outgoing_ask_complement(
    *, outgoing: OutgoingRequest, by: Actor, defect: str, question: str, due: dt.date | None = None
) -> OutgoingRequest:
    """Ask the other State to complement its result; for supervisor and desk officer.

    Raises:
        UnknownDefect: the code is not in the data file.
        ConditionsNotMet: nothing was executed, or it is not said what is missing.
    """
    _require_defect(defect)
    return perform(outgoing, "ask_complement", by=by, defect=defect, question=question, due=due, point_id=uuid7())


def outgoing_note_complement(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    point_id: UUID | None = None,
    answer: str = "",
    files: Sequence[EvidenceFile] = (),
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Take the complement into the file; by the other State's message, or by the registry with proof.

    The bytes of each file must be in the storage already. New files are to be confirmed and handed over.

    Raises:
        ConditionsNotMet: that complement is not open, or nothing came.
        UnknownItem: a file belongs to an item that the letter does not have.
    """
    stored = proof.stored() if proof else None
    with one_act():
        point = oldest_open_point(case=outgoing, kinds=[OpenPoint.Kind.COMPLEMENT], point_id=point_id)
        items = {item.key: item for item in outgoing.items.all()}
        evidence = [
            Evidence(
                authority_id=outgoing.authority_id,
                outgoing=outgoing,
                item=_item(items, file.item),
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                sha256=file.sha256,
                description=file.description,
                use_limits=file.use_limits,
                added_at=clock.now(),
                complement=point,
            )
            for file in files
        ]
        return perform(outgoing, "note_complement", by=by, point=point, answer=answer, evidence=evidence, proof=stored)


def incoming_note_complement_asked(
    *,
    incoming: IncomingRequest,
    by: Actor,
    defect: str,
    question: str,
    due: dt.date | None = None,
    point_id: UUID | None = None,
) -> IncomingRequest:
    """Note that the sender asks for a complement; by its message, or by the registry from paper.

    A defect that another installation names otherwise is kept as it came; from paper it must be one of ours.

    Raises:
        UnknownDefect: the registry gave a code that the data file does not have.
    """
    if by.kind == "user":
        _require_defect(defect)
    return perform(
        incoming, "note_complement_asked", by=by, defect=defect, question=question, due=due, point_id=point_id
    )


def incoming_supply_complement(
    *, incoming: IncomingRequest, by: Actor, point_id: UUID, answer: str = "", files: Sequence[Supplied] = ()
) -> IncomingRequest:
    """Send what completes the result: files, words, or both. For the registry.

    Raises:
        UnknownQuestion: no complement of that identifier is open.
        EvidenceKnown: one of the files was sent for the same item already, or stands twice.
        ConditionsNotMet: neither files nor words.
    """
    stored = [file_store(file.content) for file in files]
    with one_act():
        point = open_point_in(incoming, OpenPoint.Kind.COMPLEMENT, point_id)
        items = {item.key: item for item in incoming.items.all()}
        known: set[tuple[str, str | None]] = set(incoming.evidence_set.values_list("sha256", "item__key"))
        evidence = []
        for file, kept in zip(files, stored, strict=True):
            place = (kept.sha256, file.item or None)
            if place in known:
                raise EvidenceKnown(_("“%(name)s” is in the case already.") % {"name": file.name})
            known.add(place)
            evidence.append(
                Evidence(
                    authority_id=incoming.authority_id,
                    incoming=incoming,
                    item=_item(items, file.item),
                    name=file.name,
                    media_type=file.media_type,
                    size=kept.size,
                    sha256=kept.sha256,
                    description=file.description,
                    use_limits=file.use_limits,
                    added_at=clock.now(),
                    complement=point,
                )
            )
        return perform(incoming, "supply_complement", by=by, point=point, answer=answer, evidence=evidence)


def _item(items: dict[str, RequestedItem], key: str) -> RequestedItem | None:
    if key and key not in items:
        raise UnknownItem(f"the letter has no item {key}: it has {', '.join(sorted(items))}")
    return items[key] if key else None


def _require_defect(code: str) -> None:
    if code and code not in defects():
        raise UnknownDefect(f"no defect {code!r}: use one of {', '.join(defects())}")
