"""From the approval to the closed file: the document, sending, and what the other State does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from mla.accounts.actors import Actor
from mla.core.errors import MlaError
from mla.core.files import FileDamaged, FileMissing, file_check, file_store
from mla.reference.models import Authority
from workflows.engine.acts import one_act
from workflows.engine.perform import perform
from workflows.lifecycle.models import Evidence, IncomingRequest, OpenPoint, OutgoingRequest, RequestedItem
from workflows.lifecycle.models.ledger import Origin
from workflows.lifecycle.models.outgoing_receiver import WITH_THE_OTHER_STATE
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.outcomes import ITEM_FINAL, ItemStatus, Outcome
from workflows.lifecycle.services.incoming import require_reason_of
from workflows.lifecycle.services.keeping import hold_for_sent, item_was_kept
from workflows.lifecycle.services.outgoing_chain import oldest_open_point
from workflows.lifecycle.services.short import item_begin


class UnknownItem(MlaError):
    """The other State speaks of an item that the letter does not have, or in words that are no status."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that proves an act of the other State: their letter, a mail, a receipt."""

    name: str
    media_type: str
    content: bytes | BinaryIO
    note: str = ""

    def stored(self) -> dict[str, Any]:
        kept = file_store(self.content)
        return {
            "name": self.name,
            "media_type": self.media_type,
            "size": kept.size,
            "sha256": kept.sha256,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class ItemReport:
    """What the other State says of one item. `until`, `until_event`: of a postponement.

    `taken_back`: an execution that was told before fell with its order; what is said now counts.
    """

    key: str
    status: str
    ground: str = ""
    article: str = ""
    reason: str = ""
    until: dt.date | None = None
    until_event: str = ""
    preserved_from: dt.date | None = None
    preserved_until: dt.date | None = None
    rule: str = ""
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file of evidence as a manifest lists it; its bytes are in the storage under the hash."""

    name: str
    media_type: str
    size: int
    sha256: str
    item: str = ""
    description: str = ""
    use_limits: str = ""
    #: As the other State told it with the file.
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What the other State says of the way of an execution. `event`: a code; `next_on`: when more is expected."""

    event: str = ""
    text: str = ""
    next_on: dt.date | None = None
    progress_id: UUID | None = None

    def said(self) -> dict[str, Any]:
        """Return what an act keeps of it, empty where it says nothing."""
        if not (self.event or self.text or self.next_on):
            return {}
        return {"event": self.event, "text": self.text, "next_on": self.next_on, "progress_id": self.progress_id}


def outgoing_await_signature(
    *, outgoing: OutgoingRequest, content_hash: str, lacks: str, sealed_sha256: str = ""
) -> OutgoingRequest:
    """Say what the PDF lacks: `scan`, `certificate` or `timestamp`; called by documents, as the system."""
    by = Actor.system("documents", authority_id=outgoing.authority_id)
    return perform(
        outgoing, "await_signature", by=by, content_hash=content_hash, lacks=lacks, sealed_sha256=sealed_sha256
    )


def outgoing_attach_scan(
    *, outgoing: OutgoingRequest, by: Actor, sha256: str, content_hash: str, printed_sha256: str
) -> OutgoingRequest:
    """Put the scan of the signed print, by its hash, into the file as what will be sent; called by documents.

    Raises:
        ActRefused: no scan is awaited, or the approval lapsed.
    """
    return perform(
        outgoing, "attach_scan", by=by, sha256=sha256, content_hash=content_hash, printed_sha256=printed_sha256
    )


def outgoing_attach_document(
    *, outgoing: OutgoingRequest, sha256: str, content_hash: str, sealed_sha256: str = ""
) -> OutgoingRequest:
    """Write the PDF's hash, and that of the sealed annex, into the file; called by documents, as the system."""
    by = Actor.system("documents", authority_id=outgoing.authority_id)
    return perform(
        outgoing, "attach_document", by=by, sha256=sha256, content_hash=content_hash, sealed_sha256=sealed_sha256
    )


def outgoing_send(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    channel: str,
    expected_version: int | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Send the approved letter; for the registry. The transmission follows after the commit.

    Creates the items that are followed one by one: they are what was sent, whatever was approved before.

    Raises:
        ConditionsNotMet: no PDF yet, the approval is void, no channel.
    """
    stored = proof.stored() if proof else None
    with one_act():
        sent = perform(outgoing, "send", by=by, expected_version=expected_version, channel=channel, proof=stored)
        assert sent.approved_version is not None
        system = Actor.system("outgoing.send", authority_id=sent.authority_id)
        for item in sent.approved_version.content.get("items", []):
            row = RequestedItem(authority_id=sent.authority_id, outgoing=sent, key=item["id"], measure=item["measure"])
            item_begin(item=row, by=system)
        hold_for_sent(sent=sent)
        return sent


def outgoing_acknowledge(
    *, outgoing: OutgoingRequest, by: Actor, peer_reference: str, contact: str = "", proof: Proof | None = None
) -> OutgoingRequest:
    """Record that the other State has the request, with its reference. By the peer, or by hand with proof."""
    return perform(
        outgoing, "acknowledge", by=by, peer_reference=peer_reference, contact=contact, proof=stored_proof(proof)
    )


def outgoing_note_progress(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    peer_status: str,
    reports: Sequence[ItemReport] = (),
    news: News | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record where the request stands over there, what was decided of its items, and what happened on the way."""
    stored, said = stored_proof(proof), news.said() if news else {}
    with one_act():
        noted = outgoing
        begins = peer_status == "in_execution" and outgoing.status != "in_execution"
        if begins:
            noted = perform(outgoing, "note_execution", by=by, proof=stored)
        if said or not begins:
            noted = perform(noted, "note_progress", by=by, peer_status=peer_status, proof=stored, **said)
        items_report(outgoing=noted, by=by, reports=reports, proof=stored)
        return noted


def outgoing_note_question(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    question: str,
    due: dt.date | None = None,
    point_id: UUID | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the other State asks for information."""
    return perform(
        outgoing, "note_question", by=by, question=question, due=due, point_id=point_id, proof=stored_proof(proof)
    )


def outgoing_give_information(
    *, outgoing: OutgoingRequest, by: Actor, answer: str, point_id: UUID | None = None
) -> OutgoingRequest:
    """Answer a question of the other State, by default the oldest open one.

    For the supervisor, who answers for what leaves the house.

    Raises:
        ConditionsNotMet: it is answered already.
    """
    with one_act():
        point = oldest_open_point(case=outgoing, kinds=[OpenPoint.Kind.INFORMATION], point_id=point_id)
        return perform(outgoing, "give_information", by=by, answer=answer, point=point)


def outgoing_note_result(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    outcome: str,
    reports: Sequence[ItemReport] = (),
    files: Sequence[EvidenceFile] = (),
    reason: str = "",
    withheld: Sequence[dict[str, Any]] = (),
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record the result with its evidence. The bytes of each file must be in the storage already.

    `withheld`: how many files they keep back, by ground.
    """
    stored = stored_proof(proof)
    with one_act():
        items_report(outgoing=outgoing, by=by, reports=reports, proof=stored)
        evidence = evidence_arrived(outgoing, files)
        noted = perform(
            outgoing, "note_result", by=by, outcome=outcome, evidence=evidence, reason=reason, proof=stored,
            withheld=list(withheld),
        )  # fmt: skip
        return origins_noted(outgoing=noted, by=by, evidence=evidence, files=files)


def outgoing_note_refusal(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    ground: str,
    article: str = "",
    reason: str = "",
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the whole request is refused, with the coded ground and its article."""
    stored = stored_proof(proof)
    with one_act():
        reports = [
            ItemReport(item.key, ItemStatus.REFUSED, ground=ground, article=article, reason=reason or ground)
            for item in outgoing.items.all()
            if item.status not in ITEM_FINAL
        ]
        items_report(outgoing=outgoing, by=by, reports=reports, proof=stored)
        return perform(outgoing, "note_refusal", by=by, ground=ground, article=article, reason=reason, proof=stored)


def outgoing_note_return(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    outcome: str,
    reason: str,
    code: str = "",
    defects: Sequence[ToldDefect] = (),
    competent: Authority | None = None,
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the request came back, with its defects, or went on to another authority (redirected).

    `competent`: that authority, where the directory has it.
    """
    return perform(
        outgoing,
        "note_return",
        by=by,
        outcome=outcome,
        reason=reason,
        code=code,
        defects=list(defects),
        competent=competent,
        proof=stored_proof(proof),
    )


def outgoing_withdraw(
    *, outgoing: OutgoingRequest, by: Actor, reason: str, outcome: str = Outcome.WITHDRAWN
) -> OutgoingRequest:
    """Tell the other State that help is no longer needed (UNTOC 18(24), UNCAC 46(24)).

    `outcome`: how the request ends for us when they confirm: withdrawn, obtained otherwise, or superseded.
    """
    return perform(outgoing, "withdraw", by=by, reason=reason, outcome=outcome)


def outgoing_note_withdrawal(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    done: str = "",
    reports: Sequence[ItemReport] = (),
    proof: Proof | None = None,
) -> OutgoingRequest:
    """Record that the other State confirmed the withdrawal, and what it had done until then.

    `reports`: how the items ended there; one that they say nothing of is withdrawn.
    """
    stored = stored_proof(proof)
    with one_act():
        told = {report.key for report in reports}
        items_report(outgoing=outgoing, by=by, reports=reports, proof=stored)
        left = [
            ItemReport(item.key, ItemStatus.WITHDRAWN)
            for item in outgoing.items.all()
            if item.status not in ITEM_FINAL and item.key not in told
        ]
        items_report(outgoing=outgoing, by=by, reports=left, proof=stored)
        return perform(outgoing, "note_withdrawal", by=by, done=done, proof=stored)


def outgoing_confirm_evidence(*, outgoing: OutgoingRequest, by: Actor) -> OutgoingRequest:
    """Hash every file that arrived against the manifest and confirm, or note the discrepancy."""
    checked = [(file, hash_now(file)) for file in outgoing.evidence_set.filter(given=None).order_by("id")]
    return perform(outgoing, "confirm_evidence", by=by, checked=checked)


def outgoing_hand_over_result(*, outgoing: OutgoingRequest, by: Actor) -> OutgoingRequest:
    """Give the result to the originating authority; for the registry."""
    return perform(outgoing, "hand_over_result", by=by)


def outgoing_originator_confirms(*, outgoing: OutgoingRequest, by: Actor) -> OutgoingRequest:
    """Confirm that the originating authority has the result."""
    return perform(outgoing, "originator_confirms", by=by)


def outgoing_lapse(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    reason: str,
    originator_confirmed: bool,
    outcome: str = Outcome.UNANSWERED,
) -> OutgoingRequest:
    """Close a request that was never answered, once the originating authority agrees.

    `outcome`: never answered, obtained otherwise, or superseded by another request.
    """
    return perform(outgoing, "lapse", by=by, reason=reason, originator_confirmed=originator_confirmed, outcome=outcome)


def outgoing_close(*, outgoing: OutgoingRequest, by: Actor, reason: str = "") -> OutgoingRequest:
    """Close the file; for the supervisor."""
    return perform(outgoing, "close", by=by, reason=reason)


def outgoing_item_note(
    *, item: RequestedItem, act: str, by: Actor, proof: Proof | None = None, **data: Any
) -> RequestedItem:
    """Record what the other State decided on one item (accept, refuse, execute and so on); for the registry.

    Raises:
        UnknownGround: the ground, or the reason why there is no result, is not in the list.
        ConditionsNotMet: without what proves it.
    """
    require_reason_of(act, data.get("ground", ""))
    stored = stored_proof(proof)
    with one_act():
        noted = perform(item, act, by=by, proof=stored, **data)
        kept = {"sha256": stored["sha256"]} if stored else None
        item_was_kept(item=noted, act=act, by=by, data=data | {"proof": kept})
        if noted.outgoing is not None and noted.outgoing.status in WITH_THE_OTHER_STATE:
            perform(noted.outgoing, "hear", by=by, item=noted.key)
        return noted


def evidence_arrived(outgoing: OutgoingRequest, files: Sequence[EvidenceFile]) -> list[Evidence]:
    """Return the rows, unsaved, of files of evidence that came. Raises UnknownItem: a file is of no item of the letter."""
    items = {item.key: item for item in outgoing.items.all()}
    return [
        Evidence(
            authority_id=outgoing.authority_id,
            outgoing=outgoing,
            item=_item(items, file.item) if file.item else None,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
            description=file.description,
            use_limits=file.use_limits,
            added_at=outgoing.changed_at,
        )
        for file in files
    ]


def origins_noted(
    *, outgoing: OutgoingRequest, by: Actor, evidence: Sequence[Evidence], files: Sequence[EvidenceFile]
) -> OutgoingRequest:
    """Write what their message says of where its files come from, which have just been taken into the file."""
    told = {row.pk: file.origin for row, file in zip(evidence, files, strict=True) if file.origin is not None}
    if not told:
        return outgoing
    return perform(outgoing, "note_origin", by=by, evidence=[row for row in evidence if row.pk in told], origins=told)


def stored_proof(proof: Proof | None) -> dict[str, Any] | None:
    """Put a proof into the storage and return what its row keeps."""
    return proof.stored() if proof else None


def hash_now(file: Evidence) -> str:
    """Return the hash of what is stored; zeros where it is damaged or gone."""
    try:
        file_check(file.sha256)
    except (FileDamaged, FileMissing):
        return "0" * 64
    return file.sha256


def items_named(case: IncomingRequest | OutgoingRequest, keys: Sequence[str]) -> list[RequestedItem]:
    """Return the items of these keys, each once, in the order given. Raises UnknownItem for one that the letter does not have."""
    known = {item.key: item for item in case.items.order_by("id")} if keys else {}
    return [_item(known, key) for key in dict.fromkeys(keys)]


def _item(items: dict[str, RequestedItem], key: str) -> RequestedItem:
    if key not in items:
        raise UnknownItem(f"the letter has no item {key}: it has {', '.join(sorted(items))}")
    return items[key]


def items_report(
    *, outgoing: OutgoingRequest, by: Actor, reports: Sequence[ItemReport], proof: dict[str, Any] | None
) -> None:
    """Lead each item to what the other State says of it. Within one act.

    Raises:
        UnknownItem: it is no item of the letter, or the status is none.
    """
    # The act on the whole request keeps it, once.
    kept = {"sha256": proof["sha256"]} if proof else None
    items = {item.key: item for item in outgoing.items.all()}
    for report in reports:
        item = _item(items, report.key)
        for act, data in acts_towards(item.status, report):
            item = perform(item, act, by=by, proof=kept, **data)
            item_was_kept(item=item, act=act, by=by, data=data | {"proof": kept})


#: The act by which an item ends without a result, or without the whole of it.
#: What can fall with the order under which it was executed.
_TAKEN_BACK = (ItemStatus.EXECUTED, ItemStatus.PARTIALLY_EXECUTED)
_WITHOUT_ALL: dict[str, str] = {
    ItemStatus.PARTIALLY_EXECUTED: "execute_partially",
    ItemStatus.NOT_HELD: "find_nothing",
    ItemStatus.IMPOSSIBLE: "find_impossible",
}


def acts_towards(status: str, report: ItemReport) -> list[tuple[str, dict[str, Any]]]:
    """Return the acts that lead an item from `status` to what is reported, skipping no status. Pure."""
    if status == report.status:
        return []
    if status in _TAKEN_BACK and report.taken_back:
        back = ("take_back", {"reason": report.reason or report.status})
        return [back, *acts_towards(ItemStatus.ACCEPTED, report)]
    if status in ITEM_FINAL:
        return []
    data: dict[str, Any] = {"reason": report.reason}
    match report.status:
        case ItemStatus.REQUESTED:
            return []
        case ItemStatus.ACCEPTED:
            return [("resume", {})] if status == ItemStatus.POSTPONED else [("accept", {})]
        case ItemStatus.POSTPONED:
            data |= {"ground": report.ground, "article": report.article}
            return [("postpone", data | {"until": report.until, "until_event": report.until_event})]
        case ItemStatus.REFUSED:
            return [("refuse", data | {"ground": report.ground, "article": report.article})]
        case ItemStatus.WITHDRAWN:
            return [("withdraw", data)]
    if report.status not in ITEM_FINAL:
        raise UnknownItem(f"item {report.key} is reported as {report.status!r}: that is no status of an item")
    first = acts_towards(status, ItemReport(report.key, ItemStatus.ACCEPTED)) if status != ItemStatus.ACCEPTED else []
    if report.status == ItemStatus.EXECUTED:
        if report.preserved_until and report.preserved_from:
            data["preservation"] = {
                "preserved_from": report.preserved_from,
                "until": report.preserved_until,
                "rule": report.rule,
            }
        return [*first, ("execute", data)]
    return [*first, (_WITHOUT_ALL[report.status], data | {"ground": report.ground, "article": report.article})]
