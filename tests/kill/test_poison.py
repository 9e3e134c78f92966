"""A job that kills whoever runs it is parked after eight attempts; the others go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kill.handlers import POISON
from tests.kill.installation import Installation, keep_figures

pytestmark = pytest.mark.kill


def test_job_that_kills_its_worker_each_time_is_parked_and_others_go_on(
    installation: Callable[..., Installation],
) -> None:
    letters = 3
    # The handler is known to all; its queue is worked on by one worker alone, with a short lease: a death is
    # known by the end of its lease, not by an error.
    mla = installation(lease=20, environment={"MLA_KILL_HANDLER": POISON})
    mla.start_all()
    mla.start_worker(POISON, POISON, concurrency=1, MLA_LEASE_SECONDS="2")
    mla.start_office(letters)
    poisoned = f"handler = '{POISON}'"
    others = mla.wait(mla.office_finished, 180, "letters are sent beside the poison")
    parked_before = mla.count(f"{poisoned} and status = 'parked'")
    took = others + mla.wait(
        lambda: mla.count(f"{poisoned} and status = 'parked'") == letters, 240, "the poison is parked"
    )
    mla.wait(mla.drained, 60, "the rest is done")
    rows = mla.server.execute("select handler, attempts, last_error from engine_outboxjob where status = 'parked'")
    assert rows == [(POISON, 8, "the process died in every attempt")] * letters
    mla.stop_all()
    figures = mla.verify(letters)
    assert figures["jobs_parked"] == letters
    assert mla.times_said("is parked: the process died in every attempt") == letters
    keep_figures(
        "poison",
        figures
        | {
            "letters": letters,
            "parked_when_letters_were_sent": parked_before,
            "seconds_until_parked": round(took, 1),
            "processes_killed": mla.times_said("exited with 'signal 9 (SIGKILL)'"),
        },
    )
