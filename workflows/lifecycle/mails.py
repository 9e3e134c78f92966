"""Reading a stored e-mail (RFC 5322, a file .eml; or Outlook's .msg): who wrote to whom, when, on what, what was attached.

No database here.

Only what the mail says of itself: a sender's name in it proves nothing.
"""

from __future__ import annotations

import datetime as dt
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from mla.core.errors import MlaError
from mla.core.text import plain

#: Bytes of a mail with all its files, and files in one.
LARGEST_MAIL = 50 * 1024 * 1024
MOST_FILES = 100
_SHOWN = ("text/plain", "text/html")


class MailWrong(MlaError):
    """This is no e-mail that can be read; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class MailFile:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """`sent_at`: aware, in the offset that the mail states; None where it has none that can be read. `text`: as sent, plain."""

    sender: str
    recipients: str
    subject: str
    message_id: str
    sent_at: dt.datetime | None
    text: str
    files: tuple[MailFile, ...]


def read_mail(content: bytes) -> Mail:
    """Return what a mail says of itself.

    Raises:
        MailWrong: too large, no mail at all, or with more files than are taken.
    """
    if len(content) > LARGEST_MAIL:
        raise MailWrong(_("the mail is larger than %(limit)s MB") % {"limit": LARGEST_MAIL // 1024 // 1024})
    found = _found(content)
    if not found.sender or not (found.sent_at or found.message_id):
        raise MailWrong(_("this is no e-mail: it names no sender, and neither date nor identity"))
    if len(found.files) > MOST_FILES:
        raise MailWrong(_("the mail has more than %(most)d files") % {"most": MOST_FILES})
    return found


def _found(content: bytes) -> Mail:
    from workflows.lifecycle import mails_outlook

    if content.startswith(mails_outlook.SIGNATURE):
        return mails_outlook.read_outlook(content)
    try:
        return _read(BytesParser(policy=email.policy.compat32).parsebytes(content))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise MailWrong(_("this cannot be read as an e-mail")) from error


def _read(parsed: Message) -> Mail:
    shown: list[tuple[str, str]] = []
    files: list[MailFile] = []
    for part in _parts(parsed):
        name = part.get_filename()
        kind = part.get_content_type()
        if kind in _SHOWN and name is None and part.get_content_disposition() != "attachment":
            shown.append((kind, _text(part)))
        else:
            files.append(MailFile(file_name(name, kind, len(files) + 1), kind[:100], _bytes(part)))
    written = [text for kind, text in shown if kind == "text/plain"]
    return Mail(
        sender=_addresses(parsed, "from")[:500],
        recipients=_addresses(parsed, "to", "cc")[:2000],
        subject=_header(parsed, "subject")[:500],
        message_id=_header(parsed, "message-id")[:300],
        sent_at=date_of(_header(parsed, "date")),
        text="\n\n".join(written)[:100_000],
        files=tuple(files),
    )


def _parts(parsed: Message) -> Iterator[Message]:
    """Walk the parts that hold something; a mail in the mail is one file and is not looked into."""
    if parsed.get_content_type() == "message/rfc822" or not parsed.is_multipart():
        yield parsed
        return
    for part in parsed.get_payload():
        if isinstance(part, Message):
            yield from _parts(part)


def _bytes(part: Message) -> bytes:
    if part.is_multipart():
        inside: Any = part.get_payload()
        return b"\r\n".join(one.as_bytes() for one in inside)
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text(part: Message) -> str:
    given = part.get_content_charset() or "utf-8"
    try:
        text = _bytes(part).decode(given, errors="replace")
    except LookupError:
        text = _bytes(part).decode("utf-8", errors="replace")
    return plain(text.replace("\r\n", "\n").replace("\r", "\n"))


def _header(parsed: Message, name: str) -> str:
    """Return a header decoded, on one line and without what hides."""
    raw = parsed.get(name)
    if raw is None:
        return ""
    # The header's own words, decoded by the newer rules, which take any encoding and never raise for a broken one.
    one = EmailMessage(policy=email.policy.default)
    try:
        one[name] = str(raw).replace("\r", " ").replace("\n", " ")
        text = str(one[name])
    except (ValueError, IndexError, AttributeError, KeyError):
        text = str(raw)
    return " ".join(plain(text).split())


def _addresses(parsed: Message, *names: str) -> str:
    pairs = getaddresses([_header(parsed, name) for name in names if parsed.get(name)])
    return ", ".join(f"{name} <{address}>" if name else address for name, address in pairs if address or name)


def date_of(said: str) -> dt.datetime | None:
    """Return the instant of a header, aware; None where none can be read."""
    try:
        found = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # “-0000” says UTC without saying where.
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def file_name(given: str | None, kind: str, number: int) -> str:
    """Return the last part of a name, without what hides or leads elsewhere; a numbered one where nothing is left."""
    last = PurePosixPath(" ".join(plain(given or "").split()).replace("\\", "/")).name.lstrip(".")
    return last[-200:] or f"file-{number}{'.eml' if kind == 'message/rfc822' else ''}"
