"""The emergency path: approving on one pair of eyes, confirming it, and noting the other State's confirmation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.core.files import file_store
from workflows.drafting.freezing import content_now, frozen_hash
from workflows.drafting.models import LetterVersion
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.models.outgoing_emergency import RISK_TEST
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import as_seen, words
from workflows.web.acts.outgoing_chain import ApproveForm, approval_facts
from workflows.web.uploads import UploadField


class ProvisionalForm(ApproveForm):
    """The test of the danger, and the version that was read. A draft is frozen by the act, so its hash is foretold."""

    danger = words(_("Who is in danger of what, and how is that known?"), rows=3, required=False)
    imminent = words(
        _("When is it expected, and why does an ordinary request come too late?"),
        rows=3,
        required=False,
        help_text=_("Printed in the letter: it tells the other State why it comes on one pair of eyes."),
    )
    data_help = words(_("How do the data help against the danger?"), rows=3, required=False)
    confirmed_by = forms.CharField(
        label=_("Which senior official confirmed the emergency, and when?"), max_length=300, required=False
    )
    call_back = forms.CharField(
        label=_("On which number can the request be checked at once?"), max_length=300, required=False
    )
    field_order = (*RISK_TEST, "rights_screened")

    def build(self) -> None:
        super().build()
        if not self.version.content_hash:
            self.initial["content_hash"] = self.stands

    def hash_of(self, version: LetterVersion) -> str:
        return version.content_hash or frozen_hash(content_now(version))


def _approve(case: OutgoingRequest, by: Actor, form: ProvisionalForm) -> Any:
    return chain.outgoing_approve_provisionally(
        outgoing=case,
        by=by,
        content_hash=form.said("content_hash"),
        rights_screened=bool(form.said("rights_screened")),
        risk_test={name: form.said(name) or "" for name in RISK_TEST},
        expected_version=form.said("expected_version"),
    )


def _confirm(case: OutgoingRequest, by: Actor, form: ApproveForm) -> Any:
    return chain.outgoing_confirm(
        outgoing=case,
        by=by,
        content_hash=form.said("content_hash"),
        rights_screened=bool(form.said("rights_screened")),
        expected_version=form.said("expected_version"),
    )


def risk_test_told(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    """Return the answered test of the danger, as pairs of words; empty where there was none."""
    fields = ProvisionalForm.base_fields
    return [(fields[name].label, case.risk_test[name]) for name in RISK_TEST if case.risk_test.get(name)]


def _to_confirm(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    return [*approval_facts(case), (_("Sent by"), str(case.provisional_by or "")), *risk_test_told(case)]


class ConfirmationForm(ActForm):
    document = UploadField(label=_("The confirmation, as it arrived"))


def _note(case: IncomingRequest, by: Actor, form: ConfirmationForm) -> None:
    stored = file_store(form.said("document").content)
    # On paper nobody can compute a hash: who files it says that it is of this request.
    as_seen(
        form,
        lambda: inward.incoming_note_confirmation(
            incoming=case, by=by, content_hash=case.content_hash, sha256=stored.sha256
        ),
    )


register_screens(
    "outgoing",
    {
        "approve_provisionally": ActScreen(
            _("Approve provisionally: emergency"),
            _approve,
            ProvisionalForm,
            explain=_(
                "You approve alone. The letter says that it is provisional, and you can send it as soon as its PDF is "
                "made. A second person confirms it in writing, or withdraws it, within 24 hours."
            ),
            recent=True,
            grave=True,
            facts=approval_facts,
            template="web/approve.html",
            reads="web:letter_preview",
        ),
        "confirm": ActScreen(
            _("Confirm in writing"),
            _confirm,
            ApproveForm,
            explain=_(
                "The confirmation in writing is made and goes to the other State by the same channel. Who does not "
                "agree withdraws the request instead."
            ),
            recent=True,
            leaves=True,
            facts=_to_confirm,
            template="web/approve.html",
            reads="web:review_case",
            read_first=True,
        ),
    },
)

register_screens(
    "incoming",
    {
        "note_confirmation": ActScreen(
            _("Note the confirmation in writing"),
            _note,
            ConfirmationForm,
            explain=_("The request came provisionally; its confirmation is filed with its hash."),
        ),
    },
)
