"""The rights screen of the letter file: ten rows, each with an answer and its reason. Our own assessment: it never leaves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from workflows.drafting.letter_base import Part, Text

#: A yes is the concern; not_known is an answer and never read as a no.
RightsAnswer = Literal["yes", "no", "not_known"]


class RightsAnswers(Part):
    """The answer of each row; one that is left out was not given."""

    persecution: RightsAnswer | None = None
    speech: RightsAnswer | None = None
    press: RightsAnswer | None = None
    privilege: RightsAnswer | None = None
    immunity: RightsAnswer | None = None
    death_penalty: RightsAnswer | None = None
    torture: RightsAnswer | None = None
    minors: RightsAnswer | None = None
    data_protection: RightsAnswer | None = None
    ne_bis_in_idem: RightsAnswer | None = None


class RightsScreen(Part):
    """The reason of each answer, and the answers. A letter may have reasons alone: it is older than the answers."""

    persecution: Text = ""
    speech: Text = ""
    press: Text = ""
    privilege: Text = ""
    immunity: Text = ""
    death_penalty: Text = ""
    torture: Text = ""
    minors: Text = ""
    data_protection: Text = ""
    ne_bis_in_idem: Text = ""
    answers: RightsAnswers = Field(RightsAnswers(), description="yes is the concern; not_known is never read as a no")

    def answer(self, row: str) -> str:
        """Return the answer of a row; empty where none was given."""
        return str(getattr(self.answers, row) or "")

    def settles(self, row: str) -> bool:
        """Tell whether a row was looked at: a bare no does not answer what the letter itself gives rise to."""
        return self.answer(row) != "not_known" and bool(getattr(self, row))
