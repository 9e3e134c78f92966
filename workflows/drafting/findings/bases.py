"""Findings on the legal basis: in force, in scope, of the right kind, and enough for the measure.

Three answers everywhere: what is not known is a warning that says so, never a yes and never a no.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from workflows.drafting.assurances import offers
from workflows.drafting.findings.law import RECIPROCITY, View, gap, warning
from workflows.drafting.letterfile import Basis, Item, Offence
from workflows.drafting.resolver_types import Scope


def basis_findings(view: View) -> Iterator[Finding]:
    """Yield what is wrong with the bases: of the letter as a whole, then of each measure."""
    if not view.letter.bases:
        message = _("Name the legal basis: a treaty with its articles, or the offer of reciprocity.")
        yield gap("basis_missing", "bases", message)
    yield from _each_basis(view)
    for index, item, _measure in view.items():
        yield from _notes(view, item, index)
        if view.letter.bases and not item.bases:
            yield gap("item_without_basis", f"items[{index}].bases", _("Say on which basis this measure is asked."))
        bases = [basis for basis in view.letter.bases if basis.id in item.bases]
        yield from _scope(view, item, index, bases)
        yield from _order(view, item, index, bases)
        yield from _second_basis(view, item, index, bases)
    yield from _reciprocity(view)


def _position(view: View, basis: Basis) -> str:
    return f"bases[{view.letter.bases.index(basis)}]"


def _uses(view: View, basis: Basis) -> list[Item]:
    return [item for item in view.letter.items if basis.id in item.bases] or list(view.letter.items)


def _each_basis(view: View) -> Iterator[Finding]:
    for basis in view.letter.bases:
        if basis.instrument == RECIPROCITY:
            continue
        path = _position(view, basis)
        standing = list(_standing(view, basis, path))
        yield from standing
        if not any(finding.severity == "gap" for finding in standing):
            yield from _named_articles(view, basis, path)
            yield from _declared(view, basis, path)


def _named_articles(view: View, basis: Basis, path: str) -> Iterator[Finding]:
    meant = list(dict.fromkeys(a for item in _uses(view, basis) for a in _articles(view, item, basis)))
    parts = {"articles": ", ".join(meant)}
    if not basis.articles:
        message = (
            _("Name the articles; for what is asked they are: %(articles)s.") if meant else _("Name the articles.")
        )
        yield warning("articles_missing", f"{path}.articles", message % parts, instrument=basis.instrument)
    elif meant and _read(view, basis) and not _numbers(basis.articles) & _numbers(meant):
        message = _("None of the articles is one for what is asked; these are: %(articles)s.")
        yield warning("articles_differ", f"{path}.articles", message % parts, instrument=basis.instrument)


def _read(view: View, basis: Basis) -> bool:
    """Tell whether the articles for what is asked were read in the text; others are no measure for the letter."""
    facts = view.law.instruments.get(basis.instrument)
    rules = [facts.rules.measures.get(item.measure) for item in _uses(view, basis)] if facts else []
    return all(rule is not None and rule.confidence == "verified" for rule in rules)


#: Kinds of declarations that other rules look at.
_ELSEWHERE = frozenset({"language", "authority", "treaty relation", "legal basis", "channel"})


def _declared(view: View, basis: Basis, path: str) -> Iterator[Finding]:
    """What the requested State has declared on an article that the letter rests on."""
    for declared in view.law.declarations:
        if declared.instrument != basis.instrument or declared.kind in _ELSEWHERE:
            continue
        if _numbers([declared.article]) & _numbers(basis.articles):
            message = _("The requested State has declared (%(kind)s): %(content)s")
            parts = {"kind": declared.kind, "content": declared.content}
            yield warning("declaration", path, message % parts, instrument=basis.instrument, article=declared.article)


def _numbers(articles: Iterable[str]) -> set[str]:
    """Return the numbers of articles, paragraphs aside: ``18(3)(e)`` is 18, ``29-35`` is 29 to 35."""
    found: set[str] = set()
    for article in articles:
        for first, last in re.findall(
            r"(?<![\d(])(\d+)(?:\s*[-–]\s*(\d+))?(?!\d|\))", re.sub(r"\([^)]*\)", "", article)
        ):
            found |= {str(number) for number in range(int(first), min(int(last or first), int(first) + 100) + 1)}
    return found


def _articles(view: View, item: Item, basis: Basis) -> tuple[str, ...]:
    entry = view.entry(item, basis.instrument)
    return entry.articles if entry else ()


def _standing(view: View, basis: Basis, path: str) -> Iterator[Finding]:
    """Yield whether the instrument of a basis can be one, and binds both on the letter's date."""
    code, parts = (
        basis.instrument,
        {"name": view.name(basis.instrument), "date": date_format(view.letter.date, "j F Y")},
    )
    kind = view.kind(code)
    if not kind:
        message = _("There is no instrument with the code %(name)s; a bilateral treaty can be added to the data.")
        yield gap("basis_unknown_instrument", path, message % parts, instrument=code)
        return
    if kind == "channel":
        message = _("%(name)s says how a request travels; it is a channel, never its legal basis.") % parts
        yield gap("channel_as_basis", path, message, instrument=code)
        return
    if kind == "scheme":
        message = _(
            "%(name)s is an arrangement, not a treaty: cite it with the domestic statute, and offer reciprocity "
            "or name a treaty as the basis."
        )
        yield gap("scheme_as_basis", path, message % parts, instrument=code)
        return
    resolution = next((r for item in _uses(view, basis) for r in view.resolutions(item)), None)
    if resolution is None:
        return
    excluded = resolution.excluded(code)
    why = {"why": excluded.why if excluded else ""}
    match resolution.answer(code):
        case "not_in_force":
            message = _("%(name)s does not bind both States on %(date)s. %(why)s")
            yield gap("basis_not_in_force", path, message % (parts | why), instrument=code)
        case "unknown":
            message = _("It is not known whether %(name)s binds both States on %(date)s. %(why)s")
            yield warning("basis_unknown", path, message % (parts | why), instrument=code)
        case None:
            message = _("%(name)s is a treaty of other States.") % parts
            yield gap("basis_of_others", path, message, instrument=code)
        case "in_force":
            entry = resolution.entry(code)
            if entry and (entry.requesting.to_be_confirmed or entry.requested.to_be_confirmed):
                message = _("That %(name)s binds both States rests on a source that is still to be confirmed.") % parts
                yield warning("basis_to_be_confirmed", path, message, instrument=code)


