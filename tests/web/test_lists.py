"""The lists and the worklist: filters, pages, files, and a fixed price in queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.factories import Line, example_letter, officer
from workflows.drafting.models import LetterOfRequest, LetterVersion
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest
from workflows.tracking.deadlines import DeadlineKind
from workflows.tracking.lists import Filters, list_outgoing
from workflows.tracking.models import Notification
from workflows.tracking.selectors import waiting_and_late, worklist_outgoing
from workflows.web.views.lists import safe_cell

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def copies(outgoing: OutgoingRequest, number: int) -> None:
    """Put `number` more drafts beside a draft, a minute of change apart: rows for the lists, without a past."""
    letter = LetterOfRequest.objects.get(pk=outgoing.letter_id)
    version = LetterVersion.objects.get(letter=letter, number=letter.current)
    from mla.core.ids import uuid7

    for n in range(number):
        letter.pk, letter.public_id = None, uuid7()
        letter.save(force_insert=True)
        version.pk, version.public_id, version.letter = None, uuid7(), letter
        version.save(force_insert=True)
        row = OutgoingRequest.objects.get(pk=outgoing.pk)
        row.pk, row.public_id, row.letter, row.conversation_id = None, uuid7(), letter, uuid7()
        row.changed_at = outgoing.changed_at + timedelta(minutes=n // 2)
        row.reference = row.reference and f"copy {uuid7()}"
        row.save(force_insert=True)


def queries(client: Client, path: str) -> int:
    client.get(path)
    # Nothing counted or named lately by this process.
    cache.clear()
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


MOST_QUERIES = 14


@pytest.mark.parametrize("path", ["/out/", "/out/?waiting=on&overdue=on", "/"])
def test_queries_do_not_grow_with_the_rows(at_desk: AtDesk, path: str) -> None:
    line = Line()
    outgoing = line.drafted()
    copies(outgoing, 2)
    client = at_desk(line.prosecutor)
    few = queries(client, path)
    copies(outgoing, 57)
    many = queries(client, path)
    assert few == many <= MOST_QUERIES, (few, many)


def copies_in(row: IncomingRequest, number: int) -> None:
    from mla.core.ids import uuid7

    items = list(row.items.all())
    for _number in range(number):
        copy = IncomingRequest.objects.get(pk=row.pk)
        copy.pk, copy.public_id, copy.conversation_id, copy.reference = None, uuid7(), uuid7(), f"copy {uuid7()}"
        copy.save(force_insert=True)
        for item in items:
            item.pk, item.public_id, item.incoming = None, uuid7(), copy
            item.save(force_insert=True)


@pytest.mark.parametrize("path", ["/in/", "/"])
def test_queries_of_whoever_works_both_ways_do_not_grow_with_the_rows(at_desk: AtDesk, path: str) -> None:
    """The dearest case: requests out and in that wait for one hat, which preserve data, and reminders of alarms."""
    line = Line()
    arrived = line.arrived(line.sent())
    arrived.items.update(measure="preservation")
    outgoing = line.drafted()
    theirs = line.their_desk.authority_id
    OutgoingRequest.objects.filter(pk=outgoing.pk).update(authority=theirs, originating=theirs, central=theirs)
    client = at_desk(line.their_desk if path != "/" else line.their_registry)
    copies(outgoing, 2)
    copies_in(arrived, 2)
    few = queries(client, path)
    copies(outgoing, 57)
    copies_in(arrived, 57)
    many = queries(client, path)
    assert few == many <= MOST_QUERIES, (few, many)


@pytest.mark.parametrize("oldest", [False, True])
def test_pages_hold_every_case_once_in_the_order_of_change(oldest: bool) -> None:
    line = Line()
    copies(line.drafted(), 20)
    seen: list[OutgoingRequest] = []
    after = None
    while True:
        page = list_outgoing(line.prosecutor, Filters(oldest_first=oldest), after, 7)
        seen += [row.case for row in page.rows]  # type: ignore[misc]
        after = page.after
        if after is None:
            break
    keys = [(case.changed_at, case.pk) for case in seen]
    assert len(set(keys)) == 21
    assert keys == sorted(keys, reverse=not oldest)


@pytest.mark.parametrize("oldest", [False, True])
def test_what_waits_comes_once_in_the_order_of_change_whatever_it_waits_for(oldest: bool) -> None:
    line = Line()
    outgoing = line.drafted()
    copies(outgoing, 20)
    drafts = list(OutgoingRequest.objects.order_by("pk"))
    # Every other one waits for two acts of the same person; the last for nobody.
    for case in drafts[:-1:2]:
        OpenPoint.objects.create(
            authority_id=case.authority_id, outgoing=case, kind="originator_query", question="Which?",
            asked_by="desk", asked_at=clock.now(),
        )  # fmt: skip
    OutgoingRequest.objects.filter(pk=drafts[-1].pk).update(lodged_at=clock.now())
    seen: list[OutgoingRequest] = []
    after = None
    while True:
        page = list_outgoing(line.prosecutor, Filters(waiting=True, oldest_first=oldest), after, 7)
        seen += [row.case for row in page.rows]  # type: ignore[misc]
        after = page.after
        if after is None:
            break
    keys = [(case.changed_at, case.pk) for case in seen]
    assert sorted(case.pk for case in seen) == [case.pk for case in drafts[:-1]]
    assert keys == sorted(keys, reverse=not oldest)
    assert waiting_and_late(line.prosecutor, 1_000) == (20, 0)
    assert waiting_and_late(line.prosecutor, 7)[0] == 7
    acts = {item.case.pk: item.act for item in worklist_outgoing(line.prosecutor).rows}
    assert acts == {case.pk: "lodge" if n % 2 else "answer_query" for n, case in enumerate(drafts[:-1])}


def test_list_written_for_one_reader_is_no_other_reader_s() -> None:
    """A page's question is written once for each reader; each gets the answer to its own."""
    line = Line()
    outgoing = line.drafted()
    stranger = officer(Role.ORIGINATOR_DRAFTER, example_letter(3).requesting.authority or "")
    for _again in range(2):
        assert [row.case.pk for row in list_outgoing(line.prosecutor, Filters()).rows] == [outgoing.pk]
        assert not list_outgoing(stranger, Filters()).rows and not list_outgoing(line.desk, Filters()).rows
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(confidentiality="restricted")
    assert not list_outgoing(line.prosecutor, Filters()).rows


