"""The letter file: the whole content of a letter of request as one typed document.

The same document is imported, drafted, hashed, rendered and attached to the PDF. docs/letter-format.md
explains it to a person, docs/letter.schema.json (made from here) to a machine. Structure and single
values are checked here; what a treaty asks for is checked in findings.py. `read_letter` takes the bytes
of a file, `letter_from` plain values such as the stored content of a version.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from mla.reference.assurances import assurance_kinds, known_assurance
from workflows.drafting.identifiers import identifier_kept
from workflows.drafting.key_dates import LONGEST_LEAD, kinds_of_date, known_kind
from workflows.drafting.letter_base import (
    ChannelCode,
    Code,
    Country,
    Date,
    Instant,
    Key,
    Line,
    Part,
    Period,
    Sha256,
    Text,
    Whole,
    YesNo,
)
from workflows.drafting.letter_rights import RightsScreen
from workflows.drafting.letterplan import Before, DataSet
from workflows.drafting.measures import Measure, answers_checked, measure_catalogue
from workflows.drafting.parsing import LetterFileWrong, Problem, path_of, plain, plain_from_bytes
from workflows.drafting.proof import proof_keys_known
from workflows.drafting.values import IDENTIFIER_CHECKS, email_value, time_zone_value
from workflows.drafting.vocabulary import (
    ConfidentialityLevel,
    IdentifierType,
    Nature,
    OffenceCategory,
    PersonKind,
    PersonRole,
    UrgencyLevel,
)

FORMAT = "mla-letter/1"

#: Characters of all texts of a letter together: some hundred pages.
LARGEST_LETTER = 300_000
#: Line ends of all texts together; thousands of empty lines cost the page maker more than words do.
MOST_LINES = 4_000


class Side(Part):
    """One State and its authority. `originating` is the prosecutor, judge or court behind the central authority."""

    jurisdiction: Country
    authority: Code | None = None
    originating: Code | None = None


class Proceedings(Part):
    subject: Text
    nature: Nature
    stage: Text = ""
    reference: Line = ""
    conducting_authority: Line = ""
    functions: Text = ""
    powers: Text = Field("", description="the authority's power to seek this evidence under its own law")


class Urgency(Part):
    level: UrgencyLevel = "routine"
    reason: Text = ""
    date: Date | None = None


class KeyDate(Part):
    """A day that binds the proceedings. What is asked for is needed `lead_days` before it (workflows.drafting.key_dates)."""

    kind: Annotated[str, AfterValidator(known_kind), Field(json_schema_extra={"enum": [*kinds_of_date()]})]
    date: Date
    at: Instant | None = Field(None, description="the time of a hearing, on that day where it is held")
    lead_days: Whole | None = Field(None, ge=0, le=LONGEST_LEAD, description="left out: the usual ones of its kind")
    note: Text = Field("", description="why it matters")

    @model_validator(mode="after")
    def on_its_day(self) -> KeyDate:
        if self.at and self.at.date() != self.date:
            raise ValueError(_("the time lies on another day than the date"))
        return self


class Contact(Part):
    """An office, by function. `hours` and `time_zone` (IANA) let the other State call at the right time."""

    role: Literal["return", "queries", "investigation", "central_authority", "duty"]
    office: Line
    function: Line = ""
    email: Line = ""
    phone: Line = ""
    hours: Line = ""
    time_zone: Line = ""
    languages: tuple[Line, ...] = Field((), max_length=20)

    @field_validator("email")
    @classmethod
    def is_email(cls, value: str) -> str:
        return email_value(value) if value else value

    @field_validator("time_zone")
    @classmethod
    def is_time_zone(cls, value: str) -> str:
        return time_zone_value(value)


class Person(Part):
    id: Key
    kind: PersonKind = "natural"
    role: PersonRole
    name: Line
    pseudonym: Line = Field("", description="what a protected person is called in the letter")
    aliases: tuple[Line, ...] = Field((), max_length=50)
    born: Date | None = None
    birthplace: Line = ""
    nationality: tuple[Country, ...] = Field((), max_length=20)
    document: Line = ""
    address: Text = ""
    location: Text = ""
    description: Text = ""
    protected: YesNo = False


class Element(Part):
    """One element of the conduct as an act, the fact that shows it, and, where known, what the other State's law says."""

    element: Text
    fact: Text = ""
    theirs: Text = Field("", description="the matching element there; empty: not known; never leaves the house")


