"""What the frame of every page shows: the hat, where one can go, what waits, and whether effects are late."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from mla.accounts.actors import Actor
from mla.core.languages import is_from_the_right, wanted_language
from workflows.tracking.selectors import waiting_and_late
from workflows.web.navigation import Place, places_for

#: Seconds in which the numbers in the frame are not counted again.
COUNTS_FOR = 10
MOST_COUNTED = 1_000


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor of the frame. Its queries are made only where a page shows the frame."""
    desk = getattr(request, "desk", None)
    return {
        "desk": desk,
        "page_language": get_language() or settings.LANGUAGE_CODE,
        "page_direction": "rtl" if is_from_the_right() else "ltr",
        "wanted_language": wanted_language(),
        "languages": [(code, name, code not in settings.LANGUAGES_WITHOUT_TEXTS) for code, name in settings.LANGUAGES],
        "demo": settings.DEMO,
        "places": SimpleLazyObject(lambda: _places(request)),
        "waiting": SimpleLazyObject(lambda: _waiting(desk.actor) if desk and desk.actor else {}),
    }


def _places(request: HttpRequest) -> list[Place]:
    desk = getattr(request, "desk", None)
    return places_for(request, desk.actor) if desk and desk.actor else []


def _waiting(actor: Actor) -> dict[str, int]:
    """Count what waits for the actor, at most MOST_COUNTED, and the late effects of its authority."""
    key = f"waiting-{actor.user_id}-{actor.authority_id}-{actor.role}"
    found: dict[str, int] | None = cache.get(key)
    if found is None:
        mine, late = waiting_and_late(actor, MOST_COUNTED)
        found = {"worklist": mine, "late": late}
        cache.set(key, found, COUNTS_FOR)
    return found
