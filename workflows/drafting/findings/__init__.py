"""What is missing or doubtful in a letter: a pure function of the letter, the law of the pair, and the day.

A gap stops the submission, a warning can be waived with a reason. Every finding names the path of the
answer in the letter file and the rule it comes from. Rules from a text that was read make gaps; rules from
general knowledge make warnings. The tool informs; no finding, and no lack of one, says that a request is lawful.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mla.core.reasons import Finding
from workflows.drafting.findings.alternatives import alternative_findings
from workflows.drafting.findings.asking import asking_findings
from workflows.drafting.findings.assurances import assurance_findings
from workflows.drafting.findings.bases import basis_findings
from workflows.drafting.findings.items import item_findings
from workflows.drafting.findings.law import Law, View
from workflows.drafting.findings.offices import office_findings
from workflows.drafting.findings.parts import part_findings
from workflows.drafting.findings.preserved import preserved_findings
from workflows.drafting.findings.profile import profile_findings
from workflows.drafting.findings.residual import contents_in_force, residual_findings
from workflows.drafting.findings.rights import rights_findings
from workflows.drafting.findings.sealed import sealed_findings
from workflows.drafting.findings.wording import wording_findings
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.measures import Measure, measure_catalogue

Rule = Callable[[View], Iterator[Finding]]

__all__ = ["Law", "Rule", "letter_findings", "register_rule"]

_RULES: list[Rule] = [
    part_findings,
    assurance_findings,
    item_findings,
    basis_findings,
    residual_findings,
    contents_in_force,
    office_findings,
    wording_findings,
    profile_findings,
    rights_findings,
    asking_findings,
    alternative_findings,
    preserved_findings,
]


def register_rule(rule: Rule) -> None:
    """Add a rule from a layer above, in its AppConfig.ready: what can be printed is known to the documents alone."""
    if rule not in _RULES:
        _RULES.append(rule)


def letter_findings(
    letter: LetterFile,
    *,
    law: Law,
    today: dt.date,
    measures: Mapping[str, Measure] | None = None,
    at: dt.datetime | None = None,
    sealed: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Finding]:
    """Return the findings on a letter, gaps first, then by the place in the letter.

    `law` is what is known of the pair of States on the letter's date (`workflows.drafting.law.law_for`),
    `today` the day against which the age of an address and a coming date are measured; `at` (aware) the moment that
    day was read from, for ends that fall within a day; `sealed` the particulars of its protected persons by key, None
    where nobody looks at them.
    """
    view = View.of(letter, measure_catalogue() if measures is None else measures, law, today, at)
    found: dict[tuple[str, str], Finding] = {}
    rules = [rule(view) for rule in _RULES]
    if sealed is not None:
        rules.append(sealed_findings(view, sealed))
    for findings in rules:
        for finding in findings:
            # Two instruments may ask for the same answer: the weightier finding stands, the first of equals.
            before = found.get((finding.code, finding.question))
            if before is None or (before.severity, finding.severity) == ("warning", "gap"):
                found[(finding.code, finding.question)] = finding
    return sorted(_once(found.values()), key=_order)


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """An answer that an instrument of the letter asks for is told with that instrument's article, not twice."""
    findings = list(found)
    told = {(f.question, f.severity) for f in findings if f.code.startswith("content_")}
    for finding in findings:
        heavier = {(finding.question, "gap"), (finding.question, finding.severity)}
        if finding.code != "answer_missing" or not told & heavier:
            yield finding


def _order(finding: Finding) -> tuple[bool, list[tuple[int, str]], str]:
    steps = re.findall(r"[A-Za-z_]+|\d+", finding.question)
    place = [(int(step), "") if step.isdigit() else (-1, step) for step in steps]
    return finding.severity != "gap", place, finding.code
