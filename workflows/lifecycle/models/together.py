"""What a case has to do with others and with people beside the channel: likenesses, what was decided of them, contacts.

None of it is ever told to the other State.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core.ids import uuid7
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.lifecycle import guards
from workflows.lifecycle import guards_together as together
from workflows.lifecycle.alike import Trait, digest_of, traits_of_letter
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide
from workflows.lifecycle.outcomes import IncomingStatus, OutgoingStatus

if TYPE_CHECKING:
    from workflows.lifecycle.models.incoming import IncomingRequest

_OPEN_OUT = [status for status in OutgoingStatus if status != OutgoingStatus.CLOSED]
_OPEN_IN = [status for status in IncomingStatus if status != IncomingStatus.CLOSED]

#: The same on both sides.
_CONTACT_IS_WHOLE = [
    guards.needs("summary"),
    together.contact_is_known,
    together.contact_names_somebody,
    together.contact_has_been,
    together.next_step_is_whole,
    together.corrects_one_of_this_case,
]
_ALIKE_IS_WHOLE = [together.decision_is_whole, together.another_case_of_this_side]


class AlikeKey(OfOneSide):
    """One thing by which a case can be like another. `digest` is keyed: the table alone shows no identifier."""

    class Kind(models.TextChoices):
        LETTER = "letter", _("the same letter")
        FILE = "file", _("the same file")
        REFERENCE = "reference", _("the same reference of the same State")
        IDENTIFIER = "identifier", _("the same identifier")

    kind = models.CharField(max_length=20, choices=Kind)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(help_text="when the case came or was put before the supervisor")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_alike_one_side"),
            models.CheckConstraint(
                condition=Q(kind__in=["letter", "file", "reference", "identifier"]), name="lifecycle_alike_kind"
            ),
            models.UniqueConstraint(fields=["outgoing", "digest"], name="lifecycle_alike_once_out"),
            models.UniqueConstraint(fields=["incoming", "digest"], name="lifecycle_alike_once_in"),
        ]
        indexes = [models.Index(fields=["authority", "digest"], name="lifecycle_alike_digest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"


def alike_keys(case: Any, traits: Sequence[Trait], at: dt.datetime) -> list[models.Model]:
    """Return the keys of a case that are not kept yet, unsaved. Of one that is not saved itself: all of them."""
    told = {digest_of(one, authority_id=case.authority_id, direction=case.KIND): one[0] for one in traits}
    if case.pk is not None:
        known = AlikeKey.objects.filter(digest__in=told, **{case.KIND: case})
        told = {digest: told[digest] for digest in told.keys() - set(known.values_list("digest", flat=True))}
    return [
        AlikeKey(authority_id=case.authority_id, kind=kind, digest=digest, at=at, **_this(case))
        for digest, kind in sorted(told.items())
    ]


def keys_of_version(case: Any, version: Any, at: dt.datetime) -> list[models.Model]:
    """Return the keys of a request out from a frozen version of its letter, unsaved."""
    return alike_keys(case, traits_of_letter(version.content, version.content_hash), at)


class AlikeDecision(OfOneSide):
    """What an officer decided of two cases that look alike. The latest row of a pair counts; nothing is merged."""

    class Decision(models.TextChoices):
        DUPLICATE = "duplicate_of", _("it is a duplicate of that case")
        RELATED = "related", _("it is related to that case")
        NOT_ALIKE = "not_alike", _("they have nothing to do with each other")

    other_outgoing = models.ForeignKey(
        "lifecycle.OutgoingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="decided_alike"
    )
    other_incoming = models.ForeignKey(
        "lifecycle.IncomingRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="decided_alike"
    )
    decision = models.CharField(max_length=20, choices=Decision)
    words = models.TextField(max_length=5000, blank=True)
    decided_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(incoming=None, other_incoming=None, outgoing__isnull=False, other_outgoing__isnull=False)
                & ~Q(outgoing=F("other_outgoing"))
                | Q(outgoing=None, other_outgoing=None, incoming__isnull=False, other_incoming__isnull=False)
                & ~Q(incoming=F("other_incoming")),
                name="lifecycle_alike_pair",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["duplicate_of", "related", "not_alike"]), name="lifecycle_alike_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.other_outgoing_id or self.other_incoming_id}"


class ContactEntry(OfOneSide):
    """One contact beside the channel, as it was noted. A correction is a new row; of this one only its next step ends."""

    class Kind(models.TextChoices):
        POLICE = "police", _("police")
        LIAISON = "liaison", _("liaison officer or magistrate")
        POINT = "24_7", _("24/7 point of contact")
        EMBASSY = "embassy", _("embassy or consulate")
        EUROJUST = "eurojust", _("Eurojust")
        INTERPOL = "interpol", _("INTERPOL")
        TELEPHONE = "telephone", _("telephone, authority to authority")
        VIDEO = "video", _("video conference")
        MAIL = "mail", _("e-mail or letter beside the channel")

    class Direction(models.TextChoices):
        OURS = "ours", _("we turned to them")
        THEIRS = "theirs", _("they turned to us")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    direction = models.CharField(max_length=10, choices=Direction)
    at = models.DateTimeField()
    zone = models.CharField(max_length=60, help_text="time zone in which the time was noted")
    name = models.CharField(max_length=200, blank=True)
    office = models.CharField(max_length=300, blank=True)
    summary = models.TextField(max_length=20_000)
    next_step = models.CharField(max_length=1000, blank=True)
    next_due = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=200, blank=True)
    done_note = models.TextField(max_length=5000, blank=True)
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    noted_by = models.CharField(max_length=200)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_contact_one_side"),
            models.CheckConstraint(condition=Q(next_due=None) | ~Q(next_step=""), name="lifecycle_contact_next"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """Tell whether its next step is still to be taken."""
        return bool(self.next_step) and self.done_at is None

    def ended(self, doing: Doing, note: str = "") -> ContactEntry:
        """Return the row with its next step ended, unsaved."""
        self.done_at, self.done_by, self.done_note = doing.at, doing.by.label, note
        return self


class WithContacts(models.Model):
    """What both kinds of case file hold and do here. Both columns follow from the contacts; the acts alone set them.

    They spare every list and every page of a case a question about contacts.
    """

    contact_due = models.DateField(
        null=True, blank=True, help_text="earliest day of a next step that a contact left open"
    )
    contact_since = models.DateField(
        null=True, blank=True, help_text="day (UTC) on which that step was noted, or the first open one without a day"
    )

    if TYPE_CHECKING:
        authority_id: int
        contactentry_set: Any

    class Meta:
        abstract = True

    def _logged(self, doing: Doing, told: dict[str, Any], corrects: ContactEntry | None) -> Effects:
        row = ContactEntry(
            authority_id=self.authority_id, noted_by=doing.by.label, noted_at=doing.at, corrects=corrects,
            **_this(self), **told,
        )  # fmt: skip
        # What a corrected entry left open is the correction's to say again.
        ended = [corrects.ended(doing)] if corrects is not None and corrects.is_open else []
        noted = [(told.get("next_due"), doing.at)] if told.get("next_step") else []
        self._due_first(self._days_but(*ended) + noted)
        detail = {"contact": str(row.public_id), "kind": row.kind, "direction": row.direction}
        if corrects is not None:
            detail["corrects"] = str(corrects.public_id)
        return Effects(rows=[row], changed=[*ended], reason_code=row.kind, detail=detail)

    def _done(self, doing: Doing, contact: ContactEntry, note: str) -> Effects:
        self._due_first(self._days_but(contact))
        return Effects(changed=[contact.ended(doing, note)], detail={"contact": str(contact.public_id)})

    def _due_first(self, steps: list[tuple[dt.date | None, dt.datetime]]) -> None:
        # A step without a day comes after all that have one.
        first = min(steps, key=lambda step: (step[0] or dt.date.max, step[1]), default=None)
        self.contact_due, self.contact_since = (first[0], first[1].date()) if first else (None, None)

    def _days_but(self, *ended: ContactEntry) -> list[tuple[dt.date | None, dt.datetime]]:
        left = self.contactentry_set.filter(done_at=None).exclude(next_step="")
        return list(left.exclude(pk__in=[row.pk for row in ended]).values_list("next_due", "noted_at"))

    def _decided(self, doing: Doing, other: Any, decision: str, words: str) -> Effects:
        row = AlikeDecision(
            authority_id=self.authority_id, decision=decision, words=words, decided_by=doing.by.label,
            decided_at=doing.at, **_this(self), **{f"other_{other.KIND}": other},
        )  # fmt: skip
        return Effects(rows=[row], reason_code=decision, detail={"other": str(other.public_id)})


def _this(case: Any) -> dict[str, Any]:
    return {case.KIND: case}


class TogetherOut(WithContacts):
    """The acts in the requesting side's file."""

    if TYPE_CHECKING:

        def _central(self, actor: Actor, act_name: str) -> bool: ...
        def _originator(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_log_contact(self, actor: Actor) -> bool:
        return self._central(actor, "log_contact") or self._originator(actor, "log_contact")

    @act(
        label=_("Note a contact"),
        source=_OPEN_OUT,
        target=None,
        permission=may_log_contact,
        conditions=_CONTACT_IS_WHOLE,
    )
    def log_contact(self, doing: Doing, *, corrects: ContactEntry | None = None, **told: Any) -> Effects:
        """`told`: by the names of ContactEntry. `corrects`: an earlier entry, which stays as it was noted."""
        return self._logged(doing, told, corrects)

    def may_contact_done(self, actor: Actor) -> bool:
        return self._central(actor, "contact_done") or self._originator(actor, "contact_done")

    @act(
        label=_("The next step of a contact is done"),
        source=_OPEN_OUT,
        target=None,
        permission=may_contact_done,
        conditions=[together.next_step_is_open],
    )
    def contact_done(self, doing: Doing, *, contact: ContactEntry, note: str = "") -> Effects:
        return self._done(doing, contact, note)

    def may_decide_alike(self, actor: Actor) -> bool:
        return self._central(actor, "decide_alike")

    @act(
        label=_("Decide on a case that looks alike"),
        source=_OPEN_OUT,
        target=None,
        permission=may_decide_alike,
        conditions=_ALIKE_IS_WHOLE,
    )
    def decide_alike(self, doing: Doing, *, other: Any, decision: str, words: str = "") -> Effects:
        return self._decided(doing, other, decision, words)


class TogetherIn(WithContacts):
    """The acts in the requested side's file."""

    if TYPE_CHECKING:

        def at_work(self, actor: Actor) -> bool: ...

    class Meta:
        abstract = True

    def may_log_contact(self, actor: Actor) -> bool:
        return holds(actor, "incoming.log_contact") and self.at_work(actor)

    @act(
        label=_("Note a contact"),
        source=_OPEN_IN,
        target=None,
        permission=may_log_contact,
        conditions=_CONTACT_IS_WHOLE,
    )
    def log_contact(self, doing: Doing, *, corrects: ContactEntry | None = None, **told: Any) -> Effects:
        """`told`: by the names of ContactEntry. `corrects`: an earlier entry, which stays as it was noted."""
        return self._logged(doing, told, corrects)

    def may_contact_done(self, actor: Actor) -> bool:
        return holds(actor, "incoming.contact_done") and self.at_work(actor)

    @act(
        label=_("The next step of a contact is done"),
        source=_OPEN_IN,
        target=None,
        permission=may_contact_done,
        conditions=[together.next_step_is_open],
    )
    def contact_done(self, doing: Doing, *, contact: ContactEntry, note: str = "") -> Effects:
        return self._done(doing, contact, note)

    def may_decide_alike(self, actor: Actor) -> bool:
        return permitted(cast("IncomingRequest", self), actor, "decide_alike")

    @act(
        label=_("Decide on a case that looks alike"),
        source=_OPEN_IN,
        target=None,
        permission=may_decide_alike,
        conditions=_ALIKE_IS_WHOLE,
    )
    def decide_alike(self, doing: Doing, *, other: Any, decision: str, words: str = "") -> Effects:
        return self._decided(doing, other, decision, words)
