"""allauth's pages as they are open here: in the person's language, never stored, and only after the second factor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account import views as account
from allauth.account.internal.stagekit import get_pending_stage
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache

from mla.accounts.sign_in import STRONG, refuse_removal, second_factor
from mla.core import clock
from mla.core.languages import reading_in, wanted_language

View = Callable[..., HttpResponseBase]

#: Where the person wanted to go when asked to set up a second factor; a path of this installation.
GO_ON = "go_on"


def _in_language_of(user: Any, view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Answer in the person's language; to nobody, in the one that was chosen for the request."""
    wanted = getattr(user, "language", None)
    if wanted not in dict(settings.LANGUAGES):
        wanted = wanted_language()
    with reading_in(wanted):
        answer = view(request, *args, **kwargs)
        render_now = getattr(answer, "render", None)
        # allauth's answers would be written later, outside of the block.
        return render_now() if callable(render_now) else answer


def at_the_door(view: View) -> View:
    """A page for nobody or for a sign-in that is under way. While the lock holds, no attempt is looked at."""

    @never_cache
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        stage = get_pending_stage(request)
        user = stage.login.user if stage is not None else request.user
        if _locked(request, user):
            return locked_out(request)
        return _in_language_of(user, view, request, *args, **kwargs)

    return cast(View, opened)


def inside(*, before_set_up: bool = False, to_give: bool = False) -> Callable[[View], View]:
    """A page of a signed-in person.

    `before_set_up`: open to a person who has no second factor yet. `to_give`: open to one who has, and did not
    give it in this session. All others are led to what is missing.
    """

    def decorate(view: View) -> View:
        @never_cache
        @login_required
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            standing = second_factor(request)
            if standing == "to_set_up" and not before_set_up:
                return redirect("mfa_index")
            if standing == "to_give" and not to_give:
                return to_second_factor(request, request.get_full_path())
            if _locked(request, request.user):
                return locked_out(request)
            return _in_language_of(request.user, view, request, *args, **kwargs)

        return cast(View, opened)

    return decorate


def _locked(request: HttpRequest, user: Any) -> bool:
    if request.method != "POST" or user is None or not user.is_authenticated:
        return False
    return not AxesProxyHandler.is_allowed(request, {"username": user.get_username()})


def to_second_factor(request: HttpRequest, go_on: str) -> HttpResponse:
    """Lead a signed-in person to the second factor: to give it, or to set one up; afterwards to `go_on`.

    Called by every page that is asked for without one (workflows.web.desk).
    """
    if second_factor(request) == "to_give":
        strong = Authenticator.objects.filter(user_id=request.user.pk, type__in=STRONG)
        only_keys = not strong.filter(type=Authenticator.Type.TOTP).exists()
        name = "mfa_reauthenticate_webauthn" if only_keys else "mfa_reauthenticate"
        return redirect(f"{reverse(name)}?{urlencode({'next': go_on})}")
    request.session[GO_ON] = go_on
    return redirect("mfa_index")


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Say that too many attempts failed, and until when. The same for a name that names nobody. Called by axes too."""
    user = request.user if request.user.is_authenticated else None
    name = (credentials or {}).get("username") or (user.get_username() if user else None)
    if name is None and (stage := get_pending_stage(request)) is not None:
        name = stage.login.user.get_username()
    newest = AccessAttempt.objects.filter(username=name).aggregate(last=Max("attempt_time"))["last"] or clock.now()
    until = newest + settings.AXES_COOLOFF_TIME
    minutes = max(1, -(-int((until - clock.now()).total_seconds()) // 60))
    context = {"until": until, "minutes": minutes}
    return render(request, "account/locked_out.html", context, status=429)


# --- the pages ---

login = at_the_door(account.login)
logout = at_the_door(account.logout)
authenticate = at_the_door(mfa.authenticate)


def _go_on(request: HttpRequest) -> str:
    target = request.session.get(GO_ON, "")
    return target if url_has_allowed_host_and_scheme(target, None) else ""


@inside(before_set_up=True)
def index(request: HttpRequest) -> HttpResponseBase:
    request.go_on = _go_on(request)  # type: ignore[attr-defined]
    return cast(HttpResponseBase, mfa.index(request))


activate_totp = inside(before_set_up=True)(totp.activate_totp)
add_webauthn = inside(before_set_up=True)(webauthn.add_webauthn)
reauthenticate = inside(before_set_up=True)(account.reauthenticate)
mfa_reauthenticate = inside(to_give=True)(mfa.reauthenticate)
reauthenticate_webauthn = inside(to_give=True)(webauthn.reauthenticate_webauthn)
deactivate_totp = inside()(totp.deactivate_totp)
list_webauthn = inside()(webauthn.list_webauthn)
edit_webauthn = inside()(webauthn.edit_webauthn)
generate_recovery_codes = inside()(codes.generate_recovery_codes)
password_change = inside()(account.password_change)


@inside()
def view_recovery_codes(request: HttpRequest) -> HttpResponseBase:
    request.go_on = _go_on(request)  # type: ignore[attr-defined]
    return cast(HttpResponseBase, codes.view_recovery_codes(request))


@inside()
def remove_webauthn(request: HttpRequest, pk: int) -> HttpResponseBase:
    key = Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.WEBAUTHN, pk=pk).first()
    if key is None:
        raise Http404
    refused = refuse_removal(key)
    if refused is not None:
        messages.error(request, refused.messages[0])
        return redirect("mfa_list_webauthn")
    return cast(HttpResponseBase, webauthn.remove_webauthn(request, pk=pk))


def _by_mail(view: View) -> View:
    """Open only where this installation sends mail."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PASSWORD_RESET_BY_MAIL:
            raise Http404
        return view(request, *args, **kwargs)

    return opened


@at_the_door
def password_reset(request: HttpRequest) -> HttpResponseBase:
    """By mail where the installation sends mail; else a page says whom to ask."""
    if not settings.PASSWORD_RESET_BY_MAIL:
        return render(request, "account/password_reset_ask.html")
    return cast(HttpResponseBase, account.password_reset(request))


password_reset_done = at_the_door(_by_mail(account.password_reset_done))
# Without mail too: `createofficer` hands out such a link.
password_reset_from_key = at_the_door(account.password_reset_from_key)
password_reset_from_key_done = at_the_door(account.password_reset_from_key_done)
