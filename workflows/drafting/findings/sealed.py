"""Findings on protected persons: whether their particulars are under seal, and whether the letter names them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from workflows.drafting.findings.law import View, gap, warning
from workflows.drafting.sealing import betrayals


def sealed_findings(view: View, sealed: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """Yield what is wrong with the protection of a person. No message holds anything of what is under seal."""
    for index, person in enumerate(view.letter.persons):
        if person.protected and not sealed.get(person.id, {}).get("name"):
            message = _("%(id)s is protected, and no name is under seal: the other State cannot tell who is meant.")
            yield warning("sealed_name_missing", f"persons[{index}].name", message % {"id": person.id})
        born = sealed.get(person.id, {}).get("born") if person.protected else None
        young = born and (view.letter.date - dt.date.fromisoformat(born)).days < 18 * 365.25
        if young and not view.letter.rights.settles("minors"):
            message = _("%(id)s is under eighteen: answer in the rights screen how the person is protected.")
            yield warning("minors", f"persons[{index}]", message % {"id": person.id})
    for one in betrayals(view.letter.content(), sealed):
        if one.whole and not one.path.startswith("rights."):
            message = _("%(id)s is protected, and is named here: write the pseudonym.")
            yield gap("protected_name_in_text", one.path, message % {"id": one.key})
        else:
            message = _("A part of the name of %(id)s, who is protected, may stand here: write the pseudonym.")
            yield warning("protected_name_near", one.path, message % {"id": one.key})
