"""Loading and editing the reference data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from mla.audit.services import Entry, What, Who, record
from mla.core import clock
from mla.reference.errors import ReferenceEditRefused
from mla.reference.files import ROOT
from mla.reference.loading import Loader, plain
from mla.reference.models import Instrument, Jurisdiction, Maintained, Participation
from mla.reference.rules import RulesWrong, rules_of

#: Advisory lock: two loads wait for each other.
LOAD_LOCK = 4202

_EDITABLE = frozenset(
    "status signed consent_date in_force_date ended consent_kind source as_of confidence to_be_confirmed note".split()
)


def reference_load(*, root: Path = ROOT) -> dict[str, int]:
    """Bring the tables up to date with the files below `root`; return the number of rows by kind.

    One transaction, idempotent: a second run changes nothing. A row that a user edited or added
    stays as it is; a shipped participation or declaration that is no longer in the files goes.
    The keys created, changed and removed count what this run did. Called by `load_reference`.

    Raises:
        ReferenceDataWrong: a row cannot be loaded; names file and line, and nothing is kept.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOAD_LOCK])
        tallies = Loader(root).run()
    counts = {name: tally.rows for name, tally in tallies.items()}
    for act in ("created", "changed", "removed"):
        counts[act] = sum(getattr(tally, act) for tally in tallies.values())
    return counts


def participation_record(
    *, instrument: Instrument, jurisdiction: Jurisdiction, by: Who, values: Mapping[str, Any]
) -> Participation:
    """Record or correct what is known of one State and one instrument; loading keeps it from then on.

    `values`: fields of Participation; a source is needed, and `to_be_confirmed` stays true unless it
    is set to false. The caller has checked that `by` may edit reference data. Audited at `by`'s authority.

    Raises:
        ReferenceEditRefused: an unknown field, no source, a value that does not fit, or no authority.
    """
    unknown = set(values) - _EDITABLE
    if unknown:
        raise ReferenceEditRefused(_("These cannot be edited here: %(names)s.") % {"names": ", ".join(sorted(unknown))})
    with transaction.atomic():
        row = Participation.objects.select_for_update().filter(instrument=instrument, jurisdiction=jurisdiction).first()
        row = row or Participation(instrument=instrument, jurisdiction=jurisdiction)
        for name, value in values.items():
            setattr(row, name, value)
        if not row.source.strip():
            raise ReferenceEditRefused(_("Name the source of what you record."))
        _save(row)
        _audit(by, "participation.record", "participation", f"{instrument.code}/{jurisdiction.code}")
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
        _save(instrument)
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
            _save(row)
        _audit(by, "instrument.add", "instrument", code)
    return instrument


_QUESTION = "Does this treaty reach the offence and the measure? Its text has not been entered here."
_UNREAD: dict[str, Any] = {
    "mla_treaty": True,
    "scope": [{"offences": ["*"], "answer": "cannot_tell", "question": _QUESTION, "confidence": "to_be_confirmed"}],
    "measures": {"other": {"answer": "cannot_tell", "question": _QUESTION, "confidence": "to_be_confirmed"}},
}


def _save(row: Maintained) -> None:
    row.edited_at = clock.now()
    try:
        row.full_clean()
    except ValidationError as error:
        problems = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise ReferenceEditRefused(problems) from error
    row.save()


def _audit(by: Who, act: str, kind: str, identity: str) -> None:
    if by.authority_id is None:
        raise ReferenceEditRefused(_("Reference data is edited under the hat of an authority."))
    record(Entry(authority_id=by.authority_id, act=act, by=by, on=What(type=kind, id=identity)))
