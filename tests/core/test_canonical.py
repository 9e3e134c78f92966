"""Canonical JSON: one form for one value, on every machine; what has none is refused by its path."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mla.core.canonical import LARGEST_INTEGER, NotCanonical, canonical_bytes, content_hash

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
    lambda value: unicodedata.normalize("NFC", value.replace("\r", "\n"))
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_reading_the_canonical_form_gives_the_value_and_the_same_form_again(value: Any) -> None:
    written = canonical_bytes(value)
    assert json.loads(written) == value
    assert canonical_bytes(json.loads(written)) == written


@given(st.dictionaries(text, plain, min_size=2, max_size=6))
def test_order_of_keys_does_not_change_the_hash(value: dict[str, Any]) -> None:
    backwards = dict(reversed(value.items()))
    assert list(backwards) != list(value)
    assert content_hash(backwards) == content_hash(value)


@given(plain, plain)
def test_different_values_have_different_hashes(one: Any, other: Any) -> None:
    same = (
        type(one) is type(other)
        and one == other
        and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )
    assert (content_hash(one) == content_hash(other)) == same


def test_form_is_that_of_rfc_8785() -> None:
    # Section 3.2.3: keys in the order of their UTF-16 code units, nothing escaped but what must be.
    value = {
        "\u20ac": "Euro Sign",
        "1": "One",
        "\U0001f600": "Smiley",
        "\ufffd": "Replacement",
        "a": ["\u00e9", "\n", None],
    }
    expected = '{"1":"One","a":["\u00e9","\\n",null],"\u20ac":"Euro Sign","\U0001f600":"Smiley","\ufffd":"Replacement"}'
    assert canonical_bytes(value).decode() == expected


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, 2.5]}, "$.a[1]"),
        ({"a": {"b": LARGEST_INTEGER + 1}}, "$.a.b"),
        (["e\u0301"], "$[0]"),
        ({"a": "one\r\ntwo"}, "$.a"),
        ({"a": "\ud800"}, "$.a"),
        ({1: "a"}, "$"),
        ({"a": b"bytes"}, "$.a"),
        ({"e\u0301": 1}, "$ key"),
    ],
    ids=["fraction", "large", "decomposed", "carriage return", "half a pair", "key", "bytes", "decomposed key"],
)
def test_value_without_a_canonical_form_is_refused_by_its_path(value: Any, place: str) -> None:
    with pytest.raises(NotCanonical) as refused:
        canonical_bytes(value)
    assert str(refused.value).startswith(place)
