"""Pages for errors: a number to refer to, nothing of the program or the case, also when the database is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.test import Client, override_settings

from mla.accounts.models import Role
from tests.factories import officer
from tests.web.test_jobs import hosted

pytestmark = pytest.mark.django_db
AtDesk = Callable[..., Client]
WORKLIST = "workflows.web.views.worklist.waiting"


def failing(at_desk: AtDesk, error: Exception, **headers: str) -> Any:
    client = at_desk(officer(Role.DESK_OFFICER, hosted().code), raise_request_exception=False)
    with mock.patch("workflows.web.views.helping.render", side_effect=error):
        return client.get("/help/", headers={"X-Request-ID": "a-reference-number-1", **headers})


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ValueError("the accused is Person A"), 500, "Something went wrong"),
        (OperationalError("server closed the connection: password=secret"), 503, "The database does not answer"),
        (PermissionDenied("the accused is Person A"), 403, "not open to you"),
        (SuspiciousOperation("the accused is Person A"), 400, "cannot be read"),
    ],
)
def test_error_is_told_with_its_number_and_nothing_of_it(
    at_desk: AtDesk, error: Exception, status: int, words: str
) -> None:
    answer = failing(at_desk, error)
    text = answer.content.decode()
    assert answer.status_code == status and words in text
    assert "a-reference-number-1" in text and answer["X-Request-ID"] == "a-reference-number-1"
    assert not [leak for leak in ("Person A", "secret", "Traceback", ".py", type(error).__name__) if leak in text]
    assert "data-problem" in text and answer["Cache-Control"] == "no-store"


def test_database_that_is_away_is_told_without_asking_it(at_desk: AtDesk, django_db_blocker: Any) -> None:
    client = at_desk(officer(Role.DESK_OFFICER, hosted().code), raise_request_exception=False)
    with mock.patch(
        "django.db.backends.utils.CursorWrapper.execute", side_effect=OperationalError("connection refused")
    ):
        for address in ("/", "/jobs/", "/audit/", "/help/"):
            answer = client.get(address)
            assert answer.status_code == 503, address
            assert "The database does not answer" in answer.content.decode() and answer["Retry-After"] == "30"


def test_page_of_an_error_stands_without_its_template(at_desk: AtDesk) -> None:
    with mock.patch("workflows.web.views.errors.loader.get_template", side_effect=RuntimeError("no template")):
        answer = failing(at_desk, ValueError("x"))
    assert answer.status_code == 500 and "a-reference-number-1" in answer.content.decode()


def test_error_speaks_the_readers_language(at_desk: AtDesk) -> None:
    answer = failing(at_desk, ValueError("x"), **{"Accept-Language": "ar"})
    assert 'lang="en" dir="rtl"' in answer.content.decode()


def test_form_without_a_token_is_refused_and_what_was_typed_is_not_kept(at_desk: AtDesk) -> None:
    client = at_desk(officer(Role.LOCAL_ADMINISTRATOR, hosted().code), enforce_csrf_checks=True)
    answer = client.post("/office/facts", {"city": "Sampleton"})
    assert answer.status_code == 403 and "open for too long" in answer.content.decode()
    assert hosted().city != "Sampleton" and "kept" not in client.session


def test_too_large_a_form_is_told(at_desk: AtDesk) -> None:
    client = at_desk(officer(Role.LOCAL_ADMINISTRATOR, hosted().code))
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        answer = client.post("/office/facts", {"city": "x" * 2000})
    assert answer.status_code == 413 and "too large" in answer.content.decode()


def test_refused_act_is_marked_for_the_page_that_asked_in_the_background(at_desk: AtDesk) -> None:
    client = at_desk(officer(Role.DESK_OFFICER, hosted().code))
    answer = client.get("/jobs/", headers={"HX-Request": "true"})
    assert answer.status_code == 404 and "data-problem" in answer.content.decode()
    assert 'id="problem"' in client.get("/help/").content.decode()
