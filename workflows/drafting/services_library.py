"""The library of offences: entries are written down once, changed by a legal officer, and never lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.reasons import Reason
from workflows.drafting.letterfile import Offence
from workflows.drafting.models_library import SAID, OffenceEntry
from workflows.engine.acts import one_act
from workflows.engine.errors import DataWrong
from workflows.engine.machine import Effects
from workflows.engine.perform import create, perform

#: What an entry and an offence of a letter have in common.
OF_A_LETTER = ("title", "category", "provision", "law_text", "maximum_penalty", "maximum_years")


def offence_add(*, values: Mapping[str, Any], by: Actor) -> OffenceEntry:
    """Write an offence into the library of the actor's authority. `values`: by the names of models_library.SAID.

    Raises:
        ActForbidden: the role may not.
        DataWrong: a field does not fit, or the authority has an entry in use with that title and provision.
    """
    entry = OffenceEntry(authority_id=by.authority_id or 0, **{name: values.get(name) for name in SAID})
    effects = Effects(rows=[entry.kept(by, clock.now(), 1)], detail={"provision": entry.provision})
    try:
        with transaction.atomic(), one_act():
            return create(entry, act="create", by=by, effects=effects)
    except IntegrityError as error:
        raise _there_already() from error


def offence_save_from_letter(*, offence: Offence, by: Actor) -> tuple[OffenceEntry, bool]:
    """Write an offence of a letter into the library, to be confirmed; tell whether it is new.

    The conduct, dates and place stay with the letter. One that stands there already, of any authority of the State,
    stays as it is: a second press changes nothing.

    Raises:
        ActForbidden, DataWrong: see offence_add.
    """
    from workflows.drafting.selectors_library import visible_offences

    values = {name: getattr(offence, name) for name in OF_A_LETTER}
    same = {"title": offence.title, "provision": offence.provision, "status": OffenceEntry.Status.IN_USE}
    if (known := visible_offences(by).filter(**same).first()) is not None:
        return known, False
    more = {"limitation": "", "source": "", "last_verified": None, "to_be_confirmed": True}
    try:
        return offence_add(values=values | more, by=by), True
    except DataWrong:
        # The second of two presses that came at once.
        if (known := visible_offences(by).filter(**same).first()) is None:
            raise
        return known, False


def offence_change(
    *, entry: OffenceEntry, values: Mapping[str, Any], by: Actor, expected_version: int | None = None
) -> OffenceEntry:
    """Change an entry; what it was stays in its history. For a legal officer of the State.

    Raises:
        VersionChanged: somebody else changed it meanwhile.
        ActNotPossible: it is withdrawn.
        ActForbidden, DataWrong: see offence_add.
    """
    if all(getattr(entry, name) == values[name] for name in SAID) and entry.version == (expected_version or 0):
        return entry
    try:
        with transaction.atomic():
            return perform(entry, "change", by=by, expected_version=expected_version, values=dict(values))
    except IntegrityError as error:
        raise _there_already() from error


def offence_withdraw(*, entry: OffenceEntry, by: Actor, expected_version: int | None = None) -> OffenceEntry:
    """Take an entry out of use: it is offered no more and stays to be read. For a legal officer of the State.

    Raises:
        ActNotPossible: it is withdrawn already.
        ActForbidden, VersionChanged: see offence_change.
    """
    return perform(entry, "withdraw", by=by, expected_version=expected_version)


def _there_already() -> DataWrong:
    message = _("the library has an entry with this title and provision")
    return DataWrong("offence", [Reason("offence_known", message, field="title")])
