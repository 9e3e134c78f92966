"""The sealed annex of a letter: who its protected persons are, as a document of its own for the addressee alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from mla.core.canonical import canonical_bytes, content_hash
from mla.reference.models import Jurisdiction
from workflows.documents import wording
from workflows.documents.contexts import Cover, cover_context
from workflows.documents.formats import day, direction_of, grouped, listed, marks, paragraphs
from workflows.documents.glyphs import check_glyphs
from workflows.documents.isolation import set_apart
from workflows.documents.rendering import RenderedPdf, render_in_fork
from workflows.documents.wording import document_language, word, wording_language
from workflows.drafting.letterfile import LetterFile

_TEMPLATE = "documents/letter/sealed.html"


def sealed_html(letter: LetterFile, cover: Cover, content: Mapping[str, Any]) -> str:
    """Return the annex as HTML, in the language of the letter. `content`: as `freezing.sealed_content` gives it."""
    sha256 = content_hash(dict(content))
    states = states_named((person["particulars"] for person in content["persons"]), letter.language)
    with document_language(letter.language):
        marked = replace(cover, marking=_("SEALED: FOR THE ADDRESSEE ALONE"), content_hash=sha256)
        context = {
            "language": letter.language,
            "direction": direction_of(letter.language),
            "wording_direction": direction_of(wording_language()),
            "marks": marks(wording_language()),
            "cover": cover_context(marked, letter.language) | {"marking": marked.marking},
            "title": _("Sealed annex"),
            "sender": cover.sender[0] if cover.sender else "",
            "addressee": cover.addressee[0] if cover.addressee else "",
            "letter_hash": grouped(cover.content_hash),
            "sha256": grouped(sha256),
            "persons": [_person(person, letter.language, states) for person in content["persons"]],
        }
        page = render_to_string(_TEMPLATE, context)
    return set_apart(page, letter.language, [cover.own_reference])


def sealed_pdf(letter: LetterFile, cover: Cover, content: Mapping[str, Any], *, identifier: str) -> RenderedPdf:
    """Return the annex as PDF with what it says attached; the hash of that stands in the letter.

    Raises:
        RenderFailed: as `letters.letter_pdf`.
    """
    check_glyphs(dict(content))
    with document_language(letter.language):
        title = _("Sealed annex")
    return render_in_fork(
        sealed_html(letter, cover, content),
        canonical_json=canonical_bytes(dict(content)),
        title=title,
        language=letter.language,
        identifier=identifier,
        dated=letter.date,
    )


def states_named(particulars: Iterable[Mapping[str, Any]], language: str) -> dict[str, str]:
    """Return the names of the States whose nationality the persons have, by code."""
    codes = {code for one in particulars for code in one.get("nationality", ())}
    return {state.code: state.name(language) for state in Jurisdiction.objects.filter(code__in=codes)}


def particulars_told(particulars: Mapping[str, Any], language: str, states: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what is under seal of one person as label and lines, in the active language."""
    nationality = [states.get(code, code) for code in particulars.get("nationality", ())]
    born = particulars.get("born")
    told = (
        (_("Name"), particulars.get("name", "")),
        (_("Also known as"), listed(particulars.get("aliases", ()), language)),
        (_("Born"), day(dt.date.fromisoformat(born), language) if born else ""),
        (_("Place of birth"), particulars.get("birthplace", "")),
        (_("Nationality"), listed(nationality, language)),
        (_("Identity document"), particulars.get("document", "")),
        (_("Address"), particulars.get("address", "")),
        (_("Present whereabouts"), particulars.get("location", "")),
        (_("Description"), particulars.get("description", "")),
    )
    return [{"label": label, "lines": paragraphs(value)} for label, value in told if value]


def _person(person: Mapping[str, Any], language: str, states: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": person["id"],
        "pseudonym": person["pseudonym"],
        "role": word(wording.PERSON_ROLE, person["role"]),
        "particulars": particulars_told(person["particulars"], language, states),
    }
