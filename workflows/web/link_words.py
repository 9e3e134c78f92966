"""What one message of a conversation says, in words, for an officer who reads it by a link."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.core.languages import house_words
from mla.reference.files import reason_names
from workflows.exchange.by_link import Told
from workflows.lifecycle.models import Wish
from workflows.lifecycle.outcomes import ItemStatus, Outcome
from workflows.tracking.labels import message_label, status_label
from workflows.web.acts.fields import event_words

#: Fields of a body that a person reads, in the order in which they are read.
_TEXTS: dict[str, Any] = {
    "reference": gettext_lazy("Reference"),
    "contact": gettext_lazy("Contact"),
    "question": gettext_lazy("Question"),
    "answer": gettext_lazy("Answer"),
    "text": gettext_lazy("In words"),
    "reason": gettext_lazy("Reasons"),
    "note": gettext_lazy("Note"),
    "done": gettext_lazy("Carried out until then"),
    "article": gettext_lazy("Article"),
}
_DAYS: dict[str, Any] = {
    "due": gettext_lazy("Answer wished by"),
    "needed_by": gettext_lazy("Needed by"),
    "next_on": gettext_lazy("More news is expected on"),
}


def told_words(told: Told) -> str:
    """Return what kind of message it is, in words."""
    kind = told.body.get("kind")
    if told.type == "wish" and kind in Wish.Kind.values:
        return str(Wish.Kind(kind).label)
    return message_label(told.type)


def told_lines(told: Told) -> list[tuple[str, str]]:
    """Return what a message says as pairs of words; empty fields are left out."""
    return [(str(name), text) for name, text in _lines(told.body) if text]


def _lines(body: dict[str, Any]) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    if body.get("status"):
        found.append((_("Status"), status_label("incoming", body["status"])))
    if body.get("event"):
        found.append((_("What happened"), event_words(body["event"])))
    if body.get("outcome") in Outcome.values:
        found.append((_("Outcome"), str(Outcome(body["outcome"]).label)))
    if body.get("ground"):
        found.append((_("Ground"), house_words(reason_names().get(body["ground"], body["ground"]))))
    found += [(words, str(body.get(name) or "")) for name, words in _TEXTS.items()]
    found += [(words, _day(body.get(name))) for name, words in _DAYS.items()]
    if body.get("all_match") is not None:
        found.append((_("Hashes of the files"), _("all match") if body["all_match"] else _("not all match")))
    found += [
        (_("Item %(key)s") % {"key": one.get("key", "")}, _item(one)) for one in body.get("items", ()) if _told(one)
    ]
    return found


def _told(item: Any) -> bool:
    """A wish names items alone."""
    return isinstance(item, dict) and item.get("status") in ItemStatus.values


def _item(item: dict[str, Any]) -> str:
    ground = house_words(reason_names().get(item["ground"], item["ground"])) if item.get("ground") else ""
    parts = [str(ItemStatus(item["status"]).label), ground, item.get("article") or "", item.get("reason") or ""]
    return "; ".join(part for part in parts if part)


def _day(value: Any) -> str:
    return date_format(dt.date.fromisoformat(value), "j F Y") if value else ""
