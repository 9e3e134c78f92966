"""Opening one restricted case without being named in it: for a purpose, for some hours, to read, seen by the auditor."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.services_record import LONGEST_PURPOSE, SHORTEST_PURPOSE
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.reasons import Reason
from mla.core.text import plain
from mla.reference.break_glass import break_glass_purposes
from workflows.engine.errors import DataWrong
from workflows.engine.machine import Effects
from workflows.engine.perform import create, perform
from workflows.lifecycle.models import BreakGlass, BreakGlassAttempt
from workflows.lifecycle.selectors_break_glass import restricted_by_reference

#: In so much time the attempts of one person are counted.
COUNTED_FOR = dt.timedelta(hours=1)


class TooManyAttempts(MlaError):
    """This person asked for restricted cases too often; nothing was looked up."""


def break_glass_open(*, by: Actor, reference: str, purpose: str, words: str) -> BreakGlass:
    """Give the actor sight of the restricted case of this reference for settings.BREAK_GLASS_HOURS, to read alone.

    Recorded at once, as an entry of its own with purpose and words; the auditor and the named persons are shown it.
    Who asks again while it holds is given the same. Directive (EU) 2016/680 articles 25 and 29.

    Raises:
        DataWrong: no purpose of the list, or too few or too many words; nothing was looked up.
        TooManyAttempts: more than settings.BREAK_GLASS_ATTEMPTS within COUNTED_FOR, whatever came of them.
        AccessDenied: no such case, not restricted, open to the actor anyway, or another authority's: not said which.
    """
    said = " ".join(plain(words).split())
    wrong = []
    if purpose not in break_glass_purposes():
        wrong.append(Reason("purpose_unknown", _("choose the purpose"), field="purpose"))
    if not SHORTEST_PURPOSE <= len(said) <= LONGEST_PURPOSE:
        message = _("say in %(least)d to %(most)d characters why you must see it now")
        wrong.append(
            Reason("words_missing", message % {"least": SHORTEST_PURPOSE, "most": LONGEST_PURPOSE}, field="words")
        )
    if wrong:
        raise DataWrong("open", wrong)
    if by.kind != "user" or not holds(by, "break_glass.open"):
        raise AccessDenied("restricted case", "", by)
    _counted(by)
    asked = " ".join(plain(reference).split())
    case = restricted_by_reference(by, asked) if asked else None
    if case is None:
        raise AccessDenied("restricted case", asked, by)
    now = clock.now()
    of_it = {case.KIND: case}
    open_now = BreakGlass.objects.filter(
        user_id=by.user_id or 0, authority_id=by.authority_id or 0, role=by.role, ended_at=None, until__gt=now, **of_it
    ).first()
    if open_now is not None:
        return open_now
    until = now + dt.timedelta(hours=settings.BREAK_GLASS_HOURS)
    opened = BreakGlass(
        authority_id=by.authority_id or 0,
        user_id=by.user_id or 0,
        role=by.role,
        purpose=purpose,
        words=said,
        until=until,
        **of_it,
    )
    effects = Effects(
        reason_code=purpose,
        reason=said,
        detail={"case": str(case.public_id), "kind": case.KIND, "until": until.isoformat()},
        events=[("break_glass.opened", {"case": case.pk, "kind": case.KIND})],
    )
    return create(opened, act="open", by=by, effects=effects)


def break_glass_end(*, opened: BreakGlass, by: Actor) -> BreakGlass:
    """Give sight back before its time.

    Raises:
        ConditionsNotMet: it is over already.
    """
    return perform(opened, "end", by=by)


def break_glass_review(*, opened: BreakGlass, by: Actor, reason: str) -> BreakGlass:
    """Record the auditor's own word on an opening.

    Raises:
        ConditionsNotMet: no words, or the auditor opened the case under another hat.
    """
    return perform(opened, "review", by=by, reason=reason)


def _counted(by: Actor) -> None:
    """Count one attempt more, in a row that stays whatever comes of it.

    Written before it is counted: of several at once none is overlooked.
    """
    now = clock.now()
    of_them = BreakGlassAttempt.objects.filter(user_id=by.user_id or 0)
    of_them.filter(at__lte=now - COUNTED_FOR).delete()
    BreakGlassAttempt.objects.create(authority_id=by.authority_id or 0, user_id=by.user_id or 0, at=now)
    if of_them.count() > settings.BREAK_GLASS_ATTEMPTS:
        raise TooManyAttempts(_("You asked for restricted cases too often. Wait an hour; nothing was looked up now."))
