"""The States by their names, for choices: reference data, read at most once a minute by a process."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import get_language

from mla.reference.models import Jurisdiction

NAMES_FOR = 60


def states_named() -> list[tuple[str, str]]:
    """Return code and name of every State in the reader's language, by name."""
    language = get_language() or "en"
    found: list[tuple[str, str]] | None = cache.get(f"states-{language}")
    if found is None:
        found = sorted(((s.code, s.name(language)) for s in Jurisdiction.objects.all()), key=lambda one: one[1])
        cache.set(f"states-{language}", found, NAMES_FOR)
    return found
