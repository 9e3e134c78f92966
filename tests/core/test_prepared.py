"""A prepared query answers as the queryset that it was made from does, for each reader and each value."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from mla.core import clock
from mla.core.prepared import MOST_KEPT, Prepared
from mla.reference.models import Authority, Jurisdiction

_STATE = 2**40 + 7
_CODE = "the place of a code"


def offices(kind: str) -> QuerySet[Authority]:
    state = Jurisdiction.objects.filter(pk=OuterRef("jurisdiction"), code=_CODE)
    found = Authority.objects.filter(kind=kind, jurisdiction=_STATE).annotate(named=Exists(state))
    return found.select_related("jurisdiction").order_by("pk")


def prepared() -> Prepared[Authority]:
    return Prepared(offices, state=_STATE, code=_CODE)


@pytest.fixture
def states(db: Any) -> list[Authority]:
    return list(Authority.objects.select_related("jurisdiction").order_by("pk")[:20])


def test_it_answers_as_its_queryset_does_with_each_value(states: list[Authority]) -> None:
    asked = prepared()
    assert states
    for office in states:
        found = asked.rows(office.kind, state=office.jurisdiction_id, code=office.jurisdiction.code)
        assert found == list(
            Authority.objects.filter(kind=office.kind, jurisdiction=office.jurisdiction).order_by("pk")
        )
        assert all(row.named and row.jurisdiction == office.jurisdiction for row in found)  # type: ignore[attr-defined]
        assert not any(row.named for row in asked.rows(office.kind, state=office.jurisdiction_id, code="-"))  # type: ignore[attr-defined]
    assert asked.rows(states[0].kind, state=0, code="") == []


def test_it_asks_once_and_with_the_rows_joined(states: list[Authority]) -> None:
    asked, office = prepared(), states[0]
    values = {"state": office.jurisdiction_id, "code": office.jurisdiction.code}
    asked.rows(office.kind, **values)
    with CaptureQueriesContext(connection) as queries:
        [row.jurisdiction.code for row in asked.rows(office.kind, **values)]
    assert len(queries) == 1


def test_each_key_has_a_query_of_its_own_and_the_oldest_are_let_go(states: list[Authority]) -> None:
    built: list[str] = []

    def build(kind: str) -> QuerySet[Authority]:
        built.append(kind)
        return offices(kind)

    asked = Prepared(build, state=_STATE, code=_CODE)
    for number in [0, 1, 0, *range(2, MOST_KEPT + 2), 0]:
        asked.rows(f"kind {number}", state=1, code="x")
    assert built.count("kind 0") == 2
    assert built.count("kind 1") == 1


def test_what_can_see_nothing_is_not_asked(db: Any) -> None:
    asked = Prepared(lambda key: Authority.objects.none())
    with CaptureQueriesContext(connection) as queries:
        assert asked.rows("anybody") == []
    assert len(queries) == 0


def test_a_thread_asks_what_another_wrote_on_its_own_connection(states: list[Authority]) -> None:
    built: list[str] = []

    def build(kind: str) -> QuerySet[Authority]:
        built.append(kind)
        return offices(kind)

    asked, office = Prepared(build, state=_STATE, code=_CODE), states[0]
    values = {"state": office.jurisdiction_id, "code": ""}
    here = asked.rows(office.kind, **values)
    seen: list[int] = []

    def there() -> None:
        with CaptureQueriesContext(connection) as queries:
            asked.rows(office.kind, **values)
        seen.append(len(queries))
        connection.close()

    thread = threading.Thread(target=there)
    thread.start()
    thread.join()
    assert here and seen == [1] and built == [office.kind]
    assert asked.rows(office.kind, **values) == here


def test_what_would_be_kept_wrongly_is_refused(db: Any) -> None:
    with pytest.raises(ValueError, match="no place for id"):
        Prepared(offices, state=_STATE, code=_CODE, id=uuid.UUID(int=5)).rows("x", state=1, code="", id=uuid.uuid4())
    with pytest.raises(ValueError, match="values are wanted for code, state"):
        prepared().rows("x", state=1)
    with pytest.raises(ValueError, match="a moment of this process"):
        Prepared(lambda key: Authority.objects.filter(edited_at__lt=clock.now())).rows("x")
