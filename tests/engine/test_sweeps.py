"""Each run of a periodic sweep is claimed once, and a failed one is tried again."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.engine.conftest import Bench
from tests.engine.racing import at_once, overlapping
from workflows.engine import sweeps, tasks
from workflows.engine.models import SweepRun
from workflows.engine.sweeps import register_sweep, run_due

AT = dt.datetime(2026, 3, 2, 9, 0, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def ran(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setattr(sweeps, "_sweeps", {})
    yield []


def counting(ran: list[str], name: str = "tests.sweep") -> Callable[[], Any]:
    return lambda: ran.append(name)


def test_sweep_runs_once_a_period_whoever_comes(ran: list[str]) -> None:
    register_sweep("tests.sweep", every=MINUTE, run=counting(ran))
    with pytest.raises(ValueError, match="already"):
        register_sweep("tests.sweep", every=MINUTE, run=counting(ran))
    assert run_due(AT) == ["tests.sweep"]
    assert run_due(AT + dt.timedelta(seconds=29)) == []
    assert run_due(AT + MINUTE) == ["tests.sweep"]
    # After a week without anybody it runs once, not ten thousand times.
    assert run_due(AT + dt.timedelta(days=7)) == ["tests.sweep"]
    assert len(ran) == 3
    assert not SweepRun.objects.filter(name="tests.sweep", done_at=None).exists()


def test_beat_and_relay_at_one_moment_run_it_once(ran: list[str]) -> None:
    register_sweep("tests.sweep", every=MINUTE, run=counting(ran))
    results = at_once(*[lambda: run_due(AT)] * 4)
    assert sorted(map(len, results)) == [0, 0, 0, 1]
    assert ran == ["tests.sweep"]


def test_second_does_not_wait_for_a_sweep_that_is_running(ran: list[str]) -> None:
    register_sweep("tests.sweep", every=MINUTE, run=counting(ran))
    run_due(AT - MINUTE)
    SweepRun.objects.create(name="tests.sweep", due_at=AT.replace(second=0))
    first, second = overlapping(lambda: run_due(AT), lambda: run_due(AT))
    assert (first, second) == (["tests.sweep"], [])
    assert len(ran) == 2


def test_failed_sweep_leaves_nothing_and_is_tried_again(
    ran: list[str], bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "the informant lives at 12 Example Street"

    def run() -> None:
        ran.append("try")
        bench.leave("half done")
        if len(ran) == 1:
            raise RuntimeError(secret)

    register_sweep("tests.sweep", every=MINUTE, run=run)
    register_sweep("tests.other", every=MINUTE, run=lambda: None)
    with caplog.at_level(logging.DEBUG):
        assert run_due(AT) == ["tests.other"]
    assert SweepRun.objects.filter(name="half done").count() == 0
    lines = "\n".join(logging.Formatter().format(record) for record in caplog.records)
    assert "sweep tests.sweep failed: RuntimeError at tests/engine/" in lines
    assert secret not in lines
    assert run_due(AT) == ["tests.sweep"]
    assert run_due(AT) == []
    assert SweepRun.objects.filter(name="half done").count() == 1


def test_runs_of_long_ago_are_forgotten(ran: list[str]) -> None:
    register_sweep("tests.sweep", every=MINUTE, run=counting(ran))
    run_due(AT)
    run_due(AT + dt.timedelta(hours=3))
    assert SweepRun.objects.filter(name="tests.sweep").count() == 1


def test_task_of_beat_runs_what_is_due(ran: list[str]) -> None:
    register_sweep("tests.sweep", every=MINUTE, run=counting(ran))
    tasks.run_due_sweeps()
    assert ran == ["tests.sweep"]
