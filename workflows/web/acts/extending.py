"""Extending a time limit that a law or treaty sets, where its rule names an extension; on both sides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core.languages import house_words
from workflows.lifecycle.limits import Offer, offers_of
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.services.extensions import incoming_extend_deadline, outgoing_extend_deadline
from workflows.tracking.deadlines import DeadlineKind
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import ProofForm, as_seen, day_field, day_words, words
from workflows.web.acts.incoming import leaving


def offer_words(offer: Offer) -> str:
    """Say what a rule offers: which limit, how much more, by which article, and until when at most."""
    said = {
        "limit": str(DeadlineKind(offer.kind).label) + (f", {offer.item}" if offer.item else ""),
        "rule": house_words(offer.extension.name),
        "article": offer.extension.cited,
        "due": day_words(offer.due),
        "latest": day_words(offer.latest),
    }
    line = _("%(limit)s, now %(due)s: %(rule)s (%(article)s), until %(latest)s at the latest") % said
    return f"{line} · {_('to be confirmed')}" if offer.extension.to_be_confirmed else line


class ExtendForm(ActForm):
    rule = forms.ChoiceField(label=gettext_lazy("Which limit, by which rule"), widget=forms.RadioSelect)
    until = day_field(gettext_lazy("New last day"))
    reason = words(gettext_lazy("Reason"), rows=4)

    def build(self) -> None:
        offers = offers_of(self.case)
        choices = [(f"{one.extension.code} {one.item}".strip(), offer_words(one)) for one in offers]
        self.fields["rule"].choices = choices  # type: ignore[attr-defined]
        if len(offers) == 1:
            self.initial.setdefault("rule", choices[0][0])
            self.initial.setdefault("until", offers[0].latest)

    def chosen(self) -> dict[str, Any]:
        rule, _sign, item = self.said("rule").partition(" ")
        return {"rule": rule, "item": item, "until": self.said("until"), "reason": self.said("reason")}


class ExtendOutForm(ExtendForm, ProofForm):
    def build(self) -> None:
        super().build()
        for name in ("proof", "proof_channel", "proof_day"):
            self.fields[name].required = False
        self.fields["proof"].help_text = _("Needed where the other State extended it and did not say so by message.")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("proof") and not said.get("proof_day") and "proof_day" not in self.errors:
            self.add_error("proof_day", _("Give the date on the proof."))
        return said


def _out(case: OutgoingRequest, by: Actor, form: ExtendOutForm) -> None:
    as_seen(form, lambda: outgoing_extend_deadline(outgoing=case, by=by, proof=form.proven(), **form.chosen()))


def _in(case: IncomingRequest, by: Actor, form: ExtendForm) -> None:
    as_seen(form, lambda: incoming_extend_deadline(incoming=case, by=by, **form.chosen()))


def _told(case: Any) -> list[tuple[Any, Any]]:
    """Name the addressee where one of the rules has the extension told."""
    return leaving(case) if any(one.extension.tells for one in offers_of(case)) else []


register_screens(
    "outgoing",
    {
        "extend_deadline": ActScreen(
            button=gettext_lazy("Record that a time limit is extended"),
            run=_out,
            form=ExtendOutForm,
            explain=gettext_lazy("The limit of this case ends on the new day, by the rule you choose. Nobody is told."),
            beside=True,
        )
    },
)
register_screens(
    "incoming",
    {
        "extend_deadline": ActScreen(
            button=gettext_lazy("Extend a time limit"),
            run=_in,
            form=ExtendForm,
            explain=gettext_lazy(
                "The limit of this case ends on the new day, by the rule you choose. Where the rule says so, the requesting"
                " State is told the new day and the reason."
            ),
            facts=_told,
            beside=True,
        )
    },
)
