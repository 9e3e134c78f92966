"""What an officer of a State without such a system fills in by its link. Each form gives the body of one message."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.core.ids import uuid7
from workflows.lifecycle.models import OpenPoint
from workflows.lifecycle.outcomes import ITEM_FINAL, IncomingStatus, ItemStatus, outcome_of_items
from workflows.web.acts import ActForm
from workflows.web.acts.fields import (
    GroundForm,
    content_of,
    day_field,
    event_choices,
    ground_choices,
    impossible_choices,
    item_choices,
    item_label,
    words,
)
from workflows.web.acts.incoming import EvidenceForm
from workflows.web.acts.wishes import WishAnswerForm
from workflows.web.forms.administration import CleanText

#: Where a request can stand by their word until it is done.
UNDER_WAY = [
    (one.value, one.label)
    for one in (IncomingStatus.ACKNOWLEDGED, IncomingStatus.UNDER_REVIEW, IncomingStatus.IN_EXECUTION)
]


class DoorForm(forms.Form):
    """Who comes in, with the code that came by another way than the link."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy(
            "Eight digits. They came by another way than the link: by telephone or with the letter."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    name = CleanText(
        label=gettext_lazy("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    office = CleanText(
        label=gettext_lazy("Your office and function"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )

    def officer(self) -> str:
        return f"{self.cleaned_data['name']}, {self.cleaned_data['office']}"


class SayForm(ActForm):
    """One message. `message_id` is given with the page: sent twice, it is said once."""

    message_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["expected_version"]
        self.initial.setdefault("message_id", uuid7())

    def body(self) -> dict[str, Any]:
        """Return what the message says, as plain values."""
        raise NotImplementedError

    def reference(self) -> str:
        return ""


class AcknowledgeForm(SayForm):
    peer_reference = CleanText(label=gettext_lazy("Your reference"), max_length=120)
    contact = words(
        gettext_lazy("Whom to turn to"),
        rows=3,
        required=False,
        help_text=gettext_lazy("Name, telephone, e-mail, office hours."),
    )

    def body(self) -> dict[str, Any]:
        return {"reference": self.said("peer_reference"), "contact": self.said("contact")}

    def reference(self) -> str:
        return str(self.said("peer_reference"))


class StatusForm(SayForm):
    peer_status = forms.ChoiceField(label=gettext_lazy("Where it stands"), choices=UNDER_WAY)
    event = forms.ChoiceField(label=gettext_lazy("What happened"), required=False)
    text = words(gettext_lazy("In words"), rows=4, required=False)
    next_on = day_field(gettext_lazy("More news is expected on"), required=False)

    def build(self) -> None:
        self.fields["event"].choices = event_choices(_("not said"))  # type: ignore[attr-defined]

    def body(self) -> dict[str, Any]:
        body = {"status": self.said("peer_status"), "event": self.said("event"), "text": self.said("text")}
        if any(body[name] for name in ("event", "text")) or self.said("next_on"):
            body["progress"] = str(self.said("message_id"))
        return body | {"next_on": day(self.said("next_on"))}


class QuestionForm(SayForm):
    question = words(gettext_lazy("What you need to know"), rows=6)
    due = day_field(gettext_lazy("Answer wished by"), required=False)

    def body(self) -> dict[str, Any]:
        return {
            "point": str(self.said("message_id")),
            "question": self.said("question"),
            "due": day(self.said("due")),
        }


class ConsultForm(SayForm):
    """Before a refusal, a postponement or extraordinary costs (UNTOC 18(26) and (28), UNCAC 46(26), Budapest 27(6))."""

    kind = forms.ChoiceField(
        label=gettext_lazy("On what"),
        choices=[(one.value, one.label) for one in OpenPoint.CONSULTATIONS],
        widget=forms.RadioSelect,
    )
    question = words(gettext_lazy("What you wish to settle with them"), rows=6)
    ground = forms.ChoiceField(label=gettext_lazy("Ground that you think of"), required=False)
    article = CleanText(label=gettext_lazy("Article"), max_length=120, required=False)
    due = day_field(gettext_lazy("Answer wished by"), required=False)

    def build(self) -> None:
        self.fields["ground"].choices = ground_choices(content_of(self.case))  # type: ignore[attr-defined]

    def body(self) -> dict[str, Any]:
        said = {name: self.said(name) for name in ("kind", "question", "ground", "article")}
        return said | {"point": str(self.said("message_id")), "due": day(self.said("due"))}


class RefuseForm(GroundForm, SayForm):
    def body(self) -> dict[str, Any]:
        said = {name: self.said(name) for name in ("ground", "article", "reason")}
        case: Any = self.case
        consulted = case.openpoint_set.filter(kind=OpenPoint.Kind.REFUSAL).exists()
        return said | {"consulted": consulted}


class WithdrawalForm(SayForm):
    done = words(gettext_lazy("What was carried out until now"), required=False)

    def body(self) -> dict[str, Any]:
        return {"done": self.said("done")}


class WishForm(WishAnswerForm, SayForm):
    peer_status = forms.ChoiceField(label=gettext_lazy("Where it stands"), choices=UNDER_WAY)

    def build(self) -> None:
        super().build()
        self.initial.setdefault("peer_status", getattr(self.case, "peer_status", ""))

    def body(self) -> dict[str, Any]:
        answer = self.answered()
        return {
            "wishes": [str(one) for one in self.answers()],
            "kind": self.open[str(self.of_wish())].kind,
            "choice": answer.choice,
            "answer": answer.answer,
            "next_on": day(answer.next_on),
            "status": self.said("peer_status"),
        }


class ReadyForm(EvidenceForm):
    """One file of evidence, laid ready: a slow line carries one at a time, and what arrived stays."""

    def build(self) -> None:
        del self.fields["expected_version"]
        items = item_choices(self.case, ItemStatus.values)
        self.fields["item"].choices = [("", _("the request as a whole")), *items]  # type: ignore[attr-defined]


#: What can be said of an item with a result. The first: nothing yet.
_SAID_OF_ITEMS = (
    ItemStatus.ACCEPTED,
    ItemStatus.EXECUTED,
    ItemStatus.PARTIALLY_EXECUTED,
    ItemStatus.NOT_HELD,
    ItemStatus.IMPOSSIBLE,
    ItemStatus.REFUSED,
)


class ResultForm(SayForm):
    """The files that lie ready go out, with what became of each item: as a part, or as the end of the request."""

    whole = forms.ChoiceField(
        label=gettext_lazy("This is"),
        choices=[
            ("part", gettext_lazy("a part; the rest follows")),
            ("whole", gettext_lazy("everything: the request is done")),
        ],
        widget=forms.RadioSelect,
    )
    note = words(gettext_lazy("What you say of it"), rows=4, required=False)

    def build(self) -> None:
        content = content_of(self.case)
        grounds = ground_choices(content)
        reasons = [one for one in impossible_choices("impossible", content) if one[0]]
        mixed = [("", _("not said")), (_("It could not be done"), reasons), *(one for one in grounds if one[0])]
        self.open_items = [item for item in self._items() if item.status not in ITEM_FINAL]
        for item in self.open_items:
            self.fields[f"status_{item.key}"] = forms.ChoiceField(
                label=item_label(self.case, item.key, item.measure),
                choices=[
                    (one.value, _("still being carried out") if one == ItemStatus.ACCEPTED else one.label)
                    for one in _SAID_OF_ITEMS
                ],
            )
            self.fields[f"ground_{item.key}"] = forms.ChoiceField(
                label=_("Item %(key)s: ground or reason") % {"key": item.key}, choices=mixed, required=False
            )
            self.fields[f"article_{item.key}"] = forms.CharField(
                label=_("Item %(key)s: article") % {"key": item.key}, max_length=120, required=False
            )
            self.fields[f"reason_{item.key}"] = words(
                _("Item %(key)s: in words") % {"key": item.key}, rows=2, required=False
            )
        self.order_fields([name for name in self.fields if name not in ("whole", "note")])

    def groups(self) -> list[tuple[Any, Any, list[Any], bool]]:
        """Return each open item, the field that asks how it ended, those on why, and whether these are to be seen."""
        found = []
        for item in self.open_items:
            why = [self[f"{name}_{item.key}"] for name in ("ground", "article", "reason")]
            found.append((item, self[f"status_{item.key}"], why, any(one.errors or one.value() for one in why)))
        return found

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        whole = said.get("whole") == "whole"
        for item in self.open_items:
            status = said.get(f"status_{item.key}")
            if whole and status == ItemStatus.ACCEPTED:
                self.add_error(f"status_{item.key}", _("Say how it ended, or send a part."))
            for name in _NEEDED.get(str(status), ()):
                if not said.get(f"{name}_{item.key}"):
                    self.add_error(f"{name}_{item.key}", _("This is needed where an item ends so."))
        return said

    def body(self) -> dict[str, Any]:
        items = []
        for item in self.open_items:
            state = {name: self.said(f"{name}_{item.key}") for name in ("status", "ground", "article", "reason")}
            items.append({"key": item.key} | state)
        if self.said("whole") == "part":
            case: Any = self.case
            number = case.part_set.count() + 1
            return {"part": str(self.said("message_id")), "number": number, "note": self.said("note"), "items": items}
        told = {one["key"]: one["status"] for one in items}
        outcome = outcome_of_items([told.get(item.key, item.status) for item in self._items()])
        return {"outcome": outcome.value, "note": self.said("note"), "items": items}

    def said_as(self) -> str:
        return "partial_result" if self.said("whole") == "part" else "result"

    def _items(self) -> list[Any]:
        case: Any = self.case
        return list(case.items.order_by("id"))


#: What an item needs beside its status.
_NEEDED = {
    "refused": ("ground", "article", "reason"),
    "impossible": ("ground", "reason"),
    "not_held": ("reason",),
    "partially_executed": ("reason",),
}


class ComplementForm(SayForm):
    point = forms.ChoiceField(label=gettext_lazy("What was found missing"), widget=forms.RadioSelect)
    answer = words(gettext_lazy("Answer"), rows=4, required=False)
    names = {"point": "question"}

    def build(self) -> None:
        case: Any = self.case
        rows = case.openpoint_set.filter(kind=OpenPoint.Kind.COMPLEMENT, answered_at=None).order_by("id")
        self.fields["point"].choices = [(str(one.point_id), one.question) for one in rows]  # type: ignore[attr-defined]
        if len(rows) == 1:
            self.initial.setdefault("point", str(rows[0].point_id))

    def known(self, name: str, given: str) -> bool:
        case: Any = self.case
        try:
            return bool(case.openpoint_set.filter(point_id=UUID(given)).exists())
        except ValueError:
            return False

    def body(self) -> dict[str, Any]:
        return {"point": self.said("point"), "answer": self.said("answer")}


def day(value: Any) -> str | None:
    return value.isoformat() if value else None
