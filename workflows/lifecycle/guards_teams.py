"""The conditions of joint investigation teams. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from mla.reference.offering import RUN_OUT, team_ends, team_roles
from workflows.engine.machine import Doing
from workflows.lifecycle.guards_consulting import today
from workflows.lifecycle.guards_offering import proof_of_theirs

__all__ = ["proof_of_theirs"]


def _said(doing: Doing, name: str) -> str:
    return str(doing.data.get(name) or "").strip()


def something_is_proposed(row: Any, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("file") or _said(doing, "words"):
        return []
    return [Reason("nothing_proposed", _("attach the draft, or write the comment"), field="words")]


def _happened(row: Any, doing: Doing) -> list[Reason]:
    """The day `on` is given and is not ahead. The other State's clock is its own: of its message only that it is given."""
    if doing.asking:
        return []
    day = doing.data.get("on")
    if day is None:
        return [Reason("on_missing", _("give the day"), field="on")]
    if doing.by.kind == "user" and day > today(row, doing):
        return [Reason("on_ahead", _("this day is in the future"), field="on")]
    return []


# --- signing ---


def signed_by_now(row: Any, doing: Doing) -> list[Reason]:
    return _happened(row, doing)


def agreement_is_whole(row: Any, doing: Doing) -> list[Reason]:
    """An agreement has its file, its purposes, a limited time, and a leader of each State (CETS 182 article 20(1) to (3))."""
    if doing.asking:
        return []
    found = []
    if not doing.data.get("agreement"):
        found.append(Reason("agreement_missing", _("attach the agreement"), field="agreement"))
    terms = doing.data.get("terms") or {}
    for name, message in (
        ("begins", _("say from which day it holds")),
        ("until", _("say until which day it holds: a team is set up for a limited time")),
        ("purposes", _("write the purpose of the team")),
        ("evidence_rules", _("write what the evidence may be used for")),
    ):
        if not terms.get(name) or not str(terms[name]).strip():
            found.append(Reason(f"{name}_missing", message, field=name))
    begins, until = terms.get("begins"), terms.get("until")
    if begins and until and until < begins:
        found.append(Reason("until_before_begins", _("the last day is before the first"), field="until"))
    led = {one.get("state") for one in terms.get("members") or [] if one.get("role") == "leader"}
    if len(led) < 2:
        found.append(Reason("leaders_missing", _("name the leader of the team in each State"), field="office_1"))
    return found


def roles_are_known(row: Any, doing: Doing) -> list[Reason]:
    """What is told from here has codes of ours; what comes is kept as it came."""
    if doing.asking:
        return []
    members = (doing.data.get("terms") or {}).get("members") or []
    return [
        Reason("role_unknown", _("choose one of the list"), field=f"role_{number}")
        for number, one in enumerate(members, 1)
        if one.get("role") not in team_roles()
    ]


def signed_by_the_other_alone(row: Any, doing: Doing) -> list[Reason]:
    if row.signed_here_on is None:
        return []
    return [Reason("signed_already", _("it is signed here; the other State's signature is awaited"))]


def signed_by_us_alone(row: Any, doing: Doing) -> list[Reason]:
    if row.signed_there_on is None:
        return []
    return [Reason("signed_already", _("they have signed; our signature is missing"))]


def same_agreement(row: Any, doing: Doing) -> list[Reason]:
    """Both sign one text: the hash is that of the file that was signed first."""
    if doing.asking or doing.data.get("sha256") == row.agreement_sha256:
        return []
    return [
        Reason("another_agreement", _("this is another text than the one that was signed first"), field="agreement")
    ]


# --- at work ---


def begun_by_now(row: Any, doing: Doing) -> list[Reason]:
    """The work begins within the time of the agreement."""
    found = _happened(row, doing)
    day = doing.data.get("on")
    if not found and not doing.asking and row.begins and day < row.begins:
        message = _("the agreement holds from %(day)s on") % {"day": row.begins.isoformat()}
        found = [Reason("before_begins", message, field="on")]
    return found


def no_extension_open(row: Any, doing: Doing) -> list[Reason]:
    if not row.extensions().filter(agreed=None).exists():
        return []
    return [Reason("extension_open", _("more time is asked already, and not answered"))]


def longer_than_now(row: Any, doing: Doing) -> list[Reason]:
    if doing.asking:
        return []
    until = doing.data.get("until")
    if until is not None and row.until is not None and until > row.until:
        return []
    message = _("the new last day is after %(day)s") % {"day": row.until.isoformat() if row.until else ""}
    return [Reason("not_longer", message, field="until")]


def _open_of(row: Any, doing: Doing, *, ours: bool) -> list[Reason]:
    if doing.asking:
        waits = row.extensions().filter(agreed=None, ours=ours).exists()
    else:
        given = doing.data.get("extension")
        waits = given is not None and given.agreed is None and given.ours is ours and given.item_id == row.item_id
    return [] if waits else [Reason("no_extension", _("no question for more time waits for this answer"))]


def their_extension_is_open(row: Any, doing: Doing) -> list[Reason]:
    return _open_of(row, doing, ours=False)


def our_extension_is_open(row: Any, doing: Doing) -> list[Reason]:
    return _open_of(row, doing, ours=True)


def end_is_known(row: Any, doing: Doing) -> list[Reason]:
    """The time has run out once the last day is past; the other ends have no such rule."""
    if doing.asking:
        return []
    how = doing.data.get("how")
    if how not in team_ends():
        return [Reason("how_unknown", _("choose one of the list"), field="how")]
    if how == RUN_OUT and row.until is not None and today(row, doing) <= row.until:
        message = _("its time runs until %(day)s") % {"day": row.until.isoformat()}
        return [Reason("not_run_out", message, field="how")]
    return []


def ended_by_now(row: Any, doing: Doing) -> list[Reason]:
    return _happened(row, doing)
