"""Two imports of one register at once."""

from __future__ import annotations

import pytest

from tests.engine.racing import overlapping
from tests.lifecycle.test_importing import CAME, SENT, bring, registry
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services.importing import Imported, ImportRefused

pytestmark = pytest.mark.usefixtures("committed")


def test_of_two_imports_at_once_one_brings_the_cases() -> None:
    by = registry()
    first, second = overlapping(lambda: bring(SENT, CAME, by=by), lambda: bring(SENT, CAME, by=by))
    assert isinstance(first, Imported) and isinstance(second, ImportRefused)
    assert len(second.preview.known) == 2
    assert OutgoingRequest.objects.count() == IncomingRequest.objects.count() == 1
