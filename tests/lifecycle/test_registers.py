"""Numbers of a register have no gaps: an act that fails gives its number back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from mla.accounts.models import Role
from mla.core import clock
from mla.reference.models import Authority
from tests.factories import officer
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ActNotPossible
from workflows.lifecycle.models import RegisterCounter
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services.registers import register_next

OUT = RegisterCounter.Stream.OUTGOING


def test_failed_act_gives_its_number_back(world: World) -> None:
    line = world.line
    case = world.outgoing("lodged")
    with transaction.atomic():
        expected = register_next(authority=case.central, stream=OUT)
        transaction.set_rollback(True)
    with pytest.raises(ActForbidden):
        chain.outgoing_take_in(outgoing=case, by=officer(Role.AUDITOR, line.letter.requesting.authority or ""))
    with pytest.raises(ActNotPossible):
        chain.outgoing_take_in(outgoing=world.made("ready"), by=line.desk)
    assert chain.outgoing_take_in(outgoing=case, by=line.desk).reference == expected


def test_letter_given_back_and_lodged_again_keeps_its_number(world: World) -> None:
    line = world.line
    case = world.outgoing("taken_in")
    chain.outgoing_return_to_originator(outgoing=case, by=line.desk, reason="no facts")
    chain.outgoing_lodge(outgoing=case, by=line.prosecutor)
    assert chain.outgoing_take_in(outgoing=case, by=line.desk).reference == case.reference


def test_year_is_that_of_the_authoritys_own_calendar_and_each_register_counts_for_itself(world: World) -> None:
    tokyo = Authority.objects.filter(time_zone="Asia/Tokyo").first()
    other = world.made("ready").central
    assert tokyo is not None and other.time_zone != "Asia/Tokyo"
    with clock.frozen(dt.datetime(2030, 12, 31, 20, tzinfo=dt.UTC)):
        given = [register_next(authority=tokyo, stream=OUT) for _ in range(2)]
        given.append(register_next(authority=tokyo, stream=RegisterCounter.Stream.INCOMING))
        given.append(register_next(authority=other, stream=OUT))
    assert given == [
        f"{tokyo.code.upper()}/out/2031/00001",
        f"{tokyo.code.upper()}/out/2031/00002",
        f"{tokyo.code.upper()}/in/2031/00001",
        f"{other.code.upper()}/out/2030/00001",
    ]
