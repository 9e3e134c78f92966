"""What the bodies of all messages have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from mla.core.text import clean

Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(clean)]
Text = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(clean)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
