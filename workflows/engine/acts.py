"""One act, however many rows it changes: one transaction, one act id, its audit entries last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db import transaction

from mla.audit.services import Entry, record, record_all
from mla.core.ids import uuid7
from mla.core.logs import bound


@dataclass(slots=True)
class _Act:
    """The outermost act: its id, and the audit entries to write when all is done."""

    id: UUID
    entries: list[Entry]


#: Entries of one act from which on each chain gets its own together.
MANY = 100

_running: ContextVar[_Act | None] = ContextVar("running_act", default=None)


@contextmanager
def one_act() -> Iterator[UUID]:
    """Bind what is done inside to one act: one transaction, one act id. For services that do several acts.

    The audit entries are written at its end, chain after chain in one order: two acts that touch the
    same two chains cannot wait for each other.
    """
    outer = _running.get()
    if outer is not None:
        # A savepoint: an inner act that fails takes its own entries with it.
        known = len(outer.entries)
        try:
            with transaction.atomic():
                yield outer.id
        except BaseException:
            del outer.entries[known:]
            raise
        return
    act = _Act(uuid7(), [])
    token = _running.set(act)
    try:
        with bound(act_id=act.id), transaction.atomic():
            yield act.id
            entries = sorted(act.entries, key=lambda entry: entry.authority_id)
            if len(entries) < MANY:
                for entry in entries:
                    record(entry)
            else:
                for _chain, of_it in groupby(entries, key=lambda entry: entry.authority_id):
                    record_all(list(of_it))
    finally:
        _running.reset(token)


def note(entry: Entry) -> None:
    """Put an entry with the running act; written at its end. Called by perform and create alone."""
    act = _running.get()
    assert act is not None
    act.entries.append(entry)
