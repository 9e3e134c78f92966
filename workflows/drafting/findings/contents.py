"""Findings on what each instrument wants a request to contain (its `contents`, article by article)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from mla.reference.rules import Content
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.letterfile import Item
from workflows.drafting.measures import Measure, Question

#: Where an answer is looked for, and what is said where it is missing. A check returns the path of what is missing.
Check = Callable[[View, Item, int], str]


def content_findings(view: View) -> Iterator[Finding]:
    """Yield what an instrument in force asks for and the letter does not say. Read texts make gaps."""
    for index, item, measure in view.items():
        for basis in view.letter.bases:
            entry = view.entry(item, basis.instrument) if basis.id in item.bases else None
            for content in entry.contents if entry and entry.is_basis else ():
                yield from _missing(view, item, index, measure, basis.instrument, content)


def _missing(
    view: View, item: Item, index: int, measure: Measure, instrument: str, content: Content
) -> Iterator[Finding]:
    own = [question for question in measure.questions if question.rule == (instrument, content.article)]
    if own:
        # The measure asks this itself, with its own weight; only a plain no to what must be stated is left.
        yield from _denied(item, index, own, instrument, content)
        return
    check, said = _CHECKS[content.item]
    path = check(view, item, index)
    if not path:
        return
    heavy = content.need == "required" and content.confidence == "verified"
    if content.need == "suggested" and content.item in _ONLY_WHERE_WISHED:
        return
    message = _("Not found yet, though %(treaty)s, article %(article)s asks for it: %(content)s") % {
        "treaty": view.name(instrument), "article": content.article, "content": said(),
    }  # fmt: skip
    report = gap if heavy else warning
    yield report(f"content_{content.item}", path, message, instrument=instrument, article=content.article)


def content_state(
    view: View, item: Item, index: int, instrument: str, content: Content
) -> Literal["stated", "missing", "judge"]:
    """Tell whether a letter says one thing that an instrument wants in a request. For the side that examines it.

    Whether what it says is enough is never told. "judge": nothing can be told by looking for it.
    """
    measure = view.measures.get(item.measure)
    own = [q for q in (measure.questions if measure else ()) if q.rule == (instrument, content.article)]
    if own:
        answers = [item.answers.get(question.key) for question in own]
        if any(answer is False for answer in answers):
            return "judge"
        if all(answer not in (None, "", [], ()) for answer in answers):
            return "stated"
        return "missing" if any(question.required == "gap" for question in own) else "judge"
    check, _said = _CHECKS[content.item]
    if content.item == "procedure":
        return "stated" if item.procedure else "judge"
    if not check(view, item, index):
        return "stated"
    return "judge" if content.need != "required" else "missing"


def content_words(content: Content) -> str:
    """Return what an instrument wants said, as a sentence in the active language."""
    return _CHECKS[content.item][1]()


#: What a letter says only where it wishes it.
_ONLY_WHERE_WISHED = frozenset({"time_limit", "procedure", "earlier_preservation"})


def _denied(item: Item, index: int, questions: list[Question], instrument: str, content: Content) -> Iterator[Finding]:
    for question in questions:
        if question.kind == "yes_no" and item.answers.get(question.key) is False:
            message = _("The request must state this: %(question)s") % {"question": house_words(question.label)}
            path = f"items[{index}].answers.{question.key}"
            yield gap(f"content_{content.item}", path, message, instrument=instrument, article=content.article)


def _authority(view: View, item: Item, index: int) -> str:
    side = view.letter.requesting
    return "" if side.authority or side.originating else "requesting.authority"


def _conducting(view: View, item: Item, index: int) -> str:
    proceedings = view.letter.proceedings
    if not (proceedings.conducting_authority or view.letter.requesting.originating):
        return "proceedings.conducting_authority"
    return "" if proceedings.functions else "proceedings.functions"


def _subject(view: View, item: Item, index: int) -> str:
    return "" if view.letter.proceedings.subject else "proceedings.subject"


def _facts(view: View, item: Item, index: int) -> str:
    return "" if any(fact.text for fact in view.letter.facts) else "facts"


def _offence(view: View, item: Item, index: int) -> str:
    for position, offence in enumerate(view.letter.offences):
        for field in ("law_text", "maximum_penalty"):
            if not getattr(offence, field):
                return f"offences[{position}].{field}"
    return "" if view.letter.offences else "offences"


def _assistance(view: View, item: Item, index: int) -> str:
    return "" if item.answers or item.nexus else f"items[{index}].answers"


def _procedure(view: View, item: Item, index: int) -> str:
    # A procedure is told only where one is wished; that none is wished needs no word.
    return ""


def _person(view: View, item: Item, index: int) -> str:
    return "" if view.letter.persons else "persons"


def _purpose(view: View, item: Item, index: int) -> str:
    return "" if view.letter.statements.purpose else "statements.purpose"


def _time_limit(view: View, item: Item, index: int) -> str:
    return "" if item.time_limit or item.time_limit_reason else f"items[{index}].time_limit"


def _data_and_link(view: View, item: Item, index: int) -> str:
    return "" if item.nexus else f"items[{index}].nexus"


def _custodian(view: View, item: Item, index: int) -> str:
    if item.provider or item.answers.get("custodian") or item.answers.get("custodian_location"):
        return ""
    return f"items[{index}].provider"


def _necessity(view: View, item: Item, index: int) -> str:
    return "" if item.necessity else f"items[{index}].necessity"


def _earlier_preservation(view: View, item: Item, index: int) -> str:
    known = item.answers.get("preservation_reference") or any(r.kind == "preservation" for r in view.letter.related)
    return "" if known else "related"


def _mla_will_follow(view: View, item: Item, index: int) -> str:
    return "" if item.answers.get("mla_will_follow") else f"items[{index}].answers.mla_will_follow"


def _contact(view: View, item: Item, index: int) -> str:
    return "" if any(c.role in {"return", "queries", "duty"} for c in view.letter.contacts) else "contacts"


_CHECKS: dict[str, tuple[Check, Callable[[], str]]] = {
    "authority": (_authority, lambda: _("The request names the authority that makes it.")),
    "conducting_authority": (
        _conducting,
        lambda: _("The request names the authority that conducts the proceedings, and its functions."),
    ),
    "subject_nature": (_subject, lambda: _("The request states subject and nature of the proceedings.")),
    "facts": (_facts, lambda: _("The request summarises the facts.")),
    "offence_law_penalty": (_offence, lambda: _("The request states the offence, its law and its penalty.")),
    "assistance_described": (_assistance, lambda: _("The request describes the assistance that is sought.")),
    "procedure": (_procedure, lambda: _("The request tells the procedure that is wished.")),
    "person": (_person, lambda: _("The request gives identity, location and nationality of the person concerned.")),
    "purpose": (_purpose, lambda: _("The request states for which purpose the evidence is sought.")),
    "time_limit": (_time_limit, lambda: _("The request states its time limit, with reasons.")),
    "data_and_link": (_data_and_link, lambda: _("The request names the data and their relation to the offence.")),
    "custodian": (_custodian, lambda: _("The request gives what is known of the custodian or of the system's place.")),
    "necessity": (_necessity, lambda: _("The request says why the measure is needed.")),
    "earlier_preservation": (
        _earlier_preservation,
        lambda: _("The request gives the reference of an earlier preservation."),
    ),
    "mla_will_follow": (
        _mla_will_follow,
        lambda: _("The request states that a request for mutual assistance will follow."),
    ),
    "contact": (_contact, lambda: _("The request names a contact for the return and for questions.")),
}
