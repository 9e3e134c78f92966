"""A link for an officer of a State that has no such system: one case, for some time, revocable.

What the officer says by it are the requested State's own acts, taken in as its messages. The link gives no right to
anything else: its acts note that it was opened, what was read and said by whom. Table: docs/adr/0002-state-machines.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.core import clock
from mla.core.ids import uuid7
from workflows.engine.machine import Doing, Effects, act, permitted
from workflows.engine.models import CaseRow
from workflows.lifecycle import guards
from workflows.lifecycle import guards_links as links
from workflows.lifecycle.outcomes import OutgoingStatus as S

#: Wrong codes in a row after which nobody gets in by a link any more.
MOST_MISSES = 5


class OfficerLink(CaseRow):
    """One link to one request out. Of the authority that sent the request."""

    KIND: ClassVar[str] = "officer_link"

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        REVOKED = "revoked", _("revoked")
        LOCKED = "locked", _("locked after wrong codes")

    status = FSMField(choices=Status, default=Status.OPEN, protected=True)
    outgoing = models.ForeignKey(
        "lifecycle.OutgoingRequest", on_delete=models.PROTECT, related_name="officer_links", editable=False
    )
    given_to = models.CharField(max_length=200, help_text="the office or officer, as our registry calls it")
    given_by = models.CharField(max_length=200)
    until = models.DateTimeField()
    misses = models.PositiveSmallIntegerField(default=0, help_text="wrong codes since it was last opened")
    entered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("link for an officer of the other State")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "revoked", "locked"]), name="lifecycle_officer_link_status"
            )
        ]

    def __str__(self) -> str:
        return self.given_to

    def lock_first(self) -> list[CaseRow]:
        return [self.outgoing]

    @property
    def holds(self) -> bool:
        """Tell whether an officer still gets in by it."""
        return self.status == self.Status.OPEN and self.until > clock.now()

    def _officer(self, actor: Actor, act_name: str) -> bool:
        """The addressee of the request, which is who uses the link."""
        return (
            holds(actor, f"officer_link.{act_name}")
            and actor.kind == "peer"
            and actor.authority_id == self.outgoing.addressee_id
        )

    def may_revoke(self, actor: Actor) -> bool:
        return permitted(self, actor, "revoke")

    @act(label=_("Revoke the link"), source=[Status.OPEN], target=Status.REVOKED, permission=may_revoke)
    def revoke(self, doing: Doing) -> Effects:
        """Nobody gets in by it from now on, also who is in."""
        self.ended_at = doing.at
        return self._told()

    def may_miss(self, actor: Actor) -> bool:
        return permitted(self, actor, "miss")

    @act(label=_("A wrong code"), source=[Status.OPEN], target=None, permission=may_miss, conditions=[links.link_holds])
    def miss(self, doing: Doing) -> Effects:
        self.misses += 1
        return self._told(misses=self.misses)

    def may_lock(self, actor: Actor) -> bool:
        return permitted(self, actor, "lock")

    @act(label=_("Lock the link"), source=[Status.OPEN], target=Status.LOCKED, permission=may_lock)
    def lock(self, doing: Doing) -> Effects:
        """Somebody tried codes: the registry gives another link, by another way."""
        self.ended_at = doing.at
        return self._told()

    def may_enter(self, actor: Actor) -> bool:
        return self._officer(actor, "enter")

    @act(
        label=_("Open the case by the link"),
        source=[Status.OPEN],
        target=None,
        permission=may_enter,
        conditions=[links.link_holds, guards.needs("officer")],
    )
    def enter(self, doing: Doing, *, officer: str) -> Effects:
        """`officer`: name and office, as the person says."""
        self.misses, self.entered_at = 0, doing.at
        return self._told(rows=[self._use(doing, officer)])

    def may_read(self, actor: Actor) -> bool:
        return self._officer(actor, "read")

    @act(
        label=_("Take a file by the link"),
        source=[Status.OPEN],
        target=None,
        permission=may_read,
        conditions=[links.link_holds],
    )
    def read(self, doing: Doing, *, officer: str, name: str, sha256: str) -> Effects:
        return self._told(rows=[self._use(doing, officer, what=name[:200], sha256=sha256)], sha256=sha256)

    def may_say(self, actor: Actor) -> bool:
        return self._officer(actor, "say")

    @act(
        label=_("Say something by the link"),
        source=[Status.OPEN],
        target=None,
        permission=may_say,
        conditions=[links.link_holds],
    )
    def say(self, doing: Doing, *, officer: str, what: str, message_id: Any, files: Sequence[LinkFile] = ()) -> Effects:
        """`what`: the type of the message that goes into the log with it; `files`: of this link, sent with it."""
        for file in files:
            file.message_id = message_id
        used = self._use(doing, officer, what=what, message_id=message_id)
        return self._told(rows=[used], changed=list(files), message=str(message_id), what=what)

    def may_add_file(self, actor: Actor) -> bool:
        return self._officer(actor, "add_file")

    @act(
        label=_("Lay a file ready"),
        source=[Status.OPEN],
        target=None,
        permission=may_add_file,
        conditions=[links.link_holds, links.not_here_yet, links.not_too_much],
    )
    def add_file(self, doing: Doing, *, file: LinkFile, officer: str) -> Effects:
        """`file`: unsaved, of stored bytes; it is the requested State's until it sends it."""
        file.link, file.added_by, file.added_at = self, officer, doing.at
        return self._told(rows=[file], sha256=file.sha256)

    def may_remove_file(self, actor: Actor) -> bool:
        return self._officer(actor, "remove_file")

    @act(
        label=_("Take a file away again"),
        source=[Status.OPEN],
        target=None,
        permission=may_remove_file,
        conditions=[links.link_holds, links.not_sent_yet],
    )
    def remove_file(self, doing: Doing, *, file: LinkFile) -> Effects:
        file.removed_at = doing.at
        return self._told(changed=[file], sha256=file.sha256)

    def _told(self, rows: Sequence[models.Model] = (), changed: Sequence[models.Model] = (), **more: Any) -> Effects:
        detail = {"case": str(self.outgoing.public_id)} | more
        return Effects(rows=list(rows), changed=list(changed), detail=detail)

    def _use(self, doing: Doing, officer: str, **more: Any) -> LinkUse:
        return LinkUse(link=self, act=doing.act, officer=officer, at=doing.at, **more)


