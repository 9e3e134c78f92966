"""The conditions of court orders, remedies, notices and filters. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from mla.reference.courts import court_codes
from workflows.engine.machine import Check, Doing
from workflows.lifecycle.guards import rows_of
from workflows.lifecycle.guards_consulting import today

#: How a remedy can end; Remedy.Result, without the models.
RESULTS = ("dismissed", "upheld_in_part", "upheld")
PARTIES = ("affected_person", "provider", "third_party", "prosecution", "other")


def coded(name: str, table: str) -> Check:
    """Return a check that `name` is given and is a code of that table of data/courts.toml."""

    def known(case: Any, doing: Doing) -> list[Reason]:
        if doing.asking or doing.data.get(name) in court_codes(table):
            return []
        return [Reason(f"{name}_unknown", _("choose one of the list"), field=name)]

    known.__name__ = f"{name}_is_of_{table}"
    return known


def one_of(name: str, values: tuple[str, ...]) -> Check:
    """Return a check that `name` is given as one of these codes."""

    def known(case: Any, doing: Doing) -> list[Reason]:
        if doing.asking or doing.data.get(name) in values:
            return []
        return [Reason(f"{name}_unknown", _("choose one of the list"), field=name)]

    known.__name__ = f"{name}_is_known"
    return known


def past(name: str) -> Check:
    """Return a check that the day `name` is given and is not ahead: what is recorded has happened."""

    def happened(case: Any, doing: Doing) -> list[Reason]:
        if doing.asking:
            return []
        day = doing.data.get(name)
        if day is None:
            return [Reason(f"{name}_missing", _("give the day"), field=name)]
        if day > today(case, doing):
            return [Reason(f"{name}_ahead", _("this day is in the future"), field=name)]
        return []

    happened.__name__ = f"{name}_is_past"
    return happened


# --- orders and remedies ---


def order_is_open(case: Any, doing: Doing) -> list[Reason]:
    # Of two who record a decision at once the second finds it recorded: the service gives it none.
    if doing.asking:
        waiting = any(order.state == "applied" for order in rows_of(case, "courtorder_set", doing))
    else:
        waiting = getattr(doing.data.get("order"), "state", "") == "applied"
    if waiting:
        return []
    return [Reason("no_order_open", _("no order is applied for, or the decision on this one is recorded already"))]


def decided_after(row: str, begun: str) -> Check:
    """Return a check that nothing is decided before it was applied for or lodged."""

    def after(case: Any, doing: Doing) -> list[Reason]:
        day, first = doing.data.get("decided_on"), getattr(doing.data.get(row), begun, None)
        if doing.asking or day is None or first is None or day >= first:
            return []
        message = _("this day is before %(day)s, when it was brought before the court")
        return [Reason("decided_early", message % {"day": first.isoformat()}, field="decided_on")]

    after.__name__ = f"decided_after_{row}_{begun}"
    return after


def valid_from_its_day(case: Any, doing: Doing) -> list[Reason]:
    until, day = doing.data.get("valid_until"), doing.data.get("decided_on")
    if doing.asking or until is None or day is None or until >= day:
        return []
    return [Reason("valid_until_early", _("it would end before the day of the decision"), field="valid_until")]


def order_can_be_challenged(case: Any, doing: Doing) -> list[Reason]:
    """Against what was never decided, or stands no more, there is no remedy; without an order it is the surrender."""
    order = doing.data.get("order")
    if doing.asking or order is None or order.state in {"granted", "denied"}:
        return []
    return [Reason("order_not_decided", _("this order is not decided, or was set aside already"), field="order")]


def remedy_is_open(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking:
        waiting = any(not remedy.result for remedy in rows_of(case, "remedy_set", doing))
    else:
        remedy = doing.data.get("remedy")
        waiting = remedy is not None and not remedy.result
    if waiting:
        return []
    return [Reason("no_remedy_open", _("no remedy is pending, or the decision on this one is recorded already"))]


def no_remedy_pending(case: Any, doing: Doing) -> list[Reason]:
    """What a court may still stop does not leave."""
    return [
        Reason("remedy_pending", _said_of(remedy)) for remedy in rows_of(case, "remedy_set", doing) if not remedy.result
    ]


def no_remedy_pending_over_files(case: Any, doing: Doing) -> list[Reason]:
    """A complement in words may leave, and say that a court has it; files may not."""
    return no_remedy_pending(case, doing) if doing.data.get("evidence") else []


def _said_of(remedy: Any) -> str:
    words = {
        "party": str(remedy.get_party_display()),
        "court": remedy.court,
        "day": remedy.lodged_on.isoformat(),
        "hearing": remedy.hearing_on.isoformat() if remedy.hearing_on else "",
    }
    if remedy.hearing_on:
        return _("a remedy of %(day)s is pending (%(court)s, %(party)s); hearing on %(hearing)s") % words
    return _("a remedy of %(day)s is pending (%(court)s, %(party)s); no hearing day is known") % words


def executed_under_orders_that_stand(case: Any, doing: Doing) -> list[Reason]:
    """What was gathered under an order that was set aside is not sent as executed, unless a new order was granted."""
    orders = list(rows_of(case, "courtorder_set", doing))
    if not any(order.state == "set_aside" for order in orders):
        return []
    return [
        Reason("order_set_aside", _set_aside_words(order, item.key))
        for item in rows_of(case, "items", doing)
        if item.status in {"executed", "partially_executed"} and (order := fallen(orders, item.key)) is not None
    ]


def item_is_executed_under_an_order_that_stands(item: Any, doing: Doing) -> list[Reason]:
    if item.incoming is None:
        return []
    order = fallen(list(rows_of(item.incoming, "courtorder_set", doing)), item.key)
    return [] if order is None else [Reason("order_set_aside", _set_aside_words(order, item.key))]


def item_order_was_set_aside(item: Any, doing: Doing) -> list[Reason]:
    """Only the fall of its order takes an execution back; in our own file the other State's word is enough."""
    if item.incoming is None or fallen(list(rows_of(item.incoming, "courtorder_set", doing)), item.key) is not None:
        return []
    return [Reason("no_order_set_aside", _("no order for this item was set aside"))]


