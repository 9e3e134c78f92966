"""What the letter's templates print, already formatted: a pure function of the letter, its cover and the names.

No database, no clock, no setting: the same three values give the same page on every machine. Resolve
it inside `wording.document_language(letter.language)`, because the words are those of the document.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mla.reference.rules import UNASKED
from workflows.documents import wording
from workflows.documents.context_assurances import assurance_context, confidentiality_articles, taken_up
from workflows.documents.context_dates import key_dates, needed
from workflows.documents.context_items import item_contexts
from workflows.documents.difference import difference_context
from workflows.documents.formats import (
    day,
    direction_of,
    grouped,
    language_name,
    listed,
    locale_of,
    marks,
    number,
    offset,
    paragraphs,
)
from workflows.documents.qr import check_code
from workflows.documents.values import (
    RECIPROCITY,
    AnnexFile,
    Cover,
    InstrumentName,
    MeasureName,
    Names,
    QuestionName,
    cite,
)
from workflows.documents.wording import word
from workflows.drafting.letterfile import Basis, Contact, LetterFile, Offence, Person

__all__ = ["RECIPROCITY", "AnnexFile", "Cover", "InstrumentName", "MeasureName", "Names", "QuestionName",
           "default_marking", "letter_annexes", "letter_context"]  # fmt: skip


_HAN = {"JP": "ja", "KR": "ko", "KP": "ko", "TW": "zh-hant", "HK": "zh-hant", "MO": "zh-hant"}
#: Characters of a text of the law, of which about half a page is filled: its row may break.
_LONG_LAW = 1_200


def letter_context(letter: LetterFile, cover: Cover, names: Names) -> dict[str, Any]:
    """Return all that documents/letter/letter.html needs.

    Dates are written in full in the letter's language, instants with their UTC offset, references to
    persons, offences and identifiers by their short keys, which both sides can cite.
    """
    own, letter = letter, worded(letter)
    language, printed = letter.language, taken_up(letter)
    marking = cover.marking or default_marking(letter)
    bases = {basis.id: _basis(basis, letter, names) for basis in letter.bases}
    items = item_contexts(letter, names)
    return {
        "language": own.language,
        "direction": direction_of(own.language),
        "wording_direction": direction_of(wording.wording_language()),
        "han": han_of(letter.requesting.jurisdiction, letter.requested.jurisdiction),
        "wording_language": wording.wording_language(),
        "marks": marks(wording.wording_language()),
        "cover": cover_context(cover, language)
        | {"marking": marking, "check": check_context(cover.check_url, cover.content_hash, marking)},
        "title": letter.title,
        "operation": letter.operation,
        "date": day(letter.date, language),
        "requesting": names.jurisdiction(letter.requesting.jurisdiction),
        "requested": names.jurisdiction(letter.requested.jurisdiction),
        "sender": cover.sender[0] if cover.sender else names.authority(letter.requesting.authority),
        "addressee": cover.addressee[0] if cover.addressee else names.authority(letter.requested.authority),
        "originating": names.authority(letter.requesting.originating),
        "urgency": {
            "level": letter.urgency.level,
            "date": day(letter.urgency.date, language),
            "reason": paragraphs(letter.urgency.reason),
        }
        | needed(letter),
        "key_dates": key_dates(letter),
        "bases": {
            role: [bases[basis.id] for basis in letter.bases if basis.role == role and basis.instrument != RECIPROCITY]
            for role in ("primary", "subsidiary")
        }
        | {"reciprocity": [bases[basis.id] for basis in letter.bases if basis.instrument == RECIPROCITY]},
        "proceedings": _proceedings(letter),
        "facts": [
            {
                "path": f"facts[{index}].text",
                "date": day(fact.date, language),
                "paragraphs": paragraphs(fact.text),
                "source": fact.source,
            }
            for index, fact in enumerate(letter.facts)
        ],
        "offences": [_offence(offence, index, language) for index, offence in enumerate(letter.offences)],
        "persons": [_person(person, index, names, language) for index, person in enumerate(letter.persons)],
        "items": items,
        "unasked": bool(letter.items) and all(item.measure in UNASKED for item in letter.items),
        "related": [
            {
                "kind": word(wording.RELATED, entry.kind),
                "reference": entry.reference,
                "date": day(entry.date, language),
                "authority": entry.authority,
                "note": entry.note,
            }
            for entry in letter.related
        ],
        "statements": {name: [] if name in printed else paragraphs(text) for name, text in letter.statements},
        "assurances": assurance_context(letter),
        "confidentiality": {
            "level": letter.confidentiality.level,
            "word": word(wording.LEVEL, letter.confidentiality.level),
            "articles": confidentiality_articles(letter, names),
            "reason": paragraphs(letter.confidentiality.reason),
            "user_notification": paragraphs(letter.confidentiality.user_notification),
        },
        "time_limits": [item for item in items if item["time_limit"]],
        "contacts": [_contact(contact, letter.date, language) for contact in letter.contacts],
        "annexes": letter_annexes(letter, names),
        "difference": _difference(letter, names),
    }


def worded(letter: LetterFile) -> LetterFile:
    """Return the letter with the language of its fixed sentences, where that is another: dates and lists stand in them."""
    said = wording.wording_language()
    if locale_of(said).language == locale_of(letter.language).language:
        return letter
    return letter.model_copy(update={"language": said})


def _difference(letter: LetterFile, names: Names) -> dict[str, Any] | None:
    if not names.difference:
        return None
    return difference_context(names.difference, letter.content(), names, letter.language)


def default_marking(letter: LetterFile) -> str:
    """Return the letter's own marking, else that of its level in the active language; may be empty."""
    return letter.confidentiality.marking or str(wording.MARKING[letter.confidentiality.level])


