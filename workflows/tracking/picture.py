"""The course of a case as a picture: where each act, message and stretch of waiting stands on one time line. Pure.

Two lanes, ours and theirs. A message is a line from one lane to the other, from when it left to when it
arrived. The order is exact and no act is left out; distances follow time, but acts that follow closely are
set apart so that each can be read, and a long idle stretch is shortened where a break is marked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from workflows.tracking.ball import Held
from workflows.tracking.timeline import TimelineEntry

Lane = Literal["us", "them"]
#: Position of a point by its kind and identity; an x as it is drawn, turned round where the script is.
_XOf = Callable[[str, int], int]
_Turn = Callable[[int], int]
Form = Literal["act", "system", "recorded", "told", "arrived"]

#: Pixels of the drawing. It is drawn at this size and scrolls where there is less room.
USUAL_WIDTH = 1_040
EDGE = 34
LEAST_GAP = 34
US, THEM = 84, 190
BAR = 16
HEIGHT = 268
#: Rows of words over our lane and under theirs, from the lane outwards: y of the base line.
ROWS: Mapping[Lane, tuple[int, ...]] = {"us": (66, 51, 36), "them": (215, 230)}
READING_LINE = 18
TICKS = 256
#: Acts within this time may share a place, where their marks are in different lanes: dates are shown to the minute.
SAME_MOMENT = timedelta(minutes=1)
#: A gap takes at most this share of the room; beyond it the gap is shortened.
LARGEST_SHARE = 0.3
#: Sorts after every identity.
LAST = 2**63
#: A shortened stretch is marked from this length on.
LONG = timedelta(days=2)

#: Acts of the other State that our registry can record by hand.
RECORDED = frozenset({
    "acknowledge", "note_progress", "note_execution", "note_question", "note_conditions", "note_part", "note_result",
    "note_consultation", "note_postponement", "note_resumption",
    "note_complement", "note_refusal", "note_return", "note_withdrawal",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Carried:
    """A message on its way. `got_at` None: it did not arrive, or nobody knows. Instants are UTC.

    `seq`: the identity of the audit entry that tells of it on our side.
    """

    seq: int
    label: str
    outward: bool
    left_at: datetime
    got_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot. `said` is its whole text; `word` stands beside it where there is room (`word_y`)."""

    seq: int
    at: datetime
    lane: Lane
    form: Form
    x: int
    y: int
    said: str
    said_x: int
    word: str = ""
    word_x: int = 0
    word_y: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A message from (x1, y1) to (x2, y2). `open`: it has not arrived."""

    seq: int
    x1: int
    y1: int
    x2: int
    y2: int
    open: bool
    said: str
    said_x: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of waiting in the lane of whoever must act. `open`: it still lasts."""

    held: Held
    lane: Lane
    x: int
    y: int
    width: int
    length: timedelta
    open: bool
    said: str
    said_x: int
    word: str
    middle: int


@dataclass(frozen=True, slots=True)
class Break:
    """A stretch in which nothing happened and that is drawn shorter than it was."""

    x: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class Tick:
    x: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """Positions in pixels. `told`: the picture in words. `one_day`: ticks are times of one day."""

    width: int
    height: int
    marks: tuple[Mark, ...]
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]
    breaks: tuple[Break, ...]
    ticks: tuple[Tick, ...]
    one_day: bool
    told: str

    us: int = US
    them: int = THEM
    lanes: tuple[int, int] = (US, THEM)
    reading_line: int = READING_LINE
    tick_line: int = TICKS


@dataclass(slots=True)
class _Column:
    at: datetime
    taken: set[str] = field(default_factory=set)
    left: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Point:
    """What needs a place: a mark, the end of a message, or (without a lane) a change of the ball."""

    at: datetime
    order: int
    lane: str
    key: tuple[str, int]
    message: int = 0


