"""Acts on a request out from sending to the end: what we send, what the other State did, what came back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core.files import file_store
from workflows.exchange.channels import channel_named, channel_names
from workflows.lifecycle.models import CustodyEntry, OutgoingRequest
from workflows.lifecycle.models.outgoing_receiver import RESULTS
from workflows.lifecycle.outcomes import IncomingStatus
from workflows.lifecycle.services import outgoing_course as course
from workflows.lifecycle.services.outgoing_course import EvidenceFile, News
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import (
    CHANNELS,
    GroundForm,
    PointForm,
    ProofForm,
    as_seen,
    day_field,
    event_choices,
    has_item,
    item_choices,
    not_in_the_future,
    proof_note,
    words,
)
from workflows.web.drafting.merging import DEFAULTS
from workflows.web.uploads import LARGEST_EVIDENCE, ManyUploadsField, UploadField


def state_asked(case: Any) -> str:
    """Return the short name of the State a request out goes to, in the language of the page."""
    return str(case.letter.requested.name(get_language() or "en"))


def channels_of(case: OutgoingRequest) -> list[tuple[str, Any]]:
    """Return the channels that a request can go by; messages on this installation only to who works on it."""
    here = case.addressee is not None and case.addressee.hosted_here
    known = set(channel_names())
    return [(code, CHANNELS[code]) for code in case.CHANNELS if code in known and (code != "local" or here)]


# --- sending ---


class SendForm(ActForm):
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), widget=forms.RadioSelect)
    proof = UploadField(
        label=gettext_lazy("Proof of sending"),
        required=False,
        help_text=gettext_lazy("Needed for every way but a message: the posting slip, cover note or sent e-mail."),
    )
    proof_day = day_field(gettext_lazy("Sent on"), required=False, help_text=gettext_lazy("As the proof says."))
    proof_note = forms.CharField(label=gettext_lazy("Note on the proof"), max_length=500, required=False)

    def build(self) -> None:
        choices = channels_of(self.case)  # type: ignore[arg-type]
        self.fields["channel"].choices = choices  # type: ignore[attr-defined]
        approved = self.case.approved_version  # type: ignore[attr-defined]
        # The letter leaves out what is preset in it.
        wished = approved.content.get("channel", dict(DEFAULTS)["channel"]) if approved else ""
        if wished in dict(choices):
            self.initial.setdefault("channel", wished)

    def clean_proof_day(self) -> Any:
        return not_in_the_future(self.cleaned_data["proof_day"])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        channel = said.get("channel")
        if channel and not channel_named(channel).electronic:
            if not said.get("proof") and "proof" not in self.errors:
                self.add_error("proof", _("Attach what proves that it was sent by this way."))
            if not said.get("proof_day") and "proof_day" not in self.errors:
                self.add_error("proof_day", _("Say on which day it was sent."))
        return said


def _send(case: OutgoingRequest, by: Actor, form: SendForm) -> None:
    sent = form.said("proof")
    note = proof_note(form.cleaned_data | {"proof_channel": form.said("channel")})
    course.outgoing_send(
        outgoing=case,
        by=by,
        channel=form.said("channel"),
        expected_version=form.said("expected_version"),
        proof=sent.proof(note) if sent else None,
    )


def _sending(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    version = case.approved_version
    return [
        (_("Addressee"), str(case.addressee or _("none"))),
        (_("State"), state_asked(case)),
        (_("Our reference"), case.reference),
        (_("Version"), version.number if version else ""),
        (_("Hash of the content"), case.approved_hash),
        (_("Hash of the document"), case.document_sha256 or _("not made yet")),
    ]


# --- what the other State did, recorded from paper ---


class AcknowledgeForm(ProofForm):
    peer_reference = forms.CharField(label=gettext_lazy("Their reference"), max_length=120)
    contact = words(gettext_lazy("Their contact"), rows=3, required=False)


def _acknowledge(case: OutgoingRequest, by: Actor, form: AcknowledgeForm) -> None:
    reference, contact = form.said("peer_reference"), form.said("contact")
    as_seen(
        form,
        lambda: course.outgoing_acknowledge(
            outgoing=case, by=by, peer_reference=reference, contact=contact, proof=form.proven()
        ),
    )


class ProgressForm(ProofForm):
    peer_status = forms.ChoiceField(
        label=gettext_lazy("Where it stands there"),
        choices=[(one.value, one.label) for one in IncomingStatus if one.value not in {"concluded", "closed"}],
    )
    event = forms.ChoiceField(label=gettext_lazy("What happened"), required=False)
    text = words(gettext_lazy("In their words"), rows=3, required=False)
    next_on = day_field(gettext_lazy("They expect more on"), required=False)

    def build(self) -> None:
        self.fields["event"].choices = event_choices(_("not said"))  # type: ignore[attr-defined]


def _note_progress(case: OutgoingRequest, by: Actor, form: ProgressForm) -> None:
    status = form.said("peer_status")
    news = News(form.said("event"), form.said("text"), form.said("next_on"))
    as_seen(
        form,
        lambda: course.outgoing_note_progress(outgoing=case, by=by, peer_status=status, news=news, proof=form.proven()),
    )


def _note_execution(case: OutgoingRequest, by: Actor, form: ProofForm) -> None:
    as_seen(
        form,
        lambda: course.outgoing_note_progress(outgoing=case, by=by, peer_status="in_execution", proof=form.proven()),
    )


class QuestionForm(ProofForm):
    question = words(gettext_lazy("What they ask"), rows=6)
    due = day_field(gettext_lazy("Answer wished by"), required=False)


def _note_question(case: OutgoingRequest, by: Actor, form: QuestionForm) -> None:
    as_seen(
        form,
        lambda: course.outgoing_note_question(
            outgoing=case, by=by, question=form.said("question"), due=form.said("due"), proof=form.proven()
        ),
    )


class ResultForm(ProofForm):
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), choices=[(one.value, one.label) for one in RESULTS])
    reason = words(gettext_lazy("What they say of it"), required=False)
    evidence = ManyUploadsField(
        label=gettext_lazy("Files of evidence"),
        largest=LARGEST_EVIDENCE,
        required=False,
        help_text=gettext_lazy("As many as came. Each is kept under its hash and never changed."),
    )
    item = forms.ChoiceField(label=gettext_lazy("The files belong to"), required=False)
    use_limits = words(gettext_lazy("Limits of use that they set"), rows=2, required=False)
    names = {"item": "item"}

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given)

    def build(self) -> None:
        items = item_choices(self.case, ["accepted", "executed", "partially_executed"])
        self.fields["item"].choices = [("", _("the request as a whole")), *items]  # type: ignore[attr-defined]


def uploaded_evidence(form: Any) -> list[EvidenceFile]:
    """Put the files of evidence of a form into the storage; return them as its item and limits of use describe them."""
    found = []
    for sent in form.said("evidence"):
        stored = file_store(sent.content)
        found.append(
            EvidenceFile(
                name=sent.name,
                media_type=sent.media_type,
                size=stored.size,
                sha256=stored.sha256,
                item=form.said("item"),
                use_limits=form.said("use_limits"),
            )
        )
    return found


def _note_result(case: OutgoingRequest, by: Actor, form: ResultForm) -> None:
    as_seen(
        form,
        lambda: course.outgoing_note_result(
            outgoing=case,
            by=by,
            outcome=form.said("outcome"),
            files=uploaded_evidence(form),
            reason=form.said("reason"),
            proof=form.proven(),
        ),
    )


class RefusalForm(GroundForm, ProofForm):
    reason = words(gettext_lazy("Reasons that they give"), required=False)

    def build(self) -> None:
        super().build()
        self.fields["article"].required = False
        self.fields["article"].help_text = _("As their letter names it.")


def _note_refusal(case: OutgoingRequest, by: Actor, form: RefusalForm) -> None:
    as_seen(
        form,
        lambda: course.outgoing_note_refusal(
            outgoing=case,
            by=by,
            ground=form.said("ground"),
            article=form.said("article"),
            reason=form.said("reason"),
            proof=form.proven(),
        ),
    )


# --- what we answer and wish, and the end ---


def _give_information(case: OutgoingRequest, by: Actor, form: PointForm) -> None:
    point, answer = UUID(form.said("point")), form.said("answer")
    as_seen(form, lambda: course.outgoing_give_information(outgoing=case, by=by, answer=answer, point_id=point))


def leaving(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    """Return who is told, as pairs of words."""
    return [
        (_("Addressee"), str(case.addressee or "")),
        (_("Their reference"), case.peer_reference or _("not known yet")),
        (_("Our reference"), case.reference),
        (_("Goes by"), CHANNELS.get(case.channel, case.channel)),
    ]


def evidence_facts(case: Any) -> list[tuple[Any, Any]]:
    """Return each file of evidence of a case with the hash it must have, as pairs of words."""
    files = [(file.name, file.sha256) for file in case.evidence_set.order_by("id")]
    return files or [(_("Evidence"), _("none came"))]


def _confirm_evidence(case: OutgoingRequest, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: course.outgoing_confirm_evidence(outgoing=case, by=by))
    wrong = case.evidence_set.filter(custody__step=CustodyEntry.Step.DISCREPANT).distinct()
    names = ", ".join(wrong.order_by("id").values_list("name", flat=True))
    form.told = (  # type: ignore[attr-defined]
        _("Recorded: the hash does not match for %(names)s.") % {"names": names} if names else _("All hashes match.")
    )


def _hand_over(case: OutgoingRequest, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: course.outgoing_hand_over_result(outgoing=case, by=by))


def _result_facts(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    return [
        (_("Outcome"), case.get_outcome_display()),
        (_("Originating authority"), str(case.originating)),
        *evidence_facts(case),
    ]


def _originator_confirms(case: OutgoingRequest, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: course.outgoing_originator_confirms(outgoing=case, by=by))


class CloseForm(ActForm):
    reason = words(
        gettext_lazy("Reason"),
        required=False,
        help_text=gettext_lazy(
            "Needed only where the evidence is not confirmed, a complement is open, originals are not back, or the "
            "originating authority's word is missing."
        ),
    )


def _close(case: OutgoingRequest, by: Actor, form: CloseForm) -> None:
    as_seen(form, lambda: course.outgoing_close(outgoing=case, by=by, reason=form.said("reason")))


register_screens(
    "outgoing",
    {
        "send": ActScreen(
            button=lambda case: _("Send to %(state)s") % {"state": state_asked(case)},
            run=_send,
            form=SendForm,
            explain=gettext_lazy(
                "The approved letter goes to the addressee with its annexes; the items are followed from now on."
            ),
            leaves=True,
            recent=True,
            facts=_sending,
            reads="web:letter_preview",
        ),
        "acknowledge": ActScreen(
            button=gettext_lazy("Record the acknowledgement"),
            run=_acknowledge,
            form=AcknowledgeForm,
            explain=gettext_lazy("Their reference goes into the file, and the wait for the acknowledgement ends."),
        ),
        "note_progress": ActScreen(
            button=gettext_lazy("Record where it stands there"),
            run=_note_progress,
            form=ProgressForm,
            explain=gettext_lazy("For news that came on paper; nobody outside is told."),
        ),
        "note_execution": ActScreen(
            button=gettext_lazy("Record that execution began"),
            run=_note_execution,
            form=ProofForm,
            explain=gettext_lazy("The request is in execution from then on; nobody outside is told."),
        ),
        "note_question": ActScreen(
            button=gettext_lazy("Record a question of the other State"),
            run=_note_question,
            form=QuestionForm,
            explain=gettext_lazy("The question is open until the supervisor gives the information."),
        ),
        "note_result": ActScreen(
            button=gettext_lazy("Record the result"),
            run=_note_result,
            form=ResultForm,
            explain=gettext_lazy("Record first what was decided on each item. The request is concluded by this."),
        ),
        "note_refusal": ActScreen(
            button=gettext_lazy("Record the refusal"),
            run=_note_refusal,
            form=RefusalForm,
            explain=gettext_lazy("Every item that is still open is refused with it, and the request is concluded."),
            grave=True,
        ),
        "give_information": ActScreen(
            button=gettext_lazy("Give the information asked"),
            run=_give_information,
            form=PointForm,
            explain=gettext_lazy("The answer goes to the authority that asked."),
            leaves=True,
            facts=leaving,
        ),
        "confirm_evidence": ActScreen(
            button=gettext_lazy("Confirm the receipt of the evidence"),
            run=_confirm_evidence,
            explain=gettext_lazy(
                "Every file is hashed again; the other State is told whether all hashes match. A mismatch is recorded."
            ),
            leaves=True,
            facts=lambda case: leaving(case) + evidence_facts(case),
        ),
        "hand_over_result": ActScreen(
            button=gettext_lazy("Hand the result to the originating authority"),
            run=_hand_over,
            explain=gettext_lazy("The originating authority is told and confirms the receipt."),
            facts=_result_facts,
        ),
        "originator_confirms": ActScreen(
            button=gettext_lazy("Confirm that the result was received"),
            run=_originator_confirms,
            explain=gettext_lazy("The central authority can close the case after this."),
            facts=_result_facts,
        ),
        "close": ActScreen(
            button=gettext_lazy("Close the case"),
            run=_close,
            form=CloseForm,
            explain=gettext_lazy("Nothing can be done in the case after this."),
            grave=True,
        ),
    },
)
