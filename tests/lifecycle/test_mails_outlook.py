"""Mails as Outlook stores them: read, put on a case, and never a way in for a file that was made to do harm."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from mla.core.files import file_open
from tests.factories import Line
from tests.lifecycle.outlook import outlook
from workflows.lifecycle.mails import MailWrong, read_mail
from workflows.lifecycle.models import CaseMail
from workflows.lifecycle.services.mails import mail_file

SENT = dt.datetime(2026, 11, 3, 9, 30, tzinfo=dt.UTC)
HEADERS = "Message-ID: <a1@example.net>\r\nDate: Tue, 3 Nov 2026 11:30:00 +0200\r\n\r\n"
LONG = b"0123456789" * 2000


def written(**more: Any) -> bytes:
    said: dict[str, Any] = {
        "sender": "liaison@example.net",
        "to": "desk@example.org",
        "subject": "Anfrage: где? 何",
        "sent": SENT,
        "body": "The port was 443.\r\nRegards",
        "files": {"log.csv": b"a,b\r\n", "..\\..\\evil\u202e.exe": b"MZ", "long.bin": LONG},
    }
    return outlook(**said | more)


def test_mail_of_outlook_says_who_when_what_and_its_files() -> None:
    mail = read_mail(written())
    assert (mail.sender, mail.recipients) == ("<liaison@example.net>", "desk@example.org")
    assert (mail.subject, mail.text, mail.sent_at) == ("Anfrage: где? 何", "The port was 443. Regards", SENT)
    assert [(one.name, one.content) for one in mail.files] == [
        ("log.csv", b"a,b\r\n"),
        ("evil.exe", b"MZ"),
        ("long.bin", LONG),
    ]
    headed = read_mail(written(headers=HEADERS))
    assert headed.message_id == "<a1@example.net>"
    assert headed.sent_at == SENT and headed.sent_at.utcoffset() == dt.timedelta(hours=2), "the sender's own offset"


@pytest.mark.django_db
def test_mail_of_outlook_stands_on_a_case_with_its_files() -> None:
    line = Line()
    content = written()
    mail_file(case=line.sent(), by=line.desk, name="a.msg", content=content, direction="theirs")
    mail = CaseMail.objects.get()
    with file_open(mail.sha256) as kept:
        assert kept.read() == content
    assert [one.name for one in mail.files.all()] == ["log.csv", "evil.exe", "long.bin"]


def test_damaged_or_hostile_file_is_told_or_read_and_never_anything_else() -> None:
    content = written()
    chance = random.Random(7)
    told = 0
    for _time in range(300):
        broken = bytearray(content)
        for _byte in range(chance.choice((1, 4, 40))):
            broken[chance.randrange(8, len(broken))] = chance.randrange(256)
        cut = bytes(broken[: chance.choice((len(broken), chance.randrange(9, len(broken))))])
        try:
            read_mail(cut)
        except MailWrong as wrong:
            told += 1
            assert str(wrong)
    assert told > 50, "most of what is damaged is noticed"


def test_what_only_begins_like_outlook_is_no_mail() -> None:
    with pytest.raises(MailWrong, match="Outlook"):
        read_mail(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99))
