"""Whether a State is bound by an instrument on a day: yes, no, or not known. A missing row is never a no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from mla.reference.dates import last_day
from mla.reference.rules import EntryIntoForce
from workflows.drafting.resolver_types import Bound, Law, Row, Standing


def computed_date(rule: EntryIntoForce, consent: date) -> date | None:
    """Return the day on which a State that consented on `consent` is bound by the instrument's own rule.

    Sources: UNTOC 38(2), UNCAC 68(2), ICSFT 26(2), Bombings 22(2), Vienna 29(2), Budapest 36(4) and the
    like, as the instrument's file gives them. None where it gives no rule. The instrument's own start
    is not applied here.
    """
    if rule.rule == "days":
        return consent + timedelta(days=rule.count)
    if rule.rule == "months":
        # The first day of the month after `count` full months from the consent.
        month = consent.month - 1 + rule.count + 1
        return date(consent.year + month // 12, month % 12 + 1, 1)
    if rule.rule == "same_day":
        return consent
    return None


def standing(code: str, row: Row | None, law: Law, on: date) -> Standing:
    """Tell whether the State `code` is bound by `law` on `on`."""
    held: dict[str, Any] = {"jurisdiction": code}
    if row is not None:
        held |= {
            "status": row.status, "confidence": row.confidence, "source": row.source, "as_of": row.as_of,
            "to_be_confirmed": row.to_be_confirmed,
        }  # fmt: skip

    def answer(bound: Bound, why: str, **more: Any) -> Standing:
        return Standing(**(held | more), bound=bound, why=why)

    own = _instrument_bar(law, on)
    if own:
        return answer("no", own)
    if row is None:
        if law.rules.open_to and code not in law.rules.open_to:
            return answer("no", _("Only the States that it names can be bound by it."), confidence="high",
                          source=law.source, to_be_confirmed=law.to_be_confirmed)  # fmt: skip
        return answer("unknown", _("Nothing is recorded on this State: check with the depositary."))
    spoken = last_day(row.as_of)
    if row.status == "unknown":
        return answer("unknown", _("The sources do not tell whether this State is a party: check with the depositary."))
    if row.status == "not_party":
        return answer("no", _("Not a party as of %(as_of)s.") % {"as_of": row.as_of or _("an undated source")})
    if row.status == "ratified_not_in_force":
        return answer("no", _("Ratified, but not in force as of %(as_of)s.") % {"as_of": row.as_of})
    if row.status == "signatory":
        if spoken is not None and on <= spoken:
            return answer("no", _("Signed only, as of %(as_of)s.") % {"as_of": row.as_of})
        return answer(
            "unknown", _("Signed; whether it has become a party since %(as_of)s is not known.") % {"as_of": row.as_of}
        )
    if row.status == "withdrawn":
        if row.ended is None and (spoken is None or on >= spoken):
            return answer("no", _("Withdrawn, as of %(as_of)s.") % {"as_of": row.as_of or _("an undated source")})
        if row.ended is None:
            return answer("unknown", _("Withdrawn later; from when to when it was bound is not known."))
        if on >= row.ended:
            return answer("no", _("Not bound since %(ended)s.") % {"ended": row.ended.isoformat()})
    elif row.ended is not None and on >= row.ended:
        return answer("no", _("Not bound since %(ended)s.") % {"ended": row.ended.isoformat()})
    return _dated(row, law, on, spoken, answer)


def _instrument_bar(law: Law, on: date) -> str:
    """Return why the instrument itself is not in force for anybody on the day, or nothing."""
    entry = law.rules.entry_into_force
    if entry.state == "not_in_force":
        return _("The instrument is not yet in force (as of %(as_of)s).") % {
            "as_of": law.as_of or _("an undated source")
        }
    if law.in_force is not None and on < law.in_force:
        return _("The instrument is in force only since %(day)s.") % {"day": law.in_force.isoformat()}
    if law.in_force is None and entry.earliest is not None and on < entry.earliest:
        return _("The instrument was not in force before %(day)s.") % {"day": entry.earliest.isoformat()}
    return ""


def _dated(row: Row, law: Law, on: date, spoken: date | None, answer: Callable[..., Standing]) -> Standing:
    """The answer for a party, from its dates: the recorded one decides, then the computed one, then as-of."""
    entry = law.rules.entry_into_force
    if row.in_force_date is not None:
        day = row.in_force_date
        if on >= day:
            return answer("yes", _("In force since %(day)s.") % {"day": day.isoformat()}, since=day)
        return answer("no", _("In force only since %(day)s.") % {"day": day.isoformat()})
    if row.consent_date is not None:
        if on < row.consent_date:
            return answer("no", _("Consented to be bound only on %(day)s.") % {"day": row.consent_date.isoformat()})
        day_by_rule = computed_date(entry, row.consent_date)
        if day_by_rule is not None:
            earliest = max(day_by_rule, law.in_force or entry.earliest or day_by_rule)
            latest = max(day_by_rule, law.in_force or entry.latest or day_by_rule)
            doubt = row.to_be_confirmed or entry.confidence != "verified"
            if on < earliest:
                return answer(
                    "no", _("In force only since %(day)s, computed from its consent.") % {"day": earliest.isoformat()},
                    to_be_confirmed=doubt,
                )  # fmt: skip
            if on >= latest:
                return answer(
                    "yes", _("In force since %(day)s, computed from its consent on %(consent)s.")
                    % {"day": latest.isoformat(), "consent": row.consent_date.isoformat()},
                    since=latest, computed=True, to_be_confirmed=doubt,
                )  # fmt: skip
            return answer("unknown", _("The day of entry into force of the instrument is not certain."))
    if spoken is None:
        return answer("unknown", _("Recorded as a party, without a date and from an undated source."))
    if on >= spoken:
        return answer("yes", _("Recorded as bound on %(as_of)s, without a date.") % {"as_of": row.as_of})
    return answer("unknown", _("Recorded as bound on %(as_of)s; not known before that.") % {"as_of": row.as_of})