def test_filters_narrow_and_a_wrong_one_is_told(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    href = f'/out/{outgoing.public_id}/"'
    item = line.letter.items[0].measure
    state = line.letter.requested.jurisdiction
    today = clock.now().date()
    for query in (
        "status=drafting",
        f"state={state}",
        f"measure={item}",
        "waiting=on",
        f"begun_from={today}",
        "order=oldest",
    ):
        assert href in client.get(f"/out/?{query}").content.decode(), query
    for query in ("status=closed", "state=FR", f"begun_to={today - timedelta(days=1)}", "urgency=emergency"):
        page = client.get(f"/out/?{query}").content.decode()
        assert href not in page and "No case that you may see fits" in page, query
    wrong = client.get("/out/?status=nonsense&after=x'--")
    assert wrong.status_code == 200 and "nonsense" in wrong.content.decode()


def test_a_lodged_letter_is_read_and_found_as_lodged(at_desk: AtDesk) -> None:
    line = Line()
    lodged = line.lodged()
    client = at_desk(line.prosecutor)
    case = client.get(f"/out/{lodged.public_id}/").content.decode()
    assert '<span class="status-word">lodged</span>' in case and '<span class="status-word">drafting</span>' not in case
    for query, found in (("status=lodged", True), ("status=drafting", False), ("", True)):
        assert (f'/out/{lodged.public_id}/"' in client.get(f"/out/?{query}").content.decode()) is found, query
    rows = b"".join(client.get("/out/export.csv?status=lodged").streaming_content).decode()  # type: ignore[attr-defined]
    assert ",lodged," in rows


def test_filters_that_are_folded_are_open_where_one_is_in_force(at_desk: AtDesk) -> None:
    client = at_desk(Line().prosecutor)
    assert "<details open>" not in client.get("/out/?status=sent&waiting=on").content.decode()
    for query in ("urgency=urgent", "begun_from=2026-01-01", "measure=nonsense"):
        assert "<details open>" in client.get(f"/out/?{query}").content.decode(), query


def test_overdue_is_what_its_deadlines_say() -> None:
    line = Line()

    def overdue() -> tuple[set[int], set[int]]:
        shown = {row.case.pk for row in list_outgoing(line.desk, Filters()).rows if row.overdue}
        return {row.case.pk for row in list_outgoing(line.desk, Filters(overdue=True)).rows}, shown

    outgoing = line.taken_in()
    assert overdue() == (set(), set()), "a draft is never overdue"
    outgoing = line.sent()
    # The example's dates lie in the past.
    assert overdue() == ({outgoing.pk}, {outgoing.pk})
    version = outgoing.approved_version
    assert version is not None
    version.content = {k: v for k, v in version.content.items() if k not in ("key_dates", "urgency")}
    version.content["items"] = [
        {k: v for k, v in one.items() if k not in ("time_limit", "answers")} for one in version.content["items"]
    ]
    LetterVersion.objects.filter(pk=version.pk).update(content=version.content)
    OutgoingRequest.objects.filter(pk=outgoing.pk).update(needed_by=None)
    assert overdue() == (set(), set())


def test_hostile_and_long_names_are_shown_as_they_are(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    for title in ("<img src=x onerror=alert(1)>", "عبد الرحمن " * 18, "关于银行记录的司法协助请求"):
        LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(title=title)
        for path in ("/out/", "/", f"/out/{outgoing.public_id}/"):
            page = at_desk(line.prosecutor).get(path).content.decode()
            assert "<img src=x" not in page
            assert title.strip()[:20] in page or title.startswith("<")


def test_file_of_a_list_is_recorded_and_holds_no_formula(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(title="=cmd|' /C calc'!A0")
    answer = at_desk(line.prosecutor).get("/out/export.csv?status=drafting")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "'=cmd" in text and "\n=" not in text and ",=" not in text
    entry = AuditEntry.objects.get(act="list.export")
    assert entry.actor_id == line.prosecutor.id and entry.detail == {"filters": ["status"]}
    assert [safe_cell(c) for c in ("+1", "-1", "@a", "\tb", "plain")] == ["'+1", "'-1", "'@a", "'\tb", "plain"]


def test_worklist_names_the_act_and_leads_to_the_case(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.in_review()
    page = at_desk(line.supervisor).get("/").content.decode()
    assert "Approve this version" in page and f"/out/{outgoing.public_id}/" in page
    assert "Nothing waits for you" in at_desk(line.prosecutor).get("/").content.decode()


def test_reminder_names_its_case_and_leads_to_it(at_desk: AtDesk) -> None:
    """Of a case that the reader may not see nothing is told; what the page asks does not grow with the reminders."""
    line = Line()
    outgoing = line.in_review()

    def remind(case_id: int) -> None:
        Notification.objects.create(
            authority_id=outgoing.central_id, case_kind="outgoing", case_id=case_id,
            kind=DeadlineKind.ANSWER, due=clock.now().date(), step=0, created_at=clock.now(),
        )  # fmt: skip

    remind(outgoing.pk)
    client = at_desk(line.supervisor)
    page = client.get("/").content.decode().partition("Reminders")[2]
    assert f'<a href="/out/{outgoing.public_id}/">{outgoing}</a>' in page
    few = queries(client, "/")
    for _time in range(5):
        remind(line.in_review().pk)
    remind(10**6)
    assert queries(client, "/") == few
    page = client.get("/").content.decode().partition("Reminders")[2]
    assert page.count("<li>") == 6 and page.count('href="/out/') == 6