class Offence(Part):
    """One offence: the text of the law and its maximum penalty, and the conduct apart from its name."""

    id: Key
    title: Line
    category: OffenceCategory
    provision: Line
    law_text: Text
    maximum_penalty: Line
    maximum_years: Whole | None = Field(None, ge=0, le=100, description="in years; 100 for life")
    conduct: Text
    committed_from: Date | None = None
    committed_to: Date | None = None
    place: Line = ""
    organized_group: YesNo | None = None
    benefit_sought: YesNo | None = Field(None, description="a financial or other material benefit (UNTOC 2(a))")
    transnational: YesNo | None = None
    elements: tuple[Element, ...] = Field((), max_length=30, description="the conduct, element by element")


class Fact(Part):
    """One dated statement of fact and where it comes from."""

    date: Date | None = None
    text: Text
    source: Text = ""


class Provider(Part):
    id: Key
    name: Line = Field(description="the exact legal entity")
    address: Text = ""
    jurisdiction: Country | None = None
    service: Line = ""
    holds_because: Text = Field("", description="why it is believed to hold the data")


class Identifier(Part):
    """What the provider searches by. An IP address goes with a time, its UTC offset, and a port where known."""

    id: Key
    type: IdentifierType
    value: Line
    port: Whole | None = Field(None, ge=1, le=65535)
    at: Instant | None = None
    period: Period | None = None
    provider: Key | None = None
    person: Key | None = None
    note: Text = ""

    @field_validator("value")
    @classmethod
    def fits_type(cls, value: str, info: ValidationInfo) -> str:
        check = IDENTIFIER_CHECKS.get(info.data.get("type", ""))
        return check(value) if check and value else value


class Basis(Part):
    """A legal basis: an instrument with its articles, or the offer of reciprocity with the domestic statute."""

    id: Key
    instrument: Code = Field(description="code of an instrument, or RECIPROCITY")
    articles: tuple[Line, ...] = Field((), max_length=50)
    role: Literal["primary", "subsidiary"] = "primary"
    other_treaty: YesNo | None = Field(
        None, description="whether a treaty on mutual legal assistance binds both States"
    )
    agreed_instead: YesNo | None = Field(
        None, description="whether the States agreed to apply this instrument's paragraphs instead of that treaty's"
    )
    note: Text = ""


class Item(Part):
    """One measure asked for. Items, offences, persons and bases are many to many."""

    id: Key
    measure: Code
    bases: tuple[Key, ...] = Field((), max_length=500)
    offences: tuple[Key, ...] = Field((), max_length=500)
    persons: tuple[Key, ...] = Field((), max_length=500)
    identifiers: tuple[Key, ...] = Field((), max_length=500)
    provider: Key | None = None
    period: Period | None = None
    period_reason: Text = ""
    nexus: Text = Field("", description="why the evidence is there and how it bears on the offence")
    necessity: Text = ""
    answers: dict[str, Any] = Field(default_factory=dict, description="the measure's own questions")
    standard_of_proof: Annotated[dict[str, Text], AfterValidator(proof_keys_known)] = Field(
        default_factory=dict, description="answers to what a court there asks by its standard of proof (proof.toml)"
    )
    procedure: Text = Field("", description="how it should be done, and why under our law")
    certificate_form: Literal["none", "records_certificate", "oath"] | None = Field(
        None, description="form printed at the end of the letter, to be signed over there and sent with the evidence"
    )
    time_limit: Date | None = None
    time_limit_reason: Text = ""


