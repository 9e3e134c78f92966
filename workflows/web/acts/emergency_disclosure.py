"""Acts on an emergency disclosure after its letter has left, on both sides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.reference.emergency import emergency_codes
from workflows.lifecycle.models import EmergencyIn, EmergencyOut
from workflows.lifecycle.services import emergency
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.blocks import coded_choices
from workflows.web.acts.fields import ProofForm, as_seen, content_of, day_field, not_in_the_future, words
from workflows.web.acts.incoming import leaving
from workflows.web.acts.outgoing_course import leaving as leaving_out


def choices_of(rows: Any, case: Any, empty: Any) -> list[tuple[str, str]]:
    """Return coded rows as choices with the articles of the instruments that the letter cites."""
    return [("", str(empty)), *coded_choices(rows, content_of(case))]


def hour_field(label: Any, **options: Any) -> forms.DateTimeField:
    """An hour in the reader's own zone; empty: now."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    help_text = gettext_lazy("In your own time zone. Empty: now.")
    return forms.DateTimeField(label=label, widget=widget, required=False, help_text=help_text, **options)


class CloseForm(ActForm):
    reason = words(
        gettext_lazy("Reason"),
        required=False,
        help_text=gettext_lazy("Needed where it was neither disclosed, declined nor regularised."),
    )


class QuestionForm(ActForm):
    question = words(
        gettext_lazy("What has to be known"), help_text=gettext_lazy("One question, as short as it can be.")
    )


class NotedQuestionForm(QuestionForm, ProofForm):
    pass


class FactsForm(ActForm):
    answer = words(gettext_lazy("The facts"))


class NotedTakenUpForm(ProofForm):
    at = hour_field(gettext_lazy("Taken up at"))


class DisclosedForm(ActForm):
    what = words(gettext_lazy("What is disclosed, and to whom"), help_text=gettext_lazy("Not the data themselves."))
    at = hour_field(gettext_lazy("Disclosed at"))


class NotedDisclosedForm(DisclosedForm, ProofForm):
    pass


class DeclineForm(ActForm):
    ground = forms.ChoiceField(label=gettext_lazy("Ground"))
    article = forms.CharField(label=gettext_lazy("Article"), max_length=120, required=False)
    reason = words(gettext_lazy("Reasons"), help_text=gettext_lazy("The other State reads this."))

    def build(self) -> None:
        rows = emergency_codes("decline")
        self.fields["ground"].choices = choices_of(rows, self.case.case, _("Choose a ground"))  # type: ignore[attr-defined]


class NotedDeclineForm(DeclineForm, ProofForm):
    pass


class FollowUpForm(ActForm):
    why = forms.ChoiceField(label=gettext_lazy("Why"))
    due = day_field(gettext_lazy("Until"))
    words = words(gettext_lazy("In words"), rows=3, required=False)

    def build(self) -> None:
        rows = emergency_codes("followup")
        self.fields["why"].choices = choices_of(rows, self.case.case, _("Choose why"))  # type: ignore[attr-defined]


class NotedFollowUpForm(FollowUpForm, ProofForm):
    pass


class RegulariseForm(ActForm):
    on = day_field(gettext_lazy("On"))
    reference = forms.CharField(
        label=gettext_lazy("Reference of the request that followed"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("The sender's own. Empty where the disclosure was confirmed in another way."),
    )
    words = words(gettext_lazy("How it was confirmed"), rows=3, required=False)

    def clean_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["on"])


def _do(act: str, *names: str) -> Any:
    """Return how an act is done whose form has these fields; a form with a proof gives it."""

    def run(row: Any, by: Actor, form: Any) -> None:
        said = {name: form.said(name) for name in names}
        proof = {"proof": form.proven()} if isinstance(form, ProofForm) else {}
        as_seen(form, lambda: emergency.emergency_act(emergency=row, act=act, by=by, **said, **proof))

    return run


def _ask(row: EmergencyIn, by: Actor, form: QuestionForm) -> None:
    as_seen(form, lambda: emergency.emergency_ask_facts(emergency=row, by=by, question=form.said("question")))


def _note_question(row: EmergencyOut, by: Actor, form: NotedQuestionForm) -> None:
    as_seen(
        form,
        lambda: emergency.emergency_note_more_facts(
            emergency=row, by=by, question=form.said("question"), proof=form.proven()
        ),
    )


def _give(row: EmergencyOut, by: Actor, form: FactsForm) -> None:
    as_seen(form, lambda: emergency.emergency_give_facts(emergency=row, by=by, answer=form.said("answer")))