def han_of(*states: str) -> str:
    """Return whose form of Han characters is printed: one code point has several, by the State that writes it."""
    return next((_HAN[state] for state in states if state in _HAN), "zh")


def cover_context(cover: Cover, language: str) -> dict[str, Any]:
    """Return what a document has beside its content, without its marking."""
    return {
        "own_reference": cover.own_reference,
        "peer_reference": cover.peer_reference,
        "sender": {"name": cover.sender[0] if cover.sender else "", "lines": list(cover.sender[1:])},
        "addressee": {"name": cover.addressee[0] if cover.addressee else "", "lines": list(cover.addressee[1:])},
        "place": cover.place,
        "signed_on": day(cover.signed_on, language),
        "signatory": [line for line in cover.signatory.split("\n") if line.strip()],
        "hash": cover.content_hash,
        "hash_groups": grouped(cover.content_hash),
        "hash_short": grouped(cover.content_hash[:16], 4),
        "version": number(cover.version_number, language),
        "provisional": cover.provisional,
        "provisional_reason": paragraphs(cover.provisional_reason),
        "confirms_on": day(cover.confirms_on, language),
        "confirms_hash": grouped(cover.confirms_sha256),
        "by_certificate": cover.by_certificate,
        "draft": cover.draft,
    }


def check_context(url: str, sha256: str, marking: Any) -> dict[str, Any]:
    """Return where anybody can check a document; nowhere for a confidential one, whose copies should lead to nothing."""
    if not url or not sha256 or marking:
        return {}
    return {"url": url, "code": check_code(url, sha256)}


def _basis(basis: Basis, letter: LetterFile, names: Names) -> dict[str, Any]:
    index = letter.bases.index(basis)
    used_by = [item.id for item in letter.items if basis.id in item.bases]
    instrument = names.instrument(basis.instrument)
    return {
        "id": basis.id,
        "path": f"bases[{index}]",
        "short": instrument.short,
        "full": instrument.full or instrument.short,
        "named": bool(instrument.full and instrument.full != instrument.short),
        "articles": cite("", basis.articles, letter.language).lstrip(" ,\u060c\uff0c") if basis.articles else "",
        "article_list": listed(basis.articles, letter.language),
        "agreed_instead": bool(basis.agreed_instead),
        "note": paragraphs(basis.note),
        "measures": listed(used_by, letter.language),
        "measure_count": len(used_by),
        "all_measures": len(used_by) == len(letter.items),
    }


def _proceedings(letter: LetterFile) -> dict[str, Any]:
    proceedings = letter.proceedings
    return {
        "nature": word(wording.NATURE, proceedings.nature),
        "subject": paragraphs(proceedings.subject),
        "stage": paragraphs(proceedings.stage),
        "reference": proceedings.reference,
        "conducting_authority": proceedings.conducting_authority,
        "functions": paragraphs(proceedings.functions),
        "powers": paragraphs(proceedings.powers),
    }


