"""What a line of an earlier register says of a case, checked against what this house knows. Pure: no table, no clock.

A line becomes an Entry, or problems that say in which column what is wrong and what to do. Nothing is guessed: a word that
could mean two things is asked for.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.lifecycle.importing import Line, Problem, Register, folded, in_both_languages
from workflows.lifecycle.outcomes import IncomingStatus, Outcome, OutgoingStatus

Direction = Literal["outgoing", "incoming"]

_DIRECTIONS: Final[Mapping[str, object]] = {"out": gettext_lazy("request out"), "in": gettext_lazy("request in")}
_MORE_DIRECTIONS: Final = {"outgoing": "out", "incoming": "in", "sent": "out", "received": "in"}
_YES_NO: Final[Mapping[str, object]] = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no")}
#: Where a case that was carried by hand can stand. What has not left the house is no running case: it is drafted here.
_STATUSES: Final[Mapping[str, tuple[Any, ...]]] = {
    "outgoing": (
        OutgoingStatus.SENT, OutgoingStatus.ACKNOWLEDGED, OutgoingStatus.IN_EXECUTION, OutgoingStatus.CONCLUDED,
        OutgoingStatus.CLOSED,
    ),
    "incoming": tuple(IncomingStatus),
}  # fmt: skip
ENDED: Final = ("concluded", "closed")
#: A letter that was never sent is no case of the register.
_OUTCOMES: Final = {
    "outgoing": tuple(one for one in Outcome if one != Outcome.NOT_PURSUED),
    "incoming": tuple(
        one
        for one in Outcome
        if one not in (Outcome.NOT_PURSUED, Outcome.UNANSWERED, Outcome.OBTAINED_OTHERWISE, Outcome.SUPERSEDED)
    ),
}
#: How a request out ends that the other State has said nothing of: there is no result to conclude it with.
_WITHOUT_RESULT: Final = (Outcome.UNANSWERED, Outcome.OBTAINED_OTHERWISE, Outcome.SUPERSEDED)
CHANNELS: Final[Mapping[str, object]] = {
    "paper": gettext_lazy("paper, by post or courier"),
    "interpol": gettext_lazy("INTERPOL"),
    "diplomatic": gettext_lazy("diplomatic channel"),
    "email": gettext_lazy("e-mail"),
    "24_7": gettext_lazy("24/7 point of contact"),
}
_OLDEST: Final = dt.date(1950, 1, 1)
#: A number of our own register; larger ones are a slip of the pen.
_HIGHEST: Final = 9_999_999
MOST_MEASURES: Final = 50


@dataclass(frozen=True, slots=True)
class Office:
    """An authority of the directory; `central`: the identity of the one that it works through."""

    pk: int
    code: str
    name: str
    state: str
    kind: str
    central: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """An officer; `roles`: (authority's identity, role) in effect now."""

    pk: int
    username: str
    roles: frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """What the lines are checked against. `today`: the authority's own day."""

    own: Office
    today: dt.date
    states: frozenset[str]
    offices: Sequence[Office]
    #: The code of each measure and ground by its code and its name, folded.
    measures: Mapping[str, str]
    grounds: Mapping[str, str]
    people: Mapping[str, Person]
    #: References of this register by direction, each with the line of the file from which it was taken over, else 0.
    references: Mapping[tuple[Direction, str], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One case as the earlier register knew it. Days are calendar days of the authority."""

    line: Line
    direction: Direction
    reference: str
    peer_reference: str
    state: str
    other: Office
    subject: str
    chain: Office | None
    executing: Office | None
    measures: tuple[str, ...]
    day: dt.date
    last_act: dt.date | None
    status: str
    outcome: str
    ground: str
    needed_by: dt.date | None
    officer: Person | None
    restricted: bool
    channel: str
    #: Year and number, where the reference has the form of our own register.
    number: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A line with what it becomes, or with what is wrong in it."""

    line: Line
    entry: Entry | None
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()


def checked(register: Register, known: Known) -> list[Checked]:
    """Return each line of the file with the case that it becomes, or its problems, in the reader's language."""
    words = _Words.now(known)
    seen: dict[tuple[Direction, str], int] = {}
    found = []
    for line in register.lines:
        reading = _Reading(line, register, known, words)
        entry = reading.entry()
        key = reading.key
        if key is not None and key in seen:
            message = _("“%(reference)s” stands in line %(line)s already: a reference is given once.")
            reading.wrong("our_reference", message % {"reference": key[1], "line": seen[key]})
        elif key is not None:
            seen[key] = line.number
        problems = tuple(reading.problems)
        found.append(Checked(line, None if problems else entry, problems))
    return found


@dataclass(frozen=True, slots=True)
class _Words:
    """What words of a file mean, in English and in the reader's language; made once a file."""

    directions: Mapping[str, str]
    yes_no: Mapping[str, str]
    statuses: Mapping[str, Mapping[str, str]]
    outcomes: Mapping[str, Mapping[str, str]]
    channels: Mapping[str, str]
    offices: Mapping[str, list[Office]]

    @classmethod
    def now(cls, known: Known) -> _Words:
        offices: dict[str, list[Office]] = {}
        for office in known.offices:
            for word in {folded(office.code), folded(office.name)}:
                offices.setdefault(word, []).append(office)
        return cls(
            in_both_languages(_DIRECTIONS) | _MORE_DIRECTIONS,
            in_both_languages(_YES_NO) | {"true": "yes", "false": "no", "1": "yes", "0": "no", "x": "yes"},
            {side: in_both_languages({one.value: one.label for one in rows}) for side, rows in _STATUSES.items()},
            {side: in_both_languages({one.value: one.label for one in rows}) for side, rows in _OUTCOMES.items()},
            in_both_languages(CHANNELS) | {"post": "paper", "e mail": "email"},
            offices,
        )


class _Reading:
    """One line while it is read."""

    def __init__(self, line: Line, register: Register, known: Known, words: _Words) -> None:
        self.line, self.register, self.known, self.words = line, register, known, words
        self.problems = list(line.problems)
        self.key: tuple[Direction, str] | None = None

    def wrong(self, column: str, message: str, *, known: bool = False) -> None:
        self.problems.append(Problem(self.line.number, self.register.columns.get(column, column), message, known))

    def said(self, column: str) -> str:
        return self.line.said.get(column, "")

    def entry(self) -> Entry | None:
        """Return the case, or None where the line does not even say which way it goes."""
        way = self._word("direction", self.words.directions, required=True)
        if not way:
            return None
        side: Direction = "outgoing" if way == "out" else "incoming"
        reference, number = self._reference(side)
        state, other = self._other(side)
        status = self._word("status", self.words.statuses[side], required=True, told=self._told_of_status)
        outcome = self._outcome(side, status)
        day = self._day("date", required=True, past=True)
        last = self._day("last_act", required=status in ENDED, past=True)
        if day and last and last < day:
            self.wrong("last_act", _("The last act lies before the day on which it was sent or received."))
        executing = self._executing(side, status)
        # Everything is read before the line is given up: all that is wrong in it is told at once.
        rest: dict[str, Any] = {
            "peer_reference": self._text("their_reference", 120), "subject": self._text("subject", 300, required=True),
            "chain": self._chain(side), "measures": self._measures(required=status not in ENDED),
            "ground": self._ground(outcome), "needed_by": self._day("needed_by"), "officer": self._officer(executing),
            "restricted": self._word("restricted", self.words.yes_no) == "yes",
            "channel": self._word("channel", self.words.channels) or "paper",
        }  # fmt: skip
        if other is None or day is None or not status:
            return None
        return Entry(
            line=self.line, direction=side, reference=reference, number=number, state=state, other=other, day=day,
            last_act=last, status=status, outcome=outcome, executing=executing, **rest,
        )  # fmt: skip

    # --- one column each ---

    def _text(self, column: str, longest: int, *, required: bool = False) -> str:
        text = " ".join(self.said(column).split())
        if required and not text:
            self.wrong(column, _("It is missing: fill it in."))
        if len(text) > longest:
            message = _("It has %(length)s characters, at most %(most)s are taken: shorten it.")
            self.wrong(column, message % {"length": len(text), "most": longest})
        return text

    def _word(self, column: str, words: Mapping[str, str], *, required: bool = False, told: Any = None) -> str:
        text = self.said(column)
        if not text:
            if required:
                self.wrong(column, _("It is missing: fill it in."))
            return ""
        found = words.get(folded(text))
        if found is None:
            message = told(text) if told else ""
            known = ", ".join(dict.fromkeys(words.values()))
            message = message or _("“%(word)s” is not known; write one of: %(known)s.") % {"word": text, "known": known}
            self.wrong(column, message)
            return ""
        return found

    def _told_of_status(self, text: str) -> str:
        word = folded(text)
        if word == "postponed":
            return _(
                "A postponement stands beside the status: write the status, and record the postponement afterwards."
            )
        if word in ("drafting", "draft", "in review", "approved"):
            return _("What has not been sent is no running case: draft it here.")
        return ""

    def _reference(self, side: Direction) -> tuple[str, tuple[int, int] | None]:
        reference = self._text("our_reference", 60, required=True)
        if not reference:
            return "", None
        self.key = (side, reference)
        line = self.known.references.get(self.key)
        if line:
            message = _(
                "“%(reference)s” is in the register already: it was taken over from line %(line)s of this file."
            )
            self.wrong("our_reference", message % {"reference": reference, "line": line}, known=True)
        elif line is not None:
            message = _("“%(reference)s” is in the register already: take the line out of the file.")
            self.wrong("our_reference", message % {"reference": reference}, known=True)
        return reference, self._number(side, reference)

    def _number(self, side: Direction, reference: str) -> tuple[int, int] | None:
        """Return year and number of a reference in the form of our own register."""
        own = self.known.own.code.upper()
        form = re.fullmatch(
            rf"{re.escape(own)}/(in|out)/([0-9]{{4}})/([0-9]{{1,12}})", reference, re.IGNORECASE | re.ASCII
        )
        if form is None:
            return None
        stream, year, number = "out" if side == "outgoing" else "in", int(form[2]), int(form[3])
        if form[1].casefold() != stream:
            self.wrong("our_reference", _("This is a number of the other register: correct it, or the direction."))
            return None
        written = f"{own}/{stream}/{year}/{number:05d}"
        if written != reference:
            message = _("It looks like a number of our own register: write it as %(written)s.")
            self.wrong("our_reference", message % {"written": written})
        if year > self.known.today.year or not 0 < number <= _HIGHEST:
            self.wrong("our_reference", _("Our own register has no such year or number: check it."))
        return year, number

    def _office(self, column: str, fits: Any, otherwise: str) -> Office | None:
        """Return the office that a cell names by code or name, among those that fit."""
        text = self.said(column)
        found = [office for office in self.words.offices.get(folded(text), []) if fits(office)]
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            codes = ", ".join(office.code for office in found)
            self.wrong(
                column, _("Several authorities are called so; write the code of one: %(codes)s.") % {"codes": codes}
            )
        else:
            self.wrong(column, otherwise)
        return None

    def _other(self, side: Direction) -> tuple[str, Office | None]:
        state = self._text("state", 100, required=True).upper()
        if not state:
            return "", None
        if state not in self.known.states:
            message = _("“%(state)s” is no State or territory: write its two letters (ISO 3166-1), such as FR.")
            self.wrong("state", message % {"state": state})
            return "", None
        if state == self.known.own.state:
            self.wrong("state", _("This is our own State: write the other one."))
            return "", None
        offices = [office for office in self.known.offices if office.state == state and office.kind != "executing"]
        central = [office for office in offices if office.kind == "central"]
        if not self.said("authority"):
            if len(central) == 1:
                return state, central[0]
            self.wrong("authority", self._choose(central or offices))
            return state, None
        return state, self._office("authority", lambda one: one in offices, self._choose(central or offices))

    @staticmethod
    def _choose(offices: Sequence[Office]) -> str:
        if not offices:
            return _("The directory has no authority of that State: your administrator adds it first.")
        codes = ", ".join(office.code for office in offices[:8])
        return _("Write the code of an authority of that State, such as: %(codes)s.") % {"codes": codes}

    def _chain(self, side: Direction) -> Office | None:
        if not self.said("for_authority"):
            return None
        if side == "incoming":
            self.wrong("for_authority", _("Only a request out is made for an authority of ours: leave it empty."))
            return None
        own = self.known.own
        fits = [one for one in self.known.offices if one.central == own.pk and one.kind == "originating"]
        codes = ", ".join(one.code for one in fits[:8]) or own.code
        message = _("It is no authority that works through ours; write the code of one, such as: %(codes)s.")
        return self._office("for_authority", lambda one: one in fits or one == own, message % {"codes": codes})

    def _executing(self, side: Direction, status: str) -> Office | None:
        wanted = side == "incoming" and status == "in_execution"
        if not self.said("executing_authority"):
            if wanted:
                message = _("It is in execution: write the code of the authority of ours that carries it out.")
                self.wrong("executing_authority", message)
            return None
        if side == "outgoing":
            self.wrong(
                "executing_authority", _("Only a request in is carried out by an authority of ours: leave it empty.")
            )
            return None
        own = self.known.own
        message = _("There is no such authority of our State that carries out requests.")
        found = self._office(
            "executing_authority", lambda one: one.state == own.state and one.kind in ("executing", "central"), message
        )
        if status and status not in ("in_execution", *ENDED):
            self.wrong("executing_authority", _("It is given out when it is accepted: leave it empty until then."))
        return found

    def _measures(self, *, required: bool) -> tuple[str, ...]:
        found: list[str] = []
        for word in filter(None, (part.strip() for part in re.split(r"[,;|\n]", self.said("measures")))):
            slug = self.known.measures.get(folded(word))
            if slug is None:
                known = ", ".join(sorted(set(self.known.measures.values())))
                message = _(
                    "There is no measure “%(word)s”; the measures are: %(known)s. Several are separated by commas."
                )
                self.wrong("measures", message % {"word": word, "known": known})
            else:
                found.append(slug)
        if required and not found and not self.said("measures"):
            self.wrong(
                "measures",
                _("Say what is asked for, at least “other”: the items of a running case are decided one by one."),
            )
        if len(found) > MOST_MEASURES:
            self.wrong("measures", _("At most %(most)s are taken.") % {"most": MOST_MEASURES})
        return tuple(found)

    def _outcome(self, side: Direction, status: str) -> str:
        text = self.said("outcome")
        if status not in ENDED:
            if text and status:
                self.wrong(
                    "outcome", _("A case that is still open has no outcome: leave it empty, or correct the status.")
                )
            return ""
        outcome = self._word("outcome", self.words.outcomes[side], required=True)
        if outcome in _WITHOUT_RESULT and status == "concluded":
            self.wrong("status", _("Without a word of the other State there is no result: such a case is closed."))
        return outcome

    def _ground(self, outcome: str) -> str:
        text = self.said("ground")
        if outcome != Outcome.REFUSED:
            if text:
                self.wrong("ground", _("Only a refusal has a ground: leave it empty, or correct the outcome."))
            return ""
        found = self.known.grounds.get(folded(text)) if text else None
        if found is None:
            known = ", ".join(sorted(set(self.known.grounds.values())))
            self.wrong(
                "ground", _("Write the code of the ground of the refusal, one of: %(known)s.") % {"known": known}
            )
        return found or ""

    def _officer(self, executing: Office | None) -> Person | None:
        text = self.said("officer")
        if not text:
            return None
        person = self.known.people.get(text)
        if person is None:
            message = _(
                "There is no officer “%(name)s” of ours: write the name with which one signs in, or leave it empty."
            )
            self.wrong("officer", message % {"name": text})
        elif executing is not None and (executing.pk, "executing_officer") not in person.roles:
            message = _(
                "%(name)s does not carry out requests at %(office)s: write an officer who does, or leave it empty."
            )
            self.wrong("officer", message % {"name": text, "office": executing.code})
        return person

    def _day(self, column: str, *, required: bool = False, past: bool = False) -> dt.date | None:
        text = self.said(column)
        if not text:
            if required:
                self.wrong(column, _("It is missing: fill it in."))
            return None
        day = _day_of(text)
        if day is None:
            message = _("“%(text)s” is no day that can be read for sure: write it as 2026-03-31 or 31.03.2026.")
            self.wrong(column, message % {"text": text})
            return None
        if day < _OLDEST or day.year > self.known.today.year + 50:
            self.wrong(column, _("Check the year."))
            return None
        if past and day > self.known.today:
            self.wrong(column, _("This day is in the future."))
            return None
        return day


_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_DOTTED = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})", re.ASCII)


def _day_of(text: str) -> dt.date | None:
    """Return a day of the calendar. With slashes a day and a month cannot be told apart, so it is not read."""
    if found := _ISO.fullmatch(text):
        year, month, day = found[1], found[2], found[3]
    elif found := _DOTTED.fullmatch(text):
        year, month, day = found[3], found[2], found[1]
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def numbers(entries: Sequence[Entry]) -> Iterator[tuple[str, int, int]]:
    """Yield stream, year and highest number of each of our own registers that the entries bring numbers of."""
    highest: dict[tuple[str, int], int] = {}
    for entry in entries:
        if entry.number is not None:
            key = ("out" if entry.direction == "outgoing" else "in", entry.number[0])
            highest[key] = max(highest.get(key, 0), entry.number[1])
    for (stream, year), number in sorted(highest.items()):
        yield stream, year, number


def with_warnings(one: Checked, *told: str) -> Checked:
    return replace(one, warnings=(*one.warnings, *told))
