"""The desk on every request, and one answer to every expected error.

An object or page that the person may not see is a 404 like any that is not there; it is recorded after the
rollback (`recording_refusals`), as is an act that the person may not do.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.core.errors import MlaError
from mla.core.files import StorageFailed
from workflows.engine.errors import ActForbidden, ActRefused, VersionChanged
from workflows.engine.perform import recording_refusals
from workflows.web.desk import Desk


class DeskMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.desk = Desk(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, MlaError):
            return None
        try:
            with recording_refusals():
                raise error
        except AccessDenied:
            return render(request, "404.html", status=404)
        except VersionChanged as changed:
            return told(request, _("This was changed meanwhile"), changed, status=409)
        except ActForbidden as forbidden:
            return told(request, _("This act is not open to you"), forbidden, status=403)
        except StorageFailed as failed:
            return told(request, _("This cannot be done now"), failed, status=503)
        except MlaError as refused:
            return told(request, _("This cannot be done now"), refused, status=409)


def told(request: HttpRequest, title: str, error: MlaError, *, status: int) -> HttpResponse:
    """Answer with a page that says what is wrong and where."""
    reasons = error.reasons if isinstance(error, ActRefused) else ()
    context = {"title": title, "reasons": reasons, "message": "" if isinstance(error, ActRefused) else str(error)}
    return render(request, "web/refused.html", context, status=status)
