"""What people choose, and which mails are due. Written here; sent by a job (workflows.notifying.sending)."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import CalendarFeed, MailChoice, Membership, User
from mla.audit.services import Entry, What, record
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.reasons import Reason
from workflows.engine.acts import one_act
from workflows.engine.machine import Effects
from workflows.engine.perform import create
from workflows.notifying.models import Mail
from workflows.notifying.selectors import feed_of, told_of
from workflows.tracking.deadlines import zone_named

#: What happened within this time is told, also after a pause of the house; what is older stands on the worklist alone.
LOOK_BACK = dt.timedelta(days=31)


class ChoiceRefused(MlaError):
    """What was chosen cannot be: says why, and for which field."""

    def __init__(self, reason: Reason) -> None:
        self.reasons = (reason,)
        super().__init__(reason.message)


def mail_choose(*, by: Actor, when: str, hour: int, weekends: bool) -> MailChoice:
    """Keep what a person wants by e-mail; for the person themselves. From now on: what is past is not told again.

    Raises:
        ChoiceRefused: the person has no e-mail address, or there is no such choice or hour.
    """
    user = User.objects.get(pk=by.user_id or 0)
    if when not in MailChoice.When.values or not 0 <= hour <= 23:
        raise ChoiceRefused(Reason("no_such_choice", _("choose one of what is offered"), field="when"))
    if when != MailChoice.When.NEVER and not user.email:
        message = _("no e-mail address of yours is known here: your administrator can enter it")
        raise ChoiceRefused(Reason("no_address", message, field="when"))
    now = clock.now()
    with transaction.atomic():
        chosen, _made = MailChoice.objects.update_or_create(
            user=user,
            defaults={"when": when, "hour": hour, "weekends": weekends, "chosen_at": now, "told_until": now},
        )
        record(_entry(by, "mail_choice.change", {"when": when, "hour": hour, "weekends": weekends}))
    return chosen


def feed_make(*, by: Actor) -> tuple[CalendarFeed, str]:
    """Make the calendar address of the hat that is worn; an earlier one ends with it. Return it with its secret, once.

    Raises:
        AccessDenied: the hat is not in effect.
    """
    hat = Membership.objects.valid(clock.now()).filter(
        user=by.user_id, authority=by.authority_id, role=by.role
    ).first()  # fmt: skip
    if hat is None:
        raise AccessDenied("hat", by.role, by)
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        _end(by)
        feed = CalendarFeed.objects.create(membership=hat, digest=digest_of(secret), made_at=clock.now())
        record(_entry(by, "calendar.make", {"calendar": str(feed.public_id)}))
    return feed, secret


def feed_end(*, by: Actor) -> bool:
    """End the calendar address of the hat that is worn; tell whether there was one."""
    with transaction.atomic():
        return _end(by)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def mails_create() -> int:
    """Queue the mails that are due now, each once; return how many. By the sweep “notifying.mails”.

    Of two sweeps at once the second finds it done: the choice's row is locked. After a week without one a person gets
    one digest, not seven.
    """
    if not settings.PASSWORD_RESET_BY_MAIL:
        # No server for mail is configured; the page of the choices says so.
        return 0
    now, made = clock.now(), 0
    wanted = MailChoice.objects.exclude(when=MailChoice.When.NEVER).filter(user__is_active=True).exclude(user__email="")
    for pk in list(wanted.values_list("pk", flat=True)):
        with one_act():
            choice = MailChoice.objects.select_for_update(of=("self",)).select_related("user").get(pk=pk)
            made += _queue(choice, now)
    return made


def _queue(choice: MailChoice, now: dt.datetime) -> int:
    since = max(choice.told_until or choice.chosen_at, now - LOOK_BACK)
    if choice.when == MailChoice.When.DIGEST:
        local = timezone.localtime(now, zone_named(choice.user.time_zone))
        if (
            local.hour < choice.hour
            or choice.digested_on == local.date()
            or (local.weekday() > 4 and not choice.weekends)
        ):
            return 0
        choice.digested_on = local.date()
    hats = Membership.objects.valid(now).filter(user=choice.user_id).select_related("user", "authority").order_by("id")
    first = next((hat for hat in hats if len(told_of(hat, since=since, until=now))), None)
    choice.told_until = now
    choice.save(update_fields=["told_until", "digested_on"])
    if first is None:
        return 0
    mail = Mail(authority=first.authority, user=choice.user, when=choice.when, since=since, until=now)
    by = Actor.system("notifying.mails", authority_id=first.authority_id)
    create(mail, act="queue", by=by, effects=Effects(events=[("mail.queued", {})]))
    return 1


def _end(by: Actor) -> bool:
    feed = feed_of(by)
    if feed is None:
        return False
    feed.ended_at = clock.now()
    feed.save(update_fields=["ended_at"])
    record(_entry(by, "calendar.end", {"calendar": str(feed.public_id)}))
    return True


def _entry(by: Actor, act: str, detail: dict[str, object]) -> Entry:
    return Entry(authority_id=by.authority_id or 0, act=act, by=by.who(), on=What("person", by.id), detail=detail)
