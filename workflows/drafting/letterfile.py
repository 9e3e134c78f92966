"""The letter file: the whole content of a letter of request as one typed document.

The same document is imported, drafted, hashed, rendered and attached to the PDF. docs/letter-format.md
explains it to a person, docs/letter.schema.json (made from here) to a machine. Structure and single
values are checked here; what a treaty asks for is checked in findings.py.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mla.core.text import clean

FORMAT = "mla-letter/1"

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300), AfterValidator(clean)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(clean)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,4}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """Every object of the file: an unknown field is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Side(Part):
    """One State and its authority. `originating` is the prosecutor, judge or court behind the central authority."""

    jurisdiction: Country
    authority: Code | None = None
    originating: Code | None = None


class Proceedings(Part):
    subject: Text
    nature: Literal["investigation", "prosecution", "trial", "sentence", "confiscation", "administrative"]
    stage: Text = ""
    reference: Line = ""
    conducting_authority: Line = ""
    functions: Text = ""
    powers: Text = Field("", description="the authority's power to seek this evidence under its own law")


class Urgency(Part):
    level: Literal["routine", "urgent", "emergency"] = "routine"
    reason: Text = ""
    date: dt.date | None = None


class KeyDate(Part):
    kind: Literal["limitation", "detention_end", "trial", "hearing", "covert_phase_end", "preservation_end", "other"]
    date: dt.date
    note: Text = ""


class Contact(Part):
    """An office, by function. `hours` and `time_zone` (IANA) let the other State call at the right time."""

    role: Literal["return", "queries", "investigation", "central_authority", "duty"]
    office: Line
    function: Line = ""
    email: Line = ""
    phone: Line = ""
    hours: Line = ""
    time_zone: Line = ""
    languages: tuple[Line, ...] = ()


class Person(Part):
    id: Key
    kind: Literal["natural", "legal", "unknown"] = "natural"
    role: Literal["suspect", "accused", "convicted", "witness", "expert", "victim", "account_holder", "other"]
    name: Line
    aliases: tuple[Line, ...] = ()
    born: dt.date | None = None
    birthplace: Line = ""
    nationality: tuple[Country, ...] = ()
    document: Line = ""
    address: Text = ""
    location: Text = ""
    description: Text = ""
    protected: bool = False


class Offence(Part):
    """One offence: the text of the law and its maximum penalty, and the conduct apart from its name."""

    id: Key
    title: Line
    category: Literal[
        "terrorism", "terrorism_financing", "terrorist_bombing", "incitement", "participation_in_terrorist_group",
        "cybercrime", "drug_trafficking", "corruption", "money_laundering", "organized_crime", "fraud", "homicide",
        "kidnapping", "trafficking_in_persons", "child_sexual_exploitation", "fiscal", "other",
    ]  # fmt: skip
    provision: Line
    law_text: Text
    maximum_penalty: Line
    maximum_years: int | None = Field(None, ge=0, le=100, description="in years; 100 for life")
    conduct: Text
    committed_from: dt.date | None = None
    committed_to: dt.date | None = None
    place: Line = ""
    organized_group: bool | None = None
    benefit_sought: bool | None = Field(None, description="a financial or other material benefit (UNTOC 2(a))")
    transnational: bool | None = None


class Fact(Part):
    """One dated statement of fact and where it comes from."""

    date: dt.date | None = None
    text: Text
    source: Text = ""


class Period(Part):
    """From and to, instants with a UTC offset. A provider cannot use a time without one."""

    start: AwareDatetime = Field(alias="from")
    end: AwareDatetime = Field(alias="to")
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def in_order(self) -> Period:
        if self.end < self.start:
            raise ValueError("the period ends before it begins")
        return self


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
    type: Literal[
        "ip", "account", "email", "phone", "domain", "url", "wallet", "transaction", "device", "iban", "bank_account",
        "card", "hash", "other",
    ]  # fmt: skip
    value: Line
    port: int | None = Field(None, ge=1, le=65535)
    at: AwareDatetime | None = None
    period: Period | None = None
    provider: Key | None = None
    person: Key | None = None
    note: Text = ""


class Basis(Part):
    """A legal basis: an instrument with its articles, or the offer of reciprocity with the domestic statute."""

    id: Key
    instrument: Code = Field(description="code of an instrument, or RECIPROCITY")
    articles: tuple[Line, ...] = ()
    role: Literal["primary", "subsidiary"] = "primary"
    note: Text = ""


class Item(Part):
    """One measure asked for. Items, offences, persons and bases are many to many."""

    id: Key
    measure: Code
    bases: tuple[Key, ...] = ()
    offences: tuple[Key, ...] = ()
    persons: tuple[Key, ...] = ()
    identifiers: tuple[Key, ...] = ()
    provider: Key | None = None
    period: Period | None = None
    period_reason: Text = ""
    nexus: Text = Field("", description="why the evidence is there and how it bears on the offence")
    necessity: Text = ""
    answers: dict[str, Any] = Field(default_factory=dict, description="the measure's own questions")
    procedure: Text = Field("", description="how it should be done, and why under our law")
    time_limit: dt.date | None = None
    time_limit_reason: Text = ""


class Related(Part):
    """An earlier or parallel request: preservation, supplement, another State."""

    kind: Literal["preservation", "supplements", "follows", "police_channel", "parallel", "other"]
    reference: Line
    date: dt.date | None = None
    authority: Line = ""
    note: Text = ""


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


class Confidentiality(Part):
    level: Literal["normal", "confidential", "restricted"] = "normal"
    reason: Text = ""
    user_notification: Text = ""


class RightsScreen(Part):
    """Answers recorded with the approval; each empty one is a finding where it matters."""

    persecution: Text = ""
    speech: Text = ""
    press: Text = ""
    privilege: Text = ""
    immunity: Text = ""
    death_penalty: Text = ""
    minors: Text = ""
    ne_bis_in_idem: Text = ""


class AnnexEntry(Part):
    id: Key
    title: Line
    file: Line = Field("", description="path beside the letter file; the content is stored at import")
    sha256: Sha256 | None = None
    media_type: Line = ""
    size: int | None = Field(None, ge=0, le=2**31)


class LetterFile(Part):
    """A letter of request. `date` is the letter's own: the legal basis is as of that day."""

    format: Literal["mla-letter/1"]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    date: dt.date
    title: Line
    operation: Line = ""
    requesting: Side
    requested: Side
    channel: Code = "local"
    confidentiality: Confidentiality = Confidentiality()
    urgency: Urgency = Urgency()
    proceedings: Proceedings
    key_dates: tuple[KeyDate, ...] = ()
    contacts: tuple[Contact, ...] = ()
    persons: tuple[Person, ...] = ()
    offences: tuple[Offence, ...] = ()
    facts: tuple[Fact, ...] = ()
    providers: tuple[Provider, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    bases: tuple[Basis, ...] = ()
    items: tuple[Item, ...] = ()
    related: tuple[Related, ...] = ()
    statements: Statements = Statements()
    rights: RightsScreen = RightsScreen()
    annexes: tuple[AnnexEntry, ...] = ()

    def content(self) -> dict[str, Any]:
        """Return the letter as plain JSON values, defaults left out, ready for storage and for the hash."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"format": self.format}

