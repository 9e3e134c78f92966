"""The PDF of a certified translation: made by a job, unsigned, kept by its hash. Both contents and hashes are bound into it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mla.core.canonical import canonical_bytes
from mla.core.files import file_store
from workflows.documents.making import rendered_once
from workflows.documents.services import cover_of, letter_of, names_of, office_lines
from workflows.documents.values import Cover
from workflows.drafting.freezing import frozen_hash
from workflows.drafting.models_translation import Translation
from workflows.drafting.translation_content import translated_hash
from workflows.engine.errors import PermanentFailure
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import perform
from workflows.lifecycle.models import OutgoingRequest

if TYPE_CHECKING:
    from workflows.documents.rendering import RenderedPdf


def translated_letter_render(job: Job) -> Finish | None:
    """Handler of "translation.certified": make the letter with its translation, and put its hash into the translation."""
    translation = Translation.objects.select_related("source__letter", "authority").get(pk=job.object_id)
    content, source = translation.certified_content, translation.source
    if translation.document_sha256 or content is None:
        return None
    if translated_hash(content) != translation.content_hash:
        raise PermanentFailure("the certified translation is damaged: its content has another hash")
    if source.frozen_content is None or frozen_hash(source.frozen_content) != source.content_hash:
        raise PermanentFailure("the version it was made from is damaged: its content has another hash")
    rendered = rendered_once(lambda: _rendered(translation))
    stored = file_store(rendered.pdf)

    def finish() -> None:
        perform(translation, "keep_document", by=job.actor, sha256=stored.sha256, size=stored.size)

    return finish


def _rendered(translation: Translation) -> RenderedPdf:
    """Return both languages side by side; where their paragraphs do not match, the translated letter by itself."""
    # PDF libraries take a second to import: workers preload them, other commands do without.
    from workflows.documents.letters import letter_pdf
    from workflows.documents.with_translation import both_languages

    cover, identifier = _cover(translation), f"urn:uuid:{translation.public_id}"
    made = both_languages(translation, cover, identifier=identifier)
    if made is not None:
        return made
    # Its content names the hash of the source, so both are in the file all the same.
    content = translation.certified_content or {}
    alone = replace(cover, content_hash=translation.content_hash)
    return letter_pdf(
        letter_of(content), alone, names_of(content), canonical_json=canonical_bytes(content), identifier=identifier
    )


def _cover(translation: Translation) -> Cover:
    """Return the cover of the original; no signature field: the signature stands on the letter it translates."""
    outgoing = (
        OutgoingRequest.objects.select_related("letter", "central__jurisdiction", "addressee", "approved_by")
        .filter(letter=translation.source.letter_id)
        .first()
    )
    version = translation.source
    if outgoing is None:
        lines = office_lines(translation.authority)
        cover = Cover("", lines, (), content_hash=version.content_hash, version_number=version.number)
    else:
        cover = cover_of(outgoing, version)
    return replace(cover, by_certificate=False)