#: Findings of the resolver that the rules of this module make themselves, knowing the letter.
_OWN = frozenset({"second_basis_needed", "participation_not_known"})


def _notes(view: View, item: Item, index: int) -> Iterator[Finding]:
    """Yield what the resolver says of the pair itself: an instrument that takes the place of the letter, and so on."""
    own = {basis.instrument for basis in view.letter.bases if basis.id in item.bases}
    replaced = {"wrong_instrument", "perhaps_wrong_instrument"}
    for resolution in view.resolutions(item):
        for note in resolution.findings:
            if note.code in _OWN or (note.code == "no_common_treaty" and RECIPROCITY in own):
                continue
            if note.instrument and note.instrument not in own and note.code not in replaced:
                continue
            place = f"items[{index}]" if note.code in replaced else note.question
            yield dataclasses.replace(note, question=place)


def _scope(view: View, item: Item, index: int, bases: list[Basis]) -> Iterator[Finding]:
    """Every offence needs one basis that reaches it; a basis that reaches none has no place in the letter."""
    treaties = [basis for basis in bases if basis.instrument != RECIPROCITY and _stands(view, item, basis)]
    offences = view.offences_of(item)
    scopes = {(b.id, o.id): _scope_of(view, item, b, o) for b in treaties for o in offences}
    for basis in treaties:
        found = [scopes[basis.id, offence.id].answer for offence in offences]
        if found and set(found) == {"not"}:
            message = _("%(name)s does not reach %(offences)s with the measure of item %(item)s. %(why)s") % {
                "name": view.name(basis.instrument),
                "offences": ", ".join(f"{o.id} ({o.title})" for o in offences),
                "item": item.id,
                "why": scopes[basis.id, offences[0].id].why,
            }
            yield gap("out_of_scope", f"items[{index}].bases", message.strip(), instrument=basis.instrument)
    reciprocity = any(basis.instrument == RECIPROCITY for basis in bases)
    for offence in offences:
        mine = [(basis, scopes[basis.id, offence.id]) for basis in treaties]
        if reciprocity or not mine or any(found.answer == "in_scope" for _basis, found in mine):
            continue
        place = f"offences[{view.letter.offences.index(offence)}]"
        open_ones = [(basis, found) for basis, found in mine if found.answer == "cannot_tell"]
        for basis, scope in open_ones:
            message = _("It cannot be told whether %(name)s reaches %(id)s with item %(item)s. %(question)s") % {
                "name": view.name(basis.instrument),
                "id": offence.id,
                "item": item.id,
                "question": scope.question,
            }
            yield warning("scope_cannot_tell", place, message.strip(), instrument=basis.instrument)
        if not open_ones:
            message = _("No basis of item %(item)s reaches this offence.") % {"item": item.id}
            yield gap("offence_without_basis", place, message)


