"""The PDF of a certified translation: made by a job, unsigned, kept by its hash. Both contents and hashes are bound into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from mla.core.files import file_store
from workflows.documents.making import rendered_once
from workflows.documents.services import cover_of, office_lines
from workflows.documents.values import Cover
from workflows.drafting.freezing import frozen_hash
from workflows.drafting.models_translation import Translation
from workflows.drafting.translation_content import translated_hash
from workflows.engine.errors import PermanentFailure
from workflows.engine.models import OutboxJob
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


def translation_faults(rows: Iterable[Translation]) -> dict[int, str]:
    """Return why the document of a certified translation was given up, in English, by the row. At most one query.

    For whoever sees the rows.
    """
    waiting = [row.pk for row in rows if row.status == Translation.Status.CERTIFIED and not row.document_sha256]
    if not waiting:
        return {}
    jobs = OutboxJob.objects.filter(
        event="translation.certified", object_type=Translation.KIND, object_id__in=waiting, status="parked"
    )
    return {pk: said.removeprefix("PermanentFailure: ") for pk, said in jobs.values_list("object_id", "last_error")}


def _rendered(translation: Translation) -> RenderedPdf:
    # PDF libraries take a second to import: workers preload them, other commands do without.
    from workflows.documents.with_translation import both_languages

    return both_languages(translation, _cover(translation), identifier=f"urn:uuid:{translation.public_id}")


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
