"""What a court of the requested State asks for, by its standard of proof: proof.toml, read once into values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from mla.core.errors import MlaError
from mla.reference.profiles import ProofStandard
from workflows.drafting.datafiles import entries_read
from workflows.drafting.measures import Measure, measure_catalogue

PROOF = Path(__file__).with_name("proof.toml")

_KEYS = {"key", "standards", "label", "short", "why", "field", "answer", "source", "confidence"}
#: The field of an item that holds the answers which no other field holds.
OWN = "standard_of_proof"
#: Fields of a measure that may answer a question.
_OF_AN_ITEM = frozenset({"nexus", "necessity", "period_reason", "procedure"})


class ProofWrong(MlaError):
    """proof.toml is not understood; the message names the entry and the key."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question of a court. `path`: where in the item its answer stands.

    `answer`: the key of a measure's own question; where a measure has it, it is asked there and nowhere else.
    """

    key: str
    standards: tuple[str, ...]
    label: str
    short: str
    why: str
    path: str
    source: str
    to_be_confirmed: bool
    answer: str = ""

    @property
    def own(self) -> bool:
        """Tell whether it can have an answer of its own, beside the questions of every measure."""
        return self.path.startswith(f"{OWN}.")

    def path_in(self, measure: Measure | None) -> str:
        """Return where in an item of that measure the answer stands."""
        if self.answer and measure is not None and measure.question(self.answer) is not None:
            return f"answers.{self.answer}"
        return self.path


@cache
def prompts() -> Mapping[str, Prompt]:
    """Return the questions by their key, in their order; read once.

    Raises:
        ProofWrong: naming the entry and what is wrong.
    """
    return prompts_read(PROOF)


def prompts_of(standards: Iterable[str]) -> tuple[Prompt, ...]:
    """Return the questions that these standards of proof ask."""
    wanted = set(standards)
    return tuple(one for one in prompts().values() if wanted & set(one.standards))


def proof_keys_known(answers: dict[str, str]) -> dict[str, str]:
    """Return the answers of an item as they are.

    Raises:
        ValueError: a key that is no question; the message names those that are.
    """
    known = [key for key, one in prompts().items() if one.own]
    wrong = [key for key in answers if key not in known]
    if wrong:
        message = _("there is no question “%(key)s” on the standard of proof; the questions are: %(known)s")
        raise ValueError(message % {"key": wrong[0][:60], "known": ", ".join(known)})
    return answers


def prompts_read(path: Path) -> Mapping[str, Prompt]:
    """Return the entries of a file such as proof.toml, by key. Raises ProofWrong."""
    return entries_read(path, "question", _prompt, key="key", wrong=ProofWrong)


def _prompt(entry: dict[str, Any], where: str) -> Prompt:
    if unknown := sorted(set(entry) - _KEYS):
        raise ProofWrong(f"{where}: unknown key {unknown[0]!r}")
    for name in ("key", "label", "short", "source"):
        if not isinstance(entry.get(name), str) or not entry[name].strip():
            raise ProofWrong(f"{where}: {name} is empty")
    if not re.fullmatch(r"[a-z][a-z_]{0,39}", entry["key"]):
        raise ProofWrong(f"{where}: key {entry['key']!r} is not made of small letters")
    standards = entry.get("standards")
    if not isinstance(standards, list) or not standards:
        raise ProofWrong(f"{where}: standards names none")
    for one in standards:
        if one not in ProofStandard.values:
            raise ProofWrong(f"{where}: standards: {one!r} is none of {', '.join(ProofStandard.values)}")
    field = entry.get("field", "")
    if field and field not in _OF_AN_ITEM:
        raise ProofWrong(f"{where}: field {field!r} is none of {', '.join(sorted(_OF_AN_ITEM))}")
    answer = str(entry.get("answer", ""))
    if answer and not any(measure.question(answer) for measure in measure_catalogue().values()):
        raise ProofWrong(f"{where}: answer {answer!r} is no question of a measure")
    if entry.get("confidence") not in ("verified", "to_be_confirmed"):
        raise ProofWrong(f"{where}: confidence is verified or to_be_confirmed")
    return Prompt(
        key=entry["key"],
        standards=tuple(standards),
        label=entry["label"],
        short=entry["short"],
        why=str(entry.get("why", "")),
        path=field or f"{OWN}.{entry['key']}",
        source=entry["source"],
        to_be_confirmed=entry["confidence"] != "verified",
        answer=answer,
    )
