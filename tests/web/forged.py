"""Identities of others where a form or a query string names an object: hidden fields, choices, filters.

An address is asked by the matrix itself (tests/web/matrix.py). Here stands, for every field that a page reads and looks
an object up by, whose page it is, and two identities to forge it with: one of an object of somebody else, and one of none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from django import forms
from django.urls import reverse

import workflows.web
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.reference.models import Authority
from tests.web.forged_ledger import forge_ledger
from tests.web.matrix import World
from tests.web.matrix_library import offence
from workflows.engine.models import CaseRow
from workflows.lifecycle.models import (
    ContactEntry,
    CourtOrder,
    Evidence,
    Notice,
    OpenPoint,
    Part,
    PreservationIn,
    PreservationOut,
    PrivilegeFilter,
    Progress,
    Remedy,
    Wish,
)
from workflows.lifecycle.services import conditions as cond
from workflows.lifecycle.services import execution
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import preservation as keep
from workflows.lifecycle.services.conditions import Offered
from workflows.lifecycle.services.operations import operation_open
from workflows.lifecycle.services.preservation import OtherProvider
from workflows.lifecycle.services.together import Contact, log_contact
from workflows.tracking.lists import Filters
from workflows.tracking.models import SavedList
from workflows.tracking.services import list_save
from workflows.web.acts import ActForm, screens
from workflows.web.acts.conditions import MOST
from workflows.web.acts.execution import MOST as MOST_ORIGINALS
from workflows.web.views.register_import import file_key

NO_KEY = 10**12

#: What views read by name from a form or a query string, beside the fields of their forms; True: it names an object.
READ = {
    "entry": True, "exhibits": True, "hat": True, "item": True, "letter_key": True, "membership": True, "offence": True, "operation": True, "register": True, "saved": True, "version": True,
    "with": True,
    "end": False,
    # A file on its way into a letter of one's own, and the annex of the same letter whose place it takes.
    "annex": False, "direction": False, "name": False, "offset": False, "replacing": False, "sha256": False, "size": False, "title": False,
    # A place in one's own list, words, an answer of the letter that is open, codes of public tables, hashes.
    "after": False, "back": False, "bind": False, "code": False, "content_hash": False, "decide": False, "do": False, "first": False,
    "group": False, "in": False, "instrument": False, "kind": False, "language": False, "next": False, "on": False, "out": False, "q": False,
    "new": False, "question": False, "seen": False, "show": False, "shown": False, "state": False,
    "state_shown": False, "status": False, "at": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forged:
    """A field of a page. `anothers` and `none`: what is sent in it; `role`, `side`: who sends it, who may do the act.

    `data`: what is sent with it, bytes as a file. `told`: the status of the answer. 404 is recorded as refused, once; with any other the object is of a public table,
    or the field only narrows what one sees anyway, and there is nothing to record.
    """

    name: str
    role: Role
    side: str
    address: str
    named: str
    anothers: Any
    none: Any
    data: dict[str, Any] = field(default_factory=dict)
    method: str = "POST"
    told: int = 404


def read_by_name() -> set[str]:
    """Return every name by which code of the web reads a form or a query string."""
    texts = [path.read_text(encoding="utf-8") for path in Path(workflows.web.__file__).parent.rglob("*.py")]
    read = re.compile(r'(?:\bPOST|\bGET|\bgiven|self\.data|sent\.data)\)?(?:\.get(?:list)?\(|\[)"(\w+)"')
    return {name for text in texts for name in read.findall(text)} - {"expected_version"}


def same_for_all(page: str, value: Any) -> str:
    """Return a page without what was sent to it and without the marks that each page bears."""
    sent = str(value)
    # A short number may stand anywhere, and no page repeats one that it did not offer.
    shown = page.replace(sent, "‹sent›") if len(sent) >= 8 else page
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", shown)


def fields_that_name_objects() -> set[str]:
    """Return form and field for every field of an act that is said to name an object."""
    return {f"{screen.form.__name__}.{name}" for screen in screens().values() for name in screen.form.names}


def fields_that_look_up() -> set[str]:
    """Return form and field for every field of an act that looks a row up by itself, or is called as such fields are."""
    forms_of_acts: set[type[ActForm]] = {screen.form for screen in screens().values()}
    return {
        f"{form.__name__}.{name}"
        for form in forms_of_acts
        for name, one in form.base_fields.items()
        if isinstance(one, forms.ModelChoiceField) or name in ("point", "item", "items")
    }


class Forgeries:
    """Every field of the house that names an object, forged. To be made inside `undone`."""

    def __init__(self, world: World) -> None:
        self.world, self.line = world, world.line
        self.found: list[Forged] = []
        self._frame()
        self._house()
        self._drafting()
        self._versions()
        self._questions()
        self._parts()
        self._conditions()
        self._wishes()
        self._courts()
        self._together()
        self._execution()
        self._preservation()
        forge_ledger(self)
        self._items_and_people()
        self._translators()
        self._beside()
        self._lists()

    def _add(
        self, name: str, role: Role, side: str, address: str, named: str, anothers: Any, none: Any, **more: Any
    ) -> None:
        self.found.append(Forged(name, role, side, address, named, anothers, none, **more))

    def _act(self, way: str, case: CaseRow, act: str) -> str:
        return reverse("web:act", args=[way, case.public_id, act])

    def _hat(self, role: Role, side: str) -> Membership:
        return Membership.objects.get(user_id=self.world.person(role, side).user_id, role=role)

    def _frame(self) -> None:
        anothers = self._hat(Role.SUPERVISOR, "asked").pk
        for role in (Role.DESK_OFFICER, Role.FOREIGN_OFFICER, Role.LOCAL_ADMINISTRATOR):
            self._add(f"hat of {role}", role, "asking", reverse("web:hat"), "hat", anothers, NO_KEY)

    def _house(self) -> None:
        person = User.objects.get(pk=self.line.supervisor.user_id)
        address = reverse("web:member", args=[person.public_id])
        for whose, side in (("of another authority", "asked"), ("of another person", "asking")):
            hat = self._hat(Role.LEGAL, side)
            self._add(
                f"role to end, {whose}", Role.LOCAL_ADMINISTRATOR, "asking", address, "membership", hat.pk, NO_KEY,
                data={"do": "end"},
            )  # fmt: skip

        # The file of a register is named by a key that its person alone was given.
        of_another = file_key(self.line.supervisor, "0" * 64, "register.csv")
        for route in ("web:register_lines", "web:register_left_out"):
            self._add(
                f"file at {route}", Role.REGISTRY, "asking", reverse(route), "register", of_another, "none",
                method="GET",
            )  # fmt: skip

    def _drafting(self) -> None:
        new = reverse("web:letter_new")
        anothers = self.world.sent.letter.public_id
        self._add("key of a new letter", Role.DESK_OFFICER, "asked", new, "letter_key", anothers, uuid4())
        self._add(
            "key of a new letter, of the same house", Role.DESK_OFFICER, "asking", new, "letter_key", anothers, uuid4()
        )
        begun_from = {
            "web:letter_follow": self.world.sent, "web:letter_copy": self.world.sent,
            "web:template_letter": self.world.template,
        }  # fmt: skip
        for route, source in begun_from.items():
            begin = reverse(route, args=[source.public_id])
            self._add(
                f"key of a new letter at {route}", Role.DESK_OFFICER, "asking", begin, "letter_key", anothers, uuid4()
            )
        library = reverse("web:offence_to_letter", args=[self.world.draft.public_id])
        theirs = offence(self.line.their_desk)
        self._add(
            "offence of another State's library", Role.ORIGINATOR_DRAFTER, "asking", library, "offence",
            theirs.public_id, uuid4(),
        )  # fmt: skip
        address = reverse("web:letter_entry", args=[self.world.draft.public_id, "persons", "new-persons"])
        anothers = self.world.sent.letter.public_id
        self._add("entry of a letter", Role.ORIGINATOR_DRAFTER, "asking", address, "entry", str(anothers)[:12], "P99")

    def _versions(self) -> None:
        """The central authority's version, which the originating authority may not read before it is frozen."""
        returned = chain.outgoing_return_for_changes(
            outgoing=self.world.in_review, by=self.line.supervisor, comments=[("", "Name the offence.")]
        )
        letter = returned.letter
        letter.refresh_from_db()
        hidden = letter.versions.get(number=letter.current)
        assert (hidden.authority_id, hidden.frozen_at) == (returned.central_id, None)
        role, side, number = Role.ORIGINATOR_DRAFTER, "asking", hidden.number
        for route, of in (("web:letter_preview", returned), ("web:advice_letter", letter)):
            address = reverse(route, args=[of.public_id])
            self._add(f"version to read at {route}", role, side, address, "version", number, 99, method="GET")
        said = {"text": "Which of them?", "question": ""}
        for route, of in (("web:letter_comment", returned), ("web:advice_comment", letter)):
            address = reverse(route, args=[of.public_id])
            self._add(f"version to remark on at {route}", role, side, address, "number", number, 99, data=said)

    def _questions(self) -> None:
        asked = inward.incoming_ask_information(
            incoming=self.world.not_given, by=self.line.their_desk, question="Which account?"
        )
        theirs = OpenPoint.objects.get(incoming=asked, answered_at=None).point_id
        queried = chain.outgoing_query_originator(
            outgoing=self.line.taken_in(), by=self.line.desk, question="Which court?"
        )
        ours = OpenPoint.objects.get(outgoing=queried, answered_at=None).point_id
        said = {"answer": "The one of Example Bank."}
        sent, draft, given = self.world.sent, self.world.draft, self.world.incoming
        for name, role, side, address, anothers in (
            ("PointForm", Role.REGISTRY, "asked", self._act("in", given, "receive_information"), theirs),
            ("PointForm", Role.REGISTRY, "asked", self._act("in", given, "receive_information"), ours),
            ("PointForm", Role.SUPERVISOR, "asking", self._act("out", sent, "give_information"), theirs),
            ("PointForm", Role.SUPERVISOR, "asking", self._act("out", sent, "give_information"), ours),
            ("ConsultedForm", Role.REGISTRY, "asked", self._act("in", given, "receive_consultation_answer"), theirs),
            ("ConsultedForm", Role.REGISTRY, "asked", self._act("in", given, "receive_consultation_answer"), ours),
            ("ConsultedForm", Role.SUPERVISOR, "asking", self._act("out", sent, "answer_consultation"), theirs),
            ("ConsultedForm", Role.SUPERVISOR, "asking", self._act("out", sent, "answer_consultation"), ours),
            ("AnswerForm", Role.ORIGINATOR_DRAFTER, "asking", self._act("out", draft, "answer_query"), ours),
            ("AnswerForm", Role.ORIGINATOR_DRAFTER, "asking", self._act("out", draft, "answer_query"), theirs),
        ):
            self._add(f"{name}.point", role, side, address, "point", anothers, uuid4(), data=said)

    def _parts(self) -> None:
        """Parts and files of another's case; the cases asked for have a part of their own, or none."""
        given, sent = self.world.incoming, self.world.sent
        of_another = Part.objects.create(
            authority_id=given.authority_id, incoming=self.world.not_given, number=1, by="x", at=clock.now()
        )
        file = Evidence.objects.create(
            authority_id=given.authority_id, incoming=self.world.not_given, name="a.csv", media_type="text/csv", size=1,
            sha256="a" * 64, added_at=clock.now(),
        )  # fmt: skip
        receipt = self._act("in", given, "note_part_receipt")
        self._add("PartReceiptForm.part", Role.REGISTRY, "asked", receipt, "part", of_another.part_id, uuid4())
        self._add("PartReceiptForm.discrepant", Role.REGISTRY, "asked", receipt, "discrepant", file.sha256, "0" * 64)
        confirm = self._act("out", sent, "confirm_part")
        self._add("PartForm.part", Role.REGISTRY, "asking", confirm, "part", of_another.part_id, uuid4())

    def _conditions(self) -> None:
        """Points and items of another case, in the forms about conditions and complements."""
        given, sent = self.world.incoming, self.world.sent
        theirs, ours = given.items.order_by("pk")[0].public_id, sent.items.order_by("pk")[0].public_id
        another = cond.incoming_offer_conditions(
            incoming=self.world.not_given, by=self.line.their_supervisor, question="Only so.",
            conditions=[Offered("other", "As the court says.")],
        )  # fmt: skip
        point = OpenPoint.objects.get(incoming=another, kind="conditions").point_id
        for form, role, side, way, case, act, item in (
            ("OfferForm", Role.SUPERVISOR, "asked", "in", given, "offer_conditions", ours),
            ("NotedOfferForm", Role.REGISTRY, "asking", "out", sent, "note_conditions", theirs),
        ):
            for number in range(1, MOST + 1):
                address = self._act(way, case, act)
                self._add(f"{form}.item_{number}", role, side, address, f"item_{number}", item, "M99")
        for form, role, side, way, case, act in (
            ("AcceptConditionsForm", Role.SUPERVISOR, "asking", "out", sent, "accept_conditions"),
            ("DeclineConditionsForm", Role.SUPERVISOR, "asking", "out", sent, "decline_conditions"),
            ("ConditionsAnswerForm", Role.REGISTRY, "asked", "in", given, "receive_conditions_answer"),
            ("ComplementForm", Role.REGISTRY, "asked", "in", given, "supply_complement"),
            ("NotedComplementForm", Role.REGISTRY, "asking", "out", sent, "note_complement"),
        ):
            self._add(f"{form}.point", role, side, self._act(way, case, act), "point", point, uuid4())
        for form, role, side, way, case, act, item in (
            ("ComplementForm", Role.REGISTRY, "asked", "in", given, "supply_complement", ours),
            ("NotedComplementForm", Role.REGISTRY, "asking", "out", sent, "note_complement", theirs),
        ):
            self._add(f"{form}.item", role, side, self._act(way, case, act), "item", item, "M99")

    def _wishes(self) -> None:
        """Items and wishes of another case, in the forms about what is wished and what is answered."""
        given, sent, other = self.world.incoming, self.world.sent, self.world.not_given
        theirs, ours = given.items.order_by("pk")[0].public_id, sent.items.order_by("pk")[0].public_id
        wish = Wish.objects.create(
            authority_id=other.authority_id, incoming=other, kind="status", asked_by="x", asked_at=clock.now()
        ).wish_id
        for form, role, side, way, case, act, name, anothers, none in (
            ("NotNeededForm", Role.SUPERVISOR, "asking", "out", sent, "no_longer_needed", "items", theirs, "M99"),
            ("ReceiveWishForm", Role.REGISTRY, "asked", "in", given, "receive_wish", "items", ours, "M99"),
            ("WishAnswerForm", Role.REGISTRY, "asked", "in", given, "answer_wish", "wish", wish, uuid4()),
            ("NotedWishAnswerForm", Role.REGISTRY, "asking", "out", sent, "note_wish_answer", "wish", wish, uuid4()),
        ):
            self._add(f"{form}.{name}", role, side, self._act(way, case, act), name, anothers, none)

    def _courts(self) -> None:
        """Orders, remedies, deferrals, filters and files of another's case; the case asked for has none."""
        given, another, today = self.world.incoming, self.world.not_given, clock.now().date()
        row: dict[str, Any] = {"authority_id": another.authority_id, "incoming": another, "by": "x", "at": clock.now()}
        order = CourtOrder.objects.create(kind="search", court="Court", applied_on=today, **row)
        remedy = Remedy.objects.create(party="other", court="Court", lodged_on=today, **row)
        deferral = Notice.objects.create(kind="deferred", ground="law", until=today, **row)
        filtering = PrivilegeFilter.objects.create(kind="legal", filtered_by="Office", everything=True, **row)
        file = Evidence.objects.filter(incoming=another).latest("id")
        item = self.world.sent.items.order_by("pk")[0].public_id
        for form, act, name, anothers, none in (
            ("ApplyForm", "apply_for_order", "items", item, "M99"),
            ("GrantedForm", "note_order_granted", "order", order.public_id, uuid4()),
            ("DeniedForm", "note_order_denied", "order", order.public_id, uuid4()),
            ("ChallengeForm", "note_challenge", "order", order.public_id, uuid4()),
            ("RemedyForm", "note_remedy_decided", "remedy", remedy.public_id, uuid4()),
            ("NotifyForm", "notify_affected", "deferral", deferral.public_id, uuid4()),
            ("DeferForm", "defer_notice", "deferral", deferral.public_id, uuid4()),
            ("FilterForm", "open_filter", "evidence", file.public_id, uuid4()),
            ("CloseFilterForm", "close_filter", "filter", filtering.public_id, uuid4()),
        ):
            address = self._act("in", given, act)
            self._add(f"{form}.{name}", Role.EXECUTING_OFFICER, "asked", address, name, anothers, none)

    def _together(self) -> None:
        """Contacts of another case, cases and people of another authority, an operation in which one is not named."""
        given, sent = self.world.incoming, self.world.sent
        contact = Contact("police", "ours", clock.now(), "UTC", "They ask.", office="Liaison", next_step="Call again")
        ours, theirs = (
            ContactEntry.objects.get(**{case.KIND: log_contact(case=case, by=by, contact=contact)})
            for case, by in ((sent, self.line.desk), (given, self.line.their_desk))
        )
        said = {"kind": "police", "direction": "ours", "office": "Liaison", "day": "2026-01-01", "time": "10:00",
                "zone": "UTC", "summary": "They ask."}  # fmt: skip
        for role, side, way, case, anothers in (
            (Role.DESK_OFFICER, "asking", "out", sent, theirs.public_id),
            (Role.DESK_OFFICER, "asked", "in", given, ours.public_id),
        ):
            log, done = self._act(way, case, "log_contact"), self._act(way, case, "contact_done")
            self._add("ContactForm.corrects", role, side, log, "corrects", anothers, uuid4(), data=said)
            self._add("ContactDoneForm.contact", role, side, done, "contact", anothers, uuid4())
        role, side, (shown, restricted) = Role.DESK_OFFICER, "asking", self.world.operations
        alike = self._act("out", sent, "decide_alike")
        self._add("AlikeForm.other", role, side, alike, "other", given.public_id, uuid4(), data={"decision": "related"})
        remove = self._act("operation", shown, "remove")
        self._add("RemoveForm.member", role, side, remove, "member", given.public_id, uuid4(), data={"reason": "x"})
        stranger = User.objects.get(pk=self.world.person(role, "asked").user_id).public_id
        named = operation_open(by=self.world.person(Role.SUPERVISOR, side), name="Of the supervisor", restricted=True)
        name = self._act("operation", named, "name_officer")
        self._add("NameForOperationForm.user", Role.SUPERVISOR, side, name, "user", stranger, uuid4())
        put_in = reverse("web:case_operation", args=["out", sent.public_id])
        self._add("operation of a case", role, side, put_in, "operation", restricted.public_id, uuid4())

    def _preservation(self) -> None:
        """A provider that came to light in another State's file."""
        row = PreservationIn.objects.get(item__incoming=self.world.incoming)
        by, other = self.line.their_supervisor, OtherProvider("Danube Transit")
        served = keep.preservation_in_serve(preservation=row, by=by, on=clock.now().date(), whom="Adria Hosting")
        point = keep.preservation_in_tell_provider(preservation=served, by=by, other=other).points[-1]
        asked = PreservationOut.objects.get(item__outgoing=self.world.sent)
        begin = self._act("preservation_out", asked, "begin_elsewhere")
        self._add("ElsewhereForm.point", Role.DESK_OFFICER, "asking", begin, "point", point.point_id, uuid4())

    def _execution(self) -> None:
        """Offices, officers and items of another State or case, in the forms about an execution and originals."""
        given, sent, line = self.world.incoming, self.world.sent, self.line
        theirs, ours = given.items.order_by("pk")[0].public_id, sent.items.order_by("pk")[0].public_id
        assign = self._act("in", given, "assign_execution")
        home = {"executing": given.executing_id}
        stranger = User.objects.get(pk=line.desk.user_id).public_id
        for name, anothers, none, said in (
            ("executing", sent.central_id, NO_KEY, {}),
            ("officer", stranger, uuid4(), home),
            ("items", ours, "M99", home),
        ):
            self._add(f"AssignForm.{name}", Role.SUPERVISOR, "asked", assign, name, anothers, none, data=said)
        execution.incoming_report_progress(incoming=self.world.not_given, by=line.their_supervisor, text="Begun.")
        news = Progress.objects.get(incoming=self.world.not_given).progress_id
        tell = self._act("in", given, "tell_progress")
        self._add("TellForm.news", Role.SUPERVISOR, "asked", tell, "news", news, uuid4())
        for form, role, side, way, case, act, item in (
            ("ListForm", Role.REGISTRY, "asked", "in", given, "list_originals", ours),
            ("NotedListForm", Role.REGISTRY, "asking", "out", sent, "note_originals", theirs),
        ):
            for number in range(1, MOST_ORIGINALS + 1):
                address = self._act(way, case, act)
                self._add(f"{form}.item_{number}", role, side, address, f"item_{number}", item, "M99")
        for form, role, side, way, case, act in (
            ("ReturnForm", Role.REGISTRY, "asking", "out", sent, "return_originals"),
            ("WaivedForm", Role.REGISTRY, "asking", "out", sent, "note_return_waived"),
            ("WaiveForm", Role.SUPERVISOR, "asked", "in", given, "waive_return"),
            ("CameBackForm", Role.REGISTRY, "asked", "in", given, "note_originals_returned"),
        ):
            # What another case has is none of this one; `news` stands for an identifier that exists elsewhere.
            self._add(f"{form}.originals", role, side, self._act(way, case, act), "originals", news, uuid4())

    def _items_and_people(self) -> None:
        world, given = self.world, self.world.incoming
        item, none = world.sent.items.order_by("pk")[0].public_id, "M99"
        accept, decided = self._act("in", world.not_given, "accept"), {"decided_by": "Supervisor"}
        home = {"executing": given.authority_id}
        away = Authority.objects.get(pk=world.sent.central_id)
        self._add("AcceptForm.items", Role.SUPERVISOR, "asked", accept, "items", item, none, data=decided | home)
        self._add("AcceptForm.executing", Role.SUPERVISOR, "asked", accept, "executing", away.pk, NO_KEY, data=decided)
        evidence = self._act("in", given, "add_evidence")
        self._add("EvidenceForm.item", Role.EXECUTING_OFFICER, "asked", evidence, "item", item, none)
        execution = reverse("web:execution", args=[given.public_id])
        self._add("item of a file", Role.EXECUTING_OFFICER, "asked", execution, "item", item, none)
        result = self._act("out", world.sent, "note_result")
        self._add(
            "ResultForm.item", Role.REGISTRY, "asking", result, "item", given.items.order_by("pk")[0].public_id, none
        )
        part = self._act("out", world.sent, "note_part")
        theirs = given.items.order_by("pk")[0].public_id
        self._add("PartArrivedForm.item", Role.REGISTRY, "asking", part, "item", theirs, none)
        officer = self._act("in", given, "name_officer")
        stranger = User.objects.get(pk=world.person(Role.DESK_OFFICER, "asking").user_id)
        self._add("OfficerForm.user", Role.SUPERVISOR, "asked", officer, "user", stranger.public_id, uuid4())
        letter = world.draft.letter
        stranger = User.objects.get(pk=world.person(Role.DESK_OFFICER, "asked").user_id)
        for act, form in (("name_officer", "NameForm"), ("unname_officer", "UnnameForm")):
            address = self._act("letter", letter, act)
            self._add(f"{form}.user", Role.ORIGINATOR_DRAFTER, "asking", address, "user", stranger.pk, NO_KEY)
        for act, form in (("share_for_advice", "AdviceForm"), ("end_share", "EndAdviceForm")):
            address = self._act("letter", letter, act)
            self._add(
                f"{form}.authority", Role.ORIGINATOR_DRAFTER, "asking", address, "authority", given.authority_id, NO_KEY
            )

    def _translators(self) -> None:
        """People of another authority as translators and readers of ours."""
        row = self.world.translation
        ours, theirs = self._person("asking"), self._person("asked")
        for name in ("translator", "second_reader"):
            said = {"translator": ours, "language": "es"}
            self._add(
                f"HandOverForm.{name}", Role.SUPERVISOR, "asking", self._act("translation", row, "hand_over"), name, theirs,
                uuid4(), data=said,
            )  # fmt: skip
            assign = reverse("web:translations_case", args=[self.world.sent.public_id])
            self._add(f"{name} of a letter", Role.SUPERVISOR, "asking", assign, name, theirs, uuid4(), data=said)

    def _beside(self) -> None:
        """A translation of another letter, beside which a letter is to be printed."""
        theirs = self.world.translation.public_id
        place = [self.world.draft.letter.public_id, 1]
        drafter = Role.ORIGINATOR_DRAFTER
        pages, make = reverse("web:letter_pages", args=place), reverse("web:letter_pages_make", args=place)
        self._add("translation beside the pages", drafter, "asking", pages, "with", theirs, uuid4(), method="GET")
        self._add("translation beside pages to be made", drafter, "asking", make, "with", theirs, uuid4())

    def _person(self, side: str) -> Any:
        return User.objects.get(pk=self.world.person(Role.TRANSLATOR, side).user_id).public_id

    def _lists(self) -> None:
        forget = reverse("web:saved_forget")
        for whose, role, side in (("elsewhere", Role.LEGAL, "asked"), ("of the house", Role.LEGAL, "asking")):
            one = list_save(
                by=self.world.person(role, side), kind=SavedList.Kind.OUTGOING, name="Mine", filters=Filters()
            )
            self._add(f"list {whose}", Role.SUPERVISOR, "asking", forget, "saved", one.public_id, uuid4())
        # An office is in a public table: one that sends nothing here is told beside the field, as one that is not there.
        said = {"key": str(uuid4()), "peer_reference": "CRM-1", "title": "Bank records", "channel": "diplomatic",
                "urgency": "urgent", "confidentiality": "normal", "item_1": "stored-content"}  # fmt: skip
        receive = reverse("web:incoming_receive")
        self._add(
            "sender of paper", Role.REGISTRY, "asked", receive, "sender", self.world.incoming.authority_id, NO_KEY,
            data=said | {"scan": b"%PDF scan"}, told=422,
        )  # fmt: skip
        # Filters and words narrow what one sees anyway.
        sent, hidden, search = self.world.sent, self.world.restricted, reverse("web:search")
        self._add(
            "words", Role.SUPERVISOR, "asking", search, "q", hidden.reference, "XX-2099-0001", method="GET", told=200
        )
        record = reverse("web:audit")
        self._add(
            "object of the record",
            Role.AUDITOR,
            "asked",
            record,
            "object",
            sent.public_id,
            uuid4(),
            method="GET",
            told=200,
        )