class Related(Part):
    """An earlier or parallel request: preservation, supplement, another State."""

    kind: Literal[
        "preservation", "supplements", "amends", "follows", "resubmits", "redirected", "reopens",
        "police_channel", "parallel", "other",
    ]  # fmt: skip
    reference: Line
    date: Date | None = None
    authority: Line = ""
    note: Text = ""
    sha256: Sha256 | None = Field(None, description="content hash of the letter that this one adds to or corrects")


class Statements(Part):
    """Undertakings and wishes that practice expects in their own words."""

    purpose: Text = ""
    reciprocity: Text = ""
    speciality: Text = ""
    data_protection: Text = ""
    death_penalty: Text = ""
    costs: Text = ""
    admissibility: Text = Field("", description="certificate or form that our courts need")
    tipping_off: Text = ""


class Assurance(Part):
    """An assurance that is offered; left empty, its words are those of the statement of its kind."""

    kind: Annotated[str, AfterValidator(known_assurance), Field(json_schema_extra={"enum": [*assurance_kinds()]})]
    text: Text = ""
    offered: Literal["now", "when_asked"] = "now"
    given_by: Line = Field("", description="the authority that can give it")


class Confidentiality(Part):
    level: ConfidentialityLevel = "normal"
    marking: Annotated[Line, StringConstraints(max_length=60)] = Field(
        "", description="printed on every page; left out, the words of the level"
    )
    reason: Text = ""
    user_notification: Text = ""


