"""The preview: a version as its PDF would be now, by the same path as the final document, marked as a draft.

Rendered by a worker for documents, in a fork with bounds. Losing one matters to nobody: it is asked for again, so it
is no effect and has no job.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from workflows.drafting.models_translation import Translation
from workflows.drafting.translation_content import content_so_far
from workflows.lifecycle.models import OutgoingRequest

logger = logging.getLogger(__name__)

#: How long pages are kept after they were asked for, and after which time somebody else may begin anew.
KEPT: Final = timedelta(minutes=15)
_LOST: Final = timedelta(seconds=100)
#: The most that wait or are kept at a time; the oldest go first.
MOST: Final = 200


def preview_of(
    outgoing: OutgoingRequest, version: LetterVersion, translation: Translation | None = None
) -> Preview | None:
    """Return the preview of the present content without its file, asked for, made or failed; None where there is none.

    `translation`: the letter beside it, as far as it is translated. For whoever may read version and translation.
    Raises as `preview.letter_page`, and LetterFileWrong where a text of the translation does not fit its place.
    """
    key = _source(outgoing, version, translation).key
    return _present().filter(key=key, version=version).defer("pdf").first()


def preview_ask(*, outgoing: OutgoingRequest, version: LetterVersion, translation: Translation | None = None) -> bool:
    """Ask a worker for the preview of the present content; tell whether one could be told.

    Nothing is asked where it is made or being made. For whoever may read them. Raises as `preview_of`.
    """
    key, now = _source(outgoing, version, translation).key, clock.now()
    previews_drop()
    with transaction.atomic():
        row, new = Preview.objects.defer("pdf").get_or_create(
            key=key, defaults={"version": version, "translation": translation, "asked_at": now}
        )
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
    kept = Preview.objects.defer("pdf").select_related("version__letter__outgoing", "translation__source")
    row = kept.filter(key=key).first()
    if not claimed or row is None:
        return
    try:
        made = _made(row)
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


def preview_page(
    version: LetterVersion, key: str, number: int, *, beside: Iterable[Translation | None] = (None,)
) -> bytes | None:
    """Return a page (from 1) of a preview of this version as PNG; None where there is none (any more).

    `beside`: the translations that the caller may see it beside, None for the letter alone; pages of others are not there.
    For whoever may read the version, or the translation that is named.
    """
    from workflows.documents.page_images import page_png

    row = _present().filter(version=version, key=key, made_at__isnull=False, failure="").first()
    if row is None or row.pdf is None or not 1 <= number <= row.pages:
        return None
    if row.translation_id not in {one and one.pk for one in beside}:
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


@dataclass(frozen=True, slots=True)
class _Source:
    """What a preview is made from, and the hash of all of it. `target`: of the translation beside, None without one."""

    key: str
    content: dict[str, Any]
    cover: Cover
    target: dict[str, Any] | None


def _source(outgoing: OutgoingRequest, version: LetterVersion, translation: Translation | None) -> _Source:
    content = content_now(version)
    cover = replace(cover_now(outgoing, version, content), draft=True)
    target = content_so_far(translation) if translation is not None else None
    digest = hashlib.sha256(f"{version.pk}\0{translation.pk if translation else ''}\0".encode())
    for one in (content, target):
        if one is not None:
            for part in (letter_template_version(one["letter"]["language"]), page_of(one, cover)):
                digest.update(part.encode() + b"\0")
            digest.update(canonical_bytes(one))
    return _Source(digest.hexdigest(), content, cover, target)


def _made(row: Preview) -> dict[str, Any] | None:
    from workflows.documents.letters import letter_pdf
    from workflows.documents.with_translation import contents_beside

    source = _source(row.version.letter.outgoing, row.version, row.translation)
    if source.key != row.key:
        # It was written on meanwhile: who asks again gets the new one.
        return None
    content, identifier = source.content, f"urn:sha256:{row.key}"
    if source.target is not None:
        rendered = contents_beside(content, source.target, source.cover, identifier=identifier)
    else:
        rendered = letter_pdf(
            letter_of(content), source.cover, letter_names(content), canonical_json=canonical_bytes(content),
            identifier=identifier,
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
