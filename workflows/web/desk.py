"""Who sits at the desk: the person, the hat (one role at one authority), and which pages are open to it.

Every view of a person's page is decorated with `page`. A page that is not open to the hat is answered as one
that does not exist, and recorded, as an object that the hat may not see is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.cache import never_cache

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.backends import hats_of
from mla.accounts.models import Membership, Role, User
from mla.accounts.sign_in import second_factor_given
from mla.accounts.sign_in_views import to_second_factor
from mla.core.languages import reading_in
from workflows.web.kept import keep_posted

HAT = "hat"

#: Roles that work on requests that go out, that come in, and all people.
OUTWARD = frozenset({
    Role.ORIGINATOR_DRAFTER, Role.ORIGINATOR_SIGNATORY, Role.DESK_OFFICER, Role.SUPERVISOR, Role.LEGAL,
    Role.REGISTRY, Role.DUTY_OFFICER, Role.AUDITOR,
})  # fmt: skip
INWARD = frozenset({
    Role.DESK_OFFICER, Role.SUPERVISOR, Role.LEGAL, Role.REGISTRY, Role.DUTY_OFFICER, Role.EXECUTING_OFFICER,
    Role.AUDITOR,
})  # fmt: skip
#: Who works on a letter: an auditor reads what was written, for a purpose, and has no part in writing it.
WRITING = OUTWARD - {Role.AUDITOR}
PEOPLE = frozenset(Role) - {Role.TIMER}
#: Who reads what the house knows of other States: everybody but those States' own officers, and translators, who see
#: their texts alone.
READERS = PEOPLE - {Role.FOREIGN_OFFICER, Role.TRANSLATOR}


class Desk:
    """What a request knows of the person: `hats` in effect now, the one that is worn, and the actor."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def hats(self) -> list[Membership]:
        user = self._request.user
        # Without the second factor a person wears no hat, so no page shows a case, not even in its frame.
        if not user.is_authenticated or not second_factor_given(self._request):
            return []
        return hats_of(user)

    @cached_property
    def hat(self) -> Membership | None:
        worn = self._request.session.get(HAT)
        return next((hat for hat in self.hats if hat.pk == worn), self.hats[0] if self.hats else None)

    @cached_property
    def actor(self) -> Actor | None:
        return Actor.under(self.hat) if self.hat is not None else None

    def wears(self, *roles: str) -> bool:
        return self.hat is not None and self.hat.role in roles


class DeskRequest(HttpRequest):
    """A request of a person with a hat, as a view under `page` gets it."""

    desk: Desk
    actor: Actor
    hat: Membership
    htmx: Any


View = TypeVar("View", bound=Callable[..., HttpResponse])


def page(open_to: Iterable[Role] = PEOPLE) -> Callable[[View], View]:
    """Open a view to people who wear one of these roles. Others get the answer of a page that is not there.

    Without a sign-in the person is asked to sign in, and what was posted is kept; without any hat a page
    says whom to ask. The answer is never stored by the browser.
    """
    roles = frozenset(map(str, open_to))

    def decorate(view: View) -> View:
        @never_cache
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return signed_out(request)
            if not second_factor_given(request):
                return without_second_factor(request)
            desk: Desk = request.desk  # type: ignore[attr-defined]
            if desk.actor is None:
                return render(request, "web/no_hat.html", status=403)
            request.actor, request.hat = desk.actor, desk.hat  # type: ignore[attr-defined]
            if desk.actor.role not in roles:
                raise AccessDenied(
                    "page", request.resolver_match.view_name if request.resolver_match else "", desk.actor
                )
            reader = request.user
            with timezone.override(_zone_of(reader)), reading_in(_language_of(reader)):
                return view(request, *args, **kwargs)

        opened.open_to = roles  # type: ignore[attr-defined]
        return cast(View, opened)

    return decorate


def _zone_of(user: User) -> ZoneInfo:
    try:
        return ZoneInfo(user.time_zone)
    except (ValueError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")


def _language_of(user: User) -> str:
    return user.language if user.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def without_second_factor(request: HttpRequest) -> HttpResponse:
    """Lead to the second factor; what was posted is kept for this person."""
    if getattr(request, "htmx", False):
        return _signed_out_in_place()
    back = keep_posted(request) if request.method == "POST" else request.get_full_path()
    return to_second_factor(request, back)


def _signed_out_in_place() -> HttpResponse:
    # The page stays as it is, with what was typed; the script shows how to go on.
    answer = HttpResponse(status=401)
    answer["HX-Trigger"] = "signed-out"
    return answer


def signed_out(request: HttpRequest) -> HttpResponse:
    """Answer a request of nobody: sign in first; nothing typed is lost (see workflows.web.kept)."""
    if getattr(request, "htmx", False):
        return _signed_out_in_place()
    came_back_to = request.get_full_path()
    if request.method == "POST":
        came_back_to = keep_posted(request)
    return redirect_to_login(came_back_to)
