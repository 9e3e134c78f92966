"""The dates of a request out that was taken over from an earlier register: there is no letter here that tells them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery

from mla.reference.models import ProfileEntry
from mla.reference.profiles import Topic, ladder_of
from workflows.drafting.models import LetterOfRequest
from workflows.lifecycle.models import OutgoingRequest
from workflows.tracking.dated import LetterDates


def taken_over_dates(cases: Sequence[OutgoingRequest]) -> dict[tuple[str, int], LetterDates]:
    """Return until when each case is urgent, as its register said, and the State's ladder of reminders.

    One query, none where no case was taken over.
    """
    if not cases:
        return {}
    told = ProfileEntry.objects.filter(jurisdiction=OuterRef("requested"), topic=Topic.CHASERS, removed=False)
    letters = LetterOfRequest.objects.filter(pk__in=[case.letter_id for case in cases])
    ladders = dict(letters.values_list("pk", Subquery(told.values("value"))))
    found = {}
    for case in cases:
        until = {"date": case.needed_by.isoformat()} if case.needed_by else {}
        dates = LetterDates(urgency={"level": case.urgency} | until)
        dates.ladder = ladder_of(ladders.get(case.letter_id) or "")
        found[case.KIND, case.pk] = dates
    return found
