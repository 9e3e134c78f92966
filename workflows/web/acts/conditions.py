"""Acts about conditions and about the complement of a result, on both sides."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.files import file_store
from mla.core.languages import house_words
from mla.reference.practice import condition_kinds, defects
from workflows.lifecycle.models import IncomingRequest, OpenPoint, OutgoingRequest
from workflows.lifecycle.models.conditions import defect_words
from workflows.lifecycle.services import complements, conditions
from workflows.lifecycle.services.complements import Supplied
from workflows.lifecycle.services.conditions import Offered
from workflows.lifecycle.services.outgoing_course import EvidenceFile
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.blocks import BlocksForm, coded_choices
from workflows.web.acts.fields import (
    ProofForm,
    as_seen,
    content_of,
    day_field,
    day_words,
    has_item,
    has_point,
    item_label,
    open_points,
    words,
)
from workflows.web.acts.incoming import leaving, state_asking
from workflows.web.acts.outgoing_course import leaving as leaving_out
from workflows.web.uploads import LARGEST_EVIDENCE, ManyUploadsField

#: Conditions that one offer has room for; more of them are another offer.
MOST = 6


class OfferForm(BlocksForm):
    """One or more conditions, each with its kind and words; a block left empty is none."""

    names: ClassVar[dict[str, str]] = {f"item_{number}": "item" for number in range(1, MOST + 1)}
    PARTS = ("kind", "text", "article", "item", "until")
    MOST = MOST
    TITLE = gettext_lazy("Condition %(number)s")

    def build(self) -> None:
        kinds = [("", _("Choose a kind")), *coded_choices(condition_kinds(), content_of(self.case))]
        whole = [("", _("the request as a whole"))]
        rows = self.case.items.order_by("id")  # type: ignore[attr-defined]
        items = whole + [(row.key, item_label(self.case, row.key, row.measure)) for row in rows]
        for number in range(1, MOST + 1):
            self.fields[f"kind_{number}"] = forms.ChoiceField(label=_("Kind"), choices=kinds, required=False)
            self.fields[f"text_{number}"] = words(_("Its words"), rows=3, required=False)
            self.fields[f"article_{number}"] = forms.CharField(label=_("Article"), max_length=120, required=False)
            self.fields[f"item_{number}"] = forms.ChoiceField(label=_("For which item"), choices=items, required=False)
            self.fields[f"until_{number}"] = day_field(_("Binds until"), required=False)
        self.fields["question"] = words(
            _("What is said with them"), rows=5, help_text=_("Why help is given under these conditions alone.")
        )
        self.fields["due"] = day_field(_("Answer wished by"), required=False)

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        filled = False
        for number in range(1, MOST + 1):
            if not any(self._given(number)):
                continue
            filled = True
            for name, message in (
                ("kind", _("Condition %(number)d: choose its kind.")),
                ("text", _("Condition %(number)d: write its words.")),
            ):
                if not said.get(f"{name}_{number}") and f"{name}_{number}" not in self.errors:
                    self.add_error(f"{name}_{number}", message % {"number": number})
            day = said.get(f"until_{number}")
            if day and day < clock.now().date():
                self.add_error(f"until_{number}", _("This day is past."))
        if not filled:
            self.add_error("kind_1", _("Write at least one condition."))
        return said

    def _given(self, number: int) -> list[str]:
        return [str(self.data.get(self.add_prefix(f"{part}_{number}")) or "").strip() for part in self.PARTS]

    def offered(self) -> list[Offered]:
        return [
            Offered(
                kind=self.said(f"kind_{number}"),
                text=self.said(f"text_{number}"),
                article=self.said(f"article_{number}"),
                item=self.said(f"item_{number}"),
                until=self.said(f"until_{number}"),
            )
            for number in range(1, MOST + 1)
            if self.said(f"kind_{number}")
        ]


class NotedOfferForm(OfferForm, ProofForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if not name.startswith("proof")])


def _offer(case: IncomingRequest, by: Actor, form: OfferForm) -> None:
    as_seen(
        form,
        lambda: conditions.incoming_offer_conditions(
            incoming=case, by=by, question=form.said("question"), conditions=form.offered(), due=form.said("due")
        ),
    )


def _note_offer(case: OutgoingRequest, by: Actor, form: NotedOfferForm) -> None:
    as_seen(
        form,
        lambda: conditions.outgoing_note_conditions(
            outgoing=case,
            by=by,
            question=form.said("question"),
            conditions=form.offered(),
            due=form.said("due"),
            proof=form.proven(),
        ),
    )


def condition_line(one: Any) -> str:
    """Return one condition as a line: its words, article, item and last day."""
    parts = [one.text, one.article]
    if one.item_key:
        parts.append(_("item %(key)s") % {"key": one.item_key})
    if one.until:
        parts.append(_("until %(day)s") % {"day": day_words(one.until)})
    return " · ".join(filter(None, parts))


def offered_facts(case: Any) -> list[tuple[Any, Any]]:
    """Return the conditions that wait for an answer, as pairs of words."""
    found = case.condition_set.filter(point__answered_at=None).select_related("item").order_by("id")
    return [(one.kind_words, format_html("<bdi>{}</bdi>", condition_line(one))) for one in found]


class OfPointForm(ActForm):
    """An act on one open point of a kind."""

    KIND: ClassVar[str] = OpenPoint.Kind.CONDITIONS
    point = forms.ChoiceField(label=gettext_lazy("Which of them"), widget=forms.RadioSelect)
    names = {"point": "question"}

    def known(self, name: str, given: str) -> bool:
        return has_point(self.case, given)

    def build(self) -> None:
        points = open_points(self.case, self.KIND)
        self.fields["point"].choices = [(str(point.point_id), _point_words(point)) for point in points]  # type: ignore[attr-defined]
        if len(points) == 1:
            self.initial.setdefault("point", str(points[0].point_id))

    def of_point(self) -> UUID:
        return UUID(self.said("point"))


def _point_words(point: OpenPoint) -> str:
    said = f"{defect_words(point.ground)}: {point.question}" if point.ground else point.question
    if point.due is None:
        return said
    return _("%(question)s (answer wished by %(due)s)") % {"question": said, "due": day_words(point.due)}


class AcceptConditionsForm(OfPointForm):
    answer = words(gettext_lazy("What you say with it"), required=False)


class DeclineConditionsForm(OfPointForm):
    reason = words(gettext_lazy("Reason"), help_text=gettext_lazy("The requested State reads this."))


class ConditionsAnswerForm(OfPointForm):
    choice = forms.ChoiceField(
        label=gettext_lazy("Their answer"),
        choices=[("accepted", gettext_lazy("accepted")), ("declined", gettext_lazy("declined"))],
        widget=forms.RadioSelect,
    )
    answer = words(
        gettext_lazy("What they say"),
        required=False,
        help_text=gettext_lazy("Needed where they decline: their reason."),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("choice") == "declined" and not said.get("answer"):
            self.add_error("answer", _("Write why they decline."))
        return said


def _accept(case: OutgoingRequest, by: Actor, form: AcceptConditionsForm) -> None:
    point, answer = form.of_point(), form.said("answer")
    as_seen(form, lambda: conditions.outgoing_accept_conditions(outgoing=case, by=by, point_id=point, answer=answer))


def _decline(case: OutgoingRequest, by: Actor, form: DeclineConditionsForm) -> None:
    point, reason = form.of_point(), form.said("reason")
    as_seen(form, lambda: conditions.outgoing_decline_conditions(outgoing=case, by=by, point_id=point, reason=reason))


def _receive_answer(case: IncomingRequest, by: Actor, form: ConditionsAnswerForm) -> None:
    point, choice, answer = form.of_point(), form.said("choice"), form.said("answer")
    as_seen(
        form,
        lambda: conditions.incoming_receive_conditions_answer(
            incoming=case, by=by, point_id=point, choice=choice, answer=answer
        ),
    )


# --- the complement of a result ---


class DefectForm(ActForm):
    defect = forms.ChoiceField(label=gettext_lazy("What is wrong with it"))
    question = words(gettext_lazy("What is missing"), rows=6, help_text=gettext_lazy("Name the item and the file."))
    due = day_field(gettext_lazy("Wished by"), required=False)

    def build(self) -> None:
        choices = [("", _("Choose a defect")), *((one.code, house_words(one.name)) for one in defects().values())]
        self.fields["defect"].choices = choices  # type: ignore[attr-defined]


def _ask_complement(case: OutgoingRequest, by: Actor, form: DefectForm) -> None:
    said = {name: form.said(name) for name in ("defect", "question", "due")}
    as_seen(form, lambda: complements.outgoing_ask_complement(outgoing=case, by=by, **said))


def _note_asked(case: IncomingRequest, by: Actor, form: DefectForm) -> None:
    said = {name: form.said(name) for name in ("defect", "question", "due")}
    as_seen(form, lambda: complements.incoming_note_complement_asked(incoming=case, by=by, **said))


class ComplementForm(OfPointForm):
    """Files and words that complete a result."""

    KIND = OpenPoint.Kind.COMPLEMENT
    evidence = ManyUploadsField(
        label=gettext_lazy("Files of evidence"),
        largest=LARGEST_EVIDENCE,
        required=False,
        help_text=gettext_lazy("Each is kept under its hash and never changed."),
    )
    item = forms.ChoiceField(label=gettext_lazy("The files belong to"), required=False)
    use_limits = words(gettext_lazy("Limits of use"), rows=2, required=False)
    answer = words(gettext_lazy("Answer"), required=False, help_text=gettext_lazy("Files, words, or both."))
    names = {"point": "question", "item": "item"}

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given) if name == "item" else super().known(name, given)

    def build(self) -> None:
        super().build()
        rows = self.case.items.order_by("id")  # type: ignore[attr-defined]
        items = [(row.key, item_label(self.case, row.key, row.measure)) for row in rows]
        self.fields["item"].choices = [("", _("the request as a whole")), *items]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("evidence") and not said.get("answer") and "evidence" not in self.errors:
            self.add_error("answer", _("Attach the files, or write the answer."))
        return said


class NotedComplementForm(ComplementForm, ProofForm):
    pass


def _supply(case: IncomingRequest, by: Actor, form: ComplementForm) -> None:
    def files() -> list[Supplied]:
        return [
            Supplied(sent.name, sent.media_type, sent.content, form.said("item"), "", form.said("use_limits"))
            for sent in form.said("evidence")
        ]

    point, answer = form.of_point(), form.said("answer")
    as_seen(
        form,
        lambda: complements.incoming_supply_complement(
            incoming=case, by=by, point_id=point, answer=answer, files=files()
        ),
    )


def _note_complement(case: OutgoingRequest, by: Actor, form: NotedComplementForm) -> None:
    def files() -> list[EvidenceFile]:
        found = []
        for sent in form.said("evidence"):
            kept = file_store(sent.content)
            found.append(
                EvidenceFile(
                    name=sent.name,
                    media_type=sent.media_type,
                    size=kept.size,
                    sha256=kept.sha256,
                    item=form.said("item"),
                    use_limits=form.said("use_limits"),
                )
            )
        return found

    point, answer = form.of_point(), form.said("answer")
    as_seen(
        form,
        lambda: complements.outgoing_note_complement(
            outgoing=case, by=by, point_id=point, answer=answer, files=files(), proof=form.proven()
        ),
    )


_TOLD_NOBODY = gettext_lazy("For what came on paper; nobody outside is told.")

register_screens(
    "outgoing",
    {
        "note_conditions": ActScreen(
            button=gettext_lazy("Record conditions of the other State"),
            run=_note_offer,
            form=NotedOfferForm,
            explain=gettext_lazy("The conditions are open until the supervisor accepts or declines them."),
            template="web/act_blocks.html",
        ),
        "accept_conditions": ActScreen(
            button=gettext_lazy("Accept the conditions"),
            run=_accept,
            form=AcceptConditionsForm,
            explain=gettext_lazy("They bind your authorities from then on; the other State is told."),
            leaves=True,
            recent=True,
            facts=lambda case: leaving_out(case) + offered_facts(case),
        ),
        "decline_conditions": ActScreen(
            button=gettext_lazy("Decline the conditions"),
            run=_decline,
            form=DeclineConditionsForm,
            explain=gettext_lazy("The other State is told your reason, and decides what it does without them."),
            leaves=True,
            grave=True,
            facts=lambda case: leaving_out(case) + offered_facts(case),
        ),
        "ask_complement": ActScreen(
            button=gettext_lazy("Ask for a complement of the result"),
            run=_ask_complement,
            form=DefectForm,
            explain=gettext_lazy(
                "The other State is told what its result lacks; the case stays open until it answers."
            ),
            leaves=True,
            facts=leaving_out,
        ),
        "note_complement": ActScreen(
            button=gettext_lazy("Record the complement of the result"),
            run=_note_complement,
            form=NotedComplementForm,
            explain=gettext_lazy("New files are to be confirmed and handed over as the result was."),
        ),
    },
)
register_screens(
    "incoming",
    {
        "offer_conditions": ActScreen(
            button=lambda case: _("Offer conditions to %(state)s") % {"state": state_asking(case)},
            run=_offer,
            form=OfferForm,
            explain=gettext_lazy("Nothing is accepted and no result leaves until the requesting State has answered."),
            leaves=True,
            facts=leaving,
            template="web/act_blocks.html",
        ),
        "receive_conditions_answer": ActScreen(
            button=gettext_lazy("Record their answer to our conditions"),
            run=_receive_answer,
            form=ConditionsAnswerForm,
            explain=_TOLD_NOBODY,
            facts=offered_facts,
        ),
        "note_complement_asked": ActScreen(
            button=gettext_lazy("Record that they ask for a complement"),
            run=_note_asked,
            form=DefectForm,
            explain=_TOLD_NOBODY,
        ),
        "supply_complement": ActScreen(
            button=gettext_lazy("Supply the complement"),
            run=_supply,
            form=ComplementForm,
            explain=gettext_lazy(
                "Files and words go to the requesting State, each file with its hash; it confirms them as the result."
            ),
            leaves=True,
            facts=leaving,
        ),
    },
)
