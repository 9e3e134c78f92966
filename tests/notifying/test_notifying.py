"""People are told what they chose: once, of what they may see, without a word of a case."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse
from icalendar import Calendar

from mla.accounts.actors import Actor
from mla.accounts.models import CalendarFeed, MailChoice, Membership, User
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.factories import Line, drain, example_letter
from tests.lifecycle.conftest import one_transaction, savepoint
from tests.web.conftest import signed_in
from workflows.drafting.models import LetterOfRequest
from workflows.engine import outbox
from workflows.engine.models import OutboxJob
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.notifying.models import Mail
from workflows.notifying.selectors import told_of
from workflows.notifying.services import ChoiceRefused, feed_end, feed_make, mail_choose, mails_create

__all__ = ["one_transaction", "savepoint"]

#: A Monday, 06:30 in Berlin.
MORNING = dt.datetime(2026, 5, 4, 4, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def case(one_transaction: None) -> tuple[Line, OutgoingRequest]:
    """A request that went out on the Friday before and was acknowledged on Sunday night."""
    line = Line(letter=example_letter(5))
    with clock.frozen(MORNING - 80 * HOUR):
        sent = line.sent()
        drain()
        for person in (line.supervisor, line.desk):
            User.objects.filter(pk=person.user_id).update(
                email=f"{person.role}@example.net", time_zone="Europe/Berlin", language="de"
            )
    with clock.frozen(MORNING - 8 * HOUR):
        inward.incoming_acknowledge(incoming=line.arrived(sent), by=line.their_registry, contact="Registry")
        drain()
    return line, sent


pytestmark = [pytest.mark.usefixtures("savepoint"), pytest.mark.filterwarnings("ignore:.*time zone.*")]


def chosen(by: Actor, when: str = "digest", *, at: dt.datetime = MORNING - 20 * HOUR, **other: Any) -> None:
    with clock.frozen(at):
        mail_choose(by=by, **({"when": when, "hour": 7, "weekends": False} | other))


def swept(at: dt.datetime) -> list[mail.EmailMessage]:
    """Let the sweep and the jobs run at an instant; return the mails that left."""
    mail.outbox.clear()
    with clock.frozen(at), override_settings(PASSWORD_RESET_BY_MAIL=True, PUBLIC_URL="https://mla.example.net"):
        mails_create()
        mails_create()
        drain()
    return list(mail.outbox)


class TestMail:
    def test_digest_comes_once_a_day_after_its_hour_with_references_and_a_link_alone(
        self, case: tuple[Line, OutgoingRequest]
    ) -> None:
        line, sent = case
        chosen(line.supervisor)
        assert swept(MORNING) == [], "it is half past six there"
        (one,) = swept(MORNING + HOUR)
        assert one.to == ["supervisor@example.net"] and "MLA" in one.subject
        sent.refresh_from_db()
        assert sent.reference in one.body and "https://mla.example.net/" in one.body
        assert sent.letter.title not in one.body and "Subject A" not in one.body
        assert swept(MORNING + 5 * HOUR) == []
        row = Mail.objects.get()
        assert (row.status, row.lines) == ("sent", 1)
        assert one.extra_headers["Message-ID"] == f"<{row.public_id}@mla.example.net>"
        assert swept(MORNING + 24 * HOUR) == [], "nothing is new"

    def test_weekend_and_a_week_without_a_sweep_make_one_mail_of_what_was_missed(
        self, case: tuple[Line, OutgoingRequest]
    ) -> None:
        line, _sent = case
        chosen(line.supervisor)
        saturday = MORNING + 5 * 24 * HOUR + 4 * HOUR
        assert swept(saturday) == []
        assert len(swept(saturday + 48 * HOUR)) == 1

    def test_mail_at_once_tells_each_thing_once_and_two_sweeps_tell_it_once(
        self, case: tuple[Line, OutgoingRequest]
    ) -> None:
        line, sent = case
        chosen(line.supervisor, "at_once", at=MORNING - HOUR)
        assert swept(MORNING) == [], "what was before the choice is not told"
        with clock.frozen(MORNING + HOUR):
            inward.incoming_start_review(incoming=line.arrived(sent), by=line.their_desk)
            inward.incoming_ask_information(incoming=line.arrived(sent), by=line.their_desk, question="Which port?")
            drain()
        (one,) = swept(MORNING + 2 * HOUR)
        assert "Which port?" not in one.body and sent.reference in one.body
        assert swept(MORNING + 3 * HOUR) == []

    def test_restricted_case_and_one_who_left_or_has_no_address_get_nothing(
        self, case: tuple[Line, OutgoingRequest]
    ) -> None:
        line, sent = case
        chosen(line.supervisor)
        LetterOfRequest.objects.filter(pk=sent.letter_id).update(confidentiality="restricted")
        assert swept(MORNING + HOUR) == []
        LetterOfRequest.objects.filter(pk=sent.letter_id).update(confidentiality="ordinary")
        chosen(line.desk)
        Membership.objects.filter(user=line.desk.user_id).update(ends_at=MORNING)
        assert swept(MORNING + HOUR) == []
        before = MailChoice.objects.get(user=line.desk.user_id)
        User.objects.filter(pk=line.desk.user_id).update(email="")
        with pytest.raises(ChoiceRefused, match="no e-mail address"):
            chosen(line.desk, "at_once")
        assert MailChoice.objects.get(pk=before.pk).when == "digest"

    def test_server_that_takes_nothing_is_asked_again_and_the_mail_is_then_given_up_visibly(
        self, case: tuple[Line, OutgoingRequest], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line, _sent = case
        chosen(line.supervisor)
        with clock.frozen(MORNING + HOUR), override_settings(PASSWORD_RESET_BY_MAIL=True):
            mails_create()
        job = OutboxJob.objects.get(event="mail.queued")
        monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda self: (_ for _ in ()).throw(OSError("away")))
        for _attempt in range(8):
            OutboxJob.objects.filter(pk=job.pk).update(due_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
            how = outbox.run_job(job.pk)
        assert how == "parked" and Mail.objects.get().status == "failed"

    def test_what_was_seen_meanwhile_is_not_told(self, case: tuple[Line, OutgoingRequest]) -> None:
        line, sent = case
        chosen(line.supervisor)
        hat = Membership.objects.select_related("user", "authority").get(user=line.supervisor.user_id)
        with clock.frozen(MORNING + HOUR), override_settings(PASSWORD_RESET_BY_MAIL=True):
            told = told_of(hat, since=MORNING - 20 * HOUR, until=MORNING + HOUR)
            assert [line.reference for line in told.messages] == [sent.reference] and len(told) == 1
            assert mails_create() == 1
            Membership.objects.filter(user=line.supervisor.user_id).update(ends_at=MORNING)
            mail.outbox.clear()
            drain()
        assert not mail.outbox and Mail.objects.get().status == "empty"


class TestCalendar:
    def test_address_gives_the_deadlines_of_its_hat_until_it_ends(self, case: tuple[Line, OutgoingRequest]) -> None:
        line, sent = case
        with clock.frozen(MORNING):
            course.outgoing_note_question(
                outgoing=OutgoingRequest.objects.get(pk=sent.pk), by=Actor.peer(sent.addressee), question="Which port?",
                due=dt.date(2026, 5, 18),
            )  # fmt: skip
        feed, secret = feed_make(by=line.supervisor)
        anybody, address = Client(), reverse("web:calendar_feed", args=[secret])
        answer = anybody.get(address)
        assert answer["Content-Type"].startswith("text/calendar") and "no-store" in answer["Cache-Control"]
        events = Calendar.from_ical(answer.content).walk("VEVENT")
        told = {str(event["SUMMARY"]): event["DTSTART"].dt for event in events}
        assert any(sent.reference in summary and day == dt.date(2026, 5, 18) for summary, day in told.items())
        assert b"Which port" not in answer.content and sent.letter.title.encode() not in answer.content
        assert CalendarFeed.objects.get(pk=feed.pk).read_at is not None and secret not in str(feed.__dict__)
        LetterOfRequest.objects.filter(pk=sent.letter_id).update(confidentiality="restricted")
        assert not Calendar.from_ical(anybody.get(address).content).walk("VEVENT")
        assert anybody.get(reverse("web:calendar_feed", args=["x" * 43])).status_code == 404
        _second, other = feed_make(by=line.supervisor)
        assert anybody.get(address).status_code == 404, "a new address ends the old one"
        assert anybody.get(reverse("web:calendar_feed", args=[other])).status_code == 200
        assert feed_end(by=line.supervisor) and not feed_end(by=line.supervisor)
        assert anybody.get(reverse("web:calendar_feed", args=[other])).status_code == 404

    def test_hat_that_was_taken_off_reads_nothing(self, case: tuple[Line, OutgoingRequest]) -> None:
        line, _sent = case
        _feed, secret = feed_make(by=line.desk)
        Membership.objects.filter(user=line.desk.user_id).update(ends_at=clock.now())
        assert Client().get(reverse("web:calendar_feed", args=[secret])).status_code == 404


def test_page_keeps_the_choice_tells_what_is_wrong_and_shows_an_address_once(
    case: tuple[Line, OutgoingRequest],
) -> None:
    line, _sent = case
    client, address = signed_in(line.supervisor), reverse("web:notifications")
    shown = client.get(address).content.decode()
    assert "supervisor@example.net" in shown and "never what a case is about" in shown
    wrong = client.post(address, {"when": "hourly", "hour": "7"})
    assert wrong.status_code == 422 and not MailChoice.objects.exists()
    assert client.post(address, {"when": "digest", "hour": "9", "weekends": "on"}).status_code == 302
    kept = MailChoice.objects.get(user=line.supervisor.user_id)
    assert (kept.when, kept.hour, kept.weekends) == ("digest", 9, True)
    made = client.post(reverse("web:calendar_address"), {"make": "1"}).content.decode()
    assert ".ics" in made and ".ics" not in client.get(address).content.decode()
    assert client.post(reverse("web:calendar_address"), {"end": "1"}).status_code == 302
    acts = list(AuditEntry.objects.filter(actor_id=line.supervisor.id).order_by("id").values_list("act", flat=True))
    assert acts[-3:] == ["mail_choice.change", "calendar.make", "calendar.end"]
