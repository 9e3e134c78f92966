"""The log in production: JSON, with the ids of request and act, and not one word of a case."""

from __future__ import annotations

import json
import uuid

from django.http import HttpRequest, HttpResponse

from mla.core.logs import RequestIdMiddleware
from tests.core.test_settings import in_production

SECRET = "the witness lives at the mill"

WRITE = f"""
import logging, django; django.setup()
from mla.core.logs import bound
SECRET = {SECRET!r}
def deep():
    raise ValueError(SECRET)
ours, django_, celery = (logging.getLogger(n) for n in ("workflows.engine.outbox", "django.request", "celery.app.trace"))
with bound(request_id="r-12345678", act_id="a-1"):
    try:
        try:
            deep()
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError as error:
        ours.exception("job %s failed", 7)
        django_.error("failed: %s", error, exc_info=error)
        celery.error("task %(id)s: %(exc)s", {{"id": 3, "exc": repr(error), "args": SECRET}})
ours.info("after")
"""


def lines(code: str, **environment: str) -> list[dict[str, object]]:
    done = in_production(code, **environment)
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stderr + done.stdout
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_line_carries_ids_kind_and_place_of_an_error_and_no_text_of_it() -> None:
    failed, django_, celery, after = lines(WRITE)
    assert failed["event"] == "job 7 failed" and failed["level"] == "error"
    assert failed["logger"] == "workflows.engine.outbox"
    assert (failed["request_id"], failed["act_id"]) == ("r-12345678", "a-1")
    error = failed["error"]
    assert isinstance(error, list)
    assert [one["kind"] for one in error] == ["KeyError", "ValueError"]
    assert error[1]["places"][-1].endswith("deep")
    assert django_["event"] == "failed: KeyError"
    assert celery["event"] == "task 3: withheld"
    assert "request_id" not in after and "act_id" not in after


def test_uncaught_error_of_a_page_is_logged_without_its_text() -> None:
    code = f"""
import django; django.setup()
from django.test import Client
from django.urls import path
import mla.urls
def page(request): raise RuntimeError({SECRET!r})
mla.urls.urlpatterns.append(path("broken", page))
answer = Client(raise_request_exception=False).get(
    "/broken", headers={{"Host": "mla.example.net", "X-Forwarded-Proto": "https", "X-Request-ID": "given-by-proxy"}})
assert answer.status_code == 500 and answer.headers["X-Request-ID"] == "given-by-proxy", answer
"""
    found = [line for line in lines(code) if line["logger"] == "django.request"]
    assert [line["request_id"] for line in found] == ["given-by-proxy"]
    assert isinstance(found[0]["error"], list) and found[0]["error"][0]["kind"] == "RuntimeError"


def test_unfit_request_id_is_replaced() -> None:
    def answer(given: str) -> str:
        request = HttpRequest()
        request.META["HTTP_X_REQUEST_ID"] = given
        return RequestIdMiddleware(lambda _request: HttpResponse())(request).headers["X-Request-ID"]

    assert answer("0123-abcd") == "0123-abcd"
    for unfit in ("", "short", "x" * 65, "a\nb-injected", "{}<script>"):
        assert uuid.UUID(answer(unfit)).version == 7
