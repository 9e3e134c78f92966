"""The machines against the law: every status, act and actor, in memory. The tables are written by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.lifecycle.tables import deviations, everyone, table
from workflows.documents.models import Document
from workflows.engine.machine import acts_of
from workflows.engine.models import CaseRow
from workflows.exchange.models import Message, Transmission
from workflows.lifecycle.models import (
    BreakGlass,
    CustodyIn,
    CustodyOut,
    EmergencyIn,
    EmergencyOut,
    IncomingRequest,
    OfficerLink,
    Operation,
    OutgoingRequest,
    PreservationIn,
    PreservationOut,
    RequestedItem,
    SpontaneousIn,
    SpontaneousOut,
    TeamIn,
    TeamOut,
)
from workflows.lifecycle.models.short import ShortMachine
from workflows.lifecycle.outcomes import IncomingStatus, ItemStatus, OutgoingStatus

ORIGINATING, CENTRAL, ADDRESSEE, STRANGER, EXECUTING = 1, 2, 3, 4, 5
#: The one person of `tables.by_hand`.
PERSON = 1


def outgoing(status: str, *, at: int, originating: int = ORIGINATING, central: int = CENTRAL) -> OutgoingRequest:
    return OutgoingRequest(
        pk=1,
        status=status,
        authority_id=at,
        originating_id=originating,
        central_id=central,
        addressee_id=ADDRESSEE,
        awaits_signature="scan",
    )


def incoming(status: str) -> IncomingRequest:
    return IncomingRequest(pk=1, status=status, authority_id=ADDRESSEE, sender_id=CENTRAL, executing_id=EXECUTING)


class TestOutgoing:
    places = {"originating": ORIGINATING, "central": CENTRAL, "addressee": ADDRESSEE, "stranger": STRANGER}

    @pytest.mark.parametrize("status", OutgoingStatus.values)
    def test_file_at_the_central_authority_moves_as_the_law_says(self, status: str) -> None:
        lines = [line for line in table("outgoing") if line["with"] == "central"]
        assert not by_status(outgoing(status, at=CENTRAL), lines, self.places)

    def test_file_at_the_originating_authority_moves_as_the_law_says(self) -> None:
        lines = [line for line in table("outgoing") if line["with"] == "originating"]
        assert {line["from"] for line in lines} == {"drafting"}
        assert not by_status(outgoing("drafting", at=ORIGINATING), lines, self.places)

    @pytest.mark.parametrize("status", OutgoingStatus.values)
    def test_authority_that_drafts_and_sends_itself_has_the_rights_of_both(self, status: str) -> None:
        lines = [line | {"who": line["who"].replace("@originating", "@central")} for line in table("outgoing")]
        places = {name: number for name, number in self.places.items() if name != "originating"}
        case = outgoing(status, at=CENTRAL, originating=CENTRAL)
        assert not deviations(case, lines, places)


def by_status(case: CaseRow, lines: list[dict[str, str]], places: dict[str, int]) -> list[str]:
    """Leave out acts whose possibility depends on where the file is, when no line of the law is for here."""
    here = {line["act"] for line in lines}
    elsewhere = {line["act"] for line in table("outgoing")} - here
    found = deviations(case, lines, places)
    unknown = [text for text in found if not any(f"the code knows {act} " in text for act in elsewhere)]
    # What the law does not have here must be closed to everybody here.
    for name in elsewhere:
        for transition in acts_of(type(case)).get(name, []):
            open_to = [
                written or repr(actor)
                for written, actor in everyone(places)
                if transition.source == case.status and transition.has_perm(case, actor)  # type: ignore[attr-defined, arg-type]
            ]
            unknown += [f"{name} is open to {who} where the file is" for who in open_to]
    return unknown


class TestIncoming:
    places = {"receiver": ADDRESSEE, "sender": CENTRAL, "executing": EXECUTING, "stranger": STRANGER}

    @pytest.mark.parametrize("status", IncomingStatus.values)
    def test_moves_as_the_law_says(self, status: str) -> None:
        assert not deviations(incoming(status), table("incoming"), self.places)


class TestItem:
    @pytest.mark.parametrize("status", ItemStatus.values)
    def test_in_our_file_moves_by_the_receivers_word_alone(self, status: str) -> None:
        item = RequestedItem(pk=1, status=status, authority_id=CENTRAL, outgoing=outgoing("sent", at=CENTRAL), key="M1")
        lines = [line for line in table("item") if line["side"] == "out"]
        places = {"ours": CENTRAL, "addressee": ADDRESSEE, "originating": ORIGINATING, "stranger": STRANGER}
        assert not deviations(item, lines, places)

    @pytest.mark.parametrize("status", ItemStatus.values)
    def test_in_the_receivers_file_moves_by_its_own_officers(self, status: str) -> None:
        item = RequestedItem(pk=1, status=status, authority_id=ADDRESSEE, incoming=incoming("in_execution"), key="M1")
        lines = [line for line in table("item") if line["side"] == "in"]
        assert not deviations(item, lines, TestIncoming.places)


SHORT: dict[str, tuple[type[ShortMachine], type[ShortMachine]]] = {
    "spontaneous": (SpontaneousOut, SpontaneousIn),
    "team": (TeamOut, TeamIn),
}


class TestShort:
    """The further course of an item: one machine a side, against the lines of that side."""

    @pytest.mark.parametrize("name", SHORT)
    def test_moves_as_the_law_says(self, name: str) -> None:
        ours, theirs = SHORT[name]
        for status, _label in ours._meta.get_field("status").choices or ():
            item = RequestedItem(pk=1, authority_id=CENTRAL, outgoing=outgoing("sent", at=CENTRAL), key="M1")
            row = ours(pk=1, status=status, authority_id=CENTRAL, item=item)
            places = {"ours": CENTRAL, "addressee": ADDRESSEE, "originating": ORIGINATING, "stranger": STRANGER}
            assert not deviations(row, table(ours.KIND), places)
            item = RequestedItem(pk=1, authority_id=ADDRESSEE, incoming=incoming("in_execution"), key="M1")
            row = theirs(pk=1, status=status, authority_id=ADDRESSEE, item=item)
            assert not deviations(row, table(theirs.KIND), TestIncoming.places)


class TestOperation:
    @pytest.mark.parametrize("status", Operation.Status.values)
    def test_is_moved_by_officers_of_its_own_authority(self, status: str) -> None:
        operation = Operation(pk=1, status=status, authority_id=CENTRAL, name="Harvest")
        assert not deviations(operation, table("operation"), {"own": CENTRAL, "stranger": STRANGER})


def short(machine: type[ShortMachine], status: str) -> ShortMachine:
    """Return a short machine in a status, in the file of its side."""
    if machine.SIDE == "outgoing":
        item = RequestedItem(pk=1, authority_id=CENTRAL, outgoing=outgoing("sent", at=CENTRAL), key="M1")
    else:
        item = RequestedItem(pk=1, authority_id=ADDRESSEE, incoming=incoming("in_execution"), key="M1")
    return machine(pk=1, status=status, authority_id=item.authority_id, item=item)


def statuses(*machines: type[ShortMachine]) -> list[tuple[type[ShortMachine], str]]:
    return [
        (machine, str(value)) for machine in machines for value, _words in machine._meta.get_field("status").choices
    ]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("machine", "status"),
    statuses(EmergencyOut, EmergencyIn, CustodyOut, CustodyIn, PreservationOut, PreservationIn),
    ids=lambda one: getattr(one, "KIND", one),
)
def test_short_machine_moves_as_the_law_says(machine: type[ShortMachine], status: str) -> None:
    ours = {"ours": CENTRAL, "addressee": ADDRESSEE, "originating": ORIGINATING, "stranger": STRANGER}
    places = ours if machine.SIDE == "outgoing" else TestIncoming.places
    assert not deviations(short(machine, status), table(machine.KIND), places)


@pytest.mark.parametrize("status", OfficerLink.Status.values)
def test_officers_link_is_used_by_the_addressee_alone(status: str) -> None:
    link = OfficerLink(pk=1, status=status, authority_id=CENTRAL, outgoing=outgoing("sent", at=CENTRAL))
    places = {"ours": CENTRAL, "addressee": ADDRESSEE, "stranger": STRANGER}
    assert not deviations(link, table("officer_link"), places)


class TestBreakGlass:
    @pytest.mark.parametrize("status", BreakGlass.Status.values)
    def test_is_given_back_by_its_person_and_looked_at_by_the_auditor(self, status: str) -> None:
        own = BreakGlass(pk=1, status=status, authority_id=CENTRAL, user_id=PERSON)
        assert not deviations(own, table("break_glass"), {"own": CENTRAL, "stranger": STRANGER})
        anothers = BreakGlass(pk=1, status=status, authority_id=CENTRAL, user_id=PERSON + 1)
        ends = acts_of(BreakGlass)["end"][0]
        assert not any(ends.has_perm(anothers, actor) for _who, actor in everyone({"own": CENTRAL}))  # type: ignore[arg-type]


# --- what a lawyer reads ---

ADR = Path(settings.BASE_DIR) / "docs" / "adr" / "0002-state-machines.md"
#: Heading in the record, its machine.
MACHINES: dict[str, type[CaseRow]] = {
    "Request out": OutgoingRequest,
    "Request in": IncomingRequest,
    "Item": RequestedItem,
    "Information we offer": SpontaneousOut,
    "Information offered to us": SpontaneousIn,
    "Joint investigation team": TeamOut,
    "Emergency disclosure, asked for": EmergencyOut,
    "Emergency disclosure, to be answered": EmergencyIn,
    "Transfer of a person in custody": CustodyOut,
    "Operation": Operation,
    "Preservation that we asked": PreservationOut,
    "Preservation that we were asked": PreservationIn,
    "Officer's link": OfficerLink,
    "Break-glass access": BreakGlass,
    "Document": Document,
    "Transmission": Transmission,
    "Message": Message,
}


def written_moves(heading: str) -> set[tuple[str, str, str]]:
    """Return (act, from, to) of the table below a heading of the record. "same" stays where it is."""
    part = re.split(rf"^## {heading}$", ADR.read_text(encoding="utf-8"), flags=re.MULTILINE)[1]
    part = re.split(r"^## ", part, flags=re.MULTILINE)[0]
    moves = set()
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) < 4 or not cells[0].startswith("`"):
            continue
        act = cells[0].strip("`")
        for source in cells[1].split(", "):
            moves.add((act, source, source if cells[2] == "same" else cells[2]))
    return moves


@pytest.mark.parametrize("heading", MACHINES)
def test_record_says_what_the_machine_does(heading: str) -> None:
    model = MACHINES[heading]
    code = {
        (name, str(found.source), str(found.target or found.source))
        for name, transitions in acts_of(model).items()
        for found in transitions
    }
    # Acts that bring a row into being start from nothing; their lines are not the machine's.
    assert {move for move in written_moves(heading) if move[1] != "–"} == code


def test_transfer_has_the_same_acts_on_both_sides() -> None:
    """The record has one table for both."""
    out, inward = (
        {(name, str(one.source), str(one.target)) for name, found in acts_of(machine).items() for one in found}
        for machine in (CustodyOut, CustodyIn)
    )
    assert out == inward
