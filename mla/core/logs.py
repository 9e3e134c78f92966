"""What a line of the log says: identifiers, kinds of error and places, never a word of a case.

Messages of errors may quote a letter (a database's "failing row", a refused value), so in production
none is written: the kind of the error and where it passed must do. Every line carries the id of the
HTTP request and of the act it belongs to.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from structlog.contextvars import bound_contextvars

from mla.core.ids import uuid7

HERE = Path(__file__).resolve().parents[2]
_FIT = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id for the log, the proxy's own where it sends a fit one; answer with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _FIT.fullmatch(given) else str(uuid7())
        with bound(request_id=request_id):
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Put identifiers on every line that is logged inside: request_id, act_id, job_id."""
    with bound_contextvars(**{name: str(value) for name, value in ids.items()}):
        yield


class WithoutErrorTexts(logging.Filter):
    """Takes the texts of errors out of a record's values; the kind of each error stays."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict):
            # Celery gives an error as text under these names.
            withheld = {name: "withheld" for name in ("exc", "traceback", "args", "kwargs") if name in record.args}
            record.args = {name: _kind(value) for name, value in record.args.items()} | withheld
        elif record.args:
            record.args = tuple(_kind(value) for value in record.args)
        return True


def _kind(value: object) -> object:
    return type(value).__name__ if isinstance(value, BaseException) else value


def error_places(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the kinds and places of the error and of those that led to it, outermost first."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = [
            {"kind": type(one).__name__, "places": [_place(frame) for frame in traceback.extract_tb(one.__traceback__)]}
            for one in _chain(error)
        ]
    event.pop("stack_info", None)
    return event


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    if "site-packages" in path.parts:
        path = Path(*path.parts[path.parts.index("site-packages") + 1 :])
    elif path.is_relative_to(HERE):
        path = path.relative_to(HERE)
    else:
        path = Path(path.name)
    return f"{path}:{frame.lineno} {frame.name}"
