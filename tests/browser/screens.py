"""Pictures of every screen into docs/screens: `make screens`. Not a test; the pages are found as in test_crawl."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from typing import Any

from PIL import Image
from playwright.sync_api import Browser

from mla.accounts.models import User
from mla.settings.env import BASE_DIR
from tests.browser.beside import AtCourt
from tests.browser.conftest import People
from tests.browser.crawling import Found, crawl
from tests.browser.world import World, build_world
from workflows.demo import stories
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

FOLDER = BASE_DIR / "docs" / "screens"
SIZES = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 780}}
#: Dark at a desk alone: on a phone the colours are the same.
SHOWN = (("desk", "light"), ("desk", "dark"), ("phone", "light"))
#: One page does every act: a few of its kinds are enough, and one of each course that an item has of its own.
ACTS = 6
OWN_COURSE = re.compile(r"web:act (?P<machine>(?:preservation|emergency|spontaneous|team|custody)_(?:in|out)) ")
#: Case pages in the middle of a story: the name of the picture, who opens it, which side, the story.
TOLD = (
    ("case-out-silent", "supervisor", OutgoingRequest, stories.SilenceToLapsed),
    ("case-out-preserved", "supervisor", OutgoingRequest, stories.PreservedAndFollowedUp),
    ("case-out-conditions", "supervisor", OutgoingRequest, stories.PartlyWithConditions),
    ("case-in-emergency", "duty officer there", IncomingRequest, stories.EmergencyAtNight),
    ("case-in-information", "central supervisor there", IncomingRequest, stories.InformationLeadsToRequest),
    ("case-in-court", "central supervisor there", IncomingRequest, AtCourt),
)
#: Forms of a kind are dark alike.
ALIKE_IN_DARK = re.compile(
    r"web:(letter_(entry|section) (?!persons)|act (?!in accept)|case_document|country_|treaty_|offence_|term|translation_|template|mfa|member)"
)
#: Colours of a picture. Ink and paper need few.
COLOURS = 40
#: Megabytes that the folder may have.
LARGEST = 10.0
#: Pages of which there is a picture from the right too, and on paper.
FROM_THE_RIGHT = (
    "web:outgoing",
    "web:outgoing_list",
    "web:worklist",
    "web:review_case",
    "web:letter",
    "web:letter_section persons",
)
ON_PAPER = ("web:outgoing", "web:incoming_letter")
A4 = {"width": 794, "height": 1123}
#: Forms that differ by a field from the one that is shown.
ALIKE = re.compile(r"web:country_add (?!language)|web:case_document_make (?!in decision|out preservation-request)")
#: Pages of a letter that are shown as they are while it is written.
WHILE_DRAFTED = re.compile(r"web:letter($|_section|_entry)")


#: A story is shown from its items on: above them every case page is alike.
STORY_SHOWN = (("desk", "light"), ("phone", "light"))


def shown_of(found: Found) -> list[tuple[str, str]]:
    return [(size, scheme) for size, scheme in SHOWN if scheme == "light" or not ALIKE_IN_DARK.match(found.route)]


def name_of(found: Found) -> str:
    return re.sub(r"[^a-z0-9]+", "-", found.route.removeprefix("web:").lower()).strip("-")


def small(picture: bytes) -> bytes:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    few = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def _of_the_draft(found: Found, draft: str) -> Found:
    """Return the page of the letter that is being written, in place of one that is lodged."""
    if not WHILE_DRAFTED.match(found.route):
        return found
    return replace(found, address=re.sub(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", draft, found.address))


def _told() -> list[tuple[str, Found]]:
    """Return the case pages of stories, each with the name of its picture."""
    found = []
    for name, who, side, story in TOLD:
        of = {"letter__title": story.TITLE} if side is OutgoingRequest else {"title": story.TITLE}
        case: Any = side._default_manager.filter(**of).earliest("pk")
        way = "out" if side is OutgoingRequest else "in"
        found.append((name, Found(f"web:{side.KIND}", f"/{way}/{case.public_id}/", who)))
    return found


def _from_the_right(chromium: Browser, house: str, world: World, chosen: list[Found]) -> None:
    User.objects.update(language="ar")
    people = People(chromium, house)
    for one in chosen:
        if one.route in FROM_THE_RIGHT:
            page = people.window(world.people.get(one.who), locale="ar")
            page.emulate_media(color_scheme="light", reduced_motion="reduce")
            for size, viewport in SIZES.items():
                page.set_viewport_size(viewport)
                page.goto(one.address, wait_until="load")
                (FOLDER / f"{name_of(one)}.{size}.right.png").write_bytes(small(page.screenshot()))
    people.close()


def test_screens(chromium: Browser, house: str) -> None:
    world = build_world()
    found = crawl({"": None, **world.people}, each=1).examples(1)
    acts = [one for one in found if one.route.startswith("web:act ")]
    courses = {}
    for one in acts:
        if (course := OWN_COURSE.match(one.route)) is not None and not one.route.endswith(("close", "decline")):
            courses.setdefault(course["machine"], one)
    shown = [one for one in acts if one.route.startswith("web:act in ")][:ACTS] + list(courses.values())
    chosen = [one for one in found if (one not in acts or one in shown) and not ALIKE.match(one.route)]
    for much in ("web:letter_entry ", "web:letter_remove "):
        # One form for each part of a letter: an entry of it, and one that is taken out of it.
        parts: dict[str, Found] = {}
        for one in [one for one in chosen if one.route.startswith(much)]:
            part = one.route.split(" ")[1] if "entry" in much else ""
            if parts.setdefault(part, one) is not one:
                chosen.remove(one)
    draft = OutgoingRequest.objects.filter(status="drafting", lodged_at=None).order_by("id").first()
    assert draft is not None
    chosen = [_of_the_draft(one, str(draft.public_id)) for one in chosen]
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    people = People(chromium, house)
    windows = {who: people.window(world.people.get(who)) for who in {one.who for one in chosen}}
    for one in chosen:
        page = windows[one.who]
        page.set_viewport_size(SIZES["desk"])
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(one.address, wait_until="load")
        for size, scheme in shown_of(one):
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            (FOLDER / f"{name_of(one)}.{size}.{scheme}.png").write_bytes(small(page.screenshot()))
        page.emulate_media(color_scheme="light", media="print" if one.route in ON_PAPER else "screen")
        if one.route in ON_PAPER:
            page.set_viewport_size(A4)
            (FOLDER / f"{name_of(one)}.paper.png").write_bytes(small(page.screenshot()))
            page.emulate_media(media="screen")
    told = _told()
    for name, one in told:
        page = windows[one.who] if one.who in windows else people.window(world.people[one.who])
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(one.address, wait_until="load")
        for size, _scheme in STORY_SHOWN:
            page.set_viewport_size(SIZES[size])
            page.evaluate("document.querySelector('#items').scrollIntoView()")
            (FOLDER / f"{name}.{size}.light.png").write_bytes(small(page.screenshot()))
    people.close()
    _from_the_right(chromium, house, world, chosen)
    rows = [
        f"| {one.route.removeprefix('web:')} | {one.who or 'nobody'} | "
        + " | ".join(
            f"[{size}, {scheme}]({name_of(one)}.{size}.{scheme}.png)" if (size, scheme) in shown_of(one) else ""
            for size, scheme in SHOWN
        )
        + " | "
        + ", ".join(
            f"[{words}]({name_of(one)}.{ending}.png)"
            for words, ending, of in (
                ("desk, from the right", "desk.right", FROM_THE_RIGHT),
                ("phone, from the right", "phone.right", FROM_THE_RIGHT),
                ("on paper", "paper", ON_PAPER),
            )
            if one.route in of
        )
        + " |"
        for one in chosen
    ] + [
        f"| {name.replace('-', ' ')} | {one.who} | [desk, light]({name}.desk.light.png) |  | [phone, light]({name}.phone.light.png) |  |"
        for name, one in told
    ]
    (FOLDER / "README.md").write_text(
        "# Every screen\n\nMade by `make screens`: each page that anybody reaches by links, at a desk (1280 px) and on a phone (390 px),\n"
        "light and, where it looks different, dark at a desk, in a house with a case in every status and in the middle of stories; some from the right (Arabic, whose texts are English) and on paper.\n"
        "All names and facts are made up.\n\n"
        "| Screen | Seen by | | | | |\n|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
    size = sum(path.stat().st_size for path in FOLDER.iterdir()) / 1e6
    assert size < LARGEST, f"{size:.1f} MB"
