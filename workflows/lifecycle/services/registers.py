"""Gapless numbers of an authority's registers, per year and stream."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import connection, transaction

from mla.core import clock
from mla.reference.models import Authority
from workflows.lifecycle.models import RegisterCounter


def register_next(*, authority: Authority, stream: str) -> str:
    """Return the next reference of the register, such as ``IS-CENTRAL/in/2026/00042``.

    The year is that of the authority's own calendar. The counter stays locked to the end of the
    caller's transaction: an act that fails gives its number back, so there are no gaps.
    Take it before any case row is locked.

    Raises:
        TransactionManagementError: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a number is taken in the transaction that uses it")
    year = clock.now().astimezone(ZoneInfo(authority.time_zone)).year
    key = {"authority": authority, "year": year, "stream": stream}
    RegisterCounter.objects.bulk_create([RegisterCounter(**key)], ignore_conflicts=True)
    counter = RegisterCounter.objects.select_for_update(of=("self",)).get(**key)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{authority.code.upper()}/{stream}/{year}/{counter.last:05d}"
