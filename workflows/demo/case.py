"""One letter's way, as its officers walk it. A generator: each `yield` waits for the other processes."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from mla.core import clock
from mla.core.files import file_read
from workflows.demo.courses import Course, ItemCourse, executed
from workflows.demo.people import Cast
from workflows.demo.signing import signed_by_hand
from workflows.demo.translating import certify, give_up, texts_of, translate
from workflows.documents.services_signing import document_attach_scan
from workflows.drafting.annexes import Upload
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.models import LetterOfRequest, LetterVersion
from workflows.drafting.models_translation import Translation
from workflows.drafting.services import letter_create, letter_save
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.services import consulting
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.consulting import Consultation

#: Waited for, with what is said meanwhile.
Wait = tuple[str, Callable[[], bool]]


@dataclass
class DemoCase:
    """A running case: its rows as they were last seen, and where it stands in words."""

    number: int
    plan: Course
    letter: LetterFile
    folder: Path
    say: Callable[[str], None]
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    outgoing: OutgoingRequest | None = None
    incoming: IncomingRequest | None = None
    translation: Translation | None = None

    @property
    def out(self) -> OutgoingRequest:
        assert self.outgoing is not None
        return OutgoingRequest.objects.get(pk=self.outgoing.pk)

    @property
    def into(self) -> IncomingRequest:
        assert self.incoming is not None
        return IncomingRequest.objects.get(pk=self.incoming.pk)

    @property
    def file_name(self) -> str:
        """Return the name under which the report keeps its letter, without suffix."""
        return self.plan.letter

    def files(self) -> list[tuple[OutgoingRequest, IncomingRequest]]:
        """Return both sides' files, of each letter of the story, the earliest first."""
        return [(self.out, self.into)]

    def version(self) -> LetterVersion:
        letter = LetterOfRequest.objects.get(pk=self.out.letter_id)
        return LetterVersion.objects.get(letter=letter, number=letter.current)

    def run(self) -> Iterator[Wait]:
        cast = Cast(self.letter)
        self.draft(cast)
        self.lodge(cast)
        self.vet(cast)
        yield from self.approve(cast)
        yield from self.send(cast)
        yield from self.acknowledge(cast)
        yield from self._examine(cast)
        if self.plan.refusal is not None:
            yield from self._refuse(cast)
        else:
            yield from self.accept(cast)
            self._execute(cast)
        yield "the answer", lambda: self.out.status == "concluded"
        yield from self._finish(cast)
        self.seconds = time.monotonic() - self.started

    def draft(self, cast: Cast) -> None:
        uploads = [
            Upload(key=entry.id, name=Path(entry.file).name, content=(self.folder / entry.file).read_bytes())
            for entry in self.letter.annexes
        ]
        drafter = cast.drafter()
        letter = letter_create(content=self.letter, authority=cast.originating, by=drafter, annexes=uploads)
        self.outgoing = chain.outgoing_open(letter=letter, by=drafter, urgency=self.letter.urgency.level)

    def lodge(self, cast: Cast) -> None:
        chain.outgoing_lodge(outgoing=self.out, by=cast.drafter())
        self.say(f"drafted and lodged by {cast.originating.code}")

    def vet(self, cast: Cast) -> None:
        """Take the letter in, ask what the plan asks, and put it before the supervisor."""
        chain.outgoing_take_in(outgoing=self.out, by=cast.desk())
        if self.plan.query:
            question, answer = self.plan.query
            chain.outgoing_query_originator(outgoing=self.out, by=cast.desk(), question=question)
            chain.outgoing_answer_query(outgoing=self.out, by=cast.drafter(), answer=answer)
            self.say("query to the originating authority answered")
        chain.outgoing_submit(outgoing=self.out, by=cast.desk())

    def approve(self, cast: Cast) -> Iterator[Wait]:
        self._translate(cast)
        if self.plan.changes:
            self._change(cast, *self.plan.changes)
            self._translate(cast)
        if self.translation is not None:
            certify(self.translation, cast)
            self.say(f"translation into {self.translation.language} certified")
        chain.outgoing_approve(
            outgoing=self.out, by=cast.supervisor(), content_hash=self.version().content_hash, rights_screened=True
        )
        self.say(f"version {self.version().number} approved")
        yield from self.printed(cast)

    def printed(self, cast: Cast) -> Iterator[Wait]:
        """Wait for the PDF of what was approved, and sign it by hand where there is no key."""
        yield "the PDF", lambda: bool(self.out.document_sha256 or self.out.awaits_signature == "scan")
        if self.out.awaits_signature == "scan":
            self._sign_in_ink(cast)
        self.say(f"PDF {self.out.document_sha256[:12]} made")

    def _sign_in_ink(self, cast: Cast) -> None:
        document = self.out.documents.get(kind="letter", letter_version=self.out.approved_version)
        scan = signed_by_hand(file_read(document.unsigned_sha256))
        document_attach_scan(outgoing=self.out, by=cast.registry(), content=scan)
        self.say("printed, signed in ink, scanned")

    def send(self, cast: Cast) -> Iterator[Wait]:
        course.outgoing_send(outgoing=self.out, by=cast.registry(), channel="local")
        self.say(f"sent to {cast.receiver.code} as {self.out.reference}")
        yield "its arrival", self._arrived

    def _translate(self, cast: Cast) -> None:
        if not self.plan.translation:
            return
        texts = texts_of(self.folder / "translations" / self.plan.translation)
        before = self.translation
        self.translation = translate(self.version(), texts, cast)
        if before is not None:
            give_up(before, cast)
        done = self.translation.units.filter(number__gt=0).count()
        self.say(f"version {self.version().number} translated into {texts.language}: {done} texts")

    def _change(self, cast: Cast, path: str, comment: str, text: str) -> None:
        chain.outgoing_return_for_changes(outgoing=self.out, by=cast.supervisor(), comments=[(path, comment)])
        self.say("returned for changes by the supervisor")
        content: dict[str, Any] = copy.deepcopy(self.version().content)
        part, _dot, name = path.partition(".")
        content.setdefault(part, {})[name] = text
        letter_save(letter=self.out.letter, content=letter_from(content), by=cast.desk())
        chain.outgoing_submit(outgoing=self.out, by=cast.desk())

    def _arrived(self) -> bool:
        self.incoming = IncomingRequest.objects.filter(conversation_id=self.out.conversation_id).first()
        return self.incoming is not None

    def acknowledge(self, cast: Cast) -> Iterator[Wait]:
        registry = cast.their_registry()
        contact = f"{cast.receiver.name}, registry, {cast.receiver.email}"
        inward.incoming_acknowledge(incoming=self.into, by=registry, contact=contact)
        self.say(f"registered and acknowledged as {self.into.reference}")
        yield "the acknowledgement", lambda: self.out.status == "acknowledged"

    def start_review(self, cast: Cast) -> None:
        inward.incoming_start_review(incoming=self.into, by=cast.their_desk())

    def _examine(self, cast: Cast) -> Iterator[Wait]:
        self.start_review(cast)
        if self.plan.question:
            question, answer = self.plan.question
            inward.incoming_ask_information(incoming=self.into, by=cast.their_desk(), question=question)
            self.say("information asked")
            yield "the question", lambda: self.out.openpoint_set.filter(kind=OpenPoint.Kind.INFORMATION).exists()
            course.outgoing_give_information(outgoing=self.out, by=cast.supervisor(), answer=answer)
            self.say("information given")
            yield "the information", lambda: not self.into.openpoint_set.filter(answered_at=None).exists()

    def _refuse(self, cast: Cast) -> Iterator[Wait]:
        assert self.plan.refusal is not None
        if self.plan.consultation:
            question, answer = self.plan.consultation
            about = Consultation(
                "refusal", question, due=clock.now().date() + timedelta(days=30),
                ground=self.plan.refusal["ground"], article=self.plan.refusal["article"],
            )  # fmt: skip
            consulting.incoming_consult(incoming=self.into, by=cast.their_supervisor(), about=about)
            self.say("consulted before a refusal")
            yield "the consultation", lambda: self.out.openpoint_set.filter(kind=OpenPoint.Kind.REFUSAL).exists()
            consulting.outgoing_answer_consultation(outgoing=self.out, by=cast.supervisor(), answer=answer)
            self.say("consultation answered")
            yield "the answer", lambda: not self.into.openpoint_set.filter(answered_at=None).exists()
        inward.incoming_refuse(
            incoming=self.into, by=cast.their_supervisor(), decided_by="the supervisor", **self.plan.refusal
        )
        self.say("refused with ground and reasons")

    def accept(self, cast: Cast) -> Iterator[Wait]:
        refused = {key for key, item in self._items() if item.act == "refuse"}
        accepted = [key for key, _item in self._items() if key not in refused]
        inward.incoming_accept(
            incoming=self.into,
            by=cast.their_supervisor(),
            executing=cast.executing_authority,
            decided_by="the supervisor",
            items=accepted,
        )
        self.say(f"accepted, {cast.executing_authority.code} executes")
        yield "word of the execution", lambda: self.out.status == "in_execution"

    def _execute(self, cast: Cast) -> None:
        supervisor, executing = cast.their_supervisor(), cast.executing()
        for key, plan in self._items():
            item = self.into.items.get(key=key)
            by = supervisor if plan.act == "refuse" else executing
            inward.incoming_item_decide(item=item, act=plan.act, by=by, **plan.data)
            for record in plan.records:
                inward.incoming_add_evidence(
                    incoming=self.into,
                    by=executing,
                    name=record.name,
                    media_type=record.media_type,
                    content=record.text.encode(),
                    item=key,
                    description=record.description,
                    use_limits=self.plan.use_limits,
                )
        inward.incoming_transmit_result(incoming=self.into, by=cast.their_registry())
        self.say(f"result sent: {self.into.get_outcome_display()}")

    def _items(self) -> list[tuple[str, ItemCourse]]:
        default = executed(note="Executed as asked.")
        return [(item.id, self.plan.items.get(item.id, default)) for item in self.letter.items]

    def _finish(self, cast: Cast) -> Iterator[Wait]:
        if self.out.evidence_set.exists():
            course.outgoing_confirm_evidence(outgoing=self.out, by=cast.registry())
            yield "the receipt", lambda: self.into.evidence_confirmed_at is not None
        course.outgoing_hand_over_result(outgoing=self.out, by=cast.registry())
        course.outgoing_originator_confirms(outgoing=self.out, by=cast.drafter())
        course.outgoing_close(outgoing=self.out, by=cast.supervisor())
        inward.incoming_close(incoming=self.into, by=cast.their_registry())
        self.say(f"closed on both sides: {self.out.get_outcome_display()}")
