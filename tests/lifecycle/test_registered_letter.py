"""What a register reads of a letter that came in."""

from __future__ import annotations

import pytest

from tests.factories import Line, example_letter


@pytest.mark.django_db(transaction=True)
def test_letter_that_gives_reasons_and_leaves_out_usual_levels_is_registered() -> None:
    letter = example_letter(8)
    assert "level" not in letter.content()["confidentiality"]
    line = Line(letter)
    incoming = line.arrived(line.sent())
    assert (incoming.confidentiality, incoming.urgency) == ("normal", letter.urgency.level)
