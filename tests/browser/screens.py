"""Pictures of every screen into docs/screens: `make screens`. Not a test; the pages are found as in test_crawl."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace

from PIL import Image
from playwright.sync_api import Browser

from mla.accounts.models import User
from mla.settings.env import BASE_DIR
from tests.browser.conftest import People
from tests.browser.crawling import Found, crawl
from tests.browser.world import World, build_world
from workflows.lifecycle.models import OutgoingRequest

FOLDER = BASE_DIR / "docs" / "screens"
SIZES = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 780}}
#: Dark at a desk alone: on a phone the colours are the same.
SHOWN = (("desk", "light"), ("desk", "dark"), ("phone", "light"))
#: One page does every act: a few of its kinds are enough.
ACTS = 6
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
    chosen = [one for one in found if one not in acts[ACTS:] and not ALIKE.match(one.route)]
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
        for size, scheme in SHOWN:
            page.set_viewport_size(SIZES[size])
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            (FOLDER / f"{name_of(one)}.{size}.{scheme}.png").write_bytes(small(page.screenshot()))
        page.emulate_media(color_scheme="light", media="print" if one.route in ON_PAPER else "screen")
        if one.route in ON_PAPER:
            page.set_viewport_size(A4)
            (FOLDER / f"{name_of(one)}.paper.png").write_bytes(small(page.screenshot()))
            page.emulate_media(media="screen")
    people.close()
    _from_the_right(chromium, house, world, chosen)
    rows = [
        f"| {one.route.removeprefix('web:')} | {one.who or 'nobody'} | "
        + " | ".join(f"[{size}, {scheme}]({name_of(one)}.{size}.{scheme}.png)" for size, scheme in SHOWN)
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
    ]
    (FOLDER / "README.md").write_text(
        "# Every screen\n\nMade by `make screens`: each page that anybody reaches by links, at a desk (1280 px) and on a phone (390 px),\n"
        "light and, at a desk, dark, in a house with a case in every status; some from the right (Arabic, whose texts are English) and on paper.\n"
        "All names and facts are made up.\n\n"
        "| Screen | Seen by | | | | |\n|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
    size = sum(path.stat().st_size for path in FOLDER.iterdir()) / 1e6
    assert size < LARGEST, f"{size:.1f} MB"
