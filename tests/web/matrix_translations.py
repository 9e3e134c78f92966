"""Translations for the matrix: of the person who is asked as translator, since for another one they are not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from tests.factories import Line, officer
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import GlossaryTerm, Translation
from workflows.drafting.services_translation import (
    annex_decide,
    term_add,
    translation_assign,
    translation_certify,
    translation_finish,
    unit_save,
)


def translator(line: Line) -> Actor:
    return officer(Role.TRANSLATOR, line.letter.requesting.authority or "", 9)


def translated(line: Line, version: LetterVersion, language: str) -> Translation:
    user = User.objects.get(pk=translator(line).user_id or 0)
    return translation_assign(version=version, language=language, translator=user, by=line.desk)


def certified(line: Line, version: LetterVersion, language: str) -> Translation:
    row, by = translated(line, version, language), translator(line)
    for unit in row.units.all():
        unit_save(translation=row, unit=unit, target=unit.source, done=True, seen=0, by=by)
    for annex in row.source.annexes.all():
        annex_decide(translation=row, key=annex.key, how="full", name="a.txt", content=b"Annexe", by=by)
    return translation_certify(translation=translation_finish(translation=row, by=by), by=by)


def term(line: Line) -> GlossaryTerm:
    return term_add(
        source_language="en", target_language="fr", term="seizure", translation="saisie", by=translator(line)
    )


def translation_pages(
    at: Callable[..., Any], open_one: Translation, done: Translation, key: str, preview: str
) -> dict[str, list[Any]]:
    """Return by route what the pages of a translation are asked for. `at` makes a thing of the table."""
    return {
        "web:translation": [at("asking", "translation", open_one)],
        "web:translation_text": [
            at("asking", "text of a translation", open_one, position=1),
            at("asking", "text that a translation does not have", open_one, position=99_999),
        ],
        "web:translation_annex": [at("asking", "annex of a translation", open_one, key=key)],
        "web:translated_annex": [at("asking", "translated annex", done, key=key)],
        "web:annex_source": [at("asking", "annex of a translation, its source", open_one, key=key)],
        "web:translation_xliff": [at("asking", "translation", open_one)],
        "web:translation_tmx": [at("asking", "translation", open_one)],
        "web:translation_bring_in": [at("asking", "translation", open_one)],
        "web:translation_pages": [
            at("asking", "translation", open_one),
            at("asking", "translation, certified", done),
        ],
        "web:translation_pages_make": [at("asking", "translation", open_one)],
        "web:translation_page_image": [
            at("asking", "page of a translation's preview", open_one, key=preview, page_number=1),
            at("asking", "page of another translation's preview", done, key=preview, page_number=1),
        ],
        "web:translation_document": [at("asking", "translation, certified", done)],
        "web:translation_certificate": [at("asking", "translation, certified", done)],
    }
