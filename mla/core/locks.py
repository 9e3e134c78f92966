"""One transaction at a time: who needs the same lock waits for the commit of who holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_at_a_time(lock: int) -> Iterator[None]:
    """Run the block in a transaction that holds the advisory lock of this number until it ends. Any caller may."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [lock])
        yield
