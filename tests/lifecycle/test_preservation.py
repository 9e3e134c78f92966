"""Preservations: each act refused while something is missing, and done and recorded otherwise."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from mla.core import clock
from tests.exchange.test_preservation_lines import in_days, module_world
from tests.factories import Line, example_letter
from tests.lifecycle.acting import codes_of
from tests.lifecycle.conftest import World
from workflows.engine.errors import ActForbidden, ActRefused, ConditionsNotMet
from workflows.lifecycle.keeping import least_of
from workflows.lifecycle.models import PreservationIn, PreservationOut
from workflows.lifecycle.services import preservation as keep
from workflows.lifecycle.services.incoming import UnknownGround
from workflows.lifecycle.services.outgoing_course import Proof
from workflows.lifecycle.services.preservation import Kept

__all__ = ["module_world"]

pytestmark = pytest.mark.usefixtures("arrived")

PROOF = Proof("letter.pdf", "application/pdf", b"%PDF their letter")


@pytest.fixture
def ours(world: World) -> PreservationOut:
    return PreservationOut.objects.get(item__outgoing=world.made("sent"))


@pytest.fixture
def theirs(world: World) -> PreservationIn:
    return PreservationIn.objects.get(item__incoming=world.received())


def refused(code: str, do: Any, *, row: Any, **data: Any) -> None:
    version = type(row).objects.get(pk=row.pk).version
    with pytest.raises(ConditionsNotMet) as unmet:
        do(preservation=row, **data)
    assert code in codes_of(unmet) and type(row).objects.get(pk=row.pk).version == version


def test_what_they_say_is_recorded_by_hand_with_its_proof_alone(world: World, ours: PreservationOut) -> None:
    line, kept = world.line, Kept(in_days(-3), in_days(60), reference="T-1")
    refused("proof_missing", keep.preservation_out_note_preserved, row=ours, by=line.registry, kept=kept)
    early = Kept(in_days(3), in_days(1))
    refused("until_early", keep.preservation_out_note_preserved, row=ours, by=line.registry, kept=early, proof=PROOF)
    part = Kept(in_days(-3), in_days(60), extent="part")
    refused("words_missing", keep.preservation_out_note_preserved, row=ours, by=line.registry, kept=part, proof=PROOF)
    with pytest.raises(ActForbidden):
        keep.preservation_out_note_preserved(preservation=ours, by=line.desk, kept=kept, proof=PROOF)
    with pytest.raises(UnknownGround):
        keep.preservation_out_note(preservation=ours, act="note_refusal", by=line.registry, ground="mood", proof=PROOF)
    row = keep.preservation_out_note_preserved(preservation=ours, by=line.registry, kept=kept, proof=PROOF)
    assert (row.status, row.until) == ("preserved", in_days(60))
    assert world.made("sent").proofs.get().act == "preservation_out.note_preserved"
    refused("until_ahead", keep.preservation_out_lapse, row=row, by=line.supervisor)
    late = in_days(60)
    refused("until_not_later", keep.preservation_out_ask_extension, row=row, by=line.desk, until=late, reason="x")
    asked = keep.preservation_out_ask_extension(preservation=row, by=line.desk, until=in_days(90), reason="The court.")
    refused(
        "extension_open", keep.preservation_out_ask_extension, row=asked, by=line.desk, until=in_days(99), reason="x"
    )
    no = keep.preservation_out_note(
        preservation=asked, act="note_extension_refused", by=line.registry, reason="No.", proof=PROOF
    )
    held = keep.preservation_out_note(preservation=no, act="note_hold", by=line.registry, reference="9/26", proof=PROOF)
    assert (held.status, held.held_for) == ("held", "9/26") and held.hold_told_at
    gone = keep.preservation_out_note(preservation=held, act="note_released", by=line.registry, proof=PROOF)
    assert gone.status == "released" and gone.ended_at


def test_we_set_the_day_say_why_it_is_short_and_ask_nobody_twice(world: World, theirs: PreservationIn) -> None:
    line = world.line
    by = line.their_supervisor
    refused("on_ahead", keep.preservation_in_serve, row=theirs, by=by, on=in_days(3), whom="Adria")
    asked = keep.preservation_in_ask_tipping_off(preservation=theirs, by=by, question="The host tells its customers.")
    refused("tipping_off_open", keep.preservation_in_serve, row=asked, by=by, on=in_days(0), whom="Adria")
    refused("tipping_off_open", keep.preservation_in_ask_tipping_off, row=asked, by=by, question="Again?")
    going = keep.preservation_in_receive(preservation=asked, act="receive_go_on", by=line.their_registry, answer="Yes.")
    served = keep.preservation_in_serve(preservation=going, by=by, on=in_days(0), whom="Adria")
    assert (served.status, served.served_whom) == ("served", "Adria")
    refused("until_short", keep.preservation_in_preserve, row=served, by=by, kept=Kept(in_days(0), in_days(30)))
    short = Kept(in_days(0), in_days(30), words="Our law allows no more.")
    kept = keep.preservation_in_preserve(preservation=served, by=by, kept=short)
    wished = keep.preservation_in_receive(
        preservation=kept, act="receive_extension_request", by=line.their_registry, until=in_days(90)
    )
    assert wished.open_point("extension").wanted_until == in_days(90)
    with clock.frozen(clock.now() + dt.timedelta(days=40)):
        assert wished.is_past
        lapsed = keep.preservation_in_lapse(preservation=wished, by=by)
        again = keep.preservation_in_extend(
            preservation=lapsed, by=by, until=in_days(60), words="They are still there."
        )
    assert (lapsed.status, again.status, again.ended_at) == ("lapsed", "preserved", None)
    refused("reference_missing", keep.preservation_in_hold, row=again, by=line.their_registry, reference="")
    held = keep.preservation_in_hold(preservation=again, by=line.their_registry, reference="31/26, on paper")
    assert held.status == "held"
    ended = keep.preservation_in_receive(preservation=held, act="receive_release", by=line.their_registry)
    with pytest.raises(ActRefused):
        keep.preservation_in_extend(preservation=ended, by=by, until=in_days(300))


def test_least_time_is_of_what_the_letter_cites_and_is_certain() -> None:
    content = Line(letter=example_letter(4)).letter.content()
    least = least_of(content, "M1")
    assert least is not None and (least.days, least.article) == (60, "CETS-185 29(7)")
    assert least_of({"bases": [{"id": "B1", "instrument": "HARARE-1986"}]}, "M1") is None
    assert least_of({"bases": [None, "x"], "items": 7}, "M1") is None
    assert least_of(None, "M1") is None
