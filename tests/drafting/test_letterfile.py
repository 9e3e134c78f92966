"""Any bytes give a letter or a list of what is wrong with them, by line or path; never anything else."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mla.core.canonical import canonical_bytes
from mla.settings.env import BASE_DIR
from tests.drafting.letters import letter, letter_json, values
from workflows.drafting.letterfile import LARGEST_LETTER, MOST_LINES, LetterFile, letter_from, read_letter
from workflows.drafting.parsing import DEEPEST, LARGEST_FILE, LetterFileWrong

EXAMPLES = sorted((BASE_DIR / "examples" / "letters").glob("*.toml"))


def problems(data: bytes, name: str = "letter.json", **known: Any) -> list[tuple[str, str]]:
    with pytest.raises(LetterFileWrong) as wrong:
        read_letter(data, name=name, **known)
    return [(problem.where, problem.message) for problem in wrong.value.problems]


def wheres(**changes: Any) -> list[str]:
    return [where for where, _message in problems(letter_json(**changes))]


class TestReading:
    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
    def test_content_reads_again_to_the_same_letter(self, path: Any) -> None:
        read = read_letter(path.read_bytes(), name=path.name)
        again = read_letter(json.dumps(read.content()).encode(), name="again.json")
        assert again == read
        assert canonical_bytes(again.content()) == canonical_bytes(read.content())

    def test_format_follows_the_name_else_the_first_character(self) -> None:
        json_form, toml_form = letter_json(), EXAMPLES[0].read_bytes()
        assert read_letter(json_form, name="upload") == read_letter(json_form, name="letter.JSON") == letter()
        assert read_letter(toml_form, name="upload") == read_letter(toml_form, name="letter.toml")
        assert problems(json_form, name="letter.toml")[0][0].startswith("line 1,")

    def test_text_is_brought_to_nfc_with_lf(self) -> None:
        read = letter(title="  Cafe\u0301  ", proceedings__subject="one\r\ntwo")
        assert (read.title, read.proceedings.subject) == ("Caf\u00e9", "one\ntwo")

    def test_times_of_toml_and_json_are_the_same(self) -> None:
        item = b'[[items]]\nid = "M1"\nmeasure = "preservation"\n'
        start = b'format = "mla-letter/1"\nlanguage = "en"\ntitle = "x"\nrequesting = {jurisdiction = "DE"}\n'
        rest = b'requested = {jurisdiction = "AL"}\nproceedings = {subject = "x", nature = "trial"}\n'
        native = (
            b"date = 2026-06-12\n"
            + rest
            + item
            + b"period = {from = 2026-03-01T01:00:00+01:00, to = 2026-03-02T00:00:00Z}"
        )
        quoted = (
            b'date = "2026-06-12"\n' + rest + item
            + b'period = {from = "2026-03-01T01:00:00+01:00", to = "2026-03-02T00:00:00Z"}'
        )  # fmt: skip
        read = read_letter(start + native, name="a.toml")
        assert read == read_letter(start + quoted, name="a.toml")
        assert read.content()["items"][0]["period"] == {
            "from": "2026-03-01T01:00:00+01:00",
            "to": "2026-03-02T00:00:00Z",
        }

    def test_addresses_are_kept_in_their_usual_form(self) -> None:
        read = letter(
            identifiers=[
                {"id": "I1", "type": "ip", "value": "2001:DB8:0:0::1"},
                {"id": "I2", "type": "domain", "value": "Bücher.example.net."},
                {"id": "I3", "type": "email", "value": "Someone@Example.NET"},
            ]
        )
        assert [part.value for part in read.identifiers] == [
            "2001:db8::1",
            "bücher.example.net",
            "Someone@example.net",
        ]


class TestSyntax:
    @pytest.mark.parametrize(
        ("data", "name", "place"),
        [
            (b'{"format": "mla-letter/1",\n  "date" 3}', "a.json", "line 2, column 10"),
            (b'format = "mla-letter/1"\ndate = 2026-02-30\n', "a.toml", "line 2, column 8"),
            (b'format = "mla-letter/1"\nformat = "again"\n', "a.toml", "line 2, column"),
            (b'title = "open', "a.toml", "line 1, column"),
            (b"\xef\xbb\xbf{}", "a.json", "line 1, column 1"),
            (b"\xff\xfe{\x00}\x00", "a.json", "line 1, column 1"),
            (b'{"title":\n "\xe9"}', "a.json", "line 2, column 3"),
        ],
        ids=["json", "toml date", "toml twice", "toml open", "utf-8 mark", "utf-16 mark", "latin-1"],
    )
    def test_wrong_syntax_is_told_with_line_and_column(self, data: bytes, name: str, place: str) -> None:
        found = problems(data, name)
        assert len(found) == 1 and found[0][0].startswith(place), found

    @pytest.mark.parametrize(
        ("data", "where"),
        [
            (b'{"a": {"b": 1, "b": 2}}', "a.b"),
            (b'{"a": 1, "a": 2}', "a"),
            (b'{"a": [1, NaN]}', "a[1]"),
            (b'{"a": 1.5}', "a"),
            (b'{"a": 1e999999999}', "a"),
            (b'{"a": 99999999999999999999999999}', "a"),
            (b'{"a": ' + b"9" * 10_000 + b"}", "a"),
            (b"a = inf", "a"),
            (b"a = 9223372036854775807", "a"),
            (b"a = 2026-03-01T08:00:00", "a"),
            (b"a = 08:00:00", "a"),
            (b'{"a": "x\\u202ey"}', "a"),
            (b'{"a": {"b\\u0000": 1}}', "a.b\\u0000"),
            (b'{"a": "\\ud800"}', "a"),
        ],
    )
    def test_value_without_a_place_in_a_letter_is_told_by_its_path(self, data: bytes, where: str) -> None:
        assert where in [place for place, _message in problems(data, "upload")]

    @pytest.mark.parametrize(
        "data",
        [
            b"[" * 50_000,
            b'{"a":' * 25_000,
            b"a = " + b"[" * 50_000,
            b"a" + b".a" * 500_000 + b" = 1",
            b"[" + b"a." * 500_000 + b"a]",
            b"a = {b" + b" . 'b'" * 25_000 + b" = 1}",
            json.dumps(
                {"a": __import__("functools").reduce(lambda inner, _n: [inner], range(DEEPEST + 1), 1)}
            ).encode(),
        ],
        ids=["lists", "objects", "toml lists", "dotted key", "dotted table", "dotted inline", "one too deep"],
    )
    def test_deep_nesting_is_refused_at_once(self, data: bytes) -> None:
        started = time.monotonic()
        assert any("nested" in message or "valid" in message for _where, message in problems(data, "upload"))
        assert time.monotonic() - started < 5

    def test_file_over_the_limit_is_refused_before_it_is_parsed(self) -> None:
        started = time.monotonic()
        assert problems(b"[" * 50_000_000) == [("", "the file is larger than 5 MB; it was not read")]
        assert time.monotonic() - started < 0.5
        assert problems(b" " * LARGEST_FILE, "a.json")[0][0].startswith("line")

    @pytest.mark.parametrize(
        ("data", "name"),
        [
            (b'{"a": [' + b"[]," * 1_000_000 + b"1]}", "a.json"),
            (b'{"a": 1' + b',"a": 1' * 500_000 + b"}", "a.json"),
            (b"a = [" + b"1," * 2_000_000 + b"1]", "a.toml"),
            (b"".join(b"k%d = 1\n" % number for number in range(400_000)), "a.toml"),
            (b"".join(b"%s.k%d = 1\n" % (b"a." * 30 + b"a", number) for number in range(61_000)), "a.toml"),
            (b'{"a": [' + b"0," * 25_000 + b"1]}", "a.json"),
        ],
        ids=["lists", "fields twice", "numbers", "fields", "dotted fields", "somewhat many"],
    )
    def test_file_of_too_many_values_is_refused_at_once(self, data: bytes, name: str) -> None:
        started = time.monotonic()
        assert "20000 values" in problems(data, name)[-1][1]
        assert time.monotonic() - started < 2

    @pytest.mark.parametrize("data", [b"", b"[]", b"null", b'"text"', b"1", b"\x00", b"\n\n"])
    def test_what_is_no_object_is_no_letter(self, data: bytes) -> None:
        assert problems(data, "a.json")


class TestContent:
    @pytest.mark.parametrize(
        ("changes", "where"),
        [
            ({"titel": "x"}, "titel"),
            ({"items__0__identifierz": []}, "items[0].identifierz"),
            ({"items__0__period__until": "2026-03-01"}, "items[0].period.until"),
            ({"title": None}, "title"),
            ({"title": 5}, "title"),
            ({"title": "a\nb"}, "title"),
            ({"title": "x" * 301}, "title"),
            ({"persons": {}}, "persons"),
            ({"persons__0": "P1"}, "persons[0]"),
            ({"persons__0__id": "p1"}, "persons[0].id"),
            ({"persons__0__protected": "yes"}, "persons[0].protected"),
            ({"offences__0__maximum_years": True}, "offences[0].maximum_years"),
            ({"offences__0__maximum_years": 101}, "offences[0].maximum_years"),
            ({"offences__0__category": "theft"}, "offences[0].category"),
            ({"date": "2026-02-30"}, "date"),
            ({"date": "2026"}, "date"),
            ({"date": "12.06.2026"}, "date"),
            ({"date": "1026-06-12"}, "date"),
            ({"items__0__time_limit": "2026-13-01"}, "items[0].time_limit"),
            ({"items__0__period__from": "2026-03-01"}, "items[0].period.from"),
            ({"items__0__period__from": "2026-03-01T00:00:00"}, "items[0].period.from"),
            ({"items__0__period__from": "2026-03-01T25:00:00Z"}, "items[0].period.from"),
            ({"items__0__period__to": "2026-02-01T00:00:00Z"}, "items[0].period"),
            ({"identifiers__0__at": "2026-03-03T04:05:06+23:00"}, "identifiers[0].at"),
            ({"identifiers__0__port": 70000}, "identifiers[0].port"),
            ({"identifiers__0__value": "198.51.100.256"}, "identifiers[0].value"),
            ({"identifiers__0__value": "198.51.100.0/24"}, "identifiers[0].value"),
            ({"identifiers__0__value": "fe80::1%eth0"}, "identifiers[0].value"),
            ({"identifiers__0": {"id": "I1", "type": "email", "value": "a@b@"}}, "identifiers[0].value"),
            ({"identifiers__0": {"id": "I1", "type": "domain", "value": "no spaces.net"}}, "identifiers[0].value"),
            ({"identifiers__0": {"id": "I1", "type": "domain", "value": "192.0.2.1"}}, "identifiers[0].value"),
            ({"identifiers__0": {"id": "I1", "type": "url", "value": "javascript:alert(1)"}}, "identifiers[0].value"),
            ({"contacts__0__email": "nobody"}, "contacts[0].email"),
            ({"contacts__0__time_zone": "Europe/Nowhere"}, "contacts[0].time_zone"),
            ({"items__0__measure": "torture"}, "items[0].measure"),
            ({"items__0__answers__colour": "red"}, "items[0].answers.colour"),
            ({"items__0__answers__log_types": ["login", "chats"]}, "items[0].answers.log_types"),
            ({"items__0__answers__stored_only": "true"}, "items[0].answers.stored_only"),
            ({"items__0__persons": ["P9"]}, "items[0].persons[0]"),
            ({"items__0__provider": "V9"}, "items[0].provider"),
            ({"identifiers__0__person": "P9"}, "identifiers[0].person"),
            ({"offences__1": values()["offences"][0]}, "offences[1].id"),
            ({"requested__jurisdiction": "Albania"}, "requested.jurisdiction"),
            ({"language": "english please"}, "language"),
            ({"annexes": [{"id": "A1", "title": "x", "sha256": "ABC"}]}, "annexes[0].sha256"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_does_not_fit_is_told_by_its_path(self, changes: dict[str, Any], where: str) -> None:
        assert wheres(**changes) == [where]
        assert letter()

    def test_near_name_of_a_field_is_suggested(self) -> None:
        assert problems(letter_json(items__0__nexsus="x"))[0][1] == "there is no such field; is “nexus” meant?"

    def test_every_problem_is_told_at_once(self) -> None:
        assert wheres(title=None, persons__0__role="boss", offences__0__provision=7) == [
            "title",
            "persons[0].role",
            "offences[0].provision",
        ]

    def test_unknown_state_is_told_against_the_known_ones(self) -> None:
        data = letter_json(persons__0__nationality=["DE", "QQ"], providers__0__jurisdiction="ZZ")
        found = problems(data, jurisdictions={"DE", "AL"})
        assert [where for where, _message in found] == ["persons[0].nationality[1]", "providers[0].jurisdiction"]
        assert read_letter(data, name="a.json")

    def test_letter_that_cannot_be_printed_is_refused(self) -> None:
        fact = {"text": "x" * 20_000}
        assert letter(facts=[fact] * 14)
        assert "together" in problems(letter_json(facts=[fact] * (LARGEST_LETTER // 20_000 + 1)))[0][1]
        assert "line ends" in problems(letter_json(facts=[{"text": "a" + "\n" * MOST_LINES + "b"}] * 2))[0][1]

    def test_number_of_problems_is_bounded(self) -> None:
        data = json.dumps({f"key{number}": 1 for number in range(5000)}).encode()
        assert len(problems(data)) == 100


def only_letter_or_problems(data: bytes, name: str) -> LetterFile | None:
    try:
        found = read_letter(data, name=name)
    except LetterFileWrong as wrong:
        assert wrong.problems
        str(wrong).encode()
        return None
    canonical_bytes(found.content())
    assert letter_from(found.content()) == found
    return found


names = st.sampled_from(["a.json", "a.toml", "a"])


@given(st.binary(max_size=400), names)
@example(b'{"a": "\\ud800"}', "a.json")
@example(b"a = 0000-01-01", "a.toml")
def test_any_bytes_give_a_letter_or_its_problems(data: bytes, name: str) -> None:
    only_letter_or_problems(data, name)


fragments = st.sampled_from(
    [b'"', b"'", b"[", b"]", b"{", b"}", b"=", b".", b",", b"\n", b"-", b"1e9", b"nan", b"\\u202e", b"\xff", b"null"]
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.sampled_from([letter_json(), *(path.read_bytes() for path in EXAMPLES)]),
    st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 40), fragments | st.binary(max_size=3)), max_size=3),
    names,
)
def test_damaged_letter_gives_a_letter_or_its_problems(
    data: bytes, damages: list[tuple[int, int, bytes]], name: str
) -> None:
    for place, cut, put in damages:
        at = place % (len(data) + 1)
        data = data[:at] + put + data[at + cut :]
    only_letter_or_problems(data, name)


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [found for key, part in inner for found in paths(part, (*path, key))]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(paths(values())), odd)
def test_letter_with_one_odd_value_gives_a_letter_or_its_problems(path: tuple[Any, ...], value: Any) -> None:
    changed = values()
    inner: Any = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    try:
        found = letter_from(changed)
    except LetterFileWrong as wrong:
        assert wrong.problems
    else:
        canonical_bytes(found.content())
