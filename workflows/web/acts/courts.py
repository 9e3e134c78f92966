"""Acts about courts, notice to affected persons and filters of privileged content, of a request in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core import clock
from mla.reference.courts import court_codes
from workflows.lifecycle.models import CourtOrder, IncomingRequest, Notice, PrivilegeFilter, Remedy
from workflows.lifecycle.models.parts import unsent
from workflows.lifecycle.services import courts
from workflows.lifecycle.services.courts import AppliedFor, Challenge, Deferral
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.blocks import coded_choices
from workflows.web.acts.fields import as_seen, content_of, day_field, day_words, has_item, item_label
from workflows.web.acts.fields import words as prose

_WHOM = gettext_lazy("In words, such as the account holder; a name only where it is needed.")


def order_line(order: CourtOrder) -> str:
    """Return an order as a line: what, which court, its reference, for which items."""
    parts = [order.kind_words, order.court, order.reference]
    if order.items:
        parts.append(_("items %(keys)s") % {"keys": ", ".join(order.items)})
    return " · ".join(filter(None, parts))


def remedy_line(remedy: Remedy) -> str:
    against = order_line(remedy.order) if remedy.order else _("against the surrender")
    return " · ".join([str(remedy.get_party_display()), remedy.court, day_words(remedy.lodged_on), against])


def deferral_line(notice: Notice) -> str:
    parts = [notice.whom, notice.ground_words, day_words(notice.until) if notice.until else "", notice.until_event]
    return " · ".join(filter(None, parts))


def filter_line(row: PrivilegeFilter) -> str:
    return f"{row.kind_words} · {row.filtered_by}"


class OfRowForm(ActForm):
    """An act on one row of the case, named by its public identifier; a single one is chosen already."""

    #: The field that names the row, and where the rows of the case are.
    ROW: ClassVar[str]
    RELATION: ClassVar[str]

    def known(self, name: str, given: str) -> bool:
        if name != self.ROW:
            return False
        try:
            return bool(getattr(self.case, self.RELATION).filter(public_id=UUID(given)).exists())
        except ValueError:
            return False

    def offer(self, choices: Iterable[tuple[str, str]], first: tuple[str, str] | None = None) -> None:
        found = list(choices)
        self.fields[self.ROW].choices = ([first] if first else []) + found  # type: ignore[attr-defined]
        if len(found) == 1 and first is None:
            self.initial.setdefault(self.ROW, found[0][0])

    def row(self) -> UUID | None:
        given = self.said(self.ROW)
        return UUID(given) if given else None


def _today(form: ActForm, name: str) -> None:
    form.initial.setdefault(name, clock.now().date())


class ApplyForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("What order"))
    court = forms.CharField(label=gettext_lazy("Court"), max_length=300)
    applied_on = day_field(gettext_lazy("Applied for on"))
    reference = forms.CharField(label=gettext_lazy("The court's reference"), max_length=120, required=False)
    items = forms.MultipleChoiceField(
        label=gettext_lazy("For which items"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: for the request as a whole."),
    )
    names = {"items": "item"}

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given)

    def build(self) -> None:
        self.fields["kind"].choices = [("", _("Choose an order")), *coded_choices(court_codes("order"), {})]  # type: ignore[attr-defined]
        rows = self.case.items.order_by("id")  # type: ignore[attr-defined]
        self.fields["items"].choices = [(row.key, item_label(self.case, row.key, row.measure)) for row in rows]  # type: ignore[attr-defined]
        _today(self, "applied_on")


def _apply(case: IncomingRequest, by: Actor, form: ApplyForm) -> None:
    order = AppliedFor(**{name: form.said(name) for name in ("kind", "court", "applied_on", "items", "reference")})
    as_seen(form, lambda: courts.incoming_apply_for_order(incoming=case, by=by, order=order))


class OrderForm(OfRowForm):
    ROW, RELATION = "order", "courtorder_set"
    order = forms.ChoiceField(label=gettext_lazy("Order"), widget=forms.RadioSelect)
    decided_on = day_field(gettext_lazy("Decided on"))
    names = {"order": "court order"}

    def build(self) -> None:
        waiting = self.case.courtorder_set.filter(state=CourtOrder.State.APPLIED).order_by("id")  # type: ignore[attr-defined]
        self.offer((str(one.public_id), order_line(one)) for one in waiting)


class GrantedForm(OrderForm):
    reference = forms.CharField(label=gettext_lazy("The court's reference"), max_length=120)
    valid_until = day_field(
        gettext_lazy("Valid until"), required=False, help_text=gettext_lazy("Empty where the order sets no end.")
    )


def _grant(case: IncomingRequest, by: Actor, form: GrantedForm) -> None:
    said = {name: form.said(name) for name in ("reference", "decided_on", "valid_until")}
    order = UUID(form.said("order"))
    as_seen(form, lambda: courts.incoming_note_order_granted(incoming=case, by=by, order=order, **said))


class DeniedForm(OrderForm):
    reason = prose(gettext_lazy("Reasons of the court"))
    reference = forms.CharField(label=gettext_lazy("The court's reference"), max_length=120, required=False)


def _deny(case: IncomingRequest, by: Actor, form: DeniedForm) -> None:
    said = {name: form.said(name) for name in ("reason", "decided_on", "reference")}
    order = UUID(form.said("order"))
    as_seen(form, lambda: courts.incoming_note_order_denied(incoming=case, by=by, order=order, **said))


#: Chosen as every order is: what a remedy is against is never said by silence.
_SURRENDER = "surrender"


class ChallengeForm(OfRowForm):
    ROW, RELATION = "order", "courtorder_set"
    order = forms.ChoiceField(label=gettext_lazy("Against"), widget=forms.RadioSelect)
    party = forms.ChoiceField(label=gettext_lazy("Lodged by"), choices=Remedy.Party.choices, widget=forms.RadioSelect)
    court = forms.CharField(label=gettext_lazy("Court that decides"), max_length=300)
    lodged_on = day_field(gettext_lazy("Lodged on"))
    hearing_on = day_field(
        gettext_lazy("Hearing on"), required=False, help_text=gettext_lazy("Empty where no day is known.")
    )
    words = prose(gettext_lazy("What it says"), required=False)
    names = {"order": "court order"}

    def build(self) -> None:
        decided = self.case.courtorder_set.filter(  # type: ignore[attr-defined]
            state__in=[CourtOrder.State.GRANTED, CourtOrder.State.DENIED]
        )
        offered = ((str(one.public_id), order_line(one)) for one in decided.order_by("id"))
        self.offer(offered, first=(_SURRENDER, _("the surrender to the requesting State")))

    def row(self) -> UUID | None:
        return None if self.said("order") == _SURRENDER else super().row()


def _challenge(case: IncomingRequest, by: Actor, form: ChallengeForm) -> None:
    said = {name: form.said(name) for name in ("party", "court", "lodged_on", "hearing_on", "words")}
    challenge = Challenge(order=form.row(), **said)
    as_seen(form, lambda: courts.incoming_note_challenge(incoming=case, by=by, challenge=challenge))


class RemedyForm(OfRowForm):
    ROW, RELATION = "remedy", "remedy_set"
    remedy = forms.ChoiceField(label=gettext_lazy("Remedy"), widget=forms.RadioSelect)
    result = forms.ChoiceField(
        label=gettext_lazy("How it ended"), choices=Remedy.Result.choices, widget=forms.RadioSelect
    )
    decided_on = day_field(gettext_lazy("Decided on"))
    decision = prose(gettext_lazy("What was decided"))
    names = {"remedy": "remedy"}

    def build(self) -> None:
        pending = self.case.remedy_set.filter(result="").select_related("order").order_by("id")  # type: ignore[attr-defined]
        self.offer((str(one.public_id), remedy_line(one)) for one in pending)


def _decide(case: IncomingRequest, by: Actor, form: RemedyForm) -> None:
    said = {name: form.said(name) for name in ("result", "decided_on", "decision")}
    remedy = UUID(form.said("remedy"))
    as_seen(form, lambda: courts.incoming_note_remedy_decided(incoming=case, by=by, remedy=remedy, **said))


class NoticeForm(OfRowForm):
    """Notice, or its deferral; of an open deferral it says whether it ends with this."""

    ROW, RELATION = "deferral", "notice_set"
    deferral = forms.ChoiceField(label=gettext_lazy("Ends the deferral"), required=False, widget=forms.RadioSelect)
    whom = forms.CharField(label=gettext_lazy("Whom it concerns"), max_length=200, required=False, help_text=_WHOM)
    names = {"deferral": "deferral of notice"}

    def build(self) -> None:
        deferred = self.case.notice_set.filter(kind=Notice.Kind.DEFERRED, ended_at=None).order_by("id")  # type: ignore[attr-defined]
        found = [(str(one.public_id), deferral_line(one)) for one in deferred]
        self.offer([*found, ("", _("none of them"))])
        if found:
            self.initial.setdefault("deferral", found[0][0])
        else:
            # Still there: what names another's is refused, whether or not there is something to choose.
            self.fields["deferral"].widget = forms.HiddenInput()


class NotifyForm(NoticeForm):
    given_on = day_field(gettext_lazy("Given on"))
    how = forms.CharField(label=gettext_lazy("How"), max_length=300)
    words = prose(gettext_lazy("Note"), rows=3, required=False)


def _notify(case: IncomingRequest, by: Actor, form: NotifyForm) -> None:
    said = {name: form.said(name) for name in ("given_on", "how", "whom", "words")}
    ended = form.row()
    as_seen(form, lambda: courts.incoming_notify_affected(incoming=case, by=by, deferral=ended, **said))


class DeferForm(NoticeForm):
    ground = forms.ChoiceField(label=gettext_lazy("Ground"))
    article = forms.CharField(
        label=gettext_lazy("Article"),
        max_length=120,
        help_text=gettext_lazy("Of your own law, or of the instrument."),
    )
    until = day_field(
        gettext_lazy("Looked at again on"),
        required=False,
        help_text=gettext_lazy("On this day it stands among what is due."),
    )
    until_event = forms.CharField(label=gettext_lazy("Or until"), max_length=300, required=False)
    words = prose(gettext_lazy("Reasons"), rows=3, required=False)

    def build(self) -> None:
        super().build()
        self.fields["deferral"].label = _("Prolongs the deferral")
        grounds = coded_choices(court_codes("deferral"), content_of(self.case))
        self.fields["ground"].choices = [("", _("Choose a ground")), *grounds]  # type: ignore[attr-defined]


def _defer(case: IncomingRequest, by: Actor, form: DeferForm) -> None:
    said = {name: form.said(name) for name in ("ground", "article", "until", "until_event", "whom", "words")}
    deferral = Deferral(deferral=form.row(), **said)
    as_seen(form, lambda: courts.incoming_defer_notice(incoming=case, by=by, deferral=deferral))


class FilterForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("What is looked for"))
    filtered_by = forms.CharField(
        label=gettext_lazy("Filtered by"),
        max_length=200,
        help_text=gettext_lazy("A person or office that does not investigate in this case."),
    )
    scope = forms.ChoiceField(
        label=gettext_lazy("Which files"),
        choices=[
            ("all", gettext_lazy("all that have not left, also those added meanwhile")),
            ("some", gettext_lazy("only these:")),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )
    evidence = forms.MultipleChoiceField(
        label=gettext_lazy("Files"), required=False, widget=forms.CheckboxSelectMultiple
    )
    words = prose(gettext_lazy("Note"), rows=3, required=False)
    names = {"evidence": "evidence"}

    def known(self, name: str, given: str) -> bool:
        try:
            return bool(self.case.evidence_set.filter(public_id=UUID(given)).exists())  # type: ignore[attr-defined]
        except ValueError:
            return False

    def build(self) -> None:
        self.fields["kind"].choices = [("", _("Choose a kind")), *coded_choices(court_codes("privilege"), {})]  # type: ignore[attr-defined]
        files = [(str(file.public_id), file.name) for file in unsent(self.case)]
        self.fields["evidence"].choices = files  # type: ignore[attr-defined]
        if not files:
            self.fields["evidence"].widget = forms.MultipleHiddenInput()
            del self.fields["scope"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("scope") == "some" and not said.get("evidence") and "evidence" not in self.errors:
            self.add_error("evidence", _("Choose at least one file, or all."))
        return said


def _open(case: IncomingRequest, by: Actor, form: FilterForm) -> None:
    said = {name: form.said(name) for name in ("kind", "filtered_by", "words")}
    files = [UUID(one) for one in form.said("evidence")] if form.said("scope") == "some" else None
    as_seen(form, lambda: courts.incoming_open_filter(incoming=case, by=by, evidence=files, **said))


_RELEASED = "released"


class CloseFilterForm(OfRowForm):
    """What became of each file that a filter concerns. Where several filters are open, the others' files stay empty."""

    ROW, RELATION = "filter", "privilegefilter_set"
    filter = forms.ChoiceField(label=gettext_lazy("Filter"), widget=forms.RadioSelect)
    words = prose(gettext_lazy("Note"), rows=3, required=False)
    names = {"filter": "filter"}

    def build(self) -> None:
        opened = list(self.case.privilegefilter_set.filter(closed_at=None).order_by("id"))  # type: ignore[attr-defined]
        self.offer((str(one.public_id), filter_line(one)) for one in opened)
        self.concerned = {str(one.public_id): courts.filter_files(one) for one in opened}
        choices = [
            ("", _("not decided")),
            (_RELEASED, _("released")),
            *(
                (code, _("withheld: %(ground)s") % {"ground": words})
                for code, words in coded_choices(court_codes("privilege"), {})
            ),
        ]
        for file in {file.pk: file for files in self.concerned.values() for file in files}.values():
            self.fields[f"file_{file.public_id}"] = forms.ChoiceField(
                label=format_html("<bdi>{}</bdi>", file.name), choices=choices, required=False
            )
        self.order_fields([name for name in self.fields if name != "words"])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for file in self.concerned.get(said.get("filter", ""), []):
            name = f"file_{file.public_id}"
            if not said.get(name) and name not in self.errors:
                self.add_error(name, _("Say whether it is released or withheld."))
        return said

    def decided(self) -> dict[UUID, str]:
        said = {file.public_id: self.said(f"file_{file.public_id}") for file in self.concerned[self.said("filter")]}
        return {file: "" if ground == _RELEASED else ground for file, ground in said.items()}


