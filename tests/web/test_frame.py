"""The frame: hats, refusals, what was typed when the session ended."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role
from mla.audit.models import AuditEntry
from tests.factories import Line, officer

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def test_worklist_names_the_hat_and_needs_a_sign_in(at_desk: AtDesk) -> None:
    line = Line()
    answer = at_desk(line.desk).get("/")
    assert answer.status_code == 200
    assert "desk officer of the central authority" in answer.content.decode()
    assert answer["Cache-Control"].count("no-store") == 1
    assert Client().get("/").status_code == 302


def test_hat_of_another_person_cannot_be_worn(at_desk: AtDesk) -> None:
    line = Line()
    client = at_desk(line.desk)
    others = Membership.objects.get(user_id=line.supervisor.user_id)
    client.post("/hat", {"hat": others.pk})
    assert "supervisor" not in client.get("/").content.decode().split("</header>")[0]


def test_missing_and_foreign_case_are_answered_alike_and_recorded(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    stranger = officer(Role.DESK_OFFICER, line.letter.requested.authority or "")
    client = at_desk(stranger)
    seen = []
    for public_id in (outgoing.public_id, uuid4()):
        answer = client.get(f"/out/{public_id}/do/lodge")
        seen.append((answer.status_code, answer.content.decode().split("<main")[1].split("</main>")[0]))
        entry = AuditEntry.objects.filter(outcome="refused").latest("id")
        assert (entry.act, entry.object_id) == ("access", str(public_id))
    assert seen[0] == seen[1]
    assert seen[0][0] == 404


def test_what_was_posted_after_the_session_was_cleared_away_is_offered_to_that_person_alone(at_desk: AtDesk) -> None:
    line = Line()
    client = at_desk(line.desk)
    client.get("/")
    Session.objects.all().delete()
    answer = client.post("/hat", {"hat": "7", "text": "a long answer", "password": "never kept"})
    assert answer.status_code == 302
    kept = answer["Location"].split("next=")[1]
    session = client.session
    for person, status in ((line.supervisor, 404), (line.desk, 200)):
        signed = at_desk(person)
        later = signed.session
        later["kept"] = session["kept"]
        later.save()
        page = signed.get(kept)
        assert (page.status_code, "a long answer" in page.content.decode()) == (status, status == 200)
        assert "never kept" not in page.content.decode()


@pytest.mark.parametrize("cookie", ["", "7", "7:forged"])
def test_what_nobody_known_posted_is_kept_for_nobody(cookie: str) -> None:
    client = Client()
    client.cookies["whose"] = cookie
    answer = client.post("/hat", {"hat": "7", "text": "a long answer"})
    assert answer.status_code == 302 and "/kept/" not in answer["Location"]
    assert "kept" not in client.session


def test_language_without_texts_has_its_direction_and_says_that_the_texts_are_english(at_desk: AtDesk) -> None:
    from mla.accounts.models import User

    line = Line()
    User.objects.filter(pk=line.desk.user_id).update(language="ar")
    page = at_desk(line.desk).get("/").content.decode()
    assert '<html lang="en" dir="rtl">' in page
    assert "bootstrap.rtl.min.css" in page


def test_page_of_an_act_is_closed_to_who_may_never_do_it_and_recorded(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    drafter_elsewhere_in_the_house = officer(Role.LEGAL, line.letter.requesting.originating or "")
    client = at_desk(drafter_elsewhere_in_the_house)
    for answer in (
        client.get(f"/out/{outgoing.public_id}/do/give_up"),
        client.post(f"/out/{outgoing.public_id}/do/give_up"),
    ):
        assert answer.status_code == 403
        entry = AuditEntry.objects.filter(outcome="refused").latest("id")
        assert (entry.act, entry.object_id) == ("outgoing.give_up", str(outgoing.public_id))
