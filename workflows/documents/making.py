"""What the jobs of all documents share: from a row that is due, over its PDF, to the state that says what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from mla.accounts.actors import Actor
from mla.core.files import StorageFailed, StoredFile, file_store
from workflows.documents.limits import RenderFailed
from workflows.documents.models_made import Made, Signing
from workflows.documents.services_signing import Lacking
from workflows.engine.acts import one_act
from workflows.engine.errors import PermanentFailure
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import perform

if TYPE_CHECKING:
    from workflows.documents.rendering import RenderedPdf

M = TypeVar("M", bound=Made)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class MadePdf:
    """A document, its PDF as it was rendered, and where that is kept."""

    document: Made
    rendered: RenderedPdf
    stored: StoredFile


def made_pdf(document: Made, render: Callable[[], RenderedPdf]) -> MadePdf:
    """Render a document and keep its bytes. Raises as `rendered_once`."""
    rendered = rendered_once(render)
    return MadePdf(document, rendered, file_store(rendered.pdf))


def rendered_once(render: Callable[[], R]) -> R:
    """Return what `render` returned.

    Raises:
        PermanentFailure: no repetition would render it.
        RenderFailed: another attempt may.
    """
    try:
        return render()
    except RenderFailed as failure:
        if failure.final:
            raise PermanentFailure(str(failure)) from failure
        raise


@contextmanager
def told_at_the_case(job: Job, show: Callable[[Job, str], None]) -> Iterator[None]:
    """Have what stopped an attempt shown at the document while the job waits for the next: a font, a full disk, a crash."""
    try:
        yield
    except (RenderFailed, StorageFailed) as error:
        by_the_system = getattr(error.__cause__, "strerror", "")
        with one_act():
            # Whoever has the job now says what becomes of the document.
            if OutboxJob.objects.select_for_update().filter(pk=job.id, status="leased", attempts=job.attempt).exists():
                show(job, f"{error} ({by_the_system})" if by_the_system else str(error))
        raise


def document_started(document: M, by: Actor) -> M:
    """Return a row as being made; one whose attempt died is so already. The caller holds the lock of its case."""
    if document.status in {Made.Status.QUEUED, Made.Status.FAILED}:
        return perform(document, "start", by=by)
    return document


def document_kept(made: MadePdf, signing: Signing | Lacking | None, by: Actor) -> None:
    """Write at the document's own row that it is ready, or what it waits for."""
    told: dict[str, Any] = {"pages": made.rendered.pages, "unsigned_sha256": made.stored.sha256}
    if isinstance(signing, Lacking):
        perform(made.document, "await_signature", by=by, awaits=signing.awaits, signed=signing.signing, **told)
        return
    kept = signing or made.stored
    perform(made.document, "finish", by=by, sha256=kept.sha256, size=kept.size, signed=signing, **told)


def finishing(signing: Signing | Lacking | None, write: Finish) -> Finish:
    """Return what writes a document into its case when its job ends; of one whose signing is tried again, fail the job.

    Raises:
        whatever the signature lacks that may be had later.
    """
    if isinstance(signing, Lacking) and signing.error is not None:
        # What is lacking is written first: the job's failure would undo it.
        with one_act():
            write()
        raise signing.error
    return write


def document_given_up(document: Made, why: str, by: Actor) -> None:
    """The job gave up: show it, unless the document waits for its signature and says so."""
    if document.status in {Made.Status.QUEUED, Made.Status.RENDERING}:
        with one_act():
            perform(document, "fail", by=by, failure=why)
