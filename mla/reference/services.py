"""Loading and editing the reference data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from mla.audit.services import Entry, What, Who, record
from mla.core import clock
from mla.core.locks import one_at_a_time
from mla.core.text import clean
from mla.reference.calendars import own_days_are_whole, parts_of
from mla.reference.errors import ReferenceChanged, ReferenceEditRefused
from mla.reference.files import ROOT
from mla.reference.history import fingerprint, instrument_row, note_change, standing_row
from mla.reference.loading import Loader, plain
from mla.reference.models import Authority, Instrument, Jurisdiction, Maintained, Participation
from mla.reference.rules import RulesWrong, rules_of

#: Advisory lock: two loads wait for each other.
LOAD_LOCK = 4202

_EDITABLE = frozenset(
    "status signed consent_date in_force_date ended consent_kind source as_of confidence to_be_confirmed note".split()
)

#: What an office says of itself. Its code, State, kind and place in the chain are the operator's: references and cases hang on them.
OFFICE_FIELDS = frozenset(
    "name organ address city email phone office_hours time_zone scope languages signs signing_method four_eyes "
    "acknowledgement_days acknowledgement_days_urgent escalation_days holidays_of own_days".split()
)
#: Of these, how the office works: codes, days and its time zone.
_RULES = frozenset(
    "time_zone languages signs signing_method four_eyes acknowledgement_days acknowledgement_days_urgent "
    "escalation_days holidays_of own_days".split()
)


def reference_load(*, root: Path = ROOT) -> dict[str, int]:
    """Bring the tables up to date with the files below `root`; return the number of rows by kind.

    One transaction, idempotent: a second run changes nothing. A row that a user edited or added
    stays as it is; a shipped participation or declaration that is no longer in the files goes.
    The keys created, changed and removed count what this run did. Called by `load_reference`.

    Raises:
        ReferenceDataWrong: a row cannot be loaded; names file and line, and nothing is kept.
    """
    with one_at_a_time(LOAD_LOCK):
        tallies = Loader(root).run()
    counts = {name: tally.rows for name, tally in tallies.items()}
    for act in ("created", "changed", "removed"):
        counts[act] = sum(getattr(tally, act) for tally in tallies.values())
    return counts


def participation_record(
    *,
    instrument: Instrument,
    jurisdiction: Jurisdiction,
    by: Who,
    values: Mapping[str, Any],
    expected: str | None = None,
) -> Participation:
    """Record or correct what is known of one State and one instrument; loading keeps it from then on.

    `values`: fields of Participation; a source is needed, and `to_be_confirmed` stays true unless it
    is set to false. `expected`: the `history.fingerprint` of the row that the editor read, "-" where there was none.
    The caller has checked that `by` may edit reference data. Kept in the history and audited at `by`'s authority,
    with what it was and is; without a difference nothing is written.

    Raises:
        ReferenceEditRefused: an unknown field, no source, a value that does not fit, or no authority.
        ReferenceChanged: it is no longer as `expected`.
    """
    unknown = set(values) - _EDITABLE
    if unknown:
        raise ReferenceEditRefused(_("These cannot be edited here: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    with transaction.atomic():
        # Who edits an instrument or its parties waits for who edits it: a row that is not there cannot be locked.
        Instrument.objects.select_for_update(no_key=True).get(pk=instrument.pk)
        row = (
            Participation.objects.select_related("jurisdiction")
            .filter(instrument=instrument, jurisdiction=jurisdiction)
            .first()
        )
        before = standing_row(row)
        if expected is not None and fingerprint(before) != expected:
            raise ReferenceChanged(_("It was changed meanwhile. Look at it again; nothing was saved."))
        row = row or Participation(instrument=instrument, jurisdiction=jurisdiction)
        for name, value in values.items():
            setattr(row, name, value)
        if not row.source.strip():
            raise ReferenceEditRefused(_("Name the source of what you record."))
        if before is not None and standing_row(row) == before:
            return row
        save_maintained(row)
        note_change(
            instrument=instrument, act="standing", about="participation", before=before, after=standing_row(row), by=by
        )
    return row


def bilateral_add(
    *,
    code: str,
    short_name: str,
    full_title: str,
    parties: tuple[Jurisdiction, Jurisdiction],
    in_force: date,
    source: str,
    as_of: str,
    by: Who,
    adopted: date | None = None,
    articles: str = "",
    rules: Mapping[str, Any] | None = None,
) -> Instrument:
    """Add a bilateral treaty, the usual basis in practice, with both parties bound since `in_force`.

    Without `rules` (see mla.reference.rules) scope and measures answer "cannot tell" with a question,
    and the treaty counts as one on mutual legal assistance. Marked to be confirmed. The caller has
    checked that `by` may edit reference data.

    Raises:
        ReferenceEditRefused: the code is taken or malformed, the parties are one State, no source, or
            the rules are not whole.
    """
    if not re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", code):
        raise ReferenceEditRefused(
            _("A code is of capital letters, digits and hyphens, not %(code)s.") % {"code": code}
        )
    if parties[0].pk == parties[1].pk:
        raise ReferenceEditRefused(_("A bilateral treaty has two parties."))
    if not source.strip():
        raise ReferenceEditRefused(_("Name the source of what you record."))
    if Instrument.objects.filter(code=code).exists():
        raise ReferenceEditRefused(_("There already is an instrument %(code)s.") % {"code": code})
    stated = plain(dict(rules if rules is not None else _UNREAD)) | {
        "parties": sorted(party.code for party in parties),
    }
    try:
        rules_of(stated)
    except RulesWrong as error:
        raise ReferenceEditRefused(str(error)) from error
    with transaction.atomic():
        instrument = Instrument(
            code=code,
            kind=Instrument.Kind.BILATERAL,
            short_name=short_name,
            full_title=full_title,
            adopted=adopted,
            in_force=in_force,
            articles=articles,
            rules=stated,
            source=source,
            as_of=as_of,
            confidence=Instrument.Confidence.MEDIUM,
        )
        save_maintained(instrument)
        rows: list[Participation] = []
        for party in parties:
            row = Participation(
                instrument=instrument,
                jurisdiction=party,
                status=Participation.Status.PARTY,
                in_force_date=in_force,
                source=source,
                as_of=as_of,
                confidence=Participation.Confidence.MEDIUM,
            )
            save_maintained(row)
            rows.append(row)
        note_change(
            instrument=instrument, act="add", about="instrument", before=None,
            after=instrument_row(instrument, rows), by=by,
        )  # fmt: skip
    return instrument


def authority_add(
    *,
    code: str,
    jurisdiction: Jurisdiction,
    kind: str,
    name: str,
    by: Who,
    central: Authority | None = None,
    hosted_here: bool = True,
    time_zone: str = "UTC",
    values: Mapping[str, Any] | None = None,
) -> Authority:
    """Add an office, on this installation (`hosted_here`) or another State's; loading keeps it from then on.

    `code`: lower-case letters, digits and hyphens, part of every reference of its cases, never changed.
    `kind`: a value of Authority.Kind. `time_zone`: an IANA name. `values`: more of OFFICE_FIELDS.
    For the operator of the installation alone (`by.kind` is "system"). Audited in the new office's own chain.

    Raises:
        ReferenceEditRefused: not the operator, the code is taken or malformed, a central authority that
            is none or is of another State, an unknown field or time zone, or a value that does not fit.
    """
    if by.kind != "system":
        raise ReferenceEditRefused(_("Only the operator of the installation adds an authority."))
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code):
        raise ReferenceEditRefused(
            _("An authority's code is of small letters, digits and hyphens, not %(code)s.") % {"code": code}
        )
    if Authority.objects.filter(code=code).exists():
        raise ReferenceEditRefused(_("There already is an authority %(code)s.") % {"code": code})
    if central is not None and (
        central.kind != Authority.Kind.CENTRAL or central.jurisdiction_id != jurisdiction.pk or central.central_id
    ):
        raise ReferenceEditRefused(
            _("%(code)s is not a central authority of %(jurisdiction)s.")
            % {"code": central.code, "jurisdiction": jurisdiction.code}
        )
    authority = Authority(
        code=code,
        jurisdiction=jurisdiction,
        kind=kind,
        name=name,
        central=central,
        hosted_here=hosted_here,
        time_zone=time_zone,
        source="the operator of this installation",
        confidence=Authority.Confidence.HIGH,
        to_be_confirmed=False,
    )
    with transaction.atomic():
        _save_office(authority, values or {})
        record(
            Entry(authority_id=authority.pk, act="authority.add", by=by, on=What(type="authority", id=authority.code))
        )
    return authority


def authority_edit(
    *, authority: Authority, by: Who, values: Mapping[str, Any], expected: datetime | Literal["any"] | None = "any"
) -> Authority:
    """Change what an office says of itself (OFFICE_FIELDS); loading keeps it from then on.

    `expected` is the `edited_at` (aware, UTC) that the editor read, None where nobody had edited it.

    The caller has checked that `by` may: people come through `mla.accounts.services.office_edit`.
    Audited in the office's chain with the names of the fields that changed, and of its rules with what they
    were and are; without a change nothing is written.

    Raises:
        ReferenceEditRefused: another field, an unknown time zone, or a value that does not fit.
        ReferenceChanged: it is no longer as `expected`.
    """
    with transaction.atomic():
        row = Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)
        if expected != "any" and row.edited_at != expected:
            raise ReferenceChanged(_("It was changed meanwhile. Look at it again; nothing was saved."))
        changed = sorted(name for name, value in values.items() if getattr(row, name, None) != value)
        if not changed:
            return row
        before = {name: str(getattr(row, name)) for name in changed if name in _RULES}
        if by.kind == "user":
            row.source, row.to_be_confirmed = "the authority itself", False
        _save_office(row, values)
        record(
            Entry(
                authority_id=row.pk,
                act="office.edit",
                by=by,
                on=What(type="authority", id=row.code),
                detail={"fields": changed}
                | ({"before": before, "after": {name: str(getattr(row, name)) for name in before}} if before else {}),
            )
        )
    return row


def _save_office(row: Authority, values: Mapping[str, Any]) -> None:
    unknown = set(values) - OFFICE_FIELDS
    if unknown:
        raise ReferenceEditRefused(_("These cannot be edited here: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    for name, value in values.items():
        setattr(row, name, value)
    # Texts of an office are printed in letters.
    for name in ("name", "organ", "address", "city", "phone", "office_hours", "scope"):
        setattr(row, name, clean(getattr(row, name), field=name).strip())
    if row.time_zone not in available_timezones():
        raise ReferenceEditRefused(_("%(name)s is no time zone: give an IANA name.") % {"name": row.time_zone})
    if row.holidays_of and row.holidays_of not in parts_of(row.jurisdiction.code):
        raise ReferenceEditRefused(_("No holidays are known of the part %(part)s.") % {"part": row.holidays_of})
    if not own_days_are_whole(row.own_days):
        raise ReferenceEditRefused(_("The own list of days is not whole."))
    save_maintained(row)


_QUESTION = "Does this treaty reach the offence and the measure? Its text has not been entered here."
_UNREAD: dict[str, Any] = {
    "mla_treaty": True,
    "scope": [{"offences": ["*"], "answer": "cannot_tell", "question": _QUESTION, "confidence": "to_be_confirmed"}],
    "measures": {"other": {"answer": "cannot_tell", "question": _QUESTION, "confidence": "to_be_confirmed"}},
}


def save_maintained(row: Maintained) -> None:
    """Save a row as one that somebody here edited, so that no load overwrites it.

    Raises:
        ReferenceEditRefused: a value does not fit.
    """
    row.edited_at = clock.now()
    try:
        row.full_clean()
    except ValidationError as error:
        problems = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise ReferenceEditRefused(problems) from error
    row.save()
