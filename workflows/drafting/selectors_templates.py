"""Reading the templates of an authority: its own officers who work on letters see them, for others they are not there."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from mla.accounts.access import access
from mla.accounts.actors import Actor
from workflows.drafting.models_reuse import LetterTemplate, LetterTemplateVersion

PAGE = 50
#: Templates offered on the page of a new letter; the list has all.
MOST_OFFERED = 20


def visible_templates(actor: Actor) -> QuerySet[LetterTemplate]:
    """Return the templates of the actor's authority, by name."""
    if actor.kind == "peer" or actor.authority_id is None:
        return LetterTemplate.objects.none()
    return LetterTemplate.objects.filter(authority=actor.authority_id).order_by("name", "id")


def access_template_by_id(actor: Actor, public_id: UUID | str) -> LetterTemplate:
    """Return the template. Raises AccessDenied when absent or of another authority."""
    found = visible_templates(actor).select_related("authority", "saved_by", "withdrawn_by")
    return access(found, actor=actor, kind="template", public_id=public_id)


def templates_found(actor: Actor, *, show: str = "") -> QuerySet[LetterTemplate]:
    """Return the templates in use, or with `show` "withdrawn" those."""
    status = LetterTemplate.Status.WITHDRAWN if show == "withdrawn" else LetterTemplate.Status.IN_USE
    return visible_templates(actor).filter(status=status).select_related("saved_by")


def templates_page(rows: QuerySet[LetterTemplate], after: int | None = None) -> tuple[list[LetterTemplate], int | None]:
    """Return a page of `templates_found` that begins after a row, and the row after which the next begins."""
    if after is not None and (last := rows.filter(pk=after).first()) is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, id__gt=last.pk))
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def templates_offered(actor: Actor) -> list[LetterTemplate]:
    """Return the templates that the page of a new letter offers. One query."""
    return list(templates_found(actor)[:MOST_OFFERED])


def template_history(template: LetterTemplate) -> list[LetterTemplateVersion]:
    """Return what a template was, the latest first. One query."""
    return list(template.history.select_related("by")[:PAGE])
