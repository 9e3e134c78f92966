"""Small things that every page shows: status, instants in the reader's zone, ages in words, references to copy."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from mla.core import clock
from workflows.documents.formats import grouped
from workflows.lifecycle.outcomes import LODGED
from workflows.tracking.picture import in_words
from workflows.web.addresses import address_of

register = template.Library()

#: Shape of each status: drawn in a 16 by 16 box with the present colour. The word always stands beside it.
_RING = '<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.6"/>'
_HALF = _RING + '<path d="M8 2.5a5.5 5.5 0 0 0 0 11z" fill="currentColor"/>'
_DISC = '<circle cx="8" cy="8" r="6" fill="currentColor"/>'
_OPEN_ARROW = (
    '<path d="M3.5 2.8 13 8l-9.5 5.2z" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"/>'
)
_ARROW = '<path d="M3 2.2 13.6 8 3 13.8z" fill="currentColor"/>'
_CYCLE = (
    '<path d="M13 8a5 5 0 1 1-1.6-3.7" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/>'
    '<path d="M13.6 1.8v3.4h-3.4z" fill="currentColor"/>'
)
_LODGED = _RING + '<circle cx="8" cy="8" r="2.4" fill="currentColor"/>'
_SQUARE = '<rect x="3" y="3" width="10" height="10" fill="currentColor"/>'
_OPEN_SQUARE = '<rect x="3.3" y="3.3" width="9.4" height="9.4" fill="none" stroke="currentColor" stroke-width="1.6"/>'
_CROSS = '<path d="m4 4 8 8m0-8-8 8" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>'
_PAUSE = '<path d="M5 3v10M11 3v10" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>'

#: Status of any machine: shape and tone.
SHAPES: dict[str, tuple[str, str]] = {
    "drafting": (_RING, "waiting"),
    "lodged": (_LODGED, "waiting"),
    "in_review": (_HALF, "waiting"),
    "approved": (_DISC, "done"),
    "sent": (_OPEN_ARROW, "accent"),
    "acknowledged": (_ARROW, "accent"),
    "in_execution": (_CYCLE, "accent"),
    "concluded": (_SQUARE, "done"),
    "closed": (_OPEN_SQUARE, "waiting"),
    "received": (_RING, "waiting"),
    "under_review": (_HALF, "waiting"),
    "requested": (_RING, "waiting"),
    "accepted": (_DISC, "accent"),
    "granted": (_DISC, "accent"),
    "postponed": (_PAUSE, "urgent"),
    "executed": (_SQUARE, "done"),
    "partially_executed": (_HALF, "done"),
    "refused": (_CROSS, "refused"),
    "denied": (_CROSS, "refused"),
    "set_aside": (_CROSS, "refused"),
    "nothing_found": (_OPEN_SQUARE, "waiting"),
    "withdrawn": (_OPEN_SQUARE, "waiting"),
    "open": (_RING, "waiting"),
    "frozen": (_DISC, "done"),
    "due": (_RING, "waiting"),
    "leased": (_CYCLE, "accent"),
    "parked": (_PAUSE, "refused"),
    "done": (_DISC, "done"),
    "skipped": (_OPEN_SQUARE, "waiting"),
    "delivered": (_ARROW, "done"),
    "answering": (_CYCLE, "urgent"),
    "more_facts": (_PAUSE, "urgent"),
    "disclosed": (_DISC, "done"),
    "declined": (_CROSS, "refused"),
    "written_followup_due": (_HALF, "urgent"),
    "followup_awaited": (_HALF, "waiting"),
    "regularised": (_SQUARE, "done"),
    "consent_obtained": (_HALF, "accent"),
    "consent_refused": (_CROSS, "refused"),
    "arrangements_agreed": (_DISC, "accent"),
    "transferred": (_ARROW, "urgent"),
    "returned": (_SQUARE, "done"),
    "released": (_OPEN_SQUARE, "done"),
    "failed": (_CROSS, "refused"),
    "offered": (_RING, "waiting"),
    "used": (_SQUARE, "done"),
    "proposed": (_RING, "waiting"),
    "negotiating": (_CYCLE, "accent"),
    "signing": (_HALF, "accent"),
    "agreement_signed": (_DISC, "accent"),
    "active": (_ARROW, "accent"),
    "extended": (_ARROW, "accent"),
    "ended": (_OPEN_SQUARE, "waiting"),
}


#: Marks made lately. They are few: as many as there are statuses, outcomes and languages.
@lru_cache(maxsize=512)
def status_mark(status: str, words: str, outcome: str = "") -> SafeString:
    shape, tone = SHAPES.get(status, (_RING, "waiting"))
    second = format_html('<span class="status-outcome">{}</span>', outcome) if outcome else ""
    return format_html(
        '<span class="status status-{}"><svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>'
        '<span class="status-word">{}</span>{}</span>',
        tone,
        mark_safe(shape),  # noqa: S308 one of the constants above
        words,
        second,
    )


@lru_cache(maxsize=64)
def _labels(model: type[Model], name: str) -> dict[Any, Any]:
    return dict(model._meta.get_field(name).flatchoices)  # type: ignore[union-attr]


def label_of(row: Model, name: str) -> str:
    """Return the label of a field's value in the reader's language. Django's own way translates all of its choices."""
    value = getattr(row, name)
    return str(_labels(type(row), name).get(value, value))


