"""The officers of the demonstration: one for each role that an authority needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.reference.models import Authority
from workflows.drafting.letterfile import LetterFile

#: Made-up names that say what a person does.
NAMES = {
    Role.ORIGINATOR_DRAFTER: ("A.", "Drafter"),
    Role.ORIGINATOR_SIGNATORY: ("O.", "Signatory"),
    Role.DESK_OFFICER: ("D.", "Desk"),
    Role.SUPERVISOR: ("S.", "Supervisor"),
    Role.REGISTRY: ("R.", "Registrar"),
    Role.LEGAL: ("L.", "Legal"),
    Role.TRANSLATOR: ("T.", "Translator"),
    Role.DUTY_OFFICER: ("N.", "Duty"),
    Role.EXECUTING_OFFICER: ("E.", "Executing"),
    Role.FOREIGN_OFFICER: ("F.", "Foreign"),
    Role.AUDITOR: ("U.", "Auditor"),
    Role.LOCAL_ADMINISTRATOR: ("M.", "Administrator"),
}


def officer(role: Role, authority: Authority) -> Actor:
    """Return the demonstration's officer of that role at that authority, made at the first call."""
    first, last = NAMES[role]
    user, made = User.objects.get_or_create(
        username=f"{role}.{authority.code}", defaults={"first_name": first, "last_name": last}
    )
    if made:
        user.set_unusable_password()
        user.save()
    Membership.objects.get_or_create(
        user=user,
        authority=authority,
        role=role,
        ends_at=None,
        defaults={"starts_at": clock.now() - dt.timedelta(days=366)},
    )
    return Actor.user(user, authority=authority, role=role)


@dataclass(frozen=True)
class Cast:
    """Who works on one letter, on both sides."""

    letter: LetterFile

    @cached_property
    def originating(self) -> Authority:
        return Authority.objects.get(code=self.letter.requesting.originating or self.letter.requesting.authority)

    @cached_property
    def central(self) -> Authority:
        return self.originating.central or self.originating

    @cached_property
    def receiver(self) -> Authority:
        return Authority.objects.get(code=self.letter.requested.authority)

    @cached_property
    def executing_authority(self) -> Authority:
        return Authority.objects.get(
            jurisdiction=self.receiver.jurisdiction, kind=Authority.Kind.EXECUTING, hosted_here=True
        )

    def drafter(self) -> Actor:
        return officer(Role.ORIGINATOR_DRAFTER, self.originating)

    def desk(self) -> Actor:
        return officer(Role.DESK_OFFICER, self.central)

    def supervisor(self) -> Actor:
        return officer(Role.SUPERVISOR, self.central)

    def registry(self) -> Actor:
        return officer(Role.REGISTRY, self.central)

    def duty(self) -> Actor:
        return officer(Role.DUTY_OFFICER, self.central)

    def translator(self) -> Actor:
        return officer(Role.TRANSLATOR, self.central)

    def legal(self) -> Actor:
        return officer(Role.LEGAL, self.central)

    def their_registry(self) -> Actor:
        return officer(Role.REGISTRY, self.receiver)

    def their_desk(self) -> Actor:
        return officer(Role.DESK_OFFICER, self.receiver)

    def their_supervisor(self) -> Actor:
        return officer(Role.SUPERVISOR, self.receiver)

    def their_duty(self) -> Actor:
        return officer(Role.DUTY_OFFICER, self.receiver)

    def executing(self) -> Actor:
        return officer(Role.EXECUTING_OFFICER, self.executing_authority)