def _scope_of(view: View, item: Item, basis: Basis, offence: Offence) -> Scope:
    resolution = view.law.resolutions.get((item.measure, offence.id))
    entry = resolution.entry(basis.instrument) if resolution else None
    return entry.scope if entry else Scope("cannot_tell")


def _stands(view: View, item: Item, basis: Basis) -> bool:
    entry = view.entry(item, basis.instrument)
    return entry is not None and entry.role in {"primary", "subsidiary"}


def _order(view: View, item: Item, index: int, bases: list[Basis]) -> Iterator[Finding]:
    """The treaty that goes first is named, and stands first."""
    mine = {basis.instrument: basis for basis in bases}
    if bases and not any(basis.role == "primary" for basis in bases):
        yield warning("no_primary_basis", f"items[{index}].bases", _("Say which of the bases is the primary one."))
    for entry in view.entries(item):
        code, parts = entry.instrument, {"name": entry.law.short_name}
        if entry.role != "primary" or entry.law.kind != "bilateral":
            continue
        if code not in mine:
            message = _("%(name)s binds both States and goes first: name it, or say in a note why not.") % parts
            yield warning("primary_basis_unused", f"items[{index}].bases", message, instrument=code)
        elif mine[code].role != "primary":
            message = _("%(name)s goes before the other bases: make it the primary one.") % parts
            yield warning("bilateral_first", f"{_position(view, mine[code])}.role", message, instrument=code)
    for code, basis in mine.items():
        entry_of = view.entry(item, code)
        if basis.role == "primary" and entry_of is not None and entry_of.is_basis and entry_of.role == "subsidiary":
            message = _("%(name)s steps back behind another treaty: %(why)s")
            parts = {"name": view.name(code), "why": entry_of.role_reason}
            yield warning("subsidiary_first", f"{_position(view, basis)}.role", message % parts, instrument=code)


def _second_basis(view: View, item: Item, index: int, bases: list[Basis]) -> Iterator[Finding]:
    """A convention that names no contents, channel or procedure does not carry a request alone."""
    alone = []
    for basis in bases:
        facts = view.law.instruments.get(basis.instrument)
        if basis.instrument == RECIPROCITY or facts is None or not facts.rules.second_basis:
            if basis.instrument == RECIPROCITY or _stands(view, item, basis):
                return
            continue
        alone.append((basis, facts.rules.second_basis))
    for basis, why in alone:
        message = _("%(name)s alone is rarely enough: add a second basis. %(why)s") % {
            "name": view.name(basis.instrument),
            "why": why,
        }
        yield warning("second_basis", f"items[{index}].bases", message, instrument=basis.instrument)


def _reciprocity(view: View) -> Iterator[Finding]:
    offered = [basis for basis in view.letter.bases if basis.instrument == RECIPROCITY]
    if not offered:
        return
    if not offers(view.letter, "reciprocity"):
        message = _("Offer the same assistance in return, in words: reciprocity is the basis.")
        yield gap("reciprocity_unstated", "statements.reciprocity", message)
    for basis in offered:
        if not basis.note and not basis.articles:
            message = _("Name the provision of your own law that lets you ask, and later help, without a treaty.")
            yield warning("domestic_statute_missing", f"{_position(view, basis)}.note", message)
    usable = {
        entry.instrument: entry.law.short_name
        for item in view.letter.items
        for entry in view.entries(item)
        if entry.role == "primary" and entry.scope.answer == "in_scope" and entry.law.kind in {"treaty", "bilateral"}
    }
    named = {basis.instrument for basis in view.letter.bases}
    if usable and not named & set(usable):
        message = _("A treaty binds both States and reaches what is asked: %(names)s. Is reciprocity meant?")
        parts = {"names": ", ".join(usable.values())}
        yield warning("treaty_unused", _position(view, offered[0]), message % parts, instrument=next(iter(usable)))
