"""Periodic sweeps. Each step of a run is claimed once by the row of the run, so beat, relay, or both after a gap, do it once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import OperationalError, transaction

from mla.core import clock
from workflows.engine.errors import error_told, frames_of
from workflows.engine.models import SweepRun

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    name: str
    every: timedelta
    #: One step: from a place ("" at the beginning) to the next, None at the end.
    step: Callable[[str], str | None]


_sweeps: dict[str, Sweep] = {}


def register_sweep(name: str, *, every: timedelta, run: Callable[[], object]) -> None:
    """Register a sweep, in `AppConfig.ready`. It must be idempotent: it runs again after a crash."""

    def whole(_place: str) -> None:
        run()

    register_sweep_in_steps(name, every=every, step=whole)


def register_sweep_in_steps(name: str, *, every: timedelta, step: Callable[[str], str | None]) -> None:
    """Register a sweep of many rows, in `AppConfig.ready`. Each step is committed, with the place that it came to.

    `step`: takes a place ("" at first, at most 40 characters) and returns the next one, None at the end; idempotent.
    After a kill the run goes on from the last place; of two who run it at once each takes the next step.
    """
    if name in _sweeps:
        raise ValueError(f"there is a sweep {name} already")
    _sweeps[name] = Sweep(name, every, step)


def run_due(at: datetime | None = None, *, steps: int | None = None) -> list[str]:
    """Run each sweep whose present period has not been run, and return the names of those that came to their end here.

    `steps`: at most so many of each, for who has other work; None: until the end.
    """
    at = at or clock.now()
    return [sweep.name for sweep in _sweeps.values() if _run(sweep, at, steps)]


def _run(sweep: Sweep, at: datetime, steps: int | None) -> bool:
    seconds = int(sweep.every.total_seconds())
    due_at = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
    # Committed before it is claimed: an insert waits for another of the same key, a claim passes it by.
    SweepRun.objects.bulk_create([SweepRun(name=sweep.name, due_at=due_at)], ignore_conflicts=True)
    done = 0
    while steps is None or done < steps:
        done += 1
        ended = _step(sweep, due_at)
        if ended is not None:
            return ended
    return False


def _step(sweep: Sweep, due_at: datetime) -> bool | None:
    """Do one step. None: there is another one; true: that was the last; false: not ours, or it failed."""
    with transaction.atomic():
        row = (
            SweepRun.objects.select_for_update(skip_locked=True)
            .filter(name=sweep.name, due_at=due_at, done_at=None)
            .first()
        )
        if row is None:
            return False
        try:
            with transaction.atomic():
                place = sweep.step(row.place)
        except OperationalError:
            raise
        except Exception as error:
            # Left undone: the next round tries again, from the same place.
            told = error_told(error)
            logger.error("sweep %s failed: %s\n%s", sweep.name, told, frames_of(error))  # noqa: TRY400 see error_told
            return False
        if place is not None:
            row.place = place
            row.save(update_fields=["place"])
            return None
        row.done_at = clock.now()
        row.save(update_fields=["done_at"])
        SweepRun.objects.filter(name=sweep.name, due_at__lt=due_at - 100 * sweep.every).delete()
    return True
