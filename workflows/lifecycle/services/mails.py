"""E-mails put on a case: read, looked at by the virus scanner, kept by hash with their files."""

from __future__ import annotations

from io import BytesIO
from typing import TypeVar

from mla.accounts.actors import Actor
from mla.core.files import file_store
from mla.core.scanning import scan_file
from workflows.engine.perform import perform
from workflows.lifecycle.mails import read_mail
from workflows.lifecycle.models import CaseMail, CaseMailFile, IncomingRequest, OutgoingRequest

C = TypeVar("C", bound=OutgoingRequest | IncomingRequest)


def mail_file(*, case: C, by: Actor, name: str, content: bytes, direction: str) -> C:
    """Put an e-mail on a case of either side, as one that came or went beside the channel; it is told to nobody.

    The mail is kept byte for byte, and each file in it once more by its own hash.

    Raises:
        MailWrong: it cannot be read as an e-mail.
        HarmfulContent, ScannerUnavailable: the scanner found something, or gives no verdict; nothing is kept.
        ConditionsNotMet: this very mail stands on the case already.
    """
    read = read_mail(content)
    for piece in (content, *(one.content for one in read.files)):
        scan_file(BytesIO(piece))
    stored = file_store(content)
    mail = CaseMail(
        direction=direction, sender=read.sender, recipients=read.recipients, subject=read.subject,
        message_id=read.message_id, sent_at=read.sent_at, name=name, size=stored.size, sha256=stored.sha256,
    )  # fmt: skip
    files = []
    for number, one in enumerate(read.files, start=1):
        kept = file_store(one.content)
        files.append(
            CaseMailFile(
                mail=mail, number=number, name=one.name, media_type=one.media_type, size=kept.size, sha256=kept.sha256
            )
        )
    return perform(case, "file_mail", by=by, mail=mail, files=files)
