"""Wishes on the pages of both sides: asked, answered or not, the ladder of reminders, the worklist and the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from mla.accounts.actors import Actor
from mla.core import clock
from mla.reference.models import ProfileEntry
from tests.factories import Line, drain
from tests.lifecycle.acting import fresh
from tests.web.test_act_screens import address, proven
from workflows.documents.models import CaseDocument
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, Wish

pytestmark = pytest.mark.django_db
AtDesk = Callable[[Actor], Client]


def text(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def sent() -> tuple[Line, OutgoingRequest, IncomingRequest]:
    line = Line()
    outgoing = line.sent()
    return line, outgoing, line.arrived(outgoing)


def do(client: Client, case: Any, act: str, **said: Any) -> int:
    return client.post(address(case, act), said | {"expected_version": fresh(case).version}).status_code


def test_wish_stands_at_the_top_over_there_and_its_answer_or_its_absence_here(at_desk: AtDesk) -> None:
    line, ours, theirs = sent()
    desk, supervisor = at_desk(line.desk), at_desk(line.their_supervisor)
    day = clock.now().date() + dt.timedelta(days=40)
    assert do(desk, ours, "expedite", words="", needed_by=day) == 422
    assert do(desk, ours, "expedite", words="The trial begins.", needed_by=day) == 302
    assert do(desk, ours, "ask_status") == 302
    # Pressed twice: it is told, not asked twice.
    assert do(desk, ours, "ask_status") == 422
    drain()
    page = text(supervisor, f"/in/{theirs.public_id}/")
    assert "waits for your answer:" in page and "please expedite it" in page and "The trial begins." in page
    assert "asked today" in page and page.index("waits for your answer:") < page.index('id="wishes"')
    assert f"/in/{theirs.public_id}/do/answer_wish" in page
    with clock.frozen(clock.now() + dt.timedelta(days=12, hours=1)):
        page = text(at_desk(line.desk), f"/out/{ours.public_id}/")
    assert "Asked 12 days ago, no answer." in page and "Nothing was heard of" in page
    assert page.count('class="rung ') == 4 and "reminder 1" in page and "own practice" in page

    urged, asked = Wish.objects.filter(incoming=theirs).order_by("id")
    answer = {"wish": urged.wish_id, "choice": "stopped", "answer": "x"}
    assert do(supervisor, theirs, "answer_wish", **answer) == 422, "no answer to this wish"
    assert do(supervisor, theirs, "answer_wish", **answer | {"choice": "not_expedited", "answer": ""}) == 422
    assert do(supervisor, theirs, "answer_wish", **answer | {"choice": "not_expedited", "answer": "In May."}) == 302
    assert do(supervisor, theirs, "answer_wish", wish=asked.wish_id, answer="With the court.", next_on=day) == 302
    drain()
    page = text(desk, f"/out/{ours.public_id}/")
    assert "it cannot be expedited. In May." in page and "With the court." in page and "status there: received" in page
    assert "no answer" not in page and "waits for your answer" not in text(supervisor, f"/in/{theirs.public_id}/")


def test_answer_and_wish_that_came_on_paper_are_recorded_by_the_registries(at_desk: AtDesk) -> None:
    line, ours, theirs = sent()
    assert do(at_desk(line.supervisor), ours, "no_longer_needed", words="Found at home.", items=["M1"]) == 302
    wish = Wish.objects.get(outgoing=ours)
    registry, said = at_desk(line.registry), {"wish": wish.wish_id, "choice": "not_stopped", "answer": "Done already."}
    assert do(registry, ours, "note_wish_answer", **said) == 422, "without proof"
    assert do(registry, ours, "note_wish_answer", **proven(**said)) == 302
    wish.refresh_from_db()
    assert (wish.choice, fresh(ours).proofs.filter(act="note_wish_answer").count()) == ("not_stopped", 1)
    theirs_registry = at_desk(line.their_registry)
    assert do(theirs_registry, theirs, "receive_wish", kind="expedite", words="") == 422
    assert do(theirs_registry, theirs, "receive_wish", kind="reminder", words="No. 3 of May.") == 302
    assert "No. 3 of May." in text(theirs_registry, f"/in/{theirs.public_id}/")


def test_silence_leads_from_the_worklist_over_one_click_to_the_embassy_and_to_the_end(at_desk: AtDesk) -> None:
    line, ours, theirs = sent()
    desk = at_desk(line.desk)
    assert "Remind the other State" not in text(desk, "/")
    row = OutgoingRequest.objects.filter(pk=ours.pk)
    row.update(silent_since=clock.now() - dt.timedelta(days=95))
    since = (clock.now() - dt.timedelta(days=90)).date()
    assert "Remind the other State" in text(desk, "/")
    # The profile of the State has a ladder of its own, or the State named a day for news.
    profile = ProfileEntry.objects.create(
        jurisdiction_id=ours.letter.requested_id, topic="chasers", value="96 99", source="a person"
    )
    assert "Remind the other State" not in text(desk, "/")
    ProfileEntry.objects.filter(pk=profile.pk).update(value="10 20")
    assert "Remind the other State" in text(desk, "/")
    row.update(next_news_on=clock.now().date())
    assert "Remind the other State" not in text(desk, "/")
    row.update(next_news_on=None)
    profile.delete()
    assert ours.reference in text(desk, f"/out/?silent_since={since}")
    assert ours.reference not in text(desk, f"/out/?silent_since={since - dt.timedelta(days=20)}")
    page = text(desk, f"/out/{ours.public_id}/")
    assert "due now" in page and page.count("passed over") == 2
    assert "3 of 3" in text(desk, address(ours, "chase")), "the page says which reminder it is"
    version = fresh(ours).version
    assert desk.post(address(ours, "chase"), {"expected_version": version}).status_code == 302
    assert desk.post(address(ours, "chase"), {"expected_version": version}).status_code == 422
    assert (
        CaseDocument.objects.filter(outgoing=ours, kind="chaser").count()
        == Wish.objects.filter(outgoing=ours).count()
        == 1
    )
    drain()
    assert "Remind the other State" not in text(desk, "/")
    assert "Answer a wish" in text(at_desk(line.their_registry), f"/in/{theirs.public_id}/")
    page = text(desk, f"/out/{ours.public_id}/")
    assert "kind=embassy&amp;direction=ours" in page and "may be closed as never answered" in page
    assert "do/lapse?outcome" not in text(at_desk(line.supervisor), f"/out/{ours.public_id}/")
    row.update(chased_at=clock.now() - dt.timedelta(days=61))
    assert "do/lapse?outcome=unanswered" in text(at_desk(line.supervisor), f"/out/{ours.public_id}/")
