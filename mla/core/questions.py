"""Questions that a query asks about each of its rows."""

from __future__ import annotations

from django.db.models import Exists


class OfEachRow(Exists):
    """`Exists`, asked of one row after the other by an index.

    For a list, which ends after a page: PostgreSQL prices a question as if every row would be asked, and then rather
    answers it for all of them beforehand, which takes longer than the page. An offset keeps it from doing so.
    """

    template = "EXISTS(%(subquery)s OFFSET 0)"
