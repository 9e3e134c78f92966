"""The deadlines of one hat as a calendar reads them (RFC 5545): reference, what is due, the day, a link; no text of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from mla.accounts.actors import Actor, NoSuchHat
from mla.accounts.models import CalendarFeed
from mla.core import clock
from workflows.notifying.selectors import deadlines_of
from workflows.notifying.services import digest_of
from workflows.tracking.deadlines import Deadline


def feed_read(secret: str) -> tuple[CalendarFeed, Actor] | None:
    """Return the feed of a secret and its person under its hat; None where it ended, or the hat did.

    That it was read is noted to the hour: its owner sees whether a calendar still asks.
    """
    feeds = CalendarFeed.objects.filter(ended_at=None).select_related("membership__user", "membership__authority")
    feed = feeds.filter(digest=digest_of(secret)).first()
    if feed is None:
        return None
    try:
        actor = Actor.under(feed.membership)
    except NoSuchHat:
        return None
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    if feed.read_at != hour:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=hour)
    return feed, actor


def calendar_of(actor: Actor, name: str) -> bytes:
    """Return the calendar of the actor's hat. `name`: of the authority, as the calendar shows it."""
    return calendar_bytes(deadlines_of(actor), name=name, now=clock.now(), at=settings.PUBLIC_URL)


def calendar_bytes(deadlines: Iterable[tuple[Deadline, str, UUID]], *, name: str, now: dt.datetime, at: str) -> bytes:
    """Return deadlines as a calendar of whole days. `now` (aware) stamps them; `at`: the address of the house."""
    calendar = Calendar()
    calendar.add("prodid", "-//MLA//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Deadlines: %(name)s") % {"name": name})
    calendar.add("refresh-interval", dt.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for deadline, reference, public_id in deadlines:
        way = "web:outgoing" if deadline.case.kind == "outgoing" else "web:incoming"
        event = Event()
        event.add("uid", str(uuid5(NAMESPACE_URL, f"{deadline.case.kind}/{public_id}/{deadline.kind}/{deadline.due}")))
        event.add("dtstamp", now.astimezone(dt.UTC))
        event.add("dtstart", deadline.due)
        event.add("dtend", deadline.due + dt.timedelta(days=1))
        what = {"reference": reference or _("a request that is being drafted"), "what": deadline.kind.label}
        event.add("summary", _("%(reference)s: %(what)s") % what)
        source = {"source": deadline.source}
        event.add(
            "description",
            (_("Set by: %(source)s") if deadline.confirmed else _("To be confirmed: %(source)s")) % source,
        )
        event.add("url", f"{at}{reverse(way, args=[public_id])}")
        event.add("transp", "TRANSPARENT")
        event.add("class", "CONFIDENTIAL")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
