"""The last day of a joint investigation team: warned of in time, then shown as run out until it is extended or ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from mla.reference.models import Authority
from workflows.lifecycle.models import RequestedItem, TeamIn, TeamOut
from workflows.lifecycle.models.teams import Team
from workflows.tracking.cases import Case, key_of
from workflows.tracking.deadlines import Deadline, DeadlineKind, day_of, zone_named
from workflows.tracking.due_short import rows_of


def deadlines(
    cases: Sequence[Case],
    offices: Mapping[int, Authority],
    items: Mapping[tuple[str, int], Sequence[RequestedItem]],
) -> list[Deadline]:
    """Return the last day of each team that has an agreement; one query a side, none where no item proposes a team."""
    rows = rows_of(cases, items, TeamOut, TeamIn)
    return [_of(case, row, offices.get(case.authority_id)) for case, row in rows if row.standing]


def _of(case: Case, row: Team, office: Authority | None) -> Deadline:
    assert row.until is not None
    note = _("extended by both States' word alone; when the day is past, extend it or record that it ended")
    return Deadline(
        kind=DeadlineKind.TEAM_END,
        due=row.until,
        source=_("the agreement of both States"),
        legal=True,
        confirmed=True,
        case=key_of(case),
        for_authority_id=case.authority_id,
        # Known from the last change on: a shorter time than a warning asks for is none that was missed.
        since=day_of(row.changed_at, zone_named(office.time_zone if office else "UTC")),
        note=note,
    )
