"""Two officers write one letter at the same time: nothing is lost, the second on a question is asked, and it can be undone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from mla.accounts.models import Role
from tests.browser.conftest import People
from tests.browser.test_first_letter import press
from tests.browser.test_hesitating import statements_of
from tests.browser.watched import axe_violations
from tests.factories import Line, officer
from tests.kill.letters import short_letter


def typed(page: Page, name: str, text: str) -> None:
    """Type an answer and wait for the save that follows by itself."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator(f"[name='{name}']").fill(text)


def test_two_officers_on_one_letter_lose_nothing(people: People) -> None:
    line = Line(short_letter("Two officers"))
    outgoing = line.drafted()
    second = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    one, other = people.window(line.prosecutor), people.window(second)
    for page in (one, other):
        page.goto(f"/out/{outgoing.public_id}/letter/statements/")

    typed(one, "statements__costs", "Each State bears its own.")
    typed(other, "statements__purpose", "Evidence at the trial.")
    expect(other.locator("#saving .saving-state")).to_have_attribute("data-state", "saved")
    found = statements_of(outgoing)
    assert (found["costs"], found["purpose"]) == ("Each State bears its own.", "Evidence at the trial.")

    typed(other, "statements__costs", "The requested State bears them.")
    conflict = other.locator("#conflict")
    expect(conflict).to_contain_text("Each State bears its own.")
    expect(conflict).to_contain_text("Nothing was overwritten.")
    assert not axe_violations(other)
    assert statements_of(outgoing)["costs"] == "Each State bears its own."
    conflict.locator("input[value^='mine:']").check()
    press(other, "#letter-form .letter-end button")
    assert statements_of(outgoing)["costs"] == "The requested State bears them."

    # The first finds what stood before, and puts it back.
    press(one, ".pane a[href$='/letter/history/']")
    press(one, "main [data-row] a")
    one.locator("[name='parts'][value='statements.purpose']").uncheck()
    press(one, "main form [data-once]")
    found = statements_of(outgoing)
    assert (found["costs"], found["purpose"]) == ("Each State bears its own.", "Evidence at the trial.")
