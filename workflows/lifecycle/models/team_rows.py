"""Rows of joint investigation teams: drafts that go to and fro, who takes part, and more time that is asked."""

from __future__ import annotations

import datetime as dt
from typing import TypedDict

from django.db import models
from django.db.models import F, Q

from mla.core.ids import uuid7
from mla.core.languages import house_words
from mla.reference.offering import team_roles
from workflows.lifecycle.models.information import OfAnItem


class Kept(TypedDict):
    """A file whose bytes are in the storage."""

    name: str
    media_type: str
    size: int
    sha256: str


class TakesPart(TypedDict):
    """Somebody who takes part in a team. `state`: a code; `office`: the authority or body, and the function."""

    state: str
    office: str
    role: str


class Terms(TypedDict):
    """What an agreement says, as an act is given it. Days are inclusive."""

    begins: dt.date
    until: dt.date
    purposes: str
    evidence_rules: str
    members: list[TakesPart]


class OfASide(OfAnItem):
    """A row that one of the two States wrote. `ours`: this side's own officers."""

    ours = models.BooleanField()

    class Meta:
        abstract = True


class TeamProposal(OfASide):
    """A draft of the agreement, or a comment on one: words, a file, or both. Numbered as they came to this file."""

    proposal_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    number = models.PositiveIntegerField(help_text="from 1 on, of both sides together")
    words = models.TextField(max_length=20_000, blank=True)
    name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "proposal_id"], name="lifecycle_team_proposal_once"),
            models.UniqueConstraint(fields=["item", "number"], name="lifecycle_team_proposal_number"),
            models.CheckConstraint(
                condition=Q(sha256="", name="", size=None) & ~Q(words="") | ~Q(sha256="", name="") & Q(size__gte=0),
                name="lifecycle_team_proposal_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.name or self.words[:40]}"


class TeamMember(OfAnItem):
    """Who takes part in a team, as the agreement says it. Functions and offices, where it names no persons."""

    state = models.CharField(max_length=10, help_text="code of the State or organisation")
    office = models.CharField(max_length=300)
    role = models.CharField(max_length=40, help_text="coded: mla/reference/data/teams.toml")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.state} {self.role}: {self.office[:60]}"

    @property
    def role_words(self) -> str:
        known = team_roles().get(self.role)
        return house_words(known.name) if known else self.role


class TeamExtension(OfASide):
    """One State's word for a longer time, and the other's answer. It holds once both have said so."""

    extension_id = models.UUIDField(default=uuid7, help_text="the same on both sides")
    until = models.DateField(help_text="the new last day")
    before = models.DateField(help_text="the last day that it takes the place of")
    words = models.TextField(max_length=20_000, blank=True)
    agreed = models.BooleanField(null=True, blank=True, help_text="None: not answered")
    answer = models.TextField(max_length=20_000, blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "extension_id"], name="lifecycle_team_extension_once"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(agreed=None), name="lifecycle_team_one_extension_open"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("before")), name="lifecycle_team_extension_longer"),
            models.CheckConstraint(
                condition=Q(agreed=None, answered_at=None) | Q(agreed__isnull=False, answered_at__isnull=False),
                name="lifecycle_team_extension_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"until {self.until}: {self.agreed}"
