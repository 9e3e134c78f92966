"""The requested side's case file and its machine. Only this side sets its status; the sender sees messages.

Table: docs/adr/0002-state-machines.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.drafting.models import Confidentiality
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards
from workflows.lifecycle import guards_consulting as consulting
from workflows.lifecycle import guards_courts as courts
from workflows.lifecycle import guards_custody as custody
from workflows.lifecycle import guards_execution as execution
from workflows.lifecycle import guards_wishes as wishing
from workflows.lifecycle.models.execution import Assignment
from workflows.lifecycle.models.imported import TakenOver
from workflows.lifecycle.models.incoming_consulting import IncomingConsulting
from workflows.lifecycle.models.incoming_courts import IncomingCourts
from workflows.lifecycle.models.incoming_execution import IncomingExecution
from workflows.lifecycle.models.incoming_ledger import LedgerIn
from workflows.lifecycle.models.incoming_parts import IncomingPartActs
from workflows.lifecycle.models.incoming_wishes import WishesIn
from workflows.lifecycle.models.mails import MailsIn
from workflows.lifecycle.models.outgoing_receiver import answered, custody_entry
from workflows.lifecycle.models.parts import confirmed_with_the_whole, unsent
from workflows.lifecycle.models.pressing import PressingCase
from workflows.lifecycle.models.returned import ReturnedCase, ToldDefect, defect_rows
from workflows.lifecycle.models.rows import CustodyEntry, Evidence, OpenPoint
from workflows.lifecycle.models.together import TogetherIn
from workflows.lifecycle.models.undertakings import BOUND
from workflows.lifecycle.outcomes import IncomingStatus as S
from workflows.lifecycle.outcomes import Outcome, ReturnCode, outcome_of_items

OPEN = [S.RECEIVED, S.ACKNOWLEDGED, S.UNDER_REVIEW, S.IN_EXECUTION]


class IncomingRequest(
    IncomingExecution,
    IncomingConsulting,
    IncomingPartActs,
    IncomingCourts,
    LedgerIn,
    WishesIn,
    MailsIn,
    TogetherIn,
    PressingCase,
    ReturnedCase,
    TakenOver,
    CaseRow,
):
    """A request that came in. It holds what was sent, never anything of the sender's draft."""

    KIND = "incoming"

    status = FSMField(choices=S, default=S.RECEIVED, protected=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    sender = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    requesting = models.ForeignKey("reference.Jurisdiction", on_delete=models.PROTECT, related_name="+")
    conversation_id = models.UUIDField()
    reference = models.CharField(max_length=60, help_text="ours; every request is registered, even one sent back")
    peer_reference = models.CharField(max_length=120, blank=True, help_text="theirs")
    title = models.CharField(max_length=300)
    content = models.JSONField(help_text="the letter as received")
    content_hash = models.CharField(max_length=64)
    letter_sha256 = models.CharField(max_length=64, blank=True, help_text="of the PDF as received")
    received_at = models.DateTimeField()
    channel = models.CharField(max_length=20)
    confidentiality = models.CharField(max_length=20, choices=Confidentiality, default=Confidentiality.NORMAL)
    confirmation_due_at = models.DateTimeField(
        null=True, blank=True, help_text="received provisionally; the sender confirms it in writing until then"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="when the confirmation in writing arrived")
    confirmation_sha256 = models.CharField(max_length=64, blank=True, help_text="of the PDF that confirms")
    contact = models.TextField(max_length=1000, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    executing = models.ForeignKey(
        "reference.Authority", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    expected_by = models.DateField(null=True, blank=True, help_text="our own estimate")
    decided_by = models.CharField(max_length=200, blank=True)
    desired = models.CharField(max_length=20, blank=True, help_text="what the sender wishes")
    desired_at = models.DateTimeField(null=True, blank=True)
    refusal_ground = models.CharField(max_length=60, blank=True)
    refusal_article = models.CharField(max_length=120, blank=True)
    consulted = models.BooleanField(null=True, blank=True, help_text="before refusing: UNTOC 18(26), Budapest 27(6)")
    outcome_reason = models.TextField(max_length=20_000, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    evidence_confirmed_at = models.DateTimeField(null=True, blank=True)
    evidence_matched = models.BooleanField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=S.values), name="lifecycle_incoming_status"),
            models.UniqueConstraint(fields=["authority", "reference"], name="lifecycle_incoming_reference"),
            models.UniqueConstraint(fields=["authority", "conversation_id"], name="lifecycle_incoming_conversation"),
            models.CheckConstraint(
                condition=Q(status__in=[S.CONCLUDED, S.CLOSED]) & ~Q(outcome="")
                | ~Q(status__in=[S.CONCLUDED, S.CLOSED]) & Q(outcome=""),
                name="lifecycle_incoming_outcome_at_the_end",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.REFUSED, refusal_ground=""), name="lifecycle_incoming_refusal_has_ground"
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "status", "pressing", "id"], name="lifecycle_incoming_queue"),
            models.Index(fields=["changed_at", "id"], name="lifecycle_incoming_changed"),
            models.Index(fields=["pressing", "id"], name="lifecycle_incoming_pressing"),
            models.Index(fields=["status", "changed_at", "id"], name="lifecycle_in_status"),
            models.Index(fields=["executing", "status", "pressing", "id"], name="lifecycle_in_executing"),
            models.Index(
                fields=["authority", "pressing", "id"], condition=Q(desired="withdraw"), name="lifecycle_in_withdrawal"
            ),
            models.Index(fields=["conversation_id"], name="lifecycle_in_conversation"),
            models.Index(
                fields=["authority", "pressing", "id"],
                condition=Q(wished_at__isnull=False) & ~Q(status="closed"),
                name="lifecycle_in_wished",
            ),
            models.Index(fields=["authority", "pressing", "id"], condition=BOUND, name="lifecycle_in_bound"),
            # Few requests are given out in parts: who carries one out is found without asking the others.
            models.Index(fields=["id"], condition=Q(divided=True), name="lifecycle_in_divided"),
            # Which requests follow a preservation, without reading every letter (workflows.tracking.due).
            models.Index(
                fields=["requesting"],
                condition=Q(content__related__contains=[{"kind": "preservation"}]),
                name="lifecycle_in_preserves",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def may_acknowledge(self, actor: Actor) -> bool:
        return permitted(self, actor, "acknowledge")

    @act(
        label=_("Acknowledge receipt"),
        source=[S.RECEIVED],
        target=S.ACKNOWLEDGED,
        permission=may_acknowledge,
        conditions=[guards.needs("contact")],
    )
    def acknowledge(self, doing: Doing, *, contact: str) -> Effects:
        self.contact, self.acknowledged_at = contact, doing.at
        return Effects(events=[("incoming.acknowledged", {})])

    def may_start_review(self, actor: Actor) -> bool:
        return permitted(self, actor, "start_review")

    @act(
        label=_("Start the examination"),
        source=[S.ACKNOWLEDGED],
        target=S.UNDER_REVIEW,
        permission=may_start_review,
    )
    def start_review(self, doing: Doing) -> Effects:
        return Effects(events=[("incoming.progress", {"status": S.UNDER_REVIEW})])

    def may_ask_information(self, actor: Actor) -> bool:
        return permitted(self, actor, "ask_information")

    @act(
        label=_("Ask for information"),
        source=[S.UNDER_REVIEW, S.IN_EXECUTION],
        target=None,
        permission=may_ask_information,
        conditions=[guards.needs("question")],
    )
    def ask_information(self, doing: Doing, *, question: str, due: Any = None, point_id: Any) -> Effects:
        point = OpenPoint(
            authority_id=self.authority_id,
            incoming=self,
            point_id=point_id,
            kind=OpenPoint.Kind.INFORMATION,
            question=question,
            asked_by=doing.by.label,
            asked_at=doing.at,
            due=due,
        )
        return Effects(rows=[point], events=[("incoming.information_asked", {"point": str(point_id)})])

    def may_receive_information(self, actor: Actor) -> bool:
        return self._sender(actor, "receive_information")

    @act(
        label=_("Take the answer into the file"),
        source=[S.UNDER_REVIEW, S.IN_EXECUTION],
        target=None,
        permission=may_receive_information,
        conditions=[guards.question_is_open, guards.needs("answer")],
    )
    def receive_information(self, doing: Doing, *, answer: str, point: OpenPoint) -> Effects:
        return Effects(changed=[answered(point, doing, answer)], events=[("incoming.information_received", {})])

    def may_accept(self, actor: Actor) -> bool:
        return permitted(self, actor, "accept")

    @act(
        label=_("Accept and assign"),
        source=[S.UNDER_REVIEW],
        target=S.IN_EXECUTION,
        permission=may_accept,
        conditions=[
            guards.needs("executing", "decided_by"),
            guards.some_item_accepted,
            guards.no_conditions_pending,
            consulting.not_postponed,
            consulting.confidentiality_is_settled,
        ],
    )
    def accept(
        self,
        doing: Doing,
        *,
        executing: Any,
        decided_by: str,
        items: list[Any] | None = None,
        expected_by: Any = None,
    ) -> Effects:
        """`items`: those accepted now. `executing`: the domestic authority that carries out."""
        self.executing, self.decided_by, self.expected_by = executing, decided_by, expected_by
        given = Assignment(incoming=self, executing=executing, expected_by=expected_by, by=doing.by.label, at=doing.at)
        return Effects(
            rows=[given],
            then=[(item, "accept", {}) for item in items or []],
            detail={"executing": executing.pk},
            events=[("incoming.accepted", {})],
        )

    def may_add_evidence(self, actor: Actor) -> bool:
        return holds(actor, "incoming.add_evidence") and self.at_work(actor)

    @act(
        label=_("Add evidence"),
        source=[S.IN_EXECUTION],
        target=None,
        permission=may_add_evidence,
        conditions=[guards.needs("evidence"), execution.evidence_is_of_their_items],
    )
    def add_evidence(self, doing: Doing, *, evidence: list[Evidence]) -> Effects:
        rows: list[models.Model] = []
        for file in evidence:
            rows += [file, custody_entry(file, CustodyEntry.Step.ADDED, doing)]
        return Effects(rows=rows, detail={"sha256": [file.sha256 for file in evidence]})

    def may_report_items(self, actor: Actor) -> bool:
        return permitted(self, actor, "report_items")

    @act(
        label=_("Tell the requesting State how its items stand"),
        source=[S.UNDER_REVIEW, S.IN_EXECUTION],
        target=None,
        permission=may_report_items,
    )
    def report_items(self, doing: Doing) -> Effects:
        return Effects(events=[("incoming.progress", {"status": self.status})])

    def may_transmit_result(self, actor: Actor) -> bool:
        return permitted(self, actor, "transmit_result")

    @act(
        label=_("Transmit the result"),
        source=[S.IN_EXECUTION],
        target=S.CONCLUDED,
        permission=may_transmit_result,
        conditions=[
            guards.every_item_final,
            guards.executed_items_have_evidence_or_a_note,
            guards.no_conditions_pending,
            courts.no_remedy_pending,
            courts.no_filter_is_open,
            courts.executed_under_orders_that_stand,
        ],
    )
    def transmit_result(self, doing: Doing, *, note: str = "") -> Effects:
        outcome = outcome_of_items(list(self.items.values_list("status", flat=True)))
        refused = self.items.filter(status="refused").order_by("id").first()
        if outcome == Outcome.REFUSED and refused is not None:
            self.refusal_ground, self.refusal_article = refused.ground, refused.article
        self._conclude(doing, outcome, note)
        files = list(unsent(self))
        rows: list[models.Model] = [custody_entry(file, CustodyEntry.Step.SENT, doing) for file in files]
        detail = {"outcome": outcome, "sha256": [file.sha256 for file in files]}
        return Effects(rows=rows, detail=detail, events=[("incoming.result", {})])

    def may_refuse(self, actor: Actor) -> bool:
        return permitted(self, actor, "refuse")

    @act(
        label=_("Refuse the request"),
        source=[S.UNDER_REVIEW, S.IN_EXECUTION],
        target=S.CONCLUDED,
        permission=may_refuse,
        conditions=[
            guards.needs("ground", "article", "reason", "consulted", "decided_by"),
            consulting.consulted_as_said,
            consulting.no_consultation_waits("refusal"),
        ],
    )
    def refuse(
        self, doing: Doing, *, ground: str, article: str, reason: str, consulted: bool, decided_by: str
    ) -> Effects:
        self.refusal_ground, self.refusal_article = ground, article
        self.consulted, self.decided_by = consulted, decided_by
        then = [
            (item, "refuse", {"ground": ground, "article": article, "reason": reason})
            for item in self.items.filter(status__in=["requested", "accepted", "postponed"]).order_by("id")
        ]
        self._conclude(doing, Outcome.REFUSED, reason)
        detail = {"consulted": consulted}
        return Effects(
            then_before=then,
            reason_code=ground,
            article=article,
            reason=reason,
            detail=detail,
            events=[("incoming.refused", {})],
        )

    def may_return_defective(self, actor: Actor) -> bool:
        return permitted(self, actor, "return_defective")

    @act(
        label=_("Return as defective"),
        source=[S.RECEIVED, S.ACKNOWLEDGED, S.UNDER_REVIEW],
        target=S.CONCLUDED,
        permission=may_return_defective,
        conditions=[guards.needs("reason"), guards.taken_up_is_not_unregistered],
    )
    def return_defective(
        self,
        doing: Doing,
        *,
        reason: str,
        article: str = "",
        code: str = ReturnCode.DEFECTIVE,
        defects: Sequence[ToldDefect] = (),
    ) -> Effects:
        self._conclude(doing, Outcome.RETURNED, reason)
        self.return_code = code
        return Effects(
            rows=defect_rows(defects, authority_id=self.authority_id, incoming=self),
            reason=reason,
            reason_code=code,
            article=article,
            events=[("incoming.returned", {"outcome": Outcome.RETURNED})],
        )

    def may_redirect(self, actor: Actor) -> bool:
        return permitted(self, actor, "redirect")

    @act(
        label=_("Forward to the competent authority"),
        source=[S.RECEIVED, S.ACKNOWLEDGED],
        target=S.CONCLUDED,
        permission=may_redirect,
        conditions=[guards.needs("competent"), guards.competent_office_is_of_this_state],
    )
    def redirect(self, doing: Doing, *, competent: str, office: Any = None) -> Effects:
        """`competent`: in words, as the sender reads it; `office`: the same in the directory, where it stands there."""
        self._conclude(doing, Outcome.REDIRECTED, competent)
        self.redirected_to = office
        return Effects(reason=competent, events=[("incoming.returned", {"outcome": Outcome.REDIRECTED})])

    def may_note_withdrawal(self, actor: Actor) -> bool:
        return self._sender(actor, "note_withdrawal")

    @act(
        label=_("Note that the requesting State withdraws"),
        source=OPEN,
        target=None,
        permission=may_note_withdrawal,
    )
    def note_withdrawal(self, doing: Doing, *, reason: str = "") -> Effects:
        self.desired, self.desired_at, self.outcome_reason = "withdraw", doing.at, reason
        return Effects(reason=reason)

    def may_confirm_withdrawal(self, actor: Actor) -> bool:
        return permitted(self, actor, "confirm_withdrawal")

    @act(
        label=_("Confirm the withdrawal"),
        source=OPEN,
        target=S.CONCLUDED,
        permission=may_confirm_withdrawal,
        conditions=[wishing.whole_is_wished_away, guards.work_done_is_told],
    )
    def confirm_withdrawal(self, doing: Doing, *, done: str = "") -> Effects:
        """`done`: what was carried out until now; the sender reads it."""
        self.work_done = done
        then: list[tuple[CaseRow, str, dict[str, Any]]] = [
            (item, "withdraw", {})
            for item in self.items.filter(status__in=["requested", "accepted", "postponed"]).order_by("id")
        ]
        self._conclude(doing, Outcome.WITHDRAWN, self.outcome_reason)
        return Effects(then_before=then, events=[("incoming.withdrawal_confirmed", {})])

    @property
    def is_provisional(self) -> bool:
        """Tell whether it came provisionally and has not been confirmed in writing."""
        return self.confirmation_due_at is not None and self.confirmed_at is None

    def may_note_confirmation(self, actor: Actor) -> bool:
        return self._sender(actor, "note_confirmation")

    @act(
        label=_("Note that the request is confirmed in writing"),
        source=[*OPEN, S.CONCLUDED],
        target=None,
        permission=may_note_confirmation,
        conditions=[guards.came_provisionally, guards.confirms_the_same_content, guards.needs("sha256")],
    )
    def note_confirmation(self, doing: Doing, *, content_hash: str, sha256: str) -> Effects:
        self.confirmed_at, self.confirmation_sha256 = doing.at, sha256
        return Effects(detail={"content_hash": content_hash, "sha256": sha256})

    def may_note_receipt(self, actor: Actor) -> bool:
        return self._sender(actor, "note_receipt")

    @act(
        label=_("Note that the requesting State has the evidence"),
        source=[S.CONCLUDED],
        target=None,
        permission=may_note_receipt,
    )
    def note_receipt(self, doing: Doing, *, all_match: bool) -> Effects:
        self.evidence_confirmed_at, self.evidence_matched = doing.at, all_match
        parts = confirmed_with_the_whole(self, doing, all_match=all_match)
        return Effects(changed=parts, detail={"all_match": all_match})

    def may_close(self, actor: Actor) -> bool:
        return permitted(self, actor, "close")

    @act(
        label=_("Close the case"),
        source=[S.CONCLUDED],
        target=S.CLOSED,
        permission=may_close,
        conditions=[
            guards.receipt_is_confirmed_or_waived,
            guards.no_complement_open_or_waived,
            courts.no_deferral_open_or_waived,
            execution.originals_are_back_or_waived,
            *custody.CLOSING,
        ],
    )
    def close(self, doing: Doing, *, reason: str = "") -> Effects:
        self.closed_at = doing.at
        return Effects(reason=reason)

    def may_name_officer(self, actor: Actor) -> bool:
        return permitted(self, actor, "name_officer")

    @act(
        label=_("Name an officer"),
        source=[*OPEN, S.CONCLUDED],
        target=None,
        permission=may_name_officer,
        conditions=[guards.needs("user")],
    )
    def name_officer(self, doing: Doing, *, user: Any) -> Effects:
        rows: list[models.Model] = []
        if not self.named_officers.filter(user=user).exists():
            rows.append(IncomingNamedOfficer(incoming=self, user=user, at=doing.at))
        return Effects(rows=rows, detail={"officer": str(user.public_id)})

    def _sender(self, actor: Actor, act_name: str) -> bool:
        """The requesting State by message, or our registry that takes in its paper."""
        if not holds(actor, f"incoming.{act_name}"):
            return False
        if actor.kind == "peer":
            return actor.authority_id == self.sender_id
        return actor.kind == "user" and actor.authority_id == self.authority_id

    def _conclude(self, doing: Doing, outcome: str, reason: str) -> None:
        self.outcome, self.outcome_reason, self.concluded_at = outcome, reason, doing.at


class IncomingNamedOfficer(models.Model):
    """A person who may see a restricted request."""

    incoming = models.ForeignKey(IncomingRequest, on_delete=models.PROTECT, related_name="named_officers")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incoming", "user"], name="lifecycle_named_once")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.incoming_id}"
