"""The longest stories of the demonstration through the pages of both States: every act by its button and its form.

Each form is sent wrong once where it can be, so that what was typed is seen to stay. After each step that tells the
other State something, both case pages are read. Only letters, their way to the other State and the examination of a
request are made by services: other tests walk them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from playwright.sync_api import Locator, Page

from mla.accounts.actors import Actor
from mla.core import clock
from tests.browser.conftest import People
from tests.browser.test_story import Fields, fill
from tests.browser.watched import axe_violations
from tests.factories import Line, drain
from workflows.demo.stories.base import retold
from workflows.demo.stories.offered import ASKED, OFFER, InformationLeadsToRequest
from workflows.demo.walk import example
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.models_reuse import CopiedPart
from workflows.drafting.services import letter_save
from workflows.drafting.services_reuse import letter_copied_check
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest

RECORD = b"utc,source\n2026-03-02T03:11:09Z,198.51.100.23\n"


def in_days(days: int) -> str:
    return (clock.now().date() + dt.timedelta(days=days)).isoformat()


class Both:
    """One request that has arrived, and the windows of the people of both States who work on it."""

    def __init__(self, people: People, letter: LetterFile, *, reviewed: bool = True) -> None:
        self.people, self.line = people, Line(letter)
        self.windows: dict[str, Page] = {}
        sent = self.line.sent()
        came = self.line.arrived(sent)
        if reviewed:
            self.line.under_review(came)
            drain()
        self.ours, self.theirs = f"/out/{sent.public_id}/", f"/in/{came.public_id}/"
        self.sent, self.came = sent, came

    # --- who sees what ---

    def at(self, actor: Actor, address: str) -> Page:
        if actor.id not in self.windows:
            self.windows[actor.id] = self.people.window(actor)
        page = self.windows[actor.id]
        page.goto(address)
        return page

    def stand(self, ours: str, theirs: str) -> None:
        """Read the status on the case page of either State's supervisor, as it stands in words."""
        for actor, address, words in (
            (self.line.supervisor, self.ours, ours),
            (self.line.their_supervisor, self.theirs, theirs),
        ):
            said = self.stands(actor, address)
            assert said == words, f"{address}: {said}, and not {words}"

    def stands(self, actor: Actor, address: str) -> str:
        return " ".join(self.at(actor, address).locator(".case-head .status").inner_text().split())

    def read(self, actor: Actor, address: str, section: str) -> str:
        return " ".join(self.at(actor, address).locator(section).inner_text().split())

    # --- doing ---

    def do(
        self,
        actor: Actor,
        address: str,
        act: str,
        fields: Fields | None = None,
        *,
        wrong: Fields | None = None,
        within: str = "aside",
    ) -> None:
        """Press the button of the act on the page at `address`, fill its form, and press the button that does it.

        `wrong`: what is sent first; the page then says what is missing and keeps what was typed.
        """
        page = self.at(actor, address)
        button = page.locator(f"{within} [data-act='{act}']")
        assert button.count() == 1, f"{button.count()} buttons for {act} in {within} of {address}"
        button.click()
        self.send(page, fields, wrong=wrong)

    def send(self, page: Page, fields: Fields | None = None, *, wrong: Fields | None = None) -> None:
        words = page.locator("h1").inner_text()
        if wrong is not None:
            fill(page, wrong)
            press(page)
            assert page.locator(".error-summary li").count(), f"{words}: nothing is said of what is missing"
            assert page.locator("main form [aria-invalid='true'], main form .is-invalid").count(), words
            for name, value in wrong.items():
                assert page.locator(f"main [name='{name}']").first.input_value() == value, f"{words}: {name} is lost"
            assert not axe_violations(page)
        fill(page, fields or {})
        press(page)
        refused = page.locator(".error-summary")
        assert refused.count() == 0, f"{words}: {refused.first.inner_text()}"
        assert "/do/" not in page.url, f"{words} was not done"
        drain()

    def open_to(self, actor: Actor, address: str, act: str) -> bool:
        """Tell whether the act has a button there that leads somewhere."""
        return self.at(actor, address).locator(f"[data-act='{act}']").count() > 0

    def item(self, key: str, act: str, fields: Fields | None = None, *, wrong: Fields | None = None) -> None:
        """Do an act on an item from the page of its execution."""
        self.do(
            self.line.executing, f"{self.theirs}execution/", act, fields, wrong=wrong, within=f"#item-{key}"
        )  # fmt: skip

    def upload(self, key: str, name: str, content: bytes = RECORD) -> None:
        page = self.at(self.line.executing, f"{self.theirs}execution/")
        here: Locator = page.locator(f"#item-{key}")
        here.locator("details.upload > summary").click()
        here.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        here.locator("details.upload [data-once]").click()
        page.wait_for_load_state("load")
        assert name in page.locator(f"#item-{key}").inner_text()
        drain()

    def end(self) -> None:
        """Hand over, confirm and close on both sides."""
        line = self.line
        self.do(line.registry, self.ours, "hand_over_result")
        self.do(line.prosecutor, self.ours, "originator_confirms")
        self.do(line.supervisor, self.ours, "close")
        self.do(line.their_registry, self.theirs, "close")


