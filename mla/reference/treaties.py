"""A bilateral treaty as a person enters it: plain values, checked field by field, made into an instrument's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext as _

from mla.reference.errors import ReferenceEditRefused
from mla.reference.rules import Checked, InstrumentRules

#: Codes of the instruments that a bilateral treaty can supplement are those of treaties on mutual legal assistance.
FIRST = ""
Reach = Literal["any", "unknown"]
_QUESTION = "Does this treaty reach the offence? Which offences it covers has not been entered here."
_MEASURE = "Does this treaty provide for the measure? What has been entered of its text does not say."


class TreatyWrong(ReferenceEditRefused):
    """Values of a treaty that do not fit: (place, message) of each; the place is a name of TreatyValues, or empty."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{place}: {message}" if place else message for place, message in problems))


@dataclass(frozen=True, slots=True)
class MeasureSaid:
    measure: str
    answer: Literal["in_scope", "not", "cannot_tell"]
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentSaid:
    item: str
    article: str
    need: str = "required"


@dataclass(frozen=True, slots=True)
class LimitSaid:
    says: str
    article: str
    count: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class LanguageSaid:
    says: str = ""
    article: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TitleSaid:
    """What the treaty is called in a language that letters are written in (`mla.core.letter_languages`), not English."""

    language: str
    short: str
    full: str


@dataclass(frozen=True, slots=True)
class TreatyValues:
    """`parties`: two codes. `supplements`: code of a treaty that it supplements, empty: it stands on its own, first.

    `in_force` None: whether it is in force is not known. `reach`: whether it covers any offence, or that is not known.
    """

    parties: tuple[str, str]
    short_name: str
    full_title: str
    source: str
    as_of: str
    confidence: str
    signed: date | None = None
    in_force: date | None = None
    ended: date | None = None
    supplements: str = FIRST
    reach: Reach = "unknown"
    reach_article: str = ""
    note: str = ""
    measures: tuple[MeasureSaid, ...] = ()
    contents: tuple[ContentSaid, ...] = ()
    limits: tuple[LimitSaid, ...] = ()
    language: LanguageSaid = field(default_factory=LanguageSaid)
    titles: tuple[TitleSaid, ...] = ()


def checked(values: TreatyValues, *, states: Mapping[str, Any], supplemented: frozenset[str]) -> None:
    """Check what can be said without the treaty's row.

    Args:
        states: what is known of each code of a State.
        supplemented: codes of the instruments that a treaty may supplement.

    Raises:
        TreatyWrong: naming each place.
    """
    found: list[tuple[str, str]] = []
    for name, code in zip(("first", "second"), values.parties, strict=True):
        if code not in states:
            found.append((name, _("There is no State with the code %(code)s.") % {"code": code or "–"}))
    if values.parties[0] == values.parties[1]:
        found.append(("second", _("A bilateral treaty has two parties.")))
    for name in ("short_name", "full_title", "source"):
        if not getattr(values, name).strip():
            found.append((name, _("This is needed.")))
    if values.signed is None and values.in_force is None:
        found.append(
            ("signed", _("Give the day it was signed or the day since which it is in force: it is named by it."))
        )
    if values.signed and values.in_force and values.in_force < values.signed:
        found.append(("in_force", _("It cannot be in force before it was signed.")))
    if values.ended and (first := values.in_force or values.signed) and values.ended <= first:
        found.append(("ended", _("It cannot have ended before it began.")))
    if values.supplements and values.supplements not in supplemented:
        found.append(
            ("supplements", _("%(code)s is no treaty on mutual legal assistance here.") % {"code": values.supplements})
        )
    if values.reach == "any" and not values.reach_article.strip():
        found.append(("reach_article", _("Name the article that says so.")))
    if (values.language.languages or values.language.article) and not values.language.says.strip():
        found.append(("language_says", _("Say in your own words what the treaty says.")))
    if values.language.says.strip() and not values.language.article.strip():
        found.append(("language_article", _("Name the article that says so.")))
    if found:
        raise TreatyWrong(found)