def _offence(offence: Offence, index: int, language: str) -> dict[str, Any]:
    circumstances = (
        (offence.organized_group, _("The offence is believed to involve an organized criminal group.")),
        (offence.benefit_sought, _("A financial or other material benefit was sought.")),
        (offence.transnational, _("The offence is transnational in nature.")),
    )
    return {
        "id": offence.id,
        "path": f"offences[{index}]",
        "title": offence.title,
        "category": word(wording.CATEGORY, offence.category),
        "provision": offence.provision,
        "law_text": paragraphs(offence.law_text),
        "long": len(offence.law_text) > _LONG_LAW,
        "maximum_penalty": offence.maximum_penalty,
        "conduct": paragraphs(offence.conduct),
        "when": _span(offence.committed_from, offence.committed_to, language),
        "place": offence.place,
        "circumstances": [sentence for holds, sentence in circumstances if holds],
        "elements": [line for row in offence.elements if (line := _element(row.element, row.fact))],
    }


def _element(element: str, fact: str) -> str:
    """Return one element of the conduct with the fact that shows it, as one line. The other State's law is left to it."""
    said, shown = (" ".join(text.split()) for text in (element, fact))
    if not (said and shown):
        return said or shown
    return _("%(element)s: %(fact)s") % {"element": said.rstrip(".:\u3002\uff1a"), "fact": shown}


def _span(first: dt.date | None, last: dt.date | None, language: str) -> str:
    if first and last and first != last:
        return _("%(first)s to %(last)s") % {"first": day(first, language), "last": day(last, language)}
    return day(first or last, language)


def _person(person: Person, index: int, names: Names, language: str) -> dict[str, Any]:
    """Return one person. What is known of a protected person goes in the sealed annex, never on this page."""
    particulars: list[tuple[str, str]] = []
    if not person.protected:
        particulars = [
            (_("Also known as"), listed(person.aliases, language)),
            (_("Born"), _birth(person, language)),
            (_("Nationality"), listed([names.jurisdiction(code) for code in person.nationality], language)),
            (_("Identity document"), person.document),
            (_("Address"), person.address),
            (_("Present whereabouts"), person.location),
        ]
    return {
        "id": person.id,
        "path": f"persons[{index}]",
        "name": (person.pseudonym or person.name) if person.protected else person.name,
        "role": word(wording.PERSON_ROLE, person.role),
        "kind": "" if person.kind == "natural" else word(wording.PERSON_KIND, person.kind),
        "protected": person.protected,
        "particulars": [{"label": label, "value": value} for label, value in particulars if value],
        "description": [] if person.protected else paragraphs(person.description),
    }


def _birth(person: Person, language: str) -> str:
    if person.born and person.birthplace:
        return _("%(date)s in %(place)s") % {"date": day(person.born, language), "place": person.birthplace}
    return day(person.born, language) or person.birthplace


def _contact(contact: Contact, on: dt.date, language: str) -> dict[str, Any]:
    return {
        "role": word(wording.CONTACT_ROLE, contact.role),
        "office": contact.office,
        "function": contact.function,
        "email": contact.email,
        "phone": contact.phone,
        "hours": contact.hours,
        "time_zone": _time_zone(contact.time_zone, on, language),
        "languages": listed([language_name(code, language) for code in contact.languages], language),
    }


def _time_zone(name: str, on: dt.date, language: str) -> str:
    """Return the zone with the offset it has at noon of that day; a name that is no IANA zone as it is."""
    if not name:
        return ""
    try:
        zone = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return name
    at = offset(dt.datetime.combine(on, dt.time(12), zone))
    return at if name in ("UTC", at) else f"{name}{marks(language).joint}{at}"


def letter_annexes(letter: LetterFile, names: Names) -> list[dict[str, Any]]:
    """Return the annexes as the letter lists them."""
    rows = []
    for annex in letter.annexes:
        stored = names.annexes.get(annex.id)
        sha256 = annex.sha256 or (stored.sha256 if stored else "")
        size = annex.size if annex.size is not None else (stored.size if stored else None)
        rows.append(
            {
                "id": annex.id,
                "title": annex.title,
                "media_type": annex.media_type or (stored.media_type if stored else ""),
                "size": size_text(size, letter.language),
                "language": language_name(annex.language, letter.language) if annex.language else "",
                "sha256": grouped(sha256),
            }
        )
    if names.sealed is not None:
        who = listed(names.sealed.persons, letter.language)
        rows.append(
            {
                "id": "S",
                "title": _(
                    "Sealed annex, for the addressee alone: identity of %(persons)s. The hash is that of its content."
                )
                % {"persons": who},
                "media_type": "",
                "size": "",
                "sha256": grouped(names.sealed.sha256),
            }
        )
    return rows


def size_text(size: int | None, language: str) -> str:
    """Return a size in bytes, in words of the active language; empty for none."""
    if size is None:
        return ""
    return ngettext("%(size)s byte", "%(size)s bytes", size) % {"size": number(size, language)}
