from datetime import timedelta

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "workflows.documents"
    label = "documents"

    def ready(self) -> None:
        from celery.signals import celeryd_init

        from mla.core.files import unfinished_drop
        from workflows.documents.findings import glyph_findings
        from workflows.documents.services import confirmation_render, document_parked, document_render
        from workflows.documents.services_kinds import case_document_parked, case_document_render
        from workflows.documents.services_preview import previews_drop
        from workflows.documents.services_translation import translated_letter_render
        from workflows.documents.with_translation import pairing_told
        from workflows.drafting.beside import register_pairing
        from workflows.drafting.findings import register_rule
        from workflows.engine.outbox import register
        from workflows.engine.sweeps import register_sweep

        register_rule(glyph_findings)
        register_pairing(pairing_told)
        register(
            "outgoing.approved",
            name="documents.render",
            run=document_render,
            queue="documents",
            parked=document_parked,
        )
        register(
            "outgoing.confirmed",
            name="documents.confirm",
            run=confirmation_render,
            queue="documents",
            parked=document_parked,
        )
        register_sweep("documents.previews", every=timedelta(minutes=5), run=previews_drop)
        register_sweep("documents.unfinished", every=timedelta(hours=6), run=unfinished_drop)
        register(
            "translation.certified",
            name="documents.translation",
            run=translated_letter_render,
            queue="documents",
        )
        register(
            "case_document.ordered",
            name="documents.beside",
            run=case_document_render,
            queue="documents",
            parked=case_document_parked,
        )
        celeryd_init.connect(_preload_in_a_documents_worker, weak=False)


def _preload_in_a_documents_worker(
    sender: object = None, instance: object = None, options: object = None, **_: object
) -> None:
    """Get ready once, before the pool forks; only in a worker that renders."""
    queues = (options or {}).get("queues") if isinstance(options, dict) else None
    if queues and "documents" not in str(queues):
        return
    from workflows.documents.preloading import preload_worker

    preload_worker()
