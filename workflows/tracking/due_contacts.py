"""The day by which the next step of a contact is to be taken. Read from the case alone: no list asks for contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from mla.reference.models import Authority
from workflows.lifecycle.outcomes import OutgoingStatus
from workflows.tracking.cases import Case, key_of
from workflows.tracking.deadlines import Deadline, DeadlineKind


def deadlines(cases: Sequence[Case], offices: Mapping[int, Authority]) -> list[Deadline]:
    """Return the earliest day that contacts left to each case, until it is closed. No query."""
    return [deadline for case in cases for deadline in _of_case(case)]


def _of_case(case: Case) -> Iterator[Deadline]:
    if case.contact_due is None or case.contact_since is None or case.status == OutgoingStatus.CLOSED:
        return
    yield Deadline(
        kind=DeadlineKind.CONTACT,
        due=case.contact_due,
        since=case.contact_since,
        case=key_of(case),
        for_authority_id=case.authority_id,
        source=_("noted with the contact"),
        legal=False,
        confirmed=True,
    )


def left_by_contacts() -> Q:
    """Return the condition that contacts left a day to a case that is not closed."""
    return Q(contact_due__isnull=False) & ~Q(status=OutgoingStatus.CLOSED)
