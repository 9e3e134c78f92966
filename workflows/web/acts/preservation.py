"""Acts of preservations: what we asked another State to keep, and what we keep for one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.reference.models import Jurisdiction
from workflows.documents import formats
from workflows.lifecycle.models import PreservationIn, PreservationOut, PreservationPoint
from workflows.lifecycle.services import preservation as keep
from workflows.lifecycle.services.preservation import Kept, OtherProvider
from workflows.web.acts import ActForm, ActScreen, ReasonForm, register_screens
from workflows.web.acts.fields import GroundForm, ProofForm, as_seen, day_field, item_label
from workflows.web.acts.fields import words as prose

_UNTIL_HELP = gettext_lazy("The last day; it counts to its end in the State that keeps the data.")


def _day(day: dt.date) -> str:
    return formats.day(day, get_language() or "en")


class ServeForm(ActForm):
    on = day_field(gettext_lazy("Served on"))
    whom = forms.CharField(label=gettext_lazy("Provider on whom"), max_length=300)

    def build(self) -> None:
        self.initial.setdefault("on", clock.now().date())


class KeptForm(ActForm):
    """From when until when, all or a part. How long the treaty has them kept at least is told, where it is certain."""

    preserved_from = day_field(gettext_lazy("Kept from"))
    until = day_field(gettext_lazy("Kept until"), help_text=_UNTIL_HELP)
    extent = forms.ChoiceField(
        label=gettext_lazy("What is kept"), choices=PreservationIn.Extent.choices, initial="all",
        widget=forms.RadioSelect,
    )  # fmt: skip
    reference = forms.CharField(
        label=gettext_lazy("Reference of the preservation"), max_length=120, required=False,
        help_text=gettext_lazy("The requesting State names it in the request for the data."),
    )  # fmt: skip
    rule = forms.CharField(label=gettext_lazy("Article that sets the least time"), max_length=60, required=False)
    words = prose(
        gettext_lazy("What is kept, and what not"), required=False,
        help_text=gettext_lazy("Needed where only a part is kept, or for less time than the treaty says."),
    )  # fmt: skip

    def build(self) -> None:
        least = self.case.least  # type: ignore[attr-defined]
        today = clock.now().date()
        self.initial.setdefault("preserved_from", self.case.served_on or today)  # type: ignore[attr-defined]
        if least is not None:
            words = {"article": least.article, "days": str(least.days)}
            self.fields["until"].help_text = _("The last day. %(article)s: at least %(days)s days from today.") % words
            self.initial.setdefault("rule", least.article)


class NotedKeptForm(ProofForm):
    preserved_from = day_field(gettext_lazy("Kept from"))
    until = day_field(gettext_lazy("Kept until"), help_text=_UNTIL_HELP)
    extent = forms.ChoiceField(
        label=gettext_lazy("What is kept"), choices=PreservationOut.Extent.choices, initial="all",
        widget=forms.RadioSelect,
    )  # fmt: skip
    reference = forms.CharField(label=gettext_lazy("Their reference of it"), max_length=120, required=False)
    rule = forms.CharField(label=gettext_lazy("Article that they name"), max_length=60, required=False)
    words = prose(gettext_lazy("What is kept, and what not"), required=False)


class NotedReasonForm(ProofForm):
    reason = prose(gettext_lazy("What they say"))


class NotedReleaseForm(ProofForm):
    reason = prose(gettext_lazy("What they say"), required=False)


class NotedRefusalForm(GroundForm, ProofForm):
    def build(self) -> None:
        super().build()
        # Their paper may name neither.
        self.fields["article"].required = self.fields["reason"].required = False


class QuestionForm(ActForm):
    question = prose(
        gettext_lazy("Why it cannot be kept without the person learning of it"),
        help_text=gettext_lazy("The requesting State reads this, and says whether to go on."),
    )
    due = day_field(gettext_lazy("Answer wished by"), required=False)


class NotedQuestionForm(ProofForm):
    question = prose(gettext_lazy("What they ask"))
    due = day_field(gettext_lazy("Answer wished by"), required=False)


class AnswerForm(ActForm):
    answer = prose(gettext_lazy("Answer"), required=False)


class WishForm(ActForm):
    until = day_field(gettext_lazy("Until when you wish it"), help_text=gettext_lazy("They set the day."))
    reason = prose(gettext_lazy("Why it takes longer"))


class ExtensionForm(ActForm):
    until = day_field(gettext_lazy("Kept until"), help_text=_UNTIL_HELP)
    words = prose(gettext_lazy("Words to the requesting State"), required=False)

    def build(self) -> None:
        asked = self.case.open_point(PreservationPoint.Kind.EXTENSION)  # type: ignore[attr-defined]
        if asked is not None and asked.wanted_until:
            self.initial.setdefault("until", asked.wanted_until)


class NotedExtensionForm(ProofForm):
    until = day_field(gettext_lazy("Kept until"), help_text=_UNTIL_HELP)
    words = prose(gettext_lazy("What they say"), required=False)


class ReceivedWishForm(ActForm):
    until = day_field(gettext_lazy("Until when they wish it"), required=False)
    words = prose(gettext_lazy("What they say"), required=False)


class ReceivedWordsForm(ActForm):
    reason = prose(gettext_lazy("What they say"), required=False)


class HoldForm(ActForm):
    reference = forms.CharField(
        label=gettext_lazy("Reference of the request for the data"), max_length=120,
        help_text=gettext_lazy("For one that came by another way; one that names the preservation holds it by itself."),
    )  # fmt: skip


class NotedHoldForm(ProofForm):
    reference = forms.CharField(
        label=gettext_lazy("Under which reference they have the request"), max_length=120, required=False
    )


def _states() -> list[tuple[str, Any]]:
    language = get_language() or "en"
    rows = ((row.code, row.name(language)) for row in Jurisdiction.objects.all())
    named = sorted(rows, key=lambda row: row[1])
    return [("", _("not known")), *((code, f"{name} ({code})") for code, name in named)]


class ProviderForm(ActForm):
    """Another provider that took part in the transmission (Budapest 30)."""

    provider = forms.CharField(label=gettext_lazy("Provider"), max_length=300)
    jurisdiction = forms.ChoiceField(label=gettext_lazy("State of that provider"), required=False)
    contact = forms.CharField(
        label=gettext_lazy("Where it is reached"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    words = prose(
        gettext_lazy("What shows it"), required=False,
        help_text=gettext_lazy("As much of the traffic data as identifies the provider and the path, no more."),
    )  # fmt: skip

    def build(self) -> None:
        self.fields["jurisdiction"].choices = _states()  # type: ignore[attr-defined]


class NotedProviderForm(ProviderForm, ProofForm):
    pass


class ElsewhereForm(ActForm):
    point = forms.ChoiceField(label=gettext_lazy("Provider"), widget=forms.RadioSelect)
    names = {"point": "provider"}

    def known(self, name: str, given: str) -> bool:
        return any(str(one.point_id) == given for one in self.case.points)  # type: ignore[attr-defined]

    def build(self) -> None:
        rows = [one for one in self.case.points if one.kind == "provider" and not one.answered_at]  # type: ignore[attr-defined]
        choices = [(str(one.point_id), " · ".join(filter(None, (one.provider, one.jurisdiction)))) for one in rows]
        self.fields["point"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.initial.setdefault("point", choices[0][0])


class LapseForm(ActForm):
    reason = prose(gettext_lazy("Note"), required=False)


def facts(row: Any) -> list[tuple[Any, Any]]:
    found = [
        (_("Item"), item_label(row.case, row.item.key, row.item.measure)),
        (_("Request"), str(row.case)),
        (_("Status"), row.get_status_display()),
    ]
    if row.until:
        found.append((_("Kept until"), _day(row.until)))
    return [*found, *((kind_words(one), one.words) for one in row.points if not one.answered_at and one.words)]


def kind_words(point: PreservationPoint) -> str:
    return capfirst(str(point.get_kind_display()))


def _said(form: Any, *names: str) -> dict[str, Any]:
    return {name: form.said(name) for name in names if name in form.fields}


def _kept(form: Any) -> Kept:
    return Kept(**_said(form, "preserved_from", "until", "extent", "words", "reference", "rule"))


Doer = Callable[[Any, Actor, Any], Any]


def _note(act: str, *names: str) -> Doer:
    def run(row: PreservationOut, by: Actor, form: Any) -> None:
        said = _said(form, *names)
        as_seen(
            form,
            lambda: keep.preservation_out_note(preservation=row, act=act, by=by, proof=form.proven(), **said),
        )

    return run


def _note_kept(row: PreservationOut, by: Actor, form: Any) -> None:
    as_seen(
        form,
        lambda: keep.preservation_out_note_preserved(preservation=row, by=by, kept=_kept(form), proof=form.proven()),
    )


def _do(service: Callable[..., Any], *names: str) -> Doer:
    def run(row: Any, by: Actor, form: Any) -> None:
        as_seen(form, lambda: service(preservation=row, by=by, **_said(form, *names)))

    return run


def _receive(act: str, *names: str) -> Doer:
    def run(row: PreservationIn, by: Actor, form: Any) -> None:
        as_seen(form, lambda: keep.preservation_in_receive(preservation=row, act=act, by=by, **_said(form, *names)))

    return run


def _preserve(row: PreservationIn, by: Actor, form: Any) -> None:
    as_seen(form, lambda: keep.preservation_in_preserve(preservation=row, by=by, kept=_kept(form)))


def _tell_provider(row: PreservationIn, by: Actor, form: Any) -> None:
    other = OtherProvider(**_said(form, "provider", "jurisdiction", "contact", "words"))
    as_seen(form, lambda: keep.preservation_in_tell_provider(preservation=row, by=by, other=other))


def _elsewhere(row: PreservationOut, by: Actor, form: Any) -> None:
    point = UUID(form.said("point"))
    as_seen(form, lambda: keep.preservation_out_begin_elsewhere(preservation=row, by=by, point=point))
    form.told = _("The letter is begun; it stands with the linked cases.")


_NOTED = gettext_lazy("For what came on paper; nobody outside is told.")
_TOLD = gettext_lazy("The requesting State is told at once.")
_ASKED = gettext_lazy("The requested State is told at once.")


def _screen(button: Any, run: Doer, form: type[ActForm], explain: Any, **more: Any) -> ActScreen:
    leaves = explain in (_TOLD, _ASKED)
    return ActScreen(button=button, run=run, form=form, explain=explain, facts=facts, leaves=leaves, **more)


register_screens(
    "preservation_out",
    {
        "note_preserved": _screen(gettext_lazy("Record that the data are kept"), _note_kept, NotedKeptForm, _NOTED),
        "note_none": _screen(
            gettext_lazy("Record that nothing is held"), _note("note_none", "reason"), NotedReasonForm, _NOTED
        ),
        "note_refusal": _screen(
            gettext_lazy("Record that it is refused"), _note("note_refusal", "ground", "article", "reason"),
            NotedRefusalForm, _NOTED, grave=True,
        ),
        "note_tipping_off": _screen(
            gettext_lazy("Record that they ask whether to go on"), _note("note_tipping_off", "question", "due"),
            NotedQuestionForm, _NOTED, beside=True,
        ),
        "go_on": _screen(
            gettext_lazy("Go on, although the person may learn of it"), _do(keep.preservation_out_go_on, "answer"),
            AnswerForm, _ASKED,
        ),
        "withdraw": _screen(
            gettext_lazy("Withdraw the preservation"), _do(keep.preservation_out_withdraw, "reason"), ReasonForm,
            _ASKED, grave=True,
        ),
        "ask_extension": _screen(
            gettext_lazy("Ask for an extension"), _do(keep.preservation_out_ask_extension, "until", "reason"), WishForm,
            _ASKED,
        ),
        "note_extension": _screen(
            gettext_lazy("Record an extension"), _note("note_extension", "until", "words"), NotedExtensionForm, _NOTED,
        ),
        "note_extension_refused": _screen(
            gettext_lazy("Record that the extension is refused"), _note("note_extension_refused", "reason"),
            NotedReasonForm, _NOTED,
        ),
        "note_hold": _screen(
            gettext_lazy("Record that they hold it until the request is decided"), _note("note_hold", "reference"),
            NotedHoldForm, _NOTED,
        ),
        "note_provider": _screen(
            gettext_lazy("Record another provider that came to light"),
            _note("note_provider", "provider", "jurisdiction", "contact", "words"), NotedProviderForm, _NOTED,
            beside=True,
        ),
        "begin_elsewhere": _screen(
            gettext_lazy("Begin a preservation with the other provider"), _elsewhere, ElsewhereForm,
            gettext_lazy("A new letter begins, linked to this case, with what was asked here. Its legal basis is chosen anew."),
        ),
        "release": _screen(
            gettext_lazy("Release the data"), _do(keep.preservation_out_release, "reason"), ReasonForm, _ASKED,
            grave=True,
        ),
        "note_released": _screen(
            gettext_lazy("Record that they released the data"), _note("note_released", "reason"), NotedReleaseForm,
            _NOTED, grave=True,
        ),
        "lapse": _screen(
            gettext_lazy("Record that it lapsed"), _do(keep.preservation_out_lapse, "reason"), LapseForm,
            gettext_lazy("The last day is over and no extension is known. One that comes later can still be recorded."),
            grave=True,
        ),
    },
)  # fmt: skip

register_screens(
    "preservation_in",
    {
        "serve": _screen(
            gettext_lazy("Record that it was served on the provider"), _do(keep.preservation_in_serve, "on", "whom"),
            ServeForm, gettext_lazy("Stays inside: the requesting State learns when the data are kept."),
        ),
        "preserve": _screen(gettext_lazy("The data are kept"), _preserve, KeptForm, _TOLD),
        "find_none": _screen(
            gettext_lazy("Nothing is held"), _do(keep.preservation_in_find_none, "reason"), ReasonForm, _TOLD
        ),
        "refuse": _screen(
            gettext_lazy("Refuse the preservation"),
            _do(keep.preservation_in_refuse, "ground", "article", "reason"), GroundForm, _TOLD, grave=True,
        ),
        "ask_tipping_off": _screen(
            gettext_lazy("Ask whether to go on: the person would learn of it"),
            _do(keep.preservation_in_ask_tipping_off, "question", "due"), QuestionForm, _TOLD, beside=True,
        ),
        "extend": _screen(
            gettext_lazy("Extend the preservation"), _do(keep.preservation_in_extend, "until", "words"), ExtensionForm,
            _TOLD,
        ),
        "refuse_extension": _screen(
            gettext_lazy("Refuse the extension"), _do(keep.preservation_in_refuse_extension, "reason"), ReasonForm,
            _TOLD, grave=True,
        ),
        "hold": _screen(
            gettext_lazy("Keep it until the request is decided"), _do(keep.preservation_in_hold, "reference"), HoldForm,
            _TOLD, beside=True,
        ),
        "tell_provider": _screen(
            gettext_lazy("Tell another provider that came to light"), _tell_provider, ProviderForm, _TOLD, beside=True,
        ),
        "release": _screen(
            gettext_lazy("Release the data"), _do(keep.preservation_in_release, "reason"), ReasonForm, _TOLD,
            grave=True,
        ),
        "lapse": _screen(
            gettext_lazy("Record that it lapsed"), _do(keep.preservation_in_lapse, "reason"), LapseForm,
            gettext_lazy("The last day is over. An extension makes it live again while data are there."), grave=True,
        ),
        "receive_go_on": _screen(
            gettext_lazy("Record that they want it to go on"), _receive("receive_go_on", "answer"), AnswerForm, _NOTED,
        ),
        "receive_withdrawal": _screen(
            gettext_lazy("Record that they withdraw it"), _receive("receive_withdrawal", "reason"), ReceivedWordsForm,
            _NOTED, grave=True, beside=True,
        ),
        "receive_extension_request": _screen(
            gettext_lazy("Record that they ask for an extension"),
            _receive("receive_extension_request", "until", "words"), ReceivedWishForm, _NOTED, beside=True,
        ),
        "receive_release": _screen(
            gettext_lazy("Record that they need it no longer"), _receive("receive_release", "reason"),
            ReceivedWordsForm, _NOTED, grave=True, beside=True,
        ),
    },
)  # fmt: skip