def _close(case: IncomingRequest, by: Actor, form: CloseFilterForm) -> None:
    row, decided, note = UUID(form.said("filter")), form.decided(), form.said("words")
    as_seen(form, lambda: courts.incoming_close_filter(incoming=case, by=by, filter=row, decided=decided, words=note))


_STAYS = gettext_lazy("It stays here: the requesting State is told only what you report to it.")

register_screens(
    "incoming",
    {
        "apply_for_order": ActScreen(
            button=gettext_lazy("Record an application for a court order"),
            run=_apply,
            form=ApplyForm,
            explain=_STAYS,
        ),
        "note_order_granted": ActScreen(
            button=gettext_lazy("Record that the court granted the order"),
            run=_grant,
            form=GrantedForm,
            explain=gettext_lazy(
                "The order is in force from its day; its end, where it has one, stands among what is due."
            ),
        ),
        "note_order_denied": ActScreen(
            button=gettext_lazy("Record that the court denied the order"),
            run=_deny,
            form=DeniedForm,
            explain=gettext_lazy("No item is refused by this. Refuse the items concerned, or apply for another order."),
        ),
        "note_challenge": ActScreen(
            button=gettext_lazy("Record a remedy against an order or the surrender"),
            run=_challenge,
            form=ChallengeForm,
            explain=gettext_lazy("While it is pending no result leaves, neither a part nor the whole."),
        ),
        "note_remedy_decided": ActScreen(
            button=gettext_lazy("Record the decision on a remedy"),
            run=_decide,
            form=RemedyForm,
            explain=gettext_lazy(
                "Upheld: the order is set aside, its executed items are open again, and what was gathered under it never leaves."
            ),
            grave=True,
        ),
        "notify_affected": ActScreen(
            button=gettext_lazy("Record notice to an affected person"),
            run=_notify,
            form=NotifyForm,
            explain=gettext_lazy("For a notice that was given. Nothing is sent by this."),
        ),
        "defer_notice": ActScreen(
            button=gettext_lazy("Defer notice to an affected person"),
            run=_defer,
            form=DeferForm,
            explain=gettext_lazy("The case is not closed over it without a reason."),
        ),
        "open_filter": ActScreen(
            button=gettext_lazy("Open a filter for privileged content"),
            run=_open,
            form=FilterForm,
            explain=gettext_lazy("While it is open no result leaves, neither a part nor the whole."),
        ),
        "close_filter": ActScreen(
            button=gettext_lazy("Close the filter: files released and withheld"),
            run=_close,
            form=CloseFilterForm,
            explain=gettext_lazy(
                "What is withheld never leaves; the requesting State is told how many files and on which ground, not which."
            ),
            grave=True,
        ),
    },
)
