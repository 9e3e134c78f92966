"""Findings on the common parts of the letter: proceedings, offences, facts, contacts, statements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from workflows.drafting.findings.dates import date_findings
from workflows.drafting.findings.law import Statute, View, gap, warning
from workflows.drafting.letterfile import Offence

_YEAR_OF_LAW = re.compile(
    r"\b(?:Act|Code|Law|Sanhita|Ordinance|Statute|Decree)\b[^0-9\n]{0,30}\b(1[89]\d\d|20\d\d)\b", re.IGNORECASE
)


def part_findings(view: View) -> Iterator[Finding]:
    """Yield what the parts that every request has lack, by our own rules."""
    yield from _sides(view)
    yield from _proceedings(view)
    yield from _offences(view)
    yield from _persons(view)
    yield from _facts(view)
    yield from date_findings(view)
    yield from _contacts(view)
    yield from _statements(view)
    yield from _unused(view)


def _sides(view: View) -> Iterator[Finding]:
    letter = view.letter
    if not letter.requesting.authority and not letter.requesting.originating:
        yield gap(
            "requesting_authority_missing", "requesting.authority", _("Name the authority that makes the request.")
        )
    if not letter.requested.authority:
        yield gap("addressee_missing", "requested.authority", _("Name the authority that the request is addressed to."))
    if letter.date > view.today:
        message = _("The letter bears the date of a day to come; the legal basis is judged as of that day.")
        yield warning("date_to_come", "date", message)


def _proceedings(view: View) -> Iterator[Finding]:
    if not view.letter.proceedings.subject:
        yield gap("subject_missing", "proceedings.subject", _("Say what the proceedings are about."))
    if not view.letter.proceedings.reference:
        message = _("Give your own number of the proceedings: the answer is sorted by it.")
        yield warning("case_number_missing", "proceedings.reference", message)


def _offences(view: View) -> Iterator[Finding]:
    if not view.letter.offences:
        message = _("Name the offence: without it nobody can tell whether a treaty applies.")
        yield gap("offence_missing", "offences", message)
    for index, offence in enumerate(view.letter.offences):
        path = f"offences[{index}]"
        if not offence.provision:
            yield gap(
                "provision_missing", f"{path}.provision", _("Name the provision of law that makes it an offence.")
            )
        if not offence.law_text:
            yield gap("law_text_missing", f"{path}.law_text", _("Give the text of the provision."))
        if not offence.maximum_penalty:
            message = _("State the maximum penalty: thresholds of treaties and of seriousness are measured by it.")
            yield gap("penalty_missing", f"{path}.maximum_penalty", message)
        if not offence.conduct:
            message = _("Describe the conduct apart from its name: dual criminality is a test of the conduct.")
            yield gap("conduct_missing", f"{path}.conduct", message)
        yield from _dates_of(view, offence, path)


def _dates_of(view: View, offence: Offence, path: str) -> Iterator[Finding]:
    first, last = offence.committed_from, offence.committed_to
    if first is None and last is None:
        yield warning("offence_undated", f"{path}.committed_from", _("Say when the offence was committed."))
        return
    if first and last and last < first:
        yield gap("dates_reversed", f"{path}.committed_to", _("The offence ends before it begins."))
        return
    latest = last or first
    assert latest is not None
    if (first or latest) > view.letter.date:
        message = _("The offence is dated after the letter.")
        yield gap("offence_to_come", f"{path}.committed_from", message)
    statute = _statute(view, offence)
    if statute is not None:
        if latest < statute.in_force:
            message = _("The offence ended before its law was in force (%(day)s).") % {"day": statute.in_force}
            yield gap("law_not_yet_in_force", f"{path}.provision", message)
        elif first is not None and first < statute.in_force:
            message = _("Part of the conduct lies before its law was in force (%(day)s).") % {"day": statute.in_force}
            yield warning("law_not_yet_in_force", f"{path}.provision", message)
        return
    years = [int(year) for year in _YEAR_OF_LAW.findall(f"{offence.provision}\n{offence.title}")]
    if years and latest.year < min(years):
        message = _("The offence was committed before the year of the law that it is charged under (%(year)s).")
        yield warning("law_not_yet_in_force", f"{path}.provision", message % {"year": min(years)})


def _statute(view: View, offence: Offence) -> Statute | None:
    text = f" {offence.provision} {offence.title} ".casefold()
    for statute in view.law.statutes:
        if statute.jurisdiction == view.letter.requesting.jurisdiction and any(
            re.search(rf"\b{re.escape(name.casefold())}\b", text) for name in statute.names
        ):
            return statute
    return None


def _persons(view: View) -> Iterator[Finding]:
    for index, person in enumerate(view.letter.persons):
        if not person.name and not person.description:
            message = _("Say who %(id)s is: a name, or a description by which the person can be found.")
            yield gap("person_unidentified", f"persons[{index}].name", message % {"id": person.id})
        if person.born and person.born > view.letter.date:
            yield gap("born_to_come", f"persons[{index}].born", _("The date of birth lies after the letter."))


def _facts(view: View) -> Iterator[Finding]:
    if not view.letter.facts:
        message = _("Tell the facts: who did what, when, where, and how it is known.")
        yield gap("facts_missing", "facts", message)
    for index, fact in enumerate(view.letter.facts):
        if not fact.text:
            yield gap("fact_empty", f"facts[{index}].text", _("This fact says nothing."))
        elif not fact.source:
            message = _("Say where this fact comes from: a statement without its source proves little abroad.")
            yield warning("fact_unsourced", f"facts[{index}].source", message)
    if view.letter.facts and not any(fact.date for fact in view.letter.facts):
        yield warning("facts_undated", "facts", _("No fact is dated: the other State cannot see the course of events."))


def _contacts(view: View) -> Iterator[Finding]:
    roles = {contact.role for contact in view.letter.contacts}
    if not roles & {"queries", "investigation", "central_authority", "duty"}:
        message = _("Name an office that answers questions about the request, with its hours and time zone.")
        yield warning("contact_missing", "contacts", message)
    for index, contact in enumerate(view.letter.contacts):
        if not contact.email and not contact.phone:
            message = _("Give an address or a number at which %(office)s can be reached.") % {"office": contact.office}
            yield warning("contact_unreachable", f"contacts[{index}].email", message)
        if contact.phone and not contact.phone.lstrip("( ").startswith("+"):
            message = _(
                "Give the telephone number with its country code, such as +1 202 555 0143: it is called from abroad."
            )
            yield warning("contact_phone", f"contacts[{index}].phone", message)
        if contact.role in {"queries", "duty"} and not (contact.hours and contact.time_zone):
            message = _("Give the hours and the time zone of this office.")
            yield warning("contact_hours_missing", f"contacts[{index}].hours", message)


def _statements(view: View) -> Iterator[Finding]:
    letter = view.letter
    if not letter.statements.purpose:
        message = _("Say for which purpose the evidence is sought: its use is limited to it.")
        yield gap("purpose_missing", "statements.purpose", message)
    if letter.persons and not letter.statements.data_protection:
        message = _("Say how personal data are protected.")
        yield warning("data_protection_missing", "statements.data_protection", message)
    if letter.confidentiality.level != "normal" and not letter.confidentiality.reason:
        message = _("Give the reason of the confidentiality: without one it is kept only as far as the law asks.")
        yield warning("confidentiality_unexplained", "confidentiality.reason", message)
    if letter.confidentiality.marking and letter.confidentiality.level == "normal":
        message = _(
            "Every page bears a marking, and the level is normal: a marking alone keeps nobody from reading it."
        )
        yield warning("marking_without_level", "confidentiality.level", message)


def _unused(view: View) -> Iterator[Finding]:
    letter = view.letter
    for group, field in (("bases", "bases"), ("identifiers", "identifiers")):
        used = {key for item in letter.items for key in getattr(item, field)}
        for index, part in enumerate(getattr(letter, group)):
            if letter.items and part.id not in used:
                message = _("No measure refers to %(id)s.") % {"id": part.id}
                yield warning("unused", f"{group}[{index}]", message)
    for index, person in enumerate(letter.persons):
        named = any(not item.persons or person.id in item.persons for item in letter.items)
        if person.kind == "natural" and letter.items and not named:
            yield warning("unused", f"persons[{index}]", _("No measure refers to %(id)s.") % {"id": person.id})
