"""From the rows of the files to the rows of the tables."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

from mla.core import clock
from mla.reference.files import Row, csv_rows, instrument_rows, measure_rows, toml_rows
from mla.reference.models import (
    Authority,
    Declaration,
    Instrument,
    Jurisdiction,
    Maintained,
    MeasureType,
    Participation,
    ProfileChange,
    ProfileEntry,
    RefusalGround,
)
from mla.reference.profiles import COLUMNS, EntryWrong, Known, entry_checked
from mla.reference.rules import RulesWrong, rules_of

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")

_JURISDICTION = frozenset({"code", "alpha3", "numeric", "kind", "languages", "source", *LANGUAGES})
_PARTICIPATION = frozenset(
    "treaty_id country status signed consent_date in_force_date ended consent_kind confidence as_of source note".split()
)
_DECLARATION = frozenset("treaty_id country article kind content confidence source as_of".split())
_AUTHORITY = frozenset(
    "code country kind authority organ city time_zone scope languages confidence source as_of".split()
)
_EXAMPLE = (
    "name organ city address email phone office_hours time_zone scope languages signs signing_method four_eyes "
    "acknowledgement_days acknowledgement_days_urgent"
).split()
_INSTRUMENT_TEXT = "kind short_name full_title depositary in_force_text articles source as_of confidence note".split()

M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class Tally:
    """What a load did to one table."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    removed: int = 0


class Table(Generic[M]):
    """One table brought up to date with its rows: created, changed where different, kept where a user edited.

    With `remove` a shipped row that is no longer in the files goes, unless a user edited it.
    """

    def __init__(self, model: type[M], key: Sequence[str], *, remove: bool = False) -> None:
        self.model, self.key, self.remove = model, tuple(key), remove
        self.by_key: dict[Hashable, M] = {self._key_of(row): row for row in model._default_manager.all()}
        self.tally = Tally()

    def _key_of(self, row: M) -> Hashable:
        return tuple(getattr(row, name) for name in self.key)

    def load(self, wanted: Iterable[tuple[Row, dict[str, Any]]]) -> None:
        """Write `wanted`: the values of each row, by field name, foreign keys as `<name>_id`.

        Raises:
            ReferenceDataWrong: a value does not fit its field, or two rows have one key.
        """
        seen: dict[Hashable, Row] = {}
        new: list[M] = []
        changed: list[M] = []
        fields: set[str] = set()
        for source, values in wanted:
            if issubclass(self.model, Maintained):
                values["origin"] = Maintained.Origin.SHIPPED
            key = tuple(values[name] for name in self.key)
            if key in seen:
                raise source.wrong(f"repeats line {seen[key].line} ({', '.join(map(str, key))})")
            seen[key] = source
            fields.update(values)
            row = self.by_key.get(key)
            if row is None:
                row = self.model(**values)
                self._check(row, source)
                new.append(row)
            elif getattr(row, "edited_at", None) is None and self._differs(row, values):
                for name, value in values.items():
                    setattr(row, name, value)
                self._check(row, source)
                changed.append(row)
        gone = [
            row.pk
            for key, row in self.by_key.items()
            if self.remove and key not in seen
            and isinstance(row, Maintained) and row.origin == Maintained.Origin.SHIPPED and row.edited_at is None
        ]  # fmt: skip
        manager = self.model._default_manager
        manager.bulk_create(new)
        if changed:
            manager.bulk_update(changed, sorted(name.removesuffix("_id") for name in fields), batch_size=200)
        if gone:
            manager.filter(pk__in=gone).delete()
        for row in new:
            self.by_key[self._key_of(row)] = row
        self.tally = Tally(len(seen), len(new), len(changed), len(gone))

    def _differs(self, row: M, values: dict[str, Any]) -> bool:
        return any(getattr(row, name) != value for name, value in values.items())

    def _check(self, row: M, source: Row) -> None:
        relations = [field.name for field in self.model._meta.fields if field.is_relation or field.primary_key]
        try:
            row.clean_fields(exclude=relations)
        except ValidationError as error:
            problems = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            raise source.wrong(problems) from error


def _choice(row: Row, key: str, allowed: Iterable[str]) -> str:
    value = row.text(key, required=True)
    if value not in (known := list(allowed)):
        raise row.wrong(f"{key} {value!r} is not one of {', '.join(known)}")
    return value


def _sourced(row: Row, *dates: str) -> dict[str, Any]:
    confidence = _choice(row, "confidence", Participation.Confidence.values)
    return {
        "source": row.text("source", required=confidence != "none"),
        "as_of": row.text("as_of"),
        "confidence": confidence,
        "to_be_confirmed": row.doubtful(confidence, *dates),
        "note": row.text("note"),
    }


