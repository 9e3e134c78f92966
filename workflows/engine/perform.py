"""perform(), create() and create_all(): the only doors through which a case changes.

Order inside one transaction: lock the case row first and children after it, compare the version,
check status, right and conditions, run the body, validate, save, save the rows it changed and made, write
the outbox jobs, then the acts that follow, last of all the audit entries (a chain's lock is held to the end).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django_fsm import Transition

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.audit.models import AuditEntry
from mla.audit.services import Entry, What, Why, record
from mla.core import clock
from mla.core.ids import uuid7
from mla.core.reasons import Reason
from mla.core.text import TextRefused, clean
from workflows.engine.acts import note, one_act
from workflows.engine.errors import (
    ActForbidden,
    ActNotPossible,
    ConditionsNotMet,
    DataWrong,
    VersionChanged,
)
from workflows.engine.machine import Condition, Doing, Effects, acts_of, transition_from
from workflows.engine.models import CaseRow
from workflows.engine.outbox import enqueue

M = TypeVar("M", bound=CaseRow)

_IDENTIFIER = re.compile(r"[0-9A-Za-z-]{1,64}")


def perform(case: M, act: str, *, by: Actor, expected_version: int | None = None, **data: Any) -> M:
    """Do `act` on `case` and return the row as it is afterwards. The row passed in is left as it was.

    Called by the services of each package, on behalf of a person, the system or a peer.

    Raises:
        VersionChanged: `expected_version` is not the present one.
        ActNotPossible: the act does not start from the present status.
        ActForbidden: the actor may not; recorded as refused by `recording_refusals`.
        ConditionsNotMet: with every unmet condition.
        DataWrong: the data do not fit the row, naming each field.
    """
    with one_act() as act_id:
        row = _locked(case)
        doing = Doing(act=act, by=by, at=clock.now(), act_id=act_id, data=data)
        declared = _checked(row, doing, expected_version)
        data = {name: _cleaned(value, act, name) for name, value in data.items()}
        doing = replace(doing, data=data)
        from_status: str = row.status  # type: ignore[attr-defined]
        row._doing = doing  # type: ignore[attr-defined]
        try:
            effects: Effects = getattr(row, act)(doing, **data)
        finally:
            del row._doing  # type: ignore[attr-defined]
        for follower, follower_act, follower_data in effects.then_before:
            perform(follower, follower_act, by=by, **follower_data)
        row.version += 1
        row.changed_at = doing.at
        _validate(row, act, exclude={"status"})
        row.save()
        _write(row, doing, effects)
        note(_entry(row, doing, effects, from_status, str(declared.target or from_status)))
        return row


def require_version(case: CaseRow, expected_version: int | None) -> None:
    """Lock the row until the end of the caller's act and check that it is as somebody saw it. None: not seen.

    For an act made of several services, inside `one_act`.

    Raises:
        VersionChanged: `expected_version` is not the present one.
    """
    if expected_version is None:
        return
    present = _locked(case).version
    if present != expected_version:
        message = f"it was changed meanwhile: you saw version {expected_version}, now it is {present}"
        raise VersionChanged("", [Reason("version_changed", message)])


def create(case: M, *, act: str, by: Actor, effects: Effects | None = None, **data: Any) -> M:
    """Bring a new case into being: `case` is unsaved, in its first status, without a past.

    Raises:
        ActForbidden: the role may not create, or not for that authority.
        DataWrong: naming each field that does not fit.
    """
    with one_act() as act_id:
        doing = Doing(act=act, by=by, at=clock.now(), act_id=act_id, data=data)
        if not (holds(by, f"{case.KIND}.{act}") and case.may_be_created_by(by)):
            raise _forbidden(case, doing)
        case.created_at = case.changed_at = doing.at
        case.version = 1
        _validate(case, act, exclude={"status"})
        case.save(force_insert=True)
        effects = effects or Effects()
        _write(case, doing, effects)
        note(_entry(case, doing, effects, "", case.status))  # type: ignore[attr-defined]
        return case


def create_all(cases: Sequence[tuple[M, Effects]], *, act: str, by: Actor) -> list[M]:
    """Bring many new cases of one kind into being, each with its rows, in their order: as `create`, or none of them.

    For what is taken over by the thousand. Effects other than new rows and words for the audit are not done here.

    Raises:
        ActForbidden, DataWrong: as `create`, of the first case that does not fit.
    """
    with one_act() as act_id:
        doing = Doing(act=act, by=by, at=clock.now(), act_id=act_id)
        for case, effects in cases:
            if effects.changed or effects.events or effects.then or effects.then_before:
                raise ValueError("only new rows are made with many cases at once")
            if not (holds(by, f"{case.KIND}.{act}") and case.may_be_created_by(by)):
                raise _forbidden(case, doing)
            case.created_at = case.changed_at = doing.at
            case.version = 1
            _know_saved_keys(case)
            _validate(case, act, exclude={"status"})
        _insert([case for case, _effects in cases])
        rows: dict[type[models.Model], list[models.Model]] = {}
        for _case, effects in cases:
            for new in effects.rows:
                rows.setdefault(type(new), []).append(new)
        for of_one_model in rows.values():
            for new in of_one_model:
                _know_saved_keys(new)
                _validate(new, act)
            _insert(of_one_model)
        for case, effects in cases:
            note(_entry(case, doing, effects, "", case.status))  # type: ignore[attr-defined]
        return [case for case, _effects in cases]


def _insert(rows: Sequence[models.Model]) -> None:
    if rows:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=500)


@dataclass(frozen=True, slots=True)
class AvailableAct:
    """An act from the present status, for a page: shown, and when `reasons` is not empty disabled with them."""

    name: str
    label: str
    reasons: tuple[Reason, ...]


def available_acts(case: CaseRow, actor: Actor) -> list[AvailableAct]:
    """Return the acts the actor may do from the present status, with what still stands in the way of each."""
    found = []
    for name in acts_of(type(case)):
        declared = transition_from(case, name)
        if declared is None or not declared.has_perm(case, actor):  # type: ignore[arg-type]
            continue
        doing = Doing(act=name, by=actor, at=clock.now(), act_id=uuid7(), asking=True)
        found.append(AvailableAct(name, str(declared.custom["label"]), tuple(_unmet(case, declared, doing))))
    return found


def require_right(case: CaseRow, act: str, *, by: Actor) -> None:
    """Refuse, before a page of the act is shown, whoever may not do it from any status.

    Raises:
        ActForbidden: as `perform` would raise it, so that it is recorded alike.
    """
    if not any(declared.has_perm(case, by) for declared in acts_of(type(case)).get(act, ())):  # type: ignore[arg-type]
        raise _forbidden(case, Doing(act=act, by=by, at=clock.now(), act_id=uuid7(), asking=True))


@contextmanager
def recording_refusals() -> Iterator[None]:
    """Record a refusal in a transaction of its own, after the rollback, and let the error pass on.

    A forbidden act goes into the chain of the case's authority, an object that the actor may not see
    (whether it exists or not) into that of the actor's own. Wraps the outermost call: the middleware of
    the web, the base class of the commands.
    """
    try:
        yield
    except ActForbidden as refused:
        refusal: Entry | None = getattr(refused, "entry", None)
        if refusal is not None:
            with transaction.atomic():
                record(refusal)
        raise
    except AccessDenied as denied:
        if denied.actor is not None:
            with transaction.atomic():
                record(_denial(denied, denied.actor))
        raise


def _locked(case: M) -> M:
    for outer in _outermost_first(case):
        type(outer)._default_manager.select_for_update(of=("self",)).get(pk=outer.pk)
    # of=self: locking a row does not lock the reference data it points to.
    row: M = type(case)._default_manager.select_for_update(of=("self",)).get(pk=case.pk)
    return row


def _outermost_first(case: CaseRow) -> Iterator[CaseRow]:
    for outer in case.lock_first():
        yield from _outermost_first(outer)
        yield outer


def _checked(row: CaseRow, doing: Doing, expected_version: int | None) -> Transition:
    declared_acts = acts_of(type(row))
    if doing.act not in declared_acts:
        raise ActNotPossible(doing.act, [Reason("no_such_act", f"{row.KIND} knows no act {doing.act}")])
    some = declared_acts[doing.act][0]
    # The right is asked before the status: who may not do it learns nothing of the status.
    declared = transition_from(row, doing.act)
    if not (declared or some).has_perm(row, doing.by):  # type: ignore[arg-type]
        raise _forbidden(row, doing)
    if expected_version is not None and expected_version != row.version:
        message = f"it was changed meanwhile: you saw version {expected_version}, now it is {row.version}"
        raise VersionChanged(doing.act, [Reason("version_changed", message)])
    if declared is None:
        status: str = row.get_status_display()  # type: ignore[attr-defined]
        message = f"“{some.custom['label']}” does not fit the status “{status}”"
        raise ActNotPossible(doing.act, [Reason("wrong_status", message)])
    unmet = _unmet(row, declared, doing)
    if unmet:
        raise ConditionsNotMet(doing.act, unmet)
    return declared


def _unmet(row: CaseRow, declared: Transition, doing: Doing) -> list[Reason]:
    return [
        reason
        for condition in declared.conditions
        if isinstance(condition, Condition)
        for reason in condition.reasons(row, doing)
    ]


def _forbidden(row: CaseRow, doing: Doing) -> ActForbidden:
    error = ActForbidden(doing.act, [Reason("forbidden", f"{doing.by.label} may not do this act on this case")])
    error.entry = Entry(  # type: ignore[attr-defined]
        authority_id=row.authority_id,
        act=f"{row.KIND}.{doing.act}",
        by=doing.by.who(),
        on=What(row.KIND, str(row.public_id), row.version, getattr(row, "status", ""), ""),
        outcome=AuditEntry.Outcome.REFUSED,
        why=Why(code="forbidden"),
    )
    return error


def _denial(denied: AccessDenied, actor: Actor) -> Entry:
    return Entry(
        authority_id=actor.authority_id or 0,
        act="access",
        by=actor.who(),
        # What was asked for comes from outside: an identifier, or nothing.
        on=What(denied.kind, denied.reference if _IDENTIFIER.fullmatch(denied.reference) else ""),
        outcome=AuditEntry.Outcome.REFUSED,
        why=Why(code="access_denied"),
    )


def _cleaned(value: Any, act: str, name: str) -> Any:
    """Return the data as text enters: NFC, LF, nothing invisible. The audit and messages take no other."""
    try:
        return _clean_inside(value)
    except TextRefused as refused:
        raise DataWrong(act, [Reason("text_refused", str(refused), field=name)]) from refused


def _clean_inside(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list | tuple):
        return type(value)(_clean_inside(part) for part in value)
    if isinstance(value, dict):
        return {key: _clean_inside(part) for key, part in value.items()}
    return value


def _validate(row: models.Model, act: str, exclude: set[str] | None = None) -> None:
    left_out = set(exclude or ())
    too_long: list[Reason] = []
    for field in row._meta.concrete_fields:
        # Django would look each key up; that it exists is the database's to say, as uniqueness is.
        if field.is_relation and getattr(row, field.attname) is not None:
            left_out.add(field.name)
        if isinstance(field, models.CharField | models.TextField):
            value = getattr(row, field.attname)
            if isinstance(value, str) and (text := _cleaned(value, act, field.name)) != value:
                setattr(row, field.attname, text)
            # Django holds a CharField to its length, a TextField only in its forms.
            if isinstance(field, models.TextField) and field.max_length and len(value or "") > field.max_length:
                message = f"{field.name}: {len(value)} characters, at most {field.max_length} are taken"
                too_long.append(Reason("field_wrong", message, field=field.name))
    if too_long:
        raise DataWrong(act, too_long)
    try:
        # Uniqueness and the CHECK constraints are the database's, at the save.
        row.full_clean(exclude=left_out, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        reasons = [
            Reason("field_wrong", f"{name}: {message}", field=name)
            for name, messages in error.message_dict.items()
            for message in messages
        ]
        raise DataWrong(act, reasons) from error


def _write(row: CaseRow, doing: Doing, effects: Effects) -> None:
    # What ends makes room for what takes its place.
    for other in effects.changed:
        _validate(other, doing.act)
        other.save()
    for new in effects.rows:
        _know_saved_keys(new)
        _validate(new, doing.act)
        new.save(force_insert=True)
    for event, payload in effects.events:
        enqueue(event, on=row, act_id=doing.act_id, payload=payload)
    for follower, act, data in effects.then:
        perform(follower, act, by=doing.by, **data)


def _know_saved_keys(new: models.Model) -> None:
    """A row may point to another new row of the same act, which has its key only now."""
    for field in new._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and getattr(new, field.attname) is None and field.is_cached(new):
            setattr(new, field.name, getattr(new, field.name))


def _entry(row: CaseRow, doing: Doing, effects: Effects, from_status: str, to_status: str) -> Entry:
    # In the chain of the authority whose officer acted: its auditor answers for its own people.
    own = doing.by.authority_id if doing.by.kind == "user" else None
    return Entry(
        authority_id=own or row.authority_id,
        act=f"{row.KIND}.{doing.act}",
        by=doing.by.who(),
        on=What(row.KIND, str(row.public_id), row.version, from_status, to_status),
        why=Why(code=effects.reason_code, text=effects.reason, article=effects.article),
        act_id=doing.act_id,
        detail=effects.detail,
    )
