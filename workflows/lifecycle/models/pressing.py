"""How far ahead of the others a case stands: by its urgency, and by the day on which something is needed."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Value

from workflows.drafting.key_dates import MOST_PRESSING, pressing

#: What is done first.
RANKS = {"emergency": 0, "urgent": 1}
#: The place of a request among those that wait, the first the lowest; with indexes for both queues of a central authority.
PLACE = Value(MOST_PRESSING) - F("pressing")


class PressingCase(models.Model):
    """A case with its place in every queue. Both columns follow from the letter; `press` alone sets them.

    They are taken from the letter when it is opened, lodged, submitted or received: a draft moves nothing.
    """

    urgency = models.CharField(max_length=12, default="routine")
    needed_by = models.DateField(null=True, blank=True, help_text="earliest day by which the letter needs something")
    pressing = models.PositiveIntegerField(default=0, help_text="urgency and needed_by as one number, to order queues")

    class Meta:
        abstract = True

    def press(self, urgency: str, by: dt.date | None) -> None:
        """Take the urgency and the day of a letter. Before the row is saved by its act."""
        self.urgency, self.needed_by, self.pressing = urgency, by, pressing(urgency, by)
