"""A document beside the letter: recorded by the officer's act with all its words, then made by a job, kept by its hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core.reasons import Reason
from workflows.documents.kinds import WHOLE, Kind, kinds
from workflows.documents.models_made import Made, Signing
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle.models.rows import ONE_SIDE
from workflows.lifecycle.outcomes import AwaitsSignature


def may_leave(row: CaseDocument, doing: Doing) -> list[Reason]:
    """It was made here, for the other State, whose authority has the request, and was not sent yet."""
    kind, case = kinds().get(row.kind), row.case
    if kind is None or not kind.between_states:
        return [Reason("not_for_them", gettext("this document is for whoever carries the request out"))]
    if row.came_from_id is not None:
        return [Reason("came_from_them", gettext("the other State sent this document"))]
    if row.sent_at is not None:
        return [Reason("sent", gettext("it was sent already"))]
    if not row.content:
        return [Reason("no_content", gettext("it was made before documents were sent; order it again"))]
    if not row.signature:
        words = gettext("it bears no signature: print it, sign and seal it, and put its scan into the file")
        return [Reason("not_signed", words)]
    if (case.KIND == "outgoing" and case.sent_at is None) or (case.KIND == "incoming" and case.sender_id is None):
        return [Reason("not_with_them", gettext("the other State does not have the request yet"))]
    return []


def words_said(kind: Kind | None, content: Mapping[str, Any]) -> dict[str, str]:
    """Return what an officer said for a document, by the fields of its kind, as its content has it."""
    says = content.get("says")
    if kind is None or not isinstance(says, dict):
        return {}
    return {field.key: value for field in kind.fields if isinstance(value := says.get(field.key, ""), str)}


def scan_is_awaited(row: CaseDocument, doing: Doing) -> list[Reason]:
    """Its print is out to be signed in ink; or it was made before scans were taken, and has not left unsigned."""
    kind = kinds().get(row.kind)
    unsigned = row.status == Made.Status.READY and not row.signature
    ours = kind is not None and kind.between_states and row.came_from_id is None and row.sent_at is None
    if row.awaits == AwaitsSignature.SCAN or (unsigned and ours):
        return []
    return [Reason("no_scan_awaited", gettext("no scan of a signed print is awaited"))]


class CaseDocument(Made):
    """One PDF. `content_hash` covers what it says and not the day it was made: the same words are made once.

    What it says is fixed when it is ordered: a case that changes before the job runs changes nothing of it.
    """

    KIND = "case_document"

    outgoing = models.ForeignKey("lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT)
    incoming = models.ForeignKey("lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40, help_text="as in workflows.documents.kinds")
    about = models.CharField(
        max_length=40, help_text="the part of the case it is about: a question, a measure, or case"
    )
    said: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, blank=True, help_text="what an officer said for it, by the fields of its kind"
    )
    content: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text="all that it says: exactly what the content hash covers"
    )
    frame: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict,
        blank=True,
        help_text="letterhead, addressee, references and day, as they were when it was ordered",
    )
    made_by = models.CharField(max_length=200, blank=True, help_text="who ordered it")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="to the other State")
    sent_by = models.CharField(max_length=200, blank=True)
    came_from = models.ForeignKey(
        "reference.Authority", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="the authority of the other State that sent it here; nobody: it was made here",
    )  # fmt: skip

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "rendering", "waiting", "ready", "failed"]),
                name="documents_kind_status",
            ),
            models.CheckConstraint(condition=~Q(status="ready") | ~Q(sha256=""), name="documents_kind_has_bytes"),
            models.CheckConstraint(condition=ONE_SIDE, name="documents_kind_one_side"),
            models.UniqueConstraint(fields=["outgoing", "content_hash"], name="documents_kind_once_out"),
            models.UniqueConstraint(fields=["incoming", "content_hash"], name="documents_kind_once_in"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.outgoing_id or self.incoming_id} in {self.language}: {self.status}"

    @property
    def name(self) -> str:
        """Return what it is, in the active language."""
        return str(kinds()[self.kind].name) if self.kind in kinds() else self.kind

    @property
    def part(self) -> str:
        """Return the key of the part of the case that it is about, where an officer would know it; else nothing."""
        return self.about if self.about != WHOLE and len(self.about) < 9 else ""

    @property
    def words(self) -> list[tuple[str, str]]:
        """Return what an officer said for it, each with its label, in the active language.

        Of a document of the other State: as it says it itself, which is what its hash covers.
        """
        kind = kinds().get(self.kind)
        fields = kind.fields if kind else ()
        says = self.said
        if fields and not says and self.came_from_id is not None:
            # It came before this was kept with it.
            says = words_said(kind, self.content)
        found = []
        for field in fields:
            value = says.get(field.key, "")
            if value and isinstance(value, str):
                told = str(field.choices[value]) if field.choices and value in field.choices else value
                found.append((field.plain_label, told))
        return found

    @property
    def case(self) -> Any:
        return self.outgoing or self.incoming

    def lock_first(self) -> list[CaseRow]:
        return [self.case]

    def _may_make(self, actor: Actor) -> bool:
        kind = kinds().get(self.kind)
        return holds(actor, kind.right if kind else "case_document.make")

    def may_again(self, actor: Actor) -> bool:
        return permitted(self, actor, "again") and self._may_make(actor)

    @act(
        label=_("Make the document again"), source=[Made.Status.FAILED], target=Made.Status.QUEUED, permission=may_again
    )
    def again(self, doing: Doing) -> Effects:
        self.failure = ""
        return Effects(events=[("case_document.ordered", {})])

    def may_attach_scan(self, actor: Actor) -> bool:
        return permitted(self, actor, "attach_scan")

    @act(
        label=_("Put the scan of the signed document into the file"),
        source=[Made.Status.WAITING, Made.Status.READY],
        target=Made.Status.READY,
        permission=may_attach_scan,
        conditions=[scan_is_awaited],
    )
    def attach_scan(self, doing: Doing, *, sha256: str, size: int, pages: int) -> Effects:
        self.pages, self.awaits = pages, ""
        # When the pen was in a hand stands on the paper alone: the moment is that of the scan.
        self._signed(Signing(sha256, size, self.Signed.INK, str(self.authority), doing.at))
        detail = {
            "sha256": sha256,
            "content_hash": self.content_hash,
            "printed_sha256": self.unsigned_sha256,
            "pages": pages,
        }
        return Effects(detail=detail)

    def may_send(self, actor: Actor) -> bool:
        return permitted(self, actor, "send") and self._may_make(actor)

    @act(
        label=_("Send the document to the other State"),
        source=[Made.Status.READY],
        target=None,
        permission=may_send,
        conditions=[may_leave],
    )
    def send(self, doing: Doing) -> Effects:
        self.sent_at, self.sent_by = doing.at, doing.by.label[:200]
        detail = {"kind": self.kind, "sha256": self.sha256, "content_hash": self.content_hash}
        return Effects(detail=detail, events=[("case_document.sent", {})])