class AnnexEntry(Part):
    id: Key
    title: Line
    language: Annotated[str, StringConstraints(pattern=r"^$|^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = ""
    file: Line = Field("", description="path beside the letter file; the content is stored at import")
    sha256: Sha256 | None = None
    media_type: Line = ""
    size: Whole | None = Field(None, ge=0, le=2**31)


class LetterFile(Part):
    """A letter of request. `date` is the letter's own: the legal basis is as of that day."""

    format: Literal["mla-letter/1"]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    date: Date
    title: Line
    operation: Line = ""
    requesting: Side
    requested: Side
    channel: ChannelCode = "local"
    confidentiality: Confidentiality = Confidentiality()
    urgency: Urgency = Urgency()
    proceedings: Proceedings
    key_dates: tuple[KeyDate, ...] = Field((), max_length=50)
    contacts: tuple[Contact, ...] = Field((), max_length=20)
    persons: tuple[Person, ...] = Field((), max_length=200)
    offences: tuple[Offence, ...] = Field((), max_length=50)
    facts: tuple[Fact, ...] = Field((), max_length=500)
    providers: tuple[Provider, ...] = Field((), max_length=50)
    identifiers: tuple[Identifier, ...] = Field((), max_length=500)
    bases: tuple[Basis, ...] = Field((), max_length=20)
    items: tuple[Item, ...] = Field((), max_length=50)
    related: tuple[Related, ...] = Field((), max_length=50)
    statements: Statements = Statements()
    assurances: tuple[Assurance, ...] = Field((), max_length=30)
    rights: RightsScreen = RightsScreen()
    before: Before = Field(default_factory=dict)
    preserved: tuple[DataSet, ...] = Field((), max_length=100)
    annexes: tuple[AnnexEntry, ...] = Field((), max_length=100)
    annexes_bound: bool = Field(False, description="the PDF annexes are bound into one more file, for reading")

    def content(self) -> dict[str, Any]:
        """Return the letter as plain JSON values, defaults left out, ready for storage and for the hash."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"format": self.format}


#: Where references point: list of the letter that holds the identifiers, by the field that names them.
_POINTS_TO = {
    "bases": "bases", "offences": "offences", "persons": "persons", "identifiers": "identifiers",
    "provider": "providers", "person": "persons",
}  # fmt: skip
_WITH_IDS = ("persons", "offences", "providers", "identifiers", "bases", "items", "preserved", "annexes")


def read_letter(
    data: bytes,
    *,
    name: str,
    jurisdictions: Collection[str] | None = None,
    measures: Mapping[str, Measure] | None = None,
) -> LetterFile:
    """Return the letter in a JSON or TOML file of at most 5 MB; nothing is stored.

    `name` is the file's name, for the choice of the format and for messages. `jurisdictions`, where
    given, holds the codes of all known States (`mla.reference`); `measures` defaults to the shipped ones.

    Raises:
        LetterFileWrong: whatever is wrong, with lines and columns (syntax) or paths (content).
    """
    values = plain_from_bytes(data, name=name)
    return values_kept(letter_from(values, name=name, jurisdictions=jurisdictions, measures=measures))


def values_kept(letter: LetterFile) -> LetterFile:
    """Return a letter that comes in with its identifiers in their usual form: numbers with their country code, say."""
    kept = tuple(one.model_copy(update={"value": identifier_kept(one.type, one.value)}) for one in letter.identifiers)
    return letter if kept == letter.identifiers else letter.model_copy(update={"identifiers": kept})


def letter_from(
    value: Any,
    *,
    name: str = "",
    jurisdictions: Collection[str] | None = None,
    measures: Mapping[str, Measure] | None = None,
) -> LetterFile:
    """Return the letter in parsed values, such as a version's content or a form's data.

    Raises:
        LetterFileWrong: naming the path of everything that does not fit.
    """
    values = plain(value, name=name)
    measures = measure_catalogue() if measures is None else measures
    problems = _answers_normalised(values, measures)
    try:
        letter = LetterFile.model_validate(values)
    except ValidationError as error:
        problems += [_problem(details) for details in error.errors(include_url=False)]
        raise LetterFileWrong(problems, name=name) from error
    content = letter.content()
    problems += _too_long(content) + list(_dangling(content))
    if jurisdictions is not None:
        problems += _unknown_states(letter, jurisdictions)
    if problems:
        raise LetterFileWrong(problems, name=name)
    return letter


def _answers_normalised(values: dict[str, Any], measures: Mapping[str, Measure]) -> list[Problem]:
    """Put each item's answers into their canonical form, in place."""
    problems: list[Problem] = []
    items = values.get("items")
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, dict) or not isinstance(item.get("measure"), str):
            continue
        measure = measures.get(item["measure"])
        if measure is None:
            message = _("there is no measure “%(measure)s”; the measures are: %(known)s")
            parts = {"measure": item["measure"], "known": ", ".join(measures)}
            problems.append(Problem(f"items[{index}].measure", message % parts))
        elif isinstance(item.get("answers"), dict):
            item["answers"], wrong = answers_checked(item["answers"], measure, path=f"items[{index}].answers")
            problems += wrong
    return problems


def _too_long(values: Any) -> list[Problem]:
    texts = list(_texts(values))
    length, lines = sum(map(len, texts)), sum(text.count("\n") for text in texts)
    problems = []
    if length > LARGEST_LETTER:
        message = _("the texts of the letter have %(length)s characters together, at most %(most)s can be printed")
        problems.append(Problem("", message % {"length": length, "most": LARGEST_LETTER}))
    if lines > MOST_LINES:
        message = _("the texts of the letter have %(lines)s line ends together, at most %(most)s can be printed")
        problems.append(Problem("", message % {"lines": lines, "most": MOST_LINES}))
    return problems


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _dangling(content: dict[str, Any]) -> Iterator[Problem]:
    """Find identifiers that stand twice, and references to what is not there."""
    known: dict[str, set[str]] = {}
    for group in _WITH_IDS:
        known[group] = set()
        for index, part in enumerate(content.get(group, ())):
            if part["id"] in known[group]:
                yield Problem(f"{group}[{index}].id", _("the identifier %(id)s stands twice") % {"id": part["id"]})
            known[group].add(part["id"])
    for group in ("items", "identifiers", "preserved"):
        for index, part in enumerate(content.get(group, ())):
            for field, target in _POINTS_TO.items():
                given = part.get(field)
                for position, key in enumerate(given if isinstance(given, list) else [given] if given else []):
                    if key not in known[target]:
                        where = f"{group}[{index}].{field}" + (f"[{position}]" if isinstance(given, list) else "")
                        message = _("names %(id)s, and there is no %(id)s in %(target)s")
                        yield Problem(where, message % {"id": key, "target": target})


def _unknown_states(letter: LetterFile, jurisdictions: Collection[str]) -> list[Problem]:
    named = [
        ("requesting.jurisdiction", letter.requesting.jurisdiction),
        ("requested.jurisdiction", letter.requested.jurisdiction),
    ]
    for index, person in enumerate(letter.persons):
        named += [(f"persons[{index}].nationality[{n}]", code) for n, code in enumerate(person.nationality)]
    for index, provider in enumerate(letter.providers):
        if provider.jurisdiction:
            named.append((f"providers[{index}].jurisdiction", provider.jurisdiction))
    message = _("there is no State or territory with the code %(code)s (ISO 3166-1 alpha-2)")
    return [Problem(path, message % {"code": code}) for path, code in named if code not in jurisdictions]


def _problem(details: ErrorDetails) -> Problem:
    """Say pydantic's error in our words."""
    location = details["loc"]
    context = details.get("ctx", {})
    words: dict[str, Callable[[], str]] = {
        "missing": lambda: _("is missing"),
        "extra_forbidden": lambda: _unknown_field(location),
        "literal_error": lambda: _("must be one of: %(known)s") % {"known": context["expected"]},
        "string_type": lambda: _("give text, in quotes"),
        "int_type": lambda: _("give a whole number"),
        "bool_type": lambda: _("answer with true or false"),
        "tuple_type": lambda: _("give a list"),
        "dict_type": lambda: _("give an object"),
        "model_type": lambda: _("give an object"),
        "string_too_long": lambda: _("is longer than %(most)s characters") % {"most": context["max_length"]},
        "too_long": lambda: _("holds more than %(most)s entries") % {"most": context["max_length"]},
        "greater_than_equal": lambda: _("must be at least %(limit)s") % {"limit": context["ge"]},
        "less_than_equal": lambda: _("must be at most %(limit)s") % {"limit": context["le"]},
        "string_pattern_mismatch": lambda: _wrong_pattern(location, details["input"]),
        "value_error": lambda: str(context["error"]),
    }
    said = words.get(details["type"])
    return Problem(path_of(location), said() if said else details["msg"])


_PATTERNS = {
    "language": "en, fr, zh-Hans (BCP 47)",
    "jurisdiction": "US (ISO 3166-1 alpha-2)",
    "nationality": "US (ISO 3166-1 alpha-2)",
    "sha256": "64 hexadecimal digits in lower case",
    "id": "P1: one to three capital letters and a number",
}


def _wrong_pattern(location: tuple[int | str, ...], given: Any) -> str:
    field = next((step for step in reversed(location) if isinstance(step, str)), "")
    known_keys = {*_POINTS_TO, "id"}
    example = _PATTERNS.get("id" if field in known_keys else field, "letters, digits and hyphens, at most 40")
    return _("“%(given)s” does not have the form: %(example)s") % {"given": str(given)[:60], "example": example}


def _unknown_field(location: tuple[int | str, ...]) -> str:
    part: type[BaseModel] = LetterFile
    for step in location[:-1]:
        if isinstance(step, str):
            part = _part_of(part, step)
    known = [field.alias or name for name, field in part.model_fields.items()]
    near = difflib.get_close_matches(str(location[-1]), known, n=1)
    if near:
        return _("there is no such field; is “%(near)s” meant?") % {"near": near[0]}
    return _("there is no such field here; the fields are: %(known)s") % {"known": ", ".join(known)}


def fields_at(steps: Sequence[str]) -> tuple[str, ...]:
    """Return the fields of what stands at a place, such as ``items`` and ``period``, in the order of the format."""
    part: type[BaseModel] = LetterFile
    for step in steps:
        part = _part_of(part, step)
    return tuple(field.alias or name for name, field in part.model_fields.items())


def _part_of(part: type[BaseModel], step: str) -> type[BaseModel]:
    """Return the class of the objects in field `step` of `part`."""
    field = part.model_fields.get(step)
    found: list[Any] = [field.annotation] if field else []
    while found:
        kind = found.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        found += getattr(kind, "__args__", ())
    return part
