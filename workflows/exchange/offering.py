"""Messages about what States give each other beyond a request: information, and joint investigation teams."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mla.accounts.actors import Actor
from mla.core.files import file_check
from workflows.exchange import bodies_offering as bodies
from workflows.exchange.envelope import CarriedFile, Envelope, EnvelopeWrong
from workflows.exchange.parts import evidence_carried, evidence_listed
from workflows.lifecycle.models import (
    GivenInformation,
    IncomingRequest,
    InformationUse,
    OutgoingRequest,
    SpontaneousIn,
    SpontaneousOut,
    TeamExtension,
    TeamIn,
    TeamOut,
    TeamProposal,
)
from workflows.lifecycle.models.team_rows import Kept, TakesPart, Terms
from workflows.lifecycle.services import spontaneous, teams

if TYPE_CHECKING:
    from workflows.engine.outbox import Job

#: The type of a message, its body, and the files that travel beside it.
Told = tuple[str, dict[str, Any], tuple[CarriedFile, ...]]


# --- information: told ---


def _accepted(row: SpontaneousIn, job: Job) -> Told:
    return "information_accepted", {"item": row.item.key, "answer": row.answer}, ()


def _declined(row: SpontaneousIn, job: Job) -> Told:
    return "information_declined", {"item": row.item.key, "reason": row.answer}, ()


def _given(row: SpontaneousOut, job: Job) -> Told:
    given = GivenInformation.objects.get(item=row.item_id, information_id=job.payload["information"])
    body = {"item": row.item.key, "information": str(given.information_id), "words": given.words}
    return "information_sent", body, evidence_carried(given.files.select_related("item").order_by("id"))


def _used(row: SpontaneousIn, job: Job) -> Told:
    use = InformationUse.objects.get(item=row.item_id, use_id=job.payload["use"])
    body = {
        "item": row.item.key, "use": str(use.use_id), "kind": use.kind, "on": use.on.isoformat(), "words": use.words,
        "exculpatory": use.exculpatory,
    }  # fmt: skip
    return "information_used", body, ()


# --- information: taken ---


def _offered_by_us(case: OutgoingRequest, key: str) -> SpontaneousOut:
    row = SpontaneousOut.objects.select_related("item__outgoing").filter(item__outgoing=case, item__key=key).first()
    if row is None:
        raise EnvelopeWrong(f"item {key} offers no information")
    return row


def _offered_to_us(case: IncomingRequest, key: str) -> SpontaneousIn:
    row = SpontaneousIn.objects.select_related("item__incoming").filter(item__incoming=case, item__key=key).first()
    if row is None:
        raise EnvelopeWrong(f"item {key} offers no information")
    return row


def _take_acceptance(case: OutgoingRequest, by: Actor, body: bodies.InformationAccepted, envelope: Envelope) -> None:
    spontaneous.spontaneous_note_acceptance(spontaneous=_offered_by_us(case, body.item), by=by, answer=body.answer)


def _take_refusal(case: OutgoingRequest, by: Actor, body: bodies.InformationDeclined, envelope: Envelope) -> None:
    spontaneous.spontaneous_note_decline(spontaneous=_offered_by_us(case, body.item), by=by, reason=body.reason)


def _take_use(case: OutgoingRequest, by: Actor, body: bodies.InformationUsed, envelope: Envelope) -> None:
    spontaneous.spontaneous_note_use(
        spontaneous=_offered_by_us(case, body.item),
        by=by,
        kind=body.kind,
        on=body.on,
        words=body.words,
        exculpatory=body.exculpatory,
        use_id=body.use,
    )


def _take_information(case: IncomingRequest, by: Actor, body: bodies.InformationSent, envelope: Envelope) -> None:
    spontaneous.spontaneous_note_information(
        spontaneous=_offered_to_us(case, body.item),
        by=by,
        words=body.words,
        files=evidence_listed(envelope),
        information_id=body.information,
    )


# --- teams: told ---

Team = TeamOut | TeamIn


def _annex(name: str, media_type: str, sha256: str) -> CarriedFile:
    return CarriedFile(name=name, media_type=media_type, size=file_check(sha256), sha256=sha256, role="annex")


def _proposed(row: Team, job: Job) -> Told:
    one = TeamProposal.objects.get(item=row.item_id, proposal_id=job.payload["proposal"])
    files = (_annex(one.name, one.media_type, one.sha256),) if one.sha256 else ()
    return "team_proposed", {"item": row.item.key, "proposal": str(one.proposal_id), "words": one.words}, files


def _team_declined(row: Team, job: Job) -> Told:
    return "team_declined", {"item": row.item.key, "reason": row.declined_why}, ()


def _signed(row: Team, job: Job) -> Told:
    assert row.signed_here_on and row.begins and row.first_until
    members = [{"state": one.state, "office": one.office, "role": one.role} for one in row.members().order_by("id")]
    body = {
        "item": row.item.key, "on": row.signed_here_on.isoformat(), "office": row.signed_here_by,
        "agreement": row.agreement_sha256, "begins": row.begins.isoformat(), "until": row.first_until.isoformat(),
        "purposes": row.purposes, "evidence_rules": row.evidence_rules, "members": members,
    }  # fmt: skip
    return "team_signed", body, (_annex(row.agreement_name, row.agreement_type, row.agreement_sha256),)


def _started(row: Team, job: Job) -> Told:
    assert row.started_on
    return "team_started", {"item": row.item.key, "on": row.started_on.isoformat()}, ()


def _extension(row: Team, job: Job) -> TeamExtension:
    return TeamExtension.objects.get(item=row.item_id, extension_id=job.payload["extension"])


def _extension_asked(row: Team, job: Job) -> Told:
    one = _extension(row, job)
    body = {
        "item": row.item.key, "extension": str(one.extension_id), "until": one.until.isoformat(), "words": one.words,
    }  # fmt: skip
    return "team_extension_asked", body, ()


def _extension_answered(row: Team, job: Job) -> Told:
    one = _extension(row, job)
    body = {
        "item": row.item.key, "extension": str(one.extension_id), "choice": "agreed" if one.agreed else "declined",
        "words": one.answer,
    }  # fmt: skip
    return "team_extension_answered", body, ()


def _ended(row: Team, job: Job) -> Told:
    assert row.ended_on
    body = {"item": row.item.key, "how": row.ended_how, "on": row.ended_on.isoformat(), "words": row.ended_why}
    return "team_ended", body, ()


# --- teams: taken ---


def _team(case: OutgoingRequest | IncomingRequest, key: str) -> Team:
    rows: Any = TeamOut.objects if isinstance(case, OutgoingRequest) else TeamIn.objects
    side = f"item__{case.KIND}"
    row: Team | None = rows.select_related(side).filter(**{side: case}, item__key=key).first()
    if row is None:
        raise EnvelopeWrong(f"item {key} proposes no team")
    return row


def _file(envelope: Envelope) -> Kept | None:
    files = [file for file in envelope.files if file.role == "annex"]
    if len(files) > 1 or len(files) != len(envelope.files):
        raise EnvelopeWrong("the message carries more than one file")
    return Kept(
        name=files[0].name, media_type=files[0].media_type, size=files[0].size, sha256=files[0].sha256
    ) if files else None  # fmt: skip


def _take_proposal(case: Any, by: Actor, body: bodies.TeamProposed, envelope: Envelope) -> None:
    teams.team_note_proposal(
        team=_team(case, body.item), by=by, words=body.words, file=_file(envelope), proposal_id=body.proposal
    )


def _take_team_decline(case: Any, by: Actor, body: bodies.TeamDeclined, envelope: Envelope) -> None:
    teams.team_note_decline(team=_team(case, body.item), by=by, reason=body.reason)


def _take_signature(case: Any, by: Actor, body: bodies.TeamSigned, envelope: Envelope) -> None:
    file = _file(envelope)
    if file is None or file["sha256"] != body.agreement:
        raise EnvelopeWrong("the message does not carry the agreement that is signed")
    team = _team(case, body.item)
    if team.signed_here_on and (team.begins, team.first_until) != (body.begins, body.until):
        raise EnvelopeWrong("the agreement was signed here for another time")
    members = [TakesPart(state=one.state, office=one.office, role=one.role) for one in body.members]
    terms = Terms(
        begins=body.begins,
        until=body.until,
        purposes=body.purposes,
        evidence_rules=body.evidence_rules,
        members=members,
    )
    teams.team_note_signature(team=team, by=by, on=body.on, office=body.office, agreement=file, terms=terms)


def _take_start(case: Any, by: Actor, body: bodies.TeamStarted, envelope: Envelope) -> None:
    teams.team_note_start(team=_team(case, body.item), by=by, on=body.on)


def _take_extension(case: Any, by: Actor, body: bodies.TeamExtensionAsked, envelope: Envelope) -> None:
    teams.team_note_extension_asked(
        team=_team(case, body.item), by=by, until=body.until, words=body.words, extension_id=body.extension
    )


def _take_extension_answer(case: Any, by: Actor, body: bodies.TeamExtensionAnswered, envelope: Envelope) -> None:
    teams.team_note_extension_answer(
        team=_team(case, body.item),
        by=by,
        agreed=body.choice == "agreed",
        words=body.words,
        extension_id=body.extension,
    )


def _take_end(case: Any, by: Actor, body: bodies.TeamEnded, envelope: Envelope) -> None:
    teams.team_note_end(team=_team(case, body.item), by=by, how=body.how, on=body.on, words=body.words)


_TEAM: dict[str, Callable[[Any, Job], Told]] = {
    "proposed": _proposed,
    "declined": _team_declined,
    "signed": _signed,
    "started": _started,
    "extension_asked": _extension_asked,
    "extension_answered": _extension_answered,
    "ended": _ended,
}
#: By the event of a short machine: what is told.
TOLD: dict[str, Callable[[Any, Job], Told]] = {
    "spontaneous_in.accepted": _accepted,
    "spontaneous_in.declined": _declined,
    "spontaneous_out.given": _given,
    "spontaneous_in.used": _used,
    **{f"{kind}.{name}": told for kind in ("team_out", "team_in") for name, told in _TEAM.items()},
}
FOR_OUTGOING: dict[str, Callable[[OutgoingRequest, Actor, Any, Envelope], None]] = {
    "information_accepted": _take_acceptance,
    "information_declined": _take_refusal,
    "information_used": _take_use,
}
FOR_INCOMING: dict[str, Callable[[IncomingRequest, Actor, Any, Envelope], None]] = {
    "information_sent": _take_information,
}
FOR_EITHER: dict[str, Callable[[Any, Actor, Any, Envelope], None]] = {
    "team_proposed": _take_proposal,
    "team_declined": _take_team_decline,
    "team_signed": _take_signature,
    "team_started": _take_start,
    "team_extension_asked": _take_extension,
    "team_extension_answered": _take_extension_answer,
    "team_ended": _take_end,
}
