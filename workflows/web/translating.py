"""One text of a translation as its page shows it: its place in words, terms of the glossary, and what the target lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from workflows.documents.formats import paragraphs
from workflows.drafting.models_translation import GlossaryTerm, TranslationUnit
from workflows.drafting.place_words import path_words
from workflows.drafting.translation_checks import Kind, missing_in, terms_in

_KEYED = re.compile(r"^([a-z_]+)\[([A-Z]{1,3}[0-9]{1,4})\]")
_CHANGE = re.compile(r"^difference\.changes\[(\d+)\]")


class UnitForm(forms.Form):
    """What is saved of one text; its length and form are checked by the service, which names what is wrong."""

    target = forms.CharField(required=False, strip=False)
    seen = forms.IntegerField(required=False, min_value=0)


@dataclass(frozen=True, slots=True)
class UnitShown:
    """`target`: what stands in the field: what was typed, where that was refused, else what is kept."""

    unit: TranslationUnit
    place: str
    terms: list[GlossaryTerm]
    missing: list[tuple[str, str]]
    target: str
    errors: list[str]
    seen: int


def unit_shown(
    unit: TranslationUnit,
    terms: Sequence[GlossaryTerm],
    known: Mapping[str, Kind],
    letter: Mapping[str, Any],
    wrong: UnitForm | None = None,
) -> UnitShown:
    """Return one text for its page. `letter`: the frozen letter with its annexes, for the words of the place."""
    errors = [str(error) for found in wrong.errors.values() for error in found] if wrong else []
    typed = wrong.data.get("target", "") if wrong else unit.target
    words = {"number": _("number"), "time": _("time"), "reference": _("reference"), "identifier": _("identifier")}
    missing = [(words[one.kind], one.text) for one in missing_in(unit.source, unit.target, known)]
    ours, theirs = len(paragraphs(unit.source)), len(paragraphs(unit.target))
    if unit.target and ours != theirs:
        # Only paragraphs that match can stand side by side in one file.
        missing.append((_("paragraphs"), f"{ours} / {theirs}"))
    place = place_words(unit.path, letter)
    # After a refusal the next press is made in the knowledge of what stands there.
    return UnitShown(unit, place, terms_in(unit.source, terms), missing, typed, errors, unit.number)


def place_words(path: str, letter: Mapping[str, Any]) -> str:
    """Return the place of a text in words, such as “Offence O1, conduct”."""
    if change := _CHANGE.match(path):
        return _("Change %(number)s to the earlier letter") % {"number": int(change[1]) + 1}
    if keyed := _KEYED.match(path):
        entries = letter.get(keyed[1], [])
        index = next((n for n, one in enumerate(entries) if one.get("id") == keyed[2]), None)
        if index is not None:
            path = f"{keyed[1]}[{index}]{path[keyed.end() :]}"
    return path_words(path, letter)
