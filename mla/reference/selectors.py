"""Reading the reference data. It is public to every officer of the installation: no access check here."""

from __future__ import annotations

from mla.reference.files import data_version
from mla.reference.models import Authority, Jurisdiction


def reference_data_version() -> str:
    """Return the SHA-256 over the shipped data files (64 hexadecimal digits); part of what a letter's hash covers."""
    return data_version()


def jurisdiction_by_code(code: str) -> Jurisdiction | None:
    """Return the jurisdiction with this ISO 3166-1 alpha-2 code (or EU, XK), in any case, or None."""
    return Jurisdiction.objects.filter(code=code.strip().upper()).first()


def authorities_of(jurisdiction: Jurisdiction) -> list[Authority]:
    """Return the authorities of one jurisdiction, those hosted here first, then by code."""
    return list(
        Authority.objects.filter(jurisdiction=jurisdiction)
        .select_related("jurisdiction", "central")
        .order_by("-hosted_here", "code")
    )
