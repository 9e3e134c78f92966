"""What every part of the letter file is made of: clean texts, and objects that take no unknown field."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)

from mla.core.text import TextRefused, clean
from workflows.drafting.values import date_value, instant_value


def _cleaned(value: str) -> str:
    try:
        return clean(value)
    except TextRefused as error:
        raise ValueError(str(error)) from error


def _one_line(value: str) -> str:
    if "\n" in value:
        raise ValueError(_("give one line"))
    return value


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=300),
    AfterValidator(_cleaned),
    AfterValidator(_one_line),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_cleaned)]
Date = Annotated[dt.date, BeforeValidator(date_value)]
#: An instant with its UTC offset.
Instant = Annotated[dt.datetime, BeforeValidator(instant_value)]
Whole = Annotated[int, Strict()]
YesNo = Annotated[bool, Strict()]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,4}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]
#: As Code; the channel of the 24/7 points of contact is written with an underscore.
ChannelCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """Every object of the file: an unknown field is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Period(Part):
    """From and to, instants with a UTC offset. A provider cannot use a time without one."""

    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def in_order(self) -> Period:
        if self.end < self.start:
            raise ValueError("the period ends before it begins")
        return self
