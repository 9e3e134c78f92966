"""The requested side's desk: the examination informs and never advises; the execution takes evidence item by item."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mla.accounts.models import Role
from mla.core.ids import uuid7
from mla.reference.models import Authority
from mla.reference.rules import InstrumentRules, rules_of
from tests.factories import Line, example_letter, officer
from tests.web.conftest import signed_in
from workflows.drafting import resolver
from workflows.drafting.examination import letter_examined
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import letter_from
from workflows.engine.errors import ActNotPossible
from workflows.lifecycle.models import IncomingRequest, RequestedItem
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services.incoming import OnPaper, incoming_register
from workflows.web.uploads import sent_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def case(line: Line) -> IncomingRequest:
    return line.arrived(line.sent())


def read(client: Any, name: str, case: IncomingRequest) -> str:
    answer = client.get(reverse(f"web:{name}", args=[case.public_id]))
    assert answer.status_code == 200
    return str(answer.content.decode())


# --- examination ---


def test_examination_shows_what_is_asked_with_articles_grounds_and_the_letter(
    line: Line, case: IncomingRequest
) -> None:
    line.under_review(case)
    page = read(signed_in(line.their_supervisor), "examine", case)
    for item in case.items.all():
        assert f'id="item-{item.key}"' in page
    assert "This page informs" in page
    assert "Grounds of refusal" in page
    assert "letter-sheet" in page
    for act in ("ask_information", "accept", "refuse"):
        assert f'data-act="{act}"' in page
    for advice in ("should accept", "should be refused", "is lawful.<", "recommend"):
        assert advice not in page.split("<main", 1)[1].split("</main>")[0]


def test_what_is_missing_is_found_with_its_article_and_begins_the_question(line: Line, case: IncomingRequest) -> None:
    line.under_review(case)
    content = {**case.content}
    content.pop("facts", None)
    IncomingRequest.objects.filter(pk=case.pk).update(content=content)
    client = signed_in(line.their_desk)
    page = read(client, "examine", case)
    assert "check-missing" in page
    start = page.index('data-act="ask_information"')
    href = page[:start].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    question = parse_qs(urlparse(href).query)["question"][0]
    assert "summarises the facts" in question
    form = client.get(href).content.decode()
    assert "summarises the facts" in form


def test_whole_letter_states_what_one_without_facts_does_not() -> None:
    letter = example_letter(1)
    import datetime as dt

    today = dt.date(2026, 11, 1)
    whole = letter_examined(letter, law=law_for(letter), today=today)
    content = letter.content()
    content.pop("facts")
    bare = letter_from(content)
    poor = letter_examined(bare, law=law_for(bare), today=today)

    def state_of_facts(examined: Any) -> set[str]:
        return {
            check.state
            for item in examined.items
            for basis in item.bases
            for check in basis.checks
            if "facts" in check.words
        }

    assert state_of_facts(whole) == {"stated"}
    assert state_of_facts(poor) == {"missing"}


@pytest.mark.parametrize("read", [True, False])
def test_what_is_to_be_confirmed_is_never_shown_as_certain(read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all rules read by somebody nothing bears the mark, with none of them everything does."""

    def rules(text: str) -> InstrumentRules:
        value = json.loads(text)
        for part in (*value.get("contents", ()), *value.get("refusal", ())):
            part["confidence"] = "verified" if read else "to_be_confirmed"
        return rules_of(value)

    monkeypatch.setattr(resolver, "_rules", rules)
    letter = example_letter(1)
    examined = letter_examined(letter, law=law_for(letter), today=letter.date)
    checks = [check.to_be_confirmed for item in examined.items for basis in item.bases for check in basis.checks]
    grounds = [ground.to_be_confirmed for ground in examined.grounds]
    assert checks and grounds
    assert set(checks) == set(grounds) == {not read}


def test_each_rule_bears_the_mark_of_its_own_source() -> None:
    letter = example_letter(1)
    law = law_for(letter)
    examined = letter_examined(letter, law=law, today=letter.date)
    unread: dict[tuple[str, str, str], set[bool]] = {}
    for code, facts in law.instruments.items():
        for one in (*facts.rules.contents, *facts.rules.refusal):
            unread.setdefault((code, one.article, one.note), set()).add(one.confidence != "verified")
    told = [
        ((basis.instrument, check.article, check.note), check.to_be_confirmed)
        for item in examined.items
        for basis in item.bases
        for check in basis.checks
    ]
    told += [((ground.instrument, ground.article, ground.note), ground.to_be_confirmed) for ground in examined.grounds]
    assert told
    for key, marked in told:
        assert marked in unread[key], key


