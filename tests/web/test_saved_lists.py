"""Saved lists: one's own filters under a name, opened by one press, seen by nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.core.text import TextRefused
from mla.reference.models import Authority
from tests.factories import Line, officer
from workflows.tracking.lists import Filters
from workflows.tracking.models import SavedList
from workflows.tracking.selectors import visible_saved_lists
from workflows.tracking.services import MOST_SAVED, SavedListRefused, list_forget, list_save

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def names(client: Client, path: str) -> str:
    page = client.get(path).content.decode()
    return page.partition('<div class="saved">')[2].partition("<details")[0].strip()


def test_saved_list_is_opened_by_one_press_and_removed(at_desk: AtDesk) -> None:
    line = Line()
    client = at_desk(line.desk)
    answer = client.post("/out/?status=in_review&order=oldest", {"name": "  Before   the supervisor "})
    assert (answer.status_code, answer["Location"]) == (302, "/out/?status=in_review&order=oldest")
    saved = SavedList.objects.get()
    assert saved.name == "Before the supervisor" and saved.user_id == line.desk.user_id
    shown = names(client, "/out/")
    assert 'href="/out/?status=in_review&amp;order=oldest"' in shown and "aria-current" not in shown
    assert "aria-current" in names(client, "/out/?order=oldest&status=in_review")
    assert "Before the supervisor" not in names(client, "/in/")
    answer = client.post("/lists/forget?urgency=urgent", {"saved": saved.public_id})
    assert answer["Location"] == "/out/?urgency=urgent"
    assert not SavedList.objects.exists() and not names(client, "/out/")


def test_saved_list_of_another_person_is_not_there(at_desk: AtDesk) -> None:
    line = Line()
    saved = list_save(by=line.desk, kind="outgoing", name="Mine alone", filters=Filters(waiting=True))
    colleague = officer(Role.DESK_OFFICER, line.letter.requesting.authority or "", 2)
    client = at_desk(colleague)
    assert "Mine alone" not in client.get("/out/").content.decode()
    for wanted in (str(saved.public_id), "00000000-0000-7000-8000-000000000000", "1 or 1=1", ""):
        assert client.post("/lists/forget", {"saved": wanted}).status_code == 404, wanted
    assert AuditEntry.objects.filter(outcome="refused", actor_id=colleague.id).exists()
    with pytest.raises(AccessDenied):
        list_forget(by=colleague, saved=saved)
    with pytest.raises(AccessDenied):
        list_save(
            by=Actor.system("x", authority_id=line.desk.authority_id), kind="outgoing", name="a", filters=Filters()
        )
    assert SavedList.objects.filter(pk=saved.pk).exists()
    assert at_desk(line.desk).get("/lists/forget").status_code == 405


def test_same_person_under_another_authority_s_hat_has_other_lists() -> None:
    line = Line()
    list_save(by=line.desk, kind="incoming", name="Here", filters=Filters())
    user = User.objects.get(pk=line.desk.user_id or 0)
    other = Authority.objects.get(pk=line.their_desk.authority_id or 0)
    Membership.objects.create(user=user, authority=other, role=Role.DESK_OFFICER, starts_at=clock.now())
    there = Actor.user(user, authority=other, role=Role.DESK_OFFICER)
    assert visible_saved_lists(line.desk).count() == 1 and not visible_saved_lists(there).exists()


def test_forged_query_is_never_kept(at_desk: AtDesk) -> None:
    client = at_desk(Line().desk)
    forged = "status=nonsense&urgency=urgent&state=x'--&next=https://example.net/&after=1.2&begun_from=0&evil=<script>"
    answer = client.post(f"/out/?{forged}", {"name": "<b>forged</b>", "query": "//example.net", "kind": "incoming"})
    saved = SavedList.objects.get()
    assert (saved.query, saved.kind) == ("urgency=urgent", "outgoing")
    assert answer["Location"] == "/out/?urgency=urgent"
    shown = names(client, "/out/")
    assert "&lt;b&gt;forged" in shown and "<b>forged" not in shown and "example.net" not in shown


def test_name_that_is_used_gets_the_new_filters_and_the_thirty_first_is_refused(at_desk: AtDesk) -> None:
    line = Line()
    for n in range(MOST_SAVED):
        list_save(by=line.desk, kind="outgoing", name=f"list {n}", filters=Filters())
    list_save(by=line.desk, kind="incoming", name="list 0", filters=Filters())
    again = list_save(by=line.desk, kind="outgoing", name="list 0", filters=Filters(urgency="urgent", overdue=True))
    assert again.query == "urgency=urgent&overdue=on"
    assert SavedList.objects.filter(kind="outgoing").count() == MOST_SAVED
    page = at_desk(line.desk).post("/out/?urgency=urgent", {"name": "one more"})
    assert page.status_code == 200 and f"You keep {MOST_SAVED} lists already" in page.content.decode()
    assert 'value="one more"' in page.content.decode() and "<details open" in page.content.decode()
    assert not SavedList.objects.filter(name="one more").exists()


def test_name_must_be_one_that_can_be_read(at_desk: AtDesk) -> None:
    line = Line()
    for name in ("", "   ", "x" * 81):
        with pytest.raises(SavedListRefused):
            list_save(by=line.desk, kind="outgoing", name=name, filters=Filters())
        assert at_desk(line.desk).post("/out/", {"name": name}).status_code == 200
    with pytest.raises(TextRefused):
        list_save(by=line.desk, kind="outgoing", name="a\u202eb", filters=Filters())
    assert "U+202E" in at_desk(line.desk).post("/out/", {"name": "a\u202eb"}).content.decode()
    assert not SavedList.objects.exists()
    arabic = "قضايا عاجلة " * 6
    assert list_save(by=line.desk, kind="outgoing", name=arabic, filters=Filters()).name == arabic.strip()


@pytest.mark.parametrize("path", ["/out/", "/in/"])
def test_saved_lists_cost_one_query(at_desk: AtDesk, path: str) -> None:
    line = Line()
    client = at_desk(line.desk)

    def queries() -> list[str]:
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return [one["sql"] for one in seen]

    none = queries()
    for n in range(MOST_SAVED):
        list_save(by=line.desk, kind="outgoing" if path == "/out/" else "incoming", name=f"{n}", filters=Filters())
    many = queries()
    assert len(many) == len(none) <= 12
    assert sum("tracking_savedlist" in sql for sql in many) == 1
