"""What messages on information given without a request, and on joint investigation teams, say."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from workflows.exchange.bodies_base import Body, Line, Text
from workflows.exchange.envelope import Sha256

Key = Annotated[str, StringConstraints(min_length=1, max_length=8)]
#: A code that the receiver's data do not have is kept as it came.
Code = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z_]*$")]
Said = Annotated[Text, StringConstraints(min_length=1)]


class InformationAccepted(Body):
    """Of one item: the information is wanted, under the conditions that the letter set."""

    item: Key
    answer: Text = ""


class InformationDeclined(Body):
    item: Key
    reason: Said


class InformationSent(Body):
    """The information itself; its files travel beside it as evidence."""

    item: Key
    information: UUID
    words: Text = ""


class InformationUsed(Body):
    """What was done with it, and when; `exculpatory`: disclosed, or to be, because it speaks for an accused person."""

    item: Key
    use: UUID
    kind: Code
    on: dt.date
    words: Text = ""
    exculpatory: bool = False


class TeamProposed(Body):
    """A draft of the agreement, or a comment on one; a file travels beside it as an annex."""

    item: Key
    proposal: UUID
    words: Text = ""


class TeamDeclined(Body):
    item: Key
    reason: Said


class TeamMember(Body):
    state: Annotated[str, StringConstraints(min_length=1, max_length=10, pattern=r"^[A-Z0-9-]+$")]
    office: Annotated[Line, StringConstraints(min_length=1)]
    role: Code


class TeamSigned(Body):
    """One State's signature under an agreement, which travels beside it as an annex, and what it says."""

    item: Key
    on: dt.date
    office: Annotated[Line, StringConstraints(min_length=1)]
    agreement: Sha256
    begins: dt.date
    until: dt.date
    purposes: Said
    evidence_rules: Said
    members: Annotated[tuple[TeamMember, ...], Field(min_length=1, max_length=100)]


class TeamStarted(Body):
    item: Key
    on: dt.date


class TeamExtensionAsked(Body):
    item: Key
    extension: UUID
    until: dt.date
    words: Text = ""


class TeamExtensionAnswered(Body):
    item: Key
    extension: UUID
    choice: Literal["agreed", "declined"]
    words: Text = ""


class TeamEnded(Body):
    item: Key
    how: Code
    on: dt.date
    words: Text = ""


OFFERING: dict[str, type[Body]] = {
    "information_accepted": InformationAccepted,
    "information_declined": InformationDeclined,
    "information_sent": InformationSent,
    "information_used": InformationUsed,
    "team_proposed": TeamProposed,
    "team_declined": TeamDeclined,
    "team_signed": TeamSigned,
    "team_started": TeamStarted,
    "team_extension_asked": TeamExtensionAsked,
    "team_extension_answered": TeamExtensionAnswered,
    "team_ended": TeamEnded,
}
