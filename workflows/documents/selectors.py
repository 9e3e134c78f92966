"""Reading documents."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.documents.models import Document
from workflows.lifecycle.selectors import visible_outgoing


def visible_documents(actor: Actor) -> QuerySet[Document]:
    """Return the documents of the requests out that the actor may see; a sealed annex by its own right alone."""
    found = Document.objects.filter(outgoing__in=visible_outgoing(actor))
    return found if holds(actor, "letter.read_sealed") else found.exclude(kind=Document.Kind.SEALED)


def access_document_by_id(actor: Actor, public_id: UUID | str) -> Document:
    """Return the document. Raises AccessDenied when absent or hidden."""
    return access(visible_documents(actor), actor=actor, kind="document", public_id=public_id)
