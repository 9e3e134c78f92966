"""Every act of every machine says who may do it, from where, under which name; nothing writes a case past the engine."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django_fsm import FSMField, Transition

from mla.accounts.capabilities import TABLE, capability_table
from tests.architecture.sources import (
    Write,
    act_of,
    case_rows,
    files,
    layer_of,
    name_of,
    root_of,
    tree_of,
    writes_past_the_engine,
)
from workflows.engine.machine import acts_of
from workflows.engine.models import CaseRow

#: path:function that may write a row of a case itself, and why.
EXCEPTIONS = {
    "workflows/demo/bench_acts.py:<module>": "a bare update, measured as the floor that an act is compared with",
}


#: Statuses to which no act leads: at them begins what was taken over from an earlier register.
ELSEWHERE = {"letter": {"elsewhere"}}


def all_acts() -> Iterator[tuple[type[CaseRow], str, list[Transition]]]:
    for model in case_rows():
        for name, transitions in acts_of(model).items():
            yield model, name, transitions


def act_name(found: Any) -> str:
    return found if isinstance(found, str) else getattr(found, "KIND", "")


@pytest.mark.parametrize("model", case_rows(), ids=act_name)
class TestMachine:
    def test_status_is_protected_and_checked_by_the_database(self, model: type[CaseRow]) -> None:
        status = model._meta.get_field("status")
        assert isinstance(status, FSMField) and status.protected
        statuses = {str(value) for value, _label in status.choices or []}
        assert statuses
        assert any(allowed == statuses for allowed in statuses_checked(model)), (
            f"no CHECK constraint of {model.__name__} names exactly {sorted(statuses)}"
        )

    def test_acts_lead_from_named_statuses_to_named_ones(self, model: type[CaseRow]) -> None:
        statuses = {str(value) for value, _label in model._meta.get_field("status").choices or []}  # type: ignore[union-attr]
        for name, transitions in acts_of(model).items():
            for found in transitions:
                assert found.source in statuses, f"{name} starts from {found.source!r}"
                assert found.target is None or found.target in statuses, f"{name} leads to {found.target!r}"

    def test_every_status_is_reached(self, model: type[CaseRow]) -> None:
        status = model._meta.get_field("status")
        statuses = {str(value) for value, _label in status.choices or []}  # type: ignore[union-attr]
        waiting = [found for transitions in acts_of(model).values() for found in transitions]
        # A row that comes into being in more than one status has no default: no act leads to those.
        first = str(status.get_default() or "")  # type: ignore[union-attr]
        reached = {first} if first else statuses - {str(found.target) for found in waiting}
        reached |= ELSEWHERE.get(model.KIND, set())
        assert reached and waiting
        while new := {str(found.target) for found in waiting if found.source in reached and found.target} - reached:
            reached |= new
        assert reached == statuses

    def test_every_act_has_a_translatable_label_a_permission_and_conditions_with_reasons(
        self, model: type[CaseRow]
    ) -> None:
        for name, transitions in acts_of(model).items():
            for found in transitions:
                assert isinstance(found.custom.get("label"), Promise) and str(found.custom["label"]).strip(), name
                assert callable(found.permission) and found.permission.__name__.startswith("may_"), name
                assert all(hasattr(condition, "reasons") for condition in found.conditions), name

    def test_its_package_has_the_access_check(self, model: type[CaseRow]) -> None:
        selectors = importlib.import_module(model.__module__.split(".models")[0] + ".selectors")
        access = getattr(selectors, f"access_{model.KIND}_by_id", None)
        assert callable(access), f"{selectors.__name__} has no access_{model.KIND}_by_id"
        assert "actor" in inspect.signature(access).parameters


def statuses_checked(model: type[models.Model]) -> Iterator[set[str]]:
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            children = constraint.condition.children  # type: ignore[union-attr]
            for child in children:
                if isinstance(child, tuple) and child[0] == "status__in" and len(children) == 1:
                    yield {str(value) for value in child[1]}


def test_kinds_are_all_different() -> None:
    kinds = [model.KIND for model in case_rows()]
    assert len(set(kinds)) == len(kinds) > 0


def test_every_status_of_the_workflows_has_a_check_constraint() -> None:
    for model in apps.get_models():
        if model.__module__.startswith("workflows.") and any(f.name == "status" for f in model._meta.fields):
            choices = {str(value) for value, _label in model._meta.get_field("status").choices or []}  # type: ignore[union-attr]
            assert choices in list(statuses_checked(model)), model.__name__


# --- read from the source ---


def misplaced_permissions(tree: ast.Module) -> list[str]:
    wrong = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for above, member in zip([None, *node.body], node.body, strict=False):
            declared = act_of(member)
            if declared is None:
                continue
            assert isinstance(member, ast.FunctionDef)
            permission = next((k.value for k in declared.keywords if k.arg == "permission"), None)
            name = permission.id if isinstance(permission, ast.Name) else ""
            if not (name.startswith("may_") and isinstance(above, ast.FunctionDef) and above.name == name):
                wrong.append(f"{node.name}.{member.name}")
    return wrong


def test_permission_stands_directly_above_its_act() -> None:
    for path in files("workflows/**/*.py"):
        assert misplaced_permissions(tree_of(path)) == [], name_of(path)


def test_permission_that_stands_elsewhere_is_found() -> None:
    source = textwrap.dedent(
        """
        class Case:
            def may_approve(self, actor): ...
            @act(label="", source=["a"], target="b", permission=may_approve)
            def approve(self, doing): ...
            @act(label="", source=["b"], target="c", permission=may_approve)
            def send(self, doing): ...
            @act(label="", source=["c"], target="d")
            def close(self, doing): ...
        """
    )
    assert misplaced_permissions(ast.parse(source)) == ["Case.send", "Case.close"]


# --- the capability table ---


def literals(call: str, keyword: str = "", position: int = -1) -> set[str]:
    """Return the string literals given to calls of `call`, by keyword or position, in the workflows."""
    found = set()
    for path in files("workflows/**/*.py", "mla/**/*.py"):
        for node in ast.walk(tree_of(path)):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == call):
                continue
            given = [k.value for k in node.keywords if k.arg == keyword]
            given += node.args[position : position + 1] if position >= 0 else []
            found |= {str(value.value) for value in given if isinstance(value, ast.Constant)}
    return found


def kinds_of(model: type[CaseRow]) -> tuple[str, ...]:
    return getattr(model, "CAPABILITY_KINDS", ()) or (model.KIND,)


def acts_of_machines() -> set[str]:
    """Return the rows that the machines need: KIND.act, or one a side where a kind's rights differ by side."""
    return {f"{kind}.{name}" for model, name, _transitions in all_acts() for kind in kinds_of(model)}


