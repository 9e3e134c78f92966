"""Addresses of rows are those that the resolver gives."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import NoReverseMatch, reverse

from workflows.web.addresses import address_of


@pytest.mark.parametrize("name", ["web:outgoing", "web:incoming", "web:review_case", "web:transmission_step"])
def test_address_is_that_of_the_resolver(name: str) -> None:
    for public_id in (uuid4(), uuid4()):
        assert address_of(name, public_id) == reverse(name, args=[public_id])


def test_further_arguments_and_unknown_pages() -> None:
    public_id = uuid4()
    for section in ("proceedings", "facts"):
        assert address_of("web:letter_section", public_id, section) == reverse(
            "web:letter_section", args=[public_id, section]
        )
    with pytest.raises(NoReverseMatch):
        address_of("web:nothing", public_id)
