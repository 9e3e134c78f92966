"""An e-mail put on a case from its page: shown, handed out as a file, refused where it is none."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mla.accounts.models import Role
from tests.factories import Line, officer
from tests.lifecycle.test_mails import letter
from tests.web.conftest import signed_in
from workflows.lifecycle.models import CaseMail

pytestmark = pytest.mark.django_db


def test_mail_is_put_on_the_case_shown_and_handed_out() -> None:
    line = Line()
    case = line.sent()
    desk, page = signed_in(line.desk), f"/out/{case.public_id}/"
    assert "/do/file_mail" in desk.get(page).content.decode()
    act = f"{page}do/file_mail"
    outlook = SimpleUploadedFile("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 99)
    refused = desk.post(act, {"mail": outlook, "direction": "theirs"})
    assert refused.status_code == 422 and "cannot be read as an e-mail of Outlook" in refused.content.decode()
    content = letter("<b>Anfrage</b>").as_bytes()
    told = {"mail": SimpleUploadedFile("a.eml", content), "direction": "theirs"}
    assert desk.post(act, told).status_code == 302
    shown = desk.get(page).content.decode()
    for words in (
        "&lt;b&gt;Anfrage&lt;/b&gt;",
        "liaison@example.net",
        "log.bin",
        "beside the channel",
        "Put an e-mail on",
    ):
        assert words in shown
    mail = CaseMail.objects.get()
    for file, body in ((mail, content), (mail.files.all()[0], b"\x00\x01log")):
        answer = desk.get(f"{page}mails/{file.sha256}")
        assert b"".join(answer.streaming_content) == body  # type: ignore[attr-defined]
        assert answer["Content-Disposition"].startswith("attachment")
    again = desk.post(act, told | {"mail": SimpleUploadedFile("a.eml", content)})
    assert again.status_code == 422 and "already" in again.content.decode()
    for stranger in (line.their_desk, officer(Role.AUDITOR, case.central.code)):
        assert signed_in(stranger).get(f"{page}mails/{mail.sha256}").status_code in (302, 404)
    assert desk.get(f"{page}mails/{'0' * 64}").status_code == 404
