"""Acts on an execution: who carries it out, news of it, and originals that are to be given back, on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Membership, Role, User
from mla.core import clock
from mla.reference.models import Authority
from workflows.lifecycle.guards_execution import ETS_6_2
from workflows.lifecycle.models import IncomingRequest, Original, OutgoingRequest, Progress
from workflows.lifecycle.outcomes import ITEM_FINAL, ItemStatus
from workflows.lifecycle.services import execution
from workflows.lifecycle.services.execution import Listed
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.blocks import BlocksForm
from workflows.web.acts.fields import (
    ProofForm,
    as_seen,
    day_field,
    event_choices,
    event_words,
    has_item,
    item_choices,
    item_label,
    not_in_the_future,
    proof_note,
    words,
)
from workflows.web.acts.incoming import leaving, state_asking
from workflows.web.acts.outgoing_course import leaving as leaving_out
from workflows.web.uploads import UploadField

#: Originals that one list has room for; more of them are another list.
MOST = 8


# --- who carries out ---


class AssignForm(ActForm):
    executing = forms.ModelChoiceField(
        label=gettext_lazy("Carried out by"), queryset=Authority.objects.none(), empty_label=None
    )
    officer = forms.ChoiceField(
        label=gettext_lazy("Officer there"),
        required=False,
        help_text=gettext_lazy("The others of that authority see it too, unless the request is restricted."),
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Only these items"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None: the whole request, but for items that are given to others."),
    )
    expected_by = day_field(
        gettext_lazy("Expected by"), required=False, help_text=gettext_lazy("Your own estimate, not a limit.")
    )
    instruction = words(gettext_lazy("What they should know"), rows=4, required=False)
    reason = words(
        gettext_lazy("Why it is given to somebody else"),
        rows=3,
        required=False,
        help_text=gettext_lazy("Needed where another authority or officer has it now."),
    )
    names = {"executing": "authority", "officer": "member", "items": "item"}

    def known(self, name: str, given: str) -> bool:
        if name == "items":
            return has_item(self.case, given)
        if name != "officer":
            return False
        try:
            return User.objects.filter(
                public_id=UUID(given), pk__in=Membership.objects.filter(authority__in=self._offices()).values("user")
            ).exists()
        except ValueError:
            return False

    def _offices(self) -> Any:
        case: Any = self.case
        own_state = Authority.objects.filter(jurisdiction_id=case.authority.jurisdiction_id)
        executes = Q(kind=Authority.Kind.EXECUTING) | Q(pk=case.authority_id)
        return own_state.filter(executes).order_by("-hosted_here", "-kind", "name")

    def build(self) -> None:
        case: Any = self.case
        self.fields["executing"].queryset = self._offices()  # type: ignore[attr-defined]
        self.initial.setdefault("executing", case.executing_id)
        still = [status for status in ItemStatus.values if status not in ITEM_FINAL]
        self.fields["items"].choices = item_choices(case, still)  # type: ignore[attr-defined]
        held = Membership.objects.valid(clock.now()).filter(
            authority__in=self._offices(), role=Role.EXECUTING_OFFICER, user__is_active=True
        )
        groups: dict[str, list[tuple[str, str]]] = {}
        for one in held.select_related("user", "authority").order_by("authority__name", "user__last_name", "user_id"):
            groups.setdefault(one.authority.name, []).append((str(one.user.public_id), str(one.user)))
        self.fields["officer"].choices = [("", _("nobody in particular")), *groups.items()]  # type: ignore[attr-defined]

    def clean_expected_by(self) -> Any:
        day = self.cleaned_data["expected_by"]
        if day and day < clock.now().date():
            raise forms.ValidationError(_("This day is past."))
        return day


def _assign(case: IncomingRequest, by: Actor, form: AssignForm) -> None:
    said = form.cleaned_data
    officer = User.objects.get(public_id=said["officer"]) if said["officer"] else None
    as_seen(
        form,
        lambda: execution.incoming_assign_execution(
            incoming=case,
            by=by,
            executing=said["executing"],
            officer=officer,
            items=said["items"],
            expected_by=said["expected_by"],
            instruction=said["instruction"],
            reason=said["reason"],
        ),
    )


def assigned_facts(case: Any) -> list[tuple[Any, Any]]:
    """Return who carries out what now, as pairs of words."""
    found: list[tuple[Any, Any]] = []
    rows = case.assignment_set.filter(ended_at=None).select_related("item", "executing", "officer").order_by("id")
    for row in rows:
        what = item_label(case, row.item.key, row.item.measure) if row.item else _("The request")
        who = f"{row.executing.name}, {row.officer}" if row.officer else row.executing.name
        found.append((what, format_html("<bdi>{}</bdi>", who)))
    if not any(row.item_id is None for row in rows) and case.executing:
        found.insert(0, (_("The request"), case.executing.name))
    return found


# --- news ---


class ProgressForm(ActForm):
    event = forms.ChoiceField(label=gettext_lazy("What happened"), required=False)
    text = words(gettext_lazy("In words"), rows=3, required=False)
    next_on = day_field(
        gettext_lazy("More is expected on"), required=False, help_text=gettext_lazy("Your own estimate, not a limit.")
    )
    tell = forms.BooleanField(required=False)

    def build(self) -> None:
        self.fields["event"].choices = event_choices(_("Choose what happened"))  # type: ignore[attr-defined]
        if not holds(self.actor, "incoming.tell_progress"):
            del self.fields["tell"]
            return
        self.fields["tell"].label = _("Tell %(state)s now") % {"state": state_asking(self.case)}
        self.fields["tell"].help_text = _(
            "It reads the event, your words and the day. Otherwise all of it stays inside."
        )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("event") and not said.get("text") and "event" not in self.errors:
            self.add_error("event", _("Choose what happened, or write it."))
        day = said.get("next_on")
        if day and day < clock.now().date():
            self.add_error("next_on", _("This day is past."))
        return said


def _report(case: IncomingRequest, by: Actor, form: ProgressForm) -> None:
    as_seen(
        form,
        lambda: execution.incoming_report_progress(
            incoming=case,
            by=by,
            event=form.said("event"),
            text=form.said("text"),
            next_on=form.said("next_on"),
            tell=bool(form.said("tell")),
        ),
    )


def news_words(row: Progress) -> str:
    """Return news as a line: what happened, in words, and when more is expected."""
    parts = [event_words(row.event), row.text]
    if row.next_on:
        parts.append(_("more is expected on %(day)s") % {"day": date_format(row.next_on, "j M Y")})
    return " · ".join(filter(None, parts))


class TellForm(ActForm):
    news = forms.ChoiceField(label=gettext_lazy("Which news"), widget=forms.RadioSelect)
    names = {"news": "progress"}

    def known(self, name: str, given: str) -> bool:
        case: Any = self.case
        try:
            return bool(case.progress_set.filter(progress_id=UUID(given)).exists())
        except ValueError:
            return False

    def build(self) -> None:
        case: Any = self.case
        rows = list(case.progress_set.filter(told_at=None).order_by("-id")[:20])
        self.fields["news"].choices = [(str(row.progress_id), news_words(row)) for row in rows]  # type: ignore[attr-defined]
        if rows:
            self.initial.setdefault("news", str(rows[0].progress_id))


def _tell(case: IncomingRequest, by: Actor, form: TellForm) -> None:
    news = UUID(form.said("news"))
    as_seen(form, lambda: execution.incoming_tell_progress(incoming=case, by=by, progress_id=news))


# --- originals ---


class ListForm(BlocksForm):
    """Originals, each with description, number and return; a block without a description is none."""

    names: ClassVar[dict[str, str]] = {f"item_{number}": "item" for number in range(1, MOST + 1)}
    PARTS = ("description", "quantity", "item", "give_back", "due")
    MOST = MOST
    TITLE = gettext_lazy("Original %(number)s")

    def build(self) -> None:
        rows = self.case.items.order_by("id")  # type: ignore[attr-defined]
        items = [("", _("the request as a whole"))]
        items += [(row.key, item_label(self.case, row.key, row.measure)) for row in rows]
        for number in range(1, MOST + 1):
            self.fields[f"description_{number}"] = forms.CharField(
                label=_("What it is"), max_length=500, required=False
            )
            self.fields[f"quantity_{number}"] = forms.IntegerField(
                label=_("How many"), min_value=1, max_value=100_000, required=False, initial=1
            )
            self.fields[f"item_{number}"] = forms.ChoiceField(label=_("For which item"), choices=items, required=False)
            self.fields[f"give_back_{number}"] = forms.ChoiceField(
                label=_("To be returned"), choices=Original.Return.choices, required=False
            )
            self.fields[f"due_{number}"] = day_field(_("By which day"), required=False)

    def known(self, name: str, given: str) -> bool:
        return has_item(self.case, given)

    def begun(self, number: int, fields: list[Any]) -> bool:
        return any(field.errors for field in fields) or bool(self[f"description_{number}"].data)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(1, MOST + 1):
            described, day = said.get(f"description_{number}"), said.get(f"due_{number}")
            if not described and day:
                self.add_error(f"description_{number}", _("Original %(number)d: describe it.") % {"number": number})
            by_day = said.get(f"give_back_{number}") == Original.Return.BY_DAY
            if described and by_day and not day and f"due_{number}" not in self.errors:
                self.add_error(f"due_{number}", _("Original %(number)d: by which day?") % {"number": number})
        if not any(said.get(f"description_{number}") for number in range(1, MOST + 1)) and not self.errors:
            self.add_error("description_1", _("Describe at least one original."))
        return said

    def listed(self) -> list[Listed]:
        return [
            Listed(
                description=self.said(f"description_{number}"),
                quantity=self.said(f"quantity_{number}") or 1,
                item=self.said(f"item_{number}"),
                give_back=self.said(f"give_back_{number}") or Original.Return.SOON,
                due=self.said(f"due_{number}"),
            )
            for number in range(1, MOST + 1)
            if self.said(f"description_{number}")
        ]


class NotedListForm(ListForm, ProofForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if not name.startswith("proof")])


def _list(case: IncomingRequest, by: Actor, form: ListForm) -> None:
    as_seen(form, lambda: execution.incoming_list_originals(incoming=case, by=by, originals=form.listed()))


def _note_list(case: OutgoingRequest, by: Actor, form: NotedListForm) -> None:
    as_seen(
        form,
        lambda: execution.outgoing_note_originals(outgoing=case, by=by, originals=form.listed(), proof=form.proven()),
    )


def original_words(one: Original) -> str:
    """Return an original as a line: how many of what, and when it is wanted back."""
    what = f"{one.quantity} × {one.description}" if one.quantity > 1 else one.description
    when = date_format(one.due, "j M Y") if one.due else str(one.get_give_back_display())
    return _("%(what)s (%(when)s)") % {"what": what, "when": when}


class OutForm(ActForm):
    """Which of the originals that are out an act is about; all of them are ticked."""

    originals = forms.MultipleChoiceField(label=gettext_lazy("Which originals"), widget=forms.CheckboxSelectMultiple)
    names = {"originals": "original"}

    def known(self, name: str, given: str) -> bool:
        case: Any = self.case
        try:
            return bool(case.original_set.filter(original_id=UUID(given)).exists())
        except ValueError:
            return False

    def build(self) -> None:
        case: Any = self.case
        out = [one for one in case.original_set.order_by("id") if one.is_out]
        self.fields["originals"].choices = [(str(one.original_id), original_words(one)) for one in out]  # type: ignore[attr-defined]
        self.initial.setdefault("originals", [str(one.original_id) for one in out])

    def chosen(self) -> Sequence[UUID]:
        return [UUID(one) for one in self.said("originals")]


class ReturnForm(OutForm):
    on = day_field(gettext_lazy("On which day"))
    how = forms.CharField(
        label=gettext_lazy("By which way"), max_length=300, help_text=gettext_lazy("Such as by courier, or by hand.")
    )
    tracking = forms.CharField(label=gettext_lazy("Number of the parcel or note"), max_length=120, required=False)
    receipt = UploadField(
        label=gettext_lazy("Receipt"), required=False, help_text=gettext_lazy("Where there is one, as a file.")
    )

    def clean_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["on"])


class CameBackForm(OutForm):
    on = day_field(gettext_lazy("On which day"))
    how = forms.CharField(label=gettext_lazy("By which way"), max_length=300, required=False)
    tracking = forms.CharField(label=gettext_lazy("Number of the parcel or note"), max_length=120, required=False)

    def clean_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["on"])


class WaiveForm(OutForm):
    text = words(gettext_lazy("What is said with it"), rows=3, required=False)


class WaivedForm(WaiveForm, ProofForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if not name.startswith("proof")])


def _return(case: OutgoingRequest, by: Actor, form: ReturnForm) -> None:
    receipt = form.said("receipt")
    as_seen(
        form,
        lambda: execution.outgoing_return_originals(
            outgoing=case,
            by=by,
            originals=form.chosen(),
            on=form.said("on"),
            how=form.said("how"),
            tracking=form.said("tracking"),
            proof=receipt.proof(proof_note({"proof_day": form.said("on")})) if receipt else None,
        ),
    )


def _came_back(case: IncomingRequest, by: Actor, form: CameBackForm) -> None:
    as_seen(
        form,
        lambda: execution.incoming_note_originals_returned(
            incoming=case,
            by=by,
            originals=form.chosen(),
            on=form.said("on"),
            how=form.said("how"),
            tracking=form.said("tracking"),
        ),
    )


def _waive(case: IncomingRequest, by: Actor, form: WaiveForm) -> None:
    as_seen(
        form,
        lambda: execution.incoming_waive_return(incoming=case, by=by, originals=form.chosen(), words=form.said("text")),
    )


def _note_waived(case: OutgoingRequest, by: Actor, form: WaivedForm) -> None:
    as_seen(
        form,
        lambda: execution.outgoing_note_return_waived(
            outgoing=case, by=by, originals=form.chosen(), words=form.said("text"), proof=form.proven()
        ),
    )


def _duty(facts: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Add the article that says that originals are returned, and that the requested State may waive it."""
    return [*facts, (_("Originals"), format_html('<bdi class="article">{}</bdi>', ETS_6_2))]