def _receive(row: EmergencyIn, by: Actor, form: FactsForm) -> None:
    as_seen(form, lambda: emergency.emergency_receive_facts(emergency=row, by=by, answer=form.said("answer")))


def _regularise(row: EmergencyOut, by: Actor, form: RegulariseForm) -> None:
    said = {name: form.said(name) for name in ("on", "reference", "words")}
    as_seen(form, lambda: emergency.emergency_regularise(emergency=row, by=by, **said))


def _note_regularised(row: EmergencyIn, by: Actor, form: RegulariseForm) -> None:
    said = {name: form.said(name) for name in ("on", "reference", "words")}
    as_seen(form, lambda: emergency.emergency_note_regularised(emergency=row, by=by, **said))


def _question(row: Any) -> list[tuple[Any, Any]]:
    return [
        (_("Question"), format_html('<span class="words">{}</span>', one.question))
        for one in row.facts
        if one.answered_at is None and one.question
    ]


def _told_out(row: EmergencyOut) -> list[tuple[Any, Any]]:
    return [*_question(row), *leaving_out(row.case)]  # type: ignore[arg-type]


def _told_in(row: EmergencyIn) -> list[tuple[Any, Any]]:
    return leaving(row.case)  # type: ignore[arg-type]


_INSIDE = gettext_lazy("It stays inside: the other State is not told.")

register_screens(
    "emergency_out",
    {
        "note_taken_up": ActScreen(
            gettext_lazy("Record that it is taken up there"), _do("note_taken_up", "at"), NotedTakenUpForm, beside=True
        ),
        "note_more_facts": ActScreen(
            gettext_lazy("Record a question on the facts"), _note_question, NotedQuestionForm, beside=True
        ),
        "give_facts": ActScreen(gettext_lazy("Give more facts"), _give, FactsForm, leaves=True, facts=_told_out),
        "note_disclosed": ActScreen(
            gettext_lazy("Record the disclosure"), _do("note_disclosed", "what", "at"), NotedDisclosedForm, beside=True
        ),
        "note_declined": ActScreen(
            gettext_lazy("Record that it is declined"),
            _do("note_declined", "ground", "article", "reason"),
            NotedDeclineForm,
            beside=True,
        ),
        "note_followup_asked": ActScreen(
            gettext_lazy("Record that a request in writing is asked for"),
            _do("note_followup_asked", "why", "due", "words"),
            NotedFollowUpForm,
            beside=True,
        ),
        "expect_followup": ActScreen(
            gettext_lazy("Note that a request in writing has to follow"),
            _do("expect_followup", "why", "due", "words"),
            FollowUpForm,
            explain=_INSIDE,
        ),
        "regularise": ActScreen(
            gettext_lazy("Regularise the disclosure"), _regularise, RegulariseForm, leaves=True, facts=_told_out
        ),
        "close": ActScreen(gettext_lazy("Close the emergency"), _do("close", "reason"), CloseForm, explain=_INSIDE),
    },
)
register_screens(
    "emergency_in",
    {
        "take_up": ActScreen(
            gettext_lazy("Take the emergency up"),
            _do("take_up"),
            explain=gettext_lazy("The other State is told that somebody answers now."),
        ),
        "ask_facts": ActScreen(gettext_lazy("Ask for more facts"), _ask, QuestionForm, leaves=True, facts=_told_in),
        "receive_facts": ActScreen(
            gettext_lazy("Take facts into the file"), _receive, FactsForm, facts=_question, beside=True
        ),
        "disclose": ActScreen(
            gettext_lazy("Disclose"), _do("disclose", "what", "at"), DisclosedForm, leaves=True, facts=_told_in
        ),
        "decline": ActScreen(
            gettext_lazy("Decline the disclosure"),
            _do("decline", "ground", "article", "reason"),
            DeclineForm,
            leaves=True,
            grave=True,
            facts=_told_in,
        ),
        "ask_followup": ActScreen(
            gettext_lazy("Ask for a request in writing"),
            _do("ask_followup", "why", "due", "words"),
            FollowUpForm,
            leaves=True,
            facts=_told_in,
        ),
        "await_followup": ActScreen(
            gettext_lazy("Note that a request in writing is awaited"),
            _do("await_followup", "why", "due", "words"),
            FollowUpForm,
            explain=_INSIDE,
        ),
        "note_regularised": ActScreen(
            gettext_lazy("Record what regularises the disclosure"), _note_regularised, RegulariseForm, beside=True
        ),
        "close": ActScreen(gettext_lazy("Close the emergency"), _do("close", "reason"), CloseForm, explain=_INSIDE),
    },
)
