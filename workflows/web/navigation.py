"""The places of the house that a hat sees in the frame, in the order of the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from workflows.web.desk import INWARD, OUTWARD, READERS, WRITING

#: Name of the route, words, roles. A new screen of the frame is a row here.
PLACES: tuple[tuple[str, Any, frozenset[Role]], ...] = (
    ("web:outgoing_list", _("Requests out"), OUTWARD),
    ("web:incoming_list", _("Requests in"), INWARD),
    ("web:operations", _("Operations"), (OUTWARD | INWARD)),
    ("web:shared_list", _("Requests to us"), frozenset({Role.FOREIGN_OFFICER})),
    ("web:intake", _("Intake"), frozenset({Role.DESK_OFFICER, Role.REGISTRY, Role.SUPERVISOR, Role.DUTY_OFFICER})),
    ("web:review", _("Review"), frozenset({Role.SUPERVISOR, Role.DESK_OFFICER, Role.DUTY_OFFICER})),
    ("web:advice", _("For advice"), frozenset({Role.ORIGINATOR_DRAFTER, Role.ORIGINATOR_SIGNATORY, Role.LEGAL})),
    ("web:registry", _("Registry"), frozenset({Role.REGISTRY, Role.SUPERVISOR})),
    ("web:translations", _("Translations"), WRITING | {Role.TRANSLATOR}),
    ("web:glossary", _("Glossary"), WRITING | {Role.TRANSLATOR}),
    ("web:countries", _("Countries"), READERS),
    ("web:treaties", _("Treaties"), READERS),
    ("web:offences", _("Offences"), WRITING),
    ("web:templates", _("Templates"), WRITING),
    ("web:break_glasses", _("Restricted cases"), frozenset({Role.SUPERVISOR, Role.DUTY_OFFICER, Role.AUDITOR})),
    ("web:office", _("Office"), frozenset({Role.LOCAL_ADMINISTRATOR})),
    ("web:jobs", _("Effects"), frozenset({Role.LOCAL_ADMINISTRATOR})),
    ("web:audit", _("Audit"), frozenset({Role.AUDITOR})),
)


@dataclass(frozen=True, slots=True)
class Place:
    address: str
    label: str
    here: bool


def places_for(request: HttpRequest, actor: Actor) -> list[Place]:
    """Return the places open to the actor; the longest address that begins the present one is `here`."""
    found = []
    for name, label, roles in PLACES:
        if actor.role in {str(role) for role in roles}:
            found.append((reverse(name), str(label)))
    here = max((address for address, _label in found if request.path.startswith(address)), key=len, default="")
    return [Place(address, label, address == here) for address, label in found]
