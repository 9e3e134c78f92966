"""What a template of an authority keeps of a letter: pure. Forms of words that fit every case, and nothing of the one.

A template is open to everybody who drafts at the authority, also to those whom the letter is hidden from. So it takes
fewer fields than a copy does, and a text that names a person, an identifier or a reference of the letter is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.drafting.copying import OF_A_TEMPLATE, PARTS, copied_content
from workflows.drafting.sealing import betrayals

#: Shorter references and identifiers stand in too many words to tell anything.
SHORTEST_MARK: Final = 4

NEVER_IN_A_TEMPLATE: Final[tuple[Promise, ...]] = (
    _("persons, and anything under seal"),
    _("facts: what was done, when and where, why the evidence is sought"),
    _("identifiers: addresses, accounts and numbers"),
    _("references and related requests"),
    _("dates, periods, time limits and urgency"),
    _("annexes, the rights screen, approvals"),
)

#: The parts that a template can hold, with the words for what it keeps of them.
PARTS_KEPT: Final[dict[str, Promise]] = {part: PARTS[part] for part in OF_A_TEMPLATE} | {
    "proceedings": _("Authority that conducts the proceedings, its functions and powers"),
    "offences": _("Offences: name, text of the law and penalty"),
    "providers": _("Providers and custodians, by name and address"),
    "items": _("Measures, with how they should be done"),
}

#: Fields that stay of the entries of a part, where not all do.
_KEPT: Final[Mapping[str, tuple[str, ...]]] = {
    "offences": ("id", "title", "category", "provision", "law_text", "maximum_penalty", "maximum_years"),
    "providers": ("id", "name", "address", "jurisdiction", "service"),
    "bases": ("id", "instrument", "articles", "role"),
    "items": ("id", "measure", "bases", "offences", "provider", "procedure", "certificate_form", "answers"),
}
_OF_PROCEEDINGS: Final = ("nature", "conducting_authority", "functions", "powers")
#: Statements that say what is done with the evidence of this one case.
_OF_ONE_CASE: Final = ("purpose",)
#: Answers that choose among given words; what is written freely tells of the case.
_CHOSEN: Final = ("yes_no", "choice", "choices")


def template_content(
    source: Mapping[str, Any], parts: Collection[str], *, kinds: Mapping[tuple[str, str], str]
) -> tuple[dict[str, Any], list[str]]:
    """Return what a template keeps of a letter's content, and the names of the parts that brought something.

    State, nature, language and level of the letter are always told: what a new letter begins with depends on them.

    Args:
        source: the letter's content.
        parts: those that a person ticked; others than OF_A_TEMPLATE are left out.
        kinds: the kind of each measure's question, by measure and key.
    """
    state = source["requested"]["jurisdiction"]
    wanted = [part for part in OF_A_TEMPLATE if part in parts]
    found, _names = copied_content(source, wanted, state=state, kinds=kinds)
    kept: dict[str, Any] = {}
    for part, value in found.items():
        if part == "proceedings":
            kept[part] = {name: value[name] for name in _OF_PROCEEDINGS if value.get(name)}
        elif part == "statements":
            kept[part] = {name: text for name, text in value.items() if name not in _OF_ONE_CASE}
        elif part in _KEPT:
            kept[part] = [_entry(part, entry, kinds) for entry in value]
        else:
            kept[part] = value
    kept = {part: value for part, value in kept.items() if value}
    names = list(kept)
    kept["requested"] = {"jurisdiction": state, **kept.get("requested", {})}
    kept["proceedings"] = {"nature": source["proceedings"]["nature"], **kept.get("proceedings", {})}
    kept["language"] = source["language"]
    kept["confidentiality"] = {"level": source.get("confidentiality", {}).get("level", "normal")}
    return kept, names


def _entry(part: str, entry: Mapping[str, Any], kinds: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    found = {name: entry[name] for name in _KEPT[part] if name in entry}
    if part == "offences":
        found["conduct"] = ""
    if part == "items":
        answers = {
            key: value
            for key, value in found.pop("answers", {}).items()
            if kinds.get((entry["measure"], key)) in _CHOSEN
        }
        if answers:
            found["answers"] = answers
    return found


def places_of_a_case(
    kept: Mapping[str, Any], name: str, source: Mapping[str, Any], sealed: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """Return the parts of a template, "name" among them, that name a person, identifier or reference of the letter.

    Args:
        kept: as template_content returns it.
        name: of the template.
        source: the letter's content.
        sealed: who its protected persons are, by key; of those a part of the name is enough.
    """
    marks = {f"{number}": one for number, one in enumerate(_marks(source))}
    named = {key: dict(one) for key, one in sealed.items()}
    texts = {part: value for part, value in kept.items() if part not in ("language", "confidentiality")} | {
        "name": name
    }
    persons = [{"id": key, "protected": True} for key in (*marks, *named)]
    found = betrayals({"persons": persons, **texts}, marks | named)
    return sorted({one.path.split(".")[0].split("[")[0] for one in found if one.whole or one.key in named})


def _marks(source: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for person in source.get("persons", ()):
        told = (person.get("pseudonym", ""), *person.get("aliases", ()))
        yield {"name": person["name"], "aliases": _long(told), "document": person.get("document", "")}
    for mark in _long(one["value"] for one in source.get("identifiers", ())):
        yield {"document": mark}
    references = (source["proceedings"].get("reference", ""), source.get("operation", ""))
    for mark in _long((*references, *(one["reference"] for one in source.get("related", ())))):
        yield {"document": mark}


def _long(words: Any) -> list[str]:
    return [word for word in words if len(word.strip()) >= SHORTEST_MARK]
