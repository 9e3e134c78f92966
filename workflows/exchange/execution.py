"""Messages about news of an execution and about originals: what each says, and what an arriving one does in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from workflows.lifecycle.models import IncomingRequest, Original, OutgoingRequest, Progress
from workflows.lifecycle.services import execution
from workflows.lifecycle.services.execution import Listed

if TYPE_CHECKING:
    from workflows.engine.outbox import Job
    from workflows.exchange import bodies
    from workflows.exchange.envelope import Envelope


# --- told ---


def progress_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    """Return what a message on the status says of an event, where one is told with it."""
    if "progress" not in job.payload:
        return {}
    row = Progress.objects.get(incoming=case, progress_id=job.payload["progress"])
    return {
        "progress": str(row.progress_id),
        "event": row.event,
        "text": row.text,
        "next_on": row.next_on.isoformat() if row.next_on else None,
    }


def originals_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    """Return the list of originals that go with a result."""
    listed = [
        {
            "original": str(one.original_id),
            "description": one.description,
            "quantity": one.quantity,
            "item": one.item.key if one.item else "",
            "give_back": one.give_back,
            "due": one.due.isoformat() if one.due else None,
        }
        for one in _named(case, job).select_related("item").order_by("id")
    ]
    return {"originals": listed}


def returned_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    """Return which originals were given back, when and how. They are of one act, so the first speaks for all."""
    rows = list(_named(case, job).order_by("id"))
    first = rows[0]
    return {
        "originals": [str(one.original_id) for one in rows],
        "on": first.returned_on.isoformat() if first.returned_on else None,
        "how": first.returned_how,
        "tracking": first.tracking,
    }


def waived_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    """Return which originals need not be given back."""
    rows = list(_named(case, job).order_by("id"))
    return {"originals": [str(one.original_id) for one in rows], "text": rows[0].waiver}


def _named(case: IncomingRequest | OutgoingRequest, job: Job) -> Any:
    return Original.objects.filter(**{case.KIND: case}, original_id__in=job.payload["originals"])


# --- taken ---


def take_originals(case: OutgoingRequest, by: Actor, body: bodies.OriginalsListed, envelope: Envelope) -> None:
    """Take the list of originals into the requesting side's file."""
    listed = [
        Listed(
            description=one.description,
            give_back=one.give_back,
            quantity=one.quantity,
            item=one.item,
            due=one.due,
            original_id=one.original,
        )
        for one in body.originals
    ]
    execution.outgoing_note_originals(outgoing=case, by=by, originals=listed)


def take_returned(case: IncomingRequest, by: Actor, body: bodies.OriginalsReturned, envelope: Envelope) -> None:
    """Take into the requested side's file that originals were given back."""
    execution.incoming_note_originals_returned(
        incoming=case, by=by, originals=body.originals, on=body.on, how=body.how, tracking=body.tracking
    )


def take_waiver(case: OutgoingRequest, by: Actor, body: bodies.ReturnWaived, envelope: Envelope) -> None:
    """Take into the requesting side's file that originals need not be given back."""
    execution.outgoing_note_return_waived(outgoing=case, by=by, originals=body.originals, words=body.text)