def press(page: Page) -> None:
    page.locator("main form [data-once]").first.click()
    page.wait_for_load_state("load")


def subscriber(title: str) -> LetterFile:
    """Return the letter that asks for two items: M1, the customer, and M2, the log-ins."""
    return retold(example("05-de-al-subscriber"), title)


def accepted(both: Both) -> None:
    line = both.line
    where = {"executing": str(line.executing_authority.pk)}
    both.do(line.their_supervisor, both.theirs, "accept", where | {"decided_by": "The supervisor"})
    both.stand("in execution", "in execution")


def test_request_is_refused_after_a_consultation(people: People) -> None:
    both = Both(people, subscriber("Account of an official"))
    line, ours, theirs = both.line, both.ours, both.theirs
    both.stand("acknowledged", "under review")
    about = {
        "kind": "refusal", "question": "Can it be limited to private messages?",
        "ground": "essential_interests", "article": "CETS-185 27(4)(b)",
    }  # fmt: skip
    both.do(
        line.their_supervisor, theirs, "consult", about | {"due": in_days(30)},
        wrong={"question": about["question"], "article": about["article"]},
    )  # fmt: skip
    assert not both.open_to(line.their_supervisor, theirs, "refuse"), "while the answer is awaited nothing is refused"
    said = both.read(line.supervisor, ours, "#points")
    assert about["question"] in said and "Not answered yet." in said
    both.stand("acknowledged", "under review")

    answer = "Private messages cannot be told apart beforehand."
    both.do(line.supervisor, ours, "answer_consultation", {"answer": answer}, wrong={"answer": ""})
    assert answer in both.read(line.their_supervisor, theirs, "#points")
    why = {"ground": "essential_interests", "article": "CETS-185 27(4)(b)", "reason": "It holds matters of State."}
    both.do(
        line.their_supervisor, theirs, "refuse", why | {"consulted": "yes", "decided_by": "The minister"},
        wrong={"article": why["article"], "decided_by": ""},
    )  # fmt: skip
    both.stand("concluded refused", "concluded refused")
    told = both.read(line.supervisor, ours, "#notes")
    assert why["reason"] in told and why["article"] in told
    both.end()
    both.stand("closed refused", "closed refused")


def test_request_is_executed_in_part_under_conditions(people: People) -> None:
    both = Both(people, subscriber("Account in parts and under conditions"))
    line, ours, theirs = both.line, both.ours, both.theirs
    words = {"kind_1": "speciality", "text_1": "For these proceedings alone.", "article_1": "CETS-185 28(2)(b)"}
    both.do(
        line.their_supervisor, theirs, "offer_conditions", words | {"question": "The data are given under this."},
        wrong={"text_1": words["text_1"], "question": ""},
    )  # fmt: skip
    assert words["text_1"] in both.read(line.supervisor, ours, "#points")
    both.do(line.supervisor, ours, "accept_conditions", {"answer": "They are kept."})
    assert "They are kept." in both.read(line.their_supervisor, theirs, "#points")
    accepted(both)

    both.item("M1", "execute", {"reason": "As asked."})
    both.upload("M1", "subscriber.csv")
    both.do(line.their_registry, theirs, "transmit_part", {"note": "The first item."})
    both.stand("in execution", "in execution")
    assert "subscriber.csv" in both.read(line.supervisor, ours, "#evidence")
    both.do(line.registry, ours, "confirm_part")
    both.item(
        "M2", "execute_partially", {"reason": "Log-ins before 1 March are deleted."}, wrong={"reason": ""}
    )  # fmt: skip
    both.upload("M2", "logins.csv", RECORD * 2)
    both.do(line.their_registry, theirs, "transmit_result")
    both.stand("concluded partially executed", "concluded partially executed")
    items = both.read(line.supervisor, ours, "#items")
    assert "Log-ins before 1 March are deleted." in items, items
    both.do(line.registry, ours, "confirm_evidence")
    both.end()
    both.stand("closed partially executed", "closed partially executed")


