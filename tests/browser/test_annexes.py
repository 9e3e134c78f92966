"""Large annexes in the browser: dropped, seen on their way, gone on with after the line broke, and refused with a reason."""

from __future__ import annotations

import re
from functools import partial
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from mla.core.files import file_read
from tests.browser.conftest import People
from tests.browser.watched import axe_violations
from tests.drafting import hostile_files as hostile
from tests.drafting.test_translation import Desk
from tests.factories import Line
from workflows.drafting.models import Annex
from workflows.drafting.models_uploads import AnnexUpload
from workflows.drafting.services import annex_add, letter_freeze
from workflows.drafting.services_translation import annex_decide
from workflows.drafting.services_uploads import PIECE
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain

DROP = """([name, text, times]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text.repeat(times)], name));
  const form = document.querySelector("#upload");
  for (const type of ["dragover", "drop"]) form.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


def opened(people: People, outgoing: OutgoingRequest, line: Line, **options: object) -> Page:
    page = people.window(line.prosecutor, **options)
    page.goto(f"/out/{outgoing.public_id}/letter/annexes/")
    return page


def test_a_dropped_file_goes_on_after_the_line_broke_and_after_the_page_was_closed(people: People) -> None:
    line = Line()
    outgoing = line.drafted()
    page = opened(people, outgoing, line)
    text, times = f"{uuid4()} line of the record\n", 120_000
    whole = (text * times).encode()
    assert len(whole) > 3 * PIECE
    taken: list[int] = []

    def breaking(route: Route) -> None:
        taken.append(1)
        # The line breaks at the second piece.
        if len(taken) == 2:
            route.abort("aborted")
        else:
            route.continue_()

    piece = re.compile(r"/annexes/uploads/[0-9a-f-]+$")
    page.route(piece, breaking)
    page.evaluate(DROP, ["record_of_the_bank.txt", text, times])
    state = page.locator(".upload-list li").first
    expect(state).to_have_attribute("data-state", "stopped")
    assert AnnexUpload.objects.get().received == PIECE and not Annex.objects.filter(name="record_of_the_bank.txt")
    assert page.locator(".upload-list progress").evaluate("bar => bar.value") == PIECE
    # Nothing of it is at the letter; whoever comes back finds it on its way.
    page.on("dialog", lambda dialog: dialog.accept())
    page.unroute(piece)
    page.reload()
    expect(page.locator("#on-the-way + p + ul")).to_contain_text("record_of_the_bank.txt")
    page.route(piece, lambda route: (taken.append(2), route.continue_())[1])  # type: ignore[func-returns-value]
    page.evaluate(DROP, ["record_of_the_bank.txt", text, times])
    expect(page.locator(".annex-list")).to_contain_text("record of the bank")
    # The first piece was not sent again.
    assert taken.count(2) == -(-len(whole) // PIECE) - 1
    annex = Annex.objects.get(name="record_of_the_bank.txt")
    assert file_read(annex.sha256) == whole and not AnnexUpload.objects.filter(taken_at=None).exists()


def test_going_on_is_one_press_and_a_refusal_stays_to_be_read(people: People) -> None:
    line = Line()
    outgoing = line.drafted()
    page = opened(people, outgoing, line, viewport={"width": 390, "height": 844})
    page.route("**/finish", lambda route: route.abort("aborted"))
    page.set_input_files(
        "#upload input[type=file]",
        [
            {"name": "locked.pdf", "mimeType": "application/pdf", "buffer": hostile.pdf_cut()},
            {"name": "order.pdf", "mimeType": "application/pdf", "buffer": hostile.pdf(2)},
        ],
    )
    lines = page.locator(".upload-list li")
    for number in (0, 1):
        expect(lines.nth(number)).to_have_attribute("data-state", "stopped")
    page.unroute("**/finish")
    for number in (0, 1):
        lines.nth(number).get_by_role("button").click()
    expect(lines.nth(1)).to_have_attribute("data-state", "stored")
    expect(lines.nth(0)).to_have_attribute("data-state", "refused")
    expect(lines.nth(0)).to_contain_text("it is damaged or incomplete")
    expect(page.locator("#upload-told")).to_contain_text("order.pdf: stored")
    page.locator(".upload-show").click()
    expect(page.locator(".annex-list")).to_contain_text("order.pdf")
    assert not AnnexUpload.objects.filter(taken_at=None).exists()


def test_an_answer_that_was_lost_at_the_end_makes_no_second_annex(people: People) -> None:
    line = Line()
    outgoing = line.drafted()
    page = opened(people, outgoing, line)

    def lost(route: Route) -> None:
        route.fetch()
        route.abort("aborted")

    page.route("**/finish", lost, times=1)
    page.evaluate(DROP, ["record_heard_of_late.txt", f"{uuid4()} line\n", 10])
    state = page.locator(".upload-list li").first
    expect(state).to_have_attribute("data-state", "stopped")
    state.get_by_role("button").click()
    expect(page.locator(".annex-list")).to_contain_text("record heard of late")
    assert Annex.objects.filter(name="record_heard_of_late.txt").count() == 1


def test_a_replacement_goes_on_after_the_line_broke_and_is_pressed_once(people: People) -> None:
    line = Line()
    outgoing = line.drafted()
    page = people.window(line.prosecutor, viewport={"width": 390, "height": 844})
    page.goto(f"/out/{outgoing.public_id}/letter/annexes/A1/")
    text, times = f"{uuid4()} line of the other record\n", 60_000
    whole, taken, annexes = (text * times).encode(), [], Annex.objects.count()
    finished: list[str] = []
    assert len(whole) > PIECE

    def breaking(route: Route) -> None:
        taken.append(len(taken))
        if len(taken) == 2:
            route.abort("aborted")
        else:
            route.continue_()

    page.route(re.compile(r"/annexes/uploads/[0-9a-f-]+$"), breaking)
    page.on("request", lambda request: finished.append(request.url) if request.url.endswith("/finish") else None)
    page.evaluate(DROP, ["other_record.txt", text, times])
    save = page.get_by_role("button", name="Save the annex")
    # Nothing is on its way before the button is pressed, and a title that is missing is asked for before that.
    page.get_by_label("Title of the annex").fill(" ")
    save.click()
    assert (
        not AnnexUpload.objects.filter(letter=outgoing.letter).exists() and page.locator(".upload-list li").count() == 0
    )
    page.get_by_label("Title of the annex").fill("The other record")
    page.get_by_label("Language of the annex").select_option("fr")
    save.click()
    expect(page.locator(".upload-list li")).to_have_attribute("data-state", "stopped")
    assert AnnexUpload.objects.get(letter=outgoing.letter).received == PIECE and not axe_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # The same button goes on; typed once more before that, the title is the last one.
    page.get_by_label("Title of the annex").fill("The other record, whole")
    save.dblclick()
    expect(page.locator("#annex-A1")).to_contain_text("The other record, whole")
    assert page.url.endswith("/annexes/#annex-A1")
    expect(page.locator("#annex-A1")).to_contain_text("Français")
    annex = Annex.objects.get(name="other_record.txt")
    assert annex.key == "A1" and file_read(annex.sha256) == whole
    assert Annex.objects.count() == annexes and len(finished) == 1
    # Title alone: the plain form, with or without a script.
    page.goto(f"/out/{outgoing.public_id}/letter/annexes/A1/")
    page.get_by_label("Title of the annex").fill("By its title alone")
    page.get_by_role("button", name="Save the annex").click()
    expect(page.locator("#annex-A1")).to_contain_text("By its title alone")
    assert Annex.objects.get(pk=annex.pk).sha256 == annex.sha256


def test_a_replacement_of_a_letter_that_was_frozen_meanwhile_says_so(people: People) -> None:
    line = Line()
    outgoing = line.drafted()
    page = people.window(line.prosecutor)
    page.goto(f"/out/{outgoing.public_id}/letter/annexes/A1/")
    page.set_input_files("#upload input[type=file]", {"name": "o.txt", "mimeType": "text/plain", "buffer": b"other"})
    letter_freeze(letter=outgoing.letter, by=line.prosecutor)
    page.get_by_role("button", name="Save the annex").click()
    state = page.locator(".upload-list li")
    expect(state).to_have_attribute("data-state", "refused")
    expect(state).to_contain_text("can no longer be changed")
    assert not Annex.objects.filter(name="o.txt").exists()


def test_without_a_script_the_form_takes_them_whole(people: People) -> None:
    line = Line()
    outgoing = line.drafted()
    page = opened(people, outgoing, line, java_script_enabled=False)
    page.set_input_files(
        "#upload input[type=file]",
        [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": f"text {n}".encode()} for n in (1, 2)],
    )
    page.get_by_role("button", name="Store the files as annexes").click()
    expect(page.locator(".annex-list")).to_contain_text("2.txt")
    row = page.locator(".annex-list li", has=page.get_by_text("2.txt", exact=True))
    row.get_by_role("button", name="Up").click()
    assert page.url.endswith("#" + (row.get_attribute("id") or ""))


@pytest.mark.parametrize("width", [1280, 320])
def test_long_names_refusals_and_translations_fit_every_width(people: People, width: int) -> None:
    desk = Desk()
    keys = [one["id"] for one in (desk.version.frozen_content or {})["annexes"]]
    french = desk.assigned("fr")
    decide = partial(annex_decide, translation=french, by=desk.translator)
    decide(key=keys[0], how="full", name="releve.txt", content="Le relevé.".encode())
    decide(key=keys[1], how="none", reason="Pictures without words, " * 8)
    outgoing = chain.outgoing_return_for_changes(
        outgoing=desk.outgoing, by=desk.line.supervisor, comments=[("title", "Which?")]
    )
    long = "a_very_long_name_of_a_file_that_has_no_space_anywhere_2026-11-01"
    annex_add(letter=outgoing.letter, by=desk.line.desk, title=long, name=f"{long}.txt", content=b"One.", key=keys[1])
    page = people.window(desk.line.desk, viewport={"width": width, "height": 844})
    page.goto(f"/out/{outgoing.public_id}/letter/annexes/")
    page.set_input_files(
        "#upload input[type=file]",
        [{"name": f"{long}.pdf", "mimeType": "application/pdf", "buffer": hostile.pdf_cut()}],
    )
    expect(page.locator(".upload-list li").first).to_have_attribute("data-state", "refused")
    expect(page.locator(".annex-translated").last).to_contain_text("of a file that was replaced since")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert not axe_violations(page)
