"""Messages about the transfer of a person in custody. Each goes either way: the State that holds the person writes most."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from workflows.exchange import bodies_emergency as bodies
from workflows.exchange.envelope import Envelope, EnvelopeWrong
from workflows.lifecycle.models import CustodyIn, CustodyOut, IncomingRequest, OutgoingRequest, ReturnExtension
from workflows.lifecycle.models.custody_rows import ARRANGED
from workflows.lifecycle.services import custody as services

if TYPE_CHECKING:
    from workflows.engine.outbox import Job

Custody = CustodyOut | CustodyIn

#: Of each type that says fields of the row: how it calls them.
_FIELDS: dict[str, dict[str, str]] = {
    "consented": {"on": "consent_on", "taken_by": "consent_taken_by", "before": "consent_before",
                  "words": "consent_words"},
    "not_consented": {"on": "consent_on", "words": "consent_words"},
    "declined": {"ground": "ground", "article": "article", "reason": "reason"},
    "arranged": {name: name for name in ARRANGED},
    "transferred": {"on": "transferred_on", "place": "transferred_place", "handed_by": "transferred_by",
                    "handed_to": "transferred_to"},
    "returned": {"on": "returned_on", "place": "returned_place", "handed_by": "returned_by",
                 "handed_to": "returned_to"},
    "released": {"on": "released_on", "why": "release_why", "words": "release_words"},
}  # fmt: skip


# --- told ---


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _fields(event: str) -> Callable[[Custody, Job], dict[str, Any]]:
    def told(row: Custody, job: Job) -> dict[str, Any]:
        return {name: _plain(getattr(row, field)) for name, field in _FIELDS[event].items()}

    return told


def _extension(row: Custody, job: Job) -> ReturnExtension:
    return ReturnExtension.objects.get(item=row.item_id, extension_id=job.payload["extension"])


def _asked(row: Custody, job: Job) -> dict[str, Any]:
    one = _extension(row, job)
    return {"extension": str(one.extension_id), "on": _plain(one.wished_on), "reason": one.reason}


def _extended(row: Custody, job: Job) -> dict[str, Any]:
    one = _extension(row, job)
    return {"extension": str(one.extension_id), "on": _plain(one.agreed_on), "answer": one.answer}


def _refused(row: Custody, job: Job) -> dict[str, Any]:
    one = _extension(row, job)
    return {"extension": str(one.extension_id), "answer": one.answer}


_SAID: dict[str, Callable[[Any, Job], dict[str, Any]]] = {
    **{event: _fields(event) for event in _FIELDS},
    "extension_asked": _asked,
    "extended": _extended,
    "extension_refused": _refused,
}
#: Of each event the type of its message, and what it says beside the item.
TOLD: dict[str, tuple[str, Callable[[Any, Job], dict[str, Any]]]] = {
    f"{machine.KIND}.{event}": (f"custody_{event}", said)
    for machine in (CustodyOut, CustodyIn)
    for event, said in _SAID.items()
}


# --- taken ---


def _row(case: OutgoingRequest | IncomingRequest, item: str) -> Custody:
    machine: Any = CustodyOut if isinstance(case, OutgoingRequest) else CustodyIn
    row: Custody | None = machine.objects.filter(**{f"item__{case.KIND}": case}, item__key=item).first()
    if row is None:
        raise EnvelopeWrong(f"item {item} of this request asks for no transfer of a person")
    return row


Take = Callable[[OutgoingRequest | IncomingRequest, Actor, Any, Envelope], None]


def _take(act: str) -> Take:
    def take(case: OutgoingRequest | IncomingRequest, by: Actor, body: Any, envelope: Envelope) -> None:
        services.custody_act(custody=_row(case, body.item), act=act, by=by, **body.model_dump(exclude={"item"}))

    return take


def _take_wish(
    case: OutgoingRequest | IncomingRequest, by: Actor, body: bodies.CustodyExtensionAsked, envelope: Envelope
) -> None:
    services.custody_note_extension_asked(
        custody=_row(case, body.item), by=by, on=body.on, reason=body.reason, extension_id=body.extension
    )


def _take_extension(
    case: OutgoingRequest | IncomingRequest, by: Actor, body: bodies.CustodyExtended, envelope: Envelope
) -> None:
    services.custody_extend_return(
        custody=_row(case, body.item), act="note_extended", by=by, on=body.on, answer=body.answer,
        extension_id=body.extension,
    )  # fmt: skip


def _take_refusal(
    case: OutgoingRequest | IncomingRequest, by: Actor, body: bodies.CustodyExtensionRefused, envelope: Envelope
) -> None:
    services.custody_refuse_extension(
        custody=_row(case, body.item), act="note_extension_refused", by=by, answer=body.answer,
        extension_id=body.extension,
    )  # fmt: skip


#: For the file of either side.
FOR_EITHER: dict[str, Take] = {
    "custody_consented": _take("note_consent"),
    "custody_not_consented": _take("note_no_consent"),
    "custody_declined": _take("note_declined"),
    "custody_arranged": _take("note_arrangements"),
    "custody_transferred": _take("note_transfer"),
    "custody_returned": _take("note_return"),
    "custody_extension_asked": _take_wish,
    "custody_extended": _take_extension,
    "custody_extension_refused": _take_refusal,
    "custody_released": _take("note_released"),
}