register_screens(
    "incoming",
    {
        "assign_execution": ActScreen(
            button=gettext_lazy("Give out the execution"),
            run=_assign,
            form=AssignForm,
            explain=gettext_lazy(
                "Who has it from now on sees the request; who had it does not, unless it keeps an item."
            ),
            facts=assigned_facts,
        ),
        "report_progress": ActScreen(
            button=gettext_lazy("Report progress"),
            run=_report,
            form=ProgressForm,
            explain=gettext_lazy("It goes into the file, and the day of the next news is watched."),
        ),
        "tell_progress": ActScreen(
            button=lambda case: _("Tell %(state)s of the progress") % {"state": state_asking(case)},
            run=_tell,
            form=TellForm,
            explain=gettext_lazy("The requesting State reads the event, its words and the day as they stand here."),
            leaves=True,
            facts=leaving,
        ),
        "list_originals": ActScreen(
            button=gettext_lazy("List originals that go with the result"),
            run=_list,
            form=ListForm,
            explain=gettext_lazy(
                "The requesting State gets the list, and the day on which each is wanted back is watched."
            ),
            leaves=True,
            facts=lambda case: _duty(leaving(case)),
            template="web/act_blocks.html",
        ),
        "note_originals_returned": ActScreen(
            button=gettext_lazy("Record that originals came back"),
            run=_came_back,
            form=CameBackForm,
            explain=gettext_lazy("For what came without a message; nobody outside is told."),
        ),
        "waive_return": ActScreen(
            button=gettext_lazy("Waive the return of originals"),
            run=_waive,
            form=WaiveForm,
            explain=gettext_lazy("The requesting State keeps them, and is told so."),
            leaves=True,
            facts=lambda case: _duty(leaving(case)),
        ),
    },
)

register_screens(
    "outgoing",
    {
        "note_originals": ActScreen(
            button=gettext_lazy("Record originals that came with the result"),
            run=_note_list,
            form=NotedListForm,
            explain=gettext_lazy("The day on which each is wanted back is watched; nobody outside is told."),
            facts=lambda case: _duty([]),
            template="web/act_blocks.html",
        ),
        "return_originals": ActScreen(
            button=gettext_lazy("Return originals"),
            run=_return,
            form=ReturnForm,
            explain=gettext_lazy("The other State is told which come back, on which day and by which way."),
            leaves=True,
            facts=lambda case: _duty(leaving_out(case)),
        ),
        "note_return_waived": ActScreen(
            button=gettext_lazy("Record that the return of originals is waived"),
            run=_note_waived,
            form=WaivedForm,
            explain=gettext_lazy("They stay here; nobody outside is told."),
        ),
    },
)
