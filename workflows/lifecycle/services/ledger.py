"""The ledger of evidence: origin, chain of custody, onward transfer, other use and what use was made, on both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import Evidence, IncomingRequest, OtherUse, OutgoingRequest, UseAccount
from workflows.lifecycle.models.ledger import Origin
from workflows.lifecycle.services.outgoing_course import Proof, hash_now, stored_proof

Case = IncomingRequest | OutgoingRequest


class UnknownEvidence(MlaError):
    """No file of evidence of this case has this identifier or hash."""


class UnknownUse(MlaError):
    """No other use of this case that waits for an answer, or no consent, has this identifier."""


class UnknownAccount(MlaError):
    """No account of use that was asked for in this case has this identifier."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One step of a chain of custody that people write. `step`: one of `CustodyEntry.BY_HAND`; `happened_at` is aware."""

    step: str
    from_whom: str = ""
    to_whom: str = ""
    happened_at: dt.datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """Another use, as it is asked for. `kind`: use or transfer; `files`: identifiers of exhibits, none: everything."""

    kind: str
    purpose: str
    recipient: str = ""
    reason: str = ""
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What use was made: what for, in which proceedings, when; `other_purpose`: than the stated one."""

    used_for: str
    proceedings: str = ""
    used_on: dt.date | None = None
    other_purpose: bool = False


# --- the exhibits themselves ---


def evidence_record_origin(*, case: Case, by: Actor, files: Sequence[UUID], origin: Origin) -> Any:
    """Record where exhibits come from. For whoever works with them on this side; what is written stays.

    Raises:
        UnknownEvidence: a file that the case does not have.
        ConditionsNotMet: nothing is said, a time to come, a file of another authority's item.
    """
    with one_act():
        return perform(case, "record_origin", by=by, evidence=evidence_named(case, files), **asdict(origin))


def evidence_log_custody(*, case: Case, by: Actor, files: Sequence[UUID], moved: Moved) -> Any:
    """Write a step into the chain of custody of exhibits. What is stored is hashed now, and a difference is said.

    Raises:
        UnknownEvidence: a file that the case does not have.
        ConditionsNotMet: a step that only an act writes, nobody who has it, a time to come.
    """
    with one_act():
        evidence = evidence_named(case, files)
        computed = {file.pk: hash_now(file) for file in evidence}
        return perform(case, "log_custody", by=by, evidence=evidence, computed=computed, **asdict(moved))


def outgoing_hand_on(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    files: Sequence[UUID],
    recipient: str,
    purpose: str,
    on: dt.date,
    other_purpose: bool = False,
    consent: UUID | None = None,
    note: str = "",
) -> OutgoingRequest:
    """Hand exhibits on to another authority or person, and write it into the log and the chain of custody.

    Raises:
        UnknownEvidence, UnknownUse: a file, or a consent, that the case does not have.
        ConditionsNotMet: an undertaking or an instrument forbids it, which is named, and no consent covers it.
    """
    with one_act():
        return perform(
            outgoing,
            "hand_on",
            by=by,
            evidence=evidence_named(outgoing, files),
            recipient=recipient,
            purpose=purpose,
            on=on,
            other_purpose=other_purpose,
            consent=_use(outgoing, consent) if consent else None,
            note=note,
        )


# --- another use ---


def outgoing_ask_other_use(*, outgoing: OutgoingRequest, by: Actor, use: Use, files: Sequence[UUID] = ()) -> Any:
    """Ask the requested State's consent to another use, or to a transfer (UNTOC 18(19), UNCAC 46(19)).

    Raises:
        UnknownEvidence: a file that the case does not have.
        ConditionsNotMet: no kind or purpose, a transfer to nobody.
    """
    with one_act():
        evidence = evidence_named(outgoing, files) if files else []
        return perform(outgoing, "ask_other_use", by=by, use_id=uuid7(), evidence=evidence, **asdict(use))


def outgoing_notify_exculpatory(
    *, outgoing: OutgoingRequest, by: Actor, purpose: str, files: Sequence[UUID] = ()
) -> OutgoingRequest:
    """Tell the requested State before what is exculpatory is disclosed to an accused person.

    Raises:
        ConditionsNotMet: no instrument that the letter cites is known to foresee it.
    """
    with one_act():
        evidence = evidence_named(outgoing, files) if files else []
        return perform(outgoing, "notify_exculpatory", by=by, use_id=uuid7(), purpose=purpose, evidence=evidence)


def incoming_note_use_asked(
    *, incoming: IncomingRequest, by: Actor, use: Use, use_id: UUID | None = None, hashes: Sequence[str] = ()
) -> IncomingRequest:
    """Note that another use is asked for; by the sender's message, or by the registry from paper.

    Raises:
        UnknownEvidence: the hash of no file that was furnished.
    """
    with one_act():
        evidence = evidence_hashed(incoming, hashes)
        return perform(incoming, "note_use_asked", by=by, use_id=use_id or uuid7(), evidence=evidence, **asdict(use))


def incoming_note_exculpatory(
    *, incoming: IncomingRequest, by: Actor, purpose: str, use_id: UUID | None = None, hashes: Sequence[str] = ()
) -> IncomingRequest:
    """Note the sender's notice that what is exculpatory is disclosed; by its message, or by the registry from paper."""
    with one_act():
        evidence = evidence_hashed(incoming, hashes)
        return perform(
            incoming, "note_exculpatory", by=by, use_id=use_id or uuid7(), purpose=purpose, evidence=evidence
        )


