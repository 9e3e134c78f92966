"""What the documentation names is there."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.architecture.sources import ROOT, files, name_of

DOCUMENTS = files("*.md", "docs/**/*.md", "examples/**/*.md", "mla/**/*.md")
NAMED = re.compile(r"`((?:mla|workflows)(?:\.\w+)+)`")


def named_in_glossary() -> list[str]:
    return sorted(set(NAMED.findall((ROOT / "docs" / "glossary.md").read_text())))


@pytest.mark.parametrize("name", named_in_glossary())
def test_every_name_of_the_glossary_exists(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module), attribute)


def test_every_machine_is_in_the_glossary() -> None:
    from tests.architecture.sources import case_rows

    terms = {name.rpartition(".")[2] for name in named_in_glossary()}
    assert {model.__name__ for model in case_rows()} <= terms


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_link_and_path_leads_somewhere(path: object) -> None:
    from pathlib import Path

    assert isinstance(path, Path)
    text = path.read_text()
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        assert "://" in target or (path.parent / target).exists(), target
    for named in re.findall(r"`((?:mla|workflows|templates|docs|tests|examples|locale)/[\w./-]+)`", text):
        assert (ROOT / named).exists(), named


def test_every_target_that_is_named_can_be_made() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))
    described = set(re.findall(r"^([a-z][a-z-]*):.*## ", makefile, flags=re.MULTILINE))
    assert targets == described, "make help lists every target"
    for path in DOCUMENTS:
        for named in re.findall(r"(?:`|^)make ([a-z][a-z-]*)", path.read_text(), flags=re.MULTILINE):
            assert named in targets, f"{name_of(path)} names make {named}"
