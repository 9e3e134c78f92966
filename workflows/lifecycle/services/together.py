"""Contacts beside the channel, and what is decided of cases that look alike. Nothing of it goes to the other State."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TypeVar
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import ContactEntry, IncomingRequest, OutgoingRequest
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing

Case = TypeVar("Case", OutgoingRequest, IncomingRequest)


class UnknownContact(MlaError):
    """No contact of that identifier was noted in this case."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it is noted. `at`: aware; `zone`: the name of the time zone in which it was noted.

    `kind`, `direction`: codes of ContactEntry. A next step may have no day; a day has a step.
    """

    kind: str
    direction: str
    at: dt.datetime
    zone: str
    summary: str
    name: str = ""
    office: str = ""
    next_step: str = ""
    next_due: dt.date | None = None


def log_contact(*, case: Case, by: Actor, contact: Contact, corrects: UUID | None = None) -> Case:
    """Note a contact of police, liaison or another in a case of either side; for whoever acts on the case.

    `corrects`: an earlier entry, which stays as it was noted; what it left to be done is this one's to say again.

    Raises:
        ConditionsNotMet: naming each field that lacks.
        UnknownContact: nothing of this case is corrected by it.
    """
    with one_act():
        corrected = _entry(case, corrects) if corrects is not None else None
        return perform(case, "log_contact", by=by, corrects=corrected, **asdict(contact))


def contact_done(*, case: Case, by: Actor, contact_id: UUID, note: str = "") -> Case:
    """Say that the next step of a contact is done, or not needed any more.

    Raises:
        UnknownContact: the case has no such entry.
        ConditionsNotMet: it is done already.
    """
    with one_act():
        return perform(case, "contact_done", by=by, contact=_entry(case, contact_id), note=note)


def decide_alike(*, case: Case, by: Actor, other: Case, decision: str, words: str = "") -> Case:
    """Decide what a case is to another of the same side that looks alike. Both stay; a later decision takes its place.

    Raises:
        ConditionsNotMet: no decision of the list, no words with `not_alike`, or no other case that the actor may see.
    """
    visible = visible_outgoing(by) if other.KIND == "outgoing" else visible_incoming(by)
    seen = other if visible.filter(pk=other.pk).exists() else None
    return perform(case, "decide_alike", by=by, other=seen, decision=decision, words=words)


def _entry(case: OutgoingRequest | IncomingRequest, public_id: UUID) -> ContactEntry:
    # Locked: two officers who end one step at once must not both have done it.
    found = ContactEntry.objects.select_for_update(of=("self",)).filter(public_id=public_id, **{case.KIND: case})
    entry = found.first()
    if entry is None:
        raise UnknownContact(f"{case} has no contact {public_id}")
    return entry
