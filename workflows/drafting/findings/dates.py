"""Findings on urgency and key dates: by when, why, and whether the day can still be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.key_dates import Needed, needs_of

#: A date this near makes a routine request worth a second look.
NEAR = dt.timedelta(days=60)


def date_findings(view: View) -> Iterator[Finding]:
    """Yield what the days of the letter lack."""
    letter = view.letter
    needs = needs_of(letter.model_dump(mode="json", include={"date", "urgency", "key_dates"}))
    by_key_date = [need for need in needs if need.index is not None]
    yield from _urgency(view, by_key_date)
    if letter.urgency.level == "emergency" and not any(contact.role == "duty" for contact in letter.contacts):
        message = _("An emergency needs an office that can be called back at any hour.")
        yield gap("duty_contact_missing", "contacts", message)
    yield from _key_dates(view, by_key_date)


def _urgency(view: View, needs: list[Needed]) -> Iterator[Finding]:
    urgency = view.letter.urgency
    if urgency.level == "routine":
        return
    if not urgency.reason:
        yield gap("urgency_unexplained", "urgency.reason", _("Say why it is urgent; “urgent” alone is not believed."))
    if urgency.date is not None:
        if urgency.date < view.letter.date:
            yield gap("urgency_past", "urgency.date", _("The day of the urgency lies before the letter."))
            return
        first = next((need for need in needs if not need.usual), None)
        if first is not None and first.by < urgency.date:
            message = _("A key date needs the evidence by %(day)s, before the day of the urgency.")
            yield warning("urgency_after_key_date", "urgency.date", message % {"day": date_format(first.by, "j F Y")})
    elif needs:
        # A key date says by when as well as a day of its own does.
        return
    elif urgency.level == "urgent":
        yield gap("urgency_undated", "urgency.date", _("Say by which day it is urgent, and what happens on that day."))
    else:
        message = _("Say by when the answer is needed, to the hour if you can.")
        yield warning("urgency_undated", "urgency.date", message)


def _key_dates(view: View, needs: list[Needed]) -> Iterator[Finding]:
    letter, by_index = view.letter, {need.index: need for need in needs}
    for index, key in enumerate(letter.key_dates):
        path, need = f"key_dates[{index}]", by_index.get(index)
        if key.kind == "other" and not key.lead_days:
            continue
        if need is None:
            yield warning("key_date_past", f"{path}.date", _("This date lies before the letter."))
        elif key.date < view.today:
            yield warning("key_date_past", f"{path}.date", _("This date has passed."))
        elif not need.usual and need.by < max(letter.date, view.today):
            message = _(
                "The evidence would be needed by %(day)s, which has passed: give a shorter lead, or ask for less."
            )
            yield warning("lead_past", f"{path}.lead_days", message % {"day": date_format(need.by, "j F Y")})
        if need and letter.urgency.level == "routine" and view.today <= key.date <= view.today + NEAR:
            message = _("This date is near, and the letter asks for no urgency.")
            yield warning("key_date_near", f"{path}.date", message)