def on_paper(registry: Any, **said: Any) -> IncomingRequest:
    whole: dict[str, Any] = {
        "conversation_id": uuid7(),
        "sender": Authority.objects.get(code="us-central"),
        "peer_reference": "CRM-7",
        "title": "Stored content",
        "channel": "paper",
        "scan": b"%PDF scan",
        "measures": ["stored-content"],
        "instruments": ["UNCAC-2003"],
    }
    return incoming_register(paper=OnPaper(**(whole | said)), by=registry)


def test_paper_request_is_examined_by_its_instrument_with_everything_left_to_judge() -> None:
    case = on_paper(officer(Role.REGISTRY, "is-central"))
    page = read(signed_in(officer(Role.DESK_OFFICER, "is-central")), "examine", case)
    assert "check-judge" in page
    assert "check-stated" not in page
    assert "check-missing" not in page
    assert case.letter_sha256 in page


def test_letter_that_came_in_is_printed_by_our_own_templates_alone(line: Line, case: IncomingRequest) -> None:
    from workflows.documents.services import names_of
    from workflows.web.letters_in import _frozen, _safe_names

    frozen = _frozen(case)
    assert frozen is not None
    for measure in frozen["names"]["measures"].values():
        measure["template"] = "../../../web/base.html"
    names = _safe_names(names_of(frozen))
    assert names.measures
    assert all(measure.template.startswith("measures/") for measure in names.measures.values())


def test_text_of_the_other_state_runs_nothing_on_our_pages(line: Line, case: IncomingRequest) -> None:
    evil = "<script>alert(1)</script>"
    content = {**case.content, "title": evil, "facts": [{"text": evil}]}
    IncomingRequest.objects.filter(pk=case.pk).update(content=content, title=evil)
    line.under_review(case)
    client = signed_in(line.their_desk)
    for name in ("examine", "incoming_letter"):
        assert evil not in read(client, name, case)


# --- execution ---


def upload(client: Any, case: IncomingRequest, item: str, name: str = "log.csv", content: bytes = b"1,2\n") -> Any:
    said = {"item": item, "file": SimpleUploadedFile(name, content), "description": "Log", "use_limits": "This case."}
    return client.post(reverse("web:execution", args=[case.public_id]), said)


def running(line: Line, case: IncomingRequest) -> RequestedItem:
    line.in_execution(case)
    item = case.items.order_by("id").first()
    assert item is not None
    return item


def test_executing_officer_adds_evidence_and_sees_its_hash(line: Line, case: IncomingRequest) -> None:
    item = running(line, case)
    client = signed_in(line.executing)
    page = read(client, "execution", case)
    assert f"Add evidence for item {item.key}" in page
    assert "At most 2.0" in page.replace("\xa0", " ")
    answer = upload(client, case, item.key)
    assert answer.status_code == 302
    file = case.evidence_set.get()
    assert (file.item, file.media_type, file.use_limits) == (item, "text/plain", "This case.")
    assert file.sha256 in client.get(answer["Location"].split("#")[0]).content.decode()
    assert file.custody.get().step == "added"


def test_same_file_pressed_twice_is_evidence_once(line: Line, case: IncomingRequest) -> None:
    item = running(line, case)
    client = signed_in(line.executing)
    assert upload(client, case, item.key).status_code == 302
    again = upload(client, case, item.key)
    assert again.status_code == 422
    assert "in the case already" in again.content.decode()
    assert case.evidence_set.count() == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "empty"),
        ("x<y>.csv", b"x", "no usable name"),
        ("..", b"x", "This field is required"),
    ],
)
def test_file_that_is_empty_or_hides_its_name_is_no_evidence(
    line: Line, case: IncomingRequest, name: str, content: bytes, told: str
) -> None:
    item = running(line, case)
    file = SimpleUploadedFile("x", content)
    file._name = name  # type: ignore[attr-defined]
    client = signed_in(line.executing)
    answer = client.post(reverse("web:execution", args=[case.public_id]), {"item": item.key, "file": file})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not case.evidence_set.exists()


@pytest.mark.parametrize("name", ["a\u202egnp.exe", ".profile", "a:b.pdf"])
def test_upload_with_a_name_that_hides_something_is_refused(name: str) -> None:
    file = SimpleUploadedFile("x", b"x")
    file._name = name  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        sent_from(file, 100)


def test_path_in_a_file_name_is_dropped(line: Line, case: IncomingRequest) -> None:
    item = running(line, case)
    assert upload(signed_in(line.executing), case, item.key, name="../../etc/cron.d/log.csv").status_code == 302
    assert case.evidence_set.get().name == "log.csv"


