"""Certificate of translation: who translated what, from which hash into which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from workflows.documents.formats import language_name
from workflows.documents.kinds import WHOLE, About, Field, Kind
from workflows.documents.kinds._case import day_here
from workflows.drafting.models_translation import Translation


@dataclass(frozen=True, slots=True)
class TranslationCertificate:
    """`source_sha256` is of the approved content of the letter; `translation_sha256` of the content of a translation that
    was made here, of the file of one that was not. Languages by BCP 47."""

    translator: str
    source_language: str
    source_sha256: str
    translation_language: str
    translation_sha256: str
    qualification: str = ""
    translated_on: dt.date | None = None


def about(case: Any) -> list[About]:
    """Return each translation of the approved version that was made and certified here, and any other one."""
    if not case.approved_version_id:
        return []
    made = _made(case).select_related("translator")
    return [
        *(
            About(str(one.public_id), f"{language_name(one.language, get_language() or 'en')}, {one.translator}")
            for one in made
        ),
        About(WHOLE),
    ]


def known(case: Any, about: str) -> Mapping[str, str]:
    one = _one(case, about)
    if one is None:
        return {}
    return {"translator": str(one.translator), "language": one.language, "sha256": one.content_hash}


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> TranslationCertificate:
    one = _one(case, about)
    return TranslationCertificate(
        translator=said["translator"],
        qualification=said["qualification"],
        source_language=case.approved_version.content["language"],
        source_sha256=case.approved_hash,
        translation_language=said["language"],
        translation_sha256=said["sha256"],
        translated_on=day_here(case, one.certified_at) if one is not None and one.certified_at else None,
    )


def _made(case: Any) -> QuerySet[Translation]:
    return Translation.objects.filter(source=case.approved_version_id, status=Translation.Status.CERTIFIED).order_by(
        "certified_at", "pk"
    )


def _one(case: Any, about: str) -> Translation | None:
    return None if about == WHOLE else _made(case).select_related("translator").filter(public_id=about).first()


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
    known=known,
)
