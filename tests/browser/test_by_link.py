"""An officer of a State without such a system does all of its part on a telephone, from a link."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import People
from tests.browser.test_first_letter import press
from tests.browser.watched import axe_violations, sideways
from tests.factories import Line, drain
from workflows.lifecycle.link_secrets import link_code
from workflows.lifecycle.models import OfficerLink, OutgoingRequest
from workflows.lifecycle.services import outgoing_course as course

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
#: Where the pictures of the walk are put, for who wants to look at them.
PICTURES = os.environ.get("LINK_PICTURES", "")


def clean(page: Page, name: str) -> None:
    """Nothing to complain of by axe, nothing wider than a small telephone."""
    assert not axe_violations(page), name
    page.set_viewport_size({"width": 320, "height": 640})
    assert not sideways(page), name
    page.set_viewport_size({"width": 375, "height": 740})
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_officer_walks_a_request_by_phone_from_a_link(people: People, tmp_path: Path) -> None:
    line = Line()
    case = line.sent_on_paper()
    registry = people.window(line.registry)
    registry.goto(f"/out/{case.public_id}/")
    registry.locator("[data-act='give_link']").first.click()
    press(registry, "main form [data-once]")
    registry.locator("#officer-links a").first.click()
    clean_at_desk(registry, "0-slip")
    link = OfficerLink.objects.get()
    assert registry.locator(".slip svg").is_visible()
    address = registry.locator(".slip-address bdi").inner_text()

    phone = people.window(**PHONE)
    phone.goto(address)
    clean(phone, "1-door")
    phone.locator("[name='code']").fill("0000 0000")
    phone.locator("[name='name']").fill("B. Registrar")
    phone.locator("[name='office']").fill("Central authority, on call")
    phone.locator("main form [data-once]").click()
    expect(phone.locator("#errors")).to_contain_text("This code does not open the link.")
    expect(phone.locator("[name='name']")).to_have_value("B. Registrar")
    clean(phone, "2-wrong-code")
    phone.locator("[name='code']").fill(link_code(link))
    press(phone, "main form [data-once]")
    expect(phone.locator("h1")).to_contain_text(case.letter.title)
    clean(phone, "3-case")

    phone.locator("a[href$='/say/acknowledgement']").click()
    phone.locator("main form [data-once]").click()
    expect(phone.locator("#errors")).to_be_visible()
    phone.locator("[name='peer_reference']").fill("IS-2027-117")
    clean(phone, "4-acknowledge")
    press(phone, "main form [data-once]")
    expect(phone.locator(".over")).to_contain_text("IS-2027-117")

    phone.locator("a[href$='/say/information_asked']").click()
    phone.locator("[name='question']").fill("Which port did the address use?")
    press(phone, "main form [data-once]")
    drain()
    point = OutgoingRequest.objects.get(pk=case.pk).openpoint_set.get()
    course.outgoing_give_information(
        outgoing=OutgoingRequest.objects.get(pk=case.pk),
        by=line.supervisor,
        answer="Port 443.",
        point_id=point.point_id,
    )
    drain()
    phone.reload()
    expect(phone.locator("#main")).to_contain_text("Port 443.")

    phone.locator("a[href$='/evidence']").click()
    log = tmp_path / "log.csv"
    log.write_text("utc,source,port\n2026-03-02T03:11:09Z,198.51.100.23,40112\n", encoding="utf-8")
    phone.locator("[name='file']").set_input_files(log)
    phone.locator("[name='description']").fill("Log-ins of the customer, times in UTC")
    press(phone, "form[action$='/evidence/add'] [data-once]")
    expect(phone.locator("#main")).to_contain_text("log.csv")
    clean(phone, "5-evidence")
    for place in phone.locator("select[name^='status_']").all():
        place.select_option("executed")
    phone.locator("[name='whole'][value='whole']").check()
    press(phone, "form[action$='/evidence'] [data-once]")
    expect(phone.locator("#main")).to_contain_text("Nothing is expected of you now")
    clean(phone, "6-done")
    ended = OutgoingRequest.objects.get(pk=case.pk)
    assert (ended.status, ended.outcome, ended.evidence_set.count()) == ("concluded", "executed", 1)
    registry.goto(f"/out/{case.public_id}/")
    expect(registry.locator("#main")).to_contain_text("concluded")
    registry.locator("#officer-links a").first.click()
    expect(registry.locator("table")).to_contain_text("B. Registrar, Central authority, on call")
    clean_at_desk(registry, "7-slip-used")
    registry.locator("[data-act='revoke']").click()
    press(registry, "main form [data-once]")
    assert phone.reload().status == 410  # type: ignore[union-attr]


def clean_at_desk(page: Page, name: str) -> None:
    assert not axe_violations(page), name
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
