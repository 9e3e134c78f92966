"""What binds evidence that came from another State: limits of use by instrument, kinds of undertakings. No database here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from mla.reference.files import ROOT, Row, toml_rows

SCOPES = ("other_use", "when_conditioned", "personal_data")
EXCULPATORY = ("yes", "no", "not_known")
FORBIDDEN = ("other_use", "transfer")
ALARMS = ("destruction", "return", "end")
_CONFIDENCE = ("verified", "to_be_confirmed")


@dataclass(frozen=True, slots=True)
class UseLimit:
    """What an instrument says of the use of what was furnished. Texts are English, for gettext.

    `exculpatory`: whether what is exculpatory may be disclosed all the same; "not_known" is never "yes".
    `as_of`: the day of `source`; of a year its last day.
    """

    instrument: str
    article: str
    scope: str
    words: str
    exculpatory: str
    exculpatory_words: str
    account: bool
    source: str
    as_of: dt.date
    to_be_confirmed: bool


@dataclass(frozen=True, slots=True)
class UndertakingKind:
    """A kind of undertaking. `forbids`: what it stands in the way of; `alarm`: what falls due on its last day."""

    code: str
    name: str
    conditions: tuple[str, ...]
    assurances: tuple[str, ...]
    forbids: tuple[str, ...]
    alarm: str


@cache
def use_limits() -> Mapping[str, UseLimit]:
    """Return the limit of use of each instrument that the data know, by its code; a missing one is not known.

    Raises:
        ReferenceDataWrong: use_limits.toml says something that cannot be; with its line.
    """
    found: dict[str, UseLimit] = {}
    for row in toml_rows(ROOT, "use_limits.toml", "limit", "instrument"):
        code = row.text("instrument", required=True)
        if code in found:
            raise row.wrong(f"instrument {code!r} stands twice", "instrument")
        as_of = row.whole_date("as_of")
        if as_of is None:
            raise row.wrong("as_of is a day or a year", "as_of")
        account = row.values.get("account")
        if not isinstance(account, bool):
            raise row.wrong("account is true or false", "account")
        found[code] = UseLimit(
            instrument=code,
            article=row.text("article", required=True),
            scope=_one_of(row, "scope", SCOPES),
            words=row.text("words", required=True),
            exculpatory=_one_of(row, "exculpatory", EXCULPATORY),
            exculpatory_words=row.text("exculpatory_words", required=True),
            account=account,
            source=row.text("source", required=True),
            as_of=as_of,
            to_be_confirmed=_one_of(row, "confidence", _CONFIDENCE) != "verified",
        )
    return found


@cache
def undertaking_kinds() -> Mapping[str, UndertakingKind]:
    """Return every kind of undertaking by its code, in the order of the file. Raises as `use_limits`."""
    found: dict[str, UndertakingKind] = {}
    for row in toml_rows(ROOT, "undertakings.toml", "undertaking", "code"):
        code = row.text("code", required=True)
        if code in found:
            raise row.wrong(f"code {code!r} stands twice", "code")
        found[code] = UndertakingKind(
            code=code,
            name=row.text("name", required=True),
            conditions=_list(row, "conditions"),
            assurances=_list(row, "assurances"),
            forbids=_list(row, "forbids", FORBIDDEN),
            alarm=_one_of(row, "alarm", ALARMS),
        )
    return found


def kind_of_condition(condition: str) -> str:
    """Return the kind of undertaking that a condition becomes; a condition that the data lack keeps its own code."""
    return next((one.code for one in undertaking_kinds().values() if condition in one.conditions), condition)


def kind_of_assurance(assurance: str) -> str:
    """Return the kind of undertaking that an assurance becomes; one that the data lack keeps its own code."""
    return next((one.code for one in undertaking_kinds().values() if assurance in one.assurances), assurance)


def forbids(code: str, what: str) -> bool:
    """Tell whether an undertaking of that kind stands in the way of `what` (other_use, transfer). One not known: it does.

    What another installation names otherwise was promised in words that the program cannot read: a person decides,
    by asking for the consent.
    """
    known = undertaking_kinds().get(code)
    return known is None or what in known.forbids


def _one_of(row: Row, key: str, allowed: tuple[str, ...]) -> str:
    value = row.text(key, required=True)
    if value not in allowed:
        raise row.wrong(f"{key} is one of: {', '.join(allowed)}", key)
    return value


def _list(row: Row, key: str, allowed: tuple[str, ...] = ()) -> tuple[str, ...]:
    given = row.values.get(key, [])
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise row.wrong(f"{key} is a list of codes", key)
    for one in given:
        if allowed and one not in allowed:
            raise row.wrong(f"{key} is of: {', '.join(allowed)}", key)
    return tuple(given)
