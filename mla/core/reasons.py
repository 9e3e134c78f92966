"""Why something cannot be done, and what is missing in a letter: values that every layer shares."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Reason:
    """One unmet condition of an act. `field` names the datum to change; `article` the rule behind it."""

    code: str
    message: str
    field: str = ""
    article: str = ""

    def __str__(self) -> str:
        return self.message


Severity = Literal["gap", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding on a letter. A gap stops its submission; a warning can be waived with a reason.

    `question` is the path of the answer in the letter file (such as ``items[0].period.from``),
    `instrument` and `article` the rule it comes from, both empty where the rule is our own.
    """

    severity: Severity
    code: str
    question: str
    instrument: str
    article: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
