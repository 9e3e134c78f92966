"""What every part of the letter file is made of: clean texts, and objects that take no unknown field."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from mla.core.text import TextRefused, clean


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


class Part(BaseModel):
    """Every object of the file: an unknown field is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
