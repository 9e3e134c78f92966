"""Pages for what went wrong: what it is, that nothing is half done, what to do, and a number to refer to.

They are made without a session, a database or a context processor, so that they also come when those are away.
The number is the id of the HTTP request, which every line of the log carries.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from structlog.contextvars import get_contextvars

from mla.core.languages import is_from_the_right

logger = logging.getLogger(__name__)


def reference_number() -> str:
    """Return the id of the present HTTP request (mla.core.logs.RequestIdMiddleware), or nothing outside of one."""
    return str(get_contextvars().get("request_id", ""))


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to an error that nobody expected: 500; 503 where the database is away or too busy."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        answer = problem(
            request,
            503,
            _("The database does not answer now"),
            [
                _("Your act was not done: an act is done as a whole or not at all."),
                _("Wait a minute, go back with your browser, where what you typed still is, and try again."),
            ],
        )
        answer["Retry-After"] = "30"
        return answer
    return problem(
        request,
        500,
        _("Something went wrong in this house, not with you"),
        [
            _("Your act was not done: an act is done as a whole or not at all."),
            _(
                "Go back with your browser, where what you typed still is, and try again. If it happens again, give the number below to your administrator."
            ),
        ],
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        most = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 1_048_576
        return problem(
            request,
            413,
            _("This is too large to be taken"),
            [
                _("A form without files may hold %(most)d MB. Nothing was saved.") % {"most": most},
                _("Go back with your browser, shorten the text or send it in parts."),
            ],
        )
    return problem(
        request,
        400,
        _("Your browser sent something that cannot be read"),
        [_("Nothing was changed."), _("Go back, open the page again and try once more.")],
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(
        request,
        403,
        _("This is not open to you"),
        [_("Nothing was changed."), _("If you need it for your work, ask the administrator of your authority.")],
    )


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long, or the press did not come from a page of this house. Nothing is kept of it:
    who forges a press of another could otherwise have it offered to them after the sign-in."""
    logger.warning("a form without a valid token was refused")
    return problem(
        request,
        403,
        _("This page was open for too long"),
        [
            _("Nothing was changed."),
            _(
                "Go back with your browser: what you typed is still on the page. Copy it, open the page again and send it from there."
            ),
            _(
                "If you did not press anything in this house just now, close this window: another site tried to act in your name."
            ),
        ],
    )


def problem(request: HttpRequest, status: int, title: str, said: list[str]) -> HttpResponse:
    """Answer with a self-contained page; to htmx with the same words, which the open page shows."""
    number = reference_number()
    context: dict[str, Any] = {
        "title": title,
        "said": said,
        "number": number,
        "language": get_language() or settings.LANGUAGE_CODE,
        "direction": "rtl" if is_from_the_right() else "ltr",
    }
    try:
        page = loader.get_template("problem.html").render(context)
    except Exception:
        # The page that tells of errors must not be one.
        logger.exception("the page of an error could not be made")
        page = format_html(
            "<!doctype html><title>{}</title><h1>{}</h1><p data-problem>{} {}</p>", title, title, " ".join(said), number
        )
    answer = HttpResponse(page, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
