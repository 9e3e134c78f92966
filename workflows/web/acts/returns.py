"""Acts by which a request comes back, goes on, or is needed no more, on both sides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.reference.models import Authority
from workflows.drafting.place_words import places_of
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest
from workflows.lifecycle.models.returned import ToldDefect
from workflows.lifecycle.outcomes import NOT_NEEDED, IncomingStatus, Outcome, ReturnCode
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.web.acts import ActForm, ActScreen, ReasonForm, register_screens
from workflows.web.acts.fields import ProofForm, as_seen, content_of, words
from workflows.web.acts.incoming import items_standing
from workflows.web.acts.incoming import leaving as leaving_in
from workflows.web.acts.outgoing_course import leaving as leaving_out

#: Room for so many defects; what is more stands in the reason.
DEFECTS = 6


class DefectsForm(ActForm):
    """Defects of a letter one by one, each with its place and the article that asks for what is missing."""

    #: The fields after which the defects stand.
    code = forms.ChoiceField(label=gettext_lazy("How it comes back"), choices=ReturnCode.choices)
    reason = words(gettext_lazy("Reasons"))

    def build(self) -> None:
        places = [("", _("The whole letter")), *places_of(content_of(self.case))]
        for number in range(1, DEFECTS + 1):
            self.fields[f"defect_{number}_place"] = forms.ChoiceField(
                label=_("Place in the letter"), choices=places, required=False
            )
            self.fields[f"defect_{number}_text"] = forms.CharField(
                label=_("What is missing or wrong"),
                max_length=5000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"defect_{number}_article"] = forms.CharField(
                label=_("Article"), max_length=120, required=False
            )

    @property
    def general(self) -> list[Any]:
        return [self[name] for name in self.fields if not name.startswith(("defect_", "expected"))]

    @property
    def defects(self) -> list[list[Any]]:
        """Return the fields of each defect."""
        return [
            [self[f"defect_{number}_{part}"] for part in ("place", "text", "article")]
            for number in range(1, DEFECTS + 1)
        ]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(1, DEFECTS + 1):
            names = [f"defect_{number}_{part}" for part in ("place", "article")]
            if any(said.get(name) for name in names) and not str(said.get(f"defect_{number}_text") or "").strip():
                self.add_error(f"defect_{number}_text", _("Say what is missing or wrong at this place."))
        return said

    def told(self) -> list[ToldDefect]:
        """Return what was filled in, in its order."""
        parts = [
            [self.said(f"defect_{n}_{part}") or "" for part in ("text", "place", "article")]
            for n in range(1, DEFECTS + 1)
        ]
        return [ToldDefect(*one) for one in parts if one[0].strip()]


class DefectiveForm(DefectsForm):
    article = forms.CharField(
        label=gettext_lazy("Article"), max_length=120, required=False, help_text=gettext_lazy("That asks for it.")
    )
    field_order = ("expected_version", "code", "reason", "article")

    def build(self) -> None:
        super().build()
        self.fields["code"].required = False
        self.initial.setdefault("code", ReturnCode.DEFECTIVE.value)
        if self.case.status not in (IncomingStatus.RECEIVED, IncomingStatus.ACKNOWLEDGED):  # type: ignore[attr-defined]
            self.fields["code"].help_text = _("Its examination has begun: it was taken up.")
        self.fields["reason"].help_text = _("The requesting State reads this. Each defect has its own place below.")


def _return_defective(case: IncomingRequest, by: Actor, form: DefectiveForm) -> None:
    said = {name: form.said(name) for name in ("reason", "article")}
    code, defects = form.said("code") or ReturnCode.DEFECTIVE, form.told()
    as_seen(form, lambda: inward.incoming_return_defective(incoming=case, by=by, code=code, defects=defects, **said))


def office_choices(state: int, *, without: int | None) -> list[tuple[str, str]]:
    """Return the offices of a State by their code in the directory, after the choice of none."""
    offices = Authority.objects.filter(jurisdiction_id=state).exclude(pk=without or 0).order_by("name", "pk")
    none = ("", _("not in the directory"))
    return [none, *((office.code, office.name) for office in offices)]


def _office(state: int, code: str) -> Authority | None:
    return Authority.objects.filter(jurisdiction_id=state, code=code).first() if code else None


class RedirectForm(ActForm):
    office = forms.ChoiceField(
        label=gettext_lazy("Competent authority"),
        required=False,
        help_text=gettext_lazy("From the directory: the requesting State can then write to it at once."),
    )
    competent = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Name and place; the requesting State is told this. Needed where none is chosen."),
    )

    def build(self) -> None:
        case: Any = self.case
        state = case.authority.jurisdiction_id
        self.fields["office"].choices = office_choices(state, without=case.authority_id)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "office" not in self.errors and not said.get("office") and not str(said.get("competent") or "").strip():
            self.add_error("competent", _("Name the competent authority, or choose it above."))
        return said


def _redirect(case: IncomingRequest, by: Actor, form: RedirectForm) -> None:
    office = _office(case.authority.jurisdiction_id, form.said("office"))
    named = form.said("competent").strip() or (office.name if office else "")
    as_seen(form, lambda: inward.incoming_redirect(incoming=case, by=by, competent=named, office=office))


class DoneForm(ActForm):
    done = words(
        gettext_lazy("What was done so far"),
        required=False,
        help_text=gettext_lazy(
            "The requesting State reads this: what was carried out, what is kept here, what was stopped."
        ),
    )

    def build(self) -> None:
        self.fields["done"].required = self.case.status == IncomingStatus.IN_EXECUTION  # type: ignore[attr-defined]


def _confirm_withdrawal(case: IncomingRequest, by: Actor, form: DoneForm) -> None:
    as_seen(form, lambda: inward.incoming_confirm_withdrawal(incoming=case, by=by, done=form.said("done")))


class ReturnForm(DefectsForm, ProofForm):
    outcome = forms.ChoiceField(
        label=gettext_lazy("What they did"),
        choices=[
            (Outcome.RETURNED.value, gettext_lazy("sent it back")),
            (Outcome.REDIRECTED.value, gettext_lazy("sent it on to another authority")),
        ],
    )
    competent = forms.ChoiceField(
        label=gettext_lazy("To which authority"),
        required=False,
        help_text=gettext_lazy("Where it was sent on. What the directory does not have stands in the reasons."),
    )
    field_order = ("expected_version", "outcome", "code", "competent", "reason")

    def build(self) -> None:
        super().build()
        case: Any = self.case
        self.fields["code"].required = False
        self.fields["code"].help_text = _("As their letter says. Neither is a refusal.")
        self.fields["reason"].label = _("Reasons that they give")
        state = case.letter.requested_id
        self.fields["competent"].choices = office_choices(state, without=case.addressee_id)  # type: ignore[attr-defined]


def _note_return(case: OutgoingRequest, by: Actor, form: ReturnForm) -> None:
    said = {name: form.said(name) for name in ("outcome", "reason", "code")}
    competent = _office(case.letter.requested_id, form.said("competent"))
    as_seen(
        form,
        lambda: course.outgoing_note_return(
            outgoing=case, by=by, defects=form.told(), competent=competent, proof=form.proven(), **said
        ),
    )


class WithdrawnThereForm(ProofForm):
    done = words(gettext_lazy("What they had done until then"), required=False)


def _note_withdrawal(case: OutgoingRequest, by: Actor, form: WithdrawnThereForm) -> None:
    done = form.said("done")
    as_seen(form, lambda: course.outgoing_note_withdrawal(outgoing=case, by=by, done=done, proof=form.proven()))


class WithdrawForm(ReasonForm):
    outcome = forms.ChoiceField(
        label=gettext_lazy("How it ends for us"),
        choices=[(one.value, one.label) for one in NOT_NEEDED],
        required=False,
        help_text=gettext_lazy(
            "For our own file. The other State is told the reason, and that help is no longer needed."
        ),
    )
    field_order = ("expected_version", "reason", "outcome")


def _withdraw(case: OutgoingRequest, by: Actor, form: WithdrawForm) -> None:
    reason, outcome = form.said("reason"), form.said("outcome") or Outcome.WITHDRAWN
    as_seen(form, lambda: course.outgoing_withdraw(outgoing=case, by=by, reason=reason, outcome=outcome))


class LapseForm(ReasonForm):
    outcome = forms.ChoiceField(
        label=gettext_lazy("How it ends"),
        choices=[(one.value, one.label) for one in (Outcome.UNANSWERED, *NOT_NEEDED[1:])],
        required=False,
    )
    originator_confirmed = forms.BooleanField(
        label=gettext_lazy("The originating authority confirms that the request is given up")
    )


def _lapse(case: OutgoingRequest, by: Actor, form: LapseForm) -> None:
    agreed, outcome = form.said("originator_confirmed"), form.said("outcome") or Outcome.UNANSWERED
    as_seen(
        form,
        lambda: course.outgoing_lapse(
            outgoing=case, by=by, reason=form.said("reason"), originator_confirmed=agreed, outcome=outcome
        ),
    )


register_screens(
    "incoming",
    {
        "return_defective": ActScreen(
            button=gettext_lazy("Return the request as defective"),
            run=_return_defective,
            form=DefectiveForm,
            explain=gettext_lazy(
                "It stays registered; the requesting State is told the defects and can send it again."
            ),
            leaves=True,
            grave=True,
            facts=leaving_in,
            template="web/act_return.html",
        ),
        "redirect": ActScreen(
            button=gettext_lazy("Forward to the competent authority"),
            run=_redirect,
            form=RedirectForm,
            explain=gettext_lazy("The case is concluded here; the requesting State is told where the request is now."),
            leaves=True,
            facts=leaving_in,
        ),
        "confirm_withdrawal": ActScreen(
            button=gettext_lazy("Confirm the withdrawal"),
            run=_confirm_withdrawal,
            form=DoneForm,
            explain=gettext_lazy("Every open item is withdrawn; the requesting State is told. The case is concluded."),
            leaves=True,
            grave=True,
            facts=lambda case: leaving_in(case) + items_standing(case),
        ),
    },
)
register_screens(
    "outgoing",
    {
        "note_return": ActScreen(
            button=gettext_lazy("Record that the request came back"),
            run=_note_return,
            form=ReturnForm,
            explain=gettext_lazy(
                "The request is concluded. A new one can be begun from it, with each defect shown at its place."
            ),
            grave=True,
            template="web/act_return.html",
        ),
        "note_withdrawal": ActScreen(
            button=gettext_lazy("Record that the withdrawal is confirmed"),
            run=_note_withdrawal,
            form=WithdrawnThereForm,
            explain=gettext_lazy("Every item that is still open is withdrawn, and the request is concluded."),
        ),
        "withdraw": ActScreen(
            button=gettext_lazy("Withdraw the request"),
            run=_withdraw,
            form=WithdrawForm,
            explain=gettext_lazy(
                "The other State is told that help is no longer needed; the request ends when it confirms."
            ),
            grave=True,
            leaves=True,
            facts=leaving_out,
        ),
        "lapse": ActScreen(
            button=gettext_lazy("Close the request as never answered"),
            run=_lapse,
            form=LapseForm,
            explain=gettext_lazy("The case is closed; the other State is told nothing."),
            grave=True,
        ),
    },
)
