"""Whether an offence and a measure fall within an instrument: in scope, not, or the question that would settle it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from mla.reference.rules import Answer, InstrumentRules, MeasureRule, ScopeRule
from workflows.drafting.resolver_types import Offence, Scope


def scope(rules: InstrumentRules, measure: str, offence: Offence) -> Scope:
    """Return the worse of the answers for the offence and for the measure, with every open question."""
    by_offence = _offence_scope(rules, measure, offence)
    by_measure = _measure_scope(rules.measures.get(measure), rules.measures.get("other"))
    parts = (by_offence, by_measure)
    doubt = any(part.to_be_confirmed for part in parts)
    if any(part.answer == "not" for part in parts):
        why = " ".join(part.why for part in parts if part.answer == "not" and part.why)
        return Scope("not", articles=by_measure.articles, why=why, to_be_confirmed=doubt)
    question = " ".join(part.question for part in parts if part.question)
    answer: Answer = "cannot_tell" if any(part.answer == "cannot_tell" for part in parts) else "in_scope"
    why = " ".join(part.why for part in parts if part.why)
    return Scope(answer, question, by_measure.articles, why, doubt)


def _offence_scope(rules: InstrumentRules, measure: str, offence: Offence) -> Scope:
    usable = [rule for rule in rules.scope if not rule.measures or measure in rule.measures]
    if offence.category is None:
        if all(rule.answer == "in_scope" and not rule.requires for rule in usable):
            return _answer_of(usable[0], offence)
        return Scope("cannot_tell", _("Which offence is the request about?"), to_be_confirmed=False)
    rule = next(
        (rule for rule in usable if offence.category in rule.offences),
        next(rule for rule in usable if "*" in rule.offences),
    )
    return _answer_of(rule, offence)


def _answer_of(rule: ScopeRule, offence: Offence) -> Scope:
    doubt = rule.confidence != "verified"
    why = _("Offences: article %(article)s.") % {"article": rule.article} if rule.article else ""
    if not rule.requires:
        if rule.answer == "not":
            why = _("The offence is outside the instrument (article %(article)s).") % {"article": rule.article}
        return Scope(rule.answer, rule.question if rule.answer == "cannot_tell" else "", why=why, to_be_confirmed=doubt)
    known = [_holds(getattr(offence, need.fact), need.at_least) for need in rule.requires]
    if False in known:
        why = _("A condition of article %(article)s is not met.") % {"article": rule.article}
        return Scope("not", why=why, to_be_confirmed=doubt)
    if None in known:
        return Scope("cannot_tell", rule.question, why=why, to_be_confirmed=doubt)
    return Scope("in_scope", why=why, to_be_confirmed=doubt)


def _holds(value: int | bool | None, at_least: int | None) -> bool | None:
    """Tell whether a fact meets its requirement; None where it is not known."""
    if value is None:
        return None
    return bool(value) if at_least is None else value >= at_least


def _measure_scope(rule: MeasureRule | None, other: MeasureRule | None) -> Scope:
    if rule is None:
        question = _("Does the instrument provide for this measure? Its file does not say.")
        return Scope("cannot_tell", question, other.articles if other else ())
    doubt = rule.confidence != "verified"
    if rule.answer == "not":
        why = _("The instrument does not provide for this measure.") + (f" {rule.note}." if rule.note else "")
        return Scope("not", articles=rule.articles, why=why, to_be_confirmed=doubt)
    question = rule.question if rule.answer == "cannot_tell" else ""
    return Scope(rule.answer, question, rule.articles, f"{rule.note}." if rule.note else "", doubt)
