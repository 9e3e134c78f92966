"""The job that sends one e-mail. It tells what is still to be told when it leaves, in the person's language and zone."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from mla.accounts.models import MailChoice, Membership
from mla.core import clock
from workflows.engine.outbox import Finish, Job
from workflows.engine.perform import perform
from workflows.notifying.models import Mail
from workflows.notifying.selectors import ToldHat, told_of
from workflows.tracking.deadlines import zone_named


def mail_send(job: Job) -> Finish:
    """Handler of “mail.queued”. A worker that dies between sending and noting it sends it again, under the same Message-ID."""
    mail = Mail.objects.select_related("user").get(pk=job.object_id)
    told = _told(mail)
    lines = sum(len(hat) for hat in told)
    if lines:
        letter_of(mail, told).send()

    def finish() -> None:
        if lines:
            perform(mail, "note_sent", by=job.actor, lines=lines)
        else:
            perform(mail, "note_empty", by=job.actor)

    return finish


def mail_given_up(job: Job, why: str) -> None:
    """The job was parked, no server took the mail: show it at the mail."""
    with transaction.atomic():
        perform(Mail.objects.get(pk=job.object_id), "fail", by=job.actor)


def letter_of(mail: Mail, told: list[ToldHat]) -> EmailMessage:
    """Return the e-mail: references, kinds, days and the address of the worklist; no title, no name, no text of a case."""
    user = mail.user
    with translation.override(user.language or settings.LANGUAGE_CODE), timezone.override(zone_named(user.time_zone)):
        context = {
            "told": told,
            "digest": mail.when == MailChoice.When.DIGEST,
            "count": sum(len(hat) for hat in told),
            "address": settings.PUBLIC_URL,
        }
        subject = " ".join(render_to_string("notifying/subject.txt", context).split())
        body = render_to_string("notifying/mail.txt", context)
    place = settings.PUBLIC_URL.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"
    headers = {
        "Message-ID": f"<{mail.public_id}@{place}>",
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject=subject, body=body, to=[user.email], headers=headers)


def _told(mail: Mail) -> list[ToldHat]:
    """Read anew: what was seen meanwhile, or is closed to the person by now, is not told."""
    if not (mail.user.is_active and mail.user.email):
        return []
    hats = Membership.objects.valid(clock.now()).filter(user=mail.user_id).select_related("user", "authority")
    told = (told_of(hat, since=mail.since, until=mail.until) for hat in hats.order_by("id"))
    return [one for one in told if len(one)]
