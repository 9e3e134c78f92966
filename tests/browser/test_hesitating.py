"""People as they are: away for an hour in the middle of a page, going back, pressing twice, with two tabs, with long names."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from playwright.sync_api import Page, expect

from mla.accounts.models import Role, User
from mla.audit.models import AuditEntry
from mla.core import clock
from tests.browser.conftest import People
from tests.browser.test_story import fill
from tests.browser.watched import sideways
from tests.factories import Line, drain, officer
from tests.kill.letters import short_letter
from tests.web.test_sign_in import PASSWORD, code, with_app, with_password
from workflows.drafting.letterfile import letter_from
from workflows.drafting.selectors import current_version
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

#: 200 characters, written from the right.
ARABIC = ("عبد الرحمن بن محمد بن عبد الله آل نموذج " * 5)[:200].strip()
CHINESE = "请求提供电子邮件账户的注册信息和登录记录以及相关的通信流量数据" * 3


def statements_of(outgoing: OutgoingRequest) -> dict[str, str]:
    letter = OutgoingRequest.objects.get(pk=outgoing.pk).letter
    found: dict[str, str] = current_version(letter).content.get("statements", {})
    return found


def leave_for_an_hour(page: Page) -> None:
    """What the server remembers of the session says that nobody was there for longer than it allows."""
    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie.get("name") == "sessionid"]
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    session["seen"] = (clock.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS + 60)).timestamp()
    session.save()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_who_was_away_for_an_hour_signs_in_and_finds_what_was_typed(people: People, javascript: bool) -> None:
    line = Line(short_letter(f"Left in the middle {javascript}"))
    outgoing = line.drafted()
    user = with_password(line.prosecutor)
    Authenticator.objects.filter(user=user).delete()
    secret = with_app(user)
    page = people.window(line.prosecutor, java_script_enabled=javascript)
    address = f"/out/{outgoing.public_id}/letter/statements/"
    page.goto(address)
    leave_for_an_hour(page)
    text = "Each State bears its own costs; " + "costs of experts are agreed first. " * 20
    page.locator("[name='statements__costs']").fill(text)
    page.locator("#letter-form .button-first").click()
    page.wait_for_url("**/account/login/**")
    page.locator("main [name='login']").fill(user.username)
    page.locator("main [name='password']").fill(PASSWORD)
    page.locator("main button[type='submit']").first.click()
    page.wait_for_url("**/account/2fa/authenticate/**")
    page.locator("main [name='code']").fill(code(secret))
    page.locator("main button[type='submit']").first.click()
    page.wait_for_url("**/kept/**")
    expect(page.locator(".kept-text", has_text="costs of experts are agreed first")).to_be_visible()
    page.locator("main form [data-once]").first.click()
    page.wait_for_load_state("load")
    assert statements_of(outgoing)["costs"].strip() == text.strip(), page.locator("main").inner_text()[:600]


def test_going_back_and_saving_again_tells_and_overwrites_nothing_silently(people: People) -> None:
    line = Line(short_letter("Back and forth"))
    outgoing = line.drafted()
    page = people.window(line.prosecutor, java_script_enabled=False)
    page.goto(f"/out/{outgoing.public_id}/letter/statements/")
    fill(page, {"statements__costs": "First words."})
    page.locator("#letter-form .button-first").click()
    page.wait_for_load_state("load")
    page.go_back()
    shown = page.locator("[name='statements__costs']")
    assert shown.input_value() == "First words.", "the page of before would hide what was saved"
    # Meanwhile another officer answers the same question.
    second = officer(Role.ORIGINATOR_DRAFTER, line.letter.requesting.originating or "", 2)
    other = people.window(second, java_script_enabled=False)
    other.goto(page.url)
    fill(other, {"statements__costs": "Words of another."})
    other.locator("#letter-form .button-first").click()
    other.wait_for_load_state("load")
    fill(page, {"statements__costs": "Second words."})
    page.locator("#letter-form .button-first").click()
    page.wait_for_load_state("load")
    assert "Words of another." in page.locator("main").inner_text()
    assert shown.input_value() == "Second words."
    assert statements_of(outgoing)["costs"] == "Words of another."


def test_two_tabs_of_one_person_keep_both_answers(people: People) -> None:
    line = Line(short_letter("Two tabs"))
    outgoing = line.drafted()
    first = people.window(line.prosecutor)
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"/out/{outgoing.public_id}/letter/statements/")
    for page, name in ((first, "statements__costs"), (second, "statements__purpose")):
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.locator(f"[name='{name}']").fill(f"Typed into {name}.")
        # What the section reads like follows once it is saved.
        expect(page.locator("#paragraphs")).to_contain_text(f"Typed into {name}.")
    found = statements_of(outgoing)
    assert {name: found[name] for name in ("costs", "purpose")} == {
        "costs": "Typed into statements__costs.",
        "purpose": "Typed into statements__purpose.",
    }


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_button_that_is_pressed_twice_does_its_act_once(people: People, javascript: bool) -> None:
    line = Line(short_letter(f"Twice {javascript}"))
    outgoing = line.drafted()
    page = people.window(line.prosecutor, java_script_enabled=javascript)
    page.goto(f"/out/{outgoing.public_id}/")
    page.locator("[data-act='lodge']").first.click()
    page.wait_for_load_state("load")
    for name in ("seen", "confirmed"):
        if page.locator(f"main [name='{name}'][type='checkbox']").count():
            page.locator(f"main [name='{name}']").check()
    page.locator("main form [data-once]").first.dblclick()
    page.wait_for_url(f"**/out/{outgoing.public_id}/")
    page.wait_for_load_state("load")
    done = AuditEntry.objects.filter(act__endswith=".lodge", outcome="done")
    assert done.filter(object_id__in=[str(outgoing.public_id), str(outgoing.letter.public_id)]).count() == 1


@pytest.fixture(scope="module")
def named(house: str) -> tuple[Line, OutgoingRequest, IncomingRequest]:
    content = short_letter(CHINESE).content()
    content["persons"] = [{"id": "P1", "role": "suspect", "kind": "natural", "name": ARABIC}]
    line = Line(letter_from(content))
    outgoing = line.sent()
    incoming = line.arrived(outgoing)
    return line, outgoing, incoming


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_long_names_in_other_scripts_break_no_page(
    people: People, named: tuple[Line, OutgoingRequest, IncomingRequest], width: int, language: str
) -> None:
    line, outgoing, incoming = named
    asking = f"/out/{outgoing.public_id}/"
    asked = f"/in/{incoming.public_id}/"
    places = {
        line.desk: [asking, f"{asking}letter/", f"{asking}letter/persons/", f"{asking}letter/persons/P1/", "/out/"],
        line.their_desk: [asked, "/in/", "/"],
    }
    User.objects.update(language=language)
    wrong = []
    for person, addresses in places.items():
        page = people.window(person, viewport={"width": width, "height": 800})
        page.goto(addresses[0])
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
        for address in [*addresses, f"/search?q={CHINESE[:6]}"]:
            page.goto(address)
            wide = sideways(page)
            if wide:
                wrong.append(f"{address}: {wide}")
            shown = page.locator("main").inner_text()
            if "search" not in address and urlsplit(address).path != "/" and CHINESE[:12] not in shown:
                wrong.append(f"{address}: the title is not shown")
    assert not wrong, "\n".join(wrong)
    drain()
