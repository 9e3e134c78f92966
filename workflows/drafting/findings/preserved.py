"""Findings on the preservation planner: what is lost before the letter can arrive, and what nobody asked to be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from workflows.drafting.before import may_bind
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.plan import letter_plans, rules_for, way_of, zone_of
from workflows.drafting.preserving_data import PRESERVATION, preserving_rules


def preserved_findings(view: View) -> Iterator[Finding]:
    """Yield what the planner tells: expired is a gap, an end before the letter can arrive a warning."""
    letter = view.letter
    binding = may_bind(view.law.resolutions.values())
    # Only a rule of an instrument that is known to bind both is named beside a finding.
    bound = {entry.instrument for one in view.law.resolutions.values() for entry in one.in_force}
    rule = next((one for one in rules_for(letter, binding) if not one.most and one.instruments & bound), None)
    instrument, _space, article = (rule.article if rule else "").partition(" ")
    asked = {item.measure for item in letter.items}
    if asked & preserving_rules().volatile and PRESERVATION not in asked and not letter.preserved:
        message = _(
            "Such data may be deleted while the letter travels, and the letter does not say whether they are preserved."
        )
        yield warning("preservation_open", "preserved", message, instrument=instrument, article=article)
    now = view.at or dt.datetime.combine(view.today, dt.time(), dt.UTC)
    plans = letter_plans(letter, now=now, zone=zone_of(letter, view.law.offices), way=way_of(view.law.profile))
    for index, (row, plan) in enumerate(plans):
        place = f"preserved[{index}]"
        words = {"key": row.id, "day": date_format(plan.until, "j F Y") if plan.until else ""}
        if plan.state == "ended":
            message = _(
                "%(key)s: the preservation ended on %(day)s. Have it extended or made anew, or say that the data are not preserved."
            )
            yield gap("preservation_expired", f"{place}.until", message % words, instrument=instrument, article=article)
        elif plan.state == "perhaps_ended":
            message = _("%(key)s: the preservation ends on %(day)s, and may have ended there already.")
            yield warning(
                "preservation_ending", f"{place}.until", message % words, instrument=instrument, article=article
            )
        elif plan.late:
            message = _(
                "%(key)s: kept until %(day)s, and a letter sent now would be received after that. Have the preservation extended, or send by another channel."
            )
            yield warning(
                "preservation_too_short", f"{place}.until", message % words, instrument=instrument, article=article
            )
        elif plan.state == "no_day":
            message = _("%(key)s: it is not known until when the data are kept. Ask for the day.")
            yield warning(
                "preservation_no_day", f"{place}.until", message % words, instrument=instrument, article=article
            )
