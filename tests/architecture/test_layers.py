"""Imports and foreign keys point down; what is dangerous stands in one place."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from django.apps import apps
from django.db import models

from mla.audit.models import AuditEntry
from tests.architecture.sources import ROOT, files, layer_of, name_of, tree_of

#: Who may write the audit: the engine for acts, jobs and refusals, the editing of facts of law and of people's
#: hats, which have no machine, and the handing out of a stored file, which changes no row.
RECORDERS = {
    "mla/accounts/services.py",
    "mla/accounts/services_record.py",
    "mla/accounts/sign_in_audit.py",
    "mla/audit/services.py",
    "mla/reference/services.py",
    "mla/reference/history.py",
    "mla/reference/services_profiles.py",
    "workflows/documents/opening.py",
    "workflows/engine/acts.py",
    "workflows/engine/perform.py",
    "workflows/engine/services.py",
    "workflows/notifying/services.py",
    "workflows/tracking/services.py",
}
PYTHON = ("mla/**/*.py", "workflows/**/*.py", "manage.py")


def test_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def keys_pointing_up(candidates: list[type[models.Model]]) -> list[str]:
    wrong = []
    for model in candidates:
        own = layer_of(model.__module__)
        for field in model._meta.get_fields():
            if own is None or field.auto_created or not field.is_relation or not isinstance(field.related_model, type):
                continue
            target = layer_of(field.related_model.__module__)
            if target is not None and target > own:
                wrong.append(f"{model._meta.label}.{field.name} > {field.related_model._meta.label}")
    return wrong


def test_no_foreign_key_points_to_a_higher_layer() -> None:
    ours = [model for model in apps.get_models() if layer_of(model.__module__) is not None]
    assert len(ours) > 10
    assert keys_pointing_up(ours) == []


def test_foreign_key_to_a_higher_layer_is_found() -> None:
    class Upward(models.Model):
        case = models.ForeignKey("drafting.LetterOfRequest", on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "audit"
            managed = False

        def __str__(self) -> str:
            return ""

    try:
        Upward.__module__ = "mla.audit.models"
        assert keys_pointing_up([Upward]) == ["audit.Upward.case > drafting.LetterOfRequest"]
    finally:
        del apps.all_models["audit"]["upward"]
        apps.clear_cache()


def test_audit_entry_holds_values_and_no_foreign_key() -> None:
    assert [field.name for field in AuditEntry._meta.get_fields() if field.is_relation] == []


def test_every_package_of_ours_has_a_layer() -> None:
    for config in apps.get_app_configs():
        if config.name.startswith(("mla.", "workflows.")):
            assert layer_of(config.name) is not None, f"{config.name} is in no layer"


def imports_of(tree: ast.Module) -> set[str]:
    """Return what a module imports, wherever it stands, as dotted names; from a package also each name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in {"import_module", "importlib.import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(str(node.args[0].value))
    return found


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("weasyprint", {"workflows/documents/rendering.py"}),
        ("django_fsm.transition", {"workflows/engine/machine.py"}),
        ("mla.audit.services.record", RECORDERS),
        ("rest_framework", set()),
    ],
)
def test_stands_in_one_place_only(module: str, allowed: set[str]) -> None:
    importers = {
        name_of(path)
        for path in files(*PYTHON)
        if any(found == module or found.startswith(module + ".") for found in imports_of(tree_of(path)))
    }
    assert importers <= allowed


def test_late_and_dynamic_imports_are_seen() -> None:
    late = ast.parse("def f():\n    import weasyprint.text\n    import_module('django_fsm')")
    assert imports_of(late) == {"weasyprint.text", "django_fsm"}


def test_audit_is_written_by_its_service_only() -> None:
    for path in files(*PYTHON):
        for node in ast.walk(tree_of(path)):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func).startswith("AuditEntry")
                and "migrations" not in path.parts
            ):
                called = ast.unparse(node.func)
                reads = called.startswith("AuditEntry.objects.") and not called.endswith(("create", "update", "delete"))
                assert reads or name_of(path) == "mla/audit/services.py", f"{name_of(path)}:{node.lineno} {called}"


def test_language_is_changed_for_a_block_never_for_the_rest() -> None:
    """activate() stays until another calls it, in a worker for the next job: override() ends with its block."""
    for path in files(*PYTHON):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func).rpartition(".")[2] not in {"activate", "deactivate"}, (
                    f"{name_of(path)}:{node.lineno}"
                )