def test_every_act_stands_in_the_capability_table() -> None:
    missing = acts_of_machines() - set(capability_table())
    assert not missing, f"{TABLE.name} has no row for {sorted(missing)}"


def test_every_right_that_is_asked_for_stands_in_the_capability_table() -> None:
    asked = {name for name in literals("holds", "act", 1) | literals("_decide", "act", 2) if "." in name}
    assert asked
    assert not asked - set(capability_table())


def test_no_row_of_the_capability_table_is_stale() -> None:
    kinds = {model.KIND for model in case_rows()}
    created = {f"{kind}.{name}" for kind in kinds for name in literals("create", "act")}
    words = {
        node.value
        for path in files("workflows/**/*.py", "mla/**/*.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    stale = {row for row in capability_table() if row not in acts_of_machines() | created | words}
    assert not stale, f"{TABLE.name} has rows that nothing asks for: {sorted(stale)}"


def test_some_role_may_do_each_act() -> None:
    nobody = [act for act, roles in capability_table().items() if not roles]
    assert not nobody


# --- one door ---


@cache
def found_writes() -> list[Write]:
    rows = {model.__name__ for model in case_rows()}
    tables = {model._meta.db_table for model in case_rows()}
    return [
        write
        for path in files("workflows/**/*.py", "mla/**/*.py")
        if not name_of(path).startswith("workflows/engine/") and "migrations" not in path.parts
        for write in writes_past_the_engine(tree_of(path), name_of(path), rows=rows, tables=tables)
    ]


def test_no_case_is_written_past_the_engine() -> None:
    wrong = [f"{write.path}:{write.line} {write.text}" for write in found_writes() if write.place not in EXCEPTIONS]
    assert not wrong, "\n".join(wrong)


def test_no_exception_is_stale() -> None:
    assert set(EXCEPTIONS) <= {write.place for write in found_writes()}


@pytest.mark.parametrize(
    "line",
    [
        "Letter.objects.filter(pk=1).update(status='sent')",
        "Letter.objects.create(title='')",
        "Letter.objects.select_for_update().get(pk=1).save()",
        "letter.save()",
        "case.letter.save()",
        "found = Letter.objects.get(pk=1); found.save()",
        "rows = Letter.objects.filter(pk=1); rows.update(status='sent')",
        "Letter(title='').save()",
        "cursor.execute('update drafting_letter set status = 1')",
    ],
)
def test_write_past_the_engine_is_found(line: str) -> None:
    tree = ast.parse(f"def service(found: Letter | None = None):\n    {line}\n")
    assert len(list(writes_past_the_engine(tree, "x.py", rows={"Letter"}, tables={"drafting_letter"}))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "Comment.objects.create(letter=letter)",
        "Comment(letter=letter).save()",
        "digest.update(b'')",
        "names.update({'a': 1})",
        "version = Version(); version.save()",
        "letter.comments.filter(pk=1).exists()",
        "Letter.objects.get(pk=1).comments.create(text='')",
        "cursor.execute('select 1 from drafting_letter for update')",
    ],
)
def test_other_write_is_let_pass(line: str) -> None:
    tree = ast.parse(f"def service():\n    {line}\n")
    assert not list(writes_past_the_engine(tree, "x.py", rows={"Letter"}, tables={"drafting_letter"}))


# --- whose row is it ---

#: Rows of the installation, not of an authority.
OF_NOBODY = {"engine.SweepRun"}


def owner_path(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> str:
    """Return the way of keys, none of them empty, from a row to its authority; empty: there is none."""
    for field in model._meta.fields:
        target = field.related_model
        if not isinstance(target, type) or field.null or target in seen or layer_of(model.__module__) is None:
            continue
        if target._meta.label == "reference.Authority" and field.name == "authority":
            return field.name
        if target.__module__.startswith("workflows.") and (rest := owner_path(target, seen | {model})):
            return f"{field.name}.{rest}"
    return ""


@pytest.mark.parametrize(
    "model",
    [model for model in apps.get_models() if model.__module__.startswith("workflows.")],
    ids=lambda model: model._meta.label,
)
def test_every_row_of_a_workflow_belongs_to_an_authority(model: type[models.Model]) -> None:
    path = owner_path(model)
    if model._meta.label in OF_NOBODY:
        assert not path
        return
    assert path, f"{model._meta.label} has neither an authority nor a parent that has one"
    if issubclass(model, CaseRow) or model._meta.label in {"engine.OutboxJob", "drafting.LetterVersion"}:
        assert path == "authority"


def test_root_of_a_chain_is_its_first_name() -> None:
    chain = ast.parse("Letter.objects.filter(a=1)[0].save()").body[0]
    assert isinstance(chain, ast.Expr)
    assert ast.unparse(root_of(chain.value)) == "Letter"
