"""One letter on both sides, by eight people at their own browsers, from the finished draft to the closed case.

Every act is done by its button and its form. Between two people the due jobs run, as the workers would run them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from mla.accounts.actors import Actor
from tests.browser.conftest import People
from tests.factories import Line, drain
from tests.kill.letters import short_letter
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

#: Name of a field: what is typed or chosen; True ticks it; a tuple is a file (name, kind, content).
Fields = Mapping[str, Any]


class Desks:
    """The windows of one story, one for each person, opened when first needed."""

    def __init__(self, people: People, *, javascript: bool) -> None:
        self.people, self.javascript = people, javascript
        self.open: dict[str, Page] = {}

    def of(self, actor: Actor) -> Page:
        if actor.id not in self.open:
            self.open[actor.id] = self.people.window(actor, java_script_enabled=self.javascript)
        return self.open[actor.id]

    def do(self, actor: Actor, address: str, act: str, fields: Fields | None = None) -> None:
        """Open the case, press the button of the act, fill its form and press the button that does it."""
        page = self.of(actor)
        page.goto(address)
        button = page.locator(f"[data-act='{act}']")
        assert button.count(), f"no button for {act} on {page.url}: {page.locator('main').inner_text()[-1200:]}"
        button.first.click()
        fill(page, fields or {})
        words = page.locator("h1").inner_text()
        page.locator("main form [data-once]").first.click()
        page.wait_for_load_state("load")
        refused = page.locator(".error-summary")
        assert refused.count() == 0, f"{words}: {refused.first.inner_text()}"
        assert urlsplit(page.url).path == address, (
            f"{words} led to {page.url}: {page.locator('main').inner_text()[:400]}"
        )
        drain()


def fill(page: Page, fields: Fields) -> None:
    for name, value in fields.items():
        field = page.locator(f"main [name='{name}']")
        if value is True:
            field.first.check()
        elif isinstance(value, tuple):
            field.set_input_files({"name": value[0], "mimeType": value[1], "buffer": value[2]})
        elif field.first.get_attribute("type") == "radio":
            page.locator(f"main [name='{name}'][value='{value}']").check()
        elif field.first.evaluate("one => one.tagName") == "SELECT":
            field.first.select_option(value)
        else:
            field.first.fill(value)


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_letter_goes_from_the_draft_to_evidence_returned_and_closed(people: People, javascript: bool) -> None:
    line = Line(short_letter(f"Who held the account {'at noon' if javascript else 'at night'}"))
    outgoing = line.drafted()
    desks = Desks(people, javascript=javascript)
    ours = f"/out/{outgoing.public_id}/"
    status: Callable[[Any], str] = lambda case: type(case).objects.get(pk=case.pk).status  # noqa: E731

    desks.do(line.prosecutor, ours, "lodge")
    desks.do(line.desk, ours, "take_in")
    desks.do(line.desk, ours, "submit")
    assert status(outgoing) == "in_review"
    page = desks.of(line.prosecutor)
    page.goto(ours)
    assert page.locator("[data-act='approve']").count() == 0, "who wrote the letter does not approve it"

    approve(desks, line, outgoing)
    outgoing = OutgoingRequest.objects.get(pk=outgoing.pk)
    assert outgoing.status == "approved"
    assert outgoing.document_sha256, "the PDF is made after the approval"
    desks.do(line.registry, ours, "send", {"channel": "local"})

    incoming = IncomingRequest.objects.get(conversation_id=outgoing.conversation_id)
    theirs = f"/in/{incoming.public_id}/"
    desks.do(line.their_registry, theirs, "acknowledge")
    assert status(outgoing) == "acknowledged", "the receipt comes back by itself"
    desks.do(line.their_desk, theirs, "start_review")
    desks.do(line.their_desk, theirs, "ask_information", {"question": "In which time zone is the log?"})
    desks.do(line.supervisor, ours, "give_information", {"answer": "In UTC."})
    desks.do(line.their_supervisor, theirs, "accept", {"executing": str(line.executing_authority.pk)})
    assert status(outgoing) == "in_execution"

    for item in incoming.items.order_by("id"):
        page = desks.of(line.executing)
        page.goto(f"{theirs}execution/")
        summary = page.locator(f"#item-{item.key} details.upload > summary")
        summary.click()
        page.locator(f"#item-{item.key} input[type=file]").set_input_files(
            {"name": "records.csv", "mimeType": "text/csv", "buffer": b"utc,source\n2026-03-09T08:00:00Z,192.0.2.45\n"}
        )
        page.locator(f"#item-{item.key} details.upload [data-once]").click()
        page.wait_for_load_state("load")
        assert "records.csv" in page.locator(f"#item-{item.key}").inner_text()
        page.locator(f"#item-{item.key} [data-act='execute']").click()
        page.locator("main form [data-once]").click()
        page.wait_for_load_state("load")
        item.refresh_from_db()
        assert item.status == "executed", page.locator("main").inner_text()[:600]
        drain()
    desks.do(line.their_registry, theirs, "transmit_result")
    assert status(outgoing) == "concluded"

    desks.do(line.registry, ours, "confirm_evidence")
    desks.do(line.registry, ours, "hand_over_result")
    desks.do(line.prosecutor, ours, "originator_confirms")
    desks.do(line.supervisor, ours, "close")
    desks.do(line.their_registry, theirs, "close")
    assert (status(outgoing), status(incoming)) == ("closed", "closed")
    assert len(desks.open) == 8, "eight people at eight desks"


def approve(desks: Desks, line: Line, outgoing: OutgoingRequest) -> None:
    """The supervisor reads the letter on its review page and approves the version that was read."""
    page = desks.of(line.supervisor)
    page.goto(f"/out/{outgoing.public_id}/review/")
    assert outgoing.letter.title in page.locator("main").inner_text(), "the letter is read before it is approved"
    page.locator("[data-act='approve']").first.click()
    page.wait_for_load_state("load")
    fill(page, {"rights_screened": True})
    page.locator("main form [data-once]").first.click()
    page.wait_for_load_state("load")
    refused = page.locator(".error-summary")
    assert refused.count() == 0, refused.first.inner_text()
    drain()


def test_letter_is_begun_in_the_browser(people: People) -> None:
    line = Line()
    page = people.window(line.prosecutor)
    page.goto("/out/new")
    before = set(OutgoingRequest.objects.values_list("pk", flat=True))
    page.locator("main form [data-once]").click()
    page.wait_for_load_state("load")
    assert page.locator(".error-summary").count() == 1, "an empty form says what is missing"
    assert set(OutgoingRequest.objects.values_list("pk", flat=True)) == before
    fill(
        page,
        {
            "requested": "Iceland",
            "title": "Image of one server",
            "subject": "An online market.",
            "nature": "investigation",
        },
    )
    page.locator("main [name='measures']").first.check()
    page.locator("main form [data-once]").click()
    page.wait_for_load_state("load")
    made = OutgoingRequest.objects.exclude(pk__in=before)
    assert [one.letter.title for one in made] == ["Image of one server"], page.locator("main").inner_text()[:600]
    assert made[0].status == "drafting"
