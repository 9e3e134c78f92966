"""The living page: every component in both schemes, and not in production."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.factories import Line
from tests.web.conftest import signed_in
from workflows.web.views.style import COMPONENTS

pytestmark = pytest.mark.django_db


def test_living_page_shows_each_component_in_both_schemes_and_never_in_production(settings: Any) -> None:
    client = signed_in(Line().desk)
    page = client.get("/style/").content.decode()
    assert page.count('data-theme="light"') == page.count('data-theme="dark"') == len(COMPONENTS)
    assert all(f'id="{name}"' in page for name, _title, _when in COMPONENTS)
    settings.ENV = dataclasses.replace(settings.ENV, mode="production")
    assert client.get("/style/").status_code == 404
