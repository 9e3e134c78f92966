"""Acts on exhibits and their use: origin, custody, handing on, another use and what use was made, on both sides."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core.languages import house_words
from workflows.drafting.preserving import zone_known
from workflows.lifecycle.ledger import letter_of, limits_of
from workflows.lifecycle.models import CustodyEntry, ExhibitOrigin, OtherUse, OutgoingRequest, UseAccount
from workflows.lifecycle.selectors import visible_evidence
from workflows.lifecycle.services import ledger
from workflows.lifecycle.services.ledger import Account, Moved, Origin, Use
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import ProofForm, as_seen, day_field, not_in_the_future, words
from workflows.web.acts.incoming import leaving, state_asking
from workflows.web.acts.outgoing_course import leaving as leaving_out

#: Exhibits that a form lists to choose from; of more, each has its own page with its own links.
MOST = 100
HOME_OUT, HOME_IN = "web:outgoing_ledger", "web:incoming_ledger"


def _line(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, **({"max_length": 300} | options))


class FilesForm(ActForm):
    """Exhibits of the case: the first ones, and one that a page of its own named in the address."""

    exhibits = forms.MultipleChoiceField(label=gettext_lazy("Exhibits"), widget=forms.CheckboxSelectMultiple)
    names = {"exhibits": "evidence"}

    def _visible(self) -> Any:
        case: Any = self.case
        return visible_evidence(self.actor).filter(**{case.KIND: case, "withheld": None}).order_by("id")

    def known(self, name: str, given: str) -> bool:
        if name != "exhibits":
            return False
        try:
            return bool(self._visible().filter(public_id=UUID(given)).exists())
        except ValueError:
            return False

    def build(self) -> None:
        rows = list(self._visible()[:MOST])
        named = self._named() - {str(one.public_id) for one in rows}
        if named:
            rows += list(self._visible().filter(public_id__in=named))
        self.fields["exhibits"].choices = [  # type: ignore[attr-defined]
            (str(one.public_id), f"{one.name} ({one.sha256[:12]})") for one in rows
        ]
        given = self.initial.get("exhibits")
        if isinstance(given, str):
            self.initial["exhibits"] = [given]
        elif len(rows) == 1 and self.fields["exhibits"].required:
            self.initial.setdefault("exhibits", [str(rows[0].public_id)])

    def _named(self) -> set[str]:
        given = [*(self.data.getlist("exhibits") if self.is_bound else ()), self.initial.get("exhibits", "")]  # type: ignore[attr-defined]
        found = set()
        for one in given:
            try:
                found.add(str(UUID(str(one))))
            except ValueError:
                continue
        return found

    def chosen(self) -> list[UUID]:
        return [UUID(one) for one in self.said("exhibits") or []]


class SomeFilesForm(FilesForm):
    """None chosen: everything that was furnished."""

    def build(self) -> None:
        field: Any = self.fields["exhibits"]
        field.required, field.label = False, _("Only these exhibits")
        field.help_text = _("None: everything that was furnished.")
        super().build()


class TimedForm(FilesForm):
    """A moment in a time zone, where it is known."""

    day = day_field(gettext_lazy("Day"), required=False)
    time = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    zone = forms.CharField(
        label=gettext_lazy("Time zone of this time"),
        max_length=60,
        help_text=gettext_lazy("Yours, unless it was noted elsewhere; such as Europe/Riga."),
    )

    def build(self) -> None:
        super().build()
        self.initial.setdefault("zone", timezone.get_current_timezone_name())

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"])
        if zone_known(zone) is None:
            raise forms.ValidationError(_("There is no time zone of this name. Write it as Europe/Riga."))
        return zone

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("time") and not said.get("day"):
            self.add_error("day", _("Give the day of this time."))
        return said

    def moment(self) -> dt.datetime | None:
        if not self.said("day"):
            return None
        return dt.datetime.combine(
            self.said("day"), self.said("time") or dt.time(0), tzinfo=ZoneInfo(self.said("zone"))
        )


class OriginForm(TimedForm):
    obtained_from = _line(gettext_lazy("Who held it"), required=False, help_text=gettext_lazy("A provider, a bank."))
    obtained_by = _line(gettext_lazy("The authority that obtained it"), required=False)
    how = words(gettext_lazy("How it was obtained"), rows=2, required=False)
    form = forms.ChoiceField(label=gettext_lazy("Original or copy"), choices=ExhibitOrigin.Form.choices)
    tool = _line(gettext_lazy("Tool of the acquisition, with its version"), required=False)
    field_order = ("exhibits", "obtained_from", "obtained_by", "how", "form", "tool", "day", "time", "zone")

    def build(self) -> None:
        super().build()
        self.fields["how"].max_length = 1000  # type: ignore[attr-defined]
        self.initial.setdefault("form", ExhibitOrigin.Form.NOT_KNOWN)

    def origin(self) -> Origin:
        names = ("obtained_from", "obtained_by", "how", "form", "tool")
        return Origin(acquired_at=self.moment(), **{name: self.said(name) for name in names})


class CustodyForm(TimedForm):
    step = forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=[(step.value, step.label) for step in CustodyEntry.BY_HAND]
    )
    from_whom = _line(gettext_lazy("Who had it"), required=False)
    to_whom = _line(gettext_lazy("Who has it from then on"), required=False)
    note = words(gettext_lazy("Note"), rows=2, required=False, help_text=gettext_lazy("Such as the number of a seal."))
    field_order = ("exhibits", "step", "from_whom", "to_whom", "day", "time", "zone", "note")

    def moved(self) -> Moved:
        names = ("step", "from_whom", "to_whom", "note")
        return Moved(happened_at=self.moment(), **{name: self.said(name) for name in names})


PURPOSES = [
    ("no", gettext_lazy("the proceedings stated in the request")),
    ("yes", gettext_lazy("another purpose")),
]


def _purpose_field(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=PURPOSES, coerce=lambda value: value == "yes", widget=forms.RadioSelect, initial="no"
    )


class HandOnForm(FilesForm):
    recipient = _line(gettext_lazy("To whom"))
    other_purpose = _purpose_field(gettext_lazy("For what"))
    purpose = words(gettext_lazy("Why, in words"), rows=3)
    on = day_field(gettext_lazy("Day"))
    consent = forms.ChoiceField(
        label=gettext_lazy("Under which consent"),
        required=False,
        help_text=gettext_lazy("One that the requested State gave, where it is needed."),
    )
    note = words(gettext_lazy("Note"), rows=2, required=False)
    names = {"exhibits": "evidence", "consent": "other use"}

    def known(self, name: str, given: str) -> bool:
        return _has(self.case, OtherUse, "use_id", given) if name == "consent" else super().known(name, given)

    def build(self) -> None:
        super().build()
        case: Any = self.case
        given = case.otheruse_set.filter(kind=OtherUse.Kind.TRANSFER, choice__in=("consent", "conditions"))
        self.fields["consent"].choices = [  # type: ignore[attr-defined]
            ("", _("none is needed")),
            *((str(one.use_id), f"{one.recipient}: {one.purpose[:80]}") for one in given.order_by("-id")[:MOST]),
        ]
        self.initial.setdefault("on", timezone.localdate())

    def clean_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["on"])


class UseForm(SomeFilesForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is asked for"),
        choices=[(one.value, one.label) for one in OtherUse.Kind if one != OtherUse.Kind.EXCULPATORY],
        widget=forms.RadioSelect,
    )
    recipient = _line(gettext_lazy("To whom"), required=False, help_text=gettext_lazy("Of a transfer."))
    purpose = words(gettext_lazy("What for, and in which proceedings"), rows=3)
    reason = words(gettext_lazy("Reasons"), rows=3, required=False)
    due = day_field(gettext_lazy("Answer wished by"), required=False)

    def use(self) -> Use:
        return Use(*(self.said(name) for name in ("kind", "purpose", "recipient", "reason", "due")))


class NoticeForm(SomeFilesForm):
    purpose = words(gettext_lazy("What is disclosed, to whom and in which proceedings"), rows=4)


class UseAnswerForm(ActForm):
    use = forms.ChoiceField(label=gettext_lazy("What was asked"), widget=forms.RadioSelect)
    choice = forms.ChoiceField(label=gettext_lazy("Answer"), choices=OtherUse.Choice.choices, widget=forms.RadioSelect)
    answer = words(gettext_lazy("Conditions, or reasons"), rows=4, required=False)
    article = _line(gettext_lazy("Article"), required=False, max_length=120)
    until = day_field(gettext_lazy("Last day of the consent"), required=False)
    names = {"use": "other use"}

    def known(self, name: str, given: str) -> bool:
        return _has(self.case, OtherUse, "use_id", given)

    def build(self) -> None:
        case: Any = self.case
        waiting = [one for one in case.otheruse_set.filter(answered_at=None).order_by("id")[:MOST] if one.is_open]
        self.fields["use"].choices = [  # type: ignore[attr-defined]
            (str(one.use_id), ": ".join(filter(None, [str(one.get_kind_display()), one.recipient, one.purpose])))
            for one in waiting
        ]
        if len(waiting) == 1:
            self.initial.setdefault("use", str(waiting[0].use_id))

    def answered(self) -> dict[str, Any]:
        return {"use_id": UUID(self.said("use"))} | {
            name: self.said(name) for name in ("choice", "answer", "article", "until")
        }


class NotedAnswerForm(UseAnswerForm, ProofForm):
    pass


class QuestionForm(ActForm):
    question = words(gettext_lazy("Question"), rows=4)
    due = day_field(gettext_lazy("Answer wished by"), required=False)


class NotedQuestionForm(QuestionForm, ProofForm):
    pass


class AccountForm(ActForm):
    answers = forms.ChoiceField(label=gettext_lazy("It answers"), required=False)
    other_purpose = _purpose_field(gettext_lazy("It was used for"))
    used_for = words(gettext_lazy("What it was used for"), rows=4)
    proceedings = _line(gettext_lazy("In which proceedings"), required=False)
    used_on = day_field(gettext_lazy("When, or when last"), required=False)
    names = {"answers": "account"}

    def known(self, name: str, given: str) -> bool:
        return _has(self.case, UseAccount, "account_id", given)

    def build(self) -> None:
        case: Any = self.case
        asked = list(case.useaccount_set.filter(given_at=None).order_by("id")[:MOST])
        self.fields["answers"].choices = [  # type: ignore[attr-defined]
            ("", _("no question: it is given unasked")),
            *((str(one.account_id), one.question[:120]) for one in asked),
        ]
        if len(asked) == 1:
            self.initial.setdefault("answers", str(asked[0].account_id))

    def clean_used_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["used_on"])

    def account(self) -> Account:
        return Account(*(self.said(name) for name in ("used_for", "proceedings", "used_on", "other_purpose")))

    def answered(self) -> UUID | None:
        return UUID(self.said("answers")) if self.said("answers") else None


def _has(case: Any, model: Any, name: str, given: str) -> bool:
    try:
        return bool(model.objects.filter(**{case.KIND: case, name: UUID(given)}).exists())
    except ValueError:
        return False


def limit_facts(case: Any) -> list[tuple[Any, Any]]:
    """Return what the instruments that the letter cites say of the use, as pairs of words; what is not known says so."""
    limits = limits_of(letter_of(case))
    exception = {
        "yes": _("what is exculpatory may be disclosed after a notice"),
        "no": _("no exception for what is exculpatory"),
        "not_known": _("not known whether what is exculpatory may be disclosed"),
    }
    found: list[tuple[Any, Any]] = [
        (
            format_html('<bdi class="article">{} {}</bdi>', one.instrument, one.article),
            format_html("{} ({})", house_words(one.words), exception[one.exculpatory]),
        )
        for one in limits.known
    ]
    if limits.not_known:
        found.append((_("Use limits not known"), ", ".join(limits.not_known)))
    return found


def binding_facts(case: Any) -> list[tuple[Any, Any]]:
    """Return the limits of the instruments, then the undertakings of this side that are open, each with its words."""
    rows = case.undertaking_set.filter(ours=True, state__in=("open", "breached")).order_by("id")[:MOST]
    return [*limit_facts(case), *((one.kind_words, format_html("<bdi>{}</bdi>", one.words)) for one in rows)]


def _hashed(rows: list[UUID], case: Any) -> list[str]:
    return sorted({one.sha256 for one in case.evidence_set.filter(public_id__in=rows)})


def _origin(case: Any, by: Actor, form: OriginForm) -> None:
    as_seen(
        form,
        lambda: ledger.evidence_record_origin(case=case, by=by, files=form.chosen(), origin=form.origin()),
    )


def _custody(case: Any, by: Actor, form: CustodyForm) -> None:
    as_seen(form, lambda: ledger.evidence_log_custody(case=case, by=by, files=form.chosen(), moved=form.moved()))


def _hand_on(case: OutgoingRequest, by: Actor, form: HandOnForm) -> None:
    said = {name: form.said(name) for name in ("recipient", "purpose", "on", "other_purpose", "note")}
    consent = UUID(form.said("consent")) if form.said("consent") else None
    as_seen(
        form,
        lambda: ledger.outgoing_hand_on(outgoing=case, by=by, files=form.chosen(), consent=consent, **said),
    )


def _ask_use(case: Any, by: Actor, form: UseForm) -> None:
    as_seen(form, lambda: ledger.outgoing_ask_other_use(outgoing=case, by=by, use=form.use(), files=form.chosen()))


def _notify(case: Any, by: Actor, form: NoticeForm) -> None:
    as_seen(
        form,
        lambda: ledger.outgoing_notify_exculpatory(
            outgoing=case, by=by, purpose=form.said("purpose"), files=form.chosen()
        ),
    )


def _note_use(case: Any, by: Actor, form: UseForm) -> None:
    hashes = _hashed(form.chosen(), case)
    as_seen(form, lambda: ledger.incoming_note_use_asked(incoming=case, by=by, use=form.use(), hashes=hashes))


def _note_notice(case: Any, by: Actor, form: NoticeForm) -> None:
    hashes = _hashed(form.chosen(), case)
    as_seen(
        form,
        lambda: ledger.incoming_note_exculpatory(incoming=case, by=by, purpose=form.said("purpose"), hashes=hashes),
    )


def _answer_use(case: Any, by: Actor, form: UseAnswerForm) -> None:
    as_seen(form, lambda: ledger.incoming_answer_other_use(incoming=case, by=by, **form.answered()))


def _note_answer(case: Any, by: Actor, form: NotedAnswerForm) -> None:
    as_seen(
        form,
        lambda: ledger.outgoing_note_use_answer(outgoing=case, by=by, proof=form.proven(), **form.answered()),
    )


def _ask_account(case: Any, by: Actor, form: QuestionForm) -> None:
    as_seen(
        form,
        lambda: ledger.incoming_ask_account(incoming=case, by=by, question=form.said("question"), due=form.said("due")),
    )


def _note_account_asked(case: Any, by: Actor, form: NotedQuestionForm) -> None:
    as_seen(
        form,
        lambda: ledger.outgoing_note_account_asked(
            outgoing=case, by=by, question=form.said("question"), due=form.said("due"), proof=form.proven()
        ),
    )


def _give_account(case: Any, by: Actor, form: AccountForm) -> None:
    as_seen(
        form,
        lambda: ledger.outgoing_give_account(outgoing=case, by=by, account=form.account(), answers=form.answered()),
    )


def _note_account(case: Any, by: Actor, form: AccountForm) -> None:
    as_seen(
        form,
        lambda: ledger.incoming_note_account(incoming=case, by=by, account=form.account(), account_id=form.answered()),
    )


def _exhibits(home: str) -> dict[str, ActScreen]:
    return {
        "record_origin": ActScreen(
            button=gettext_lazy("Record where evidence comes from"),
            run=_origin,
            form=OriginForm,
            explain=gettext_lazy("What is written stays; a correction is written again."),
            home=home,
        ),
        "log_custody": ActScreen(
            button=gettext_lazy("Write into the chain of custody"),
            run=_custody,
            form=CustodyForm,
            explain=gettext_lazy(
                "The stored file is hashed now, and a difference is written too. What is written stays."
            ),
            home=home,
        ),
    }


register_screens(
    "outgoing",
    {
        **_exhibits(HOME_OUT),
        "hand_on": ActScreen(
            button=gettext_lazy("Hand evidence on"),
            run=_hand_on,
            form=HandOnForm,
            explain=gettext_lazy("It goes into the log of transfers. What an undertaking forbids needs a consent."),
            facts=binding_facts,
            home=HOME_OUT,
        ),
        "ask_other_use": ActScreen(
            button=gettext_lazy("Ask to use evidence for another purpose"),
            run=_ask_use,
            form=UseForm,
            explain=gettext_lazy("The requested State answers; until then nothing is allowed by it."),
            leaves=True,
            facts=lambda case: [*leaving_out(case), *limit_facts(case)],
            home=HOME_OUT,
        ),
        "notify_exculpatory": ActScreen(
            button=gettext_lazy("Give notice before what is exculpatory is disclosed"),
            run=_notify,
            form=NoticeForm,
            explain=gettext_lazy("A notice, no question: no answer is waited for."),
            leaves=True,
            facts=lambda case: [*leaving_out(case), *limit_facts(case)],
            home=HOME_OUT,
        ),
        "note_use_answer": ActScreen(
            button=gettext_lazy("Record their answer on another use"),
            run=_note_answer,
            form=NotedAnswerForm,
            explain=gettext_lazy("It binds from now on; conditions go into the register of undertakings."),
            home=HOME_OUT,
        ),
        "note_account_asked": ActScreen(
            button=gettext_lazy("Record that they ask what use was made"),
            run=_note_account_asked,
            form=NotedQuestionForm,
            explain=gettext_lazy("For what came without a message; nobody outside is told."),
            home=HOME_OUT,
        ),
        "give_account": ActScreen(
            button=gettext_lazy("Give an account of the use"),
            run=_give_account,
            form=AccountForm,
            explain=gettext_lazy("The requested State reads it as it stands here."),
            leaves=True,
            facts=lambda case: [*leaving_out(case), *binding_facts(case)],
            home=HOME_OUT,
        ),
    },
)

register_screens(
    "incoming",
    {
        **_exhibits(HOME_IN),
        "note_use_asked": ActScreen(
            button=gettext_lazy("Note that another use is asked for"),
            run=_note_use,
            form=UseForm,
            explain=gettext_lazy("For what came on paper; nobody outside is told."),
            home=HOME_IN,
        ),
        "note_exculpatory": ActScreen(
            button=gettext_lazy("Note the notice that what is exculpatory is disclosed"),
            run=_note_notice,
            form=NoticeForm,
            explain=gettext_lazy("For what came on paper; nobody outside is told."),
            home=HOME_IN,
        ),
        "answer_other_use": ActScreen(
            button=lambda case: _("Answer %(state)s on another use") % {"state": state_asking(case)},
            run=_answer_use,
            form=UseAnswerForm,
            explain=gettext_lazy("The answer binds both States; conditions go into the register of undertakings."),
            leaves=True,
            facts=lambda case: [*leaving(case), *limit_facts(case)],
            home=HOME_IN,
        ),
        "ask_account": ActScreen(
            button=lambda case: _("Ask %(state)s what use was made") % {"state": state_asking(case)},
            run=_ask_account,
            form=QuestionForm,
            explain=gettext_lazy("Where an instrument or a condition lets you ask, such as article 28(4) of CETS 185."),
            leaves=True,
            facts=leaving,
            home=HOME_IN,
        ),
        "note_account": ActScreen(
            button=gettext_lazy("Note their account of the use"),
            run=_note_account,
            form=AccountForm,
            explain=gettext_lazy("For what came on paper; nobody outside is told."),
            home=HOME_IN,
        ),
    },
)
