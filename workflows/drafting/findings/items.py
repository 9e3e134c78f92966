"""Findings on the measures asked for: their own questions, their common fields, what the provider searches by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.identifiers import identifier_checked
from workflows.drafting.letterfile import Identifier, Item, Period
from workflows.drafting.measures import Measure, Question

#: A longer period needs a second look; a requested State asks why.
LONG = dt.timedelta(days=366)

#: Articles of the Budapest Convention on stored data: a measure that asks by them asks for what exists.
_STORED = ("18", "19", "29", "30", "31")


def item_findings(view: View) -> Iterator[Finding]:
    """Yield what each measure's own questions, common fields and identifiers lack."""
    if not view.letter.items:
        yield gap("item_missing", "items", _("Say what is asked for: add at least one measure."))
    for index, item, measure in view.items():
        path = f"items[{index}]"
        yield from _common(view, item, measure, path)
        yield from _questions(view, item, measure, path)
        yield from _chosen(view, item, measure, path)
        yield from _periods(view, item, measure, path)
        yield from _time_limit(view, item, path)
        if len(view.letter.offences) > 1 and not item.offences:
            message = _(
                "Say for which of the offences this measure is asked: use limits and grounds differ by offence."
            )
            yield warning("item_without_offence", f"{path}.offences", message)
    yield from _providers(view)
    yield from _identifiers(view)


def _common(view: View, item: Item, measure: Measure, path: str) -> Iterator[Finding]:
    words = {
        "provider": _("Name the provider or custodian: the exact legal entity."),
        "identifiers": _("Give what the provider searches by: an address, an account, a number."),
        "period": _("Say for which period, with both times and their UTC offset."),
        "period_reason": _("Say why the period is as long as it is."),
        "nexus": _("Say why the evidence is there and how it bears on the offence."),
        "necessity": _("Say why it is needed, and why a lesser means is not enough."),
        "persons": _("Say whom the measure concerns."),
        "procedure": _("Say how it should be done so that your courts accept it, and why."),
    }
    for field, need in measure.common.items():
        if need == "no" or getattr(item, field) or f"{path}.{field}" in view.not_asked:
            continue
        if field == "period" and _every_identifier_is_dated(view, item):
            continue
        if field == "period_reason" and item.period is None:
            continue
        report = gap if need == "gap" else warning
        yield report(f"{field}_missing", f"{path}.{field}", words[field])


def _every_identifier_is_dated(view: View, item: Item) -> bool:
    used = [identifier for identifier in view.letter.identifiers if identifier.id in item.identifiers]
    return bool(used) and all(identifier.at or identifier.period for identifier in used)


def _questions(view: View, item: Item, measure: Measure, path: str) -> Iterator[Finding]:
    for question in measure.questions:
        if question.required == "no" or question.key in item.answers:
            continue
        if f"{path}.answers.{question.key}" in view.not_asked or _stands_in_common_field(item, question):
            continue
        instrument, article = question.rule
        report = gap if question.required == "gap" else warning
        message = _("Not answered: %(question)s") % {"question": house_words(question.label)}
        yield report(
            "answer_missing", f"{path}.answers.{question.key}", message, instrument=instrument, article=article
        )


def _chosen(view: View, item: Item, measure: Measure, path: str) -> Iterator[Finding]:
    """Yield what a chosen answer has to say for itself, and where another measure asks for it by now."""
    for question in measure.questions:
        given = item.answers.get(question.key)
        for choice in question.choices:
            if choice.value not in (given if isinstance(given, list) else [given]):
                continue
            where, (instrument, article) = f"{path}.answers.{question.key}", question.rule
            if choice.warn:
                yield warning("choice_warned", where, house_words(choice.warn), instrument=instrument, article=article)
            moved = view.measures.get(choice.moved_to)
            if moved is not None:
                message = _("“%(choice)s” has a measure of its own by now, with its own questions: %(measure)s.")
                parts = {"choice": house_words(choice.label), "measure": house_words(moved.name)}
                yield warning("measure_of_its_own", where, message % parts)


def _stands_in_common_field(item: Item, question: Question) -> bool:
    """A question that asks what a common field of the item says already is answered by it."""
    return question.key in {"nexus", "necessity", "procedure", "period_reason"} and bool(getattr(item, question.key))


def stored_article(measure: Measure) -> str:
    """Return the article under which data to come would be asked, for a measure on stored data; else empty."""
    only = measure.question("stored_only")
    if only is not None and only.rule[0] == "CETS-185":
        return only.rule[1]
    articles = [article for code, article in (q.rule for q in measure.questions) if code == "CETS-185"]
    return "33" if any(article.split("(")[0] in _STORED for article in articles) else ""


def _periods(view: View, item: Item, measure: Measure, path: str) -> Iterator[Finding]:
    article = stored_article(measure)
    if article and item.answers.get("stored_only") is False:
        message = _("Data that arise after the request are collected in real time: that is another measure.")
        yield gap("real_time", f"{path}.answers.stored_only", message, instrument="CETS-185", article=article)
    for where, period in _all_periods(item, measure, path):
        if period.end - period.start > _broad(measure):
            yield warning("period_broad", where, _broad_told(item, period, measure))
        if article and period.end.date() > view.letter.date:
            message = _(
                "The period ends after the date of the letter: stored data are those that exist. What comes later is "
                "collected in real time, another measure (Budapest Convention, articles 33 and 34)."
            )
            yield gap("real_time", f"{where}.to", message, instrument="CETS-185", article=article)
    # What is still to be collected cannot touch what has been done.
    if item.period is not None and item.period.start.date() < view.letter.date:
        yield from _against_offences(view, item, item.period, path)


