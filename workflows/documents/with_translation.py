"""The letter that leaves with its translation: both languages in one signed file.

A version whose translation was certified before the approval leaves with it; nobody has to choose. What is certified later
is a document of its own (`services_translation`), and the letter that was signed stays as it is.
"""

from __future__ import annotations

import logging

from mla.core.canonical import canonical_bytes
from workflows.documents.bilingual import LettersDiffer, Side, bilingual_pdf
from workflows.documents.rendering import RenderedPdf
from workflows.documents.services import letter_of, names_of
from workflows.documents.values import Cover
from workflows.drafting.models_translation import Translation

logger = logging.getLogger(__name__)


def both_languages(translation: Translation, cover: Cover, *, identifier: str) -> RenderedPdf | None:
    """Return a version and its certified translation side by side; None where their paragraphs do not match.

    Raises:
        RenderFailed: nothing was made; says why.
    """
    source, target = translation.source.frozen_content or {}, translation.certified_content or {}
    sides = [Side(letter_of(one), names_of(one), canonical_bytes(one)) for one in (source, target)]
    try:
        return bilingual_pdf(sides[0], sides[1], cover, identifier=identifier)
    except LettersDiffer as differ:
        logger.warning("translation %s is not printed beside its source: %s", translation.public_id, differ)
        return None