def test_order_is_contested_and_what_a_lawyer_wrote_is_filtered(people: People) -> None:
    both = Both(people, subscriber("Account contested in court"))
    line, ours, theirs = both.line, both.ours, both.theirs
    accepted(both)
    order = {"kind": "production", "court": "District Court, Chamber 4", "applied_on": in_days(-9)}
    executing = line.executing
    both.do(executing, theirs, "apply_for_order", order, wrong={"court": order["court"]})
    both.do(
        executing, theirs, "note_order_granted", {"reference": "4 Gs 12", "decided_on": in_days(-6)},
        wrong={"decided_on": in_days(-6), "reference": ""},
    )  # fmt: skip
    assert "4 Gs 12" in both.read(line.their_supervisor, theirs, "#court")
    for key, name, content in (("M1", "subscriber.csv", RECORD), ("M2", "letter-of-a-lawyer.txt", b"Advice.\n")):
        both.item(key, "execute", {"reason": "As asked."})
        both.upload(key, name, content)

    both.do(executing, theirs, "note_challenge", _challenge(both) | {"court": "Court of Appeal"})
    assert not both.open_to(line.their_registry, theirs, "transmit_result"), "while a remedy is pending nothing leaves"
    both.stand("in execution", "in execution")
    decided = {"result": "dismissed", "decided_on": in_days(0), "decision": "The order holds."}
    both.do(executing, theirs, "note_remedy_decided", decided, wrong={"decision": decided["decision"]})

    team = {"kind": "legal", "filtered_by": "Filter team of the prosecution office"}
    both.do(line.their_supervisor, theirs, "open_filter", team, wrong={"filtered_by": team["filtered_by"]})
    assert not both.open_to(line.their_registry, theirs, "transmit_result"), "while files are filtered nothing leaves"
    page = both.at(line.their_supervisor, theirs)
    page.locator("aside [data-act='close_filter']").click()
    files = page.locator("main select[name^='file_']")
    assert files.count() == 2
    chosen = {}
    for one in files.all():
        label = page.locator(f"label[for='{one.get_attribute('id')}']").inner_text()
        chosen[one.get_attribute("name") or ""] = "legal" if "lawyer" in label else "released"
    one_alone = dict([next(iter(chosen.items()))])
    both.send(page, chosen, wrong=one_alone)
    both.do(line.their_registry, theirs, "transmit_result")
    both.stand("concluded executed", "concluded executed")
    came = both.read(line.supervisor, ours, "#evidence")
    assert "subscriber.csv" in came and "letter-of-a-lawyer" not in came and "1 file is withheld" in came, came
    both.do(line.registry, ours, "confirm_evidence")
    both.end()
    both.stand("closed executed", "closed executed")


def _challenge(both: Both) -> dict[str, Any]:
    order = both.came.courtorder_set.get()
    return {"order": str(order.public_id), "party": "provider", "lodged_on": in_days(-3)}


