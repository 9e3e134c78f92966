"""Acts about what the requesting State wishes, on both sides, and about its reminders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core import clock
from workflows.documents.services_chasing import case_chase
from workflows.lifecycle.guards_wishes import silence_of
from workflows.lifecycle.models import IncomingRequest, OutgoingRequest, Wish
from workflows.lifecycle.models.incoming_wishes import OPEN_ITEMS
from workflows.lifecycle.services import wishes
from workflows.lifecycle.services.wishes import WishAnswer, Wished
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import ProofForm, as_seen, day_field, day_words, has_item, item_choices
from workflows.web.acts.fields import words as wording
from workflows.web.acts.incoming import leaving, state_asking
from workflows.web.acts.outgoing_course import leaving as leaving_out


class AskStatusForm(ActForm):
    words = wording(
        gettext_lazy("What you say with it"),
        required=False,
        help_text=gettext_lazy("The other State reads this. How the request stands is asked without it, too."),
    )


class ExpediteForm(ActForm):
    words = wording(gettext_lazy("Why it is pressing"), help_text=gettext_lazy("The other State reads this."))
    needed_by = day_field(
        gettext_lazy("Needed by"), help_text=gettext_lazy("Such as the day of the trial less the time to prepare.")
    )

    def build(self) -> None:
        if (day := self.case.needed_by) is not None and day >= clock.now().date():  # type: ignore[attr-defined]
            self.initial.setdefault("needed_by", day)


class OfItemsForm(ActForm):
    """A wish that can be of single items."""

    items = forms.MultipleChoiceField(
        label=gettext_lazy("Which items"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: the request as a whole."),
    )
    names = {"items": "item"}

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given)

    def build(self) -> None:
        self.fields["items"].choices = item_choices(self.case, OPEN_ITEMS)  # type: ignore[attr-defined]


class NotNeededForm(OfItemsForm):
    words = wording(gettext_lazy("Why it is no longer needed"), help_text=gettext_lazy("The other State reads this."))


class ReceiveWishForm(OfItemsForm):
    kind = forms.ChoiceField(label=gettext_lazy("What they wish"), choices=Wish.Kind.choices, widget=forms.RadioSelect)
    words = wording(gettext_lazy("What they say"), required=False)
    needed_by = day_field(gettext_lazy("Needed by"), required=False)
    field_order = ["kind", "words", "needed_by", "items"]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("kind") in (Wish.Kind.EXPEDITE, Wish.Kind.NOT_NEEDED) and not said.get("words"):
            self.add_error("words", _("Write the reason that they give."))
        return said


def wish_words(wish: Wish) -> str:
    """Return one line by which a wish is known: what, of what, when it was asked, until when it is needed."""
    parts = [str(wish.get_kind_display())]
    if wish.rung:
        parts.append(_("number %(number)d") % {"number": wish.rung})
    if wish.items:
        parts.append(_("items %(keys)s") % {"keys": ", ".join(wish.items)})
    parts.append(day_words(timezone.localtime(wish.asked_at).date()))
    if wish.needed_by:
        parts.append(_("needed by %(day)s") % {"day": day_words(wish.needed_by)})
    return " · ".join(parts)


class WishAnswerForm(ActForm):
    """The answer to one wish; those that ask how it stands are answered together."""

    wish = forms.ChoiceField(label=gettext_lazy("Which wish"), widget=forms.RadioSelect)
    choice = forms.ChoiceField(label=gettext_lazy("Answer"), widget=forms.RadioSelect, required=False)
    answer = wording(
        gettext_lazy("In words"),
        rows=6,
        required=False,
        help_text=gettext_lazy("How it stands; or why it cannot be expedited or stopped."),
    )
    next_on = day_field(gettext_lazy("More news is expected on"), required=False)
    names = {"wish": "wish"}

    def known(self, name: str, given: str) -> bool:
        try:
            return bool(self.case.wish_set.filter(wish_id=UUID(given)).exists())  # type: ignore[attr-defined]
        except ValueError:
            return False

    def build(self) -> None:
        rows = self.case.wish_set.filter(answered_at=None).order_by("id")  # type: ignore[attr-defined]
        self.open = {str(one.wish_id): one for one in rows}
        self.fields["wish"].choices = [(key, wish_words(one)) for key, one in self.open.items()]  # type: ignore[attr-defined]
        kinds = [Wish.Kind(one.kind) for one in self.open.values()]
        if len(self.open) == 1:
            self.initial.setdefault("wish", next(iter(self.open)))
        elif (asked := self.open.get(str(self.initial.get("wish") or ""))) is not None:
            kinds = [Wish.Kind(asked.kind)]
        # How it stands is said in words alone.
        choices = [one for kind in dict.fromkeys(kinds) for one in Wish.CHOICES_OF[kind] if one != Wish.Choice.TOLD]
        if not choices and not self.is_bound:
            del self.fields["choice"]
            return
        everything = [one for one in Wish.Choice if one != Wish.Choice.TOLD]
        offered = everything if self.is_bound else choices
        self.fields["choice"].choices = [(one.value, one.label) for one in offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        asked = self.open.get(said.get("wish") or "")
        if asked is None:
            return said
        fitting = Wish.CHOICES_OF[Wish.Kind(asked.kind)]
        if asked.kind in Wish.ASKS_STATUS:
            said["choice"] = Wish.Choice.TOLD
        elif said.get("choice") not in fitting:
            if "choice" not in self.errors:
                self.add_error("choice", _("Choose one of the answers to this wish."))
            return said
        if not said.get("answer") and said["choice"] not in (Wish.Choice.EXPEDITED, Wish.Choice.STOPPED):
            self.add_error("answer", _("Write it in words."))
        return said

    def of_wish(self) -> UUID:
        return UUID(self.said("wish"))

    def answers(self) -> list[UUID]:
        """Return the wishes that are answered: with one that asks how it stands, all of its kind."""
        wish = self.open[str(self.of_wish())]
        alike = [one.wish_id for one in self.open.values() if one.kind == wish.kind and one.kind in Wish.ASKS_STATUS]
        return alike or [wish.wish_id]

    def answered(self) -> WishAnswer:
        return WishAnswer(str(self.said("choice")), self.said("answer"), self.said("next_on"))


class NotedWishAnswerForm(WishAnswerForm, ProofForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].help_text = _("What they say.")


class HeardForm(ProofForm):
    words = wording(gettext_lazy("What they say"), required=False)


def _ask(case: OutgoingRequest, by: Actor, form: AskStatusForm) -> None:
    as_seen(form, lambda: wishes.outgoing_ask_status(outgoing=case, by=by, words=form.said("words")))


def _expedite(case: OutgoingRequest, by: Actor, form: ExpediteForm) -> None:
    said = {"words": form.said("words"), "needed_by": form.said("needed_by")}
    as_seen(form, lambda: wishes.outgoing_expedite(outgoing=case, by=by, **said))


def _not_needed(case: OutgoingRequest, by: Actor, form: NotNeededForm) -> None:
    said = {"words": form.said("words"), "items": form.said("items")}
    as_seen(form, lambda: wishes.outgoing_no_longer_needed(outgoing=case, by=by, **said))


def _note_answer(case: OutgoingRequest, by: Actor, form: NotedWishAnswerForm) -> None:
    as_seen(
        form,
        lambda: wishes.outgoing_note_wish_answer(
            outgoing=case, by=by, wishes=form.answers(), answer=form.answered(), proof=form.proven()
        ),
    )


def _hear(case: OutgoingRequest, by: Actor, form: HeardForm) -> None:
    said, proof = form.said("words"), form.proven()
    as_seen(form, lambda: wishes.outgoing_hear(outgoing=case, by=by, words=said, proof=proof))


def _chase(case: OutgoingRequest, by: Actor, form: ActForm) -> None:
    case_chase(case=case, by=by, expected_version=form.said("expected_version"))
    form.told = _(  # type: ignore[attr-defined]
        "The reminder is noted and the other State is told. Its letter is being made: it stands beside the letter of request."
    )


def _receive(case: IncomingRequest, by: Actor, form: ReceiveWishForm) -> None:
    wished = Wished(
        kind=form.said("kind"),
        words=form.said("words"),
        needed_by=form.said("needed_by"),
        items=tuple(form.said("items")) if form.said("kind") == Wish.Kind.NOT_NEEDED else (),
    )
    as_seen(form, lambda: wishes.incoming_receive_wish(incoming=case, by=by, wished=wished))


def _answer(case: IncomingRequest, by: Actor, form: WishAnswerForm) -> None:
    wish, answer = form.of_wish(), form.answered()
    as_seen(form, lambda: wishes.incoming_answer_wish(incoming=case, by=by, wish_id=wish, answer=answer))


def open_wish_facts(case: Any) -> list[tuple[Any, Any]]:
    """Return the wishes that wait for an answer, as pairs of words."""
    rows = case.wish_set.filter(answered_at=None).order_by("id")
    return [(wish_words(one), one.words or _("no more was said")) for one in rows]


def silence_facts(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    """Return since when nothing was heard and which reminder it is, as pairs of words."""
    standing = silence_of(case, clock.now())
    found: list[tuple[Any, Any]] = [
        (_("Last sign of life"), day_words(standing.since)),
        (_("Days of silence"), standing.days),
    ]
    if rung := standing.to_write:
        found.append((_("Reminder"), _("%(number)d of %(of)d") % {"number": rung, "of": standing.ladder.top}))
    source = standing.ladder.source
    if standing.ladder.as_of:
        source = f"{source}, {day_words(standing.ladder.as_of)}"
    found.append((_("The days of the ladder are"), source))
    return found


register_screens(
    "outgoing",
    {
        "ask_status": ActScreen(
            button=gettext_lazy("Ask how the request stands"),
            run=_ask,
            form=AskStatusForm,
            explain=gettext_lazy("The other State alone says how it stands; its answer comes into the file."),
            leaves=True,
            beside=True,
            facts=leaving_out,
        ),
        "expedite": ActScreen(
            button=gettext_lazy("Ask to expedite"),
            run=_expedite,
            form=ExpediteForm,
            explain=gettext_lazy("The other State is told why and until when, and answers whether it can."),
            leaves=True,
            beside=True,
            facts=leaving_out,
        ),
        "no_longer_needed": ActScreen(
            button=gettext_lazy("Say that it is no longer needed"),
            run=_not_needed,
            form=NotNeededForm,
            explain=gettext_lazy(
                "The other State may stop, and says whether it still can. What is done already is still sent: "
                "whoever wants nothing more of it withdraws the request."
            ),
            leaves=True,
            grave=True,
            beside=True,
            facts=leaving_out,
        ),
        "note_wish_answer": ActScreen(
            button=gettext_lazy("Record their answer to a wish"),
            run=_note_answer,
            form=NotedWishAnswerForm,
            explain=gettext_lazy("For what came on paper; nobody outside is told."),
            facts=open_wish_facts,
        ),
        "hear": ActScreen(
            button=gettext_lazy("Record a sign of life"),
            run=_hear,
            form=HeardForm,
            explain=gettext_lazy(
                "For a letter or a mail of theirs that says nothing else. The reminders are counted anew from today."
            ),
            beside=True,
        ),
        "chase": ActScreen(
            button=gettext_lazy("Remind the other State"),
            run=_chase,
            explain=gettext_lazy(
                "The reminder is logged, its letter is made, and the other State is told by message where it has one. "
                "A reminder is no new request."
            ),
            leaves=True,
            facts=lambda case: leaving_out(case) + silence_facts(case),
        ),
    },
)
register_screens(
    "incoming",
    {
        "receive_wish": ActScreen(
            button=lambda case: _("Record a wish of %(state)s") % {"state": state_asking(case)},
            run=_receive,
            form=ReceiveWishForm,
            explain=gettext_lazy("For what came on paper; nobody outside is told."),
            beside=True,
        ),
        "answer_wish": ActScreen(
            button=lambda case: _("Answer a wish of %(state)s") % {"state": state_asking(case)},
            run=_answer,
            form=WishAnswerForm,
            explain=gettext_lazy(
                "The requesting State reads your answer and how its items stand. What is stopped ends as withdrawn; "
                "what is done already is still sent."
            ),
            leaves=True,
            facts=lambda case: leaving(case) + open_wish_facts(case),
        ),
    },
)
