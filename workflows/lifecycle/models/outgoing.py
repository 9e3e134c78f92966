"""The requesting side's case file and its machine.

Along the chain: the originating authority drafts and lodges, the central authority takes in, vets,
approves and sends. `authority` is whoever holds the file. The receiver's acts reach it as messages
(by the peer) or recorded by our registry with proof. Table: docs/adr/0002-state-machines.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core.ids import uuid7
from workflows.drafting.models import Comment, LetterShare
from workflows.engine.machine import Doing, Effects, act
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards, guards_custody
from workflows.lifecycle import guards_execution as execution
from workflows.lifecycle.models.imported import BeginsOut
from workflows.lifecycle.models.mails import MailsOut
from workflows.lifecycle.models.officer_links import LinksOut
from workflows.lifecycle.models.outgoing_consulting import OutgoingConsulting
from workflows.lifecycle.models.outgoing_emergency import EmergencyActs
from workflows.lifecycle.models.outgoing_execution import OutgoingExecution
from workflows.lifecycle.models.outgoing_ledger import LedgerOut
from workflows.lifecycle.models.outgoing_parts import OutgoingPartActs
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE, answered, custody_entry
from workflows.lifecycle.models.outgoing_wishes import WishesOut
from workflows.lifecycle.models.parts import confirmed_with_the_whole
from workflows.lifecycle.models.pressing import PLACE
from workflows.lifecycle.models.rows import CustodyEntry, Evidence, OpenPoint
from workflows.lifecycle.models.together import TogetherOut, keys_of_version
from workflows.lifecycle.models.undertakings import BOUND
from workflows.lifecycle.outcomes import AwaitsSignature, Outcome
from workflows.lifecycle.outcomes import OutgoingStatus as S


class OutgoingRequest(
    WishesOut,
    LedgerOut,
    OutgoingExecution,
    OutgoingConsulting,
    OutgoingPartActs,
    MailsOut,
    LinksOut,
    TogetherOut,
    EmergencyActs,
    BeginsOut,
    CaseRow,
):
    """A request that goes, or went, out."""

    KIND = "outgoing"
    CHANNELS = ("local", "paper", "interpol", "diplomatic", "email", "24_7")

    status = FSMField(choices=S, default=S.DRAFTING, protected=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    letter = models.OneToOneField("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="outgoing")
    originating = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    central = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    addressee = models.ForeignKey(
        "reference.Authority", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    conversation_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    reference = models.CharField(max_length=60, blank=True, help_text="ours; given by the sending authority")
    peer_reference = models.CharField(max_length=120, blank=True)

    lodged_at = models.DateTimeField(null=True, blank=True)
    lodged_number = models.PositiveIntegerField(null=True, blank=True)
    taken_in_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_version = models.ForeignKey(
        "drafting.LetterVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_hash = models.CharField(max_length=64, blank=True)
    approved_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    document_sha256 = models.CharField(max_length=64, blank=True, help_text="of the PDF that will be sent")
    sealed_sha256 = models.CharField(max_length=64, blank=True, help_text="of the sealed annex that goes with the PDF")
    document_content_hash = models.CharField(max_length=64, blank=True)
    awaits_signature = models.CharField(
        max_length=20, blank=True, choices=AwaitsSignature, help_text="what the letter's PDF lacks before it may leave"
    )
    channel = models.CharField(max_length=20, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    peer_contact = models.TextField(max_length=1000, blank=True)
    peer_status = models.CharField(max_length=20, blank=True, help_text="theirs, as their last message said")
    peer_status_at = models.DateTimeField(null=True, blank=True)
    desired = models.CharField(max_length=20, blank=True, help_text="what we wish: withdraw, not_needed")
    desired_at = models.DateTimeField(null=True, blank=True)
    wished_outcome = models.CharField(
        max_length=20, blank=True, choices=Outcome, help_text="of a withdrawal: why the request is needed no more"
    )
    refusal_ground = models.CharField(max_length=60, blank=True)
    refusal_article = models.CharField(max_length=120, blank=True)
    outcome_reason = models.TextField(max_length=20_000, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    evidence_confirmed_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    originator_confirmed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=S.values), name="lifecycle_outgoing_status"),
            models.UniqueConstraint(
                fields=["central", "reference"], condition=~Q(reference=""), name="lifecycle_outgoing_reference"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[S.DRAFTING, S.IN_REVIEW])
                | Q(approved_version__isnull=False, approved_at__isnull=False)
                | Q(outcome=Outcome.NOT_PURSUED)
                | Q(taken_over=True),
                name="lifecycle_outgoing_approved_first",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[S.SENT, S.ACKNOWLEDGED, S.IN_EXECUTION])
                | (~Q(document_sha256="") | Q(taken_over=True)) & Q(sent_at__isnull=False),
                name="lifecycle_outgoing_sent_has_document",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[S.CONCLUDED, S.CLOSED]) & ~Q(outcome="")
                | ~Q(status__in=[S.CONCLUDED, S.CLOSED]) & Q(outcome=""),
                name="lifecycle_outgoing_outcome_at_the_end",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "status", "id"], name="lifecycle_outgoing_queue"),
            models.Index(fields=["changed_at", "id"], name="lifecycle_outgoing_changed"),
            models.Index(fields=["pressing", "id"], name="lifecycle_outgoing_pressing"),
            models.Index(fields=["status", "changed_at", "id"], name="lifecycle_out_status"),
            models.Index(fields=["central", "status", "pressing", "id"], name="lifecycle_out_central"),
            models.Index(fields=["originating", "status", "pressing", "id"], name="lifecycle_out_originating"),
            models.Index(
                F("central"),
                PLACE,
                F("lodged_at"),
                F("id"),
                condition=Q(status=S.DRAFTING, lodged_at__isnull=False),
                name="lifecycle_out_intake",
            ),
            models.Index(
                F("central"),
                PLACE,
                F("submitted_at"),
                F("id"),
                condition=Q(status=S.IN_REVIEW, submitted_at__isnull=False),
                name="lifecycle_out_review",
            ),
            models.Index(
                fields=["central", "confirmation_due_at", "id"],
                condition=Q(provisional_at__isnull=False, confirmed_at=None),
                name="lifecycle_out_provisional",
            ),
            models.Index(
                fields=["central", "silent_since", "id"],
                condition=Q(status__in=["sent", "acknowledged", "in_execution"]),
                name="lifecycle_out_silent",
            ),
            models.Index(fields=["central", "pressing", "id"], condition=BOUND, name="lifecycle_out_bound"),
        ]

    def __str__(self) -> str:
        return self.reference or str(_("letter without a reference yet"))

    @property
    def is_lodged(self) -> bool:
        """Tell whether the letter is lodged and not yet under review: in the machine still a draft, to people lodged."""
        return self.status == S.DRAFTING and self.lodged_at is not None

    def lock_first(self) -> list[CaseRow]:
        # Whether an approval stands depends on the letter's current version.
        return [self.letter]

    def _central(self, actor: Actor, act_name: str) -> bool:
        return holds(actor, f"outgoing.{act_name}") and actor.authority_id == self.central_id == self.authority_id

    def _originator(self, actor: Actor, act_name: str) -> bool:
        return holds(actor, f"outgoing.{act_name}") and actor.authority_id == self.originating_id

    # --- along the chain ---

    def may_lodge(self, actor: Actor) -> bool:
        return self._originator(actor, "lodge") and self.authority_id == self.originating_id

    @act(
        label=_("Lodge with the central authority"),
        source=[S.DRAFTING],
        target=None,
        permission=may_lodge,
        conditions=[guards.has_central_authority, guards.not_lodged, guards.version_is_frozen, guards.no_hard_gap],
    )
    def lodge(self, doing: Doing) -> Effects:
        version = guards.current_version(self)
        self.authority_id = self.central_id
        self.lodged_at, self.lodged_number = doing.at, version.number
        self.press(guards.urgency_of(version), guards.needed_by_of(version))
        share = LetterShare(
            letter=self.letter,
            authority_id=self.central_id,
            kind=LetterShare.Kind.LODGED,
            version_number=version.number,
            at=doing.at,
        )
        return Effects(rows=[share], detail=_hash_of(version), events=[("outgoing.lodged", {})])

    def may_take_in(self, actor: Actor) -> bool:
        return self._central(actor, "take_in")

    @act(
        label=_("Take in"),
        source=[S.DRAFTING],
        target=None,
        permission=may_take_in,
        conditions=[guards.lodged, guards.not_taken_in],
    )
    def take_in(self, doing: Doing, *, reference: str) -> Effects:
        self.taken_in_at = doing.at
        self.reference = self.reference or reference
        return Effects(detail={"reference": self.reference}, events=[("outgoing.taken_in", {})])

    def may_query_originator(self, actor: Actor) -> bool:
        return self._central(actor, "query_originator")

    @act(
        label=_("Ask the originating authority"),
        source=[S.DRAFTING],
        target=None,
        permission=may_query_originator,
        conditions=[guards.lodged, guards.needs("question")],
    )
    def query_originator(self, doing: Doing, *, question: str, due: Any = None) -> Effects:
        return Effects(rows=[self._point(doing, OpenPoint.Kind.ORIGINATOR_QUERY, question, due)])

    def may_answer_query(self, actor: Actor) -> bool:
        return self._originator(actor, "answer_query")

    @act(
        label=_("Answer the central authority"),
        source=[S.DRAFTING],
        target=None,
        permission=may_answer_query,
        conditions=[guards.query_is_open, guards.needs("answer")],
    )
    def answer_query(self, doing: Doing, *, answer: str, point: OpenPoint) -> Effects:
        return Effects(changed=[answered(point, doing, answer)])

    def may_return_to_originator(self, actor: Actor) -> bool:
        return self._central(actor, "return_to_originator")

    @act(
        label=_("Return to the originating authority"),
        source=[S.DRAFTING],
        target=None,
        permission=may_return_to_originator,
        conditions=[guards.lodged, guards.needs("reason")],
    )
    def return_to_originator(self, doing: Doing, *, reason: str) -> Effects:
        self.authority_id = self.originating_id
        self.lodged_at = self.lodged_number = self.taken_in_at = None
        return Effects(reason=reason, events=[("outgoing.returned_to_originator", {})])

    # --- review ---

    def may_submit(self, actor: Actor) -> bool:
        return self._central(actor, "submit")

    @act(
        label=_("Submit for approval"),
        source=[S.DRAFTING],
        target=S.IN_REVIEW,
        permission=may_submit,
        conditions=[
            guards.in_the_hands_of_the_central_authority,
            guards.version_is_frozen,
            guards.no_hard_gap,
        ],
    )
    def submit(self, doing: Doing, *, reference: str = "") -> Effects:
        version = guards.current_version(self)
        self.submitted_at, self.submitted_by_id = doing.at, doing.by.user_id
        self.press(guards.urgency_of(version), guards.needed_by_of(version))
        self.reference = self.reference or reference
        detail = _hash_of(version) | {"reference": self.reference}
        rows = keys_of_version(self, version, doing.at)
        return Effects(rows=rows, detail=detail, events=[("outgoing.submitted", {})])

    def may_return_for_changes(self, actor: Actor) -> bool:
        return self._central(actor, "return_for_changes")

    @act(
        label=_("Return for changes"),
        source=[S.IN_REVIEW],
        target=S.DRAFTING,
        permission=may_return_for_changes,
        conditions=[guards.something_to_change],
    )
    def return_for_changes(self, doing: Doing, *, comments: list[tuple[str, str]] | None = None) -> Effects:
        version = guards.current_version(self)
        self.submitted_at = self.submitted_by_id = None
        rows: list[models.Model] = [
            Comment(version=version, question=question, text=text, author_id=doing.by.user_id or 0, at=doing.at)
            for question, text in comments or []
        ]
        return Effects(rows=rows, detail=_hash_of(version), events=[("outgoing.returned_for_changes", {})])

    def may_approve(self, actor: Actor) -> bool:
        return self._central(actor, "approve")

    @act(
        label=_("Approve this version"),
        source=[S.IN_REVIEW],
        target=S.APPROVED,
        permission=may_approve,
        conditions=[
            guards.duty_officer_only_in_an_emergency,
            guards.approver_is_no_author,
            guards.approves_what_was_read,
            guards.translation_stands_beside,
            guards.no_hard_gap,
            guards.rights_are_screened,
            guards.needs("addressee"),
        ],
    )
    def approve(self, doing: Doing, *, content_hash: str, rights_screened: bool, addressee: Any) -> Effects:
        # An approval by another person takes the place of a provisional one that was never sent.
        detail = self._end_provisional() | self._approved(doing, addressee)
        detail |= guards.screen_confirmed(self, rights_screened)
        return Effects(detail=detail, events=[("outgoing.approved", {"version": self.approved_version_id})])

    def may_reject(self, actor: Actor) -> bool:
        return self._central(actor, "reject")

    @act(
        label=_("Reject: do not pursue"),
        source=[S.IN_REVIEW],
        target=S.CLOSED,
        permission=may_reject,
        conditions=[guards.needs("reason")],
    )
    def reject(self, doing: Doing, *, reason: str) -> Effects:
        return self._not_pursued(doing, reason)

    def may_give_up(self, actor: Actor) -> bool:
        return self._central(actor, "give_up") or (
            self._originator(actor, "give_up") and self.authority_id == self.originating_id
        )

    @act(
        label=_("Give up before sending"),
        source=[S.DRAFTING, S.APPROVED],
        target=S.CLOSED,
        permission=may_give_up,
        conditions=[guards.needs("reason")],
    )
    def give_up(self, doing: Doing, *, reason: str) -> Effects:
        effects = self._not_pursued(doing, reason)
        return replace(effects, detail=dict(effects.detail) | self._end_provisional())

    def may_revise(self, actor: Actor) -> bool:
        return self._central(actor, "revise")

    @act(
        label=_("Change it again: the approval lapses"),
        source=[S.APPROVED],
        target=S.DRAFTING,
        permission=may_revise,
        conditions=[guards.needs("reason")],
    )
    def revise(self, doing: Doing, *, reason: str) -> Effects:
        self.submitted_at = self.submitted_by_id = None
        return Effects(reason=reason, detail=self._end_provisional(), events=[("outgoing.revised", {})])

    # --- the document and sending ---

    def may_attach_document(self, actor: Actor) -> bool:
        return self._central(actor, "attach_document")

    @act(
        label=_("Put the PDF into the file"),
        source=[S.APPROVED],
        target=None,
        permission=may_attach_document,
        conditions=[guards.approval_stands, guards.rendered_from_the_approved, guards.needs("sha256")],
    )
    def attach_document(self, doing: Doing, *, sha256: str, content_hash: str, sealed_sha256: str = "") -> Effects:
        self.document_sha256, self.document_content_hash = sha256, content_hash
        self.sealed_sha256, self.awaits_signature = sealed_sha256, ""
        return Effects(
            detail={"sha256": sha256, "content_hash": content_hash}, events=[("outgoing.document_ready", {})]
        )

    def may_await_signature(self, actor: Actor) -> bool:
        return self._central(actor, "await_signature")

    @act(
        label=_("The PDF waits for its signature"),
        source=[S.APPROVED, S.SENT, S.ACKNOWLEDGED, S.IN_EXECUTION, S.CONCLUDED],
        target=None,
        permission=may_await_signature,
        conditions=[guards.signs_what_was_approved, guards.rendered_from_the_approved],
    )
    def await_signature(self, doing: Doing, *, content_hash: str, lacks: str, sealed_sha256: str = "") -> Effects:
        self.awaits_signature = AwaitsSignature(lacks)
        if self.status == S.APPROVED:
            self.sealed_sha256 = sealed_sha256
        return Effects(detail={"content_hash": content_hash, "lacks": lacks})

    def may_attach_scan(self, actor: Actor) -> bool:
        # Offered to nobody where no print is out to be signed: most authorities sign by certificate.
        may = self._central(actor, "attach_scan") or self._originator(actor, "attach_scan")
        return may and self.awaits_signature == AwaitsSignature.SCAN

    @act(
        label=_("Put the scan of the signed letter into the file"),
        source=[S.APPROVED, S.SENT, S.ACKNOWLEDGED, S.IN_EXECUTION, S.CONCLUDED],
        target=None,
        permission=may_attach_scan,
        conditions=[guards.signs_what_was_approved, guards.rendered_from_the_approved, guards.needs("sha256")],
    )
    def attach_scan(self, doing: Doing, *, sha256: str, content_hash: str, printed_sha256: str) -> Effects:
        """Before sending the scan is the letter; afterwards it is the confirmation in writing of what went out."""
        self.awaits_signature = ""
        if self.status == S.APPROVED:
            self.document_sha256, self.document_content_hash = sha256, content_hash
            event = "outgoing.document_ready"
        else:
            self.confirmation_sha256, event = sha256, "outgoing.confirmation_ready"
        detail = {"sha256": sha256, "content_hash": content_hash, "printed_sha256": printed_sha256}
        return Effects(detail=detail, events=[(event, {})])

    def may_send(self, actor: Actor) -> bool:
        return self._central(actor, "send")

    @act(
        label=_("Send to the requested State"),
        source=[S.APPROVED],
        target=S.SENT,
        permission=may_send,
        conditions=[
            guards.duty_officer_only_in_an_emergency,
            guards.document_is_that_of_the_approval,
            guards.approval_stands,
            guards.channel_is_known,
            guards.needs("channel"),
        ],
    )
    def send(self, doing: Doing, *, channel: str, proof: dict[str, Any] | None = None) -> Effects:
        self.channel, self.sent_at = channel, doing.at
        detail = {"channel": channel, "sha256": self.document_sha256, "content_hash": self.approved_hash}
        rows = [*self._proof(doing, proof), *self.assured(doing)]
        return Effects(rows=rows, detail=detail, events=[("outgoing.sent", {"channel": channel})])

    # --- while it is with the other State: what we answer, and the end ---

    def may_give_information(self, actor: Actor) -> bool:
        return self._central(actor, "give_information")

    @act(
        label=_("Give the information asked"),
        source=WITH_THE_OTHER_STATE,
        target=None,
        permission=may_give_information,
        conditions=[guards.question_is_open, guards.needs("answer")],
    )
    def give_information(self, doing: Doing, *, answer: str, point: OpenPoint) -> Effects:
        events = [("outgoing.information_given", {"point": str(point.point_id)})]
        return Effects(changed=[answered(point, doing, answer)], events=events)

    def may_confirm_evidence(self, actor: Actor) -> bool:
        return self._central(actor, "confirm_evidence")

    @act(
        label=_("Confirm the evidence: hashes checked"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_confirm_evidence,
        conditions=[guards.needs("checked")],
    )
    def confirm_evidence(self, doing: Doing, *, checked: list[tuple[Evidence, str]]) -> Effects:
        """`checked`: each file with the hash that was computed from what arrived."""
        rows: list[models.Model] = []
        for file, computed in checked:
            step = CustodyEntry.Step.VERIFIED if computed == file.sha256 else CustodyEntry.Step.DISCREPANT
            rows.append(custody_entry(file, step, doing, computed))
        self.evidence_confirmed_at = doing.at
        whole = all(computed == file.sha256 for file, computed in checked)
        detail = {"files": len(checked), "all_match": whole}
        return Effects(
            rows=rows,
            changed=confirmed_with_the_whole(self, doing, all_match=whole),
            detail=detail,
            events=[("outgoing.evidence_confirmed", {"all_match": whole})],
        )

    def may_hand_over_result(self, actor: Actor) -> bool:
        return self._central(actor, "hand_over_result")

    @act(
        label=_("Hand the result to the originating authority"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_hand_over_result,
    )
    def hand_over_result(self, doing: Doing) -> Effects:
        self.handed_over_at = doing.at
        rows: list[models.Model] = [
            custody_entry(file, CustodyEntry.Step.HANDED_OVER, doing)
            # What a complement brought is handed over alone: the rest has been.
            for file in self.evidence_set.filter(given=None).exclude(custody__step="handed_over").order_by("id")
        ]
        return Effects(rows=rows, events=[("outgoing.result_handed_over", {})])

    def may_originator_confirms(self, actor: Actor) -> bool:
        return self._originator(actor, "originator_confirms")

    @act(
        label=_("Confirm that the result was received"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_originator_confirms,
        conditions=[guards.handed_over],
    )
    def originator_confirms(self, doing: Doing) -> Effects:
        self.originator_confirmed_at = doing.at
        return Effects()

    def may_lapse(self, actor: Actor) -> bool:
        return self._central(actor, "lapse")

    @act(
        label=_("Close it: never answered"),
        source=[S.SENT, S.ACKNOWLEDGED],
        target=S.CLOSED,
        permission=may_lapse,
        conditions=[
            guards.needs("reason"),
            guards.originator_agrees,
            guards.outcome_among(Outcome.UNANSWERED, Outcome.OBTAINED_OTHERWISE, Outcome.SUPERSEDED),
            guards_custody.nobody_is_over,
        ],
    )
    def lapse(
        self, doing: Doing, *, reason: str, originator_confirmed: bool, outcome: str = Outcome.UNANSWERED
    ) -> Effects:
        self._conclude(doing, outcome, reason)
        self.closed_at = doing.at
        return Effects(reason=reason, reason_code=outcome, events=[("outgoing.closed", {})])

    def may_close(self, actor: Actor) -> bool:
        return self._central(actor, "close")

    @act(
        label=_("Close the case"),
        source=[S.CONCLUDED],
        target=S.CLOSED,
        permission=may_close,
        conditions=[
            guards.receipt_is_confirmed_or_waived,
            guards.originator_confirmed_or_waived,
            guards.no_complement_open_or_waived,
            execution.originals_are_back_or_waived,
            *guards_custody.CLOSING,
        ],
    )
    def close(self, doing: Doing, *, reason: str = "") -> Effects:
        self.closed_at = doing.at
        return Effects(reason=reason, events=[("outgoing.closed", {})])

    # --- shared by the bodies; each sets fields of this row or makes rows ---

    def _approved(self, doing: Doing, addressee: Any) -> dict[str, Any]:
        version = guards.current_version(self)
        self.addressee = addressee
        self.approved_version, self.approved_hash = version, version.content_hash
        self.approved_by_id, self.approved_at = doing.by.user_id, doing.at
        self.document_sha256 = self.document_content_hash = self.awaits_signature = ""
        return _hash_of(version)

    def _not_pursued(self, doing: Doing, reason: str) -> Effects:
        self._conclude(doing, Outcome.NOT_PURSUED, reason)
        self.closed_at = doing.at
        return Effects(reason=reason, events=[("outgoing.closed", {})])


def _hash_of(version: Any) -> dict[str, Any]:
    return {"version": version.number, "content_hash": version.content_hash}
