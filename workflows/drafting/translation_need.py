"""Which language the requested State takes a letter in: what its profile and its declarations say, with their sources.

It informs: what is not known stays so, and nobody is kept from sending.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mla.reference.models import Authority, Declaration, ProfileEntry
from mla.reference.profiles import Topic, languages_of
from workflows.drafting.languages import languages_named
from workflows.drafting.letterfile import LetterFile


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is known of the languages. `options`: each one language, or several that are needed together."""

    options: tuple[tuple[str, ...], ...]
    note: str
    instrument: str
    article: str
    source: str
    as_of: str
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class Need:
    """`state`: needed, met (the letter's own language is taken), or unknown. `offered`: the languages to translate into."""

    state: Literal["needed", "met", "unknown"]
    said: tuple[Said, ...]
    offered: tuple[str, ...]
    #: What the office addressed works in, where nothing is declared: a hint, not a rule.
    works_in: tuple[str, ...]


def translation_need(letter: LetterFile) -> Need:
    """Return what is known of the languages that the requested State takes this letter in. Three queries."""
    said = tuple(_said(letter))
    works_in = _worked_in(letter)
    own = _base(letter.language)
    unmet = [
        one for one in said if one.options and not any({_base(code) for code in way} == {own} for way in one.options)
    ]
    wanted = [code for one in unmet for way in one.options for code in way if _base(code) != own]
    if not any(one.options for one in said):
        hint = [code for code in works_in if _base(code) != own] if own not in map(_base, works_in) else []
        return Need("unknown", said, tuple(dict.fromkeys(hint)), works_in)
    return Need("needed" if unmet else "met", said, tuple(dict.fromkeys(wanted)), works_in)


def _said(letter: LetterFile) -> list[Said]:
    bases = [basis.instrument for basis in letter.bases]
    state = letter.requested.jurisdiction
    entries = ProfileEntry.objects.filter(jurisdiction__code=state, topic=Topic.LANGUAGE, removed=False)
    found = [
        Said(
            languages_of(one.value), one.note, one.instrument, "", one.source, one.as_of, one.to_be_confirmed
        )
        for one in entries.filter(instrument__in=["", *bases]).order_by("instrument", "pk")
    ]  # fmt: skip
    covered = {one.instrument for one in found}
    declared = Declaration.objects.filter(jurisdiction__code=state, kind="language", instrument__code__in=bases)
    for one in declared.select_related("instrument").order_by("instrument__code", "pk"):
        if one.instrument.code not in covered and "" not in covered:
            options = tuple((code,) for code in languages_named(one.content))
            found.append(
                Said(options, one.content, one.instrument.code, one.article, one.source, one.as_of, one.to_be_confirmed)
            )
    return found


def _worked_in(letter: LetterFile) -> tuple[str, ...]:
    office = Authority.objects.filter(code=letter.requested.authority or "").select_related("jurisdiction").first()
    return tuple(office.languages or office.jurisdiction.languages) if office else ()


def _base(code: str) -> str:
    return code.split("-")[0].lower()
