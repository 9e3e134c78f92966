"""From the rows of the files to the rows of the tables."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

from mla.core import clock
from mla.reference.checks import Names, Stated, instrument_faults, participation_faults
from mla.reference.errors import ReferenceDataWrong
from mla.reference.files import Row, csv_rows, instrument_files, instrument_rows, measure_files, measure_rows, toml_rows
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


class _Follows(Exception):
    """The row names one that is wrong itself, so nothing can be said of it."""


class Faults(list[ReferenceDataWrong]):
    """What is wrong with the files of one load, in the order it was found."""

    @contextmanager
    def noted(self, row: Row, failed: set[str]) -> Iterator[None]:
        """Note what is wrong with `row` and go on; its code, if it has one, goes to `failed`."""
        try:
            yield
            return
        except ReferenceDataWrong as error:
            self.extend(error.every)
        except _Follows:
            pass
        code = row.values.get("code", row.values.get("slug"))
        if isinstance(code, str):
            failed.add(code.strip())


class Table(Generic[M]):
    """One table brought up to date with its rows: created, changed where different, kept where a user edited.

    With `remove` a shipped row that is no longer in the files goes, unless a user edited it.
    """

    def __init__(self, model: type[M], key: Sequence[str], *, remove: bool = False) -> None:
        self.model, self.key, self.remove = model, tuple(key), remove
        self.by_key: dict[Hashable, M] = {self._key_of(row): row for row in model._default_manager.all()}
        self.tally = Tally()
        #: The codes of rows that are wrong: what names one of them is not wrong for that alone.
        self.failed: set[str] = set()

    def _key_of(self, row: M) -> Hashable:
        return tuple(getattr(row, name) for name in self.key)

    def load(self, rows: Iterable[Row], read: Callable[[Row], dict[str, Any]], faults: Faults) -> set[Hashable]:
        """Write `rows` and return their keys; `read` gives the values of one by field name, foreign keys as `<name>_id`.

        What cannot be read, does not fit its field or repeats a key goes to `faults`, and its row is left out.
        """
        seen: dict[Hashable, Row] = {}
        new: list[M] = []
        changed: list[M] = []
        fields: set[str] = set()
        for source in rows:
            with faults.noted(source, self.failed):
                values = read(source)
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
        return set(seen)

    def _differs(self, row: M, values: dict[str, Any]) -> bool:
        return any(getattr(row, name) != value for name, value in values.items())

    def _check(self, row: M, source: Row) -> None:
        relations = [field.name for field in self.model._meta.fields if field.is_relation or field.primary_key]
        try:
            row.clean_fields(exclude=relations)
        except ValidationError as error:
            problems = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
            raise source.wrong(problems, next(iter(error.message_dict))) from error


def _choice(row: Row, key: str, allowed: Iterable[str]) -> str:
    value = row.text(key, required=True)
    if value not in (known := list(allowed)):
        raise row.wrong(f"{key} {value!r} is not one of {', '.join(known)}", key)
    return value


def _sourced(row: Row, *dates: str) -> dict[str, Any]:
    confidence = _choice(row, "confidence", Participation.Confidence.values)
    return {
        "source": row.text("source", required=confidence != "none"),
        "as_of": row.text("as_of", required=confidence != "none"),
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
        self.stated: dict[str, Stated] = {}
        self.faults = Faults()

    def run(self) -> dict[str, Tally]:
        """Load every table, in the order of their foreign keys.

        Raises:
            ReferenceDataWrong: naming file and line of every row that is wrong, as far as each can be told alone:
                what names a wrong row is not told too. The caller rolls back.
        """
        faults = self.faults
        self.jurisdictions.load(self._csv("jurisdictions", _JURISDICTION), self._jurisdiction, faults)
        if not self.jurisdictions.by_key:
            raise ReferenceDataWrong.of(faults)
        instruments = list(instrument_rows(self.root, faults.append))
        measures = list(measure_rows(self.root, faults.append))
        # A file that cannot be read is still named by the others.
        self.instruments.failed |= {path.stem for path in instrument_files(self.root)} - {
            row.text("code") for row in instruments
        }
        self.measures.failed |= {path.parent.name for path in measure_files(self.root)} - {
            row.text("slug") for row in measures
        }
        self.names = Names(
            jurisdictions={row.code for row in self.jurisdictions.by_key.values()} | self.jurisdictions.failed,
            measures={row.text("slug") for row in measures} | self.measures.failed,
            instruments={row.text("code") for row in instruments} | self.instruments.failed,
        )
        self.instruments.load(instruments, self._instrument, faults)
        self.participations.load(self._csv("participation", _PARTICIPATION), self._participation, faults)
        self.declarations.load(self._csv("declarations", _DECLARATION), self._declaration, faults)
        self._authorities()
        self.measures.load(measures, self._measure, faults)
        self._grounds([row for row in instruments if row.text("code") in self.stated])
        self._profiles()
        if faults:
            raise ReferenceDataWrong.of(faults)
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
        return csv_rows(self.root, f"{name}.csv", columns, self.faults.append)

    def _pk(self, table: Table[Any], row: Row, key: str, what: str) -> int:
        code = row.text(key, required=True)
        found = table.by_key.get((code,))
        if code in table.failed:
            raise _Follows
        if found is None:
            raise row.wrong(f"{what} {code!r} is not known", key)
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
            read = rules_of(rules)
        except RulesWrong as error:
            raise ReferenceDataWrong.of([row.wrong(text, *path) for text, path in error.faults]) from error
        row.text("articles", required=True)
        stated = Stated(row.text("kind"), row.whole_date("adopted"), row.whole_date("in_force"), read)
        ReferenceDataWrong.any_of(instrument_faults(row, stated, self.names))
        self.stated[row.text("code")] = stated
        return {
            **{name: row.text(name) for name in _INSTRUMENT_TEXT},
            **_sourced(row),
            "code": row.text("code"),
            "adopted": stated.adopted,
            "in_force": stated.in_force,
            "rules": rules,
        }

    def _participation(self, row: Row) -> dict[str, Any]:
        dates = ("signed", "consent_date", "in_force_date", "ended")
        instrument = self._pk(self.instruments, row, "treaty_id", "instrument")
        jurisdiction = self._pk(self.jurisdictions, row, "country", "jurisdiction")
        stated = self.stated.get(row.text("treaty_id"))
        if stated is not None:
            ReferenceDataWrong.any_of(participation_faults(row, stated))
        return {
            **_sourced(row, *dates),
            **{name: row.whole_date(name) for name in dates},
            "instrument_id": instrument,
            "jurisdiction_id": jurisdiction,
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
        examples = list(toml_rows(self.root, "example_authorities.toml", "authority", "code", self.faults.append))
        # Central authorities first: the others point at them.
        heads = [row for row in examples if not row.text("central")]
        offices = [*self._csv("authorities", _AUTHORITY), *heads]
        self.authorities.load(offices, self._office, self.faults)
        first = self.authorities.tally
        self.authorities.load([row for row in examples if row.text("central")], self._example, self.faults)
        second = self.authorities.tally
        self.authorities.tally = Tally(
            first.rows + second.rows, first.created + second.created, first.changed + second.changed
        )

    def _office(self, row: Row) -> dict[str, Any]:
        return self._example(row) if row.file.suffix == ".toml" else self._designated(row)

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
            instruments=set(self.names.instruments),
            measures=set(self.names.measures),
        )
        states = {row.pk: row for row in self.jurisdictions.by_key.values()}
        for entry in self.profiles.by_key.values():
            entry.jurisdiction = states[entry.jurisdiction_id]
        before = {key: entry.row() for key, entry in self.profiles.by_key.items()}
        rows = self._csv("profiles", frozenset(COLUMNS))
        shipped = self.profiles.load(rows, lambda row: self._profile(row, known), self.faults)
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
        if row.text("jurisdiction") in self.jurisdictions.failed:
            raise _Follows
        try:
            return entry_checked({name: row.text(name) for name in COLUMNS}, known)
        except EntryWrong as wrong:
            raise row.wrong(str(wrong)) from wrong

    def _measure(self, row: Row) -> dict[str, Any]:
        position = row.values.get("position")
        if not isinstance(position, int) or isinstance(position, bool):
            raise row.wrong("position is not a whole number", "position")
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
        rows = list(toml_rows(self.root, "refusal_grounds.toml", "ground", "code", self.faults.append))
        known = {row.text("code") for row in rows}
        for instrument in instruments if known else []:
            for part in ("refusal", "bar"):
                for index, entry in enumerate(instrument.values.get(part, [])):
                    if entry["ground"] not in known:
                        message = f"refusal ground {entry['ground']!r} is not in refusal_grounds.toml"
                        self.faults.append(instrument.wrong(message, part, index, "ground"))

        def values(row: Row) -> dict[str, Any]:
            code = row.text("code")
            return {
                "code": code,
                "name": row.text("name", required=True),
                "articles": dict(sorted(provisions.get(code, {}).items())),
                "source": "the provisions named, in our words",
                "confidence": "high" if certain.get(code) else "medium",
                "to_be_confirmed": not certain.get(code, False),
            }

        self.grounds.load(rows, values, self.faults)
