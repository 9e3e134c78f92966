"""The conditions of the acts. Each looks and returns reasons; none of them writes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from mla.accounts.models import Role
from mla.core.reasons import Reason
from mla.reference.models import Authority
from workflows.drafting.beside import not_beside
from workflows.drafting.key_dates import needed_by
from workflows.drafting.models import LetterEditor, LetterVersion
from workflows.drafting.rights import screen_recorded
from workflows.drafting.selectors import version_gaps
from workflows.drafting.selectors_translation import translation_sent
from workflows.engine.machine import Check, Doing
from workflows.lifecycle.outcomes import ITEM_FINAL, ReturnCode

if TYPE_CHECKING:
    from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, RequestedItem


def needs(*names: str) -> Check:
    """Return a check that the act was given each of `names`, not empty."""

    def given(case: Any, doing: Doing) -> list[Reason]:
        if doing.asking:
            return []
        return [
            Reason(f"{name}_missing", _("“%(name)s” is missing") % {"name": name.replace("_", " ")}, field=name)
            for name in names
            if not _filled(doing.data.get(name))
        ]

    given.__name__ = "needs_" + "_and_".join(names)
    return given


def _filled(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value not in (None, [], ())


def proof_when_recorded_by_hand(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """An act of the other State that one of us records needs its proof: the letter, mail or receipt."""
    if doing.asking or doing.by.kind != "user" or doing.data.get("proof"):
        return []
    return [Reason("proof_missing", _("attach what proves it: the letter, message or receipt"), field="proof")]


def item_proof_when_recorded_by_hand(item: RequestedItem, doing: Doing) -> list[Reason]:
    """On an item of a request out only the other State decides; on one of a request in we do ourselves."""
    return proof_when_recorded_by_hand(item.outgoing, doing) if item.outgoing else []


# --- outgoing: drafting and the chain ---


def current_version(case: OutgoingRequest) -> LetterVersion:
    letter = case.letter
    return LetterVersion.objects.get(letter=letter, number=letter.current)


def urgency_of(version: LetterVersion) -> str:
    """Return the urgency that the letter states now: queues are ordered by it, and drafting may have changed it."""
    return str(version.content.get("urgency", {}).get("level", "routine"))


def needed_by_of(version: LetterVersion) -> dt.date | None:
    """Return by which day the letter needs something now. As `urgency_of`."""
    return needed_by(version.content)


def _version(case: OutgoingRequest, doing: Doing) -> LetterVersion:
    """Return the version that counts; to say what could be done, as the page has it at hand."""
    return case.letter.at_hand(doing.by) if doing.asking else current_version(case)


def version_is_frozen(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if _version(case, doing).frozen_at:
        return []
    return [Reason("not_frozen", _("the letter is still being drafted"))]


def no_hard_gap(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """Gaps stop a letter; each reason keeps its question and article."""
    return [
        Reason(gap.code, gap.message, field=gap.question, article=" ".join(filter(None, (gap.instrument, gap.article))))
        for gap in version_gaps(_version(case, doing))
    ]


def has_central_authority(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.central_id != case.originating_id:
        return []
    return [Reason("no_chain", _("this authority sends its letters itself: there is nobody to lodge it with"))]


def not_lodged(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.lodged_at is None:
        return []
    return [Reason("lodged", _("the letter is lodged with the central authority already"))]


def lodged(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.lodged_at is not None:
        return []
    return [Reason("not_lodged", _("the letter is not lodged with the central authority"))]


def not_taken_in(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    return [Reason("taken_in", _("the letter is taken in already"))] if case.taken_in_at else []


def in_the_hands_of_the_central_authority(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.central_id == case.originating_id or case.taken_in_at is not None:
        return []
    return [Reason("not_taken_in", _("the central authority has not taken the letter in"))]


def query_is_open(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    return _open_point(case, doing, "originator_query")


def question_is_open(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    return _open_point(case, doing, "information")


def conditions_are_open(case: Any, doing: Doing) -> list[Reason]:
    return _open_point(case, doing, "conditions", _("no conditions are open, or these are answered already"))


def complement_is_open(case: Any, doing: Doing) -> list[Reason]:
    return _open_point(case, doing, "complement", _("no complement is asked, or this one was supplied already"))


def _open_point(case: Any, doing: Doing, kind: str, message: str = "") -> list[Reason]:
    # Of two who answer at once the second finds its question answered: the service gives it none.
    given = doing.asking or doing.data.get("point") is not None
    points = rows_of(case, "openpoint_set", doing) if given else ()
    if any(point.kind == kind and point.answered_at is None for point in points):
        return []
    return [Reason("nothing_open", message or _("no question is open, or this one is answered already"))]


def rows_of(case: Any, name: str, doing: Doing) -> Any:
    """Return the rows of a relation in their order. A page that shows them has read them; an act asks for itself."""
    rows = getattr(case, name)
    if doing.asking and name in getattr(case, "_prefetched_objects_cache", {}):
        return rows.all()
    return rows.order_by("id")


# --- outgoing: approval ---


def approver_is_no_author(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """Nobody who wrote on the letter approves it, in whatever role and after any re-assignment."""
    if doing.by.user_id is None:
        return [Reason("no_person", _("a person approves"))]
    wrote = LetterEditor.objects.filter(version__letter=case.letter_id, user=doing.by.user_id).exists()
    if not wrote and case.submitted_by_id != doing.by.user_id:
        return []
    return [Reason("own_letter", _("you wrote on this letter or submitted it: another person approves it"))]


def confirmer_is_no_author(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """The second pair of eyes is another person's than the duty officer's and the authors'."""
    if not case.awaits_confirmation:
        return []  # that is told by the condition before it, and costs nothing
    if doing.by.user_id is not None and doing.by.user_id == case.provisional_by_id:
        return [Reason("own_approval", _("you sent it provisionally: another person confirms it"))]
    return approver_is_no_author(case, doing)


