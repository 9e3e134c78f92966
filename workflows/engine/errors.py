"""How an act can fail. All are expected and told to the person; nothing was changed."""

from __future__ import annotations

from collections.abc import Sequence

from mla.core.errors import MlaError
from mla.core.reasons import Reason


class ActRefused(MlaError):
    """The act was not done. `reasons` says why, each with the place to look."""

    def __init__(self, act: str, reasons: Sequence[Reason]) -> None:
        self.act, self.reasons = act, tuple(reasons)
        super().__init__(f"{act}: " + "; ".join(reason.message for reason in reasons))


class ActForbidden(ActRefused):
    """The actor may not do this act on this case. Recorded in the audit."""


class ActNotPossible(ActRefused):
    """The act does not fit the present status."""


class ConditionsNotMet(ActRefused):
    """Status and right are there, a condition is missing."""


class VersionChanged(ActRefused):
    """Somebody changed the case since the actor looked at it."""


class DataWrong(ActRefused):
    """The data given with the act do not fit; each reason names its field."""


class PermanentFailure(Exception):
    """A job that no repetition will mend: it is parked at once, visibly."""


class LeaseLost(Exception):
    """Another worker holds the job now: this one's work is put aside, uncommitted."""
