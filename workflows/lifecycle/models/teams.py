"""Joint investigation teams: proposed by a letter, negotiated, signed by both States, extended, ended.

UNTOC 19, UNCAC 49, CETS 182 article 20, EU framework decision 2002/465. A team is set up for a limited time by an
agreement; what it may use its evidence for stands in the agreement, and is kept after the team has ended. Both States'
files have the same course: what one does, the other notes.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.core.languages import house_words
from mla.reference.offering import team_ends
from workflows.engine.machine import Doing, Effects, act
from workflows.lifecycle import guards
from workflows.lifecycle import guards_teams as teams
from workflows.lifecycle.models.items import Stored
from workflows.lifecycle.models.short import ShortMachine
from workflows.lifecycle.models.team_rows import Kept, TeamExtension, TeamMember, TeamProposal, Terms

if TYPE_CHECKING:
    from django.db.models import QuerySet


class TeamStatus(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    NEGOTIATING = "negotiating", _("negotiating")
    SIGNING = "signing", _("signed by one State")
    AGREEMENT_SIGNED = "agreement_signed", _("agreement signed")
    ACTIVE = "active", _("active")
    EXTENDED = "extended", _("extended")
    ENDED = "ended", _("ended")
    DECLINED = "declined", _("declined")


S = TeamStatus
#: From when on a team has an agreement, until it has ended.
STANDING = (S.AGREEMENT_SIGNED, S.ACTIVE, S.EXTENDED)
BEFORE = (S.PROPOSED, S.NEGOTIATING, S.SIGNING)


class Team(ShortMachine):
    """The course of a team in one side's file; what this side does is told to the other, which notes it."""

    MEASURE = "joint-investigation"

    status = FSMField(choices=S, default=S.PROPOSED, protected=True)
    agreement_name = models.CharField(max_length=255, blank=True)
    agreement_type = models.CharField(max_length=100, blank=True)
    agreement_sha256 = models.CharField(max_length=64, blank=True)
    begins = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True, help_text="the last day, as it was extended last")
    first_until = models.DateField(null=True, blank=True, help_text="the last day, as it was signed")
    purposes = models.TextField(max_length=20_000, blank=True)
    evidence_rules = models.TextField(max_length=20_000, blank=True, help_text="kept after the team has ended")
    signed_here_on = models.DateField(null=True, blank=True)
    signed_here_by = models.CharField(max_length=300, blank=True, help_text="the office that signed")
    signed_there_on = models.DateField(null=True, blank=True)
    signed_there_by = models.CharField(max_length=300, blank=True)
    started_on = models.DateField(null=True, blank=True)
    declined_here = models.BooleanField(null=True, blank=True)
    declined_why = models.TextField(max_length=20_000, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_how = models.CharField(max_length=40, blank=True, help_text="coded: mla/reference/data/teams.toml")
    ended_here = models.BooleanField(null=True, blank=True, help_text="who told the end")
    ended_why = models.TextField(max_length=20_000, blank=True)

    class Meta:
        abstract = True

    # --- for the page ---

    def proposals(self) -> QuerySet[TeamProposal]:
        return TeamProposal.objects.filter(item=self.item_id)

    def members(self) -> QuerySet[TeamMember]:
        return TeamMember.objects.filter(item=self.item_id)

    def extensions(self) -> QuerySet[TeamExtension]:
        return TeamExtension.objects.filter(item=self.item_id)

    @property
    def ended_words(self) -> str:
        known = team_ends().get(self.ended_how)
        return house_words(known.name) if known else self.ended_how

    @property
    def standing(self) -> bool:
        return self.status in STANDING

    # --- what is written ---

    def _row(self, doing: Doing) -> dict[str, Any]:
        return {"authority_id": self.authority_id, "item": self.item, "by": doing.by.label, "at": doing.at}

    def _event(self, name: str, **payload: Any) -> list[tuple[str, dict[str, Any]]]:
        return [(f"{self.KIND}.{name}", payload)]

    def _proposal(
        self, doing: Doing, *, ours: bool, words: str, file: Kept | None, proposal_id: UUID | None
    ) -> TeamProposal:
        same = {"proposal_id": proposal_id} if proposal_id else {}
        number = self.proposals().count() + 1
        kept: dict[str, Any] = dict(file or {})
        return TeamProposal(**self._row(doing), ours=ours, number=number, words=words, **kept, **same)

    def _signed(self, *, ours: bool, on: dt.date, office: str) -> None:
        if ours:
            self.signed_here_on, self.signed_here_by = on, office
        else:
            self.signed_there_on, self.signed_there_by = on, office

    def _agree(self, doing: Doing, agreement: Kept, terms: Terms) -> list[models.Model]:
        self.agreement_name, self.agreement_sha256 = agreement["name"], agreement["sha256"]
        self.agreement_type = agreement["media_type"]
        self.begins, self.until, self.first_until = terms["begins"], terms["until"], terms["until"]
        self.purposes, self.evidence_rules = terms["purposes"], terms["evidence_rules"]
        return [TeamMember(**self._row(doing), **one) for one in terms["members"]]

    def _decline(self, ours: bool, reason: str) -> None:
        self.declined_here, self.declined_why = ours, reason

    def _extension(
        self, doing: Doing, *, ours: bool, until: dt.date, words: str, extension_id: UUID | None
    ) -> TeamExtension:
        same = {"extension_id": extension_id} if extension_id else {}
        assert self.until is not None
        return TeamExtension(**self._row(doing), ours=ours, until=until, before=self.until, words=words, **same)

    def _answered(self, doing: Doing, extension: TeamExtension, *, agreed: bool, words: str) -> list[models.Model]:
        extension.agreed, extension.answer = agreed, words
        extension.answered_by, extension.answered_at = doing.by.label, doing.at
        if agreed:
            self.until = extension.until
        return [extension]

    def _end(self, *, ours: bool, how: str, on: dt.date, words: str) -> None:
        self.ended_here, self.ended_how, self.ended_on, self.ended_why = ours, how, on, words

    # --- negotiating ---

    def may_propose(self, actor: Actor) -> bool:
        return self.ours(actor, "propose")

    @act(
        label=_("Send a draft or a comment"),
        source=[S.PROPOSED, S.NEGOTIATING],
        target=S.NEGOTIATING,
        permission=may_propose,
        conditions=[teams.something_is_proposed],
    )
    def propose(self, doing: Doing, *, proposal_id: UUID, words: str = "", file: Kept | None = None) -> Effects:
        row = self._proposal(doing, ours=True, words=words, file=file, proposal_id=proposal_id)
        detail = {"number": row.number, "sha256": row.sha256}
        return Effects(rows=[row], events=self._event("proposed", proposal=str(proposal_id)), detail=detail)

    def may_note_proposal(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_proposal")

    @act(
        label=_("Take a draft or a comment of theirs into the file"),
        source=[S.PROPOSED, S.NEGOTIATING],
        target=S.NEGOTIATING,
        permission=may_note_proposal,
        conditions=[teams.proof_of_theirs, teams.something_is_proposed],
    )
    def note_proposal(
        self,
        doing: Doing,
        *,
        words: str = "",
        file: Kept | None = None,
        proposal_id: UUID | None = None,
        proof: Stored = None,
    ) -> Effects:
        row = self._proposal(doing, ours=False, words=words, file=file, proposal_id=proposal_id)
        detail = {"number": row.number, "sha256": row.sha256}
        return Effects(rows=[row, *self.proof_rows(doing, proof)], detail=detail)

    def may_decline(self, actor: Actor) -> bool:
        return self.ours(actor, "decline")

    @act(
        label=_("Decline the team"),
        source=[S.PROPOSED, S.NEGOTIATING, S.SIGNING],
        target=S.DECLINED,
        permission=may_decline,
        conditions=[guards.needs("reason")],
    )
    def decline(self, doing: Doing, *, reason: str) -> Effects:
        self._decline(True, reason)
        return Effects(events=self._event("declined"), reason=reason)

    def may_note_decline(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_decline")

    @act(
        label=_("They decline the team"),
        source=[S.PROPOSED, S.NEGOTIATING, S.SIGNING],
        target=S.DECLINED,
        permission=may_note_decline,
        conditions=[teams.proof_of_theirs, guards.needs("reason")],
    )
    def note_decline(self, doing: Doing, *, reason: str, proof: Stored = None) -> Effects:
        self._decline(False, reason)
        return Effects(rows=self.proof_rows(doing, proof), reason=reason)

    # --- signing: the first signature brings the text, the second is under the same ---

    def may_sign(self, actor: Actor) -> bool:
        return self.ours(actor, "sign")

    @act(
        label=_("Sign the agreement first"),
        source=[S.PROPOSED, S.NEGOTIATING],
        target=S.SIGNING,
        permission=may_sign,
        conditions=[guards.needs("office"), teams.signed_by_now, teams.agreement_is_whole, teams.roles_are_known],
    )
    def sign(self, doing: Doing, *, on: dt.date, office: str, agreement: Kept, terms: Terms) -> Effects:
        self._signed(ours=True, on=on, office=office)
        rows = self._agree(doing, agreement, terms)
        return Effects(rows=rows, events=self._event("signed"), detail={"sha256": self.agreement_sha256})

    def may_note_signature(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_signature")

    @act(
        label=_("They have signed the agreement"),
        source=[S.PROPOSED, S.NEGOTIATING],
        target=S.SIGNING,
        permission=may_note_signature,
        conditions=[
            teams.proof_of_theirs,
            guards.needs("office"),
            teams.signed_by_now,
            teams.agreement_is_whole,
        ],
    )
    def note_signature(
        self, doing: Doing, *, on: dt.date, office: str, agreement: Kept, terms: Terms, proof: Stored = None
    ) -> Effects:
        self._signed(ours=False, on=on, office=office)
        rows = [*self._agree(doing, agreement, terms), *self.proof_rows(doing, proof)]
        return Effects(rows=rows, detail={"sha256": self.agreement_sha256})

    def may_countersign(self, actor: Actor) -> bool:
        return self.ours(actor, "countersign")

    @act(
        label=_("Sign the agreement too"),
        source=[S.SIGNING],
        target=S.AGREEMENT_SIGNED,
        permission=may_countersign,
        conditions=[
            teams.signed_by_the_other_alone,
            guards.needs("office"),
            teams.signed_by_now,
            teams.same_agreement,
        ],
    )
    def countersign(self, doing: Doing, *, on: dt.date, office: str, sha256: str) -> Effects:
        self._signed(ours=True, on=on, office=office)
        return Effects(events=self._event("signed"), detail={"sha256": sha256})

    def may_note_countersignature(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_countersignature")

    @act(
        label=_("They have signed the agreement too"),
        source=[S.SIGNING],
        target=S.AGREEMENT_SIGNED,
        permission=may_note_countersignature,
        conditions=[
            teams.proof_of_theirs,
            teams.signed_by_us_alone,
            guards.needs("office"),
            teams.signed_by_now,
            teams.same_agreement,
        ],
    )
    def note_countersignature(
        self, doing: Doing, *, on: dt.date, office: str, sha256: str, proof: Stored = None
    ) -> Effects:
        self._signed(ours=False, on=on, office=office)
        return Effects(rows=self.proof_rows(doing, proof), detail={"sha256": sha256})

    # --- at work ---

    def may_start(self, actor: Actor) -> bool:
        return self.ours(actor, "start")

    @act(
        label=_("The team begins its work"),
        source=[S.AGREEMENT_SIGNED],
        target=S.ACTIVE,
        permission=may_start,
        conditions=[teams.begun_by_now],
    )
    def start(self, doing: Doing, *, on: dt.date) -> Effects:
        self.started_on = on
        return Effects(events=self._event("started"))

    def may_note_start(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_start")

    @act(
        label=_("They say that the team has begun its work"),
        source=[S.AGREEMENT_SIGNED],
        target=S.ACTIVE,
        permission=may_note_start,
        conditions=[teams.proof_of_theirs, teams.begun_by_now],
    )
    def note_start(self, doing: Doing, *, on: dt.date, proof: Stored = None) -> Effects:
        self.started_on = on
        return Effects(rows=self.proof_rows(doing, proof))

    def may_ask_extension(self, actor: Actor) -> bool:
        return self.ours(actor, "ask_extension")

    @act(
        label=_("Ask for more time for the team"),
        source=[S.ACTIVE, S.EXTENDED],
        target=None,
        permission=may_ask_extension,
        conditions=[teams.no_extension_open, teams.longer_than_now],
    )
    def ask_extension(self, doing: Doing, *, extension_id: UUID, until: dt.date, words: str = "") -> Effects:
        row = self._extension(doing, ours=True, until=until, words=words, extension_id=extension_id)
        return Effects(rows=[row], events=self._event("extension_asked", extension=str(extension_id)))

    def may_note_extension_asked(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extension_asked")

    @act(
        label=_("They ask for more time for the team"),
        source=[S.ACTIVE, S.EXTENDED],
        target=None,
        permission=may_note_extension_asked,
        conditions=[teams.proof_of_theirs, teams.no_extension_open, teams.longer_than_now],
    )
    def note_extension_asked(
        self,
        doing: Doing,
        *,
        until: dt.date,
        words: str = "",
        extension_id: UUID | None = None,
        proof: Stored = None,
    ) -> Effects:
        row = self._extension(doing, ours=False, until=until, words=words, extension_id=extension_id)
        return Effects(rows=[row, *self.proof_rows(doing, proof)])

    def may_agree_extension(self, actor: Actor) -> bool:
        return self.ours(actor, "agree_extension")

    @act(
        label=_("Agree to more time for the team"),
        source=[S.ACTIVE, S.EXTENDED],
        target=S.EXTENDED,
        permission=may_agree_extension,
        conditions=[teams.their_extension_is_open],
    )
    def agree_extension(self, doing: Doing, *, extension: TeamExtension, words: str = "") -> Effects:
        changed = self._answered(doing, extension, agreed=True, words=words)
        events = self._event("extension_answered", extension=str(extension.extension_id))
        return Effects(changed=changed, events=events, detail={"until": str(self.until)})

    def may_decline_extension(self, actor: Actor) -> bool:
        return self.ours(actor, "decline_extension")

    @act(
        label=_("Decline more time for the team"),
        source=[S.ACTIVE, S.EXTENDED],
        target=None,
        permission=may_decline_extension,
        conditions=[teams.their_extension_is_open, guards.needs("words")],
    )
    def decline_extension(self, doing: Doing, *, extension: TeamExtension, words: str) -> Effects:
        changed = self._answered(doing, extension, agreed=False, words=words)
        events = self._event("extension_answered", extension=str(extension.extension_id))
        return Effects(changed=changed, events=events, reason=words)

    def may_note_extension_agreed(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extension_agreed")

    @act(
        label=_("They agree to more time for the team"),
        source=[S.ACTIVE, S.EXTENDED],
        target=S.EXTENDED,
        permission=may_note_extension_agreed,
        conditions=[teams.proof_of_theirs, teams.our_extension_is_open],
    )
    def note_extension_agreed(
        self, doing: Doing, *, extension: TeamExtension, words: str = "", proof: Stored = None
    ) -> Effects:
        changed = self._answered(doing, extension, agreed=True, words=words)
        return Effects(rows=self.proof_rows(doing, proof), changed=changed, detail={"until": str(self.until)})

    def may_note_extension_declined(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_extension_declined")

    @act(
        label=_("They decline more time for the team"),
        source=[S.ACTIVE, S.EXTENDED],
        target=None,
        permission=may_note_extension_declined,
        conditions=[teams.proof_of_theirs, teams.our_extension_is_open],
    )
    def note_extension_declined(
        self, doing: Doing, *, extension: TeamExtension, words: str = "", proof: Stored = None
    ) -> Effects:
        changed = self._answered(doing, extension, agreed=False, words=words)
        return Effects(rows=self.proof_rows(doing, proof), changed=changed, reason=words)

    def may_end(self, actor: Actor) -> bool:
        return self.ours(actor, "end")

    @act(
        label=_("End the team"),
        source=[S.AGREEMENT_SIGNED, S.ACTIVE, S.EXTENDED],
        target=S.ENDED,
        permission=may_end,
        conditions=[teams.end_is_known, teams.ended_by_now],
    )
    def end(self, doing: Doing, *, how: str, on: dt.date, words: str = "") -> Effects:
        """What the team may use its evidence for goes on to bind."""
        self._end(ours=True, how=how, on=on, words=words)
        return Effects(events=self._event("ended"), reason_code=how, reason=words)

    def may_note_end(self, actor: Actor) -> bool:
        return self.theirs(actor, "note_end")

    @act(
        label=_("They say that the team has ended"),
        source=[S.AGREEMENT_SIGNED, S.ACTIVE, S.EXTENDED],
        target=S.ENDED,
        permission=may_note_end,
        conditions=[teams.proof_of_theirs, guards.needs("how"), teams.ended_by_now],
    )
    def note_end(self, doing: Doing, *, how: str, on: dt.date, words: str = "", proof: Stored = None) -> Effects:
        self._end(ours=False, how=how, on=on, words=words)
        return Effects(rows=self.proof_rows(doing, proof), reason_code=how, reason=words)


def _checks(kind: str) -> list[models.BaseConstraint]:
    signed = Q(signed_here_on__isnull=False, signed_there_on__isnull=False, begins__isnull=False, until__isnull=False)
    return [
        models.CheckConstraint(condition=Q(status__in=S.values), name=f"lifecycle_{kind}_status"),
        models.CheckConstraint(
            condition=~Q(status__in=[*STANDING, S.ENDED]) | signed, name=f"lifecycle_{kind}_signed_by_both"
        ),
    ]


class TeamOut(Team):
    """A team that we proposed."""

    KIND = "team_out"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "outgoing"

    class Meta:
        verbose_name = _("joint investigation team we proposed")
        constraints = _checks("team_out")


class TeamIn(Team):
    """A team that was proposed to us."""

    KIND = "team_in"
    SIDE: ClassVar[Literal["outgoing", "incoming"]] = "incoming"

    class Meta:
        verbose_name = _("joint investigation team proposed to us")
        constraints = _checks("team_in")
