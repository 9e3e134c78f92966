"""An act that freezes the letter itself is open from the draft, from every page that offers it."""

from __future__ import annotations

import pytest

from tests.factories import Line
from tests.web.conftest import signed_in
from workflows.web.views.act import act_address, buttons_for

pytestmark = pytest.mark.django_db


def test_draft_can_be_lodged_from_its_case_page() -> None:
    line = Line()
    outgoing = line.drafted()
    lodge = next(button for button in buttons_for(outgoing, line.prosecutor) if button["act"] == "lodge")
    assert not lodge["reasons"]
    client = signed_in(line.prosecutor)
    assert "Not yet possible" not in client.get(act_address(outgoing, "lodge")).content.decode()
    client.post(act_address(outgoing, "lodge"))
    outgoing.refresh_from_db()
    assert outgoing.lodged_at is not None
