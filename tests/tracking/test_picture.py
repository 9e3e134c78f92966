"""The picture of a case's course: every act once, in order, the lengths exact, nothing outside the drawing."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tracking.lives import MONDAY, closed_case, sent_case
from workflows.tracking.ball import Held
from workflows.tracking.picture import (
    EDGE,
    LEAST_GAP,
    THEM,
    US,
    USUAL_WIDTH,
    Carried,
    Picture,
    _long,
    carried,
    in_words,
    picture,
)
from workflows.tracking.timeline import TimelineEntry, case_ball, case_timeline

DAY = dt.timedelta(days=1)


def entry(seq: int, at: dt.datetime, act: str = "outgoing.submit", **more: Any) -> TimelineEntry:
    given: dict[str, Any] = {
        "act_id": uuid4(), "label": act, "kind": act.partition(".")[0], "subject": "", "on_case": True,
        "who": "Officer", "who_kind": "user", "role": "", "authority_id": 1, "authority": "",
        "from_status": "drafting", "to_status": "in_review", "from_label": "drafting", "to_label": "in review",
        "reason_code": "", "article": "", "reason": "",
    } | more  # fmt: skip
    return TimelineEntry(seq=seq, at=at, act=act, **given)


def drawn(*args: Any, **more: Any) -> Picture:
    found = picture(*args, **more)
    assert found is not None
    return found


@pytest.mark.django_db
def test_whole_course_stands_in_two_lanes_with_its_messages_and_waiting_times() -> None:
    _line, outgoing, _incoming = closed_case()
    entries = case_timeline(None, outgoing)
    held = case_ball(outgoing, entries)
    written = {str(entry.ids["message"]): entry.at for entry in entries if entry.act == "message.receive"}
    found = drawn(entries, held, carried(entries, written), now=MONDAY + 50 * DAY)
    own = [e for e in entries if e.on_case and e.who_kind != "peer"]
    assert sorted(mark.seq for mark in found.marks if mark.form in {"act", "system", "recorded"}) == [
        e.seq for e in own
    ]
    # The request went out, the other State's answers came in, and all arrived.
    assert {line.open for line in found.lines} == {False}
    assert {(line.y1, line.y2) for line in found.lines} == {(US, THEM), (THEM, US)}
    assert {bar.lane for bar in found.bars if bar.held.party == "other"} == {"them"}
    # Sent on day 7, acknowledged on day 10: three days of waiting, in their lane.
    waited = next(bar for bar in found.bars if bar.held.why == "not acknowledged yet")
    assert (waited.length, waited.open) == (3 * DAY, False)
    assert sum((bar.length for bar in found.bars), dt.timedelta()) == held[-1].since - held[0].since
    assert found.told.count("other State") == 1


@pytest.mark.django_db
def test_message_that_did_not_arrive_hangs_between_the_lanes() -> None:
    _line, outgoing, _incoming = sent_case()
    entries = [e for e in case_timeline(None, outgoing) if not e.act.startswith("transmission.")]
    found = drawn(entries, case_ball(outgoing, entries), carried(entries, {}), now=MONDAY + 24 * DAY)
    line = next(line for line in found.lines if line.y1 == US)
    assert line.open and US < line.y2 < THEM and "not known to have arrived" in line.said
    arrived = [mark for mark in found.marks if mark.form == "arrived" and mark.lane == "them"]
    assert not arrived


def test_nothing_has_no_picture_and_one_act_has_one() -> None:
    assert picture([], [], [], now=MONDAY) is None
    found = drawn([entry(1, MONDAY)], [], [], now=MONDAY)
    assert [mark.x for mark in found.marks] == [EDGE]


moments = st.lists(st.integers(0, 400 * 86_400), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moments, st.booleans())
def test_marks_keep_their_order_stay_apart_and_inside_whatever_the_times(seconds: list[int], mirrored: bool) -> None:
    entries = [entry(n, MONDAY + dt.timedelta(seconds=at)) for n, at in enumerate(sorted(seconds), 1)]
    held = [Held("central", 1, "why", e.at, None) for e in entries[:1]]
    messages = [Carried(1_000 + e.seq, "m", e.seq % 2 == 0, e.at, e.at + DAY) for e in entries[::5]]
    found = drawn(entries, held, messages, now=entries[-1].at + 2 * DAY, mirrored=mirrored)
    acts = sorted((mark for mark in found.marks if mark.form == "act"), key=lambda mark: (mark.at, mark.seq))
    xs = [found.width - mark.x if mirrored else mark.x for mark in acts]
    assert xs == sorted(xs)
    by_lane: dict[str, list[int]] = {}
    for mark in found.marks:
        by_lane.setdefault(mark.lane, []).append(mark.x)
    for lane in by_lane.values():
        assert all(b - a >= LEAST_GAP - 1 for a, b in itertools.pairwise(sorted(lane)))
    for x in [*(m.x for m in found.marks), *(b.x for b in found.bars), *(one.x2 for one in found.lines)]:
        assert 0 <= x <= found.width
    for line, message in zip(found.lines, messages, strict=True):
        left, got = (line.x2, line.x1) if mirrored else (line.x1, line.x2)
        assert left < got, message
    # Words in one row never cover each other.
    rows: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for mark in found.marks:
        if mark.word_y is not None:
            half = _long(mark.word, 12) / 2
            rows.setdefault((mark.lane, mark.word_y), []).append((mark.word_x - half, mark.word_x + half))
    for row in rows.values():
        row.sort()
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(row))


def test_longer_time_is_never_drawn_shorter_and_a_year_of_silence_is_marked() -> None:
    days = [0, 1, 3, 10, 375, 380]
    entries = [entry(n, MONDAY + day * DAY) for n, day in enumerate(days, 1)]
    found = drawn(entries, [], [], now=MONDAY + 381 * DAY)
    xs = [mark.x for mark in found.marks]
    gaps = [b - a for a, b in itertools.pairwise(xs)]
    assert sorted(range(5), key=lambda i: gaps[i]) == sorted(range(5), key=lambda i: days[i + 1] - days[i])
    assert [stretch.length for stretch in found.breaks] == [365 * DAY]
    assert xs[3] < found.breaks[0].x < xs[4]
    assert gaps[3] < 0.6 * USUAL_WIDTH


def test_without_a_long_silence_distances_follow_time() -> None:
    entries = [entry(n, MONDAY + day * DAY) for n, day in enumerate([0, 5, 10, 15, 20], 1)]
    found = drawn(entries, [], [], now=MONDAY + 20 * DAY)
    xs = [mark.x for mark in found.marks]
    gaps = {b - a for a, b in itertools.pairwise(xs)}
    assert max(gaps) - min(gaps) <= 1
    assert not found.breaks


def test_mirrored_picture_is_the_same_picture_from_the_other_side() -> None:
    entries = [entry(n, MONDAY + day * DAY) for n, day in enumerate([0, 2, 30, 31], 1)]
    held = [Held("central", 1, "checking", entries[0].at, entries[2].at), Held("other", 2, "sent", entries[2].at, None)]
    plain = drawn(entries, held, [], now=MONDAY + 40 * DAY)
    turned = drawn(entries, held, [], now=MONDAY + 40 * DAY, mirrored=True)
    assert [turned.width - mark.x for mark in turned.marks] == [mark.x for mark in plain.marks]
    assert [turned.width - bar.x - bar.width for bar in turned.bars] == [bar.x for bar in plain.bars]
    assert [bar.open for bar in plain.bars] == [False, True]


def test_dates_under_the_line_do_not_touch_and_name_the_first_and_the_last() -> None:
    entries = [entry(n, MONDAY + n * DAY) for n in range(1, 50)]
    found = drawn(entries, [], [], now=MONDAY + 60 * DAY)
    xs = [one.x for one in found.ticks]
    assert found.ticks[0].at == entries[0].at and found.ticks[-1].at == entries[-1].at
    assert all(b - a >= 96 for a, b in itertools.pairwise(xs))
    assert not found.one_day


def test_act_recorded_by_hand_stands_with_the_other_side() -> None:
    entries = [entry(1, MONDAY, "outgoing.send"), entry(2, MONDAY + DAY, "outgoing.acknowledge")]
    found = drawn(entries, [], [], now=MONDAY + 2 * DAY)
    assert [(mark.form, mark.lane) for mark in found.marks] == [("act", "us"), ("recorded", "them")]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (dt.timedelta(seconds=59), "less than a minute"),
        (dt.timedelta(minutes=1), "1 minute"),
        (dt.timedelta(hours=47), "47 hours"),
        (dt.timedelta(hours=48), "2 days"),
        (dt.timedelta(days=17, hours=23), "17 days"),
    ],
)
def test_length_is_said_in_one_unit_rounded_down(length: dt.timedelta, words: str) -> None:
    assert in_words(length) == words


def test_stretch_begins_where_the_act_stands_that_began_it() -> None:
    second = dt.timedelta(seconds=1)
    entries = [entry(1, MONDAY), entry(2, MONDAY + second, "outgoing.send")]
    held = [Held("central", 1, "to be sent", MONDAY, MONDAY + second), Held("other", 2, "sent", MONDAY + second, None)]
    found = drawn(entries, held, [], now=MONDAY + DAY)
    assert [bar.x for bar in found.bars] == [mark.x for mark in found.marks]
