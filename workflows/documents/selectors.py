"""Reading documents."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from workflows.documents.kinds import kinds
from workflows.documents.models import Document
from workflows.documents.models_kinds import CaseDocument
from workflows.lifecycle.selectors import visible_incoming, visible_outgoing


def visible_documents(actor: Actor) -> QuerySet[Document]:
    """Return the documents of the requests out that the actor may see; a sealed annex by its own right alone."""
    found = Document.objects.filter(outgoing__in=visible_outgoing(actor))
    return found if holds(actor, "letter.read_sealed") else found.exclude(kind=Document.Kind.SEALED)


def access_document_by_id(actor: Actor, public_id: UUID | str) -> Document:
    """Return the document. Raises AccessDenied when absent or hidden."""
    return access(visible_documents(actor), actor=actor, kind="document", public_id=public_id)


def visible_case_documents(actor: Actor) -> QuerySet[CaseDocument]:
    """Return the documents beside the letter of the cases that the actor may see.

    Who carries a request out sees what was made for that, not what the two authorities wrote to each other.
    """
    found = CaseDocument.objects.filter(
        Q(outgoing__in=visible_outgoing(actor)) | Q(incoming__in=visible_incoming(actor))
    ).select_related("outgoing", "incoming")
    if actor.role == Role.EXECUTING_OFFICER:
        found = found.filter(kind__in=[kind.slug for kind in kinds().values() if kind.right == "case_document.redact"])
    return found


def access_case_document_by_id(actor: Actor, public_id: UUID | str) -> CaseDocument:
    """Return the document. Raises AccessDenied when absent or hidden."""
    return access(visible_case_documents(actor), actor=actor, kind="document", public_id=public_id)