class LinkUse(models.Model):
    """That somebody came in by a link, took a file, or said something. Never changed."""

    link = models.ForeignKey(OfficerLink, on_delete=models.PROTECT, related_name="uses")
    act = models.CharField(max_length=20)
    officer = models.CharField(max_length=300, help_text="name and office, as the person said")
    what = models.CharField(max_length=200, blank=True, help_text="type of the message, or name of the file")
    sha256 = models.CharField(max_length=64, blank=True)
    message_id = models.UUIDField(null=True, blank=True, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d %H:%M}"


class LinkFile(models.Model):
    """A file of evidence that an officer laid ready by a link: ours only once it was sent with a message."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    link = models.ForeignKey(OfficerLink, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    item = models.CharField(max_length=8, blank=True)
    description = models.TextField(max_length=5000, blank=True)
    use_limits = models.TextField(max_length=5000, blank=True)
    added_by = models.CharField(max_length=300)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    message_id = models.UUIDField(null=True, blank=True, help_text="of the message that it went with")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class LinksOut(models.Model):
    """The act in the requesting side's file."""

    if TYPE_CHECKING:
        public_id: Any

        def _central(self, actor: Actor, act_name: str) -> bool: ...

    class Meta:
        abstract = True

    def may_give_link(self, actor: Actor) -> bool:
        return self._central(actor, "give_link")

    @act(
        label=_("Give an officer of the other State a link"),
        source=[S.SENT, S.ACKNOWLEDGED, S.IN_EXECUTION, S.CONCLUDED],
        target=None,
        permission=may_give_link,
        conditions=[guards.needs("given_to"), links.they_have_no_file_here, links.not_too_many_links],
    )
    def give_link(self, doing: Doing, *, given_to: str, until: dt.datetime, link: Any) -> Effects:
        """`link`: identifier of the row that is made with it; `until` (aware): when it expires."""
        return Effects(detail={"link": str(link), "until": until.isoformat()})
