"""Undertakings that one State gave another: rows of either side's file that bind a case, an item or exhibits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.ledger import kind_of_assurance, kind_of_condition, undertaking_kinds
from workflows.drafting.assurances import assurances_of
from workflows.drafting.letterfile import LetterFile
from workflows.lifecycle.models.conditions import Condition
from workflows.lifecycle.models.ledger import OtherUse
from workflows.lifecycle.models.rows import ONE_SIDE, Evidence, OfOneSide, OpenPoint

if TYPE_CHECKING:
    from datetime import date

    from workflows.engine.machine import Doing


class Undertaking(OfOneSide):
    """One undertaking. Its words never change; whether it was kept is written beside them.

    `kind` is no closed list here: what another installation names otherwise is kept as it came.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        BREACHED = "breached", _("breached")
        ENDED = "ended", _("ended")
        RELEASED = "released", _("released")

    class Source(models.TextChoices):
        BY_HAND = "by_hand", _("entered by hand")
        CONDITION = "condition", _("an accepted condition")
        ASSURANCE = "assurance", _("an assurance of the letter")
        CONSENT = "consent", _("a condition of a consent")

    undertaking_id = models.UUIDField(default=uuid7, help_text="the same on both sides, unless entered by hand")
    kind = models.CharField(max_length=40, help_text="code of undertakings.toml, or as it came")
    words = models.TextField(max_length=20_000)
    article = models.CharField(max_length=120, blank=True)
    ours = models.BooleanField(help_text="given by this side; false: given to it")
    given_by = models.CharField(max_length=300)
    given_to = models.CharField(max_length=300)
    source = models.CharField(max_length=20, choices=Source)
    item = models.ForeignKey("lifecycle.RequestedItem", null=True, blank=True, on_delete=models.PROTECT)
    starts_on = models.DateField()
    until = models.DateField(null=True, blank=True, help_text="the last day on which it binds, or by which it is done")
    until_event = models.CharField(max_length=300, blank=True, help_text="what ends it, in words")
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    settled_on = models.DateField(null=True, blank=True)
    settled_words = models.TextField(max_length=5000, blank=True)
    settled_by = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    files = models.ManyToManyField(
        Evidence, through="lifecycle.UndertakingFile", related_name="undertakings", help_text="none: item or case"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_undertaking_one_side"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "kept", "breached", "ended", "released"]),
                name="lifecycle_undertaking_state",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(settled_at__isnull=False, settled_on__isnull=False),
                name="lifecycle_undertaking_settled",
            ),
            models.UniqueConstraint(fields=["authority", "undertaking_id"], name="lifecycle_undertaking_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_words}: {self.words[:60]}"

    @property
    def kind_words(self) -> str:
        """The kind in the language of the page; a code that the data file does not have, as it is."""
        known = undertaking_kinds().get(self.kind)
        return house_words(known.name) if known else self.kind

    @property
    def alarm(self) -> str:
        """What falls due on its last day: destruction, return or end."""
        known = undertaking_kinds().get(self.kind)
        return known.alarm if known else "end"

    @property
    def awaits(self) -> bool:
        """Tell whether somebody still has to see to it: it is open, or breached and not made good."""
        return self.state in (self.State.OPEN, self.State.BREACHED)

    def binds_on(self, day: date) -> bool:
        """Tell whether it is in force on a day. One whose last day is past binds no longer, unless something is to be done."""
        if not self.awaits or day < self.starts_on:
            return False
        return self.until is None or day <= self.until or self.alarm != "end"

    def binds(self, file: Evidence) -> bool:
        """Tell whether it speaks of that file: of those it names, else of its item, else of everything."""
        named = [one.pk for one in self.files.all()]
        if named:
            return file.pk in named
        return self.item_id is None or self.item_id == file.item_id

    def settled(self, doing: Doing, *, state: str, on: Any, words: str) -> Undertaking:
        self.state, self.settled_on, self.settled_words = state, on, words
        self.settled_by, self.settled_at = doing.by.label, doing.at
        return self


class UndertakingFile(models.Model):
    undertaking = models.ForeignKey(Undertaking, on_delete=models.PROTECT, related_name="named_files")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["undertaking", "evidence"], name="lifecycle_undertaking_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id} bound by {self.undertaking_id}"


#: What somebody has to see to beside the course of a case, whatever its status.
BOUND = Q(bound_due__isnull=False) | Q(breached_on__isnull=False) | Q(uses_open__gt=0) | Q(accounts_open__gt=0)


class BoundCase(models.Model):
    """What a list and a page ask of the undertakings and the other uses of a case, so that they need not read them."""

    bound_due = models.DateField(null=True, blank=True, help_text="the first last day of an open undertaking")
    bound_kind = models.CharField(max_length=20, blank=True, help_text="what falls due then")
    bound_since = models.DateField(null=True, blank=True, help_text="since when that day is known")
    breached_on = models.DateField(null=True, blank=True, help_text="an undertaking was breached and not made good")
    undertakings_open = models.PositiveIntegerField(default=0, help_text="that somebody still has to see to")
    uses_open = models.PositiveIntegerField(default=0, help_text="other uses that wait for an answer")
    accounts_open = models.PositiveIntegerField(
        default=0, help_text="accounts of use that were asked for and not given"
    )

    if TYPE_CHECKING:
        undertaking_set: Any

    class Meta:
        abstract = True

    def _undertaken(self, rows: list[models.Model]) -> list[models.Model]:
        """Return the new rows, once the days of the case are set by them."""
        self._undertakings_changed(rows)
        return rows

    def _undertakings_changed(self, changed: Iterable[models.Model]) -> None:
        """Set the days of the case as they are once `changed` are saved. Other rows are passed over."""
        given = [one for one in changed if isinstance(one, Undertaking)]
        if not given:
            return
        kept: list[Undertaking] = list(self.undertaking_set.all()) if self.pk else []
        after = {one.pk: one for one in kept} | {one.pk: one for one in given if one.pk}
        rows = [*after.values(), *(one for one in given if one.pk is None)]
        dated = [one for one in rows if one.state == Undertaking.State.OPEN and one.until is not None]
        first = min(dated, key=lambda one: (one.until, one.recorded_at), default=None)
        self.bound_due = first.until if first is not None else None
        self.bound_kind = first.alarm if first is not None else ""
        self.bound_since = first.recorded_at.date() if first is not None else None
        breached = [one.settled_on for one in rows if one.state == Undertaking.State.BREACHED and one.settled_on]
        self.breached_on = min(breached, default=None)
        self.undertakings_open = sum(one.awaits for one in rows)


def parties(case: Any) -> tuple[str, str]:
    """Return what the requesting and the requested side of a case are called: their authorities, else their States."""
    if case.KIND == "outgoing":
        asked = case.addressee
        return case.central.name, asked.name if asked is not None else case.letter.requested.name
    return case.sender.name, case.authority.name


def undertaking_rows(case: Any, doing: Doing, *, files: Iterable[Evidence] = (), **told: Any) -> list[models.Model]:
    """Return the rows of one undertaking, unsaved: itself, and the files that it names."""
    row = Undertaking(
        authority_id=case.authority_id,
        recorded_by=doing.by.label,
        recorded_at=doing.at,
        **{case.KIND: case},
        **({"starts_on": doing.at.date()} | told),
    )
    return [row, *(UndertakingFile(undertaking=row, evidence=file) for file in files)]


def of_conditions(case: Any, doing: Doing, point: OpenPoint) -> list[models.Model]:
    """Return what the conditions of an offer bind the requesting side to, once it has accepted them."""
    requesting, requested = parties(case)
    conditions: Iterable[Condition] = point.conditions.select_related("item").order_by("id")
    return [
        row
        for one in conditions
        for row in undertaking_rows(
            case,
            doing,
            undertaking_id=one.condition_id,
            kind=kind_of_condition(one.kind),
            words=one.text,
            article=one.article,
            ours=case.KIND == "outgoing",
            given_by=requesting,
            given_to=requested,
            source=Undertaking.Source.CONDITION,
            item=one.item,
            until=one.until,
        )
    ]


def of_consent(case: Any, doing: Doing, use: OtherUse) -> list[models.Model]:
    """Return what the conditions of a consent to another use bind the requesting side to."""
    if use.choice != OtherUse.Choice.CONDITIONS:
        return []
    requesting, requested = parties(case)
    return undertaking_rows(
        case,
        doing,
        files=use.files.all(),
        undertaking_id=derived_id(use.use_id, "conditions"),
        kind="other",
        words=use.answer,
        article=use.article,
        ours=case.KIND == "outgoing",
        given_by=requesting,
        given_to=requested,
        source=Undertaking.Source.CONSENT,
    )


def derived_id(of: UUID, name: str) -> UUID:
    """Return an identifier that both sides make alike."""
    return uuid5(of, name)


def of_letter(case: Any, doing: Doing, content: Mapping[str, Any]) -> list[models.Model]:
    """Return what a letter that is sent, or was received, assures now: given by the requesting side.

    What is offered only when asked binds nobody yet. What cannot be read as a letter assures nothing.
    """
    try:
        told = assurances_of(LetterFile.model_validate(content))
    except ValidationError:
        return []
    requesting, requested = parties(case)
    rows: list[models.Model] = []
    for one in told:
        if not one.text.strip() or (one.row is not None and one.row.offered != "now"):
            continue
        rows += undertaking_rows(
            case,
            doing,
            undertaking_id=derived_id(case.conversation_id, one.path),
            kind=kind_of_assurance(one.kind.kind),
            words=one.text,
            ours=case.KIND == "outgoing",
            given_by=(one.row.given_by if one.row is not None else "") or requesting,
            given_to=requested,
            source=Undertaking.Source.ASSURANCE,
        )
    return rows
