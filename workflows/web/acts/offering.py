"""Acts about information that is given without a request, on both sides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.files import file_store
from mla.reference.offering import DEFENCE, uses
from workflows.lifecycle.models import SpontaneousIn, SpontaneousOut
from workflows.lifecycle.models.spontaneous import Spontaneous
from workflows.lifecycle.services import spontaneous as services
from workflows.lifecycle.services.complements import Supplied
from workflows.lifecycle.services.outgoing_course import EvidenceFile
from workflows.web.acts import ActForm, ActScreen, ReasonForm, register_screens
from workflows.web.acts import incoming as inward
from workflows.web.acts import outgoing_course as outward
from workflows.web.acts.blocks import coded_choices
from workflows.web.acts.fields import ProofForm, as_seen, content_of, day_field, not_in_the_future, words
from workflows.web.uploads import LARGEST_EVIDENCE, ManyUploadsField


def leaving(row: Any) -> list[tuple[Any, Any]]:
    """Return who is told of an act on a row of either side, as pairs of words."""
    case = row.case
    return outward.leaving(case) if case.KIND == "outgoing" else inward.leaving(case)


def condition_facts(row: Spontaneous) -> list[tuple[Any, Any]]:
    """Return the conditions that the offer sets, as pairs of words; that it sets none."""
    found = [(one.kind_words, format_html("<bdi>{}</bdi>", one.text)) for one in row.conditions()]
    return found or [(_("Conditions"), _("none are set"))]


def _told_and_bound(row: Spontaneous) -> list[tuple[Any, Any]]:
    return leaving(row) + condition_facts(row)


class AcceptForm(ActForm):
    answer = words(gettext_lazy("What is said with it"), required=False)


class NotedAcceptForm(AcceptForm, ProofForm):
    pass


class DeclineForm(ActForm):
    reason = words(gettext_lazy("Reason"), help_text=gettext_lazy("The other State reads this."))


class NotedDeclineForm(ProofForm):
    reason = words(gettext_lazy("Their reason"))


class InformationForm(ActForm):
    words = words(gettext_lazy("The information in words"), rows=8, required=False)
    evidence = ManyUploadsField(
        label=gettext_lazy("Files"),
        largest=LARGEST_EVIDENCE,
        required=False,
        help_text=gettext_lazy("Each is kept under its hash and never changed."),
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("evidence") and not said.get("words") and "evidence" not in self.errors:
            self.add_error("words", _("Attach the files, or write the information."))
        return said


class GiveForm(InformationForm):
    use_limits = words(
        gettext_lazy("Limits of use"),
        rows=2,
        required=False,
        help_text=gettext_lazy("Left empty: the conditions that were accepted."),
    )
    reason = words(gettext_lazy("Why it is given although it was declined"), rows=3)

    def build(self) -> None:
        if self.case.status != "declined":  # type: ignore[attr-defined]
            del self.fields["reason"]


class UseForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("What was done with it"))
    on = day_field(gettext_lazy("On which day"))
    words = words(gettext_lazy("In words"), required=False)
    exculpatory = forms.BooleanField(
        label=gettext_lazy("It is disclosed because it speaks for an accused person"),
        required=False,
        help_text=gettext_lazy(
            "No condition prevents this; the State that gave it is told before, where that is possible, and consulted if "
            "it asks (UNTOC 18(5), UNCAC 46(5)). The day may then lie ahead."
        ),
    )

    def build(self) -> None:
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose a use")),
            *coded_choices(uses(), content_of(self.case.case)),  # type: ignore[attr-defined]
        ]
        self.initial.setdefault("on", clock.now().date())

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("kind") == DEFENCE:
            said["exculpatory"] = True
        if said.get("on") and not said.get("exculpatory"):
            try:
                not_in_the_future(said["on"])
            except forms.ValidationError as error:
                self.add_error("on", error)
        return said

    def use(self) -> dict[str, Any]:
        return {name: self.said(name) for name in ("kind", "on", "words", "exculpatory")}


class NotedUseForm(UseForm, ProofForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if not name.startswith("proof")])


class RequestForm(ActForm):
    reference = forms.CharField(
        label=gettext_lazy("Reference of the request"),
        max_length=120,
        help_text=gettext_lazy("Theirs or yours; it is linked where it stands in your register."),
    )


class CloseForm(ReasonForm):
    def build(self) -> None:
        row: Any = self.case
        self.fields["reason"].required = not (row.status == "declined" or row.told_in_letter or row.given_at)


def _note_acceptance(row: SpontaneousOut, by: Actor, form: NotedAcceptForm) -> None:
    answer, proof = form.said("answer"), form.proven()
    as_seen(
        form,
        lambda: services.spontaneous_note_acceptance(spontaneous=row, by=by, answer=answer, proof=proof),
    )


def _note_decline(row: SpontaneousOut, by: Actor, form: NotedDeclineForm) -> None:
    reason, proof = form.said("reason"), form.proven()
    as_seen(
        form,
        lambda: services.spontaneous_note_decline(spontaneous=row, by=by, reason=reason, proof=proof),
    )


def _give(row: SpontaneousOut, by: Actor, form: GiveForm) -> None:
    def give() -> SpontaneousOut:
        files = [
            Supplied(sent.name, sent.media_type, sent.content, use_limits=form.said("use_limits"))
            for sent in form.said("evidence")
        ]
        return services.spontaneous_give(
            spontaneous=row, by=by, words=form.said("words"), files=files, reason=form.said("reason") or ""
        )

    as_seen(form, give)


def _note_use(row: SpontaneousOut, by: Actor, form: NotedUseForm) -> None:
    as_seen(
        form, lambda: services.spontaneous_note_use(spontaneous=row, by=by, proof=form.proven(), **form.use())
    )  # fmt: skip


def _note_request(row: SpontaneousOut, by: Actor, form: RequestForm) -> None:
    reference = form.said("reference")
    as_seen(form, lambda: services.spontaneous_note_request(spontaneous=row, by=by, reference=reference))


def _accept(row: SpontaneousIn, by: Actor, form: AcceptForm) -> None:
    as_seen(form, lambda: services.spontaneous_accept(spontaneous=row, by=by, answer=form.said("answer")))


def _decline(row: SpontaneousIn, by: Actor, form: DeclineForm) -> None:
    as_seen(form, lambda: services.spontaneous_decline(spontaneous=row, by=by, reason=form.said("reason")))


def _note_information(row: SpontaneousIn, by: Actor, form: InformationForm) -> None:
    def note() -> SpontaneousIn:
        files = []
        for sent in form.said("evidence"):
            kept = file_store(sent.content)
            files.append(EvidenceFile(sent.name, sent.media_type, kept.size, kept.sha256))
        return services.spontaneous_note_information(spontaneous=row, by=by, words=form.said("words"), files=files)

    as_seen(form, note)


def _use(row: SpontaneousIn, by: Actor, form: UseForm) -> None:
    as_seen(form, lambda: services.spontaneous_use(spontaneous=row, by=by, **form.use()))


def _follow(row: SpontaneousIn, by: Actor, form: ActForm) -> None:
    letter = as_seen(form, lambda: services.letter_start_from_information(spontaneous=row, by=by))
    words = {"title": letter.letter.title}
    form.told = _("The letter “%(title)s” is begun. Look over what was taken over, and write what is asked.") % words  # type: ignore[attr-defined]


def _close(row: Spontaneous, by: Actor, form: CloseForm) -> None:
    as_seen(form, lambda: services.spontaneous_close(spontaneous=row, by=by, reason=form.said("reason")))


_CLOSE = ActScreen(
    button=gettext_lazy("Close the information"),
    run=_close,
    form=CloseForm,
    explain=gettext_lazy("Conditions that were accepted go on to bind; nobody outside is told."),
    beside=True,
)

register_screens(
    "spontaneous_out",
    {
        "note_acceptance": ActScreen(
            button=gettext_lazy("Record that they accept the information"),
            run=_note_acceptance,
            form=NotedAcceptForm,
            explain=gettext_lazy("The conditions bind them from then on; the information itself can be given."),
            facts=condition_facts,
        ),
        "note_decline": ActScreen(
            button=gettext_lazy("Record that they decline the information"),
            run=_note_decline,
            form=NotedDeclineForm,
            explain=gettext_lazy("Whether it is given nevertheless is then yours to decide; no condition would bind."),
            grave=True,
            facts=condition_facts,
        ),
        "give": ActScreen(
            button=gettext_lazy("Give the information"),
            run=_give,
            form=GiveForm,
            explain=gettext_lazy("It leaves the house at once, and cannot be called back."),
            leaves=True,
            recent=True,
            facts=_told_and_bound,
        ),
        "note_use": ActScreen(
            button=gettext_lazy("Record what they did with it"),
            run=_note_use,
            form=NotedUseForm,
            explain=gettext_lazy("For what they told on paper."),
        ),
        "note_request": ActScreen(
            button=gettext_lazy("Note a request of theirs that follows"),
            run=_note_request,
            form=RequestForm,
            explain=gettext_lazy("Two cases, linked and never merged; nobody outside is told."),
            beside=True,
        ),
        "close": _CLOSE,
    },
)

register_screens(
    "spontaneous_in",
    {
        "accept": ActScreen(
            button=gettext_lazy("Accept the information"),
            run=_accept,
            form=AcceptForm,
            explain=gettext_lazy("The conditions bind your authorities from then on; the other State is told."),
            leaves=True,
            recent=True,
            facts=_told_and_bound,
        ),
        "decline": ActScreen(
            button=gettext_lazy("Decline the information"),
            run=_decline,
            form=DeclineForm,
            explain=gettext_lazy("The other State is told your reason, and decides whether it gives it nevertheless."),
            leaves=True,
            grave=True,
            facts=_told_and_bound,
        ),
        "note_information": ActScreen(
            button=gettext_lazy("Take the information into the file"),
            run=_note_information,
            form=InformationForm,
            explain=gettext_lazy("For what came on paper; its files become evidence of this file."),
            facts=condition_facts,
        ),
        "use": ActScreen(
            button=gettext_lazy("Tell what was done with the information"),
            run=_use,
            form=UseForm,
            explain=gettext_lazy("The State that gave it is told; each use is told by itself."),
            leaves=True,
            facts=_told_and_bound,
        ),
        "follow": ActScreen(
            button=gettext_lazy("Prepare the request that follows"),
            run=_follow,
            explain=gettext_lazy(
                "A letter is begun that cites the information. It is a draft, and nobody outside is told."
            ),
            facts=condition_facts,
        ),
        "close": _CLOSE,
    },
)
