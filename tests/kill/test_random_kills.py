"""A hundred letters arrive once each, while workers, relay and officers are killed at random."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.kill.installation import Installation, keep_figures
from tests.kill.storm import Storm, seed

pytestmark = pytest.mark.kill

LETTERS = int(os.environ.get("MLA_KILL_LETTERS", "100"))


def test_each_letter_has_one_pdf_and_arrives_once_while_processes_are_killed(
    installation: Callable[..., Installation],
) -> None:
    used = seed()
    mla = installation(lease=20)
    mla.start_all()
    mla.start_office(LETTERS)
    storm = Storm(mla, chance=random.Random(used))
    seconds = storm.rage(until=lambda: mla.office_finished() and mla.drained(), seconds=120 + 6 * LETTERS)
    mla.stop_all()
    figures = mla.verify(LETTERS)
    assert figures["kills"] > LETTERS / 10
    assert figures["jobs_parked"] == 0
    keep_figures("random_kills", figures | {"letters": LETTERS, "seconds": round(seconds, 1), "seed": used})
