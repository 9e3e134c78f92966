"""Loading and editing the reference data."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

from mla.reference.files import ROOT
from mla.reference.loading import Loader

#: Advisory lock: two loads wait for each other.
LOAD_LOCK = 4202


def reference_load(*, root: Path = ROOT) -> dict[str, int]:
    """Bring the tables up to date with the files below `root`; return the number of rows by kind.

    One transaction, idempotent: a second run changes nothing. A row that a user edited or added
    stays as it is; a shipped participation or declaration that is no longer in the files goes.
    The keys created, changed and removed count what this run did. Called by `load_reference`.

    Raises:
        ReferenceDataWrong: a row cannot be loaded; names file and line, and nothing is kept.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOAD_LOCK])
        tallies = Loader(root).run()
    counts = {name: tally.rows for name, tally in tallies.items()}
    for act in ("created", "changed", "removed"):
        counts[act] = sum(getattr(tally, act) for tally in tallies.values())
    return counts
