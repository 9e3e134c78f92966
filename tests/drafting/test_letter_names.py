"""What the codes of a letter mean is printed in the letter's own language."""

from __future__ import annotations

import pytest

from tests.drafting.letters import letter
from workflows.drafting.freezing import names_now

pytestmark = pytest.mark.django_db


def test_instruments_states_and_measures_are_named_in_the_language_of_the_letter() -> None:
    written = letter(language="fr")
    assert {basis.instrument for basis in written.bases} >= {"CETS-185"}
    names = names_now(written)
    assert names["instruments"]["CETS-185"] == {
        "short": "Convention de Budapest",
        "full": "Convention sur la cybercriminalité (STE n° 185)",
    }
    assert "Allemagne" in names["jurisdictions"].values()
    assert names_now(letter(language="en"))["instruments"]["CETS-185"]["short"] == "Budapest Convention"
    assert names_now(letter(language="nl"))["instruments"]["CETS-185"]["short"] == "Budapest Convention"
