"""Cases that an authority takes over from the register that it kept before (docs/adr/0007-taking-over.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from workflows.lifecycle.models.rows import ONE_SIDE, OfOneSide


class TakenOver(models.Model):
    """A case that may have begun elsewhere: at a status that no act here led to, without what came before it."""

    taken_over = models.BooleanField(default=False, help_text="from an earlier register; its line is an ImportedEntry")

    class Meta:
        abstract = True


class BeginsOut(TakenOver):
    """Who brings a request out into being: whoever drafts it, takes it up again, or takes it over."""

    if TYPE_CHECKING:
        central_id: int
        originating_id: int

    class Meta:
        abstract = True

    def may_be_created_by(self, actor: Actor) -> bool:
        # A closed case is taken up again by the authority that closed it, for whoever it was made for; a running one
        # is taken over by the authority that keeps the register.
        of_ours = holds(actor, "outgoing.import") if self.taken_over else holds(actor, "outgoing.reopen")
        return (actor.authority_id == self.central_id and of_ours) or actor.authority_id == self.originating_id


class ImportedEntry(OfOneSide):
    """One line of the earlier register, as it was written there: what is known of the case before it came here."""

    file_name = models.CharField(max_length=255)
    file_sha256 = models.CharField(max_length=64, help_text="of the whole file, which is kept")
    line = models.PositiveIntegerField(help_text="of the file, the header being line 1")
    text = models.TextField(max_length=40_000, help_text="the line as it stands in the file")
    cells = models.JSONField(help_text="[column, cell], in the order of the file")
    by = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "imported entries"
        constraints = [
            models.CheckConstraint(condition=ONE_SIDE, name="lifecycle_imported_one_side"),
            models.UniqueConstraint(fields=["outgoing"], name="lifecycle_imported_once_out"),
            models.UniqueConstraint(fields=["incoming"], name="lifecycle_imported_once_in"),
            models.UniqueConstraint(fields=["authority", "file_sha256", "line"], name="lifecycle_imported_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.line}"
