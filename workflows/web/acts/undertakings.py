"""Acts on undertakings, given and received: entering one, settling it, releasing the other State from it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core.languages import house_words
from mla.reference.ledger import undertaking_kinds
from workflows.lifecycle.models import OutgoingRequest, Undertaking
from workflows.lifecycle.models.undertakings import parties
from workflows.lifecycle.outcomes import ItemStatus
from workflows.lifecycle.services import undertakings
from workflows.lifecycle.services.undertakings import Given
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import (
    as_seen,
    day_field,
    has_item,
    item_choices,
    not_in_the_future,
    words,
)
from workflows.web.acts.incoming import leaving, state_asking
from workflows.web.acts.ledger import HOME_IN, HOME_OUT, MOST, SomeFilesForm
from workflows.web.uploads import UploadField


class UndertakeForm(SomeFilesForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    words = words(gettext_lazy("Its words"), rows=4)
    article = forms.CharField(label=gettext_lazy("Article"), max_length=120, required=False)
    direction = forms.ChoiceField(
        label=gettext_lazy("Who gave it"),
        choices=[("ours", gettext_lazy("we gave it to them")), ("theirs", gettext_lazy("they gave it to us"))],
        widget=forms.RadioSelect,
    )
    given_by = forms.CharField(
        label=gettext_lazy("Given by"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("The authority; empty: that of the side."),
    )
    item = forms.ChoiceField(label=gettext_lazy("It binds"), required=False)
    starts_on = day_field(gettext_lazy("From"))
    until = day_field(gettext_lazy("Last day, or day by which it is done"), required=False)
    until_event = forms.CharField(label=gettext_lazy("Or until this happens"), max_length=300, required=False)
    names = {"exhibits": "evidence", "item": "item"}
    field_order = (
        "kind", "direction", "words", "article", "given_by", "item", "exhibits", "starts_on", "until", "until_event",
    )  # fmt: skip

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given) if name == "item" else super().known(name, given)

    def build(self) -> None:
        super().build()
        kinds = [(one.code, house_words(one.name)) for one in undertaking_kinds().values()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        items = item_choices(self.case, ItemStatus.values)
        self.fields["item"].choices = [("", _("the request as a whole")), *items]  # type: ignore[attr-defined]
        files: Any = self.fields["exhibits"]
        files.help_text = _("None: the item, or the whole.")
        self.initial.setdefault("starts_on", timezone.localdate())

    def given(self) -> Given:
        requesting, requested = parties(self.case)
        ours = self.said("direction") == "ours"
        by_requesting = ours == (self.case.KIND == "outgoing")
        side, other = (requesting, requested) if by_requesting else (requested, requesting)
        same = {name: self.said(name) for name in ("kind", "words", "article", "starts_on", "until", "until_event")}
        return Given(ours=ours, given_by=self.said("given_by") or side, given_to=other, **same)


class OneForm(ActForm):
    """One of the undertakings that are open, or breached and not made good."""

    undertaking = forms.ChoiceField(label=gettext_lazy("Undertaking"), widget=forms.RadioSelect)
    names = {"undertaking": "undertaking"}

    def _rows(self) -> Any:
        case: Any = self.case
        return case.undertaking_set.filter(state__in=(Undertaking.State.OPEN, Undertaking.State.BREACHED))

    def known(self, name: str, given: str) -> bool:
        case: Any = self.case
        try:
            return bool(case.undertaking_set.filter(undertaking_id=UUID(given)).exists())
        except ValueError:
            return False

    def build(self) -> None:
        found = list(self._rows().order_by("id")[:MOST])
        self.fields["undertaking"].choices = [  # type: ignore[attr-defined]
            (str(one.undertaking_id), f"{one.kind_words}: {one.words[:160]}") for one in found
        ]
        if len(found) == 1:
            self.initial.setdefault("undertaking", str(found[0].undertaking_id))

    def chosen(self) -> UUID:
        return UUID(self.said("undertaking"))


class SettleForm(OneForm):
    state = forms.ChoiceField(
        label=gettext_lazy("How it stands"),
        choices=[(one.value, one.label) for one in Undertaking.State if one != Undertaking.State.OPEN],
        widget=forms.RadioSelect,
    )
    on = day_field(gettext_lazy("Since"))
    words = words(
        gettext_lazy("In words"), rows=3, required=False, help_text=gettext_lazy("Needed of a breach and of a release.")
    )

    def build(self) -> None:
        super().build()
        self.initial.setdefault("on", timezone.localdate())

    def clean_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["on"])


class SettleOutForm(SettleForm):
    proof = UploadField(
        label=gettext_lazy("Proof"),
        required=False,
        help_text=gettext_lazy("Needed where the other State releases us: its letter, as a file."),
    )


class ReleaseForm(OneForm):
    words = words(gettext_lazy("What they read"), rows=3)

    def _rows(self) -> Any:
        return super()._rows().filter(ours=False).exclude(source=Undertaking.Source.BY_HAND)


def _undertake(case: Any, by: Actor, form: UndertakeForm) -> None:
    as_seen(
        form,
        lambda: undertakings.undertaking_enter(
            case=case, by=by, given=form.given(), item=form.said("item"), files=form.chosen()
        ),
    )


def _settle(case: Any, by: Actor, form: SettleForm) -> None:
    sent = form.said("proof") if isinstance(case, OutgoingRequest) else None
    as_seen(
        form,
        lambda: undertakings.undertaking_settle(
            case=case,
            by=by,
            undertaking_id=form.chosen(),
            state=form.said("state"),
            on=form.said("on"),
            words=form.said("words"),
            proof=sent.proof("") if sent else None,
        ),
    )


def _release(case: Any, by: Actor, form: ReleaseForm) -> None:
    as_seen(
        form,
        lambda: undertakings.incoming_release_undertaking(
            incoming=case, by=by, undertaking_id=form.chosen(), words=form.said("words")
        ),
    )


def _screens(home: str, form: type[SettleForm]) -> dict[str, ActScreen]:
    return {
        "undertake": ActScreen(
            button=gettext_lazy("Enter an undertaking"),
            run=_undertake,
            form=UndertakeForm,
            explain=gettext_lazy("What it forbids is refused from then on, unless a consent is recorded."),
            home=home,
        ),
        "settle_undertaking": ActScreen(
            button=gettext_lazy("Settle an undertaking, or note its breach"),
            run=_settle,
            form=form,
            explain=gettext_lazy("A breach stays an alarm until it is settled in another way."),
            home=home,
        ),
    }


register_screens("outgoing", _screens(HOME_OUT, SettleOutForm))
register_screens(
    "incoming",
    {
        **_screens(HOME_IN, SettleForm),
        "release_undertaking": ActScreen(
            button=lambda case: _("Release %(state)s from an undertaking") % {"state": state_asking(case)},
            run=_release,
            form=ReleaseForm,
            explain=gettext_lazy("The requesting State is told, and is no longer held to it."),
            leaves=True,
            facts=leaving,
            home=HOME_IN,
        ),
    },
)
