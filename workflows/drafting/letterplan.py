"""The parts of a letter file that prepare the request and never leave the house: what was asked before, what is preserved."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from workflows.drafting.before import alternatives_known
from workflows.drafting.letter_base import Date, Key, Line, Part, Period, Text, Whole


class Considered(Part):
    """The answer to one alternative (before.toml)."""

    answer: Literal["not_considered", "used", "not_suitable"] = "not_considered"
    reason: Text = Field("", description="what came of it, or why it is not suitable")


def _considered(given: dict[str, Considered]) -> dict[str, Considered]:
    alternatives_known(given)
    return {key: one for key, one in given.items() if one != Considered()}


#: By the key of the alternative; one that nobody answered is left out.
Before = Annotated[
    dict[Annotated[str, StringConstraints(max_length=40)], Considered],
    AfterValidator(_considered),
    Field(description="other ways to the evidence that were looked at; never sent"),
]


class DataSet(Part):
    """One row of the preservation planner. A day “until” is the last day, as the requested State counts it."""

    id: Key
    what: Text = Field(description="which data")
    provider: Key | None = None
    identifiers: tuple[Key, ...] = Field((), max_length=500)
    period: Period | None = None
    state: Literal["not_known", "yes", "no"] = Field("not_known", description="whether the data are preserved")
    by: Line = Field("", description="who has them preserved, or keeps them")
    reference: Line = ""
    on: Date | None = None
    until: Date | None = None
    extended_until: Date | None = None
    extensions: Whole | None = Field(None, ge=0, le=100, description="how often it was extended")
    hold: Literal["not_known", "yes", "no"] = Field(
        "not_known", description="whether the requested State keeps them until the request is decided"
    )

    @model_validator(mode="after")
    def in_order(self) -> DataSet:
        if self.on and self.until and self.until < self.on:
            raise ValueError(_("the preservation ends before it begins"))
        if self.extended_until and self.until and self.extended_until < self.until:
            raise ValueError(_("the extension ends before what it extends"))
        return self
