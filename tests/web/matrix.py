"""What the matrix is made of: every route, one object for each that takes one, a person of each role on each side.

`MATRIX=write pytest tests/web/test_matrix.py` writes tests/web/matrix.csv from what the pages answer: to be read
row by row before it is kept.
"""

from __future__ import annotations

import csv
import datetime as dt
import gc
import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.template.base import Template
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from mla.accounts.models import Role
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.reference.models import Authority, Jurisdiction, ProfileEntry
from tests.factories import Line, drain, officer
from tests.web.conftest import signed_in
from tests.web.matrix_ledger import ledger_acts, ledger_pages
from tests.web.matrix_library import mail_pages, offence, operation_acts, operation_pages, operations
from tests.web.matrix_link import BEHIND_THE_LINK, link_acts, link_pages, link_to
from tests.web.matrix_offering import team_of, team_pages
from tests.web.matrix_restricted import opened_restricted, opening_acts, opening_pages
from tests.web.matrix_translations import certified, term, translated, translation_pages
from workflows.documents.models import Document, Preview
from workflows.documents.services_kinds import document_languages, document_make
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models import Annex, EarlierText
from workflows.drafting.models_translation import Translation
from workflows.drafting.services_templates import template_save
from workflows.drafting.services_uploads import upload_begin
from workflows.engine.models import OutboxJob
from workflows.exchange.models import Transmission
from workflows.exchange.selectors import received_files
from workflows.lifecycle.models import Evidence, OutgoingRequest
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.outgoing_reuse import outgoing_follow
from workflows.web.desk import HAT
from workflows.web.session_limits import SEEN

TABLE = Path(__file__).with_name("matrix.csv")
ROLES = [role for role in Role if role != Role.TIMER]
OTHERS = "another's or none"
COLUMNS = ["route", "address", "method", "object", OTHERS, *map(str, ROLES)]
NO_ID = UUID(int=0)
#: Pages of nobody: they answer without a sign-in.
OPEN = {"web:calendar_feed", "web:check", "web:healthz", "web:language"} | BEHIND_THE_LINK

#: What a cell says, and what the page did.
WORDS = {
    "shown": "200: the page, or the file as an attachment",
    "done": "302 to a POST: the empty form was enough, the act was done (and is undone by the test)",
    "led on": "302 to a GET: the person is led to another page",
    "purpose first": "302 to the page that asks for the purpose of reading, which is recorded",
    "incomplete": "422: the act is this person's to do, and the empty form came back with what is missing",
    "not now": "409: this person's, but not in the present state of the case",
    "not yours": "403: the case is known to this person, the act can never be theirs; recorded as refused",
    "not there": "404: there is no such page or object for this person; recorded as refused",
}


