"""Acts of consulting and postponing: what the requested State asks and puts off, and what we answer and record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from workflows.lifecycle.guards_consulting import DECIDED
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.services import consulting
from workflows.lifecycle.services.consulting import Consultation, PutOff
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import (
    GroundForm,
    ProofForm,
    as_seen,
    content_of,
    day_field,
    day_words,
    ground_choices,
    has_point,
    words,
)
from workflows.web.acts.incoming import leaving, state_asking
from workflows.web.acts.items import PostponeForm
from workflows.web.acts.outgoing_course import leaving as leaving_out

#: On what the other State is consulted, with the articles that ask for it.
ABOUT: tuple[tuple[str, Any], ...] = (
    ("refusal", gettext_lazy("a refusal that is thought of (UNTOC 18(26), UNCAC 46(26), Budapest 27(6))")),
    ("postponement", gettext_lazy("a postponement that is thought of (UNTOC 18(26), UNCAC 46(26), Budapest 27(6))")),
    ("costs", gettext_lazy("costs of a substantial or extraordinary nature (UNTOC 18(28), UNCAC 46(28))")),
    (
        "confidentiality",
        gettext_lazy("confidentiality that cannot be kept (UNTOC 18(20), UNCAC 46(20), Budapest 27(8))"),
    ),
)
CHOICES = (
    ("go_on", gettext_lazy("the request goes on")),
    ("withdraw", gettext_lazy("the request is withdrawn")),
)


class ConsultForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("On what"), choices=ABOUT, widget=forms.RadioSelect)
    question = words(
        gettext_lazy("What you say and ask"),
        rows=8,
        help_text=gettext_lazy(
            "The requesting State reads this as it stands: what stands in the way, what would help."
        ),
    )
    due = day_field(
        gettext_lazy("Answer awaited until"),
        required=False,
        help_text=gettext_lazy("Needed before a refusal or a postponement: until then neither can be decided."),
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("Ground that is thought of"),
        required=False,
        help_text=gettext_lazy("Needed before a refusal or a postponement."),
    )
    article = forms.CharField(
        label=gettext_lazy("Article"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("As the instrument or your own law numbers it, such as UNCAC 46(21)(d)."),
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Costs as estimated"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Only on costs. Leave it empty where no estimate is known yet."),
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=3,
        required=False,
        help_text=gettext_lazy("By its three letters, such as EUR."),
    )

    def build(self) -> None:
        self.fields["ground"].choices = ground_choices(content_of(self.case))  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def about(self) -> Consultation:
        names = ("kind", "question", "due", "ground", "article", "amount", "currency")
        return Consultation(**{name: self.said(name) for name in names})


def _consult(case: IncomingRequest, by: Actor, form: ConsultForm) -> None:
    as_seen(form, lambda: consulting.incoming_consult(incoming=case, by=by, about=form.about()))


class NotedConsultForm(ConsultForm, ProofForm):
    question = words(gettext_lazy("What they say and ask"), rows=6)
    due = day_field(gettext_lazy("Answer awaited until"), required=False)
    ground = forms.ChoiceField(label=gettext_lazy("Ground that they think of"), required=False)
    article = forms.CharField(label=gettext_lazy("Article"), max_length=120, required=False)


def _note_consultation(case: OutgoingRequest, by: Actor, form: NotedConsultForm) -> None:
    as_seen(
        form,
        lambda: consulting.outgoing_note_consultation(outgoing=case, by=by, about=form.about(), proof=form.proven()),
    )


class ConsultedForm(ActForm):
    """An answer to one open consultation; on costs and confidentiality it says whether the request goes on."""

    point = forms.ChoiceField(label=gettext_lazy("Consultation"), widget=forms.RadioSelect)
    answer = words(gettext_lazy("Answer"), rows=8)
    choice = forms.ChoiceField(
        label=gettext_lazy("Does the request go on?"),
        choices=CHOICES,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Only for a consultation on costs or on confidentiality."),
    )
    names = {"point": "question"}

    def known(self, name: str, given: str) -> bool:
        return has_point(self.case, given)

    def build(self) -> None:
        open_ones = self.case.openpoint_set.filter(kind__in=OpenPoint.CONSULTATIONS, answered_at=None)  # type: ignore[attr-defined]
        points = list(open_ones.order_by("id"))
        self.fields["point"].choices = [(str(one.point_id), _in_words(one)) for one in points]  # type: ignore[attr-defined]
        if len(points) == 1:
            self.initial.setdefault("point", str(points[0].point_id))
        if not any(point.kind in DECIDED for point in points):
            del self.fields["choice"]

    def answered(self) -> dict[str, Any]:
        return {
            "point_id": UUID(self.said("point")),
            "answer": self.said("answer"),
            "choice": self.said("choice") or "",
        }


def _in_words(point: OpenPoint) -> str:
    said = {"kind": point.get_kind_display(), "question": point.question}
    if point.due is None:
        return _("%(kind)s: %(question)s") % said
    return _("%(kind)s: %(question)s (answer awaited until %(due)s)") % (said | {"due": day_words(point.due)})


def _answer(case: OutgoingRequest, by: Actor, form: ConsultedForm) -> None:
    as_seen(form, lambda: consulting.outgoing_answer_consultation(outgoing=case, by=by, **form.answered()))


def _receive_answer(case: IncomingRequest, by: Actor, form: ConsultedForm) -> None:
    as_seen(form, lambda: consulting.incoming_receive_consultation_answer(incoming=case, by=by, **form.answered()))


class NotedPostponementForm(PostponeForm, ProofForm):
    reason = words(gettext_lazy("Reasons that they give"), required=False)
    article = forms.CharField(
        label=gettext_lazy("Article"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("As their letter names it."),
    )


def put_off(form: GroundForm) -> PutOff:
    """Return what a form of a postponement says."""
    return PutOff(**{name: form.said(name) for name in ("ground", "article", "reason", "until", "until_event")})


def _postpone(case: IncomingRequest, by: Actor, form: PostponeForm) -> None:
    as_seen(form, lambda: consulting.incoming_postpone(incoming=case, by=by, put_off=put_off(form)))


def _resume(case: IncomingRequest, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: consulting.incoming_resume(incoming=case, by=by))


def _note_postponement(case: OutgoingRequest, by: Actor, form: NotedPostponementForm) -> None:
    as_seen(
        form,
        lambda: consulting.outgoing_note_postponement(outgoing=case, by=by, put_off=put_off(form), proof=form.proven()),
    )


def _note_resumption(case: OutgoingRequest, by: Actor, form: ProofForm) -> None:
    as_seen(form, lambda: consulting.outgoing_note_resumption(outgoing=case, by=by, proof=form.proven()))


_TOLD_NOBODY = gettext_lazy("For what came on paper; nobody outside is told.")

register_screens(
    "incoming",
    {
        "consult": ActScreen(
            button=lambda case: _("Consult %(state)s") % {"state": state_asking(case)},
            run=_consult,
            form=ConsultForm,
            explain=gettext_lazy(
                "The requesting State is asked before anything is refused, postponed or disclosed; it stays open until it answers."
            ),
            leaves=True,
            facts=leaving,
        ),
        "receive_consultation_answer": ActScreen(
            button=gettext_lazy("Take their answer to the consultation into the file"),
            run=_receive_answer,
            form=ConsultedForm,
            explain=_TOLD_NOBODY,
        ),
        "postpone": ActScreen(
            button=gettext_lazy("Postpone the request"),
            run=_postpone,
            form=PostponeForm,
            explain=gettext_lazy(
                "Every open item is postponed with it; the requesting State is told the ground, the reasons and until when."
            ),
            leaves=True,
            grave=True,
            facts=leaving,
        ),
        "resume": ActScreen(
            button=gettext_lazy("Resume the request"),
            run=_resume,
            explain=gettext_lazy(
                "The items that were postponed with it are accepted again; the requesting State is told."
            ),
            leaves=True,
            facts=leaving,
        ),
    },
)
register_screens(
    "outgoing",
    {
        "note_consultation": ActScreen(
            button=gettext_lazy("Record a consultation of the other State"),
            run=_note_consultation,
            form=NotedConsultForm,
            explain=gettext_lazy("The consultation is open until the supervisor answers it."),
        ),
        "answer_consultation": ActScreen(
            button=gettext_lazy("Answer the consultation"),
            run=_answer,
            form=ConsultedForm,
            explain=gettext_lazy(
                "The answer goes to the authority that asked. Who chooses to withdraw withdraws the request with it."
            ),
            leaves=True,
            facts=leaving_out,
        ),
        "note_postponement": ActScreen(
            button=gettext_lazy("Record that the request is postponed"),
            run=_note_postponement,
            form=NotedPostponementForm,
            explain=gettext_lazy("Every open item is postponed with it; nobody outside is told."),
        ),
        "note_resumption": ActScreen(
            button=gettext_lazy("Record that the request is taken up again"),
            run=_note_resumption,
            form=ProofForm,
            explain=gettext_lazy("The items that were postponed with it are accepted again; nobody outside is told."),
        ),
    },
)
