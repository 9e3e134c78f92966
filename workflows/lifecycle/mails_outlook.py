"""Reading a mail as Outlook stores it (.msg, [MS-OXMSG] in a compound file [MS-CFB]). No database here.

A mail within the mail is not taken out as a file of its own: it stays in the stored bytes, as everything does.
"""

from __future__ import annotations

import struct
from typing import Any

from django.utils.translation import gettext as _
from oxmsg import Message

from mla.core.text import plain
from workflows.lifecycle.mails import Mail, MailFile, MailWrong, date_of, file_name

#: How such a file begins.
SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What a file that is damaged, or was made to do harm, can raise in the reader and below it.
_BROKEN = (
    OSError, ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError,
    MemoryError, StopIteration, struct.error,
)  # fmt: skip


def read_outlook(content: bytes) -> Mail:
    """Return what a mail in Outlook's form says of itself.

    Raises:
        MailWrong: damaged, or none.
    """
    try:
        return _read(Message.load(content))
    except _BROKEN as error:
        raise MailWrong(_("this cannot be read as an e-mail of Outlook")) from error


def _read(found: Any) -> Mail:
    headers = {name.lower(): str(value) for name, value in found.message_headers.items()}
    kept = [(one.file_name, one.mime_type, one.file_bytes) for one in found.attachments]
    whole = [one for one in kept if one[2] is not None]
    to = ", ".join(filter(None, (_who(one.name, one.email_address) for one in found.recipients)))
    return Mail(
        sender=_line(found.sender)[:500],
        recipients=_line(to or headers.get("to"))[:2000],
        subject=_line(found.subject)[:500],
        message_id=_line(headers.get("message-id"))[:300],
        # The header has the offset of the sender; Outlook's own property has UTC alone.
        sent_at=date_of(headers.get("date", "")) or found.sent_date,
        text=plain((found.body or "").replace("\r\n", "\n").replace("\r", "\n"))[:100_000],
        files=tuple(
            MailFile(file_name(name, kind or "", number), (kind or "application/octet-stream")[:100], bytes(data))
            for number, (name, kind, data) in enumerate(whole, start=1)
        ),
    )


def _who(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address and name != address else address or name


def _line(text: str | None) -> str:
    return " ".join(plain(text or "").split())