def routes(resolver: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Walk the URLconf: (name with its space, pattern)."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver):
            yield from routes(found, space + (f"{found.namespace}:" if found.namespace else ""))
        else:
            yield space + str(found.name), found


@cache
def of_the_desk() -> dict[str, URLPattern]:
    return {name: found for name, found in routes() if name.startswith("web:") and name not in OPEN}


def is_closed(route: str, role: Role) -> bool:
    """Tell whether `page` closes the route to the role, before the view runs."""
    return str(role) not in of_the_desk()[route].callback.open_to  # type: ignore[union-attr]


def of_the_door() -> set[str]:
    return {name for name, _pattern in routes() if not name.startswith("web:")}


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the world: its name in the table, the side on which it lies, the parts of its address."""

    name: str
    side: str
    parts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a page, how it is asked, and for which object."""

    route: str
    method: str
    thing: Thing

    @property
    def key(self) -> tuple[str, str, str]:
        return self.route, self.method, self.thing.name

    def address(self, **other: Any) -> str:
        wanted = of_the_desk()[self.route].pattern.converters
        return reverse(self.route, kwargs={name: (self.thing.parts | other)[name] for name in wanted})

    def missing(self) -> str:
        """Return the address of an object of this kind that does not exist."""
        return self.address(**self.nobodys(uuid4()))

    def nobodys(self, one: UUID) -> dict[str, UUID]:
        return {"key" if "public_id" not in self.thing.parts else "public_id": one}


@dataclass(frozen=True, slots=True)
class Answer:
    """`main`: what the page says. `recorded`: how many refusals it left in the record."""

    status: int
    word: str
    main: str
    recorded: int


class World:
    """Requests between two States and the people of both, and of a third: what the rows of the table are asked with.

    The people asked did none of the acts that made the world: they have the role, not the case.
    """

    def __init__(self) -> None:
        self.line = Line()
        approved = self.line.approved()
        drain()  # Makes the document.
        approved.refresh_from_db()
        self.sent = course.outgoing_send(outgoing=approved, by=self.line.registry, channel="local")
        self.incoming = self.line.executed(self.line.in_execution(self.line.arrived(self.sent)))
        self.not_given = self.line.under_review(self.line.arrived(self.line.sent()))
        self.by_hand = self.line.sent_on_paper()
        self.link = link_to(self.line.sent_on_paper(), self.line.registry)
        self.draft = self.line.drafted()
        self.in_review = self.line.in_review()
        self.supplement = outgoing_follow(earlier=self.sent, kind="supplement", by=self.line.prosecutor)
        self.restricted, self.opening = opened_restricted(self.line)
        self.protecting = self._protecting()
        self.offence = offence(self.line.desk)
        self.operations = operations(self.line, self.sent)
        self.preview = self._preview()
        source = self.sent.letter.present()
        self.template = template_save(
            source=source, name="Forms of words", parts=["offences"], by=self.line.supervisor
        )[0]
        language = document_languages(self.sent)[0]
        said = {"text": "Used in these proceedings alone.", "given_by": "The prosecutor"}
        self.assurance = document_make(
            kind="assurance", case=self.sent, by=self.line.desk, language=language, said=said
        )
        self.translation, self.certified = translated(self.line, source, "fr"), certified(self.line, source, "ar")
        self.preview_beside = self._preview("b" * 64, self.translation)
        self.term = term(self.line)
        drain()
        asking = Authority.objects.get(code=self.line.letter.requesting.authority)
        asked = Authority.objects.get(code=self.line.letter.requested.authority)
        away = Jurisdiction.objects.exclude(pk__in=[asking.jurisdiction_id, asked.jurisdiction_id])
        third = away.filter(code="JP").get()
        self.states = {"asking": asking.jurisdiction, "asked": asked.jurisdiction, "third": third}
        self.last_entry = AuditEntry.objects.latest("pk").pk
        # Looked up now: what a test adds is undone, and no object of the table.
        self.things = self._things()
        self.closed: dict[tuple[str, Role], Answer] = {}
        self.none_there: dict[tuple[str, str, Role, str], Answer] = {}
        self.clients: dict[tuple[str, str], Client] = {}
        for side in self.states:
            for role in ROLES:
                self.clients[role, side] = client = signed_in(self.person(role, side), raise_request_exception=False)
                # A while from now: on a slow machine a walk outlasts a recent sign-in, and writes down when it was seen.
                session = client.session
                session[SEEN] += 1800
                for method in session["account_authentication_methods"]:
                    method["at"] += 1800
                session.save()

    def _protecting(self) -> OutgoingRequest:
        witness = {"id": "P9", "role": "witness", "name": "Ingrid Testperson", "protected": True}
        content = self.line.letter.content()
        letter = letter_from(content | {"persons": [*content["persons"], witness]})
        outgoing = chain.outgoing_lodge(outgoing=Line(letter=letter).drafted(), by=self.line.prosecutor)
        return chain.outgoing_take_in(outgoing=outgoing, by=self.line.desk)

    def _preview(self, key: str = "d" * 64, beside: Translation | None = None) -> str:
        """Return the key of a preview of the draft or of a translation, which is kept for longer than a walk takes."""
        with pikepdf.new() as file:
            file.add_blank_page()
            file.save(out := io.BytesIO())
        version, now = beside.source if beside else self.draft.letter.present(), clock.now() + dt.timedelta(hours=12)
        Preview.objects.create(
            key=key, version=version, translation=beside, asked_at=now, made_at=now, pages=1, pdf=out.getvalue()
        )
        return key

    def authority(self, role: Role, side: str) -> Authority:
        """Return where a role sits in a State."""
        kind = {
            Role.ORIGINATOR_DRAFTER: "originating",
            Role.ORIGINATOR_SIGNATORY: "originating",
            Role.EXECUTING_OFFICER: "executing",
        }.get(role, "central")
        return Authority.objects.get(jurisdiction=self.states[side], kind=kind, hosted_here=True)

    def person(self, role: Role, side: str) -> Any:
        return officer(role, self.authority(role, side).code, 9)

    def _things(self) -> dict[str, list[Thing]]:
        """Return by route the objects that its page is asked for."""

        def at(side: str, label: str, one: Any, /, **more: Any) -> Thing:
            return Thing(label, side, {"public_id": one.public_id} | more)

        upload = at("asking", "draft: a drafter's own file on its way", self.draft, upload_id=self._upload().public_id)
        annex = Annex.objects.filter(version__letter=self.sent.letter).order_by("pk")[0]
        item_out = self.sent.items.order_by("pk")[0]
        item_in = self.not_given.items.order_by("pk")[0]
        way = Transmission.objects.filter(authority=self.sent.central).order_by("pk")[0]
        file = Evidence.objects.filter(incoming=self.incoming).order_by("pk")[0]
        letter, draft = self.sent.letter, self.draft.letter
        central = self.sent.central
        job = OutboxJob.objects.filter(authority=central).latest("id")
        entry = AuditEntry.objects.filter(authority_id=central.pk).latest("id")
        annexes = list(received_files(self.incoming))
        anothers, proof = self.not_given.letter_sha256, self.by_hand.proofs.get().sha256
        assert anothers not in {self.incoming.letter_sha256, *(row.sha256 for row in annexes)}
        sent, draft_out = at("asking", "request out, sent", self.sent), at("asking", "draft, not lodged", self.draft)
        restricted = at("asking", "restricted request out, taken in", self.restricted)
        given = at("asked", "request in, given for execution", self.incoming)
        not_given = at("asked", "request in, not given for execution", self.not_given)
        persons = {"slug": "persons", "key": "P1"}
        no_part = {"way": "out", "kind": "assurance", "about": "M1"}
        acts = {
            "out": ("asking", [(self.sent, "withdraw"), (self.draft, "lodge"), (self.in_review, "approve")]),
            "in": ("asked", [(self.incoming, "transmit_result"), (self.not_given, "refuse")]),
            "letter": ("asking", [(draft, "share_for_advice"), (letter, "name_officer")]),
        }
        copies = [
            at("asking", "version of the letter sent", letter, number=letter.current),
            at("asking", "draft, not lodged", draft, number=1),
            at("asking", "restricted version, taken in", self.restricted.letter, number=1),
        ]
        done = [
            at(side, f"{act.replace('_', ' ')} ({way})", case, way=way, name=act)
            for way, (side, cases) in acts.items()
            for case, act in cases
        ]
        done += [
            at("asked", "refuse (item of a request in)", item_in, way="item", name="refuse"),
            at("asking", "accept (item of a request out)", item_out, way="item", name="accept"),
            at("asking", "note part (out)", self.sent, way="out", name="note_part"),
            at("asked", "transmit part (in)", self.incoming, way="in", name="transmit_part"),
            at("asked", "find impossible (item of a request in)", item_in, way="item", name="find_impossible"),
            *(
                at("asking", f"{act.replace('_', ' ')} (translation)", case, way="translation", name=act)
                for case, names in (
                    (self.translation, ("finish", "hand_over", "cancel", "read")),
                    (self.certified, ("certify", "send_back")),
                )
                for act in names
            ),
            at("asking", "attach scan (document)", self.assurance, way="document", name="attach_scan"),
            *operation_acts(at, self.operations),
            *ledger_acts(at, self.sent, self.incoming),
            *opening_acts(at, self.opening),
            *link_acts(at, self.link),
            at("asked", "file mail (in)", self.incoming, way="in", name="file_mail"),
            at("asking", "an act that does not exist", self.sent, way="out", name="open-sesame"),
        ]
        return {
            "web:act": done,
            "web:transmission_step": [at("asking", "transmission", way)],
            "web:incoming_letter": [given, not_given],
            "web:examine": [given, not_given],
            "web:execution": [given, not_given],
            **ledger_pages(at, file, self.sent, self.incoming),
            "web:annex": [
                at("asking", "annex of the letter sent", letter, number=annex.version.number, key=annex.key),
                at("asking", "annex of a draft, not lodged", draft, number=1, key=annex.key),
            ],
            "web:received_file": [
                at("asked", "the letter as it came", self.incoming, sha256=self.incoming.letter_sha256),
                at("asked", "an annex as it came", self.incoming, sha256=annexes[0].sha256),
                at("asked", "the letter of a request not given", self.not_given, sha256=self.not_given.letter_sha256),
                at("asked", "a file that the case does not have", self.incoming, sha256="0" * 64),
                at("asked", "another's letter, that the case does not have", self.incoming, sha256=anothers),
            ],
            "web:proof": [
                at("asking", "proof of a sending", self.by_hand, sha256=proof),
                at("asking", "a proof that the case does not have", self.by_hand, sha256="0" * 64),
                at("asking", "another's proof, that the case does not have", self.sent, sha256=proof),
            ],
            "web:document": [at("asking", "PDF of the letter sent", Document.objects.get(outgoing=self.sent))],
            "web:case_document": [at("asking", "assurance to the request sent", self.assurance)],
            "web:case_document_send": [at("asking", "assurance to the request sent", self.assurance)],
            "web:case_documents": [
                at("asking", "request out, sent", self.sent, way="out"),
                at("asked", "request in, given for execution", self.incoming, way="in"),
            ],
            "web:case_document_make": [
                at("asking", "assurance (out)", self.sent, way="out", kind="assurance", about="case"),
                at("asked", "manifest (in)", self.incoming, way="in", kind="evidence-transmittal", about="case"),
                at("asked", "redacted copy (in)", self.incoming, way="in", kind="redacted-copy", about="case"),
                at("asked", "a kind of the other side (in)", self.incoming, way="in", kind="assurance", about="case"),
                at("asking", "a part that the case does not have (out)", self.sent, **no_part),
            ],
            "web:shared": [at("asked", "request sent to this State", self.sent)],
            "web:outgoing": [sent, draft_out, restricted],
            "web:incoming": [given, not_given],
            "web:purpose": [
                at("asking", "request out, sent", self.sent, way="out"),
                at("asked", "request in, given for execution", self.incoming, way="in"),
            ],
            "web:purpose_end": [
                at("asking", "request out, sent", self.sent, way="out"),
                at("asked", "request in, given for execution", self.incoming, way="in"),
            ],
            "web:advice_letter": [at("asking", "letter, not lodged", draft), at("asking", "letter sent", letter)],
            "web:advice_comment": [at("asking", "letter, not lodged", draft), at("asking", "letter sent", letter)],
            "web:letter_preview": [sent, draft_out, restricted],
            "web:letter_comment": [sent, draft_out],
            "web:letter_word": copies,
            "web:letter_pages": copies,
            "web:letter_pages_make": copies,
            "web:letter_page_image": [
                at("asking", "page of a preview of the draft", draft, number=1, key=self.preview, page_number=1),
                at("asking", "page of no preview", draft, number=1, key="0" * 64, page_number=1),
                at(
                    "asking",
                    "a page of another version's preview, that the case does not have",
                    letter,
                    number=letter.current,
                    key=self.preview,
                    page_number=1,
                ),
            ],
            "web:letter_compare": copies,
            "web:letter_sealed": [
                at("asking", "request out with a protected person, taken in", self.protecting),
                draft_out,
            ],
            "web:letter_forecast": [sent, draft_out, restricted],
            "web:review_case": [at("asking", "request out, in review", self.in_review), restricted],
            "web:letter": [sent, draft_out, restricted],
            "web:letter_follow_up": [draft_out, sent],
            "web:letter_resubmit": [sent],
            "web:letter_send_on": [sent],
            "web:letter_reopen": [sent, restricted],
            "web:letter_preserve": [at("asking", "draft, not lodged: a row that is not there", self.draft, key="D1")],
            "web:letter_waive": [draft_out],
            "web:letter_follow": [sent, draft_out, restricted],
            "web:letter_copy": [sent, draft_out, restricted],
            "web:letter_difference": [at("asking", "supplement, not lodged", self.supplement), sent],
            "web:letter_checked": [
                at("asking", "supplement, not lodged: the facts", self.supplement, slug="facts"),
                at("asking", "request out, sent: the facts", self.sent, slug="facts"),
            ],
            "web:letter_history": [sent, draft_out, restricted],
            "web:letter_earlier": [at("asking", "draft, not lodged", self.draft, earlier_id=self._earlier())],
            "web:letter_section": [
                at("asking", "draft, not lodged: the facts", self.draft, slug="facts"),
                at("asking", "request out, sent: the facts", self.sent, slug="facts"),
            ],
            "web:letter_entry": [at("asking", "draft, not lodged: person P1", self.draft, **persons)],
            "web:letter_remove": [at("asking", "draft, not lodged: person P1", self.draft, **persons)],
            "web:letter_annex_move": [at("asking", "draft, not lodged: annex A1", self.draft, key="A1")],
            "web:letter_uploads": [sent, draft_out],
            **{f"web:letter_upload{act}": [upload] for act in ("", "_finish", "_discard")},
            "web:job": [at("asking", "effect", job)],
            "web:audit_entry": [at("asking", "entry of the record", entry)],
            "web:member": [Thing("member", "asking", {"public_id": self._member().public_id})],
            # What is known of a State is the same for every officer: no object of anybody.
            "web:country": [Thing("", "asking", {"code": "LV"})],
            "web:country_add": [Thing("", "asking", {"code": "LV", "topic": "language"})],
            "web:country_entry": [Thing("", "asking", {"public_id": ProfileEntry.objects.order_by("pk")[0].public_id})],
            "web:treaty": [Thing("", "asking", {"code": "UNTOC-2000"})],
            "web:treaty_change": [Thing("", "asking", {"code": "GB-US-1994"})],
            "web:treaty_standing_choose": [Thing("", "asking", {"code": "UNTOC-2000"})],
            "web:treaty_standing": [Thing("", "asking", {"code": "UNTOC-2000", "state": "LV"})],
            "web:offence": [at("asking", "offence of the library", self.offence)],
            "web:offence_change": [at("asking", "offence of the library", self.offence)],
            "web:offence_to_letter": [draft_out, sent],
            "web:offence_from_letter": [at("asking", "draft, not lodged: offence O1", self.draft, key="O1")],
            **team_pages(at, *team_of(self.sent)),
            "web:calendar_feed": [Thing("a secret that opens nothing", "asking", {"secret": "x" * 43})],
            "web:mail": mail_pages(at, self.sent, self.line.desk),
            **opening_pages(at, self.opening),
            **link_pages(at, self.link),
            **operation_pages(at, self.operations, self.sent, self.incoming),
            **translation_pages(at, self.translation, self.certified, annex.key, self.preview_beside),
            "web:translations_case": [sent, draft_out, restricted],
            "web:term": [at("asking", "term of the glossary", self.term)],
            "web:template": [at("asking", "template of the authority", self.template)],
            "web:template_withdraw": [at("asking", "template of the authority", self.template)],
            "web:template_letter": [at("asking", "template of the authority", self.template)],
            "web:template_save": [sent, draft_out, restricted],
            "web:kept": [Thing("nothing kept in this session", "asking", {"key": uuid4()})],
        }

    def _earlier(self) -> UUID:
        """Return how the draft stood before a change, which is undone again."""
        letter = self.draft.letter
        version = letter.present()
        row = EarlierText.objects.create(
            version=version, content=version.content, by_id=self.line.prosecutor.user_id, at=version.changed_at
        )
        return row.public_id

    def _upload(self) -> Any:
        """Return a file that the drafter who asks began to send."""
        drafter = self.person(Role.ORIGINATOR_DRAFTER, "asking")
        return upload_begin(letter=self.draft.letter, by=drafter, name="x.txt", size=9, sha256="a" * 64)

    def _member(self) -> Any:
        from mla.accounts.models import User

        return User.objects.get(pk=self.line.supervisor.user_id)

    @cached_property
    def rows(self) -> list[Row]:
        """Return every row that the table must have: each page, each method that it has, each of its objects.

        Raises:
            AssertionError: a page takes an object, and the world has none for it.
        """
        found = []
        nobody = Client()
        for name, pattern in of_the_desk().items():
            if pattern.pattern.converters and name not in self.things:
                raise AssertionError(f"{name} takes an object that the matrix does not know: add it to World.things")
            for thing in self.things.get(name, [Thing("", "asking", {})]):
                for method in ("GET", "POST"):
                    row = Row(name, method, thing)
                    # The method is looked at before the person: what a page cannot do is no secret.
                    with undone():
                        if nobody.generic(method, row.address()).status_code != 405:
                            found.append(row)
        return found

    def ask_own(self, row: Row, role: Role) -> Answer:
        """Ask for the own object; a page closed to the role answers before it looks for one, so it is asked once."""
        if not is_closed(row.route, role):
            return self.ask(row, role)
        key = (row.route, role)
        if key not in self.closed:
            self.closed[key] = self.ask(row, role)
        return self.closed[key]

    def ask(self, row: Row, role: Role, side: str = "", address: str = "") -> Answer:
        """Ask as the person of `role` on a side (that of the object, unless told). What it does is undone."""
        client = self.clients[role, side or row.thing.side]
        with undone():
            given = client.generic(row.method, address or row.address())
            recorded = self.refusals().count() if given.status_code in (403, 404) else 0
            return self._answer(row.method, given, recorded)

    def send(self, role: Role, side: str, method: str, address: str, said: dict[str, Any]) -> tuple[Answer, bool]:
        """Send a form or a query string; return the answer, and whether anything was done. What it does is undone."""
        client = self.clients[role, side]
        files = {name: SimpleUploadedFile("f.pdf", value) for name, value in said.items() if isinstance(value, bytes)}
        with undone():
            before, hat = AuditEntry.objects.latest("pk").pk, client.session[HAT]
            given = (client.get if method == "GET" else client.post)(address, said | files)
            done = AuditEntry.objects.filter(outcome="done", pk__gt=before).exists() or client.session[HAT] != hat
            return self._answer(method, given, self.refusals().filter(pk__gt=before).count()), done

    def _answer(self, method: str, given: Any, recorded: int) -> Answer:
        main = "" if given.streaming else given.content.decode().partition("<main")[2].partition("</main>")[0]
        # Its end would close the connection of the test, as the test client knows.
        request_finished.disconnect(close_old_connections)
        given.close()
        request_finished.connect(close_old_connections)
        return Answer(given.status_code, word_of(method, given), main, recorded)

    def refusals(self) -> Any:
        """Return the refusals recorded since the world was made."""
        return AuditEntry.objects.filter(outcome="refused", pk__gt=self.last_entry).order_by("pk")

    def elsewhere(self, row: Row, role: Role) -> list[Answer]:
        """Ask for a missing object, for this one from the other side of the case and, to see it, from a third State.

        Empty for a page that is closed to the role before any object is looked for.
        """
        if is_closed(row.route, role):
            return []
        sides = {"asking", "asked", "third" if row.method == "GET" else "asked"} - {row.thing.side}
        return [self._ask_for_none(row, role), *(self.ask(row, role, side) for side in sorted(sides))]

    def _ask_for_none(self, row: Row, role: Role) -> Answer:
        # Rows of one page whose addresses differ by the object alone ask the same here: it is asked once.
        key = (row.route, row.method, role, row.address(**row.nobodys(NO_ID)))
        if key not in self.none_there:
            self.none_there[key] = self.ask(row, role, address=row.missing())
        return self.none_there[key]


@contextmanager
def quickly() -> Iterator[None]:
    """Let thousands of pages be made in a test: without the frame, which is the same on each and has tests of its own,
    without the copies of each context that the test client keeps, a line of the log for each refusal, and looking for
    garbage all the time."""
    as_usual, often = Template._render, gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, *often[1:])
    logging.disable(logging.WARNING)
    Template._render = lambda self, context: self.nodelist.render(context)
    try:
        with _without_frame():
            yield
    finally:
        Template._render = as_usual
        logging.disable(logging.NOTSET)
        gc.set_threshold(*often)
        gc.unfreeze()


