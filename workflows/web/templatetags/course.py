"""Words of the case page and the lists: lengths, sizes, names of States, hits marked in a text."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mla.core.languages import house_words
from mla.reference.files import reason_names
from workflows.documents.formats import language_name
from workflows.lifecycle.models import CourtOrder
from workflows.lifecycle.models.conditions import defect_words
from workflows.tracking.deadlines import Deadline, DeadlineKind
from workflows.tracking.labels import receipt_label, status_label
from workflows.tracking.picture import in_words
from workflows.tracking.timeline import TimelineEntry
from workflows.web.acts.fields import CHANNELS, event_words
from workflows.web.letter_words import path_words

register = template.Library()

#: Identifiers of an entry that are hashes, and what each is of.
_HASHES = {
    "sha256": gettext_lazy("file"),
    "content_hash": gettext_lazy("content"),
    "hash": gettext_lazy("message"),
}


@register.filter
def refusals(order: CourtOrder, refusing: dict[str, str]) -> list[tuple[str, str]]:
    """Return key and address of the items that can be refused since this order for them was denied."""
    if order.state != CourtOrder.State.DENIED:
        return []
    return [(key, address) for key, address in refusing.items() if order.concerns(key)]


@register.filter
def span(length: timedelta | None) -> str:
    """Say a length in words of one unit."""
    return in_words(length) if length is not None else ""


@register.filter
def unchanged_for(length: timedelta) -> str:
    return _("unchanged for %(length)s") % {"length": in_words(length)}


@register.filter
def state_name(jurisdiction: Any) -> str:
    """Return a State's short name in the reader's language."""
    return jurisdiction.name(get_language() or "en") if jurisdiction is not None else ""


@register.filter
def progress_event(code: str) -> str:
    """Say what happened on the way of an execution."""
    return event_words(code)


@register.filter
def status_there(status: str) -> str:
    """Say how a request stands with the State that has it; a status that we do not have, as it came."""
    return status_label("incoming", status)


@register.filter
def size(octets: int | None) -> str:
    return filesizeformat(octets) if octets is not None else ""


@register.filter
def receipt(kind: str) -> str:
    """Say which step of the transport a receipt proves: its kind, or its kind and number."""
    word, space, number = str(kind).partition(" ")
    return f"{receipt_label(word)}{space}{number}"


@register.filter
def channel(code: str) -> str:
    return str(CHANNELS.get(code, code))


@register.filter
def ground(code: str) -> str:
    """Return the name of a coded ground, or of a reason why there is no result, in the reader's language."""
    return house_words(reason_names().get(code, code))


@register.filter
def ground_known(code: str) -> bool:
    """Tell whether a code in the record is one of a ground or of a reason: others are the program's own."""
    return code in reason_names()


@register.filter
def defect(code: str) -> str:
    """Return the name of a coded defect of a result in the reader's language."""
    return defect_words(code)


@register.filter
def house(text: str) -> str:
    """Return a text of the files of a measure in the reader's language."""
    return house_words(text)


@register.filter
def place(path: str) -> str:
    """Return a place in a letter in words."""
    return path_words(path, {})


@register.filter
def hashes(entry: TimelineEntry) -> list[tuple[str, str]]:
    """Return the hashes that an act names: what of, and the digits."""
    found: dict[str, str] = {}
    for key, of in _HASHES.items():
        value = entry.ids.get(key)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and one:
                found.setdefault(one, str(of))
    return [(of, digits) for digits, of in found.items()]


@register.filter
def tick(at: Any, one_day: bool) -> str:
    local = timezone.localtime(at)
    return date_format(local, "H:i") if one_day else date_format(local, "j M Y")


@register.filter
def due_words(deadline: Deadline) -> str:
    """Say what is due: the name of the deadline, whose wish or whose law it is."""
    # It may come from a day of the proceedings, of a letter that is not urgent.
    kind = _("day on which it is needed") if deadline.kind == DeadlineKind.URGENCY else str(deadline.kind.label)
    return kind if deadline.confirmed else _("%(kind)s (not confirmed)") % {"kind": kind}


@register.filter
def marked(text: Any, wanted: str) -> SafeString:
    """Return a text, escaped, with the places where it holds `wanted` marked."""
    whole = str(text)
    if not wanted:
        return format_html("{}", whole)
    parts = re.split(f"({re.escape(wanted)})", whole, flags=re.IGNORECASE)
    return format_html_join("", "{}", ((_one(part, odd=bool(n % 2)),) for n, part in enumerate(parts)))


def _one(part: str, *, odd: bool) -> SafeString:
    return format_html("<mark>{}</mark>", part) if odd else format_html("{}", part)


@register.filter
def language_words(code: str) -> str:
    """Return the name of a language in the reader's language; what is no code of one, as it is."""
    return language_name(code, get_language() or "en")
