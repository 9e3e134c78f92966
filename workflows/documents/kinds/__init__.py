"""Kinds of document beside the letter: each a module here, a folder of templates, and a golden text.

A module has `KIND`, a frozen dataclass that is all the template prints, and `kind_context`, which fills it from what the
case holds. `kinds` finds them; nothing else lists them. tests/documents/test_kinds.py fails until one is whole.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal, Protocol, get_type_hints

from django.utils.functional import Promise

#: What a document is about that is about the case as a whole.
WHOLE = "case"


@dataclass(frozen=True, slots=True)
class About:
    """A part of the case that one document is about: a question, a measure. `words` say which, to an officer."""

    key: str = WHOLE
    words: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What the case does not hold and an officer says. `label` is printed before it as well."""

    key: str
    label: Promise
    kind: Literal["text", "line", "sha256", "language", "choice"] = "text"
    required: bool = False
    choices: Mapping[str, Promise] | None = None

    @property
    def plain_label(self) -> str:
        """Return the label without its last mark: printed as the beginning of a paragraph it has one, beside a field not."""
        return str(self.label).rstrip(" \u00a0.:\uff1a\u3002")


def nothing_known(case: Any, about: str) -> Mapping[str, str]:
    return {}


class Fills(Protocol):
    def __call__(self, case: Any, about: str, said: Mapping[str, str]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """`about`: what of a case it can be made about now; nothing: the case holds nothing for it yet.

    `context`: returns the typed context, in the active language; `said` holds every key of `fields`.
    `known`: what the case holds of the fields after all, for this part of it: nobody is asked, and nobody may say otherwise.
    `right`: its row in the table of capabilities. `between_states`: for the other authority; one that is for somebody
    else has no content attached, and is never sent there.
    """

    slug: str
    name: Promise
    side: Literal["outgoing", "incoming", "both"]
    about: Callable[[Any], list[About]]
    context: Fills
    fields: tuple[Field, ...] = ()
    known: Callable[[Any, str], Mapping[str, str]] = nothing_known
    right: str = "case_document.make"
    between_states: bool = True

    @property
    def context_type(self) -> Any:
        """Return the type of its typed context."""
        return get_type_hints(self.context)["return"]

    @property
    def template(self) -> str:
        return f"documents/{self.slug}/document.html"


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by its slug, which is its module's name with hyphens, in the order of the modules."""
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name):
        if not module.name.startswith("_"):
            kind: Kind = import_module(f"{__name__}.{module.name}").KIND
            found[kind.slug] = kind
    return found
