"""The offices that a page of cases names, read once for all its rows: a list joined with them takes longer to plan than to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mla.core.related import read_related
from mla.reference.models import Authority
from workflows.tracking.cases import Case
from workflows.tracking.hanging import offices_with_states

_NAMED = {"outgoing": ("originating", "central", "addressee"), "incoming": ("authority", "sender", "executing")}


def with_offices(cases: Iterable[Case]) -> None:
    """Give each case the offices that it names, with their States. One query."""
    pointing: list[tuple[Any, str]] = [(case, name) for case in cases for name in _NAMED[case.KIND]]
    named = {getattr(case, f"{name}_id") for case, name in pointing} - {None}
    read_related(Authority, *pointing, known=offices_with_states(named))
