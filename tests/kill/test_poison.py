"""A job that kills whoever runs it is parked after eight attempts; the others go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kill.installation import Installation, keep_figures
from tests.kill.poison import HANDLER

pytestmark = pytest.mark.kill


def test_job_that_kills_its_worker_each_time_is_parked_and_others_go_on(
    installation: Callable[..., Installation],
) -> None:
    letters = 6
    poison = {"MLA_KILL_POISON": "1"}
    mla = installation(lease=20)
    mla.start_all()
    # Short leases for the poison alone: a death is known by the end of its lease, not by an error.
    mla.start_worker("poison", "poison", concurrency=1, MLA_LEASE_SECONDS="2", **poison)
    mla.start_office(1, prefix="Poison", **poison)
    mla.wait(lambda: mla.count(f"handler = '{HANDLER}' and attempts > 0") == 1, 60, "the poison was taken")
    mla.start_office(letters)
    others = mla.wait(mla.office_finished, 120, "letters are sent beside the poison")
    assert mla.count(f"handler = '{HANDLER}' and status = 'leased' or status = 'parked'") == 1
    took = others + mla.wait(lambda: mla.count("status = 'parked'") == 1, 180, "the poison is parked")
    mla.wait(lambda: mla.drained() and mla.office_finished("Poison"), 60, "the rest is done")
    row = mla.server.execute("select handler, attempts, last_error from engine_outboxjob where status = 'parked'")
    assert row == [(HANDLER, 8, "the process died in every attempt")]
    assert "is parked" in mla.said("poison") + mla.said("relay")
    mla.stop_all()
    # The poison's handler is known to its own processes alone, so the check is given the same.
    mla.environment |= poison
    figures = mla.verify(letters)
    keep_figures("poison", figures | {"letters_sent_meanwhile": letters, "seconds_until_parked": round(took, 1)})
