"""Findings on what was asked before the letter: an obvious other way that nobody looked at."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.core.reasons import Finding
from workflows.drafting.asking_letter import situation
from workflows.drafting.before import alternatives_asked, may_bind
from workflows.drafting.findings.law import View, warning


def alternative_findings(view: View) -> Iterator[Finding]:
    """Yield a warning for each obvious alternative without an answer, and for each that is not suitable without a reason."""
    content = view.letter.content()
    for one in alternatives_asked(content, situation(content), may_bind(view.law.resolutions.values())):
        said = view.letter.before.get(one.key)
        instrument, article = one.rule
        if said is not None and said.answer == "not_suitable" and not said.reason:
            message = _("Say why this way is not suitable: %(question)s") % {"question": house_words(one.question)}
            place = f"before.{one.key}.reason"
            yield warning("alternative_reason", place, message, instrument=instrument, article=article)
        elif one.obvious and (said is None or said.answer == "not_considered"):
            message = _("Not answered: %(question)s") % {"question": house_words(one.question)}
            place = f"before.{one.key}.answer"
            yield warning("alternative_open", place, message, instrument=instrument, article=article)
