"""What changed between two versions: by key, by text, word by word."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.drafting.changes import letter_changes, words_compared


def test_same_content_has_no_changes() -> None:
    content = {"title": "A", "facts": [{"text": "x"}], "items": [{"id": "M1", "answers": {"a": [1]}}]}
    assert letter_changes(content, dict(content)) == []


def test_entries_are_matched_by_key_wherever_they_stand() -> None:
    before = {"items": [{"id": "M1", "nexus": "one"}, {"id": "M2", "nexus": "two"}]}
    after = {"items": [{"id": "M2", "nexus": "two and a half"}, {"id": "M3", "nexus": "three"}]}
    found = [(change.path, change.kind) for change in letter_changes(before, after)]
    assert found == [("items[0].nexus", "changed"), ("items[1]", "added"), ("items[0]", "removed")]


def test_entries_without_key_are_matched_by_their_text() -> None:
    before = {"facts": [{"text": "first"}, {"text": "second"}, {"text": "third"}]}
    after = {"facts": [{"text": "new"}, {"text": "first"}, {"text": "second thoughts"}, {"text": "third"}]}
    found = [(change.path, change.kind) for change in letter_changes(before, after)]
    assert found == [("facts[0]", "added"), ("facts[2].text", "changed")]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [({}, {"operation": "Net"}, "added"), ({"operation": "Net"}, {}, "removed"), ({"operation": "Net"}, {"operation": "Web"}, "changed")],
)  # fmt: skip
def test_kind_of_a_change_is_what_happened(before: Any, after: Any, kind: str) -> None:
    (change,) = letter_changes(before, after)
    assert (change.path, change.kind) == ("operation", kind)


def test_words_are_compared_not_letters() -> None:
    pieces = [(piece.operation, piece.text) for piece in words_compared("paid by the bank", "paid by a bank")]
    assert pieces == [("same", "paid by "), ("removed", "the"), ("added", "a"), ("same", " bank")]


def test_marks_stay_with_their_word_and_han_is_compared_sign_by_sign() -> None:
    assert [p.text for p in words_compared("हिन्दी", "हिन्दू")] == ["हिन्दी", "हिन्दू"]
    assert [(p.operation, p.text) for p in words_compared("銀行口座", "銀行名座")] == [
        ("same", "銀行"),
        ("removed", "口"),
        ("added", "名"),
        ("same", "座"),
    ]


@given(st.text(alphabet="ab .\n銀éе́,", max_size=60), st.text(alphabet="ab .\n銀éе́,", max_size=60))
def test_pieces_are_both_texts_in_full(before: str, after: str) -> None:
    pieces = words_compared(before, after)
    assert "".join(piece.text for piece in pieces if piece.operation != "added") == before
    assert "".join(piece.text for piece in pieces if piece.operation != "removed") == after


def test_very_long_texts_are_compared_in_bounded_time() -> None:
    before = "word other. " * 1_600
    after = "other word! " * 1_600
    pieces = words_compared(before, after)
    assert "".join(piece.text for piece in pieces if piece.operation != "added") == before
