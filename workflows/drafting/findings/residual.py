"""Findings on paragraphs that give way to another treaty: asked of the drafter, never assumed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from workflows.drafting.findings.contents import content_findings
from workflows.drafting.findings.law import View, warning
from workflows.drafting.letterfile import Basis
from workflows.drafting.resolver_types import BasisEntry


def residual_findings(view: View) -> Iterator[Finding]:
    """Yield what is open on the treaties before each basis, and what is said that the data contradict."""
    said = {basis.other_treaty for basis in view.letter.bases} - {None}
    open_ones: list[tuple[str, BasisEntry]] = []
    for index, basis in enumerate(view.letter.bases):
        entry = _entry(view, basis)
        if entry is None or not entry.residual:
            continue
        path, rule = f"bases[{index}].other_treaty", _rule(entry)
        parts = {
            "name": entry.law.short_name,
            "paragraphs": ", ".join(entry.residual),
            "codes": ", ".join(entry.gives_way_to),
        }
        if len(said) > 1 and basis.other_treaty is not None:
            message = _("One basis says that another treaty binds both States, another that none does: say the same.")
            yield warning("other_treaty_contradicted", path, message, **rule)
        elif basis.other_treaty is False and entry.gives_way_to:
            message = _("You say that no other treaty binds both States, and %(codes)s is recorded as binding them.")
            yield warning("other_treaty_contradicted", path, message % parts, **rule)
        elif entry.residual_applies == "no" and not entry.gives_way_to and basis.other_treaty:
            message = _(
                "You say that another treaty binds both States, and none is recorded here: add it, name it as a "
                "basis, or say that the States agreed to apply %(paragraphs)s of %(name)s instead."
            )
            yield warning("other_treaty_unnamed", path, message % parts, **rule)
        if entry.residual_applies == "cannot_tell":
            open_ones.append((path, entry))
    if open_ones:
        # Asked once: the answer counts for every basis.
        path, first = open_ones[0]
        message = _(
            "Does another treaty on mutual legal assistance bind both States? Only if none does, or if they have agreed "
            "to apply them instead, these apply: %(paragraphs)s. %(why)s"
        ) % {
            "paragraphs": "; ".join(f"{e.law.short_name} {', '.join(e.residual)}" for _path, e in open_ones),
            "why": first.residual_why,
        }
        yield warning("other_treaty_open", path, message, **_rule(first))


def _rule(entry: BasisEntry) -> dict[str, str]:
    residual = entry.law.rules.residual
    return {"instrument": entry.instrument, "article": residual.article if residual else ""}


def contents_in_force(view: View) -> Iterator[Finding]:
    """Yield the findings on contents; what hangs on an open question is never a gap, and says on what it hangs."""
    certain, open_ones = _residual_articles(view)
    for finding in content_findings(view):
        rule = (finding.instrument, finding.article)
        if rule in open_ones and rule not in certain:
            message = _("Only if no other treaty binds both States: %(message)s") % {"message": finding.message}
            finding = dataclasses.replace(finding, severity="warning", message=message)
        yield finding


def _residual_articles(view: View) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the rules on contents that hold, and those that hold only if no treaty binds the pair."""
    certain: set[tuple[str, str]] = set()
    open_ones: set[tuple[str, str]] = set()
    for _index, item, _measure in view.items():
        for entry in view.entries(item):
            for content in entry.contents:
                only_if = entry.holds_only_if_none(content.residual)
                (open_ones if only_if else certain).add((entry.instrument, content.article))
    return certain, open_ones


def _entry(view: View, basis: Basis) -> BasisEntry | None:
    """Return how the instrument stands for the first measure that rests on it; for a letter without measures, None."""
    for _index, item, _measure in view.items():
        if basis.id in item.bases:
            entry = view.entry(item, basis.instrument)
            if entry is not None and entry.is_basis:
                return entry
    return None
