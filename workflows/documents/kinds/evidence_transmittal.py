"""Transmittal of evidence: its manifest, by which the requesting State checks every file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Kind
from workflows.documents.kinds._case import Listed, evidence_of


@dataclass(frozen=True, slots=True)
class EvidenceTransmittal:
    files: tuple[Listed, ...]


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.evidence_set.exists() else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> EvidenceTransmittal:
    return EvidenceTransmittal(evidence_of(case))


KIND = Kind("evidence-transmittal", _("Transmittal of evidence"), "incoming", about, kind_context)