def confirms_what_was_read(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    return approves_what_was_read(case, doing) if case.awaits_confirmation else []


def approves_what_was_read(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """The approval binds to a hash: that of the version on the approver's screen must be the present one."""
    version = _version(case, doing)
    if doing.asking or doing.data.get("content_hash") == version.content_hash != "":
        return []
    return [Reason("content_changed", _("the letter is not the one you read: read it again"), field="content_hash")]


def translation_stands_beside(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """The certified translation it leaves with can be printed beside it: else no document could be made."""
    if doing.asking:
        return []
    version = _version(case, doing)
    translation = translation_sent(version, doing.at)
    if translation is None:
        return []
    return not_beside(version.frozen_content or {}, translation.certified_content or {})


def screen_confirmed(case: Any, rights_screened: bool) -> dict[str, Any]:
    """Return what the record says of the rights screen that was confirmed: each answer, and the hash over the whole.

    The screen is that of the version whose hash the act binds to, so it is the one that was read.
    """
    return {"rights_screened": rights_screened} | screen_recorded(case.approved_version.content)


def rights_are_screened(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("rights_screened") is True:
        return []
    return [Reason("rights_not_screened", _("confirm the rights screen"), field="rights_screened")]


def something_to_change(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """A return for changes says what to change: a comment on at least one answer, or now with the act."""
    if doing.asking or doing.data.get("comments") or _version(case, doing).comments.exists():
        return []
    return [Reason("comment_missing", _("comment on at least one answer"), field="comments")]


# --- outgoing: emergencies ---


def duty_officer_only_in_an_emergency(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if doing.by.role != Role.DUTY_OFFICER or _is_emergency(case, doing):
        return []
    return [Reason("no_emergency", _("the duty officer does this only where the letter says that it is an emergency"))]


def is_an_emergency(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if _is_emergency(case, doing):
        return []
    message = _("the letter does not say that it is an emergency: significant and imminent danger to life or safety")
    return [Reason("no_emergency", message, field="urgency.level", article="CETS-224 3(2)(c)")]


def _is_emergency(case: OutgoingRequest, doing: Doing) -> bool:
    return urgency_of(_version(case, doing)) == "emergency"


def duty_officer_may_act_alone(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """Whether it may is a rule of the sending authority, off unless its administrator switched it on."""
    if case.central.four_eyes == Authority.FourEyes.DUTY_OFFICER_AT_NIGHT:
        return []
    return [Reason("four_eyes_always", _("at this authority another person approves in every case"))]


def in_our_hands(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """In an emergency a lodged letter is taken in with the approval; one that was not lodged is not ours yet."""
    if case.central_id == case.originating_id or case.lodged_at is not None:
        return []
    return [Reason("not_lodged", _("the letter is not lodged with the central authority"))]


def risk_test_is_passed(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """Each question of the test is answered: who is in danger of what, why now, how the data help, who confirms."""
    if doing.asking:
        return []
    said = doing.data.get("risk_test") or {}
    return [
        Reason("risk_test_open", message, field=name, article="CETS-224 3(2)(c)")
        for name, message in (
            ("danger", _("say who is in danger of what, and how that is known")),
            ("imminent", _("say when it is expected, and why an ordinary request comes too late")),
            ("data_help", _("say how the data help against the danger")),
            ("confirmed_by", _("name the senior official who confirmed the emergency")),
            ("call_back", _("give the number on which the request can be checked at once")),
        )
        if not str(said.get(name, "")).strip()
    ]


def awaits_confirmation(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.awaits_confirmation:
        return []
    return [Reason("nothing_to_confirm", _("it was not sent provisionally, or it is confirmed already"))]


def is_confirmed(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.provisional_at is not None and case.confirmed_at is not None:
        return []
    return [Reason("not_confirmed", _("no second person has confirmed it"))]


# --- outgoing: sending ---


def document_is_that_of_the_approval(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.document_sha256 and case.document_content_hash == case.approved_hash:
        return []
    return [
        {
            "scan": Reason(
                "not_signed", _("the letter must be printed, signed and sealed, and its scan put into the file")
            ),
            "certificate": Reason(
                "no_certificate", _("the authority signs by certificate, and there is none to sign with")
            ),
            "timestamp": Reason("no_timestamp", _("the letter is signed; the timestamp of the signature is awaited")),
        }.get(case.awaits_signature, Reason("no_document", _("the letter's PDF is not ready yet")))
    ]


def approval_stands(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """Voided is computed, under the lock of the case: the present version is not the approved one."""
    version = _version(case, doing)
    if version.pk == case.approved_version_id and version.content_hash == case.approved_hash:
        return []
    return [Reason("approval_void", _("the letter was changed after the approval: it must be approved again"))]


def signs_what_was_approved(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """Before it leaves the approval must stand; what left provisionally must have been confirmed."""
    return approval_stands(case, doing) if case.status == "approved" else is_confirmed(case, doing)


def rendered_from_the_approved(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("content_hash") == case.approved_hash != "":
        return []
    return [Reason("other_content", _("the document was made from another version than the approved one"))]


def channel_is_known(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("channel") in case.CHANNELS:
        return []
    return [Reason("channel_unknown", _("choose a channel"), field="channel")]


def originator_agrees(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("originator_confirmed") is True:
        return []
    return [
        Reason(
            "originator_not_asked",
            _("the originating authority must confirm that the request is given up"),
            field="originator_confirmed",
        )
    ]


def handed_over(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    if case.handed_over_at is not None:
        return []
    return [Reason("not_handed_over", _("the result is not handed over yet"))]


def outcome_among(*allowed: str) -> Check:
    """Return a check that the outcome told is one that the receiver can give: not pursued, say, is only ours."""

    def told(case: Any, doing: Doing) -> list[Reason]:
        outcome = doing.data.get("outcome")
        if doing.asking or outcome is None or outcome in allowed:
            return []
        message = _("the outcome must be one of: %(allowed)s") % {"allowed": ", ".join(allowed)}
        return [Reason("outcome_unknown", message, field="outcome")]

    told.__name__ = "outcome_among"
    return told


# --- both sides ---


def every_item_final(case: IncomingRequest | OutgoingRequest, doing: Doing) -> list[Reason]:
    return [
        Reason("item_open", _("item %(key)s is still “%(status)s”") % {"key": i.key, "status": i.get_status_display()})
        for i in rows_of(case, "items", doing)
        if i.status not in ITEM_FINAL
    ]


def conditions_are_whole(case: Any, doing: Doing) -> list[Reason]:
    """Each condition has its kind and its words; the place is named by its number in the offer."""
    return [
        Reason(f"condition_{name}_missing", message % {"number": number}, field=f"{name}_{number}")
        for number, one in enumerate(doing.data.get("conditions") or [], 1)
        for name, message in (
            ("kind", _("condition %(number)d: choose its kind")),
            ("text", _("condition %(number)d: write its words")),
        )
        if not _filled(one.get(name))
    ]


def conditions_are_answered(case: Any, doing: Doing) -> list[Reason]:
    """An answer to conditions accepts or declines them; who declines says why."""
    if doing.asking:
        return []
    choice = doing.data.get("choice")
    if choice not in {"accepted", "declined"}:
        return [Reason("choice_missing", _("say whether the conditions are accepted or declined"), field="choice")]
    if choice == "declined" and not _filled(doing.data.get("answer")):
        return [Reason("answer_missing", _("write why the conditions are declined"), field="answer")]
    return []


def something_is_supplied(case: Any, doing: Doing) -> list[Reason]:
    """A complement is files, words, or both."""
    if doing.asking or doing.data.get("evidence") or _filled(doing.data.get("answer")):
        return []
    return [Reason("nothing_supplied", _("attach the files, or write the answer"), field="answer")]


def there_is_a_result(case: Any, doing: Doing) -> list[Reason]:
    """A complement is asked of what came: of evidence, or of an execution that brought none."""
    if case.outcome in {"executed", "partially_executed"} or case.evidence_set.filter(given=None).exists():
        return []
    return [Reason("no_result", _("nothing was executed: there is nothing to complement"))]


def no_complement_open_or_waived(case: Any, doing: Doing) -> list[Reason]:
    """A result that is to be complemented is not closed over in silence."""
    if doing.asking or _filled(doing.data.get("reason")):
        return []
    if all(point.kind != "complement" or point.answered_at for point in rows_of(case, "openpoint_set", doing)):
        return []
    return [Reason("complement_open", _("a complement is open: wait for it, or say why you close"), field="reason")]


# --- incoming ---


def no_conditions_pending(case: IncomingRequest, doing: Doing) -> list[Reason]:
    """What is given only under conditions is not given before they are answered."""
    if all(point.kind != "conditions" or point.answered_at for point in rows_of(case, "openpoint_set", doing)):
        return []
    return [Reason("conditions_pending", _("the requesting State has not answered our conditions yet"))]


def executed_items_have_evidence_or_a_note(case: IncomingRequest, doing: Doing) -> list[Reason]:
    """What was executed comes with evidence, or with a note why there is none (service, preservation)."""
    with_evidence = set(case.evidence_set.filter(given=None).values_list("item_id", flat=True))
    return [
        Reason("evidence_missing", _("item %(key)s is executed: add the evidence, or a note") % {"key": item.key})
        for item in case.items.order_by("id")
        if item.status in {"executed", "partially_executed"} and item.pk not in with_evidence and not item.reason
    ]


def some_item_accepted(case: IncomingRequest, doing: Doing) -> list[Reason]:
    if doing.asking or case.items.filter(status="accepted").exists() or doing.data.get("items"):
        return []
    return [Reason("no_item_accepted", _("accept at least one item, or refuse the request"))]


def receipt_is_confirmed_or_waived(case: Any, doing: Doing) -> list[Reason]:
    """A returned result is checked before the file is closed. What was withheld did not leave."""
    if (
        case.evidence_confirmed_at
        or not case.evidence_set.filter(withheld=None, given=None).exists()
        or doing.asking
        or doing.data.get("reason")
    ):
        return []
    return [Reason("receipt_open", _("the evidence is not confirmed yet: confirm it, or say why you close"))]


def originator_confirmed_or_waived(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """What was made for another authority is closed when that one has said that it is done with."""
    if case.originating_id == case.central_id or case.originator_confirmed_at is not None:
        return []
    if doing.asking or str(doing.data.get("reason") or "").strip():
        return []
    message = _("the originating authority has not confirmed the outcome: wait for it, or say why you close")
    return [Reason("originator_open", message, field="reason")]


def taken_up_is_not_unregistered(case: IncomingRequest, doing: Doing) -> list[Reason]:
    """Once the examination began a request was taken up; sent back then, it comes back as defective."""
    code = doing.data.get("code", ReturnCode.DEFECTIVE)
    if doing.asking or code == ReturnCode.DEFECTIVE:
        return []
    if code not in ReturnCode.values:
        return [Reason("code_unknown", _("say why it is sent back: one of the codes of the list"), field="code")]
    if case.status in ("received", "acknowledged"):
        return []
    message = _("its examination has begun: it was taken up, and is sent back as defective")
    return [Reason("taken_up", message, field="code")]


def competent_office_is_of_this_state(case: IncomingRequest, doing: Doing) -> list[Reason]:
    """A request goes on inside the State; to another State only its sender can send it."""
    office = doing.data.get("office")
    if doing.asking or office is None:
        return []
    if office.pk == case.authority_id:
        return [Reason("own_office", _("this is the authority that has the request"), field="office")]
    if office.jurisdiction_id == case.authority.jurisdiction_id:
        return []
    return [Reason("foreign_office", _("the competent authority must be one of this State"), field="office")]


def work_done_is_told(case: IncomingRequest, doing: Doing) -> list[Reason]:
    """Who withdraws while it is carried out learns what was done until then, or that nothing was."""
    if doing.asking or case.status != "in_execution" or str(doing.data.get("done") or "").strip():
        return []
    return [Reason("done_missing", _("say what was carried out so far, or that nothing was"), field="done")]


def came_provisionally(case: IncomingRequest, doing: Doing) -> list[Reason]:
    if case.is_provisional:
        return []
    return [Reason("not_provisional", _("the request did not come provisionally, or it is confirmed already"))]


def confirms_the_same_content(case: IncomingRequest, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data.get("content_hash") == case.content_hash:
        return []
    return [Reason("other_content", _("the confirmation is of another content than the request"), field="content_hash")]


def withdrawal_is_wished(case: IncomingRequest, doing: Doing) -> list[Reason]:
    if case.desired in {"withdraw", "not_needed"}:
        return []
    return [Reason("not_withdrawn", _("the requesting State has not withdrawn the request"))]


def item_is_open(item: RequestedItem, doing: Doing) -> list[Reason]:
    case = item.case
    if case.status not in {"concluded", "closed"}:
        return []
    return [Reason("case_ended", _("the case is concluded"))]
