"""What is shown of wishes and of a silent State: asked, answered or not, and the rungs of its ladder. Read where there is any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, prefetch_related_objects

from mla.core import clock
from mla.reference.ladders import ladder_of_state
from workflows.lifecycle.guards_wishes import silence_of
from workflows.lifecycle.models import OutgoingRequest, Wish
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.silence import Silence
from workflows.tracking.cases import Case
from workflows.tracking.due import ENDED
from workflows.tracking.timeline import TimelineEntry


@dataclass(frozen=True, slots=True)
class ShownWish:
    """A wish. `days`: whole days since it was asked, to the answer or to now."""

    row: Wish
    days: int


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder. `state`: written, passed (over), due or ahead; `day`: when written, else when it falls due."""

    number: int
    after: int
    day: date
    state: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """All wishes of a case, the oldest first; of a request out also the silence, where the other State has it.

    `withdrawn`: whole days since a withdrawal that is not confirmed yet.
    """

    wishes: list[ShownWish]
    silence: Silence | None = None
    withdrawn: int | None = None

    def __bool__(self) -> bool:
        return bool(self.wishes or self.silence) or self.withdrawn is not None

    @property
    def open(self) -> list[ShownWish]:
        return [one for one in self.wishes if one.row.is_open]

    @property
    def rungs(self) -> list[Rung]:
        """Return the ladder of the present silence."""
        silent = self.silence
        if silent is None:
            return []
        written = {
            one.row.rung: one.row.asked_at
            for one in self.wishes
            if one.row.rung and one.row.silent_since and one.row.silent_since.date() >= silent.since
        }
        return [_rung(number, silent, written) for number in range(1, silent.ladder.top + 1)]


def _rung(number: int, silent: Silence, written: dict[int, datetime]) -> Rung:
    after, day = silent.ladder.reminded_after[number - 1], silent.day_of(number)
    if number == silent.written and silent.written_on is not None:
        return Rung(number, after, silent.written_on, "written")
    if number in written and number < silent.written:
        return Rung(number, after, written[number].date(), "written")
    if number == silent.to_write:
        return Rung(number, after, day, "due")
    return Rung(number, after, day, "passed" if number <= max(silent.reached, silent.written) else "ahead")


def wishes_of(case: Case, entries: Sequence[TimelineEntry]) -> Wishes:
    """Return what is shown of a case's wishes, and put the rows at the case for which acts are open.

    No query for what never happened, as the timeline says; the ladder is read from the day after the last sign of life.
    """
    any_wish = any("wish" in entry.ids for entry in entries)
    rows = Wish.objects.order_by("id") if any_wish else Wish.objects.none()
    prefetch_related_objects([case], Prefetch("wish_set", rows))
    now = clock.now()
    shown = [ShownWish(row, ((row.answered_at or now) - row.asked_at).days) for row in case.wish_set.all()]
    silence = None
    if isinstance(case, OutgoingRequest) and case.status in WITH_THE_OTHER_STATE and case.desired != "withdraw":
        began = case.silent_since or case.sent_at or now
        if (now - began).days >= 1:
            ladder = ladder_of_state(case.letter.requested_id)
            case.ladder_read = ladder  # type: ignore[attr-defined]
            silence = silence_of(case, now, ladder)
    pending = case.desired == "withdraw" and case.status not in ENDED and case.desired_at is not None
    return Wishes(shown, silence, (now - case.desired_at).days if pending and case.desired_at else None)