def test_file_above_the_limit_is_refused_and_the_limit_told(
    line: Line, case: IncomingRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.web.acts.incoming import EvidenceForm

    item = running(line, case)
    monkeypatch.setattr(EvidenceForm.base_fields["file"], "largest", 3)
    answer = upload(signed_in(line.executing), case, item.key, content=b"1234")
    assert answer.status_code == 422
    assert "at most" in answer.content.decode()
    assert not case.evidence_set.exists()


def test_item_of_another_case_takes_no_evidence(line: Line, case: IncomingRequest) -> None:
    running(line, case)
    client = signed_in(line.executing)
    answer = upload(client, case, "M99")
    assert answer.status_code == 404
    assert not case.evidence_set.exists()


def test_evidence_is_added_by_executing_officer_and_supervisor_alone(line: Line, case: IncomingRequest) -> None:
    item = running(line, case)
    answer = upload(signed_in(line.their_desk), case, item.key)
    assert answer.status_code == 403
    assert not case.evidence_set.exists()


def test_nothing_of_another_authority_is_there(line: Line, case: IncomingRequest) -> None:
    line.in_execution(case)
    strangers = [officer(Role.SUPERVISOR, "jp-central"), line.supervisor]
    for stranger in strangers:
        client = signed_in(stranger)
        for name in ("examine", "execution", "incoming_letter"):
            assert client.get(reverse(f"web:{name}", args=[case.public_id])).status_code == 404
    other = officer(Role.EXECUTING_OFFICER, "ch-executing")
    assert upload(signed_in(other), case, "M1").status_code == 404
    assert signed_in(line.executing).get(reverse("web:examine", args=[case.public_id])).status_code == 404


def test_execution_ends_in_a_result_that_names_its_files(line: Line, case: IncomingRequest) -> None:
    running(line, case)
    client = signed_in(line.executing)
    registry = signed_in(line.their_registry)
    transmit = f"/in/{case.public_id}/do/transmit_result"
    assert "Not yet possible" in registry.get(transmit).content.decode()
    assert registry.post(transmit, {"note": ""}).status_code == 422
    for item in case.items.all():
        assert upload(client, case, item.key, content=f"{item.key}\n".encode()).status_code == 302
        assert client.post(f"/item/{item.public_id}/do/execute", {}).status_code == 302
    page = registry.get(transmit).content.decode()
    for file in case.evidence_set.all():
        assert file.sha256 in page
    assert registry.post(transmit, {"note": ""}).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("concluded", "executed")
    late = upload(client, case, "M1", content=b"late")
    assert late.status_code == 422


def test_defective_request_goes_back_with_its_reasons(line: Line, case: IncomingRequest) -> None:
    chief = signed_in(line.their_supervisor)
    address = f"/in/{case.public_id}/do/return_defective"
    assert chief.post(address, {"reason": " "}).status_code == 422
    assert chief.post(address, {"reason": "No translation.", "article": "UNCAC 46(14)"}).status_code == 302
    case.refresh_from_db()
    assert case.outcome == "returned"
    before = (case.version, case.status)
    with pytest.raises(ActNotPossible, match="fit the status"):
        inward.incoming_acknowledge(incoming=case, by=line.their_registry, contact="x")
    case.refresh_from_db()
    assert (case.version, case.status) == before


def test_defects_go_back_by_their_places_and_nothing_typed_is_lost(line: Line, case: IncomingRequest) -> None:
    chief = signed_in(line.their_supervisor)
    address = f"/in/{case.public_id}/do/return_defective"
    assert chief.get(address).status_code == 200
    said = {
        "code": "unregistered", "reason": "It cannot be taken up.", "defect_1_place": "offences[0]",
        "defect_1_text": "The maximum penalty is not said.", "defect_1_article": "CETS-185 25(4)",
        "defect_2_place": "facts[0]",
    }  # fmt: skip
    wrong = chief.post(address, said)
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "The maximum penalty is not said." in page
    assert "Say what is missing or wrong at this place." in page and "defect_2_text" in page
    assert chief.post(address, said | {"defect_2_place": ""}).status_code == 302
    case.refresh_from_db()
    assert (case.outcome, case.return_code) == ("returned", "unregistered")
    assert case.defect_set.values_list("place", "text", "article").get() == (
        "offences[0]", "The maximum penalty is not said.", "CETS-185 25(4)",
    )  # fmt: skip


def test_request_is_sent_on_to_an_office_of_the_directory_or_in_words(line: Line, case: IncomingRequest) -> None:
    registry = signed_in(line.their_registry)
    address = f"/in/{case.public_id}/do/redirect"
    office = line.executing_authority
    assert registry.post(address, {"office": "", "competent": " "}).status_code == 422
    assert registry.post(address, {"office": case.sender.code}).status_code == 422
    assert registry.post(address, {"office": office.code}).status_code == 302
    case.refresh_from_db()
    assert (case.redirected_to, case.outcome_reason) == (office, office.name)