@register.simple_tag
def status(case: Any) -> SafeString:
    """Show the status of a row of any machine, with its outcome as a second word."""
    outcome = label_of(case, "outcome") if getattr(case, "outcome", "") else ""
    if getattr(case, "is_lodged", False):
        return status_mark(LODGED, _("lodged"), outcome)
    return status_mark(case.status, label_of(case, "status"), outcome)


@register.simple_tag
def status_named(code: str, words: str) -> SafeString:
    return status_mark(code, words)


@register.simple_tag
def when(moment: datetime | date | None, short: bool = False) -> SafeString | str:
    """Show an instant in the reader's zone, with UTC on hover; a plain date as it is."""
    if moment is None:
        return ""
    if not isinstance(moment, datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), _day(moment, get_language()))
    local = timezone.localtime(moment)
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        f"{utc:%Y-%m-%dT%H:%M:%SZ}",
        f"{utc:%Y-%m-%d %H:%M:%S} UTC",
        f"{_day(local.date(), get_language())}, {local:%H:%M}{'' if short else f' {_offset(local)}'}",
    )


#: Days written lately: the rows of a list share a few.
@lru_cache(maxsize=1024)
def _day(day: date, language: str | None) -> str:
    return date_format(day, "j M Y")


def _offset(moment: datetime) -> str:
    offset = moment.strftime("%z")
    if offset in ("", "+0000"):
        return "UTC"
    return f"UTC{offset[:3]}" + (f":{offset[3:]}" if offset[3:] != "00" else "")


@register.simple_tag
def address(name: str, public_id: UUID) -> str:
    """Return the address of a row's page, as `url` does, quickly."""
    return address_of(name, public_id)


@register.filter
def lead(label: str) -> str:
    """Return a label without its full stop, for what follows after a colon."""
    return str(label).rstrip(".")


@register.filter
def age(moment: datetime | None) -> str:
    """Say how long ago, in words of one unit."""
    if moment is None:
        return ""
    return in_words(clock.now() - moment)


@register.filter
def waiting_for(moment: datetime) -> str:
    return _("for %(length)s") % {"length": age(moment)}


@register.filter
def until(day: date | None) -> str:
    """Say how far a day is, in words: “in 12 days”, “today”, “3 days overdue”."""
    if day is None:
        return ""
    days = (day - timezone.localdate()).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in %(n)d day", "in %(n)d days", days) % {"n": days}
    return ngettext("%(n)d day overdue", "%(n)d days overdue", -days) % {"n": -days}


@register.filter
def how_far(deadline: Any) -> str:
    """Say how far a deadline is, as `until`; of a draft a day that is past is only past."""
    days = (timezone.localdate() - deadline.due).days
    if deadline.draft and days > 0:
        return ngettext("%(n)d day ago, a draft", "%(n)d days ago, a draft", days) % {"n": days}
    return until(deadline.due)


@register.simple_tag
def reference(text: str) -> SafeString | str:
    """Show a reference in tabular figures with a button that copies it."""
    if not text:
        return ""
    return format_html(
        '<span class="reference"><bdi>{}</bdi><button type="button" class="copy" data-copy="{}" hidden>'
        '<span class="visually-hidden">{}</span></button></span>',
        text,
        text,
        _("Copy %(reference)s") % {"reference": text},
    )


@register.simple_tag
def digest(sha256: str) -> SafeString | str:
    """Show a hash: the first 12 digits, all of them on hover and to copy."""
    if not sha256:
        return ""
    return format_html(
        '<span class="reference digest"><bdi title="{}">{}</bdi><button type="button" class="copy" data-copy="{}" hidden>'
        '<span class="visually-hidden">{}</span></button></span>',
        sha256,
        sha256[:12],
        sha256,
        _("Copy the whole hash"),
    )


@register.simple_tag
def digest_whole(sha256: str) -> SafeString:
    """Show a whole hash in groups, as it is printed on a letter, to be compared with the eye; to copy without them."""
    return format_html(
        '<span class="reference digest digest-whole"><bdi>{}</bdi><button type="button" class="copy" data-copy="{}" hidden>'
        '<span class="visually-hidden">{}</span></button></span>',
        grouped(sha256),
        sha256,
        _("Copy the whole hash"),
    )


@register.filter
def attribute(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, dict) else getattr(of, name, None)
