"""Periodic sweeps. Each run is a row claimed once, so beat, relay, or both after a gap, run it once."""

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
    run: Callable[[], object]


_sweeps: dict[str, Sweep] = {}


def register_sweep(name: str, *, every: timedelta, run: Callable[[], object]) -> None:
    """Register a sweep, in `AppConfig.ready`. It must be idempotent: it runs again after a crash."""
    if name in _sweeps:
        raise ValueError(f"there is a sweep {name} already")
    _sweeps[name] = Sweep(name, every, run)


def run_due(at: datetime | None = None) -> list[str]:
    """Run each sweep whose present period has not been run, and return their names."""
    at = at or clock.now()
    return [sweep.name for sweep in _sweeps.values() if _run(sweep, at)]


def _run(sweep: Sweep, at: datetime) -> bool:
    seconds = int(sweep.every.total_seconds())
    due_at = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
    # Committed before it is claimed: an insert waits for another of the same key, a claim passes it by.
    SweepRun.objects.bulk_create([SweepRun(name=sweep.name, due_at=due_at)], ignore_conflicts=True)
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
                sweep.run()
        except OperationalError:
            raise
        except Exception as error:
            # Left undone: the next round tries again.
            told = error_told(error)
            logger.error("sweep %s failed: %s\n%s", sweep.name, told, frames_of(error))  # noqa: TRY400 see error_told
            return False
        row.done_at = clock.now()
        row.save(update_fields=["done_at"])
        SweepRun.objects.filter(name=sweep.name, due_at__lt=due_at - 100 * sweep.every).delete()
    return True
