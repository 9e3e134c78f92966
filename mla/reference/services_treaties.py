"""Entering and changing bilateral treaties, the usual basis in practice. What a treaty was is kept with every change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from mla.audit.services import Who
from mla.core.text import TextRefused, clean
from mla.reference.errors import ReferenceChanged, ReferenceEditRefused
from mla.reference.history import fingerprint, instrument_row, note_change
from mla.reference.models import Instrument, Jurisdiction, Participation
from mla.reference.rules import RulesWrong, rules_of
from mla.reference.services import save_maintained
from mla.reference.treaties import TreatyValues, TreatyWrong, checked, rules_from, values_of_rules

#: Advisory lock: two new treaties of a pair do not take the same code.
TREATY_LOCK = 4204


def treaty_values(instrument: Instrument) -> TreatyValues:
    """Return what is entered of a bilateral treaty, as the form asks it.

    Raises:
        ReferenceEditRefused: it is no bilateral treaty.
    """
    if instrument.kind != Instrument.Kind.BILATERAL:
        raise ReferenceEditRefused(_("Only a treaty between two States is changed here."))
    rows = _parties(instrument)
    codes = tuple(instrument.rules.get("parties", ())) or tuple(row.jurisdiction.code for row in rows)
    ended = [row.ended for row in rows if row.ended]
    return TreatyValues(
        parties=(codes[0], codes[1]),
        short_name=instrument.short_name,
        full_title=instrument.full_title,
        signed=instrument.adopted,
        in_force=instrument.in_force,
        ended=min(ended) if ended else None,
        source=instrument.source,
        as_of=instrument.as_of,
        confidence=instrument.confidence,
        note=instrument.note,
        **values_of_rules(instrument.rules),
    )


def treaty_fingerprint(instrument: Instrument) -> str:
    """Return what tells one state of a treaty from another; an editor brings back the one that was read."""
    return fingerprint(instrument_row(instrument, _parties(instrument)))


def treaty_add(*, values: TreatyValues, by: Who) -> Instrument:
    """Enter a bilateral treaty; its code is made of both States and the year, and loading keeps it from then on.

    Both States are recorded as parties since `in_force`; without that day it is not known whether they are. The caller
    has checked that `by` may. Kept in the history and audited at `by`'s authority.

    Raises:
        TreatyWrong: naming each place of what does not fit.
        ReferenceEditRefused: `by` is under no authority.
    """
    states = _checked(values)
    day = values.signed or values.in_force
    assert day is not None, "checked"
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [TREATY_LOCK])
        instrument = Instrument(code=_free_code(values.parties, day.year), kind=Instrument.Kind.BILATERAL)
        rows = _write(instrument, values, None, [states[code] for code in values.parties])
        after = instrument_row(instrument, rows)
        note_change(instrument=instrument, act="add", about="instrument", before=None, after=after, by=by)
    return instrument


def treaty_edit(*, instrument: Instrument, values: TreatyValues, expected: str, by: Who) -> Instrument:
    """Change what is entered of a bilateral treaty; a shipped one is kept as it then is by every later load.

    `expected`: the `treaty_fingerprint` that the editor read. Its parties stay. Without a difference nothing is written.

    Raises:
        TreatyWrong: naming each place of what does not fit; also where the parties are others.
        ReferenceChanged: it is no longer as `expected`.
        ReferenceEditRefused: no bilateral treaty, or `by` is under no authority.
    """
    states = _checked(values)
    with transaction.atomic():
        there = Instrument.objects.select_for_update(no_key=True).get(pk=instrument.pk)
        now = treaty_values(there)
        before = instrument_row(there, _parties(there))
        if fingerprint(before) != expected:
            raise ReferenceChanged(_("It was changed meanwhile. Look at it again; nothing was saved."))
        if sorted(values.parties) != sorted(now.parties):
            raise TreatyWrong([("first", _("The parties of a treaty that is entered stay: enter another treaty."))])
        if values == now:
            return there
        rows = _write(there, values, there.rules, [states[code] for code in values.parties])
        after = instrument_row(there, rows)
        note_change(instrument=there, act="change", about="instrument", before=before, after=after, by=by)
    return there


def supplementable() -> dict[str, str]:
    """Return code and name of the treaties on mutual legal assistance that a bilateral one can supplement. One query."""
    rows = Instrument.objects.filter(kind=Instrument.Kind.TREATY, rules__mla_treaty=True).order_by("code")
    return dict(rows.values_list("code", "short_name"))


def _checked(values: TreatyValues) -> dict[str, Jurisdiction]:
    states = {state.code: state for state in Jurisdiction.objects.filter(code__in=values.parties)}
    checked(values, states=states, supplemented=frozenset(supplementable()))
    return states


def _free_code(parties: Sequence[str], year: int) -> str:
    stem = f"{'-'.join(sorted(parties))}-{year}"
    taken = set(Instrument.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, 1000))) if code not in taken)


def _parties(instrument: Instrument) -> list[Participation]:
    rows = Participation.objects.filter(instrument=instrument).select_related("jurisdiction")
    return list(rows.order_by("jurisdiction__code"))


def _write(
    instrument: Instrument, values: TreatyValues, before: dict[str, Any] | None, states: Sequence[Jurisdiction]
) -> list[Participation]:
    """Write the treaty and how both States stand."""
    texts = {}
    for name in ("short_name", "full_title", "source", "as_of", "note"):
        try:
            texts[name] = clean(getattr(values, name), field=name).strip()
        except TextRefused as refused:
            raise TreatyWrong([(name, str(refused))]) from refused
    rules = rules_from(values, before)
    try:
        rules_of(rules)
    except RulesWrong as wrong:
        raise TreatyWrong([("", str(wrong))]) from wrong
    sure = values.confidence == Instrument.Confidence.HIGH
    said = texts | {
        "adopted": values.signed,
        "in_force": values.in_force,
        "in_force_text": values.in_force.isoformat() if values.in_force else "",
        "rules": rules,
        "confidence": values.confidence,
        "to_be_confirmed": not sure,
    }
    for name, value in said.items():
        setattr(instrument, name, value)
    save_maintained(instrument)
    there = {row.jurisdiction_id: row for row in _parties(instrument)}
    for state in states:
        row = there.setdefault(state.pk, Participation(instrument=instrument, jurisdiction=state))
        row.status = Participation.Status.PARTY if values.in_force else Participation.Status.UNKNOWN
        row.signed, row.in_force_date, row.ended = values.signed, values.in_force, values.ended
        row.source, row.as_of = texts["source"], texts["as_of"]
        row.confidence, row.to_be_confirmed = values.confidence, not sure
        save_maintained(row)
    return sorted(there.values(), key=lambda row: row.jurisdiction.code)