def in_words(length: timedelta) -> str:
    """Say a length in words of one unit, rounded down: minutes, hours below two days, days."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return _("less than a minute")
    if seconds < 3_600:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    if seconds < 172_800:
        return ngettext("%(n)d hour", "%(n)d hours", seconds // 3_600) % {"n": seconds // 3_600}
    return ngettext("%(n)d day", "%(n)d days", seconds // 86_400) % {"n": seconds // 86_400}


def carried(entries: Iterable[TimelineEntry], written: Mapping[str, datetime]) -> list[Carried]:
    """Return the messages of a timeline. `written`: when the sender says it wrote each, by message identifier."""
    found: dict[str, Carried] = {}
    for entry in entries:
        name = str(entry.ids.get("message", ""))
        match entry.act:
            case "message.write":
                found[name] = Carried(entry.seq, entry.subject, True, entry.at, None)
            case "message.receive":
                # A clock that is ahead over there does not make a message arrive before it left.
                left = min(written.get(name, entry.at), entry.at)
                found[name] = Carried(entry.seq, entry.subject, False, left, entry.at)
            case "transmission.deliver" | "transmission.retrieve" if name in found and found[name].got_at is None:
                sent = found[name]
                found[name] = Carried(sent.seq, sent.label, True, sent.left_at, max(entry.at, sent.left_at))
    return list(found.values())


def picture(
    entries: Sequence[TimelineEntry],
    held: Sequence[Held],
    messages: Sequence[Carried],
    *,
    now: datetime,
    mirrored: bool = False,
    zone: tzinfo = UTC,
) -> Picture | None:
    """Return the positions of a case's course, or None where nothing happened yet.

    `entries`, `held`: as `case_timeline` and `case_ball` give them. `now` (aware): to where open stretches
    reach. `mirrored`: time runs from right to left. `zone`: decides where a day begins.
    """
    marks = [found for entry in entries if (found := _mark(entry)) is not None]
    points = _points(marks, messages, held, now)
    if not points:
        return None
    columns, column_of = _columns(points)
    xs, shortened = _places(columns)
    width = xs[-1] + EDGE
    turn = (lambda x: width - x) if mirrored else (lambda x: x)

    def x_of(kind: str, key: int) -> int:
        return turn(xs[column_of[kind, key]])

    placed = _worded(
        [
            *(_placed(mark, x_of("mark", mark.seq), width) for mark in marks),
            *_message_marks(messages, x_of, width),
        ],
        width,
    )
    days = [column.at.astimezone(zone).date() for column in columns]
    return Picture(
        width=width,
        height=HEIGHT,
        marks=tuple(placed),
        lines=tuple(_line(message, x_of, width) for message in messages),
        bars=tuple(_bars(held, column_of, xs, turn, now, width)),
        breaks=tuple(
            Break(turn((xs[index] + xs[index + 1]) // 2), columns[index + 1].at - columns[index].at)
            for index in shortened
        ),
        ticks=tuple(_ticks(columns, days, xs, turn)),
        one_day=days[0] == days[-1],
        told=_told(marks, messages, held, now),
    )


# --- what is drawn ---


def _mark(entry: TimelineEntry) -> Mark | None:
    """Return the dot of an act on the case. What the other State did is told by its message, not twice."""
    if not entry.on_case or entry.who_kind == "peer" or entry.act == "incoming.receive":
        return None
    name = entry.act.partition(".")[2]
    by_hand = entry.kind == "outgoing" and entry.who_kind == "user" and name in RECORDED
    form: Form = "recorded" if by_hand else "act" if entry.who_kind == "user" else "system"
    lane: Lane = "them" if by_hand else "us"
    turned = entry.to_status and entry.to_status != entry.from_status
    who = entry.who if entry.who_kind == "user" else _("the system")
    return Mark(
        seq=entry.seq,
        at=entry.at,
        lane=lane,
        form=form,
        x=0,
        y=US if lane == "us" else THEM,
        said=f"{entry.label} · {who}",
        said_x=0,
        word=entry.to_label if turned else "",
    )


def _message_marks(messages: Sequence[Carried], x_of: _XOf, width: int) -> Iterable[Mark]:
    for message in messages:
        if message.outward and message.got_at is not None:
            said = _("%(message)s: arrived") % {"message": message.label}
            x = x_of("got", message.seq)
            yield _placed(Mark(message.seq, message.got_at, "them", "arrived", 0, THEM, said, 0), x, width)
        if not message.outward:
            word = message.label.rpartition(", ")[2]
            x = x_of("left", message.seq)
            yield _placed(Mark(message.seq, message.left_at, "them", "told", 0, THEM, message.label, 0, word), x, width)
            if message.got_at is not None:
                said = _("%(message)s: arrived") % {"message": message.label}
                x = x_of("got", message.seq)
                yield _placed(Mark(message.seq, message.got_at, "us", "arrived", 0, US, said, 0), x, width)


def _line(message: Carried, x_of: _XOf, width: int) -> Line:
    x1 = x_of("left", message.seq)
    lost = message.got_at is None
    x2 = x1 if lost else x_of("got", message.seq)
    from_y, to_y = (US, THEM) if message.outward else (THEM, US)
    if lost:
        # It hangs between the lanes: it left, and nothing says that it arrived.
        to_y = (US + THEM) // 2
    said = _("%(message)s: not known to have arrived") % {"message": message.label} if lost else message.label
    return Line(message.seq, x1, from_y, x2, to_y, lost, said, _inside((x1 + x2) // 2, said, width))


def _bars(
    held: Sequence[Held],
    column_of: Mapping[tuple[str, int], int],
    xs: Sequence[int],
    turn: _Turn,
    now: datetime,
    width: int,
) -> Iterable[Bar]:
    for number, stretch in enumerate(held):
        if stretch.party == "nobody":
            continue
        begin = xs[column_of["held", number]]
        following = ("held", number + 1) if number + 1 < len(held) else ("now", 0)
        end = xs[column_of[following]]
        lane: Lane = "them" if stretch.party == "other" else "us"
        left, right = sorted((turn(begin), turn(end)))
        length = stretch.length(now)
        said = _("%(why)s: %(length)s") % {"why": stretch.why, "length": in_words(length)}
        room = right - left - 12
        word = next((text for text in (said, in_words(length)) if _long(text, 10.5) <= room), "")
        middle = (left + right) // 2
        yield Bar(
            held=stretch,
            lane=lane,
            x=left,
            y=(US if lane == "us" else THEM) - BAR // 2,
            width=right - left,
            length=length,
            open=stretch.until is None,
            said=said,
            said_x=_inside(middle, said, width),
            word=word,
            middle=middle,
        )


def _ticks(
    columns: Sequence[_Column], days: Sequence[object], xs: Sequence[int], turn: _Turn, room: int = 96
) -> list[Tick]:
    """Return where a date is written: at the first act, at each new day that has room, and at the last."""
    found = [0]
    for index in range(1, len(columns)):
        if days[index] != days[found[-1]] and xs[index] - xs[found[-1]] >= room:
            found.append(index)
    last = len(columns) - 1
    if found[-1] != last and (days[last] != days[found[-1]] or len(found) == 1):
        if len(found) > 1 and xs[last] - xs[found[-1]] < room:
            found.pop()
        if xs[last] - xs[found[-1]] >= room:
            found.append(last)
    return [Tick(turn(xs[index]), columns[index].at) for index in found]


def _told(marks: Sequence[Mark], messages: Sequence[Carried], held: Sequence[Held], now: datetime) -> str:
    """Say the picture in words, for who does not see it; the table of acts says it all."""
    out = sum(message.outward for message in messages)
    ours = sum((h.length(now) for h in held if h.party not in ("other", "nobody")), timedelta())
    theirs = sum((h.length(now) for h in held if h.party == "other"), timedelta())
    return _(
        "%(acts)d acts, %(out)d messages out and %(in)d in. We had the case for %(ours)s, the other State for "
        "%(theirs)s. The table of acts below says the same in words."
    ) % {
        "acts": len(marks),
        "out": out,
        "in": len(messages) - out,
        "ours": in_words(ours),
        "theirs": in_words(theirs),
    }


# --- where it stands ---


def _points(marks: Sequence[Mark], messages: Sequence[Carried], held: Sequence[Held], now: datetime) -> list[_Point]:
    found = [_Point(mark.at, mark.seq, mark.lane, ("mark", mark.seq)) for mark in marks]
    for message in messages:
        # It leaves from the dot of the act that sent it; over there the message is the dot.
        lane = "" if message.outward else "them"
        found.append(_Point(message.left_at, message.seq, lane, ("left", message.seq)))
        if message.got_at is not None:
            lane = "them" if message.outward else "us"
            found.append(_Point(message.got_at, message.seq, lane, ("got", message.seq), message.seq))
    for number, stretch in enumerate(held):
        # After the act of the same instant: the ball changes hands where that act stands.
        found.append(_Point(stretch.since, LAST, "", ("held", number)))
    # The ends of one message stay in their order, whatever the clocks said.
    found.sort(key=lambda point: (point.at, point.order, point.key[0] == "got", point.key))
    if held and held[-1].until is None and held[-1].party != "nobody":
        found.append(_Point(max(now, found[-1].at), 0, "now", ("now", 0)))
    return found


def _columns(points: Sequence[_Point]) -> tuple[list[_Column], dict[tuple[str, int], int]]:
    """Give every point a column, in order; a column holds at most one mark of each lane."""
    columns: list[_Column] = []
    column_of: dict[tuple[str, int], int] = {}
    for point in points:
        last = columns[-1] if columns else None
        fits = (
            last is not None
            and point.lane != "now"
            and point.at - last.at < SAME_MOMENT
            and point.lane not in last.taken
            and point.message not in last.left
        )
        if not fits:
            last = _Column(point.at)
            columns.append(last)
        assert last is not None
        if point.lane:
            last.taken.add(point.lane)
        if point.key[0] == "left":
            last.left.add(point.key[1])
        column_of[point.key] = len(columns) - 1
    return columns, column_of


def _places(columns: Sequence[_Column]) -> tuple[list[int], list[int]]:
    """Return the x of each column, and after which columns a long stretch is shortened."""
    gaps = [max(0.0, (after.at - before.at).total_seconds()) for before, after in pairwise(columns)]
    if not gaps:
        return [EDGE], []
    longest = _longest_drawn(gaps)
    drawn = [min(gap, longest) for gap in gaps]
    room = max(0, USUAL_WIDTH - 2 * EDGE - LEAST_GAP * len(gaps))
    total = sum(drawn)
    xs, x = [EDGE], float(EDGE)
    for gap in drawn:
        x += LEAST_GAP + (room * gap / total if total else room / len(gaps))
        xs.append(round(x))
    shortened = [i for i, gap in enumerate(gaps) if gap > longest * 1.2 and gap >= LONG.total_seconds()]
    return xs, shortened


def _longest_drawn(gaps: Sequence[float]) -> float:
    """Return the length from which a gap is shortened, so that none takes more than its share of the room."""
    share = max(LARGEST_SHARE, 1.4 / len(gaps))
    longest = max(gaps)
    for _round in range(60):
        capped = share * sum(min(gap, longest) for gap in gaps)
        if capped >= longest * 0.999:
            break
        longest = capped
    return longest


def _placed(mark: Mark, x: int, width: int) -> Mark:
    return Mark(mark.seq, mark.at, mark.lane, mark.form, x, mark.y, mark.said, _inside(x, mark.said, width), mark.word)


def _worded(marks: Sequence[Mark], width: int) -> list[Mark]:
    """Give each mark its word in the nearest row that has room for it; the others say theirs on focus."""
    taken: dict[tuple[Lane, int], list[tuple[float, float]]] = {}
    found = []
    for mark in sorted(marks, key=lambda mark: (mark.at, mark.seq, mark.form)):
        word_x, word_y = 0, None
        if mark.word:
            half = _long(mark.word, 12) / 2 + 4
            word_x = _inside(mark.x, mark.word, width)
            for row, y in enumerate(ROWS[mark.lane]):
                used = taken.setdefault((mark.lane, row), [])
                if all(word_x + half <= start or word_x - half >= end for start, end in used):
                    used.append((word_x - half, word_x + half))
                    word_y = y
                    break
        found.append(
            Mark(
                mark.seq, mark.at, mark.lane, mark.form, mark.x, mark.y, mark.said, mark.said_x,
                mark.word, word_x, word_y,
            )
        )  # fmt: skip
    return found


def _inside(x: int, text: str, width: int) -> int:
    """Return where the middle of a text stands so that it stays within the drawing."""
    half = round(_long(text, 12) / 2)
    if 2 * half >= width:
        return width // 2
    return min(max(x, half), width - half)


def _long(text: str, size: float) -> float:
    """Estimate the width of a text in pixels; wide characters (East Asian) take a square."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return size * (wide + 0.56 * (len(text) - wide))
