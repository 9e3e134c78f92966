"""Answer to a request to use evidence for another purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

from workflows.documents.kinds import WHOLE, About, Field, Kind

ANSWERS = {
    "consent": _p("use for another purpose", "consent is given"),
    "conditions": _p("use for another purpose", "consent is given on the conditions stated here"),
    "declined": _p("use for another purpose", "consent is not given"),
}


@dataclass(frozen=True, slots=True)
class UseAnswer:
    purpose: str
    answer: str
    conditions: str = ""
    reason: str = ""


def about(case: Any) -> list[About]:
    return [About(WHOLE)] if case.evidence_set.exists() else []


def kind_context(case: Any, about: str, said: Mapping[str, str]) -> UseAnswer:
    return UseAnswer(said["purpose"], str(ANSWERS[said["answer"]]), said["conditions"], said["reason"])


KIND = Kind(
    "use-answer",
    _("Answer to a request to use evidence for another purpose"),
    "incoming",
    about,
    kind_context,
    fields=(
        Field("purpose", _("Other purpose:"), required=True),
        Field("answer", _("Answer:"), "choice", required=True, choices=ANSWERS),
        Field("conditions", _("Conditions.")),
        Field("reason", _("Reasons.")),
    ),
)
