"""How long the other State has been silent, and which reminder that makes due. Pure: no table, no clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mla.reference.own_practice import Ladder


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence, as it stands on a day of the authority.

    `since`: the day of the last sign of life, else of the sending. `written`: the last rung on which the other State was
    reminded in this silence, `written_on` its day; 0 and None where it was not. `promised`: the day for which they said
    that they would have news; until then nobody reminds them.
    """

    since: dt.date
    today: dt.date
    ladder: Ladder
    written: int = 0
    written_on: dt.date | None = None
    promised: dt.date | None = None

    @property
    def counts_from(self) -> dt.date:
        """Return the day from which the rungs are counted."""
        return max(self.since, self.promised) if self.promised else self.since

    @property
    def days(self) -> int:
        return (self.today - self.since).days

    @property
    def reached(self) -> int:
        """Return the highest rung whose day has come, counted from 1; 0: none yet."""
        return sum(self.day_of(rung) <= self.today for rung in range(1, self.ladder.top + 1))

    @property
    def to_write(self) -> int:
        """Return the rung on which a reminder is to be written now; 0: none. A rung that was passed over is not made up."""
        return self.reached if self.reached > self.written else 0

    @property
    def on_top(self) -> bool:
        """Tell whether every reminder is written: what is left is the liaison officer or the embassy."""
        return self.written >= self.ladder.top

    @property
    def next_rung(self) -> int:
        """Return the rung that is to be written now, else the next to come; 0: none is left."""
        following = max(self.written, self.reached) + 1
        return self.to_write or (following if following <= self.ladder.top else 0)

    def day_of(self, rung: int) -> dt.date:
        return self.counts_from + dt.timedelta(days=self.ladder.reminded_after[rung - 1])

    @property
    def given_up_from(self) -> dt.date | None:
        """Return the day from which closing as never answered is offered; None while a reminder is left."""
        if not self.on_top or self.written_on is None:
            return None
        return self.written_on + dt.timedelta(days=self.ladder.given_up_after)

    @property
    def may_be_given_up(self) -> bool:
        day = self.given_up_from
        return day is not None and day <= self.today
