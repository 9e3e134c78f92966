"""Bringing in a running register in the browser: shown, confirmed, what was wrong comes back as a file; and the pages of such a case."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from tests.factories import officer
from tests.lifecycle.test_importing import CAME, EXECUTED, SENT, YEAR, bring, registry
from tests.lifecycle.test_importing_lines import file_of
from tests.web.conftest import signed_in
from workflows.lifecycle.models import ImportedEntry, IncomingRequest, OutgoingRequest

pytestmark = pytest.mark.django_db
BEGIN = "/registry/import/"
WRONG = CAME | {"state": "XX", "note": "<b>=1</b>"}


def upload(client: Client, *lines: dict[str, str], data: bytes | None = None) -> Any:
    file = SimpleUploadedFile("register.csv", data or file_of(*lines), content_type="text/csv")
    return client.post(BEGIN, {"file": file})


def text(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


class TestPages:
    def test_register_is_shown_confirmed_and_its_cases_stand_there(self) -> None:
        client = signed_in(registry())
        shown = upload(client, SENT, CAME)
        assert shown.status_code == 302 and not ImportedEntry.objects.exists()
        page = client.get(shown["Location"])
        told = text(page)
        assert "2 lines are right" in told and "Nothing is written yet." in told and "request out, sent" in told
        done = client.post(shown["Location"], {})
        assert done.status_code == 302 and ImportedEntry.objects.count() == 2
        again = client.get(done["Location"])
        assert "Taken over: 1 requests out and 1 requests in" in text(again)
        assert "All 2 lines of this file are in the register" in text(
            again
        ) and '<form method="post" class' not in text(again)
        assert "77/2025" in text(client.get("/out/")) and "E 12" in text(client.get("/in/"))
        # A second press takes nothing over twice, and says so.
        assert client.post(shown["Location"], {}).status_code == 422 and ImportedEntry.objects.count() == 2

    def test_errors_are_placed_stop_it_and_come_back_as_a_file(self) -> None:
        client = signed_in(registry())
        where = upload(client, SENT, WRONG)["Location"]
        told = text(client.get(where))
        assert "state</bdi></strong>: “XX” is no State" in told and "Leave out the 1 line with errors" in told
        refused = client.post(where, {})
        assert refused.status_code == 422 and not ImportedEntry.objects.exists()
        assert "say that these lines are left out" in text(refused) and 'href="#id_leave_out"' in text(refused)
        (address,) = set(re.findall(r'href="([^"]*left-out.csv[^"]*)"', client.get(where).content.decode()))
        assert client.post(where, {"leave_out": "on"}).status_code == 302 and OutgoingRequest.objects.count() == 1
        file = client.get(unescape(address))
        assert file["Content-Type"].startswith("text/csv") and "attachment" in file["Content-Disposition"]
        lines = file.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2 and "state: “XX” is no State" in lines[1]
        mended = file.content.replace(b";XX;", b";FR;")
        where = upload(client, data=mended)["Location"]
        assert client.post(where, {}).status_code == 302 and IncomingRequest.objects.count() == 1

    @pytest.mark.parametrize(
        ("data", "told"), [(b"PK\x03\x04", "save it as “CSV UTF-8”"), (b"a;b\n1;2", "It lacks"), (b"", "")]
    )
    def test_what_is_no_register_is_told_beside_the_field(self, data: bytes, told: str) -> None:
        client = signed_in(registry())
        answer = client.post(BEGIN, {"file": SimpleUploadedFile("r.xlsx", data)} if data else {})
        assert answer.status_code == 422 and told in text(answer) and 'href="#id_file"' in text(answer)

    def test_key_of_a_file_opens_it_for_its_person_alone(self) -> None:
        other = signed_in(officer(Role.SUPERVISOR, "is-central"))
        where = upload(signed_in(registry()), SENT)["Location"]
        for address in (where, where.replace("/lines", "/left-out.csv"), f"{BEGIN}lines", f"{BEGIN}lines?register=x"):
            assert other.get(address).status_code == 404
        assert other.post(where, {}).status_code == 404 and not ImportedEntry.objects.exists()
        assert AuditEntry.objects.filter(outcome="refused", act="access").exists()

    @pytest.mark.parametrize("role", sorted(set(Role.values) - {"registry", "supervisor", "timer"}))
    def test_page_is_there_for_registry_and_supervisor_alone(self, role: str) -> None:
        client = signed_in(officer(role, "is-central"))
        for address in (BEGIN, f"{BEGIN}lines", f"{BEGIN}example.csv", f"{BEGIN}left-out.csv"):
            assert client.get(address).status_code == 404
        assert upload(client, SENT).status_code == 404
        assert BEGIN not in client.get("/out/").content.decode()

    def test_it_is_found_from_the_registry_and_an_empty_list(self) -> None:
        for role in (Role.REGISTRY, Role.SUPERVISOR):
            client = signed_in(officer(role, "is-central"))
            for address in ("/registry/", "/out/", "/in/"):
                assert f'href="{BEGIN}"' in client.get(address).content.decode()
        assert "Bring in a running register" in text(
            signed_in(officer(Role.LOCAL_ADMINISTRATOR, "is-central")).get("/office/")
        )

    def test_example_can_be_brought_in_as_it_is(self) -> None:
        client = signed_in(registry())
        example = client.get(f"{BEGIN}example.csv").content
        assert "2 lines are right" in text(client.get(upload(client, data=example)["Location"]))

    def test_many_lines_come_page_by_page_with_the_same_queries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from workflows.web.views import register_import

        monkeypatch.setattr(register_import, "SHOWN", 3)
        client = signed_in(registry())
        counts = []
        for count in (2, 7):
            where = upload(client, *(SENT | {"our_reference": f"{n}"} for n in range(count)))["Location"]
            client.get(where)
            with CaptureQueriesContext(connection) as caught:
                page = client.get(where)
            counts.append(len(caught))
        assert counts[0] == counts[1]
        seen: list[str] = []
        while True:
            seen += re.findall(r"(\d+) · <bdi>", page.content.decode())
            found = re.search(r'href="([^"]+)" rel="next"', page.content.decode())
            if found is None:
                break
            page = client.get(unescape(found[1]))
        assert seen == [str(n) for n in range(2, 9)]

    def test_words_of_the_file_are_shown_as_text(self) -> None:
        client = signed_in(registry())
        where = upload(client, SENT | {"subject": "<script>x</script>", "their_reference": "=cmd"})["Location"]
        assert "<script>x" not in client.get(where).content.decode()
        client.post(where, {})
        case = OutgoingRequest.objects.get()
        assert "<script>x" not in client.get(f"/out/{case.public_id}/").content.decode()
        export = client.get(reverse("web:outgoing_export"))
        assert b",'=cmd," in b"".join(export.streaming_content)  # type: ignore[attr-defined]


class TestCase:
    def test_page_says_where_the_case_comes_from_and_invents_no_letter(self) -> None:
        case = bring(SENT | {"note": "file 12"}).outgoing[0]
        client = signed_in(officer(Role.DESK_OFFICER, "is-central"))
        told = text(client.get(f"/out/{case.public_id}/"))
        assert "Taken over from the register “register.csv”, line 2, by" in told and "file 12" in told
        assert "Take over the request from an earlier register" in told
        assert "The letter was written elsewhere" in told and f"/out/{case.public_id}/letter/" not in told

    @pytest.mark.parametrize("role", ["supervisor", "registry", "desk_officer", "duty_officer", "legal", "auditor"])
    def test_every_page_and_act_of_such_a_case_answers(self, role: str) -> None:
        lines = [SENT | one | {"our_reference": f"O{n}"} for n, one in enumerate(STATES)]
        inward = [
            {},
            {"status": "under review"},
            {"status": "in execution", "executing_authority": "is-executing"},
            EXECUTED,
        ]
        lines += [CAME | one | {"our_reference": f"I{n}", "their_reference": f"P{n}"} for n, one in enumerate(inward)]
        done = bring(*lines)
        client = signed_in(officer(role, "is-central"))
        cases: list[Any] = [*done.outgoing, *done.incoming]
        for case in cases:
            here = f"/{'out' if case.KIND == 'outgoing' else 'in'}/{case.public_id}/"
            waiting, seen = [here], {here}
            while waiting:
                link = waiting.pop()
                answer = client.get(link)
                assert answer.status_code in (200, 302), link
                if answer.get("Content-Type", "").startswith("text/html") and answer.status_code == 200:
                    found = {unescape(one) for one in re.findall(r'href="(/[^"#]*)', answer.content.decode())}
                    new = {one for one in found if str(case.public_id) in one} - seen
                    waiting, seen = [*waiting, *new], seen | new
            # An auditor is asked for a purpose first.
            assert len(seen) > 1 or role == Role.AUDITOR
        for address in (
            "/",
            "/out/",
            "/in/",
            "/registry/",
            "/registry/?group=waiting",
            "/registry/?group=results",
            "/intake/",
            "/review/",
        ):
            assert client.get(address).status_code in (200, 302, 404), address

    def test_pages_of_the_text_are_not_there(self) -> None:
        case = bring(SENT | {"status": "closed", "outcome": "executed", "last_act": f"{YEAR - 1}-12-20"}).outgoing[0]
        for role in (Role.SUPERVISOR, Role.DESK_OFFICER, Role.REGISTRY):
            client = signed_in(officer(role, "is-central"))
            for name in TEXT:
                for public_id in (case.public_id, case.letter.public_id):
                    answer = client.get(reverse(f"web:{name}", args=[public_id]))
                    # 404, or 409: no such page of this case now.
                    assert answer.status_code in (404, 409), name


STATES: list[dict[str, str]] = [
    {},
    {"status": "acknowledged"},
    {"status": "in execution", "for_authority": "is-prosecutor"},
    EXECUTED | {"status": "concluded"},
    EXECUTED | {"outcome": "returned"},
    EXECUTED,
]
TEXT = [
    "letter",
    "letter_preview",
    "translations_case",
    "review_case",
    "letter_follow",
    "letter_copy",
    "letter_reopen",
    "template_save",
]
