"""The envelope: one canonical form, and an answer in words for any bytes whatever."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mla.core.errors import MlaError
from workflows.exchange.bodies import BODIES, Body, read_body
from workflows.exchange.envelope import (
    GENESIS,
    LARGEST,
    CarriedFile,
    Envelope,
    EnvelopeWrong,
    chain_end,
    decode,
    envelope_hash,
    position,
)

AT = dt.datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=dt.UTC)
ID = "019cac0e-0000-7000-8000-000000000001"


def envelope(**changes: Any) -> Envelope:
    values: dict[str, Any] = {
        "message_id": ID,
        "conversation_id": "019cac0e-0000-7000-8000-000000000002",
        "type": "information_given",
        "sender": "de-central",
        "receiver": "al-central",
        "seq": 2,
        "prev_hash": "b" * 64,
        "written_at": AT,
        "sender_reference": "DE-CENTRAL/out/2026/00001",
        "body": {"point": ID, "answer": "cell 4 — “naïve”, عربي"},
        "files": [
            CarriedFile(name="a.csv", media_type="text/csv", size=3, sha256="c" * 64, role="evidence", item="M1")
        ],
    }
    return Envelope.model_validate(values | changes)


def changed(**changes: Any) -> bytes:
    value = json.loads(envelope().encode()) | changes
    return json.dumps(value).encode()


class TestForm:
    def test_what_is_read_is_what_was_written_and_the_bytes_are_one(self) -> None:
        data = envelope().encode()
        assert decode(data) == envelope()
        assert decode(data).encode() == data
        assert data.decode() == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert envelope_hash(data) != envelope_hash(envelope(seq=3).encode())

    @settings(max_examples=60, deadline=None)
    @given(st.dictionaries(st.sampled_from("abcdef"), st.text(alphabet="xyz é\n", max_size=5)), st.randoms())
    def test_order_of_keys_is_nothing(self, body: dict[str, str], shuffled: Any) -> None:
        items = list(body.items())
        shuffled.shuffle(items)
        assert envelope(body=dict(items)).encode() == envelope(body=body).encode()

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "not JSON"),
            (b"\xff\xfe{\x00", "not JSON"),
            (b"\xef\xbb\xbf{}", "not JSON"),
            (json.dumps({}).encode("utf-16"), "not JSON"),
            (b"[" * 100_000, "not JSON"),
            (b"[]", "one object"),
            (b"9" * 5000, "not JSON"),
            (b"NaN", "one object"),
            (b'{"a": 1, "a": 2}', "key twice"),
            (b" " * (LARGEST + 1), "at most"),
            (changed(seq=0), "seq"),
            (changed(seq=2**40), "seq"),
            (changed(body={"x": 1.5}), "body.x"),
            (changed(body={"x": float("nan")}), "body.x"),
            (changed(body={"x": "\ud800"}), "body.x"),
            (changed(sender="de\u0000central"), "sender"),
            (changed(body={"x": "a\u202eb"}), "body.x"),
            (changed(body={"x": {"y": [None] * 5 + [2**60]}}), "body.x.y[5]"),
            (changed(written_at="2026-03-02T09:00:00"), "written_at"),
            (changed(written_at="0001-01-01T00:00:00+14:00"), "written_at"),
            (changed(written_at="9999-12-31T23:59:59-14:00"), "written_at"),
            (changed(prev_hash="B" * 64), "prev_hash"),
            (changed(type="order"), "type"),
            (changed(format="mla-message/2"), "format"),
            (changed(urgent=True), "urgent"),
            (changed(files=[{"name": "a"}]), "files.0.media_type"),
        ],
        ids=lambda value: value[:40] if isinstance(value, str) else "",
    )
    def test_what_is_no_envelope_is_refused_in_words_that_name_the_place(self, data: bytes, said: str) -> None:
        with pytest.raises(EnvelopeWrong) as refused:
            decode(data)
        assert said in str(refused.value)

    def test_missing_field_is_named(self) -> None:
        value = json.loads(envelope().encode())
        for name in ("message_id", "conversation_id", "seq", "sender_reference", "body"):
            with pytest.raises(EnvelopeWrong, match=name):
                decode(json.dumps({key: value[key] for key in value if key != name}).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


class TestAnyBytes:
    def judged(self, data: bytes) -> None:
        try:
            found = decode(data)
        except EnvelopeWrong as refused:
            str(refused).encode()
        else:
            assert decode(found.encode()).message_id == found.message_id

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=300))
    def test_any_bytes_are_an_envelope_or_refused(self, data: bytes) -> None:
        self.judged(data)

    @settings(max_examples=200, deadline=None)
    @given(JSON)
    def test_any_json_is_an_envelope_or_refused(self, value: Any) -> None:
        self.judged(json.dumps(value).encode())

    @settings(max_examples=200, deadline=None)
    @given(st.sampled_from(sorted(json.loads(envelope().encode()))), JSON)
    def test_envelope_with_any_value_in_one_place_is_read_or_refused(self, name: str, value: Any) -> None:
        self.judged(changed(**{name: value}))

    @settings(max_examples=200, deadline=None)
    @given(st.integers(0, len(envelope().encode()) - 1), st.integers(0, 255))
    def test_envelope_with_one_byte_changed_is_another_one_or_refused(self, place: int, byte: int) -> None:
        data = bytearray(envelope().encode())
        data[place] = byte
        self.judged(bytes(data))

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(sorted(BODIES)), st.dictionaries(st.sampled_from(
        "status items point question due answer outcome note ground article reason consulted all_match frozen "
        "content_hash document_sha256 reference contact other".split()), JSON, max_size=5))  # fmt: skip
    def test_any_body_is_typed_or_refused(self, kind: str, body: dict[str, Any]) -> None:
        try:
            found = read_body(kind, body)
        except MlaError as refused:
            str(refused)
        else:
            assert isinstance(found, Body)


class TestBody:
    def test_unknown_field_is_an_error_that_names_it(self) -> None:
        with pytest.raises(EnvelopeWrong, match="acknowledgement: urgency: Extra"):
            read_body("acknowledgement", {"reference": "T-1", "contact": "x", "urgency": "high"})
        with pytest.raises(EnvelopeWrong, match=r"items\.0\.status"):
            read_body("status", {"status": "in_execution", "items": [{"key": "M1", "status": "lost"}]})

    def test_every_type_of_message_has_a_body(self) -> None:
        from typing import get_args

        from workflows.exchange.envelope import MessageType

        assert set(BODIES) == set(get_args(MessageType))


class TestOrder:
    @pytest.mark.parametrize(
        ("seq", "prev", "known", "place"),
        [
            (4, "h3", None, "next"),
            (4, "h3", "own", "duplicate"),
            (4, "h3", "other", "conflict"),
            (4, "h2", None, "conflict"),
            (3, "h2", None, "conflict"),
            (1, GENESIS, None, "conflict"),
            (5, "h4", None, "gap"),
            (900, "x", None, "gap"),
        ],
    )
    def test_message_has_one_place(self, seq: int, prev: str, known: str | None, place: str) -> None:
        hashes = {"h2": "2" * 64, "h3": "3" * 64, "h4": "4" * 64, "x": "f" * 64, "own": "a" * 64, "other": "d" * 64}
        found = position(
            envelope(seq=seq, prev_hash=hashes.get(prev, prev)),
            data_hash=hashes["own"],
            last_seq=3,
            last_hash=hashes["h3"],
            known_hash=hashes[known] if known else None,
        )
        assert found == place

    @settings(max_examples=100, deadline=None)
    @given(
        st.integers(0, 6),
        st.lists(st.tuples(st.integers(1, 8), st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), max_size=6),
    )
    def test_refused_forgeries_never_move_the_end_of_the_chain(
        self, length: int, forged: list[tuple[int, str, str]]
    ) -> None:
        genuine = [(seq, str(seq - 1) if seq > 1 else GENESIS, str(seq)) for seq in range(1, length + 1)]
        taken = sorted([*genuine, *forged], key=lambda row: row[0])
        assert chain_end(taken) == (length, str(length) if length else GENESIS)
