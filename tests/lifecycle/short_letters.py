"""A letter whose items have a further course of their own, and its two sides with their people."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.core import clock
from tests.factories import Line, drain, example_letter, officer
from tests.lifecycle.conftest import World
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.lifecycle.models import CustodyIn, CustodyOut, EmergencyIn, EmergencyOut

EMERGENCY, CUSTODY = "M1", "M2"


def short_letter(*, way: str = "to_us") -> LetterFile:
    """Return a letter that asks for an emergency disclosure (M1) and for the transfer of a person (M2)."""
    content = example_letter(5).content()
    bases = content["items"][0]["bases"]
    offences = [one["id"] for one in content["offences"]]
    items = [
        {"id": EMERGENCY, "measure": "emergency-disclosure", "bases": bases, "offences": offences},
        {"id": CUSTODY, "measure": "transfer-in-custody", "bases": bases, "offences": offences,
         "answers": {"transfer_way": way}},
    ]  # fmt: skip
    return letter_from(content | {"items": items, "preserved": [], "related": []})


def short_world(*, way: str = "to_us") -> World:
    """Return a world whose sent case is that letter. For a fixture of the module, in its transaction."""
    world = World()
    world.line = Line(letter=short_letter(way=way))
    for person in "prosecutor desk supervisor registry their_registry their_desk their_supervisor executing".split():
        getattr(world.line, person)
    world.made("sent")
    return world


class Both:
    """Both sides of the sent case and its two short machines, read anew each time."""

    def __init__(self, world: World) -> None:
        self.world, self.line = world, world.line
        self.ours = world.outgoing("sent")
        self.theirs = world.received()

    @property
    def duty(self) -> Actor:
        return officer(Role.DUTY_OFFICER, self.line.letter.requesting.authority or "")

    @property
    def their_duty(self) -> Actor:
        return officer(Role.DUTY_OFFICER, self.line.letter.requested.authority or "")

    @property
    def emergency_out(self) -> EmergencyOut:
        return EmergencyOut.objects.get(item__outgoing=self.ours)

    @property
    def emergency_in(self) -> EmergencyIn:
        return EmergencyIn.objects.get(item__incoming=self.theirs)

    @property
    def custody_out(self) -> CustodyOut:
        return CustodyOut.objects.get(item__outgoing=self.ours)

    @property
    def custody_in(self) -> CustodyIn:
        return CustodyIn.objects.get(item__incoming=self.theirs)

    @staticmethod
    def drain() -> None:
        drain()


def in_days(days: int) -> dt.date:
    return clock.now().date() + dt.timedelta(days=days)


CONSENT: dict[str, Any] = {"taken_by": "Counsel of the person", "before": "judge", "words": "Freely given."}
MOVED: dict[str, Any] = {"place": "Border post", "handed_by": "Prison escort", "handed_to": "Police escort"}


def arrangements(**changed: Any) -> dict[str, Any]:
    said = {
        "transfer_on": in_days(0), "transfer_place": "Border post", "return_on": in_days(20),
        "return_place": "Border post", "transit": ["AT"], "custody_terms": "Single cell.",
        "time_credit": "Counts in full.", "safe_conduct": "No pursuit for earlier acts.",
    }  # fmt: skip
    return said | changed


@pytest.fixture(scope="module")
def module_world(one_transaction: None) -> World:
    """In place of the world of `tests.lifecycle.conftest`: the letter asks for an emergency disclosure and a transfer."""
    return short_world()


@pytest.fixture
def both(world: World, arrived: None) -> Both:
    return Both(world)
