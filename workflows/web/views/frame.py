"""What belongs to no case: changing the hat and the language, and what was typed before the session ended."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from mla.accounts.access import AccessDenied
from mla.accounts.models import User
from workflows.web import kept as keeping
from workflows.web.desk import HAT, DeskRequest, page


@require_POST
@page()
def hat_change(request: DeskRequest) -> HttpResponse:
    """Wear another of one's hats. One that has ended since the page was opened changes nothing.

    Raises:
        AccessDenied: it was never one's own, or does not exist.
    """
    wanted = request.POST.get("hat", "")
    if wanted in {str(hat.pk) for hat in request.desk.hats}:
        request.session[HAT] = int(wanted)
    elif wanted and wanted not in {str(pk) for pk in request.user.memberships.values_list("pk", flat=True)}:  # type: ignore[union-attr]
        raise AccessDenied("membership", wanted, request.actor)
    return redirect("web:worklist")


@require_POST
def language_change(request: HttpRequest) -> HttpResponse:
    """Show the pages in another language; remembered with the person, before the sign-in in a cookie."""
    answer = HttpResponseRedirect(_back(request))
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES) and check_for_language(wanted):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, wanted, samesite="Lax", secure=request.is_secure())
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=wanted)
    return answer


@page()
def kept(request: DeskRequest, key: str) -> HttpResponse:
    """Show what was typed before the session ended, to send it again or to let it go."""
    found = keeping.kept(request, str(key))
    if found is None:
        raise Http404
    if request.method == "POST":
        keeping.forget(request)
        return redirect("web:worklist")
    fields = [(name, value) for name, values in found["fields"].items() for value in values]
    shown = [(name, value) for name, value in fields if value and name not in ("expected_version", "next")]
    return render(request, "web/kept.html", {"path": found["path"], "fields": fields, "shown": shown})


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    fits = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if fits else "/"