def rules_from(values: TreatyValues, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the rules that `values` say, keeping what `before` says of a part that did not change.

    What the form does not ask (grounds of refusal, residual clause, questions and notes) stays as it was.
    """
    rules: dict[str, Any] = dict(before or {})
    checked_how: Checked = "verified" if values.confidence == "high" else "to_be_confirmed"
    was = values_of_rules(before) if before else None
    rules["parties"] = sorted(values.parties)
    rules.setdefault("mla_treaty", True)
    rules.pop("supplements", None)
    if values.supplements:
        rules["supplements"] = values.supplements
    if was is None or (was["reach"], was["reach_article"]) != (values.reach, values.reach_article):
        if values.reach == "any":
            one = {"offences": ["*"], "answer": "in_scope", "article": values.reach_article}
        else:
            one = {"offences": ["*"], "answer": "cannot_tell", "question": _QUESTION}
        rules["scope"] = [one | {"confidence": checked_how}]
    kept = dict(rules.get("measures", {}))
    rules["measures"] = {
        said.measure: kept[said.measure] if was is not None and said in was["measures"] else _measure(said, checked_how)
        for said in values.measures
    } or {"other": {"answer": "cannot_tell", "question": _MEASURE, "confidence": "to_be_confirmed"}}
    if was is None or was["contents"] != values.contents:
        old = {(one["item"], one["article"], one.get("need", "required")): one for one in rules.get("contents", ())}
        rules["contents"] = [
            old.get((said.item, said.article, said.need))
            or {"item": said.item, "article": said.article, "need": said.need, "confidence": checked_how}
            for said in values.contents
        ]
    if was is None or was["limits"] != values.limits:
        rules["time_limits"] = [
            {"says": said.says, "article": said.article, "confidence": checked_how}
            | ({"count": said.count, "unit": said.unit} if said.count is not None else {})
            for said in values.limits
        ]
    if was is None or was["language"] != values.language:
        said_of = values.language
        rules["languages"] = (
            [
                {
                    "says": said_of.says,
                    "article": said_of.article,
                    "languages": list(said_of.languages),
                    "confidence": checked_how,
                }
            ]
            if said_of.says
            else []
        )
    if was is None or was["titles"] != values.titles:
        kept_titles = dict(rules.get("titles", {}))
        rules["titles"] = {
            said.language: kept_titles[said.language]
            if was is not None and said in was["titles"]
            else {"short": said.short, "full": said.full, "confidence": checked_how}
            for said in values.titles
        }
    silent = (
        set() if before is None else {"refusal", "contents", "time_limits", "languages"} - set(before.get("unread", ()))
    )
    rules["unread"] = [
        name
        for name in ("refusal", "contents", "time_limits", "languages")
        if not rules.get(name) and (name not in silent or (before or {}).get(name))
    ]
    return {name: value for name, value in rules.items() if value not in ([], (), {})}


def _measure(said: MeasureSaid, checked_how: Checked) -> dict[str, Any]:
    row: dict[str, Any] = {"answer": said.answer, "confidence": checked_how}
    if said.articles:
        row["articles"] = list(said.articles)
    if said.answer == "cannot_tell":
        row["question"] = _MEASURE
    return row


def values_of_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form asks of an instrument's rules."""
    read = InstrumentRules.model_validate(rules)
    general = next(rule for rule in read.scope if "*" in rule.offences)
    first = read.languages[0] if read.languages else None
    return {
        "supplements": read.supplements or FIRST,
        "reach": "any" if general.answer == "in_scope" and not general.requires else "unknown",
        "reach_article": general.article,
        "measures": tuple(MeasureSaid(slug, rule.answer, tuple(rule.articles)) for slug, rule in read.measures.items()),
        "contents": tuple(ContentSaid(one.item, one.article, one.need) for one in read.contents),
        "limits": tuple(LimitSaid(one.says, one.article, one.count, one.unit or "") for one in read.time_limits),
        "titles": tuple(TitleSaid(language, one.short, one.full) for language, one in read.titles.items()),
        "language": LanguageSaid(first.says, first.article, tuple(first.languages)) if first else LanguageSaid(),
    }
