"""Which requests are with a State whose silence has reached a reminder: asked of the database, for worklists and counts.

By days of UTC. The act itself goes by the calendar of the authority, so that at most a day lies between the two.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Greatest, Now

from mla.reference.models import ProfileEntry
from mla.reference.own_practice import own_ladder
from mla.reference.profiles import Topic
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE

_SILENT = Q(status__in=WITH_THE_OTHER_STATE) & ~Q(desired="withdraw")


def a_reminder_is_due() -> Q:
    """Return the condition that a request out is with a State whose silence has reached a reminder not written yet."""
    return _SILENT & (_by_the_own_ladder() | _by_a_profile())


def _by_the_own_ladder() -> Q:
    """Return the condition that the house's own ladder makes a reminder due. An index finds those silent long enough."""
    days = own_ladder().reminded_after
    rungs = [When(chased_rung=written, then=Value(after)) for written, after in enumerate(days)]
    after = Case(*rungs, default=Value(None), output_field=IntegerField())
    long_enough = Q(silent_since__lt=Now() - dt.timedelta(days=days[0] - 1))
    ladders = ProfileEntry.objects.filter(topic=Topic.CHASERS, removed=False)
    return long_enough & _come(after) & ~Q(letter__requested__in=ladders.values("jurisdiction"))


def _by_a_profile() -> Q:
    """Return the condition that the ladder of the requested State's profile makes a reminder due."""
    told = ProfileEntry.objects.filter(topic=Topic.CHASERS, removed=False)
    its = told.filter(jurisdiction=OuterRef("letter__requested")).values("value")[:1]
    after: Any = Func(
        Subquery(its, output_field=CharField()),
        F("chased_rung"),
        template="nullif(split_part(%(expressions)s + 1), '')::int",
        arg_joiner=", ' ', ",
        output_field=IntegerField(),
    )
    return Q(letter__requested__in=told.values("jurisdiction")) & _come(after)


def _come(after: Any) -> Q:
    """Return the condition that so many days are over since they were heard of, or since the day they named for news."""
    began = Greatest(Cast("silent_since", DateField()), F("next_news_on"))
    due: Any = Func(began, after, template="(%(expressions)s)", arg_joiner=" + ", output_field=DateField())
    reached: Any = Func(
        due, Cast(Now(), DateField()), template="(%(expressions)s)", arg_joiner=" <= ", output_field=BooleanField()
    )
    return Q(reached)
