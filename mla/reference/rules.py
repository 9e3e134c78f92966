"""What an instrument's file says beside its title: a typed reading of `Instrument.rules`.

The files are data, no code: which offences and measures an instrument reaches, which of its
paragraphs give way to another treaty, what a request must contain, on what grounds it can be
refused. Everything carries how far it was checked: `verified` was read in the text, the rest is
to be confirmed.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mla.core.errors import MlaError

Checked = Literal["verified", "to_be_confirmed"]
Answer = Literal["in_scope", "not", "cannot_tell"]
OffenceCategory = Literal[
    "terrorism", "terrorism_financing", "terrorist_bombing", "incitement", "participation_in_terrorist_group",
    "cybercrime", "drug_trafficking", "corruption", "money_laundering", "organized_crime", "fraud", "homicide",
    "kidnapping", "trafficking_in_persons", "child_sexual_exploitation", "fiscal", "other",
]  # fmt: skip
ContentItem = Literal[
    "authority", "conducting_authority", "subject_nature", "stage", "facts", "offence", "offence_law_penalty",
    "assistance_described", "procedure", "person", "purpose", "time_limit", "period", "period_and_reason",
    "data_and_link", "user_or_location", "custodian", "custodian_address", "custodian_reason", "necessity",
    "confidentiality_need", "earlier_preservation", "sought_elsewhere", "mla_will_follow", "contact",
    "address_to_serve", "property", "property_location", "property_value", "facts_for_order", "order_copy",
    "order_extent", "order_final", "third_parties", "actions_requested", "hearing_reason", "hearing_authority",
    "witness_willing", "team_composition", "return_date", "transfer_consent", "observation", "emergency_facts",
    "emergency_link", "domain_data", "exclusive_use", "time_and_manner",
]  # fmt: skip
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class RulesWrong(MlaError):
    """The rules of an instrument are not whole; the message names the first key that is wrong.

    `faults` holds every one: what is wrong and the place of its key.
    """

    def __init__(self, message: str, faults: tuple[tuple[str, tuple[str | int, ...]], ...] = ()) -> None:
        self.faults = faults
        super().__init__(message)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntryIntoForce(Part):
    """Of the instrument itself, and how a later State's date follows from its consent.

    `earliest` and `latest` bound the instrument's own day where the source gives only a year.
    `days`: that many days after the deposit; `months`: the first day of the month after that many
    months; `same_day`: the deposit. Never before the instrument's own date.
    """

    state: Literal["in_force", "not_in_force"] = "in_force"
    earliest: date | None = None
    latest: date | None = None
    rule: Literal["days", "months", "same_day"] | None = None
    count: int = Field(0, ge=0, le=366)
    article: str = ""
    confidence: Checked = "to_be_confirmed"

    @model_validator(mode="after")
    def whole(self) -> EntryIntoForce:
        if self.rule in ("days", "months") and not self.count:
            raise ValueError("a rule in days or months needs a count")
        if (self.earliest is None) != (self.latest is None):
            raise ValueError("earliest and latest go together")
        return self


class Requirement(Part):
    """One fact of the offence that must hold: a yes, or a number of at least `at_least`."""

    fact: Literal["maximum_years", "organized_group", "benefit_sought", "transnational"]
    at_least: int | None = None


class ScopeRule(Part):
    """What the instrument says on some offences ("*": every other one). The first rule that names one decides.

    `measures` limits a rule to some measures; empty means every measure.
    With `requires` the answer is in_scope only where every requirement is known to hold, not where one
    is known to fail, else cannot_tell with the question that would settle it.
    """

    offences: tuple[OffenceCategory | Literal["*"], ...] = Field(min_length=1)
    measures: tuple[Slug, ...] = ()
    answer: Answer
    question: str = ""
    requires: tuple[Requirement, ...] = ()
    article: str = ""
    confidence: Checked

    @model_validator(mode="after")
    def whole(self) -> ScopeRule:
        if (self.answer == "cannot_tell" or self.requires) and not self.question:
            raise ValueError("cannot_tell and requires need the question that would settle it")
        if self.requires and self.answer != "in_scope":
            raise ValueError("requires leads to in_scope")
        return self


class MeasureRule(Part):
    """Whether the instrument provides for a measure, and in which articles."""

    answer: Answer
    articles: tuple[Text, ...] = ()
    question: str = ""
    note: str = ""
    confidence: Checked

    @model_validator(mode="after")
    def whole(self) -> MeasureRule:
        if self.answer == "cannot_tell" and not self.question:
            raise ValueError("cannot_tell needs the question that would settle it")
        if self.answer == "in_scope" and not self.articles:
            raise ValueError("a measure in scope needs its articles")
        return self


class Residual(Part):
    """Paragraphs that apply only where no treaty on mutual legal assistance binds the pair; the rest always does.

    With `steps_back` the instrument as a whole is then the second basis, not the first. What belongs to those
    paragraphs among grounds, bars and contents is marked `residual` there.
    """

    article: Text
    steps_back: bool
    only_without_mla_treaty: tuple[Text, ...] = ()
    always: tuple[Text, ...] = ()
    note: str = ""
    confidence: Checked


class Refusal(Part):
    """A ground of refusal or postponement. `measures` limits it; empty means every measure.

    `kept`: the instrument saves it expressly beside the grounds that it switches off.
    """

    ground: Text
    article: Text
    kept: bool = False
    measures: tuple[Slug, ...] = ()
    residual: bool = False
    note: str = ""
    confidence: Checked


class Bar(Part):
    """A ground that the instrument switches off, for the offences it covers (`offences` narrows them).

    `sole`: it is no ground alone; beside another it may still weigh.
    """

    ground: Text
    article: Text
    offences: tuple[OffenceCategory | Literal["*"], ...] = ("*",)
    sole: bool = False
    residual: bool = False
    note: str = ""
    confidence: Checked


#: What is sent without a request contains nothing of a request, unless a content names it.
UNASKED: frozenset[str] = frozenset({"spontaneous-information"})


class Content(Part):
    """One thing a request under the instrument contains.

    `measures` limits it; empty means every measure by which something is asked, but for `not_measures`.
    `when` limits it to letters that give one of some answers: an answer to the measure's own questions
    (``answers.mode``) or the urgency (``urgency.level``). need: `if_any` is told only where there is
    one (a procedure that is wished, an earlier preservation), so nothing lacks without it.
    """

    item: ContentItem
    article: Text
    need: Literal["required", "where_possible", "suggested", "if_any"] = "required"
    measures: tuple[Slug, ...] = ()
    not_measures: tuple[Slug, ...] = ()
    when: dict[Annotated[str, StringConstraints(pattern=r"^(answers\.[a-z_]+|urgency\.level)$")], tuple[Text, ...]] = {}
    residual: bool = False
    note: str = ""
    confidence: Checked

    @model_validator(mode="after")
    def whole(self) -> Content:
        if self.measures and self.not_measures:
            raise ValueError("measures and not_measures exclude each other")
        return self

    def applies_to(self, measure: str) -> bool:
        """Tell whether a request for this measure contains it; what `when` says is asked of the letter."""
        if self.measures:
            return measure in self.measures
        return measure not in self.not_measures and measure not in UNASKED


class TimeLimit(Part):
    """A time that the instrument itself sets: `says` in our words, `count` and `unit` where it gives a number."""

    says: Text
    article: Text
    count: int | None = Field(None, ge=1, le=1000)
    unit: Literal["hours", "days", "months"] | None = None
    measures: tuple[Slug, ...] = ()
    residual: bool = False
    confidence: Checked

    @model_validator(mode="after")
    def whole(self) -> TimeLimit:
        if (self.count is None) != (self.unit is None):
            raise ValueError("count and unit go together")
        return self


class LanguageRule(Part):
    """What the instrument says on the language of a request; a State's declaration goes before it.

    `languages` (BCP 47) where it names some; empty where it only gives a rule, such as an acceptable one.
    """

    says: Text
    article: Text
    languages: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")], ...] = ()
    residual: bool = False
    confidence: Checked


class Title(Part):
    """What the instrument is called in another language than English. `short`: as a letter calls it after the first time."""

    short: Annotated[Text, StringConstraints(max_length=120)]
    full: Text
    confidence: Checked


class InstrumentRules(Part):
    """The whole of an instrument's rules.

    parties: the two States of a bilateral treaty. sides: two groups, where it stands only between a State
    of the one and a State of the other (an agreement of the Union with another State). open_to: where
    only these can ever be bound (a Union act). mla_treaty: binds the pair in the sense of other instruments' residual clauses.
    supplements: the treaty without which this one cannot stand; supplements_bilateral: it adds to the
    bilateral treaty of the pair, whichever that is. replaces: what it puts aside between
    States bound by both. replaces_letter: between States bound by it, what is sent instead of a
    letter. second_basis: why a request under it alone nearly always needs another basis. unread: the
    parts that nobody has read in its text, so that an empty one means not known; a part that is neither
    here nor given says that the instrument is silent on it.
    """

    entry_into_force: EntryIntoForce = EntryIntoForce()
    parties: tuple[Country, ...] = ()
    sides: tuple[tuple[Country, ...], ...] = ()
    open_to: tuple[Country, ...] = ()
    mla_treaty: bool = False
    supplements: Code | None = None
    supplements_bilateral: bool = False
    replaces: tuple[Code, ...] = ()
    replaces_letter: str = ""
    second_basis: str = ""
    channel_note: str = ""
    scope: tuple[ScopeRule, ...] = Field(min_length=1)
    measures: dict[Slug, MeasureRule] = Field(min_length=1)
    residual: Residual | None = None
    refusal: tuple[Refusal, ...] = ()
    bar: tuple[Bar, ...] = ()
    contents: tuple[Content, ...] = ()
    time_limits: tuple[TimeLimit, ...] = ()
    languages: tuple[LanguageRule, ...] = ()
    unread: tuple[Literal["refusal", "contents", "time_limits", "languages"], ...] = ()
    titles: dict[Slug, Title] = Field(default_factory=dict)

    @field_validator("sides")
    @classmethod
    def two_sides(cls, value: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        if value and (len(value) != 2 or not all(value) or set(value[0]) & set(value[1])):
            raise ValueError("sides are two groups of States, and none stands in both")
        return value

    @field_validator("scope")
    @classmethod
    def every_offence_is_answered(cls, value: tuple[ScopeRule, ...]) -> tuple[ScopeRule, ...]:
        if not any("*" in rule.offences and not rule.measures for rule in value):
            raise ValueError("scope needs a rule for every other offence (*)")
        return value

    @field_validator("unread")
    @classmethod
    def nothing_unread_is_given(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name in value:
            if info.data.get(name):
                raise ValueError(f"{name} is given and named in unread")
        return value

    def stands_between(self, one: str, other: str) -> bool:
        """Tell whether it can bind these two towards each other, whoever is bound by it at all."""
        if self.parties:
            return {one, other} == set(self.parties)
        if self.sides:
            left, right = self.sides
            return (one in left and other in right) or (one in right and other in left)
        return True


def rules_of(value: dict[str, Any]) -> InstrumentRules:
    """Read `Instrument.rules`.

    Raises:
        RulesWrong: the rules are not whole; names the first key that is wrong.
    """
    try:
        return InstrumentRules.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        faults = tuple((f"{'.'.join(map(str, one['loc'])) or 'rules'}: {one['msg']}", one["loc"]) for one in found)
        raise RulesWrong(faults[0][0], faults) from error
