"""What the forms of several acts have in common: proofs, grounds of refusal, open questions, the version seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.core import clock
from mla.core.languages import house_words
from mla.reference.files import impossible_reasons, reason_names
from mla.reference.models import Instrument, RefusalGround
from mla.reference.practice import progress_events
from workflows.drafting.measures import measure_catalogue
from workflows.engine.acts import one_act
from workflows.engine.perform import require_version
from workflows.lifecycle.models import CourtOrder, OpenPoint, RequestedItem
from workflows.lifecycle.models.short import ShortMachine
from workflows.lifecycle.services.outgoing_course import Proof
from workflows.web.acts import ActForm
from workflows.web.uploads import UploadField

T = TypeVar("T")

#: The channels in human words; the codes are those of the case (OutgoingRequest.CHANNELS).
CHANNELS: dict[str, Any] = {
    "local": gettext_lazy("message on this installation"),
    "paper": gettext_lazy("paper, by post or courier"),
    "interpol": gettext_lazy("INTERPOL"),
    "diplomatic": gettext_lazy("diplomatic channel"),
    "email": gettext_lazy("e-mail"),
    "24_7": gettext_lazy("24/7 point of contact"),
}
BY_HAND = tuple((code, words) for code, words in CHANNELS.items() if code != "local")


def as_seen(form: Any, act: Callable[[], T]) -> T:
    """Do `act` if the row still has the version that the page showed; a double press is told, not done twice.

    Raises:
        VersionChanged: it has another one.
    """
    with one_act():
        require_version(form.case, form.said("expected_version"))
        return act()


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%Y-%m-%d", **options)


def day_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=Day(), input_formats=["%Y-%m-%d"], **options)


def words(label: Any, *, rows: int = 4, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), max_length=20_000, **options)


class ProofForm(ActForm):
    """An act of the other State that the registry records by hand: what proves it, how and when it came."""

    proof = UploadField(
        label=gettext_lazy("Proof"),
        help_text=gettext_lazy("The letter, message or receipt that says so, as a file."),
    )
    proof_channel = forms.ChoiceField(label=gettext_lazy("How it came"), choices=BY_HAND)
    proof_day = day_field(gettext_lazy("Date on the proof"))
    proof_note = forms.CharField(label=gettext_lazy("Note on the proof"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The act's own questions first.
        self.order_fields([name for name in self.fields if not name.startswith("proof")])

    def clean_proof_day(self) -> Any:
        return not_in_the_future(self.cleaned_data["proof_day"])

    def proven(self) -> Proof | None:
        sent = self.said("proof")
        return sent.proof(proof_note(self.cleaned_data)) if sent else None


def proof_note(said: dict[str, Any]) -> str:
    """Return way and day of a proof, and the note, as one text."""
    parts = [str(CHANNELS.get(said.get("proof_channel", ""), "")), str(said.get("proof_day") or "")]
    return ": ".join(filter(None, [", ".join(filter(None, parts)), said.get("proof_note", "")]))


def not_in_the_future(day: Any) -> Any:
    """Return the day. Raises ValidationError: it has begun nowhere on earth."""
    if day and day > clock.now().date() + dt.timedelta(days=1):
        raise forms.ValidationError(_("This day is in the future."))
    return day


def content_of(case: Any) -> dict[str, Any]:
    """Return the letter of a case of either side as plain values; what came from outside may lack anything."""
    if isinstance(case, ShortMachine):
        case = case.item
    if case.KIND == "item":
        case = case.outgoing or case.incoming
    if case.KIND == "incoming":
        found = case.content
    else:
        found = case.approved_version.content if case.approved_version_id else {}
    return found if isinstance(found, dict) else {}


def cited(content: dict[str, Any]) -> list[str]:
    """Return the codes of the instruments that a letter cites, in its order."""
    bases = content.get("bases")
    found = [basis.get("instrument") for basis in bases if isinstance(basis, dict)] if isinstance(bases, list) else []
    return list(dict.fromkeys(code for code in found if isinstance(code, str)))


def ground_choices(content: dict[str, Any]) -> list[Any]:
    """Return the coded grounds: first those that the cited instruments know, each with its articles; then the others.

    What is to be confirmed says so. The list informs; whether a ground is given is the reader's to judge.
    """
    codes = cited(content)
    names = dict(Instrument.objects.filter(code__in=codes).values_list("code", "short_name"))
    known: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    for ground in RefusalGround.objects.order_by("name"):
        articles = [f"{names.get(code, code)} {ground.articles[code]}" for code in codes if code in ground.articles]
        name = house_words(ground.name)
        label = f"{name} ({', '.join(articles)})" if articles else name
        if ground.to_be_confirmed:
            label = _("%(ground)s · to be confirmed") % {"ground": label}
        (known if articles else others).append((ground.code, label))
    groups: list[Any] = [("", _("Choose a ground"))]
    if known:
        groups.append((_("Known to the instruments that the letter cites"), known))
    if others:
        groups.append((_("Other grounds"), others))
    return groups


class GroundForm(ActForm):
    ground = forms.ChoiceField(label=gettext_lazy("Ground"))
    article = forms.CharField(
        label=gettext_lazy("Article"),
        max_length=120,
        help_text=gettext_lazy("As the instrument or your own law numbers it, such as UNCAC 46(21)(d)."),
    )
    reason = words(gettext_lazy("Reasons"), help_text=gettext_lazy("The requesting State reads this."))

    def build(self) -> None:
        self.fields["ground"].choices = ground_choices(content_of(self.case))  # type: ignore[attr-defined]
        if isinstance(self.case, RequestedItem) and self.case.incoming_id and (said := denied_words(self.case)):
            self.initial.setdefault("reason", said)
        if isinstance(self.case, RequestedItem) and self.case.outgoing_id:
            # Their paper may name none.
            self.fields["article"].required = False


def denied_words(item: RequestedItem) -> str:
    """Return why a court denied the order for an item of a request in, to begin the reasons with; empty: it did not."""
    orders = CourtOrder.objects.filter(incoming=item.incoming_id).order_by("-id")
    last = next((order for order in orders if order.concerns(item.key)), None)
    if last is None or last.state != CourtOrder.State.DENIED or last.decided_on is None:
        return ""
    words = {"court": last.court, "what": last.kind_words, "day": day_words(last.decided_on), "why": last.reason}
    return _("%(court)s denied the order (%(what)s) on %(day)s: %(why)s") % words


def impossible_choices(outcome: str, content: dict[str, Any]) -> list[Any]:
    """Return the coded reasons why an item ends without a result, or without the whole: `outcome` is its status then.

    Of a partial execution the rest may be refused too: then the grounds follow. What is to be confirmed says so.
    """
    reasons = [
        (
            one.code,
            _("%(ground)s · to be confirmed") % {"ground": house_words(one.name)}
            if one.to_be_confirmed
            else house_words(one.name),
        )
        for one in impossible_reasons().values()
        if outcome in one.outcomes
    ]
    empty = ("", _("Choose a reason") if outcome == "impossible" else _("not said"))
    if outcome != "partially_executed":
        return [empty, *reasons]
    refused = [group for group in ground_choices(content) if group[0]]
    return [empty, (_("It could not be done"), reasons), *refused]


class WithoutResultForm(ActForm):
    """Why an item ends without a result, or without the whole: coded, with its article, and in words."""

    #: The status that the item ends in.
    outcome = ""
    ground = forms.ChoiceField(label=gettext_lazy("Reason"))
    article = forms.CharField(
        label=gettext_lazy("Article"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Where a provision says so, such as that on how long data are kept."),
    )
    reason = words(gettext_lazy("What was done, and what not"))

    def build(self) -> None:
        self.fields["ground"].choices = impossible_choices(self.outcome, content_of(self.case))  # type: ignore[attr-defined]
        self.fields["ground"].required = self.outcome == "impossible"


class ImpossibleForm(WithoutResultForm):
    outcome = "impossible"


class NotHeldForm(WithoutResultForm):
    outcome = "not_held"


class PartlyForm(WithoutResultForm):
    outcome = "partially_executed"


def day_words(day: dt.date) -> str:
    """Return a day as every page writes it: 9 May 2026."""
    return date_format(day, "j M Y")


def decision_words(item: RequestedItem) -> str:
    """Return how an item stands, with the coded ground and the article of what was decided."""
    ground = house_words(reason_names().get(item.ground, item.ground)) if item.ground else ""
    return "; ".join(filter(None, [str(item.get_status_display()), ground, item.article]))


def event_words(code: str) -> str:
    """Return an event of an execution in words; one that the data file does not have as it came."""
    known = progress_events().get(code)
    return house_words(known.name) if known else code


def event_choices(empty: Any) -> list[tuple[str, str]]:
    """Return the events of an execution, after an empty choice."""
    return [("", str(empty)), *((one.code, house_words(one.name)) for one in progress_events().values())]


def has_point(case: Any, given: str) -> bool:
    """Tell whether a question of the case, open or answered, has this identifier."""
    try:
        return bool(case.openpoint_set.filter(point_id=UUID(given)).exists())
    except ValueError:
        return False


def has_item(case: Any, given: str) -> bool:
    return given in set(case.items.values_list("key", flat=True))


def open_points(case: Any, kind: str) -> list[OpenPoint]:
    return list(case.openpoint_set.filter(kind=kind, answered_at=None).order_by("id"))


class PointForm(ActForm):
    """An answer to one open question."""

    point = forms.ChoiceField(label=gettext_lazy("Question"), widget=forms.RadioSelect)
    answer = words(gettext_lazy("Answer"), rows=8)
    names = {"point": "question"}

    def known(self, name: str, given: str) -> bool:
        return has_point(self.case, given)

    def build(self) -> None:
        points = open_points(self.case, OpenPoint.Kind.INFORMATION)
        self.fields["point"].choices = [(str(point.point_id), _question(point)) for point in points]  # type: ignore[attr-defined]
        if len(points) == 1:
            self.initial.setdefault("point", str(points[0].point_id))


def _question(point: OpenPoint) -> str:
    if point.due is None:
        return point.question
    return _("%(question)s (answer wished by %(due)s)") % {"question": point.question, "due": day_words(point.due)}


def item_label(case: Any, key: str, measure: str) -> str:
    """Return an item in words: its identifier and the name of its measure."""
    known = measure_catalogue().get(measure)
    return f"{key} · {house_words(known.name) if known else measure}"


def item_choices(case: Any, statuses: Iterable[str]) -> list[tuple[str, str]]:
    rows = case.items.filter(status__in=list(statuses)).order_by("id")
    return [(row.key, item_label(case, row.key, row.measure)) for row in rows]
