"""Who the protected persons of a letter are: one page for the named roles, and each reading of it recorded."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from workflows.documents import wording
from workflows.documents.opening import sealed_reading
from workflows.documents.sealed import particulars_told, states_named
from workflows.documents.wording import word
from workflows.drafting.selectors import access_sealed
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.drafting.draft import draft_of


@require_safe
@page(open_to=WRITING)
def sealed(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Show what is under seal of each protected person of a letter; for nobody else it is not there."""
    draft = draft_of(request.actor, public_id)
    found = access_sealed(request.actor, draft.version)
    sealed_reading(version=draft.version, by=request.actor)
    language = get_language() or "en"
    states = states_named(found.values(), language)
    persons = {person["id"]: person for person in draft.content.get("persons", [])}
    context = {
        "draft": draft,
        "persons": [
            {
                "id": key,
                "pseudonym": persons[key].get("name", ""),
                "role": word(wording.PERSON_ROLE, persons[key].get("role", "")),
                "particulars": particulars_told(particulars, language, states),
                "address": draft.address_of(f"persons[{list(persons).index(key)}].name"),
            }
            for key, particulars in found.items()
        ],
    }
    return render(request, "web/letter/sealed.html", context)
