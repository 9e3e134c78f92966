"""Thousands of missed deadlines in one sweep: each is told once, in steps of one size, whoever sweeps and whoever is killed.

`make many-overdue` does it with ten thousand files; every run with fewer, in steps as many.
"""

from __future__ import annotations

import datetime as dt
import gc
import logging
import os
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mla.core import clock
from tests.engine.racing import at_once
from tests.tracking.lives import sent_case
from workflows.demo.bench_fill import Filling
from workflows.engine import sweeps
from workflows.engine.models import SweepRun
from workflows.engine.sweeps import Sweep, run_due
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.tracking import services
from workflows.tracking.cases import Case
from workflows.tracking.deadlines import DeadlineKind as Kind
from workflows.tracking.due import deadlines_for
from workflows.tracking.models import Notification

#: Files that have missed a deadline, those of both sides together, and steps of the sweep over them.
OVERDUE = int(os.environ.get("OVERDUE", "400"))
STEPS = 20
LATER = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)


class Killed(BaseException):
    """As a signal would end the process: nothing catches it."""


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sweep of reminders alone, in STEPS steps; from which place each was made."""
    found: list[str] = []

    def step(place: str) -> str | None:
        following = services.reminders_step(place)
        found.append(place)
        return following

    sweep = Sweep("tracking.reminders", dt.timedelta(minutes=10), step)
    monkeypatch.setattr(sweeps, "_sweeps", {sweep.name: sweep})
    monkeypatch.setattr(services, "CHUNK", OVERDUE // STEPS)
    return found


def many(files: int) -> None:
    """Bring one case to the other State and copy both its files, so that there are `files` of them."""
    _line, outgoing, incoming = sent_case()
    hand = Filling(files // 2 - 1, connection.connection)
    letters = hand.copy("drafting_letterofrequest", f"id = {outgoing.letter_id}")
    versions = hand.copy("drafting_letterversion", f"id = {outgoing.approved_version_id}", letter_id=f"{letters} + n")
    first = hand.copy(
        "lifecycle_outgoingrequest", f"id = {outgoing.pk}", letter_id=f"{letters} + n",
        approved_version_id=f"{versions} + n", conversation_id="gen_random_uuid()", reference="'B-' || n",
    )  # fmt: skip
    hand.copy("lifecycle_requesteditem", f"outgoing_id = {outgoing.pk}", outgoing_id=f"{first} + n")
    first = hand.copy(
        "lifecycle_incomingrequest", f"id = {incoming.pk}", conversation_id="gen_random_uuid()", reference="'I-' || n"
    )
    hand.copy("lifecycle_requesteditem", f"incoming_id = {incoming.pk}", incoming_id=f"{first} + n")
    assert OutgoingRequest.objects.count() + IncomingRequest.objects.count() == files


def told() -> Counter[tuple[Any, ...]]:
    """How often each file's missed acknowledgement was told, to whom."""
    rows = Notification.objects.filter(kind=Kind.ACKNOWLEDGEMENT)
    return Counter(rows.values_list("case_kind", "case_id", "authority", "level"))


def assert_each_once() -> None:
    found = told()
    # A reminder and an escalation of each file.
    assert set(found.values()) == {1} and len(found) == 2 * OVERDUE
    assert len({key[:2] for key in found}) == OVERDUE


@pytest.mark.django_db
def test_sweep_of_many_missed_deadlines_tells_each_once_in_steps_of_one_size(places: list[str]) -> None:
    many(OVERDUE)
    questions, peaks = list[int](), list[int]()
    place: str | None = ""
    with clock.frozen(LATER):
        while place is not None:
            gc.collect()
            tracemalloc.start()
            with CaptureQueriesContext(connection) as captured:
                place = sweeps._sweeps["tracking.reminders"].step(place)
                peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            questions.append(len(captured))
        assert len(places) == STEPS
        assert_each_once()
        # Of each side one number; and no step needs much more memory than another.
        assert [len(set(side)) for side in (questions[: STEPS // 2], questions[STEPS // 2 :])] == [1, 1]
        assert max(questions) < 40
        for side in (peaks[1 : STEPS // 2], peaks[STEPS // 2 + 1 :]):
            assert max(side) < 2 * min(side)
        assert services.reminders_create() == 0


@pytest.mark.django_db(transaction=True)
def test_killed_sweep_goes_on_where_it_was_and_two_beats_share_the_rest(
    places: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    many(OVERDUE)
    sweep = sweeps._sweeps["tracking.reminders"]

    def dying(place: str) -> str | None:
        following = sweep.step(place)
        if len(places) == 5:
            raise Killed
        return following

    with monkeypatch.context() as patch, clock.frozen(LATER):
        patch.setattr(sweeps, "_sweeps", {sweep.name: Sweep(sweep.name, sweep.every, dying)})
        with pytest.raises(Killed):
            run_due()
    # The fifth step was made and not committed.
    assert SweepRun.objects.get(name=sweep.name).place == places[4]
    assert len({key[:2] for key in told()}) == 4 * OVERDUE // STEPS
    before = len(places)

    def beat() -> list[str]:
        with clock.frozen(LATER + dt.timedelta(minutes=1)):
            return run_due()

    # Two who wait for each other's row pass it by; the rest is there for the next beat.
    ended = [*at_once(beat, beat), beat()]
    assert [name for names in ended for name in names] == ["tracking.reminders"]
    again = places[before:]
    assert len(again) == len(set(again)) == STEPS - 4
    assert_each_once()


@pytest.mark.django_db
def test_relay_makes_one_step_at_a_time(places: list[str]) -> None:
    many(OVERDUE)
    with clock.frozen(LATER):
        for number in range(1, 4):
            assert run_due(steps=1) == [] and len(places) == number
        assert run_due() == ["tracking.reminders"] and len(places) == STEPS
        assert_each_once()


@pytest.fixture
def damaged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Requests in whose deadlines nothing can compute."""
    found: list[int] = []
    real, secret = deadlines_for, "the informant's address"

    def failing(cases: list[Case], **more: Any) -> Any:
        if any(isinstance(case, IncomingRequest) and case.pk in found for case in cases):
            raise ValueError(secret)
        return real(cases, **more)

    monkeypatch.setattr(services, "deadlines_for", failing)
    yield found


@pytest.mark.django_db
def test_damaged_file_silences_no_other(
    places: list[str], damaged: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    many(STEPS * 2)
    damaged.append(IncomingRequest.objects.order_by("pk")[3].pk)
    with clock.frozen(LATER), caplog.at_level(logging.ERROR):
        assert run_due() == ["tracking.reminders"]
    quiet = {("incoming", damaged[0])}
    assert len({key[:2] for key in told()}) == STEPS * 2 - 1 and not quiet & {key[:2] for key in told()}
    assert f"reminders of incoming {damaged[0]}" in caplog.text
    assert "informant" not in caplog.text