def incoming_answer_other_use(
    *,
    incoming: IncomingRequest,
    by: Actor,
    use_id: UUID,
    choice: str,
    answer: str = "",
    article: str = "",
    until: dt.date | None = None,
) -> IncomingRequest:
    """Consent to another use, consent on conditions, or decline; the requesting State is told. For the supervisor.

    Raises:
        UnknownUse: nothing of that identifier waits for an answer.
        ConditionsNotMet: conditions or a refusal without words.
    """
    with one_act():
        use = _use(incoming, use_id)
        said: dict[str, Any] = {"choice": choice, "answer": answer, "article": article, "until": until}
        return perform(incoming, "answer_other_use", by=by, use=use, **said)


def outgoing_note_use_answer(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    use_id: UUID,
    choice: str,
    answer: str = "",
    article: str = "",
    until: dt.date | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record the requested State's answer, which binds; by its message, or by the registry with proof.

    Raises:
        UnknownUse: nothing of that identifier waits for an answer.
    """
    stored = stored_proof(proof)
    with one_act():
        use = _use(outgoing, use_id)
        said: dict[str, Any] = {"choice": choice, "answer": answer, "article": article, "until": until}
        return perform(outgoing, "note_use_answer", by=by, use=use, proof=stored, **said)


# --- account of use ---


def incoming_ask_account(
    *, incoming: IncomingRequest, by: Actor, question: str, due: dt.date | None = None
) -> IncomingRequest:
    """Ask the requesting State what use it made (Budapest 28(4))."""
    return perform(incoming, "ask_account", by=by, question=question, due=due, account_id=uuid7())


def outgoing_note_account_asked(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    question: str,
    due: dt.date | None = None,
    account_id: UUID | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that they ask what use was made; by their message, or by the registry with proof."""
    stored = stored_proof(proof)
    named = account_id or uuid7()
    return perform(outgoing, "note_account_asked", by=by, question=question, due=due, account_id=named, proof=stored)


def outgoing_give_account(
    *, outgoing: OutgoingRequest, by: Actor, account: Account, answers: UUID | None = None
) -> OutgoingRequest:
    """Tell the requested State what use was made. `answers`: the identifier of its question.

    Raises:
        UnknownAccount: no such question.
        ConditionsNotMet: it was answered; a use for another purpose without a recorded consent.
    """
    with one_act():
        row = _account(outgoing, answers) if answers else None
        return perform(outgoing, "give_account", by=by, account=row, account_id=answers or uuid7(), **asdict(account))


def incoming_note_account(
    *, incoming: IncomingRequest, by: Actor, account: Account, account_id: UUID | None = None
) -> IncomingRequest:
    """Note the sender's account; by its message, or by the registry from paper. An identifier of ours: it answers that."""
    with one_act():
        named = account_id or uuid7()
        row = incoming.useaccount_set.select_for_update(of=("self",)).filter(account_id=named).first()
        return perform(incoming, "note_account", by=by, account=row, account_id=named, **asdict(account))


# --- looked up ---


def evidence_named(case: Case, files: Sequence[UUID]) -> list[Evidence]:
    """Return the files of a case by their identifiers, in their order. Raises UnknownEvidence."""
    wanted = set(files)
    found = list(case.evidence_set.select_related("withheld", "item").filter(public_id__in=wanted).order_by("id"))
    if missing := wanted - {file.public_id for file in found}:
        raise UnknownEvidence(f"{case} has no evidence {min(map(str, missing))}")
    return found


def evidence_hashed(case: Case, hashes: Sequence[str]) -> list[Evidence]:
    """Return the files of a case that have these hashes and were furnished. Raises UnknownEvidence for a hash of none."""
    rows = case.evidence_set.select_related("withheld", "item").filter(sha256__in=hashes, withheld=None)
    found = list(rows.order_by("id"))
    if missing := set(hashes) - {file.sha256 for file in found}:
        raise UnknownEvidence(f"{case} has no evidence with the hash {min(missing)[:12]}")
    return found


def _use(case: Case, use_id: UUID) -> OtherUse:
    # Locked: of two who answer at once the second finds it answered.
    row: OtherUse | None = case.otheruse_set.select_for_update(of=("self",)).filter(use_id=use_id).first()
    if row is None:
        raise UnknownUse(f"{case} has no other use {use_id}")
    return row


def _account(case: Case, account_id: UUID) -> UseAccount:
    row: UseAccount | None = case.useaccount_set.select_for_update(of=("self",)).filter(account_id=account_id).first()
    if row is None:
        raise UnknownAccount(f"{case} was asked for no account {account_id}")
    return row
