"""What the page of a case shows of other cases and of contacts. Nothing is asked where the case was marked as having none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, prefetch_related_objects

from mla.accounts.actors import Actor
from workflows.lifecycle.models import CaseMail, ContactEntry, Operation
from workflows.lifecycle.selectors_together import (
    Alike,
    alike_cases,
    decided_alike,
    in_operation,
    looks_alike,
    operations_of,
)
from workflows.tracking.cases import Case


@dataclass(frozen=True, slots=True)
class Together:
    """`contacts`: the latest first. `undecided`: cases that look alike and on which nobody has said a word."""

    contacts: list[ContactEntry]
    operations: list[Operation]
    alike: list[Alike]
    mails: list[CaseMail]

    @property
    def undecided(self) -> list[Alike]:
        return [one for one in self.alike if one.decided is None]


def marks(kind: str) -> dict[str, Any]:
    """Return annotations that say, with the row itself, which of these questions are worth asking of it."""
    contacts = ContactEntry.objects.filter(**{kind: OuterRef("pk")})
    return {
        "has_contacts": Exists(contacts),
        "has_mails": Exists(CaseMail.objects.filter(**{kind: OuterRef("pk")})),
        "in_operations": in_operation(kind),
        "has_decisions": decided_alike(kind),
        "has_alike": looks_alike(kind),
    }


def together_of(case: Case, actor: Actor) -> Together:
    """Return them for a case that was read with `marks` after an access check. No query where it has none of these."""
    marked: Any = case
    rows = ContactEntry.objects.select_related("corrects").prefetch_related("corrections").order_by("-at", "-id")
    # Kept with the case, so that which acts are open does not ask again.
    prefetch_related_objects(
        [case], Prefetch("contactentry_set", rows if marked.has_contacts else ContactEntry.objects.none())
    )
    return Together(
        contacts=list(case.contactentry_set.all()),
        operations=operations_of(case, actor) if marked.in_operations else [],
        alike=alike_cases(case, actor) if marked.has_alike else [],
        mails=list(case.casemail_set.prefetch_related("files").order_by("-id")) if marked.has_mails else [],
    )
