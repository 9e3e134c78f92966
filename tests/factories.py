"""Cases for tests: people with hats at the example authorities, and requests brought to a status by their acts.

A status is never set: the helpers perform the acts that lead to it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.core.files import file_store
from mla.reference.models import Authority
from mla.settings.env import BASE_DIR
from workflows.drafting.letterfile import LetterFile, read_letter
from workflows.engine.models import OutboxJob
from workflows.engine.outbox import run_job
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.outgoing_course import Proof


def officer(role: Role | str, authority: str, number: int = 1) -> Actor:
    """Return a person of that role at that authority, under that hat; the same person for the same call."""
    at = Authority.objects.get(code=authority)
    user, _made = User.objects.get_or_create(
        username=f"{role}-{authority}-{number}",
        defaults={"first_name": "Officer", "last_name": f"{role.replace('_', ' ')} {number}"},
    )
    if not Membership.objects.filter(user=user, authority=at, role=role, ends_at=None).exists():
        Membership.objects.create(user=user, authority=at, role=role, starts_at=clock.now() - dt.timedelta(days=1))
    return Actor.user(user, authority=at, role=role)


def example_letter(number: int = 1) -> LetterFile:
    """Return one of the letters of examples/letters."""
    folder = BASE_DIR / "examples" / "letters"
    path = next(iter(sorted(folder.glob(f"{number:02d}-*.toml"))))
    return read_letter(path.read_bytes(), name=path.name)


def drain(*, rounds: int = 50) -> int:
    """Run every due job in this process until none is left; return how many were run.

    Raises:
        AssertionError: a job failed or is parked.
    """
    done = 0
    for _round in range(rounds):
        due = list(OutboxJob.objects.filter(status="due").order_by("id").values_list("pk", flat=True))
        if not due:
            break
        for job_id in due:
            if run_job(job_id) == "done":
                done += 1
    left = OutboxJob.objects.exclude(status="done")
    assert not left.exists(), [f"{job} {job.last_error}" for job in left]
    return done


@dataclass
class Line:
    """One request between two States of the examples, and the people who work on it."""

    letter: LetterFile = field(default_factory=example_letter)

    def _asking(self, role: Role, number: int = 1) -> Actor:
        return officer(role, self.letter.requesting.authority or "", number)

    def _asked(self, role: Role, number: int = 1) -> Actor:
        return officer(role, self.letter.requested.authority or "", number)

    @cached_property
    def prosecutor(self) -> Actor:
        return officer(Role.ORIGINATOR_DRAFTER, self.letter.requesting.originating or "")

    @cached_property
    def desk(self) -> Actor:
        return self._asking(Role.DESK_OFFICER)

    @cached_property
    def supervisor(self) -> Actor:
        return self._asking(Role.SUPERVISOR)

    @cached_property
    def registry(self) -> Actor:
        return self._asking(Role.REGISTRY)

    @cached_property
    def their_registry(self) -> Actor:
        return self._asked(Role.REGISTRY)

    @cached_property
    def their_desk(self) -> Actor:
        return self._asked(Role.DESK_OFFICER)

    @cached_property
    def their_supervisor(self) -> Actor:
        return self._asked(Role.SUPERVISOR)

    @cached_property
    def executing_authority(self) -> Authority:
        central = Authority.objects.get(code=self.letter.requested.authority)
        return Authority.objects.get(jurisdiction=central.jurisdiction, kind=Authority.Kind.EXECUTING, hosted_here=True)

    @cached_property
    def executing(self) -> Actor:
        return officer(Role.EXECUTING_OFFICER, self.executing_authority.code)

    # --- the requesting side, step by step ---

    def drafted(self) -> OutgoingRequest:
        from workflows.drafting.services import annex_add

        outgoing = chain.outgoing_create(content=self.letter, by=self.prosecutor)
        for entry in self.letter.annexes:
            annex_add(
                letter=outgoing.letter,
                by=self.prosecutor,
                key=entry.id,
                title=entry.title,
                name=f"{entry.id}.txt",
                content=f"Annex {entry.id}: {entry.title}".encode(),
            )
        return outgoing

    def lodged(self) -> OutgoingRequest:
        return chain.outgoing_lodge(outgoing=self.drafted(), by=self.prosecutor)

    def taken_in(self) -> OutgoingRequest:
        return chain.outgoing_take_in(outgoing=self.lodged(), by=self.desk)

    def in_review(self) -> OutgoingRequest:
        return chain.outgoing_submit(outgoing=self.taken_in(), by=self.desk)

    def approved(self) -> OutgoingRequest:
        outgoing = self.in_review()
        return chain.outgoing_approve(
            outgoing=outgoing, by=self.supervisor, content_hash=self.hash_of(outgoing), rights_screened=True
        )

    def ready(self) -> OutgoingRequest:
        """Approved, with a document that is none of WeasyPrint's: rendering has tests of its own."""
        outgoing = self.approved()
        stored = file_store(b"%PDF-1.7 " + outgoing.approved_hash.encode())
        return course.outgoing_attach_document(
            outgoing=outgoing, sha256=stored.sha256, content_hash=outgoing.approved_hash
        )

    def sent(self) -> OutgoingRequest:
        sent = course.outgoing_send(outgoing=self.ready(), by=self.registry, channel="local")
        # As a page reads it: a test that changes the authority afterwards is not answered from memory.
        return OutgoingRequest.objects.get(pk=sent.pk)

    def sent_on_paper(self) -> OutgoingRequest:
        """To a State that has no such system."""
        proof = Proof(name="posted.pdf", media_type="application/pdf", content=b"posting slip", note="by courier")
        sent = course.outgoing_send(outgoing=self.ready(), by=self.registry, channel="paper", proof=proof)
        drain()
        return OutgoingRequest.objects.get(pk=sent.pk)

    @staticmethod
    def hash_of(outgoing: OutgoingRequest) -> str:
        return outgoing.letter.versions.get(number=outgoing.letter.current).content_hash

    # --- the requested side ---

    def arrived(self, outgoing: OutgoingRequest) -> IncomingRequest:
        drain()
        return IncomingRequest.objects.get(conversation_id=outgoing.conversation_id)

    def under_review(self, incoming: IncomingRequest) -> IncomingRequest:
        acknowledged = inward.incoming_acknowledge(incoming=incoming, by=self.their_registry, contact="Registry")
        return inward.incoming_start_review(incoming=acknowledged, by=self.their_desk)

    def in_execution(self, incoming: IncomingRequest, **data: Any) -> IncomingRequest:
        return inward.incoming_accept(
            incoming=self.under_review(incoming),
            by=self.their_supervisor,
            executing=self.executing_authority,
            decided_by="Supervisor",
            **data,
        )

    def executed(self, incoming: IncomingRequest) -> IncomingRequest:
        """Every accepted item executed, each with a file of evidence."""
        for item in incoming.items.filter(status="accepted").order_by("id"):
            inward.incoming_item_decide(item=item, act="execute", by=self.executing)
            inward.incoming_add_evidence(
                incoming=incoming,
                by=self.executing,
                name=f"{item.key}.csv",
                media_type="text/csv",
                content=f"records for {item.key}\n".encode(),
                item=item.key,
            )
        incoming.refresh_from_db()
        return incoming