def fallen(orders: list[Any], key: str) -> Any:
    """Return the last order for an item that was set aside and has no granted one after it, or None. `orders`: oldest first."""
    found = None
    for order in orders:
        if not order.concerns(key):
            continue
        if order.state == "set_aside":
            found = order
        elif order.state == "granted":
            found = None
    return found


def _set_aside_words(order: Any, key: str) -> str:
    return _(
        "item %(key)s: the order of %(court)s (%(what)s) was set aside; give the item another outcome, or record a new order"
    ) % {"key": key, "court": order.court, "what": order.kind_words}


# --- notice ---


def deferral_is_open(case: Any, doing: Doing) -> list[Reason]:
    """Who ends a deferral by the notice names one that is open; a notice may also stand alone."""
    deferral = doing.data.get("deferral")
    if doing.asking or deferral is None or deferral.open:
        return []
    return [Reason("deferral_ended", _("this deferral is over already"), field="deferral")]


def no_deferral_open_or_waived(case: Any, doing: Doing) -> list[Reason]:
    """A notice that was put off is not forgotten with the case."""
    if doing.asking or str(doing.data.get("reason") or "").strip():
        return []
    if not any(notice.open for notice in rows_of(case, "notice_set", doing)):
        return []
    message = _("notice to an affected person is still put off: give it, or say why you close")
    return [Reason("notice_deferred", message, field="reason")]


# --- filters ---


def filter_is_apart(case: Any, doing: Doing) -> list[Reason]:
    """Who investigates, here whoever brought evidence into the file, does not filter it."""
    named = " ".join(str(doing.data.get("filtered_by") or "").split()).casefold()
    if doing.asking or not named or named not in _investigating(case):
        return []
    message = _("this officer brought evidence into the file: another person or office filters it")
    return [Reason("filter_not_apart", message, field="filtered_by")]


def closer_is_apart(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking and not any(one.open for one in rows_of(case, "privilegefilter_set", doing)):
        return []
    if doing.by.label.casefold() not in _investigating(case):
        return []
    message = _("you brought evidence into the file: somebody else records what the filter found")
    return [Reason("closer_not_apart", message)]


def _investigating(case: Any) -> set[str]:
    added = case.evidence_set.filter(custody__step="added").values_list("custody__by", flat=True)
    return {str(label).casefold() for label in added}


def something_to_filter(case: Any, doing: Doing) -> list[Reason]:
    """A filter of chosen files has some; one of everything may be opened before the first file comes."""
    if doing.asking or doing.data.get("everything") or doing.data.get("evidence"):
        return []
    return [Reason("evidence_missing", _("choose the files, or say that everything is filtered"), field="evidence")]


def filter_is_open(case: Any, doing: Doing) -> list[Reason]:
    if doing.asking:
        waiting = any(one.open for one in rows_of(case, "privilegefilter_set", doing))
    else:
        opened = doing.data.get("filter")
        waiting = opened is not None and opened.open
    return [] if waiting else [Reason("no_filter_open", _("no filter is open, or this one is closed already"))]


def every_file_is_decided(case: Any, doing: Doing) -> list[Reason]:
    """Each file is released or withheld on a coded ground; what nobody decided on is never released by silence."""
    if doing.asking:
        return []
    concerned, decided = doing.data.get("concerned") or (), doing.data.get("decided") or {}
    found = []
    for file in concerned:
        ground = decided.get(file.public_id)
        if ground is None:
            message = _("%(name)s: say whether it is released or withheld") % {"name": file.name}
            found.append(Reason("file_undecided", message, field=f"file_{file.public_id}"))
        elif ground and ground not in court_codes("privilege"):
            message = _("%(name)s: choose a ground of the list") % {"name": file.name}
            found.append(Reason("ground_unknown", message, field=f"file_{file.public_id}"))
    if set(decided) - {file.public_id for file in concerned}:
        found.append(Reason("file_not_filtered", _("a file that this filter does not concern cannot be decided on")))
    return found


def no_filter_is_open(case: Any, doing: Doing) -> list[Reason]:
    """Nothing leaves while somebody looks for what must not."""
    return [
        Reason(
            "filter_open",
            _("files are looked through by %(who)s (%(what)s): close the filter first")
            % {"who": one.filtered_by, "what": one.kind_words},
        )
        for one in rows_of(case, "privilegefilter_set", doing)
        if one.open
    ]
