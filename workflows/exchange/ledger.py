"""Messages on the use of evidence: another use asked and answered, notices, accounts of use, releases from undertakings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from workflows.exchange import bodies
from workflows.exchange.envelope import Envelope
from workflows.lifecycle.models import IncomingRequest, OtherUse, OutgoingRequest, Undertaking, UseAccount
from workflows.lifecycle.services import ledger, undertakings
from workflows.lifecycle.services.ledger import Account, Use

if TYPE_CHECKING:
    from workflows.engine.outbox import Job

# --- told ---


def use_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    row = OtherUse.objects.get(outgoing=case, use_id=job.payload["use"])
    return {
        "use": str(row.use_id),
        "kind": row.kind,
        "purpose": row.purpose,
        "recipient": row.recipient,
        "reason": row.reason,
        "due": _day(row.due),
        "files": _hashes(row),
    }


def notice_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    row = OtherUse.objects.get(outgoing=case, use_id=job.payload["use"])
    return {"use": str(row.use_id), "purpose": row.purpose, "files": _hashes(row)}


def use_answer_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    row = OtherUse.objects.get(incoming=case, use_id=job.payload["use"])
    return {
        "use": str(row.use_id),
        "choice": row.choice,
        "answer": row.answer,
        "article": row.article,
        "until": _day(row.until),
    }


def account_asked_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    row = UseAccount.objects.get(incoming=case, account_id=job.payload["account"])
    return {"account": str(row.account_id), "question": row.question, "due": _day(row.due)}


def account_told(case: OutgoingRequest, job: Job) -> dict[str, Any]:
    row = UseAccount.objects.get(outgoing=case, account_id=job.payload["account"])
    return {
        "account": str(row.account_id),
        "used_for": row.used_for,
        "proceedings": row.proceedings,
        "used_on": _day(row.used_on),
        "other_purpose": row.other_purpose,
    }


def release_told(case: IncomingRequest, job: Job) -> dict[str, Any]:
    row = Undertaking.objects.get(incoming=case, undertaking_id=job.payload["undertaking"])
    return {"undertaking": str(row.undertaking_id), "words": row.settled_words}


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _hashes(row: OtherUse) -> list[str]:
    return sorted({file.sha256 for file in row.files.all()})


# --- taken ---


def take_use(case: IncomingRequest, by: Actor, body: bodies.OtherUseAsked, envelope: Envelope) -> None:
    """Take into the requested side's file that another use is asked for."""
    use = Use(body.kind, body.purpose, body.recipient, body.reason, body.due)
    ledger.incoming_note_use_asked(incoming=case, by=by, use=use, use_id=body.use, hashes=body.files)


def take_notice(case: IncomingRequest, by: Actor, body: bodies.ExculpatoryNotice, envelope: Envelope) -> None:
    ledger.incoming_note_exculpatory(incoming=case, by=by, purpose=body.purpose, use_id=body.use, hashes=body.files)


def take_use_answer(case: OutgoingRequest, by: Actor, body: bodies.OtherUseAnswered, envelope: Envelope) -> None:
    """Take the answer on another use into the requesting side's file; it binds."""
    ledger.outgoing_note_use_answer(
        outgoing=case,
        by=by,
        use_id=body.use,
        choice=body.choice,
        answer=body.answer,
        article=body.article,
        until=body.until,
    )


def take_account_asked(case: OutgoingRequest, by: Actor, body: bodies.AccountAsked, envelope: Envelope) -> None:
    ledger.outgoing_note_account_asked(
        outgoing=case, by=by, question=body.question, due=body.due, account_id=body.account
    )


def take_account(case: IncomingRequest, by: Actor, body: bodies.AccountGiven, envelope: Envelope) -> None:
    account = Account(body.used_for, body.proceedings, body.used_on, body.other_purpose)
    ledger.incoming_note_account(incoming=case, by=by, account=account, account_id=body.account)


def take_release(case: OutgoingRequest, by: Actor, body: bodies.UndertakingReleased, envelope: Envelope) -> None:
    """Take the release from an undertaking into the requesting side's file."""
    undertakings.outgoing_note_release(outgoing=case, by=by, undertaking_id=body.undertaking, words=body.words)


#: How each event is put, and what takes each type of message in; `writing`, `receiving` and `bodies` read them.
FROM_OUTGOING = {
    "outgoing.other_use_asked": ("other_use_asked", use_told),
    "outgoing.exculpatory_notified": ("exculpatory_notice", notice_told),
    "outgoing.account_given": ("account_given", account_told),
}
FROM_INCOMING = {
    "incoming.use_answered": ("other_use_answered", use_answer_told),
    "incoming.account_asked": ("account_asked", account_asked_told),
    "incoming.undertaking_released": ("undertaking_released", release_told),
}
FOR_OUTGOING: dict[str, Callable[[OutgoingRequest, Actor, Any, Envelope], None]] = {
    "other_use_answered": take_use_answer,
    "account_asked": take_account_asked,
    "undertaking_released": take_release,
}
FOR_INCOMING: dict[str, Callable[[IncomingRequest, Actor, Any, Envelope], None]] = {
    "other_use_asked": take_use,
    "exculpatory_notice": take_notice,
    "account_given": take_account,
}
