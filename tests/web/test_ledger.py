"""The ledger of evidence on the pages of both sides: what it shows, to whom, at which price, and as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mla.accounts.actors import Actor
from mla.audit.models import AuditEntry
from tests.factories import drain
from tests.lifecycle.conftest import World, arrived, module_world, one_transaction, savepoint, world
from tests.web.conftest import day
from tests.web.test_act_screens import address, proof
from workflows.drafting.models import Confidentiality
from workflows.lifecycle.models import Evidence, IncomingRequest, OtherUse, OutgoingRequest, Undertaking
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course

pytestmark = pytest.mark.usefixtures("arrived")
AtDesk = Callable[[Actor], Client]
__all__ = ["arrived", "module_world", "one_transaction", "savepoint", "world"]


def pair(world: World, files: int = 1) -> tuple[OutgoingRequest, IncomingRequest]:
    """Return both sides of a request whose result, with so many files, has come."""
    line, theirs = world.line, world.incoming("in_execution")
    for number in range(files):
        inward.incoming_add_evidence(
            incoming=theirs, by=line.executing, name=f"log-{number}.csv", media_type="text/csv",
            content=b"%d\n" % number, item="M1",
        )  # fmt: skip
    for item in theirs.items.order_by("id"):
        act = "execute" if item.key == "M1" else "find_nothing"
        data = {} if act == "execute" else {"reason": "not there"}
        inward.incoming_item_decide(item=item, act=act, by=line.executing, **data)
    theirs = inward.incoming_transmit_result(incoming=IncomingRequest.objects.get(pk=theirs.pk), by=line.their_registry)
    drain()
    return OutgoingRequest.objects.get(conversation_id=theirs.conversation_id), theirs


def ledger(case: Any, client: Client, rest: str = "", status: int = 200) -> str:
    way = "out" if case.KIND == "outgoing" else "in"
    answer = client.get(f"/{way}/{case.public_id}/evidence/{rest}")
    assert answer.status_code == status
    return answer.content.decode()


def test_exhibit_goes_from_origin_to_its_use_on_both_sides(world: World, at_desk: AtDesk) -> None:
    line = world.line
    ours, theirs = pair(world)
    course.outgoing_confirm_evidence(outgoing=ours, by=line.registry)
    drain()
    file = ours.evidence_set.get()
    registry, desk, supervisor = at_desk(line.registry), at_desk(line.desk), at_desk(line.supervisor)
    page = ledger(ours, registry)
    for words in ("log-0.csv", "matched on arrival", "not recorded", "Speciality", "CETS-185 28", "Hand evidence on"):
        assert words in page, words
    assert "Ask to use evidence" not in page and "Ask to use evidence" in ledger(ours, desk)
    case_page = registry.get(f"/out/{ours.public_id}/").content.decode()
    assert "Evidence and undertakings" in case_page and "Write into the chain of custody" not in case_page
    zone, named = {"zone": "Europe/Riga"}, {"exhibits": [str(file.public_id)]}
    bare = registry.post(address(ours, "record_origin"), zone | named | {"form": "not_known"})
    assert bare.status_code == 422 and "say where it comes from" in bare.content.decode()
    said = (
        zone
        | named
        | {"form": "copy", "obtained_from": "Example Hosting", "tool": "dd 9.1", "day": day(-3), "time": "10:00"}
    )
    done = registry.post(address(ours, "record_origin"), said)
    assert done.status_code == 302 and done["Location"].endswith(f"/out/{ours.public_id}/evidence/")
    wrong = registry.post(address(ours, "log_custody"), zone | named | {"step": "moved", "day": day(2)})
    assert wrong.status_code == 422
    moved = zone | named | {"step": "moved", "from_whom": "registry", "to_whom": "strong room", "note": "seal 7"}
    assert registry.post(address(ours, "log_custody"), moved).status_code == 302
    given = named | {"recipient": "Tax office", "purpose": "tax matter", "on": day(0), "other_purpose": "yes"}
    refused = registry.post(address(ours, "hand_on"), given)
    assert refused.status_code == 422
    assert "forbids it without consent: Speciality" in refused.content.decode()
    asked = {"kind": "transfer", "purpose": "tax matter", "recipient": "Tax office", "due": day(9)}
    assert desk.post(address(ours, "ask_other_use"), asked).status_code == 302
    drain()
    use = OtherUse.objects.get(incoming=theirs)
    their_supervisor = at_desk(line.their_supervisor)
    assert "Not answered yet." in ledger(theirs, their_supervisor)
    assert "another use" in their_supervisor.get("/").content.decode().lower()
    answer = {"use": str(use.use_id), "choice": "conditions", "answer": "not for customs", "until": day(30)}
    assert their_supervisor.post(address(theirs, "answer_other_use"), answer).status_code == 302
    drain()
    assert registry.post(address(ours, "hand_on"), given | {"consent": str(use.use_id)}).status_code == 302
    account = {"other_purpose": "yes", "used_for": "the tax matter", "used_on": day(0)}
    no_consent_to_use = desk.post(address(ours, "give_account"), account)
    assert no_consent_to_use.status_code == 422
    account |= {"other_purpose": "no", "used_for": "the indictment"}
    assert desk.post(address(ours, "give_account"), account).status_code == 302
    drain()
    assert "the indictment" in ledger(theirs, their_supervisor)
    undertaking = {
        "kind": "destruction",
        "words": "destroyed after the trial",
        "direction": "ours",
        "starts_on": day(0),
        "until": day(20),
    }
    assert supervisor.post(address(ours, "undertake"), undertaking).status_code == 302
    assert "Evidence is to be destroyed by" in ledger(ours, supervisor)
    row = Undertaking.objects.get(outgoing=ours, kind="destruction")
    settled = {"undertaking": str(row.undertaking_id), "state": "breached", "on": day(0)}
    assert supervisor.post(address(ours, "settle_undertaking"), settled).status_code == 422
    settled |= {"words": "a copy was found"}
    assert supervisor.post(address(ours, "settle_undertaking"), settled).status_code == 302
    assert "breached and not made good" in ledger(ours, supervisor)
    shared = Undertaking.objects.get(outgoing=ours, kind="speciality")
    released = {"undertaking": str(shared.undertaking_id), "state": "released", "on": day(0), "words": "their note"}
    assert supervisor.post(address(ours, "settle_undertaking"), released).status_code == 422
    assert supervisor.post(address(ours, "settle_undertaking"), released | {"proof": proof()}).status_code == 302
    one = registry.get(f"/exhibits/{file.public_id}/").content.decode()
    for words in ("Exhibit 1", "Example Hosting", "dd 9.1", "strong room", "seal 7", "Tax office", "not for customs",
                  "Exculpatory: not known.", "to be confirmed" if "CETS-182" in one else "CETS-185 28", "<polyline"):  # fmt: skip
        assert words in one, words
    assert f"exhibits={file.public_id}" in one


def test_ledger_is_shown_to_who_sees_the_case_and_withheld_files_are_not(world: World, at_desk: AtDesk) -> None:
    line = world.line
    ours, theirs = pair(world, 2)
    executing, legal = at_desk(line.executing), at_desk(line.their_supervisor)
    page = ledger(theirs, executing)
    assert "log-0.csv" in page and "Undertakings" in page and "Other use, transfer" not in page
    assert "Answer" not in page and "Enter an undertaking" not in page
    assert "Enter an undertaking" in ledger(theirs, legal)
    ledger(ours, executing, status=404)
    ledger(theirs, at_desk(line.desk), status=404)
    assert at_desk(line.desk).get(f"/exhibits/{theirs.evidence_set.first().public_id}/").status_code == 404
    IncomingRequest.objects.filter(pk=theirs.pk).update(confidentiality=Confidentiality.RESTRICTED)
    inward.incoming_name_officer(
        incoming=IncomingRequest.objects.get(pk=theirs.pk), by=line.their_supervisor, user=_user(line.their_supervisor)
    )
    ledger(theirs, executing, status=404)
    ledger(theirs, executing, "export.csv", status=404)
    ledger(theirs, legal)


def _user(actor: Actor) -> Any:
    from mla.accounts.models import User

    return User.objects.get(pk=actor.user_id)


def test_files_say_every_hash_and_step_and_are_recorded(world: World, at_desk: AtDesk) -> None:
    line = world.line
    ours, _theirs = pair(world, 2)
    course.outgoing_confirm_evidence(outgoing=ours, by=line.registry)
    client = at_desk(line.registry)
    file = ours.evidence_set.first()
    given = {
        "exhibits": [str(file.public_id)],
        "recipient": "=Court 7",
        "purpose": "trial",
        "on": day(0),
        "other_purpose": "no",
    }
    assert client.post(address(ours, "hand_on"), given).status_code == 302
    rows = list(csv.reader(ledger(ours, client, "export.csv").removeprefix("\ufeff").splitlines()))
    assert [row[13] for row in rows[1:4]] == ["received", "verified: the hash matches", "handed on"]
    assert {row[3] for row in rows[1:]} == set(ours.evidence_set.values_list("sha256", flat=True))
    assert rows[3][16] == "'=Court 7"
    graph = json.loads(ledger(ours, client, "case.jsonld"))
    nodes = graph["@graph"]
    known = [node["@id"] for node in nodes]
    assert len(set(known)) == len(known) and all(one.startswith("kb:") for one in known)
    assert set(_named(nodes)) <= set(known), "every relation leads to something that is there"
    assert {prefix for prefix, _rest in (one["@type"].split(":") for one in nodes)} <= set(graph["@context"])
    hashes = {
        facet["uco-observable:hash"][0]["uco-types:hashValue"]["@value"]
        for node in nodes for facet in node.get("uco-core:hasFacet", []) if "uco-observable:hash" in facet
    }  # fmt: skip
    assert hashes == set(ours.evidence_set.values_list("sha256", flat=True))
    (handed,) = [node for node in nodes if node["@type"] == "uco-core:Relationship"]
    assert handed["uco-core:source"]["@id"] == f"kb:evidence-{file.public_id}"
    assert "no conformance is claimed" in nodes[0]["uco-core:description"]
    assert AuditEntry.objects.filter(act="list.export", object_id="ledger").count() == 2


def _named(nodes: Any) -> list[str]:
    """Return every identifier that a node refers to: objects that have nothing but an identifier."""
    if isinstance(nodes, list):
        return [one for node in nodes for one in _named(node)]
    if not isinstance(nodes, dict):
        return []
    if set(nodes) == {"@id"}:
        return [nodes["@id"]]
    return [one for value in nodes.values() for one in _named(value)]


def test_queries_do_not_grow_with_the_exhibits_and_the_next_page_follows(world: World, at_desk: AtDesk) -> None:
    line = world.line
    ours, _theirs = pair(world)
    client = at_desk(line.registry)
    first = ours.evidence_set.get()

    def count() -> int:
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as found:
            ledger(ours, client)
        return len(found)

    ledger(ours, client)
    few = count()
    Evidence.objects.bulk_create(
        Evidence(
            authority_id=ours.authority_id, outgoing=ours, item=first.item, name=f"more-{number}", size=1,
            media_type="text/plain", sha256=f"{number:064x}", added_at=first.added_at,
        )
        for number in range(70)
    )  # fmt: skip
    assert count() == few
    page = ledger(ours, client)
    assert "log-0.csv" in page and "more-60" not in page
    after = page.split("?after=")[1].split('"')[0]
    assert "more-60" in ledger(ours, client, f"?after={after}")
    assert "51 · " in ledger(ours, client, f"?after={after}")
    narrowed = ledger(ours, client, "?q=more-6&check=unchecked&item=M1")
    assert "more-60" in narrowed and "more-50" not in narrowed and "log-0.csv" not in narrowed
    assert "No exhibit that you may see" in ledger(ours, client, "?moved=destroyed")
