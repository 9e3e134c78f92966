"""The page of a case: who opens it, what it shows, which acts it offers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from tests.factories import Line, officer

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def test_case_page_opens_to_who_may_see_the_case_and_to_nobody_else(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    page = at_desk(line.prosecutor).get(f"/out/{outgoing.public_id}/")
    assert page.status_code == 200
    assert outgoing.letter.title in page.content.decode()
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    assert at_desk(stranger).get(f"/out/{outgoing.public_id}/").status_code == 404
