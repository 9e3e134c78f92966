"""One letter that offers information twice and proposes a team, and what is said about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.core import clock
from tests.factories import Line, drain, example_letter
from workflows.drafting.letterfile import letter_from
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, SpontaneousIn, SpontaneousOut, TeamIn, TeamOut
from workflows.lifecycle.models.team_rows import TakesPart, Terms
from workflows.lifecycle.services import teams as team_services

INFORMATION, TEAM = "spontaneous-information", "joint-investigation"
OFFER: dict[str, Any] = {
    "shared_now": "nature_only",
    "information": "A list of names of customers of a bank there.",
    "origin": "The search of a server.",
    "reliability": "record",
    "conditions": ["confidential", "no_evidence"],
    "conditions_text": "Until the arrests it is kept confidential.",
    "conditions_by": "2027-03-01",
}
FREE: dict[str, Any] = {
    "shared_now": "nature_only",
    "information": "A list.",
    "origin": "A search.",
    "conditions": ["none"],
}
AGREEMENT = b"%PDF-1.7 agreement"


def letter() -> Any:
    values = example_letter(5).content()
    common = {name: values["items"][0][name] for name in ("offences", "persons") if values["items"][0].get(name)}
    values["items"] = [
        {"id": "M1", "measure": INFORMATION, "answers": OFFER, **common},
        {"id": "M2", "measure": INFORMATION, "answers": FREE, **common},
        {"id": "M3", "measure": TEAM, "answers": {}, **common},
        {"id": "M4", "measure": INFORMATION, "answers": FREE | {"shared_now": "given"}, **common},
    ]
    return letter_from(values)


def today() -> dt.date:
    return clock.now().date()


def day(days: int) -> dt.date:
    return today() + dt.timedelta(days=days)


class Both:
    """A sent letter with its two sides, and their rows by item."""

    def __init__(self) -> None:
        self.line = Line(letter=letter())
        for (
            person
        ) in "prosecutor desk supervisor registry their_registry their_desk their_supervisor executing".split():
            getattr(self.line, person)
        self.ours: OutgoingRequest = self.line.sent()
        drain()
        self.theirs = IncomingRequest.objects.get(conversation_id=self.ours.conversation_id)

    def out(self, key: str = "M1") -> SpontaneousOut:
        return SpontaneousOut.objects.get(item__outgoing=self.ours, item__key=key)

    def into(self, key: str = "M1") -> SpontaneousIn:
        return SpontaneousIn.objects.get(item__incoming=self.theirs, item__key=key)

    @property
    def team(self) -> TeamOut:
        return TeamOut.objects.get(item__outgoing=self.ours)

    @property
    def their_team(self) -> TeamIn:
        return TeamIn.objects.get(item__incoming=self.theirs)


def agreement() -> Any:
    return team_services.team_file(name="agreement.pdf", media_type="application/pdf", content=AGREEMENT)


def terms(**changes: Any) -> Terms:
    values: dict[str, Any] = {
        "begins": day(0),
        "until": day(90),
        "purposes": "To find who attacked the hospitals.",
        "evidence_rules": "For the purpose of the team; for others with consent.",
        "members": [
            TakesPart(state="DE", office="Head of the cybercrime division", role="leader"),
            TakesPart(state="AL", office="Prosecutor of the special office", role="leader"),
            TakesPart(state="AL", office="Two officers of the judicial police", role="seconded"),
        ],
    }
    return Terms(**(values | changes))  # type: ignore[typeddict-item]


def signed(both: Both) -> None:
    team_services.team_sign(
        team=both.team, by=both.line.supervisor, on=today(), office="Prosecutor general", agreement=agreement(), terms=terms()
    )  # fmt: skip
    drain()
    theirs = both.their_team
    team_services.team_countersign(
        team=theirs, by=both.line.their_supervisor, on=today(), office="Special prosecutor", sha256=theirs.agreement_sha256
    )  # fmt: skip
    drain()


def active(both: Both) -> None:
    signed(both)
    team_services.team_start(team=both.team, by=both.line.desk, on=today())
    drain()


@pytest.fixture(scope="module")
def module_both(one_transaction: None) -> Both:
    return Both()


@pytest.fixture
def both(module_both: Both, savepoint: None) -> Both:
    return module_both
