"""What is translated fits: the longest pages in the pseudo-language, from the left and from the right, on a telephone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from mla.accounts.models import User
from tests.browser.conftest import People
from tests.browser.watched import sideways
from tests.browser.world import World, build_world
from tests.languages import pseudo
from workflows.drafting.models import LetterOfRequest
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

PHONE = {"width": 320, "height": 640}
LEFT, RIGHT = "fr", "ar"

#: Buttons, tabs and labels whose words do not fit their own box, or that reach out of the window.
CUT = """() => [...document.querySelectorAll(
    "button, .button, summary, .places a, .frame-link, .status, label, legend, th, h1, h2, .task-state")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true })
    && !one.closest(".visually-hidden, .skip") && !one.matches(".visually-hidden, .copy"))
  .filter((one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    if (box.width < 2 || box.height < 2) return false;
    const hides = (overflow) => overflow !== "visible";
    const inner = (hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1)
      || (hides(style.overflowY) && one.scrollHeight > one.clientHeight + 1);
    const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT), range = document.createRange();
    let over = false;
    while (texts.nextNode()) {
      if (texts.currentNode.parentElement.closest(".visually-hidden")) continue;
      range.selectNodeContents(texts.currentNode);
      over ||= [...range.getClientRects()].some(
        (text) => text.width && (text.left < box.left - 1.5 || text.right > box.right + 1.5));
    }
    const scrolls = (up) => up && (/(auto|scroll)/.test(getComputedStyle(up).overflowX) || scrolls(up.parentElement));
    const out = (box.left < -1 || box.right > innerWidth + 1) && !scrolls(one.parentElement);
    return inner || over || out;
  })
  .map((one) => `${one.tagName.toLowerCase()}.${one.className}: ${one.textContent.trim().replace(/\\s+/g, " ").slice(0, 60)}`)"""


@pytest.fixture(scope="module")
def world(house: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pseudo.spoken(tmp_path_factory.mktemp("locale"), LEFT, RIGHT):
        yield build_world(stories=False)


def densest(world: World) -> list[tuple[str, str]]:
    """Return the pages with the most on them: who opens them, and where they are."""
    draft = OutgoingRequest.objects.filter(status="drafting").order_by("pk")[0]
    review = OutgoingRequest.objects.filter(status="in_review").latest("pk")
    sent = OutgoingRequest.objects.filter(status="concluded").order_by("pk")[0]
    examined = IncomingRequest.objects.filter(status="under_review").order_by("pk")[0]
    running = IncomingRequest.objects.filter(status="in_execution").order_by("pk")[0]
    assert LetterOfRequest.objects.count() > 5
    return [
        ("", reverse("account_login")),
        ("desk", reverse("web:worklist")),
        ("desk", reverse("web:outgoing_list")),
        ("desk", reverse("web:outgoing", args=[sent.public_id])),
        ("drafter", reverse("web:letter", args=[draft.public_id])),
        ("drafter", reverse("web:letter_section", args=[draft.public_id, "authorities"])),
        ("drafter", reverse("web:letter_section", args=[draft.public_id, "basis"])),
        ("drafter", reverse("web:letter_entry", args=[draft.public_id, "items", "M1"])),
        ("supervisor", reverse("web:review_case", args=[review.public_id])),
        ("supervisor", reverse("web:act", args=["out", review.public_id, "approve"])),
        ("registry", reverse("web:registry")),
        ("their desk", reverse("web:examine", args=[examined.public_id])),
        ("their supervisor", reverse("web:act", args=["in", examined.public_id, "refuse"])),
        ("executing", reverse("web:execution", args=[running.public_id])),
        ("auditor", reverse("web:audit")),
        ("administrator", reverse("web:office")),
    ]


@pytest.mark.parametrize("language", [LEFT, RIGHT])
def test_translated_page_fits_a_telephone_and_cuts_no_button(
    chromium: Browser, house: str, world: World, language: str
) -> None:
    User.objects.update(language=language)
    people = People(chromium, house)
    windows: dict[str, Page] = {}
    wrong: list[str] = []
    for who, address in densest(world):
        if who not in windows:
            windows[who] = people.window(world.people.get(who), viewport=PHONE, locale=language)
        page = windows[who]
        answer = page.goto(address, wait_until="load")
        assert answer is not None and answer.status == 200, (who, address, answer and answer.status)
        assert "⟦" in (page.text_content("main") or ""), address
        assert page.evaluate("document.documentElement.dir") == ("rtl" if language == RIGHT else "ltr")
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        wrong += [f"{address}: scrolls sideways: {one}" for one in sideways(page)]
        wrong += [f"{address}: is cut: {one}" for one in page.evaluate(CUT)]
    wrong += people.close()
    assert not wrong, f"\n{len(wrong)}:\n" + "\n".join(wrong)


def test_cut_button_is_found(people: People) -> None:
    page = people.window(viewport=PHONE)
    page.goto("/account/login/")
    page.evaluate(
        """() => { document.querySelector("main").innerHTML = `<button>fits</button><button class="cut">a long word</button>
          <button class="over">another long word</button><button class="out">beside</button>`;
          const style = (name, given) => Object.assign(document.querySelector(name).style, given);
          style(".cut", { inlineSize: "40px", overflow: "hidden", whiteSpace: "nowrap" });
          style(".over", { inlineSize: "40px", whiteSpace: "nowrap", minInlineSize: "0" });
          style(".out", { position: "absolute", insetInlineStart: "310px" }); }"""
    )
    found = page.evaluate(CUT)
    assert [one.split(":")[0] for one in found if "button." in one] == ["button.cut", "button.over", "button.out"], (
        found
    )
