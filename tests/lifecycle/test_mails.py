"""E-mails put on a case: what a mail says of itself, hostile ones, and the act on each side."""

from __future__ import annotations

import datetime as dt
import hashlib
from email.message import EmailMessage

import pytest

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core.files import file_open
from tests.factories import Line, officer
from workflows.engine.errors import ActForbidden, ConditionsNotMet
from workflows.exchange.models import Message
from workflows.lifecycle.mails import MOST_FILES, MailWrong, read_mail
from workflows.lifecycle.models import CaseMail
from workflows.lifecycle.services.mails import mail_file


def letter(subject: str = "Anfrage zu Tirana: где?", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Liaison Büro <liaison@example.net>"
    mail["To"] = "desk@example.net, Registry <registry@example.net>"
    mail["Subject"] = subject
    mail["Date"] = "Sun, 29 Nov 2026 23:10:00 -0500"
    mail["Message-ID"] = "<a1@example.net>"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content("They ask for the port.\n")
    mail.add_alternative("<p>They ask for the port.</p>", subtype="html")
    mail.add_attachment(b"\x00\x01log", maintype="application", subtype="octet-stream", filename="../../log.bin")
    inner = EmailMessage()
    inner["Subject"] = "earlier"
    inner.set_content("before")
    mail.add_attachment(inner)
    return mail


def test_mail_says_who_when_what_and_its_files() -> None:
    read = read_mail(letter().as_bytes())
    assert (read.sender, read.subject) == ("Liaison Büro <liaison@example.net>", "Anfrage zu Tirana: где?")
    assert read.recipients == "desk@example.net, Registry <registry@example.net>"
    assert read.sent_at == dt.datetime(2026, 11, 30, 4, 10, tzinfo=dt.UTC)
    assert read.text.strip() == "They ask for the port."
    assert [(one.name, one.media_type) for one in read.files] == [
        ("log.bin", "application/octet-stream"),
        ("file-2.eml", "message/rfc822"),
    ]
    assert read.files[0].content == b"\x00\x01log" and b"before" in read.files[1].content


def many_files() -> bytes:
    mail = letter()
    for number in range(MOST_FILES):
        mail.add_attachment(b"x", maintype="text", subtype="x", filename=f"{number}.txt")
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "e-mail of Outlook"),
        (b"%PDF-1.7 no mail", "no e-mail"),
        (b"Subject: nobody\n\nx", "no e-mail"),
        (b"", "no e-mail"),
        (many_files(), "more than 100 files"),
    ],
    ids=["outlook", "pdf", "no sender", "empty", "many files"],
)
def test_what_is_no_mail_is_told(content: bytes, told: str) -> None:
    with pytest.raises(MailWrong, match=told):
        read_mail(content)


@pytest.mark.parametrize(
    "content",
    [
        b"From: a@example.net\nDate: 32 Foo 99\nMessage-ID: <x>\nSubject: =?utf-8?B?broken\n\n\xff\xfe",
        b"From: =?no-such-code?Q?x?= <a@example.net>\nMessage-ID: <x>\nContent-Type: text/plain; charset=zz-9\n\n\xff",
        b"From: a@example.net\nMessage-ID: <x>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n",
        "From: a\u202eb@example.net\nMessage-ID: <x>\nSubject: evil\u202etxt.exe\n\nx".encode(),
    ],
    ids=["date", "charset", "unfinished", "bidi"],
)
def test_broken_and_hostile_mails_are_read_as_far_as_they_go(content: bytes) -> None:
    read = read_mail(content)
    assert "a" in read.sender and read.sent_at is None
    assert "\u202e" not in read.sender + read.subject + read.text


@pytest.mark.django_db
def test_mail_stands_on_a_case_of_either_side_once_with_its_files_and_goes_nowhere() -> None:
    line = Line()
    sent = line.sent()
    arrived = line.arrived(sent)
    messages = Message.objects.count()
    content = letter().as_bytes()
    for case, by, stranger in (
        (sent, line.desk, line.their_desk),
        (arrived, line.their_desk, line.desk),
    ):
        with pytest.raises(ActForbidden):
            mail_file(case=case, by=stranger, name="a.eml", content=content, direction="theirs")
        with pytest.raises(ActForbidden):
            legal = officer(Role.LEGAL, case.authority.code)
            mail_file(case=case, by=legal, name="a.eml", content=content, direction="theirs")
        after = mail_file(case=case, by=by, name="a.eml", content=content, direction="theirs")
        assert (after.status, after.version) == (case.status, case.version + 1)
        with pytest.raises(ConditionsNotMet, match="already"):
            mail_file(case=case, by=by, name="again.eml", content=content, direction="theirs")
        mail = CaseMail.objects.get(**{case.KIND: case})
        assert mail.sha256 == hashlib.sha256(content).hexdigest()
        assert file_open(mail.sha256).read() == content
        assert [one.name for one in mail.files.all()] == ["log.bin", "file-2.eml"]
        assert file_open(mail.files.all()[0].sha256).read() == b"\x00\x01log"
        entry = AuditEntry.objects.get(act=f"{case.KIND}.file_mail", outcome="done")
        assert entry.detail == {"mail": str(mail.public_id), "sha256": mail.sha256, "files": 2}
    assert Message.objects.count() == messages
