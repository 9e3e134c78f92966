"""What a new user meets first: where to begin, a State by its short name, whole days, what a page folds away."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from tests.factories import Line
from tests.web.conftest import signed_in
from workflows.web.drafting.fields import PeriodField, StateField

pytestmark = pytest.mark.django_db

STATES = [
    ("GB", "United Kingdom of Great Britain and Northern Ireland"), ("US", "United States of America"),
    ("IR", "Iran (Islamic Republic of)"), ("KR", "Republic of Korea"), ("MD", "Republic of Moldova"), ("IS", "Iceland"),
]  # fmt: skip


def test_whoever_may_begin_a_letter_is_shown_where_and_nobody_else() -> None:
    line = Line()
    for place in ("/", "/out/"):
        assert 'href="/out/new"' in signed_in(line.prosecutor).get(place).content.decode(), place
        assert 'href="/out/new"' not in signed_in(line.supervisor).get(place).content.decode(), place


@pytest.mark.parametrize(
    ("written", "code"),
    [("United States", "US"), ("usa", "US"), ("UK", "GB"), ("united kingdom", "GB"), ("Iran", "IR"), ("is", "IS")],
)
def test_state_is_known_by_what_people_write(written: str, code: str) -> None:
    assert StateField(states=STATES).clean(written) == code


@pytest.mark.parametrize("written", ["United", "Republic", "Korea", "Atlantis"])
def test_words_that_could_mean_several_states_or_none_name_none(written: str) -> None:
    with pytest.raises(ValidationError, match="no State called"):
        StateField(states=STATES).clean(written)


def test_days_without_times_are_whole_days_and_the_offset_is_still_asked() -> None:
    field = PeriodField()
    whole = field.clean([["2005-06-01", "", "+01:00"], ["2005-10-31", "", "+00:00"]])
    assert whole == {"from": "2005-06-01T00:00:00+01:00", "to": "2005-10-31T23:59:59Z"}
    with pytest.raises(ValidationError, match="offset"):
        field.clean([["2005-06-01", "", ""], ["2005-10-31", "", "+00:00"]])


def test_draft_without_a_reference_is_called_so_not_by_a_number() -> None:
    outgoing = Line().drafted()
    assert str(outgoing) == "letter without a reference yet"


def test_approver_reads_the_rights_screen_in_words() -> None:
    line = Line()
    outgoing = line.in_review()
    rights = outgoing.letter.versions.latest("number").content["rights"]
    page = signed_in(line.supervisor).get(f"/out/{outgoing.public_id}/do/approve").content.decode()
    assert "Freedom of speech" in page
    assert rights["speech"][:20] in page
    assert "<dt>speech</dt>" not in page