def test_preservation_is_extended_and_followed_by_the_request(people: People) -> None:
    both = Both(people, retold(example("04-de-al-preservation"), "Data of the rented server"))
    line, ours, theirs = both.line, both.ours, both.theirs
    accepted(both)
    short = "#short-" + both.sent.items.get().key
    whom = {"whom": "Adria Hosting", "on": in_days(0)}
    both.do(line.executing, theirs, "serve", whom, within=short, wrong={"whom": ""})
    kept = {"preserved_from": in_days(0), "until": in_days(60), "reference": "AL-247-2026-0117"}
    both.do(
        line.their_supervisor, theirs, "preserve", kept | {"words": "Confirmed."}, within=short, wrong={"until": ""}
    )
    assert "AL-247-2026-0117" in both.read(line.supervisor, ours, short)
    both.do(
        line.supervisor, ours, "ask_extension", {"until": in_days(120), "reason": "The court sits in two months."},
        within=short, wrong={"until": in_days(120), "reason": ""},
    )  # fmt: skip
    assert "The court sits in two months." in both.read(line.their_supervisor, theirs, short)
    both.do(
        line.their_supervisor, theirs, "extend", {"until": in_days(120)}, within=short, wrong={"until": in_days(-2)}
    )
    assert "120 days" in both.read(line.supervisor, ours, short)

    page = both.at(line.prosecutor, ours)
    page.locator(f"form[action='{ours}follow-up'] button").click()
    page.wait_for_load_state("load")
    assert "/letter/" in page.url and "The letter is begun" in page.locator("body").inner_text()
    later = OutgoingRequest.objects.exclude(pk=both.sent.pk).latest("pk")
    assert f"/out/{later.public_id}/" in page.url
    assert "AL-247-2026-0117" in both.read(line.prosecutor, f"/out/{later.public_id}/letter/preserved/", "main")
    came = Followed(later).arrives()
    assert both.stands(line.their_supervisor, f"/in/{came.public_id}/") == "received"
    held = "kept until the request is decided"
    assert held in both.read(line.their_supervisor, theirs, f"{short} h2")
    assert held in both.read(line.supervisor, ours, f"{short} h2")
    assert not both.open_to(line.supervisor, ours, "release"), "while the request for them is decided"


class Followed(Line):
    """A letter that is begun already: it is completed as the example's, and sent."""

    def __init__(self, later: OutgoingRequest) -> None:
        self.later = later
        asked = subscriber("The data of the rented server").content()
        begun = later.letter.present().content
        super().__init__(letter_from(begun | {name: asked[name] for name in ASKED if name in asked}))

    def drafted(self) -> OutgoingRequest:
        letter = self.later.letter
        letter_save(letter=letter, content=self.letter, by=self.prosecutor)
        parts = CopiedPart.objects.filter(letter=letter, checked_at=None).values_list("part", flat=True)
        letter_copied_check(letter=letter, parts=list(parts), by=self.prosecutor)
        return OutgoingRequest.objects.get(pk=self.later.pk)

    def arrives(self) -> IncomingRequest:
        return self.arrived(self.sent())


def test_information_nobody_asked_for_leads_to_a_request(people: People) -> None:
    letter = InformationLeadsToRequest.letter_of(example(InformationLeadsToRequest.LETTER))
    both = Both(people, letter, reviewed=False)
    line, ours, theirs = both.line, both.ours, both.theirs
    both.do(line.their_registry, theirs, "acknowledge", {"contact": "Registry"}, wrong={"contact": ""})
    both.stand("acknowledged", "acknowledged")
    short = "#short-M1"
    assert OFFER["conditions_text"] in both.read(line.their_supervisor, theirs, short)
    both.do(line.their_supervisor, theirs, "accept", {"answer": "Gladly."}, within=short)
    assert "accepted" in both.read(line.supervisor, ours, f"{short} h2")
    both.do(line.supervisor, ours, "give", {"words": "Two customers."}, within=short, wrong={"words": ""})
    assert "Two customers." in both.read(line.their_supervisor, theirs, short)
    used = {"kind": "investigation_opened", "on": in_days(0), "words": "File 7."}
    desk = line.their_desk
    both.do(desk, theirs, "use", used, within=short, wrong={"words": used["words"]})
    assert "File 7." in both.read(line.supervisor, ours, short)
    assert "used" in both.read(line.supervisor, ours, f"{short} h2")

    both.do(desk, theirs, "follow", within=short)
    later = OutgoingRequest.objects.latest("pk")
    assert later.central_id == both.came.authority_id, "their own letter, to us"
    page = both.at(desk, f"/out/{later.public_id}/letter/")
    assert page.locator("h1").inner_text()
    assert not IncomingRequest.objects.filter(conversation_id=later.conversation_id).exists()
