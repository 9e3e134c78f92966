"""Findings from the profiles of the two States: what the requested State is known to want, and how fresh that is.

A profile tells practice, no law: everything here is a warning. What the requesting State's courts need is in its own
profile; what the requested State can give is in its.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from mla.reference.profiles import DualCriminality, EvidenceForm, ProofStandard, Topic, WayIn
from workflows.drafting.findings.law import ProfileFacts, View, gap, warning
from workflows.drafting.letterfile import Item
from workflows.drafting.measures import Measure
from workflows.drafting.proof import prompts_of

#: Ways of a letter that are also ways in, by the same code; a letter that goes by post reaches a central authority.
_WAYS = frozenset(WayIn.values)


def profile_findings(view: View) -> Iterator[Finding]:
    """Yield what the profiles say that the letter does not do, and what of them is to be verified again."""
    yield from _stale(view)
    yield from _channel(view)
    yield from _elements(view)
    for index, item, _measure in view.items():
        yield from _dual_criminality(view, index, item)
        yield from _standard(view, index, item)
        yield from _prompts(view, index, item)
        yield from _evidence(view, index, item)
        yield from _certificate(view, index, item)


def _used(view: View) -> list[ProfileFacts]:
    """Return the entries of the requested State that bear on this letter."""
    found = [
        *view.profile(Topic.AUTHORITY, stage=view.stage),
        *view.profile(Topic.CHANNEL),
        *view.profile(Topic.LANGUAGE),
    ]
    for item in view.letter.items:
        for topic in (Topic.DUAL_CRIMINALITY, Topic.PROOF_STANDARD, Topic.EVIDENCE_GIVEN):
            found += view.profile(topic, measure=item.measure)
    return list(dict.fromkeys(found))


def _stale(view: View) -> Iterator[Finding]:
    old = [one for one in _used(view) if one.verified is None or view.today - one.verified > view.law.stale_after]
    if not old:
        return
    topics = "; ".join(dict.fromkeys(str(Topic(one.topic).label) for one in old))
    days = [one.verified for one in old if one.verified is not None]
    parts = {"topics": topics, "days": view.law.stale_after.days}
    if days:
        message = _(
            "What the profile of the requested State says is to be verified again (%(topics)s): the oldest of it is of "
            "%(day)s; own rule: %(days)d days."
        )
        parts |= {"day": date_format(min(days), "j F Y")}
    else:
        message = _("What the profile of the requested State says was never verified (%(topics)s).")
    yield warning("profile_stale", "requested.jurisdiction", message % parts)


def _sure(entry: ProfileFacts, message: str) -> str:
    return f"{message} {_('(to be confirmed)')}" if entry.to_be_confirmed else message


def _words(message: str, note: str) -> str:
    return f"{message} {note.rstrip('.')}." if note else message


def _channel(view: View) -> Iterator[Finding]:
    code = view.letter.requested.authority
    office = next((one for one in view.law.offices if one.code == code), None)
    direct = office is not None and office.kind in {"executing", "originating"}
    way = view.letter.channel
    for entry in view.profile(Topic.CHANNEL):
        ways = entry.value.split()
        labels = dict(WayIn.choices)
        parts = {"ways": "; ".join(str(labels[one]) for one in ways if one in labels)}
        # By post the letter goes to whoever it is addressed to; the others are ways of their own.
        refused = way in _WAYS and way not in ways and not (way == WayIn.PAPER and {"central", "direct"} & set(ways))
        if refused:
            message = _("The requested State takes requests by: %(ways)s. The letter is meant to travel otherwise.")
            yield _cited(entry, "channel_not_accepted", "channel", _words(message % parts, entry.note))
        elif direct and WayIn.DIRECT not in ways:
            message = _("The requested State takes requests by: %(ways)s. The letter goes past its central authority.")
            yield _cited(entry, "channel_not_direct", "requested.authority", _words(message % parts, entry.note))


def _cited(entry: ProfileFacts, code: str, path: str, message: str) -> Finding:
    return warning(code, path, _sure(entry, message), instrument=entry.instrument)


def _dual_criminality(view: View, index: int, item: Item) -> Iterator[Finding]:
    for entry in view.profile(Topic.DUAL_CRIMINALITY, measure=item.measure):
        if entry.value == DualCriminality.NOT_REQUIRED:
            continue
        if entry.value == DualCriminality.REQUIRED:
            message = _(
                "For %(item)s the requested State asks for dual criminality: describe the conduct by its elements."
            )
        else:
            message = _("For %(item)s the requested State may refuse without dual criminality: describe the conduct.")
        said = _words(message % {"item": item.id}, entry.note)
        yield _cited(entry, "dual_criminality", f"items[{index}].measure", said)


def _elements(view: View) -> Iterator[Finding]:
    """The worksheet of elements where dual criminality is asked for: none written, or one that nothing shows."""
    wanted: dict[str, tuple[ProfileFacts, str]] = {}
    for item in view.letter.items:
        for entry in view.profile(Topic.DUAL_CRIMINALITY, measure=item.measure):
            if entry.value == DualCriminality.REQUIRED:
                for offence in view.offences_of(item):
                    wanted.setdefault(offence.id, (entry, item.id))
    for index, offence in enumerate(view.letter.offences):
        if offence.id in wanted and not offence.elements:
            entry, key = wanted[offence.id]
            message = _(
                "For %(item)s the requested State asks for dual criminality, and no element of the conduct is written: set "
                "out what the act consists of and what shows it. Names of offences are not compared."
            )
            yield _cited(entry, "elements_missing", f"offences[{index}].elements", message % {"item": key})
        for place, row in enumerate(offence.elements):
            if not (row.element and row.fact):
                message = _("Element %(number)d of %(offence)s lacks the element or the fact that shows it.")
                said = message % {"number": place + 1, "offence": offence.id}
                yield warning("element_unfinished", f"offences[{index}].elements[{place}]", said)


def _standard(view: View, index: int, item: Item) -> Iterator[Finding]:
    """What a court there is known to look for, at the answer that is to meet it."""
    questions = {question.key for question in view.measures[item.measure].questions}
    path = f"items[{index}].answers.grounds" if "grounds" in questions else f"items[{index}].nexus"
    for entry in view.profile(Topic.PROOF_STANDARD, measure=item.measure):
        known = entry.value in ProofStandard.values and entry.value != ProofStandard.OTHER
        said = entry.note or _("A court there looks for: %(standard)s.") % {
            "standard": ProofStandard(entry.value).label
        }
        yield _cited(entry, entry.value if known else "proof_standard", path, said)


def _prompts(view: View, index: int, item: Item) -> Iterator[Finding]:
    """What such a court asks and the measure does not answer yet; what is answered is for that court to weigh."""
    entries = view.profile(Topic.PROOF_STANDARD, measure=item.measure)
    for prompt in prompts_of(entry.value for entry in entries):
        path = prompt.path_in(view.measures.get(item.measure))
        if not _answer(item, path):
            entry = next(entry for entry in entries if entry.value in prompt.standards)
            message = _("By its standard of proof (%(standard)s) a court there asks: %(question)s %(source)s.")
            parts = {
                "standard": ProofStandard(entry.value).label,
                "question": house_words(prompt.label),
                "source": prompt.source,
            }
            said = message % parts
            if prompt.to_be_confirmed or entry.to_be_confirmed:
                said = f"{said} {_('(to be confirmed)')}"
            yield warning(f"proof_{prompt.key}", f"items[{index}].{path}", said, instrument=entry.instrument)


def _answer(item: Item, path: str) -> Any:
    first, _dot, key = path.partition(".")
    value = getattr(item, first)
    return value.get(key) if key else value


def _evidence(view: View, index: int, item: Item) -> Iterator[Finding]:
    """The form that our courts need beside the forms that the requested State can give."""
    needed = view.needed(item.measure)
    if needed is None:
        return
    labels = dict(EvidenceForm.choices)
    wanted = [form for form in needed.value.split() if form != EvidenceForm.NONE]
    name = house_words(view.measures[item.measure].name)
    for entry in view.profile(Topic.EVIDENCE_GIVEN, measure=item.measure):
        missing = [form for form in wanted if form not in entry.value.split()]
        if missing:
            message = _(
                "Our courts need of %(measure)s: %(forms)s. By its profile the requested State does not give it: agree on "
                "the form before the letter is sent."
            )
            parts = {"measure": name, "forms": "; ".join(str(labels[form]) for form in missing)}
            yield _cited(entry, "evidence_form", f"items[{index}].procedure", _words(message % parts, entry.note))


def _certificate(view: View, index: int, item: Item) -> Iterator[Finding]:
    """The form to be signed: asked for where our courts need one, and only where the measure has it."""
    measure = view.measures[item.measure]
    path = f"items[{index}].certificate_form"
    if item.certificate_form not in (None, "none", *measure.certificates):
        message = _("There is no such form for %(measure)s: nothing would be printed. Choose another, or none.")
        yield gap("certificate_not_there", path, message % {"measure": house_words(measure.name)})
    wanted = certificate_wanted(view.needed(item.measure), measure)
    if wanted and not item.certificate_form:
        message = _(
            "Our courts need of %(measure)s: %(form)s. Ask for it, so that its form is printed, or say that none is needed."
        )
        parts = {"measure": house_words(measure.name), "form": EvidenceForm(wanted).label}
        yield warning("certificate_not_asked", path, message % parts)


def certificate_wanted(needed: ProfileFacts | None, measure: Measure) -> str:
    """Return the form of evidence that our courts need of a measure and that the measure has a form to be signed for.

    On oath goes before the plain certificate; empty where none is known to be needed.
    """
    forms = set(needed.value.split()) if needed else set()
    return next((form for form in ("oath", "records_certificate") if form in forms & set(measure.certificates)), "")
