"""A first letter, United Kingdom to United States, by people who have the facts alone: from the sign-in to the closed case.

Nobody is handed an address: each follows what the pages offer next. The prosecutor signs in by the real form,
with a password and the code of an app, and answers every question in the browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import People
from tests.browser.test_story import Desks, fill
from tests.factories import Line, drain, example_letter
from tests.web.test_sign_in import PASSWORD, code, with_app, with_password
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

TITLE = "Subscriber and payment records of a web hosting account"


def press(page: Page, selector: str) -> None:
    """Press what leads to another page, and wait for that page."""
    with page.expect_navigation():
        page.locator(selector).first.click()
    page.wait_for_load_state("load")
    refused = page.locator(".error-summary")
    assert refused.count() == 0, f"{page.url}: {refused.first.inner_text()}"


def answer(page: Page, fields: Mapping[str, Any]) -> None:
    """Fill the questions of a page of the letter and save it."""
    fill(page, fields)
    press(page, "#letter-form .letter-end button")


def add(page: Page, group: str, fields: Mapping[str, Any]) -> None:
    press(page, f"#list-{group} a.button")
    answer(page, fields)


def go_on(page: Page, expected: str) -> None:
    """Follow what the task list says comes next."""
    press(page, ".over a >> nth=0")
    press(page, "#next-step a")
    assert page.url.rstrip("/").endswith(expected), f"{page.url}: {page.locator('#findings').inner_text()}"


def sign_in(page: Page, name: str, secret: str) -> None:
    page.goto("/")
    assert page.evaluate("() => document.activeElement.name") == "login", "one can type at once"
    fill(page, {"login": name, "password": PASSWORD})
    press(page, "main form [data-once]")
    fill(page, {"code": code(secret)})
    press(page, "main form [type=submit]")
    assert page.locator("h1").inner_text() == "What waits for you"


def drafted(page: Page) -> OutgoingRequest:
    """Write the letter from its facts, question by question, until no gap is left."""
    press(page, "main a.button")
    fill(page, {"requested": "United States", "title": TITLE, "nature": "prosecution", "date": "2005-11-24"})
    page.locator("#binding h2").wait_for()
    assert "United States of America" in page.locator("#binding").inner_text(), "the short name of a State is enough"
    fill(page, {"subject": "Web sites and a forum that incited murder, paid for with stolen card data.",
                "reference": "CTD 05/1187"})  # fmt: skip
    page.locator("main [name='measures'][value='subscriber-information']").check()
    press(page, "main form.letter-new [data-once]")

    press(page, "#next-step a")
    assert page.url.rstrip("/").endswith("/offences")
    add(page, "offences", {
        "title": "Inciting terrorism overseas", "category": "incitement", "provision": "Terrorism Act 2000, section 59",
        "maximum_penalty": "Imprisonment for life", "maximum_years": "100", "committed_from": "2005-06-01",
        "conduct": "Urging members of a forum to commit murder abroad.", "committed_to": "2005-10-21",
    })  # fmt: skip
    press(page, ".letter-next a")
    add(page, "persons", {"name": "Subject A", "role": "accused"})
    go_on(page, "/offences")
    press(page, "#findings .finding-gap a")
    assert page.evaluate("() => document.activeElement.id") == "f-law_text", "a finding leads into its question"
    answer(
        page, {"law_text": "A person commits an offence if he incites another to commit an act of terrorism abroad."}
    )

    go_on(page, "/facts")
    add(page, "facts", {
        "date": "2005-10-21", "source": "Record of the arrest.",
        "text": "The accused paid for web hosting with stolen card data and ran a closed forum there.",
    })  # fmt: skip

    go_on(page, "/items")
    add(page, "providers", {
        "name": "Tallgrass Web Hosting LLC", "jurisdiction": "USA", "address": "1 Example Street",
        "holds_because": "Its messages about the account were on the computer of Subject A.",
    })  # fmt: skip
    add(page, "identifiers", {"type": "domain", "value": "alpha-forum.example.net"})
    press(page, "#list-items .entry-list a")
    page.locator("details.folded").wait_for()
    assert page.locator("[name='provider']").input_value() == "V1", "the one provider is proposed"
    answer(page, {
        "identifiers": True, "answers__items_wanted": True,
        "nexus": "The forum was hosted there.", "necessity": "Only the company knows who opened the account.",
        "answers__notify_user": "not_yet", "answers__records_form": "Electronic, with hash values.",
        "answers__certificate": "A statement that the records were made in the course of business.",
        "period_from_date": "2005-06-01", "period_from_offset": "+00:00",
        "period_to_date": "2005-10-31", "period_to_offset": "+00:00",
    })  # fmt: skip

    go_on(page, "/basis")
    press(page, ".treaty button")
    press(page, "#letter-form .letter-end button")
    go_on(page, "/statements")
    answer(page, {"statements__purpose": "Evidence in these criminal proceedings.",
                  "statements__speciality": "It is used for these proceedings alone.",
                  "statements__data_protection": "Under the data protection law of the United Kingdom."})  # fmt: skip

    press(page, ".over a >> nth=0")
    assert page.locator("#findings .finding-gap").count() == 0, page.locator("#findings").inner_text()
    press(page, "#findings .waive")
    fill(page, {"reason": "Known, and told to the approver."})
    press(page, "main form [type=submit]")
    assert page.locator("#findings .finding-waived").count() == 1
    return OutgoingRequest.objects.get(letter__title=TITLE)


def test_first_letter_from_its_facts_to_evidence_returned_and_closed(people: People, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    line = Line(example_letter(2))
    desks = Desks(people, javascript=True)
    user = with_password(line.prosecutor)
    desks.open[line.prosecutor.id] = page = people.window()
    sign_in(page, user.username, with_app(user))
    assert OutgoingRequest.objects.count() == 0

    outgoing = drafted(page)
    item = outgoing.letter.versions.get().content["items"][0]
    assert item["period"] == {"from": "2005-06-01T00:00:00Z", "to": "2005-10-31T23:59:59Z"}, "whole days, in UTC"
    assert (item["provider"], item["bases"]) == ("V1", ["B1"])
    press(page, "#next-step a")
    assert "Tallgrass Web Hosting LLC" in page.locator("main").inner_text(), "the letter is read before it is lodged"
    ours = f"/out/{outgoing.public_id}/"
    desks.do(line.prosecutor, ours, "lodge")
    desks.do(line.desk, ours, "take_in")
    desks.do(line.desk, ours, "submit")

    page = desks.of(line.supervisor)
    page.goto("/")
    press(page, "main tr[data-row] a")
    assert urlsplit(page.url).path == f"{ours}review/", "the supervisor is led to the letter, not past it"
    press(page, "[data-act='approve']")
    fill(page, {"rights_screened": True})
    press(page, "main form [data-once]")
    drain()

    page = desks.of(line.registry)
    page.goto("/")
    press(page, "main tr[data-row] a")
    assert page.locator("[name='channel']:checked").input_value() == "local", "the way that the letter names"
    press(page, "main form [data-once]")
    drain()

    incoming = IncomingRequest.objects.get(conversation_id=outgoing.conversation_id)
    theirs = f"/in/{incoming.public_id}/"
    desks.do(line.their_registry, theirs, "acknowledge")
    desks.do(line.their_desk, theirs, "start_review")
    page = desks.of(line.their_supervisor)
    page.goto("/")
    press(page, "main tr[data-row] a")
    assert urlsplit(page.url).path == f"{theirs}examine/", "what is asked is read before it is accepted"
    desks.do(line.their_supervisor, theirs, "accept", {"executing": str(line.executing_authority.pk)})

    page = desks.of(line.executing)
    page.goto("/")
    press(page, "main tr[data-row] a")
    assert urlsplit(page.url).path == f"{theirs}execution/", "who executes is led to what is asked"
    page.locator("details.upload > summary").first.click()
    page.locator("details.upload input[type=file]").first.set_input_files(
        {"name": "records.csv", "mimeType": "text/csv", "buffer": b"utc,source\n2005-06-08T10:00:00Z,192.0.2.45\n"}
    )
    press(page, "details.upload [data-once]")
    press(page, "[data-act='execute']")
    press(page, "main form [data-once]")
    drain()
    desks.do(line.their_registry, theirs, "transmit_result")

    desks.do(line.registry, ours, "confirm_evidence")
    desks.do(line.registry, ours, "hand_over_result")
    page = desks.of(line.prosecutor)
    page.goto(ours)
    assert "records.csv" in page.locator("#evidence").inner_text()
    desks.do(line.prosecutor, ours, "originator_confirms")
    desks.do(line.supervisor, ours, "close")
    desks.do(line.their_registry, theirs, "close")
    outgoing.refresh_from_db()
    incoming.refresh_from_db()
    assert (outgoing.status, outgoing.outcome, incoming.status) == ("closed", "executed", "closed")
    assert len(desks.open) >= 5, "different people, on both sides"
