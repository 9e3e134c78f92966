"""Acts on items: what we decide on those of a request in, and what the other State decided on ours."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from workflows.lifecycle.services import incoming as inward
from workflows.lifecycle.services import outgoing_course as course
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import (
    GroundForm,
    ImpossibleForm,
    NotHeldForm,
    PartlyForm,
    ProofForm,
    as_seen,
    day_field,
    decision_words,
    item_label,
    words,
)


class PostponeForm(GroundForm):
    until = day_field(
        gettext_lazy("To be looked at again on"),
        required=False,
        help_text=gettext_lazy("Your review date, not a limit."),
    )
    until_event = forms.CharField(
        label=gettext_lazy("Or what it waits for"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("In words, such as the end of a trial. Give the day, the event, or both."),
    )


class PreserveForm(ActForm):
    """What was done; for a preservation also from when until when the data are kept."""

    reason = words(gettext_lazy("Note"), required=False)
    preserved_from = day_field(gettext_lazy("Kept from"), required=False)
    preserved_until = day_field(gettext_lazy("Kept until"), required=False)
    rule = forms.CharField(label=gettext_lazy("Article that sets the least time"), max_length=60, required=False)

    def build(self) -> None:
        if self.case.measure != "preservation":  # type: ignore[attr-defined]
            for name in ("preserved_from", "preserved_until", "rule"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        begun, until = said.get("preserved_from"), said.get("preserved_until")
        if bool(begun) != bool(until):
            self.add_error("preserved_until", _("Give both days, or neither."))
        elif begun and until and until < begun:
            self.add_error("preserved_until", _("This day is before the first."))
        return said


class TakeBackForm(ActForm):
    reason = words(gettext_lazy("Reason"))


# What the other State decided is recorded with what proves it.


class NotedPostponeForm(PostponeForm, ProofForm):
    pass


class NotedPreserveForm(PreserveForm, ProofForm):
    pass


class NotedImpossibleForm(ImpossibleForm, ProofForm):
    pass


class NotedNotHeldForm(NotHeldForm, ProofForm):
    pass


class NotedPartlyForm(PartlyForm, ProofForm):
    pass


class NotedTakeBackForm(TakeBackForm, ProofForm):
    pass


class NotedRefusalForm(GroundForm, ProofForm):
    pass


def item_data(form: Any) -> dict[str, Any]:
    """Return what an act on an item is given, from the fields that its form has."""
    said = form.cleaned_data
    data = {name: said[name] for name in ("ground", "article", "reason", "until", "until_event") if name in said}
    if said.get("preserved_from"):
        data["preservation"] = {
            "preserved_from": said["preserved_from"],
            "until": said["preserved_until"],
            "rule": said.get("rule", ""),
        }
    return data


def item_facts(item: Any) -> list[tuple[Any, Any]]:
    return [
        (_("Item"), item_label(item.case, item.key, item.measure)),
        (_("Request"), str(item.case)),
        (_("Status"), decision_words(item)),
    ]


def _note_item(act: str) -> Any:
    def run(item: Any, by: Actor, form: Any) -> None:
        as_seen(
            form,
            lambda: course.outgoing_item_note(item=item, act=act, by=by, proof=form.proven(), **item_data(form)),
        )

    return run


def _decide_item(act: str) -> Any:
    def run(item: Any, by: Actor, form: Any) -> None:
        as_seen(form, lambda: inward.incoming_item_decide(item=item, act=act, by=by, **item_data(form)))

    return run


def _item_words(text: Any) -> Any:
    return lambda item: text % {"key": item.key}


_NOTED = gettext_lazy("For a decision that came on paper; nobody outside is told.")

register_screens(
    "item_out",
    {
        "accept": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s is accepted")),
            run=_note_item("accept"),
            form=ProofForm,
            explain=_NOTED,
            facts=item_facts,
        ),
        "postpone": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s is postponed")),
            run=_note_item("postpone"),
            form=NotedPostponeForm,
            explain=_NOTED,
            facts=item_facts,
        ),
        "resume": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s is resumed")),
            run=_note_item("resume"),
            form=ProofForm,
            explain=_NOTED,
            facts=item_facts,
        ),
        "execute": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s is executed")),
            run=_note_item("execute"),
            form=NotedPreserveForm,
            explain=_NOTED,
            facts=item_facts,
        ),
        "execute_partially": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s is executed in part")),
            run=_note_item("execute_partially"),
            form=NotedPartlyForm,
            explain=_NOTED,
            facts=item_facts,
        ),
        "refuse": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s is refused")),
            run=_note_item("refuse"),
            form=NotedRefusalForm,
            explain=_NOTED,
            grave=True,
            facts=item_facts,
        ),
        "find_nothing": ActScreen(
            button=_item_words(gettext_lazy("Record that nothing is held for item %(key)s")),
            run=_note_item("find_nothing"),
            form=NotedNotHeldForm,
            explain=_NOTED,
            facts=item_facts,
        ),
        "find_impossible": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s was impossible")),
            run=_note_item("find_impossible"),
            form=NotedImpossibleForm,
            explain=_NOTED,
            facts=item_facts,
        ),
        "take_back": ActScreen(
            button=_item_words(gettext_lazy("Record that the execution of item %(key)s was taken back")),
            run=_note_item("take_back"),
            form=NotedTakeBackForm,
            explain=_NOTED,
            grave=True,
            facts=item_facts,
        ),
        "withdraw": ActScreen(
            button=_item_words(gettext_lazy("Record that item %(key)s is withdrawn")),
            run=_note_item("withdraw"),
            form=ProofForm,
            explain=_NOTED,
            grave=True,
            facts=item_facts,
        ),
    },
)

_TOLD_LATER = gettext_lazy("The requesting State learns it when you report the items or transmit the result.")

register_screens(
    "item_in",
    {
        "accept": ActScreen(
            button=_item_words(gettext_lazy("Accept item %(key)s")),
            run=_decide_item("accept"),
            explain=_TOLD_LATER,
            facts=item_facts,
        ),
        "postpone": ActScreen(
            button=_item_words(gettext_lazy("Postpone item %(key)s")),
            run=_decide_item("postpone"),
            form=PostponeForm,
            explain=_TOLD_LATER,
            facts=item_facts,
        ),
        "resume": ActScreen(
            button=_item_words(gettext_lazy("Resume item %(key)s")),
            run=_decide_item("resume"),
            explain=_TOLD_LATER,
            facts=item_facts,
        ),
        "execute": ActScreen(
            button=_item_words(gettext_lazy("Item %(key)s is executed")),
            run=_decide_item("execute"),
            form=PreserveForm,
            explain=gettext_lazy("Add its evidence before or after; without evidence a note says why there is none."),
            facts=item_facts,
        ),
        "execute_partially": ActScreen(
            button=_item_words(gettext_lazy("Item %(key)s is executed in part")),
            run=_decide_item("execute_partially"),
            form=PartlyForm,
            explain=_TOLD_LATER,
            facts=item_facts,
        ),
        "refuse": ActScreen(
            button=_item_words(gettext_lazy("Refuse item %(key)s")),
            run=_decide_item("refuse"),
            form=GroundForm,
            explain=gettext_lazy(
                "The item ends; the other items go on. The requesting State learns ground, article and reasons."
            ),
            grave=True,
            facts=item_facts,
        ),
        "find_nothing": ActScreen(
            button=_item_words(gettext_lazy("Nothing is held for item %(key)s")),
            run=_decide_item("find_nothing"),
            form=NotHeldForm,
            explain=_TOLD_LATER,
            facts=item_facts,
        ),
        "find_impossible": ActScreen(
            button=_item_words(gettext_lazy("Item %(key)s is impossible to execute")),
            run=_decide_item("find_impossible"),
            form=ImpossibleForm,
            explain=gettext_lazy(
                "The item ends, neither refused nor “not held”. The requesting State learns reason, article and words when you report the items or transmit."
            ),
            facts=item_facts,
        ),
        "take_back": ActScreen(
            button=_item_words(gettext_lazy("Take the execution of item %(key)s back")),
            run=_decide_item("take_back"),
            form=TakeBackForm,
            explain=gettext_lazy(
                "Its order was set aside: give the item another outcome, or execute it under a new order."
            ),
            grave=True,
            facts=item_facts,
        ),
        "withdraw": ActScreen(
            button=_item_words(gettext_lazy("Item %(key)s is withdrawn")),
            run=_decide_item("withdraw"),
            explain=gettext_lazy("For an item that the requesting State no longer asks for."),
            grave=True,
            facts=item_facts,
        ),
    },
)
