"""Reading our own sources: the files of the house, their syntax trees, and what a tree says about a row."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings

from workflows.engine.models import CaseRow

ROOT: Path = settings.BASE_DIR
#: Lowest first. A foreign key and an import point down.
LAYERS = (
    "mla.core",
    "mla.audit",
    "mla.reference",
    "mla.accounts",
    "workflows.engine",
    "workflows.drafting",
    "workflows.lifecycle",
    "workflows.documents",
    "workflows.exchange",
    "workflows.tracking",
    "workflows.notifying",
    "workflows.web",
    "workflows.demo",
)
_ASIDE = {".venv", ".git", "var", "build", "__pycache__", "node_modules"}


def layer_of(module: str) -> int | None:
    """Return the height of a module's package, or None for one that is not ours."""
    for height, package in enumerate(LAYERS):
        if module == package or module.startswith(package + "."):
            return height
    return None


def files(*patterns: str) -> list[Path]:
    """Return our files that fit one of the patterns, caches and installed packages aside."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not _ASIDE & set(path.relative_to(ROOT).parts[:-1]))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def case_rows() -> list[type[CaseRow]]:
    return [model for model in apps.get_models() if issubclass(model, CaseRow)]


def root_of(node: ast.expr) -> ast.expr:
    """Return what a chain such as ``Letter.objects.filter(...).update`` begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript | ast.Await):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node


def attributes_of(node: ast.expr) -> list[str]:
    """Return the attribute names of a chain, last first."""
    names = []
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    return names


@dataclass(frozen=True, slots=True)
class Write:
    """A place where a row of a case is written past the engine."""

    path: str
    function: str
    line: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.path}:{self.function}"


_GETTERS = {"get", "first", "last", "latest", "earliest"}
_ROW_WRITES = {"save", "delete", "save_base"}
_SET_WRITES = {
    "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
}  # fmt: skip


def writes_past_the_engine(tree: ast.Module, path: str, *, rows: set[str], tables: set[str]) -> Iterator[Write]:
    """Yield each call that saves, updates, creates or deletes a row of a model named in `rows`, and SQL on `tables`.

    A name's class is read from its annotation or its assignment; of a name that tells nothing but is
    called like a row (letter, outgoing, case, ...) the worst is assumed.
    """
    like_rows = {name.lower() for name in rows} | {"case", "row", "letter", "outgoing", "incoming", "item"}
    for scope, function in _scopes(tree):
        known = _classes_in(function, rows) if isinstance(function, ast.FunctionDef) else {}
        own = _class_around(tree, function)
        if own is not None and "self" not in known:
            known["self"] = "row" if own.name in rows or _declares_acts(own) else "other"
        for node in _own_nodes(function):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _writing_sql(node.value, tables):
                    yield Write(path, scope, node.lineno, node.value.strip().splitlines()[0])
                continue
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            called, receiver = node.func.attr, node.func.value
            root, chain = root_of(receiver), attributes_of(receiver)
            holds_row = chain[0] in like_rows if chain else _kind(root, known, like_rows) == "row"
            if isinstance(root, ast.Name) and root.id in rows:
                # From the class: a row of it, or a set of its rows; not what hangs on a row that was got.
                holds_row = receiver is not root and not _GETTERS & set(chain[1:])
            if holds_row and (called in _ROW_WRITES or (called in _SET_WRITES and chain) or _sets_columns(node)):
                yield Write(path, scope, node.lineno, ast.unparse(node)[:100])


def _sets_columns(call: ast.Call) -> bool:
    """Tell an update of columns from a dictionary's or a digest's."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "update" and bool(call.keywords)


def _writing_sql(text: str, tables: set[str]) -> bool:
    words = text.lower().replace("(", " ").split()
    return any(
        words[index : index + 2] in (["update", table], ["into", table], ["from", table])
        and (words[index] != "from" or (index and words[index - 1] == "delete"))
        for table in tables
        for index in range(len(words))
    )


def _kind(root: ast.expr, known: dict[str, str], like_rows: set[str]) -> str:
    if isinstance(root, ast.Name):
        if root.id in known:
            return known[root.id]
        if root.id in like_rows:
            return "row"
    return "other"


def _scopes(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    yield "<module>", tree
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a scope without those of the functions inside it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def _class_around(tree: ast.Module, function: ast.AST) -> ast.ClassDef | None:
    return next((node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and function in node.body), None)


def _declares_acts(node: ast.ClassDef) -> bool:
    return any(act_of(member) is not None for member in node.body)


def act_of(member: ast.stmt) -> ast.Call | None:
    """Return the ``@act(...)`` of a function, or None."""
    if isinstance(member, ast.FunctionDef):
        for decorator in member.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in {"act", "machine.act"}:
                return decorator
    return None


def _classes_in(function: ast.FunctionDef, rows: set[str]) -> dict[str, str]:
    """Return for each name of a function whether it holds a row of a case, as far as its text tells."""
    known: dict[str, str] = {}
    arguments = function.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        if argument.annotation is not None:
            known[argument.arg] = _annotated(argument.annotation, rows)
    for node in ast.walk(function):
        if isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
            known[node.optional_vars.id] = "other"
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            known[node.target.id] = _annotated(node.annotation, rows)
        elif isinstance(node, ast.Assign | ast.For | ast.comprehension):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            value = node.value if isinstance(node, ast.Assign) else node.iter
            if isinstance(target, ast.Name) and (said := _assigned(value, rows)):
                known[target.id] = said
    return known


def _annotated(annotation: ast.expr, rows: set[str]) -> str:
    return "row" if {word.strip("'\" ") for word in _words(ast.unparse(annotation))} & (rows | {"CaseRow"}) else "other"


def _words(text: str) -> list[str]:
    return "".join(character if character.isalnum() or character == "_" else " " for character in text).split()


def _assigned(value: ast.expr, rows: set[str]) -> str:
    root = root_of(value)
    if not isinstance(root, ast.Name):
        return ""
    if root.id in rows:
        return "row"
    if isinstance(value, ast.Call) and root.id[:1].isupper():
        return "other"
    return ""