def plain(value: Any) -> Any:
    """Return `value` as JSON holds it: dates as text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


class Loader:
    """One load from `root` (the folder that holds data/ and measures/). Runs inside the caller's transaction."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.jurisdictions = Table(Jurisdiction, ["code"])
        self.instruments = Table(Instrument, ["code"])
        self.participations = Table(Participation, ["instrument_id", "jurisdiction_id"], remove=True)
        self.declarations = Table(Declaration, ["instrument_id", "jurisdiction_id", "article", "kind"], remove=True)
        self.authorities = Table(Authority, ["code"])
        self.measures = Table(MeasureType, ["slug"])
        self.grounds = Table(RefusalGround, ["code"])
        self.profiles = Table(ProfileEntry, ["jurisdiction_id", "topic", "instrument", "measure", "stage"], remove=True)

    def run(self) -> dict[str, Tally]:
        """Load every table, in the order of their foreign keys.

        Raises:
            ReferenceDataWrong: naming file and line of the first row that is wrong.
        """
        self.jurisdictions.load((row, self._jurisdiction(row)) for row in self._csv("jurisdictions", _JURISDICTION))
        instruments = list(instrument_rows(self.root))
        self.instruments.load((row, self._instrument(row)) for row in instruments)
        self.participations.load((row, self._participation(row)) for row in self._csv("participation", _PARTICIPATION))
        self.declarations.load((row, self._declaration(row)) for row in self._csv("declarations", _DECLARATION))
        self._authorities()
        self.measures.load((row, self._measure(row)) for row in measure_rows(self.root))
        self._grounds(instruments)
        self._profiles()
        return {
            "jurisdictions": self.jurisdictions.tally,
            "instruments": self.instruments.tally,
            "participations": self.participations.tally,
            "declarations": self.declarations.tally,
            "authorities": self.authorities.tally,
            "measures": self.measures.tally,
            "refusal_grounds": self.grounds.tally,
            "profile_entries": self.profiles.tally,
        }

    def _csv(self, name: str, columns: frozenset[str]) -> Iterable[Row]:
        return csv_rows(self.root, f"{name}.csv", columns)

    def _pk(self, table: Table[Any], row: Row, key: str, what: str) -> int:
        code = row.text(key, required=True)
        found = table.by_key.get((code,))
        if found is None:
            raise row.wrong(f"{what} {code!r} is not known")
        pk: int = found.pk
        return pk

    def _jurisdiction(self, row: Row) -> dict[str, Any]:
        names = {language: row.text(language, required=True) for language in LANGUAGES}
        return {
            "code": row.text("code", required=True),
            "alpha3": row.text("alpha3"),
            "numeric": row.text("numeric"),
            "kind": row.text("kind", required=True),
            "languages": row.text("languages").split(),
            "names": names,
            "source": row.text("source", required=True),
        }

    def _instrument(self, row: Row) -> dict[str, Any]:
        columns = {"code", "adopted", "in_force", *_INSTRUMENT_TEXT}
        rules = plain({key: value for key, value in row.values.items() if key not in columns})
        try:
            rules_of(rules)
        except RulesWrong as error:
            raise row.wrong(str(error)) from error
        return {
            **{name: row.text(name) for name in _INSTRUMENT_TEXT},
            **_sourced(row),
            "code": row.text("code"),
            "adopted": row.whole_date("adopted"),
            "in_force": row.whole_date("in_force"),
            "rules": rules,
        }

    def _participation(self, row: Row) -> dict[str, Any]:
        dates = ("signed", "consent_date", "in_force_date", "ended")
        return {
            **_sourced(row, *dates),
            **{name: row.whole_date(name) for name in dates},
            "instrument_id": self._pk(self.instruments, row, "treaty_id", "instrument"),
            "jurisdiction_id": self._pk(self.jurisdictions, row, "country", "jurisdiction"),
            "status": row.text("status", required=True),
            "consent_kind": row.text("consent_kind"),
        }

    def _declaration(self, row: Row) -> dict[str, Any]:
        return {
            **_sourced(row),
            "instrument_id": self._pk(self.instruments, row, "treaty_id", "instrument"),
            "jurisdiction_id": self._pk(self.jurisdictions, row, "country", "jurisdiction"),
            "article": row.text("article", required=True),
            "kind": row.text("kind", required=True),
            "content": row.text("content", required=True),
        }

    def _authorities(self) -> None:
        designated = [(row, self._designated(row)) for row in self._csv("authorities", _AUTHORITY)]
        examples = list(toml_rows(self.root, "example_authorities.toml", "authority", "code"))
        # Central authorities first: the others point at them.
        heads = [row for row in examples if not row.text("central")]
        self.authorities.load(designated + [(row, self._example(row)) for row in heads])
        first = self.authorities.tally
        self.authorities.load((row, self._example(row)) for row in examples if row.text("central"))
        second = self.authorities.tally
        self.authorities.tally = Tally(
            first.rows + second.rows, first.created + second.created, first.changed + second.changed
        )

    def _designated(self, row: Row) -> dict[str, Any]:
        return {
            **_sourced(row),
            "code": row.text("code", required=True),
            "jurisdiction_id": self._pk(self.jurisdictions, row, "country", "jurisdiction"),
            "kind": row.text("kind", required=True),
            "name": row.text("authority", required=True),
            "organ": row.text("organ"),
            "city": row.text("city"),
            "time_zone": row.text("time_zone", required=True),
            "scope": row.text("scope"),
            "languages": row.text("languages").split(),
            "fictional": False,
            "hosted_here": False,
        }

    def _example(self, row: Row) -> dict[str, Any]:
        unknown = set(row.values) - {"code", "jurisdiction", "kind", "central", *_EXAMPLE}
        if unknown:
            raise row.wrong(f"{', '.join(sorted(unknown))} is not known here")
        central = self._pk(self.authorities, row, "central", "authority") if row.text("central") else None
        return {
            **{name: row.values[name] for name in _EXAMPLE if name in row.values},
            "code": row.text("code", required=True),
            "jurisdiction_id": self._pk(self.jurisdictions, row, "jurisdiction", "jurisdiction"),
            "kind": row.text("kind", required=True),
            "central_id": central,
            "fictional": True,
            "hosted_here": True,
            "source": "example, no real office",
            "confidence": "none",
            "to_be_confirmed": True,
        }

    def _profiles(self) -> None:
        known = Known(
            jurisdictions={row.code: row.pk for row in self.jurisdictions.by_key.values()},
            instruments={row.code for row in self.instruments.by_key.values()},
            measures={row.slug for row in self.measures.by_key.values()},
        )
        states = {row.pk: row for row in self.jurisdictions.by_key.values()}
        for entry in self.profiles.by_key.values():
            entry.jurisdiction = states[entry.jurisdiction_id]
        before = {key: entry.row() for key, entry in self.profiles.by_key.items()}
        wanted = [(row, self._profile(row, known)) for row in self._csv("profiles", frozenset(COLUMNS))]
        self.profiles.load(wanted)
        shipped = {tuple(values[name] for name in self.profiles.key) for _row, values in wanted}
        changes = []
        for key, was in before.items():
            entry = self.profiles.by_key[key]
            gone = key not in shipped and entry.origin == Maintained.Origin.SHIPPED and entry.edited_at is None
            if gone or entry.row() != was:
                changes.append(
                    ProfileChange(
                        jurisdiction_id=entry.jurisdiction_id,
                        act=ProfileChange.Act.LOAD,
                        before=was,
                        after=None if gone else entry.row(),
                        by_label="load_reference",
                        at=clock.now(),
                    )
                )
        ProfileChange.objects.bulk_create(changes)

    def _profile(self, row: Row, known: Known) -> dict[str, Any]:
        try:
            return entry_checked({name: row.text(name) for name in COLUMNS}, known)
        except EntryWrong as wrong:
            raise row.wrong(str(wrong)) from wrong

    def _measure(self, row: Row) -> dict[str, Any]:
        position = row.values.get("position")
        if not isinstance(position, int) or isinstance(position, bool):
            raise row.wrong("position is not a whole number")
        return {
            "slug": row.text("slug"),
            "name": row.text("name", required=True),
            "position": position,
            "definition": plain(row.values),
        }

    def _grounds(self, instruments: list[Row]) -> None:
        provisions: dict[str, dict[str, str]] = {}
        certain: dict[str, bool] = {}
        for instrument in instruments:
            for entry in instrument.values.get("refusal", []):
                ground = entry["ground"]
                articles = provisions.setdefault(ground, {})
                code = instrument.text("code")
                articles[code] = f"{articles[code]}; {entry['article']}" if code in articles else entry["article"]
                certain[ground] = certain.get(ground, True) and entry["confidence"] == "verified"
        rows = list(toml_rows(self.root, "refusal_grounds.toml", "ground", "code"))
        known = {row.text("code") for row in rows}
        for instrument in instruments:
            for entry in (*instrument.values.get("refusal", []), *instrument.values.get("bar", [])):
                if entry["ground"] not in known:
                    raise instrument.wrong(f"refusal ground {entry['ground']!r} is not in refusal_grounds.toml")
        self.grounds.load(
            (
                row,
                {
                    "code": row.text("code"),
                    "name": row.text("name", required=True),
                    "articles": dict(sorted(provisions.get(row.text("code"), {}).items())),
                    "source": "the provisions named, in our words",
                    "confidence": "high" if certain.get(row.text("code")) else "medium",
                    "to_be_confirmed": not certain.get(row.text("code"), False),
                },
            )
            for row in rows
        )
