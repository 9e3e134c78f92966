"""Certificate of translation: who translated what, from which hash into which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.documents.kinds import WHOLE, About, Field, Kind


@dataclass(frozen=True, slots=True)
class TranslationCertificate:
    """`source_sha256` is of the approved content of the letter, `translation_sha256` of the file of the translation.
    Languages by BCP 47."""

    translator: str
    source_language: str
    source_sha256: str
    translation_language: str
    translation_sha256: str
    qualification: str = ""
    translated_on: dt.date | None = None


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.approved_version_id else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> TranslationCertificate:
    return TranslationCertificate(
        translator=said["translator"],
        qualification=said["qualification"],
        source_language=case.approved_version.content["language"],
        source_sha256=case.approved_hash,
        translation_language=said["language"],
        translation_sha256=said["sha256"],
    )


KIND = Kind(
    "translation-certificate",
    _("Certificate of translation"),
    "outgoing",
    about,
    kind_context,
    fields=(
        Field("translator", _("Translated by:"), "line", required=True),
        Field("qualification", _("Qualification:"), "line"),
        Field("language", _("Language of the translation:"), "language", required=True),
        Field("sha256", _("SHA-256 of the translation:"), "sha256", required=True),
    ),
)
