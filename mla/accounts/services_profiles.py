"""Who may edit the profiles of States: a legal officer, under the hat of an authority (capabilities.csv)."""

from __future__ import annotations

from collections.abc import Mapping

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core import clock
from mla.reference import services_profiles as reference
from mla.reference.models import ProfileEntry
from mla.reference.services_profiles import Plan

EDIT = "profile.edit"


def _require(by: Actor) -> None:
    if not holds(by, EDIT):
        raise AccessDenied("profile", EDIT, by)


def profile_entry_save(*, row: Mapping[str, str], expected: str, by: Actor) -> ProfileEntry:
    """Add or change an entry; see `mla.reference.services_profiles.profile_entry_save`.

    Raises:
        AccessDenied: `by` is no legal officer.
        EntryWrong, ReferenceChanged: as there.
    """
    _require(by)
    return reference.profile_entry_save(row=row, expected=expected, by=by.who())


def profile_entry_verify(*, entry: ProfileEntry, expected: str, by: Actor) -> ProfileEntry:
    """Note that `by` verified an entry today (UTC). Raises as profile_entry_save."""
    _require(by)
    return reference.profile_entry_verify(entry=entry, expected=expected, on=clock.now().date(), by=by.who())


def profile_entry_remove(*, entry: ProfileEntry, expected: str, by: Actor) -> None:
    """Take an entry out. Raises AccessDenied, ReferenceChanged."""
    _require(by)
    reference.profile_entry_remove(entry=entry, expected=expected, by=by.who())


def profile_file_apply(*, content: bytes, digest: str, by: Actor) -> Plan:
    """Do what was planned with a file. Raises AccessDenied, and as `mla.reference.services_profiles` says."""
    _require(by)
    return reference.profile_file_apply(content=content, digest=digest, by=by.who())
