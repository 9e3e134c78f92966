"""The documentation of the machines is made from the law and from the code, and is what is in the repository."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings

from tests.lifecycle.rendering import machines, picture_of, rendered
from workflows.engine.drawing import machine_ways
from workflows.engine.machine import acts_of
from workflows.engine.models import CaseRow

DOCS = Path(settings.BASE_DIR) / "docs"


def same(path: Path, text: str) -> None:
    if os.environ.get("MACHINES") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists() and path.read_text(encoding="utf-8") == text, f"{path.name}: MACHINES=write makes it again"


def test_the_documentation_has_every_table_of_the_law() -> None:
    same(DOCS / "machines.md", rendered())


@pytest.mark.parametrize("model", machines(), ids=lambda model: model.KIND)
def test_the_picture_shows_every_way_that_the_code_knows(model: type[CaseRow]) -> None:
    svg = picture_of(model)
    same(DOCS / "machines" / f"{model.KIND}.svg", svg)
    drawn = [element for element in ElementTree.fromstring(svg).iter() if "way" in element.get("class", "").split()]
    pairs = {
        (found.source, found.target)
        for transitions in acts_of(model).values()
        for found in transitions
        if found.target not in (None, found.source)
    }
    ways, _same = machine_ways(model)
    assert len(drawn) == len(pairs) == len(ways)


def test_no_picture_is_left_of_a_machine_that_is_gone() -> None:
    assert {path.stem for path in (DOCS / "machines").iterdir()} == {model.KIND for model in machines()}
