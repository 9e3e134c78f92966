"""Identifiers by their type: what holds, what does not, what is masked, and that nothing is refused that was kept before."""

from __future__ import annotations

import datetime as dt
import hashlib
import string
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import luhn

from tests.drafting.letters import letter, letter_json
from workflows.documents.wording import IDENTIFIER
from workflows.drafting.findings import Law, letter_findings
from workflows.drafting.identifiers import identifier_checked, identifier_kept
from workflows.drafting.letterfile import read_letter
from workflows.drafting.vocabulary import IdentifierType
from workflows.drafting.wallets import checksum_case, wallet_checked

TYPES = get_args(IdentifierType)

#: Documentation values and the vectors of the standards (BIP-173, BIP-350, EIP-55, ISO 13616, RFC 7042).
HOLDS = [
    ("phone", "+1 202 555 0143", "+12025550143"),
    ("phone", "+44 20 7946 0311", "+442079460311"),
    ("phone", "+1 202-555-0143 ext. 7", "+12025550143;ext=7"),
    ("iban", "gb33 bukb 2020 1555 5555 55", "GB33BUKB20201555555555"),
    ("iban", "LV80BANK0000435195001", "LV80BANK0000435195001"),
    ("bic", "bankLV22", "BANKLV22"),
    ("imei", "49-015420-323751-8", "490154203237518"),
    ("imei", "49015420323751", "49015420323751"),
    ("mac", "00-00-5E-00-53-01", "00:00:5e:00:53:01"),
    ("mac", "02:00:5e:00:53:01", "02:00:5e:00:53:01"),
    ("card", "4000 12** **** 0119", "4000 12** **** 0119"),
    ("card", "XXXX XXXX XXXX 0119", "XXXX XXXX XXXX 0119"),
    ("wallet", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    ("wallet", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    (
        "wallet",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ),
    ("wallet", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
    ("wallet", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    ("transaction", "0x" + "AB" * 32, "0x" + "ab" * 32),
    ("hash", "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
    ("hash", f"SHA-256:{'0' * 64}", f"SHA-256:{'0' * 64}"),
    ("domain", "bücher.example", "bücher.example"),
    ("domain", "alpha-forum.example.net", "alpha-forum.example.net"),
    ("url", "https://social.example.net/users/a.person", "https://social.example.net/users/a.person"),
    ("ip", "198.51.100.23", "198.51.100.23"),
    ("ip", "2001:db8::1", "2001:db8::1"),
]
WRONG = [
    ("phone", "555 0143", "country code"),
    ("phone", "call me", "+1 202 555 0143"),
    ("phone", "+1 202", "too short or too long"),
    ("iban", "GB34 BUKB 2020 1555 5555 55", "check digits"),
    ("iban", "account 12", "GB33 BUKB"),
    ("bic", "BANK", "BANKLV22"),
    ("imei", "490154203237519", "last digit"),
    ("imei", "12", "15 digits"),
    ("mac", "00:00:5e:00:53", "six pairs"),
    ("card", "4000 1234 5678 9017", "in full"),
    ("card", "4000 1234 5678 9010", "does not hold"),
    ("wallet", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "Bitcoin"),
    ("wallet", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "Tron"),
    ("wallet", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "Bitcoin"),
    ("wallet", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3t4", "Bitcoin"),
    # The vectors of BIP-350: a later version of the witness with the sum of the first, and the other way round.
    ("wallet", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "Bitcoin"),
    ("wallet", "bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq54mell", "Bitcoin"),
    ("wallet", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "Ethereum"),
    ("transaction", "ab" * 31, "62"),
    ("hash", "abc", "MD5 has 32"),
    ("hash", f"MD5:{'0' * 64}", "SHA-256"),
    ("url", "https://social.example.net/", "a path of its own"),
    ("ip", "192.168.1.4", "198.51.100.23"),
    ("ip", "100.64.3.2", "address translation"),
    ("ip", "fe80::1", "inside many networks"),
]
MASKED = [
    ("phone", "+1 202 555 01**"),
    ("iban", "GB33 BUKB **** **** **** 55"),
    ("imei", "4901542032XXXXX"),
    ("mac", "00:00:5e:xx:xx:xx"),
    ("wallet", "0x5aAeb6…BeAed"),
    ("hash", "d41d8cd9...427e"),
]
UNCHECKED = [
    ("wallet", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    ("wallet", "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge"),
    ("wallet", "some name of a service"),
    ("transaction", "reference TG-20417 of the exchange"),
    ("hash", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"),
    ("card", "card of Subject A"),
    ("domain", "_dmarc.example.net"),
    ("account", "contract 7"),
    ("other", "anything"),
    ("device", "Computer, inventory mark LAB-0417"),
]


@pytest.mark.parametrize(("kind", "given", "kept"), HOLDS)
def test_value_that_holds_is_kept_in_its_usual_form(kind: str, given: str, kept: str) -> None:
    checked = identifier_checked(kind, given)
    assert (checked.state, checked.value) == ("holds", kept)
    assert identifier_kept(kind, kept) == kept


@pytest.mark.parametrize(("kind", "given", "said"), WRONG)
def test_value_that_does_not_hold_is_kept_as_it_is_and_told_with_a_right_one(kind: str, given: str, said: str) -> None:
    checked = identifier_checked(kind, given)
    assert (checked.state, identifier_kept(kind, given)) == ("wrong", given)
    assert said in checked.told
    of_letter = letter(
        identifiers__0={"id": "I1", "type": kind, "value": given, "port": 50222, "at": "2026-03-03T04:05:06Z"}
    )
    found = letter_findings(of_letter, law=Law(), today=dt.date(2026, 6, 12))
    assert [f.severity for f in found if f.question == "identifiers[0].value"] == ["warning"]


@pytest.mark.parametrize(("kind", "given"), MASKED)
def test_masked_value_is_kept_and_marked(kind: str, given: str) -> None:
    assert identifier_checked(kind, given).state == "masked"
    assert identifier_kept(kind, given) == given


@pytest.mark.parametrize(("kind", "given"), UNCHECKED)
def test_what_cannot_be_checked_is_said_to_be_unchecked_and_not_warned_of(kind: str, given: str) -> None:
    checked = identifier_checked(kind, given)
    assert checked.state == "unchecked"
    assert checked.told.startswith("Not checked") or kind in ("account", "other", "device")


def test_number_without_its_country_code_is_read_as_a_hint_and_never_assumed() -> None:
    checked = identifier_checked("phone", "020 7946 0311", region="GB")
    assert (checked.state, checked.value) == ("wrong", "020 7946 0311")
    assert "+44 20 7946 0311" in checked.told
    assert "+44" not in identifier_checked("phone", "020 7946 0311").told


@given(st.sampled_from(TYPES), st.text(max_size=300))
@example("wallet", "bc1")
@example("wallet", "1" * 300)
@example("hash", ":")
@example("mac", "ₒ0:00:5e:00:53:01")
@example("card", "４０００１２３４５６７８９０１７")
@example("domain", "xn--")
def test_no_text_breaks_a_check_and_what_is_kept_is_kept_again(kind: str, text: str) -> None:
    checked = identifier_checked(kind, text, region="LV")
    assert checked.state in ("holds", "masked", "wrong", "unchecked")
    kept = identifier_kept(kind, text)
    assert identifier_kept(kind, kept) == kept
    if checked.state == "wrong":
        assert checked.told
        assert kept == text


@given(st.text("0123456789abcdef", min_size=40, max_size=40), st.integers(0, 39))
def test_capitals_of_an_ethereum_address_are_its_checksum(digits: str, place: int) -> None:
    right = checksum_case(digits)
    assert wallet_checked(f"0x{right}").state in ("holds", "unchecked")
    turned = right[:place] + right[place].swapcase() + right[place + 1 :]
    if turned not in (right, turned.lower(), turned.upper()):
        assert wallet_checked(f"0x{turned}").state == "wrong"


@given(st.binary(min_size=21, max_size=21), st.sampled_from([0, 5]))
def test_bitcoin_address_holds_and_with_one_other_character_does_not(payload: bytes, version: int) -> None:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    raw = bytes([version]) + payload[1:]
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = alphabet[rest] + text
    text = "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text
    assert wallet_checked(text).state == "holds"
    assert wallet_checked(text).chain == "Bitcoin"
    other = text[:-1] + alphabet[(alphabet.index(text[-1]) + 1) % 58]
    assert wallet_checked(other).state != "holds"


@given(st.text(string.digits, min_size=14, max_size=14))
def test_check_digit_of_an_imei_is_its_only_one(digits: str) -> None:
    right = luhn.calc_check_digit(digits)
    states = {last: identifier_checked("imei", digits + last).state for last in string.digits}
    assert states == {last: "holds" if last == right else "wrong" for last in string.digits}


def test_letter_that_comes_in_keeps_its_identifiers_in_their_usual_form(tmp_path: Path) -> None:
    entry = {"id": "I1", "type": "phone", "value": "+1 202 555 0143"}
    found = read_letter(letter_json(identifiers__0=entry), name="letter.json")
    assert found.identifiers[0].value == "+12025550143"
    # What is stored is read as it is: a letter that was signed reads as it was signed.
    assert letter(identifiers__0=entry).identifiers[0].value == "+1 202 555 0143"


def test_every_type_has_its_word() -> None:
    assert set(IDENTIFIER) == set(TYPES)
