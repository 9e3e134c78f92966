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
    counter = register_lock(authority=authority, stream=stream)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{authority.code.upper()}/{stream}/{counter.year}/{counter.last:05d}"


def register_lock(*, authority: Authority, stream: str, year: int | None = None) -> RegisterCounter:
    """Return the counter of a register, locked to the end of the transaction. `year`: by default the authority's present one.

    Raises:
        TransactionManagementError: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a number is taken in the transaction that uses it")
    present = clock.now().astimezone(ZoneInfo(authority.time_zone)).year
    key = {"authority": authority, "year": year or present, "stream": stream}
    RegisterCounter.objects.bulk_create([RegisterCounter(**key)], ignore_conflicts=True)
    return RegisterCounter.objects.select_for_update(of=("self",)).get(**key)


def register_raise(*, authority: Authority, stream: str, year: int, to: int) -> None:
    """Let a register go on above a number that was given before this house counted. Never backwards."""
    counter = register_lock(authority=authority, stream=stream, year=year)
    if to > counter.last:
        counter.last = to
        counter.save(update_fields=["last"])