def _without_frame() -> Any:
    parts = dict.fromkeys(("web/parts/_frame.html", "web/parts/_notices.html", "web/parts/_keys.html"), "")
    loaders = [
        ("django.template.loaders.locmem.Loader", parts),
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ]
    [engine] = settings.TEMPLATES
    options = engine["OPTIONS"] | {"loaders": [("django.template.loaders.cached.Loader", loaders)]}
    return override_settings(TEMPLATES=[engine | {"APP_DIRS": False, "OPTIONS": options}])


class undone(transaction.Atomic):  # noqa: N801 - used as atomic() is
    """A savepoint that never stays."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        super().__exit__(*error)


def word_of(method: str, given: Any) -> str:
    if given.status_code == 302:
        if given["Location"].partition("?")[0].endswith("/purpose"):
            return "purpose first"
        if given["Location"].startswith("/account/"):
            return "sign in"
        return "led on" if method == "GET" else "done"
    words = {200: "shown", 403: "not yours", 404: "not there", 409: "not now", 422: "incomplete"}
    return words.get(given.status_code, str(given.status_code))


def line_of(world: World, row: Row) -> dict[str, str]:
    """Return the line of the table as the pages answer now."""
    pattern = re.sub(r"<(?:\w+:)?(\w+)>", r"‹\1›", str(of_the_desk()[row.route].pattern))
    line = {"route": row.route, "address": f"/{pattern}", "method": row.method, "object": row.thing.name, OTHERS: ""}
    if row.thing.name:
        line[OTHERS] = " / ".join(sorted({one.word for role in ROLES for one in world.elsewhere(row, role)}))
    return line | {str(role): world.ask_own(row, role).word for role in ROLES}


def read_table() -> dict[tuple[str, str, str], dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["route"], row["method"], row["object"]): row for row in csv.DictReader(file)}


def write_table(world: World) -> None:
    lines = [line_of(world, row) for row in world.rows]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(lines)
