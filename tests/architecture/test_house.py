"""Small rules that keep the house in order."""

from __future__ import annotations

import ast
import re

import pytest

from mla.settings.env import BASE_DIR
from tests.architecture.sources import ROOT, files, name_of, tree_of

#: Where the environment is read, or where a process is started with another one.
STARTERS = {
    "mla/settings/env.py",
    "mla/settings/__init__.py",
    "mla/services.py",
    "mla/prepare.py",
}
PYTHON = ("mla/**/*.py", "workflows/**/*.py", "tests/**/*.py", "manage.py")
TEXT = ("*", ".ci/*", "mla/**/*", "workflows/**/*", "templates/**/*", "tests/**/*", "docs/**/*", "examples/**/*")
#: Written so that this file does not hold them itself.
OTHER_PLACES = [
    re.compile(pattern) for pattern in (r"/wor[k]/", r"\.\./share[d]", r"share[d]/(design|data)", r"/root[/]")
]


def test_modules_stay_small() -> None:
    long = {name_of(path): lines for path in files(*PYTHON) if (lines := path.read_text().count("\n")) >= 600}
    assert not long


def test_no_file_names_another_place_of_some_machine() -> None:
    wrong = []
    for path in files(*TEXT):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{name_of(path)}: {found[0]}" for pattern in OTHER_PLACES if (found := pattern.search(text))]
    assert not wrong


def test_name_of_another_place_is_found() -> None:
    assert all(any(p.search(text) for p in OTHER_PLACES) for text in ("/wor" + "k/main", "../share" + "d/x"))


def test_every_measure_has_its_letter_template() -> None:
    measures = {path.parent.name for path in files("mla/reference/measures/*/measure.toml")}
    templates = {path.stem for path in files("templates/documents/**/*.html")}
    missing = {slug for slug in measures if slug not in templates and slug.replace("-", "_") not in templates}
    assert measures
    assert not missing


def test_every_measure_folder_is_whole() -> None:
    for folder in {path.parent for path in files("mla/reference/measures/*/*")}:
        assert {"measure.toml", "questions.toml"} <= {path.name for path in folder.iterdir()}, folder.name


def unnamed(tree: ast.Module) -> list[str]:
    """Return the public functions of a module that act for somebody and let an argument go unnamed.

    Not those that the engine calls with a job, nor small ones that look something up.
    """
    wrong = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            positional = [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]
            every = positional + [argument.arg for argument in node.args.kwonlyargs]
            if {"by", "actor"} & set(every) and (positional or node.args.vararg):
                wrong.append(node.name)
    return wrong


def test_services_take_their_arguments_by_name() -> None:
    modules = files("workflows/*/services*.py", "workflows/*/services/*.py", "mla/*/services*.py")
    assert len(modules) > 1
    wrong = {name_of(path): found for path in modules if (found := unnamed(tree_of(path)))}
    assert not wrong


def test_service_with_unnamed_arguments_is_found() -> None:
    source = "def a(*, x, by): ...\ndef b(x, *, by): ...\ndef _c(x, by): ...\ndef d(job, why): ...\ndef e(actor): ..."
    assert unnamed(ast.parse(source)) == ["b", "e"]


@pytest.mark.parametrize("path", files("mla/**/*.py", "workflows/**/*.py"), ids=name_of)
def test_module_reads_no_environment(path: object) -> None:
    """What comes from outside is read in settings/env.py and where a process starts."""
    from pathlib import Path

    assert isinstance(path, Path)
    if name_of(path) in STARTERS:
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"os.getenv", "os.environ.get"}:
            if ast.unparse(node.args[0]) == "'SOURCE_DATE_EPOCH'":
                # Set for one rendering and put back.
                continue
            pytest.fail(f"{name_of(path)}:{node.lineno} reads the environment: put it into mla/settings/env.py")


def test_base_folder_is_the_checkout() -> None:
    assert BASE_DIR == ROOT and (ROOT / "manage.py").exists()
