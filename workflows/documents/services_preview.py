"""The preview: a version as its PDF would be now, by the same path as the final document, marked as a draft.

Rendered by a worker for documents, in a fork with bounds. Losing one matters to nobody: it is asked for again, so it
is no effect and has no job.
"""

from __future__ import annotations

import hashlib
import io
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from mla.core import clock
from mla.core.canonical import canonical_bytes
from workflows.documents.limits import RenderFailed
from workflows.documents.models_preview import Preview
from workflows.documents.preview import cover_now, letter_names, page_of
from workflows.documents.services import letter_of
from workflows.documents.values import Cover
from workflows.drafting.freezing import content_now, letter_template_version
from workflows.drafting.models import LetterVersion
from workflows.lifecycle.models import OutgoingRequest

logger = logging.getLogger(__name__)

#: How long pages are kept after they were asked for, and after which time somebody else may begin anew.
KEPT: Final = timedelta(minutes=15)
_LOST: Final = timedelta(seconds=100)
#: The most that wait or are kept at a time; the oldest go first.
MOST: Final = 200


def preview_of(outgoing: OutgoingRequest, version: LetterVersion) -> Preview | None:
    """Return the preview of the present content without its file, asked for, made or failed; None where there is none.

    For whoever may read the version. Raises as `preview.letter_page`.
    """
    key = _source(outgoing, version)[0]
    return _present().filter(key=key, version=version).defer("pdf").first()


def preview_ask(*, outgoing: OutgoingRequest, version: LetterVersion) -> bool:
    """Ask a worker for the preview of the present content; tell whether one could be told.

    Nothing is asked where it is made or being made. For whoever may read the version. Raises as `preview.letter_page`.
    """
    key, now = _source(outgoing, version)[0], clock.now()
    previews_drop()
    with transaction.atomic():
        row, new = Preview.objects.defer("pdf").get_or_create(key=key, defaults={"version": version, "asked_at": now})
        lost = (row.begun_at or row.asked_at) < now - _LOST
        again = bool(row.failure) or (row.made_at is None and lost)
        if again:
            Preview.objects.filter(pk=row.pk).update(asked_at=now, begun_at=None, made_at=None, failure="")
    return _hint(key) if new or again else True


def preview_make(key: str) -> None:
    """Make a preview that was asked for. Called by a worker, in its main thread; twice does no harm."""
    now = clock.now()
    claimed = Preview.objects.filter(
        Q(begun_at=None) | Q(begun_at__lt=now - _LOST), key=key, made_at=None
    ).update(begun_at=now)  # fmt: skip
    row = Preview.objects.defer("pdf").select_related("version__letter__outgoing").filter(key=key).first()
    if not claimed or row is None:
        return
    try:
        made = _made(row.version.letter.outgoing, row.version, key)
    except RenderFailed as failure:
        made = {"failure": str(failure)[:500]}
    except Exception as error:
        # Its words may hold text of the case.
        logger.warning("preview failed: %s", type(error).__name__)
        made = {"failure": type(error).__name__}
    if made is None:
        Preview.objects.filter(key=key).delete()
        return
    Preview.objects.filter(key=key).update(made_at=clock.now(), **made)


def preview_page(version: LetterVersion, key: str, number: int) -> bytes | None:
    """Return a page (from 1) of a preview of this version as PNG; None where there is none (any more).

    For whoever may read the version.
    """
    from workflows.documents.page_images import page_png

    row = _present().filter(version=version, key=key, made_at__isnull=False, failure="").first()
    if row is None or row.pdf is None or not 1 <= number <= row.pages:
        return None
    return page_png(bytes(row.pdf), number - 1)


def previews_drop() -> None:
    """Throw away what is old or too much. Called by whoever asks for one, and by a sweep."""
    Preview.objects.filter(asked_at__lt=clock.now() - KEPT).delete()
    over = list(Preview.objects.order_by("-id").values_list("pk", flat=True)[MOST : 2 * MOST])
    if over:
        Preview.objects.filter(pk__in=over).delete()


def _present() -> Any:
    return Preview.objects.filter(asked_at__gte=clock.now() - KEPT)


def _source(outgoing: OutgoingRequest, version: LetterVersion) -> tuple[str, dict[str, Any], Cover]:
    """Return the hash of all that a preview is made from, the content, and the cover."""
    content = content_now(version)
    cover = replace(cover_now(outgoing, version, content), draft=True)
    digest = hashlib.sha256()
    for part in (str(version.pk), letter_template_version(content["letter"]["language"]), page_of(content, cover)):
        digest.update(part.encode() + b"\0")
    digest.update(canonical_bytes(content))
    return digest.hexdigest(), content, cover


def _made(outgoing: OutgoingRequest, version: LetterVersion, key: str) -> dict[str, Any] | None:
    from workflows.documents.letters import letter_pdf

    present, content, cover = _source(outgoing, version)
    if present != key:
        # The draft was written on meanwhile: who asks again gets the new one.
        return None
    rendered = letter_pdf(
        letter_of(content), cover, letter_names(content), canonical_json=canonical_bytes(content),
        identifier=f"urn:sha256:{key}",
    )  # fmt: skip
    return {"pdf": rendered.pdf, "pages": rendered.pages, "places": places_of(rendered.pdf), "failure": ""}


def places_of(pdf: bytes) -> dict[str, int]:
    """Return the page (from 1) on which each numbered paragraph of a letter's PDF begins, by its number. Pure."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages: dict[Any, int] = {page.objgen: number for number, page in enumerate(document.pages, 1)}
        root: Any = document.Root
        names = list(root.Names.Dests.Names) if "/Names" in root and "/Dests" in root.Names else []
        found = {}
        for name, target in zip(names[::2], names[1::2], strict=True):
            if str(name)[:1] == "p" and str(name)[1:].isdigit():
                found[str(name)[1:]] = pages.get(target[0].objgen, 1)
    return found


def _hint(key: str) -> bool:
    """Wake a worker; tell whether the broker took it."""
    from workflows.documents.tasks import make_preview

    try:
        make_preview.apply_async((key,), queue="documents", retry=False, expires=KEPT.total_seconds())
    except Exception as error:
        logger.info("no worker told of a preview: %s", type(error).__name__)
        Preview.objects.filter(key=key, begun_at=None, made_at=None).delete()
        return False
    return True
