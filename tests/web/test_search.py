"""Search: references, people, identifiers and words, over what the hat may see and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.accounts.models import Role
from tests.factories import Line, example_letter, officer
from tests.web.test_lists import copies
from workflows.drafting.models import LetterOfRequest
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.tracking import search
from workflows.tracking.search import search_incoming, search_outgoing

pytestmark = pytest.mark.django_db

AtDesk = Callable[[Actor], Client]


def found(actor: Actor, text: str) -> int:
    return search_outgoing(actor, text).count + search_incoming(actor, text).count


def test_case_is_found_by_reference_person_identifier_and_word_on_both_sides() -> None:
    line = Line()
    outgoing = line.sent()
    incoming = line.arrived(outgoing)
    content = incoming.content
    wanted = [outgoing.reference, outgoing.reference[3:12], content["persons"][0]["name"], outgoing.letter.title[5:20]]
    wanted += [one["value"] for one in content.get("identifiers", [])] + [one["name"] for one in content["providers"]]
    for text in wanted:
        assert search_outgoing(line.desk, text).count == 1, text
        assert search_incoming(line.their_desk, text).count == 1, text
    assert found(line.desk, "zzznothing") == 0


def test_beginning_of_a_word_is_enough_and_what_reads_as_a_query_breaks_nothing() -> None:
    line = Line()
    line.drafted()
    word = max(line.letter.title.split(), key=len)
    assert found(line.prosecutor, word[:6]) == 1
    for hostile in (
        "' or 1=1 --",
        "a & | ! (",
        "*:*",
        "\\",
        "%",
        "__",
        "<->",
        '"',
        "<script>",
        "x" * 200,
        "\N{ARABIC LETTER ALEF}" * 200,
    ):
        found(line.prosecutor, hostile)


def test_hidden_case_is_neither_hit_nor_counted() -> None:
    line = Line()
    outgoing = line.sent()
    incoming = line.arrived(outgoing)
    title = outgoing.letter.title[:20]
    assert found(line.desk, title) == 1 and found(line.their_desk, title) == 1
    stranger = officer(Role.DESK_OFFICER, example_letter(3).requesting.authority or "")
    administrator = officer(Role.LOCAL_ADMINISTRATOR, line.letter.requesting.authority or "")
    assert found(stranger, title) == found(administrator, title) == found(line.executing, title) == 0
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(confidentiality="restricted")
    IncomingRequest.objects.filter(pk=incoming.pk).update(confidentiality="restricted")
    assert found(line.desk, outgoing.reference) == found(line.their_desk, outgoing.reference) == 0


def test_words_of_a_draft_are_found_by_its_authority_alone() -> None:
    line = Line()
    outgoing = line.lodged()
    version = outgoing.letter.versions.get(number=outgoing.letter.current)
    name = line.letter.persons[0].name
    assert found(line.prosecutor, name) == 1 and found(line.desk, name) == 1
    # A version that the originating authority works on again is not the central authority's to search.
    version.frozen_at, version.content_hash = None, ""
    version.save()
    assert found(line.prosecutor, name) == 1
    assert found(line.desk, name) == 0


def test_hostile_title_is_escaped_and_marked(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    LetterOfRequest.objects.filter(pk=outgoing.letter_id).update(title="<script>alert(1)</script> 银行记录")
    for text in ("<script>", "银行"):
        page = at_desk(line.prosecutor).get("/search", {"q": text}).content.decode()
        assert "<script>alert" not in page and "<mark>" in page


def test_text_looked_for_is_not_logged(at_desk: AtDesk, caplog: pytest.LogCaptureFixture) -> None:
    line = Line()
    with caplog.at_level(logging.DEBUG):
        at_desk(line.desk).get("/search", {"q": "Secret Person"})
    assert "Secret Person" not in "".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )


def test_more_hits_than_are_counted_are_told_and_all_are_paged(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    outgoing = line.drafted()
    copies(outgoing, 22)
    word = line.letter.title.split()[0]
    whole = search_outgoing(line.prosecutor, word)
    assert (whole.count, whole.more) == (23, False)
    monkeypatch.setattr(search, "MOST_COUNTED", 5)
    monkeypatch.setattr(search, "SIZE", 4)
    # Also where the newest hold too few of them.
    for looked_at in (60, 3):
        monkeypatch.setattr(search, "LOOKED_AT", looked_at)
        seen: list[int] = []
        after = None
        while True:
            found = search_outgoing(line.prosecutor, word, after)
            assert (found.count, found.more) == (5, True)
            seen += [case.pk for case in found.page.rows]
            after = found.page.after
            if after is None:
                break
        assert seen == sorted(OutgoingRequest.objects.values_list("pk", flat=True), reverse=True)


def test_search_takes_at_most_twelve_queries(at_desk: AtDesk) -> None:
    line = Line()
    outgoing = line.drafted()
    client = at_desk(line.prosecutor)
    word = line.letter.title.split()[0]
    for more in (2, 57):
        copies(outgoing, more)
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            page = client.get("/search", {"q": word})
        assert page.status_code == 200 and page.content.decode().count("data-row") >= min(25, more)
        assert len(seen) <= 12, len(seen)
