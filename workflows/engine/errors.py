"""How an act can fail. All are expected and told to the person; nothing was changed."""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence

from django.conf import settings

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


def error_told(error: BaseException) -> str:
    """Return the kind of an error and its place, without one word of a case.

    Messages may quote a letter (a database's "failing row", a refused value), so they are left out;
    an act's refusal names its codes and fields, a `PermanentFailure` and an error of `own_words` are our own; what the
    operating system says was behind it ("No space left on device") is told too.
    """
    kind = type(error).__name__
    behind = error if isinstance(error, OSError) and error.errno else error.__cause__
    system = f" ({os.strerror(behind.errno)})" if isinstance(behind, OSError) and behind.errno else ""
    if isinstance(error, PermanentFailure) or (isinstance(error, MlaError) and error.own_words):
        return f"{kind}: {error}{system}"[:500]
    if isinstance(error, ActRefused):
        kind += f" {error.act}: " + ", ".join(":".join(filter(None, (r.code, r.field))) for r in error.reasons)
    kind += system
    frames = traceback.extract_tb(error.__traceback__)
    home = str(settings.BASE_DIR)
    ours = [frame for frame in frames if frame.filename.startswith(home) and "/.venv/" not in frame.filename]
    place = f" at {ours[-1].filename.removeprefix(home + '/')}:{ours[-1].lineno}" if ours else ""
    return (kind + place)[:500]


def frames_of(error: BaseException) -> str:
    """Return where an error passed, as lines of our program; no values and no message."""
    return "".join(traceback.format_tb(error.__traceback__))
