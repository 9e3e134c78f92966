"""The storage of these tests is an object store; each test has a part of its own in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage

from mla.core import object_store
from tests.object_store.server import Store, running


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with running(tmp_path_factory.mktemp("store")) as started:
        yield started


@pytest.fixture
def prefix() -> str:
    return f"t{uuid4().hex}"


@pytest.fixture
def through(store: Store, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what leads the storage of the program to the store, by other options than usual where they are given."""
    default_storage.exists("")
    monkeypatch.setattr(object_store, "ATTEMPTS", 1)

    def lead(**options: Any) -> None:
        monkeypatch.setattr(default_storage, "_wrapped", store.storage(prefix, **options))

    return lead


@pytest.fixture(autouse=True)
def stored_there(through: Callable[..., None]) -> None:
    cache.clear()
    through()
