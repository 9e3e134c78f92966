"""What a word processor leaves in a pasted text goes; words, paragraphs and lists stay, and what misleads is refused."""

from __future__ import annotations

import pytest

from mla.core.text import TextRefused, clean, pasted


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("first\x0bsecond\r\nthird\x0c\u2028", "first\nsecond\nthird\n\n"),
        ("\uf0b7\tone\n\uf0a7\ttwo", "\u2022\tone\n\u2022\ttwo"),
        ("co\xadopera\x1ftion, e\x1email", "cooperation, e\u2011mail"),
        ("\ufeff“quoted” – so…", "“quoted” – so…"),
        ("cell\x07cell\x07", "cell\tcell\t"),
        ("نامه\u200cها", "نامه\u200cها"),
    ],
)
def test_pasted_text_keeps_its_words_and_is_then_clean(given: str, kept: str) -> None:
    assert pasted(given) == kept
    assert clean(pasted(given))


def test_what_changes_the_order_of_a_text_is_still_refused_with_its_place() -> None:
    with pytest.raises(TextRefused, match="line 2, column 3"):
        clean(pasted("one\x0btw\u202eo"))
