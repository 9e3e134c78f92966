"""The Celery task of previews: it takes a key and makes one call. Effects go through the outbox (workflows.engine)."""

from __future__ import annotations

from mla.celery import app


@app.task(name="documents.make_preview", ignore_result=True)
def make_preview(key: str) -> None:
    """Make a preview, if it is still wanted. The message is a hint: it may come twice, late, or never."""
    from workflows.documents.services_preview import preview_make

    preview_make(key)
