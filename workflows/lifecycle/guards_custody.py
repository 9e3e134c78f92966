"""The conditions of the transfer of a person in custody, and of closing a case over a person. None of them writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from mla.reference.models import Jurisdiction
from workflows.engine.machine import Doing
from workflows.lifecycle.guards import rows_of

#: Reason that makes an act no matter of this side: the other State holds the person, or is to receive the person.
NOT_THE_HOLDER, NOT_THE_RECEIVER = "not_the_holder", "not_the_receiver"


def we_hold(row: Any, doing: Doing) -> list[Reason]:
    """Consent, arrangements and the day of return are written by the State from which the person comes."""
    if row.from_us:
        return []
    return [Reason(NOT_THE_HOLDER, _("the other State holds the person: it writes this"), article="UNTOC 18(10), (11)")]


def they_hold(row: Any, doing: Doing) -> list[Reason]:
    if not row.from_us:
        return []
    return [Reason(NOT_THE_RECEIVER, _("the person comes from our custody: we write this ourselves"))]


def days_in_order(row: Any, doing: Doing) -> list[Reason]:
    """The return is after the transfer, and both are agreed."""
    data = doing.data
    going, coming = data.get("transfer_on"), data.get("return_on")
    if doing.asking or going is None or coming is None or going < coming:
        return []
    return [Reason("return_before", _("the return is to be after the transfer"), field="return_on")]


def returned_after_transfer(row: Any, doing: Doing) -> list[Reason]:
    on = doing.data.get("on")
    if doing.asking or on is None or row.transferred_on is None or on >= row.transferred_on:
        return []
    return [Reason("before_transfer", _("this day is before the transfer"), field="on")]


def new_day_is_later(row: Any, doing: Doing) -> list[Reason]:
    """An extension moves the return further away; an earlier return needs none."""
    day = doing.data.get("on")
    if doing.asking or day is None or row.return_on is None or day > row.return_on:
        return []
    return [Reason("not_later", _("the new day is to be after the agreed day of return"), field="on")]


def no_extension_open(row: Any, doing: Doing) -> list[Reason]:
    if row.open_extension is None:
        return []
    return [Reason("extension_open", _("a later day is asked for already: wait for the answer"))]


def extension_is_open(row: Any, doing: Doing) -> list[Reason]:
    # Of two who answer at once the second finds it answered: the service gives it none.
    if row.open_extension is not None if doing.asking else doing.data.get("extension") is not None:
        return []
    return [Reason("no_extension", _("no later day is asked for, or this was answered already"))]


def transit_is_known(row: Any, doing: Doing) -> list[Reason]:
    """Our own officers name States of the directory; what the other State named is kept as it came."""
    named = set(doing.data.get("transit") or [])
    if doing.asking or doing.by.kind == "peer" or not named:
        return []
    unknown = sorted(named - set(Jurisdiction.objects.filter(code__in=named).values_list("code", flat=True)))
    message = _("not a State of the directory: %(codes)s") % {"codes": ", ".join(unknown)}
    return [Reason("transit_unknown", message, field="transit")] if unknown else []


def nobody_is_over(case: Any, doing: Doing) -> list[Reason]:
    """A person who was transferred is never lost with a closed file: no reason waives it (UNTOC 18(11)(b), 2nd Prot. 13)."""
    return [
        Reason(
            "person_is_over",
            _("item %(key)s: the person transferred is not back: wait for the return, or for the waiver of the State"
              " from which the person comes") % {"key": row.item.key},
            article="UNTOC 18(11)(b)",
        )
        for row in _custodies(case, doing)
        if row.is_over
    ]  # fmt: skip


def no_transfer_agreed_or_waived(case: Any, doing: Doing) -> list[Reason]:
    """A file is not closed in silence over a transfer that is agreed and did not take place."""
    if doing.asking or str(doing.data.get("reason") or "").strip():
        return []
    return [
        Reason(
            "transfer_agreed",
            _("item %(key)s: the transfer is agreed and did not take place: say why you close") % {"key": row.item.key},
            field="reason",
        )
        for row in _custodies(case, doing)
        if row.status == "arrangements_agreed"
    ]


def _custodies(case: Any, doing: Doing) -> list[Any]:
    """Return the transfers of a case; no query where no item asks for one and the items are at hand."""
    from workflows.lifecycle.short import short_rows

    items = [item for item in rows_of(case, "items", doing) if item.measure == "transfer-in-custody"]
    return short_rows(items) if items else []


#: What closing a case on either side asks of the transfers in it.
CLOSING = (nobody_is_over, no_transfer_agreed_or_waived)
