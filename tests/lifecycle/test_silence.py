"""The house's own practice is a dated row of a data file; a profile's ladder takes its place."""

from __future__ import annotations

import datetime as dt

from mla.reference.ladders import ladder_told
from mla.reference.own_practice import own_ladder
from workflows.lifecycle.silence import Silence


def test_own_ladder_is_dated_and_a_profile_takes_its_place() -> None:
    own = own_ladder()
    assert (own.reminded_after, own.source) == ((30, 60, 90), "own practice") and own.as_of is not None
    told = ladder_told("10 20")
    assert (told.reminded_after, told.given_up_after, told.as_of) == ((10, 20), own.given_up_after, None)
    assert ladder_told("").reminded_after == own.reminded_after


def test_rungs_are_counted_from_the_day_that_they_named_for_news() -> None:
    since = dt.date(2026, 3, 2)
    silent = Silence(since, since + dt.timedelta(days=40), own_ladder())
    assert (silent.days, silent.reached, silent.to_write, silent.next_rung) == (40, 1, 1, 1)
    promised = Silence(since, since + dt.timedelta(days=40), own_ladder(), promised=since + dt.timedelta(days=30))
    assert (promised.days, promised.to_write, promised.next_rung) == (40, 0, 1)
    assert promised.day_of(1) == since + dt.timedelta(days=60)
    past = Silence(since, since + dt.timedelta(days=40), own_ladder(), promised=since - dt.timedelta(days=30))
    assert past.to_write == 1


def test_after_the_last_reminder_comes_the_embassy_and_then_the_end() -> None:
    since = dt.date(2026, 3, 2)
    written = since + dt.timedelta(days=91)

    def standing(days: int) -> Silence:
        return Silence(since, since + dt.timedelta(days=days), own_ladder(), written=3, written_on=written)

    assert standing(91).on_top and not standing(91).to_write and not standing(150).may_be_given_up
    assert standing(151).given_up_from == written + dt.timedelta(days=60) and standing(151).may_be_given_up
    # The first two were passed over: nobody makes them up.
    late = Silence(since, since + dt.timedelta(days=95), own_ladder())
    assert (late.to_write, late.next_rung) == (3, 3)
