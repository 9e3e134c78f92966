"""Pictures of every screen into docs/screens: `make screens`. Not a test; the pages are found as in test_crawl."""

from __future__ import annotations

import io
import re
import shutil

from PIL import Image
from playwright.sync_api import Browser

from mla.settings.env import BASE_DIR
from tests.browser.conftest import People
from tests.browser.crawling import Found, crawl
from tests.browser.world import build_world

FOLDER = BASE_DIR / "docs" / "screens"
SIZES = {"desk": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 780}}
SCHEMES = ("light", "dark")
#: One page does every act: a few of its kinds are enough.
ACTS = 6
#: Colours of a picture. Ink and paper need few.
COLOURS = 40
#: Megabytes that the folder may have.
LARGEST = 8.0


def name_of(found: Found) -> str:
    return re.sub(r"[^a-z0-9]+", "-", found.route.removeprefix("web:").lower()).strip("-")


def small(picture: bytes) -> bytes:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    few = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    few.save(written, "PNG", optimize=True)
    return written.getvalue()


def test_screens(chromium: Browser, house: str) -> None:
    world = build_world()
    found = crawl({"": None, **world.people}, each=1).examples(1)
    acts = [one for one in found if one.route.startswith("web:act ")]
    chosen = [one for one in found if one not in acts[ACTS:]]
    for much in ("web:letter_entry ", "web:letter_remove "):
        # One form for each part of a letter: an entry of it, and one that is taken out of it.
        parts: dict[str, Found] = {}
        for one in [one for one in chosen if one.route.startswith(much)]:
            part = one.route.split(" ")[1] if "entry" in much else ""
            if parts.setdefault(part, one) is not one:
                chosen.remove(one)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    people = People(chromium, house)
    windows = {who: people.window(world.people.get(who)) for who in {one.who for one in chosen}}
    for one in chosen:
        page = windows[one.who]
        page.set_viewport_size(SIZES["desk"])
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(one.address, wait_until="load")
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                (FOLDER / f"{name_of(one)}.{size}.{scheme}.png").write_bytes(small(page.screenshot()))
    people.close()
    rows = [
        f"| {one.route.removeprefix('web:')} | {one.who or 'nobody'} | "
        + " | ".join(f"[{size}, {scheme}]({name_of(one)}.{size}.{scheme}.png)" for size in SIZES for scheme in SCHEMES)
        + " |"
        for one in chosen
    ]
    (FOLDER / "README.md").write_text(
        "# Every screen\n\nMade by `make screens`: each page that anybody reaches by links, at a desk (1280 px) and on a phone (390 px),\n"
        "light and dark, in a house with a case in every status. All names and facts are made up.\n\n"
        "| Screen | Seen by | | | | |\n|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
    size = sum(path.stat().st_size for path in FOLDER.iterdir()) / 1e6
    assert size < LARGEST, f"{size:.1f} MB"
