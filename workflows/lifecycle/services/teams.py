"""Joint investigation teams, on both sides: what our officers do, and what the other State's word does in our file."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO, TypeVar
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.ids import uuid7
from workflows.engine.acts import one_act
from workflows.lifecycle.models import TeamExtension
from workflows.lifecycle.models.team_rows import Kept, Terms
from workflows.lifecycle.models.teams import Team, TeamStatus
from workflows.lifecycle.noting import short_perform
from workflows.lifecycle.services.outgoing_course import Proof, stored_proof

T = TypeVar("T", bound=Team)
S = TeamStatus


class UnknownExtension(MlaError):
    """No question for more time that waits for its answer has this identifier."""


def team_file(*, name: str, media_type: str, content: bytes | BinaryIO) -> Kept:
    """Put a draft or an agreement into the storage and return what a row keeps of it."""
    kept = file_store(content)
    return Kept(name=name[:255], media_type=media_type[:100], size=kept.size, sha256=kept.sha256)


# --- negotiating ---


def team_propose(*, team: T, by: Actor, words: str = "", file: Kept | None = None) -> T:
    """Send a draft of the agreement, or a comment on one. For desk officer and supervisor of either side."""
    return short_perform(team, "propose", by=by, words=words, file=file, proposal_id=uuid7())


def team_note_proposal(
    *,
    team: T,
    by: Actor,
    words: str = "",
    file: Kept | None = None,
    proposal_id: UUID | None = None,
    proof: Proof | None = None,
) -> T:
    """Take a draft or a comment of theirs into the file; by their message, or by the registry. The same again is none."""
    if proposal_id and team.proposals().filter(proposal_id=proposal_id).exists():
        return team
    stored = stored_proof(proof)
    return short_perform(team, "note_proposal", by=by, words=words, file=file, proposal_id=proposal_id, proof=stored)


def team_decline(*, team: T, by: Actor, reason: str) -> T:
    """Decline the team before its agreement is signed; the other State reads the reason. For the supervisor."""
    return short_perform(team, "decline", by=by, reason=reason)


def team_note_decline(*, team: T, by: Actor, reason: str, proof: Proof | None = None) -> T:
    """Record that they decline; where both do at once nothing changes."""
    if by.kind == "peer" and team.status == S.DECLINED:
        return team
    return short_perform(team, "note_decline", by=by, reason=reason, proof=stored_proof(proof))


# --- signing ---


def team_sign(*, team: T, by: Actor, on: dt.date, office: str, agreement: Kept, terms: Terms) -> T:
    """Record our signature as the first: with the agreement and what it says. For the supervisor.

    Raises:
        ConditionsNotMet: no file, no limited time, no purpose, no rules of use, or no leader of each State.
    """
    return short_perform(team, "sign", by=by, on=on, office=office, agreement=agreement, terms=terms)


def team_countersign(*, team: T, by: Actor, on: dt.date, office: str, sha256: str) -> T:
    """Record our signature as the second, under the text that they signed: `sha256` is the hash that was read.

    Raises:
        ConditionsNotMet: another text.
    """
    return short_perform(team, "countersign", by=by, on=on, office=office, sha256=sha256)


def team_note_signature(
    *,
    team: T,
    by: Actor,
    on: dt.date,
    office: str,
    agreement: Kept | None = None,
    terms: Terms | None = None,
    proof: Proof | None = None,
) -> T:
    """Record their signature: with the agreement where it is the first, under the same text where we signed before.

    The same word again changes nothing. Two first signatures that cross count where they are under the same text.

    Raises:
        ConditionsNotMet: another text than the one that we signed.
    """
    stored = stored_proof(proof)
    sha256 = agreement["sha256"] if agreement else team.agreement_sha256
    if by.kind == "peer" and team.signed_there_on is not None and sha256 == team.agreement_sha256:
        return team
    if team.status == S.SIGNING:
        return short_perform(team, "note_countersignature", by=by, on=on, office=office, sha256=sha256, proof=stored)
    return short_perform(
        team, "note_signature", by=by, on=on, office=office, agreement=agreement, terms=terms, proof=stored
    )  # fmt: skip


# --- at work ---


def team_start(*, team: T, by: Actor, on: dt.date) -> T:
    """Record that the team begins its work, within the time of the agreement. For desk officer and supervisor."""
    return short_perform(team, "start", by=by, on=on)


def team_note_start(*, team: T, by: Actor, on: dt.date, proof: Proof | None = None) -> T:
    """Record that they say so; where both did, nothing changes."""
    if by.kind == "peer" and team.status in {S.ACTIVE, S.EXTENDED, S.ENDED}:
        return team
    return short_perform(team, "note_start", by=by, on=on, proof=stored_proof(proof))


def team_ask_extension(*, team: T, by: Actor, until: dt.date, words: str = "") -> T:
    """Ask for more time; it holds once they have agreed. For the supervisor."""
    return short_perform(team, "ask_extension", by=by, until=until, words=words, extension_id=uuid7())


def team_note_extension_asked(
    *,
    team: T,
    by: Actor,
    until: dt.date,
    words: str = "",
    extension_id: UUID | None = None,
    proof: Proof | None = None,
) -> T:
    """Record that they ask for more time; by their message, or by the registry. The same again is none."""
    if extension_id and team.extensions().filter(extension_id=extension_id).exists():
        return team
    return short_perform(
        team, "note_extension_asked", by=by, until=until, words=words, extension_id=extension_id,
        proof=stored_proof(proof),
    )  # fmt: skip


def team_answer_extension(*, team: T, by: Actor, agreed: bool, words: str = "") -> T:
    """Agree to the time that they ask for, or decline it with words. For the supervisor.

    Raises:
        ConditionsNotMet: they ask for none; declined without words.
    """
    with one_act():
        extension = _open_extension(team, ours=False)
        act = "agree_extension" if agreed else "decline_extension"
        return short_perform(team, act, by=by, extension=extension, words=words)


def team_note_extension_answer(
    *,
    team: T,
    by: Actor,
    agreed: bool,
    words: str = "",
    extension_id: UUID | None = None,
    proof: Proof | None = None,
) -> T:
    """Record their answer to the time that we asked for; by their message, or by the registry. The same again is none.

    Raises:
        UnknownExtension: their message answers a question that we did not ask, or answers it otherwise than before.
    """
    stored = stored_proof(proof)
    with one_act():
        if extension_id:
            asked = team.extensions().filter(extension_id=extension_id, ours=True).first()
            if asked is None or asked.agreed not in {None, agreed}:
                raise UnknownExtension(f"no question for more time {extension_id} waits for this answer")
            if asked.agreed is not None:
                return team
        extension = _open_extension(team, ours=True)
        act = "note_extension_agreed" if agreed else "note_extension_declined"
        return short_perform(team, act, by=by, extension=extension, words=words, proof=stored)


def team_end(*, team: T, by: Actor, how: str, on: dt.date, words: str = "") -> T:
    """End the team: its time ran out, both agreed, or by notice. What its evidence may be used for goes on to bind.

    Raises:
        ConditionsNotMet: no such end; a time that has not run out.
    """
    return short_perform(team, "end", by=by, how=how, on=on, words=words)


def team_note_end(
    *, team: T, by: Actor, how: str, on: dt.date, words: str = "", proof: Proof | None = None
) -> T:  # fmt: skip
    """Record that they say so; where both did, nothing changes."""
    if by.kind == "peer" and team.status == S.ENDED:
        return team
    return short_perform(team, "note_end", by=by, how=how, on=on, words=words, proof=stored_proof(proof))


def _open_extension(team: Team, *, ours: bool) -> TeamExtension | None:
    # Locked: of two who answer at once the second finds it answered.
    rows = TeamExtension.objects.select_for_update(of=("self",)).filter(item=team.item_id, ours=ours, agreed=None)
    return rows.first()