def _broad(measure: Measure) -> dt.timedelta:
    return dt.timedelta(days=measure.broad_after_days) if measure.broad_after_days else LONG


def _broad_told(item: Item, period: Period, measure: Measure) -> str:
    days = {"days": (period.end - period.start).days, "most": _broad(measure).days}
    if item.period_reason:
        message = _("The period covers %(days)s days, more than %(most)s; why it is that long is said.")
    else:
        message = _(
            "The period covers %(days)s days; requests beyond %(most)s days are often asked to be narrowed (our own "
            "rule, to be confirmed). Say why it is that long."
        )
    return message % days


def _all_periods(item: Item, measure: Measure, path: str) -> Iterator[tuple[str, Period]]:
    if item.period is not None:
        yield f"{path}.period", item.period
    for question in measure.questions:
        if question.kind == "period" and question.key in item.answers:
            yield f"{path}.answers.{question.key}", Period.model_validate(item.answers[question.key])


def _against_offences(view: View, item: Item, period: Period, path: str) -> Iterator[Finding]:
    spans: list[tuple[dt.date, dt.date]] = []
    for offence in view.offences_of(item):
        first, last = offence.committed_from or offence.committed_to, offence.committed_to or offence.committed_from
        if first is None or last is None:
            return
        spans.append((first, last))
    if spans and not any(period.start.date() <= last and first <= period.end.date() for first, last in spans):
        message = _("The period does not touch the time of any offence it is asked for: check both.")
        yield warning("period_apart", f"{path}.period", message)


def _time_limit(view: View, item: Item, path: str) -> Iterator[Finding]:
    if item.time_limit is None:
        return
    if item.time_limit < view.letter.date:
        yield gap("time_limit_past", f"{path}.time_limit", _("The time limit lies before the letter."))
    if not item.time_limit_reason:
        rule = _deadline_rule(view, item)
        message = _("Give the reason of the time limit: a deadline is suggested with reasons.")
        yield (gap if rule else warning)("time_limit_unexplained", f"{path}.time_limit_reason", message, **rule)


def _deadline_rule(view: View, item: Item) -> dict[str, Any]:
    """Return the rule that asks for reasons with a deadline, of the first basis of the item that has one."""
    for basis in view.letter.bases:
        entry = view.entry(item, basis.instrument) if basis.id in item.bases else None
        for content in entry.contents if entry else ():
            if content.item == "time_limit" and content.confidence == "verified":
                return {"instrument": basis.instrument, "article": content.article}
    return {}


def _providers(view: View) -> Iterator[Finding]:
    used = {item.provider for item in view.letter.items}
    used |= {identifier.provider for identifier in view.letter.identifiers}
    for index, provider in enumerate(view.letter.providers):
        path = f"providers[{index}]"
        if provider.id not in used:
            yield warning("unused", path, _("No measure refers to %(id)s.") % {"id": provider.id})
        if not provider.name:
            yield gap("provider_name_missing", f"{path}.name", _("Name the exact legal entity of the provider."))
        if not provider.address:
            yield warning("provider_address_missing", f"{path}.address", _("Give the provider's address."))
        if not provider.holds_because:
            message = _("Say why the provider is believed to hold the data.")
            yield warning("provider_unexplained", f"{path}.holds_because", message)
        if provider.jurisdiction and provider.jurisdiction != view.letter.requested.jurisdiction:
            message = _("The provider is in %(there)s, the request goes to %(asked)s: is it the right State?")
            parts = {"there": provider.jurisdiction, "asked": view.letter.requested.jurisdiction}
            yield warning("provider_elsewhere", f"{path}.jurisdiction", message % parts)


def _identifiers(view: View) -> Iterator[Finding]:
    periods = {key for item in view.letter.items if item.period is not None for key in item.identifiers}
    for index, identifier in enumerate(view.letter.identifiers):
        path = f"identifiers[{index}]"
        seen = identifier.period.end if identifier.period else identifier.at
        if seen and seen.date() > view.letter.date:
            message = _("The time of this identifier lies after the date of the letter.")
            yield gap("identifier_to_come", f"{path}.period" if identifier.period else f"{path}.at", message)
        if not identifier.value:
            yield gap("identifier_empty", f"{path}.value", _("This identifier has no value."))
            continue
        checked = identifier_checked(identifier.type, identifier.value, region=view.letter.requested.jurisdiction)
        if checked.state == "wrong":
            yield warning(f"{identifier.type}_wrong", f"{path}.value", checked.told)
        elif checked.state == "masked":
            yield warning("identifier_masked", f"{path}.value", checked.told)
        if identifier.type == "ip":
            yield from _ip(identifier, path, dated=identifier.id in periods)


def _ip(identifier: Identifier, path: str, *, dated: bool) -> Iterator[Finding]:
    if identifier.at is None and identifier.period is None:
        message = _("An IP address says nothing without a time and its UTC offset: it is given to others every day.")
        report = warning if dated else gap
        if dated:
            message = _("Give the time at which this IP address was seen, with its UTC offset, not the period alone.")
        yield report("ip_without_time", f"{path}.at", message)
    if identifier.port is None:
        message = _("Give the port of this IP address where it is known: many customers may share one address.")
        yield warning("ip_without_port", f"{path}.port", message)
