"""Acts on the transfer of a person in custody: the same on both sides, done by the State that holds the person or noted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.reference.custody import custody_codes
from mla.reference.models import Jurisdiction
from workflows.lifecycle.models.custody_rows import ARRANGED
from workflows.lifecycle.services import custody
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.emergency_disclosure import choices_of
from workflows.web.acts.fields import ProofForm, as_seen, day_field, day_words, not_in_the_future, words
from workflows.web.acts.incoming import leaving
from workflows.web.acts.outgoing_course import leaving as leaving_out


class HappenedForm(ActForm):
    """What happened on a day, which is not to come."""

    on = day_field(gettext_lazy("On"))

    def clean_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["on"])


class ConsentForm(HappenedForm):
    taken_by = forms.CharField(label=gettext_lazy("Taken by"), max_length=300)
    before = forms.ChoiceField(label=gettext_lazy("Before whom"))
    words = words(
        gettext_lazy("How the person consented"),
        rows=3,
        required=False,
        help_text=gettext_lazy("Whether counsel was there, and what the person was told before."),
    )

    def build(self) -> None:
        rows = custody_codes("before")
        self.fields["before"].choices = choices_of(rows, self.case.case, _("Choose before whom"))  # type: ignore[attr-defined]


class NoConsentForm(HappenedForm):
    words = words(gettext_lazy("What the person said"), rows=3, required=False)


class DeclineTransferForm(ActForm):
    ground = forms.ChoiceField(label=gettext_lazy("Ground"))
    article = forms.CharField(label=gettext_lazy("Article"), max_length=120, required=False)
    reason = words(gettext_lazy("Reasons"), help_text=gettext_lazy("The other State reads this."))

    def build(self) -> None:
        rows = custody_codes("decline")
        self.fields["ground"].choices = choices_of(rows, self.case.case, _("Choose a ground"))  # type: ignore[attr-defined]


class ArrangementsForm(ActForm):
    transfer_on = day_field(gettext_lazy("Day of the transfer"))
    transfer_place = forms.CharField(label=gettext_lazy("Place of the transfer"), max_length=300)
    return_on = day_field(
        gettext_lazy("Day of the return"),
        help_text=gettext_lazy("The last good day. Both sides are warned of it until the person is back."),
    )
    return_place = forms.CharField(label=gettext_lazy("Place of the return"), max_length=300)
    transit = forms.MultipleChoiceField(
        label=gettext_lazy("States of transit"),
        required=False,
        help_text=gettext_lazy("Where the person passes through in custody. None: none is chosen."),
    )
    custody_terms = words(gettext_lazy("Terms of custody"), help_text=gettext_lazy("Where and how the person is held."))
    time_credit = words(
        gettext_lazy("How the time counts"),
        rows=2,
        required=False,
        help_text=gettext_lazy("Towards the sentence where the person comes from, UNTOC 18(11)(d)."),
    )
    safe_conduct = words(
        gettext_lazy("Safe conduct"),
        rows=3,
        required=False,
        help_text=gettext_lazy("No pursuit for acts from before the departure, UNTOC 18(12), ETS 030 article 12."),
    )

    def build(self) -> None:
        language = get_language() or "en"
        states = sorted((one.name(language), one.code) for one in Jurisdiction.objects.all())
        self.fields["transit"].choices = [(code, name) for name, code in states]  # type: ignore[attr-defined]
        for name in ARRANGED:
            # Arrangements that are written anew begin with those that stand.
            if value := getattr(self.case, name):
                self.initial.setdefault(name, value)


class HandOverForm(HappenedForm):
    place = forms.CharField(label=gettext_lazy("Place"), max_length=300)
    handed_by = forms.CharField(label=gettext_lazy("Handed over by"), max_length=300)
    handed_to = forms.CharField(label=gettext_lazy("Handed over to"), max_length=300)


class WishForm(ActForm):
    on = day_field(gettext_lazy("Day of return that is wished"))
    reason = words(gettext_lazy("Reason"), rows=3)


class ExtendForm(ActForm):
    on = day_field(gettext_lazy("New day of return"))
    answer = words(gettext_lazy("What is said with it"), rows=3, required=False)

    def build(self) -> None:
        asked = self.case.open_extension  # type: ignore[attr-defined]
        if asked is not None:
            self.initial.setdefault("on", asked.wished_on)


class KeepForm(ActForm):
    answer = words(gettext_lazy("Why the agreed day stands"), rows=3)


class ReleaseForm(HappenedForm):
    why = forms.ChoiceField(label=gettext_lazy("Why"))
    words = words(gettext_lazy("In words"), rows=3, help_text=gettext_lazy("The other State sets the person free."))

    def build(self) -> None:
        rows = custody_codes("release")
        self.fields["why"].choices = choices_of(rows, self.case.case, _("Choose why"))  # type: ignore[attr-defined]


class NotedConsentForm(ConsentForm, ProofForm):
    pass


class NotedNoConsentForm(NoConsentForm, ProofForm):
    pass


class NotedDeclineTransferForm(DeclineTransferForm, ProofForm):
    pass


class NotedArrangementsForm(ArrangementsForm, ProofForm):
    pass


class NotedHandOverForm(HandOverForm, ProofForm):
    pass


class NotedWishForm(WishForm, ProofForm):
    pass


class NotedExtendForm(ExtendForm, ProofForm):
    pass


class NotedKeepForm(KeepForm, ProofForm):
    pass


class NotedReleaseForm(ReleaseForm, ProofForm):
    pass


def _said(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    proof = {"proof": form.proven()} if isinstance(form, ProofForm) else {}
    return {name: form.said(name) for name in names} | proof


def _do(act: str, *names: str) -> Any:
    def run(row: Any, by: Actor, form: Any) -> None:
        as_seen(form, lambda: custody.custody_act(custody=row, act=act, by=by, **_said(form, names)))

    return run


def _ask(row: Any, by: Actor, form: Any) -> None:
    as_seen(form, lambda: custody.custody_ask_extension(custody=row, by=by, **_said(form, ("on", "reason"))))


def _note_ask(row: Any, by: Actor, form: Any) -> None:
    as_seen(form, lambda: custody.custody_note_extension_asked(custody=row, by=by, **_said(form, ("on", "reason"))))


def _extend(act: str) -> Any:
    def run(row: Any, by: Actor, form: Any) -> None:
        said = _said(form, ("on", "answer"))
        as_seen(form, lambda: custody.custody_extend_return(custody=row, act=act, by=by, **said))

    return run


def _keep(act: str) -> Any:
    def run(row: Any, by: Actor, form: Any) -> None:
        said = _said(form, ("answer",))
        as_seen(form, lambda: custody.custody_refuse_extension(custody=row, act=act, by=by, **said))

    return run


def _told(row: Any) -> list[tuple[Any, Any]]:
    return leaving_out(row.case) if row.SIDE == "outgoing" else leaving(row.case)


def _told_of_return(row: Any) -> list[tuple[Any, Any]]:
    asked = row.open_extension
    days = [(_("Agreed day of return"), day_words(row.return_on) if row.return_on else "")]
    if asked is not None:
        days.append((_("Day of return that is wished"), f"{asked.wished_on}: {asked.reason}"))
    return [*days, *_told(row)]


_CONSENT, _MOVED = ("on", "taken_by", "before", "words"), ("on", "place", "handed_by", "handed_to")


def _screens(side: str) -> dict[str, ActScreen]:
    """Return the screens of one side. What the other State did is recorded with proof of a request out, as everywhere."""
    out = side == "outgoing"

    def noted(button: Any, run: Any, plain: type[ActForm], proven: type[ActForm]) -> ActScreen:
        return ActScreen(button, run, proven if out else plain, beside=True)

    def ours(button: Any, run: Any, form: type[ActForm], **more: Any) -> ActScreen:
        return ActScreen(button, run, form, leaves=True, **{"facts": _told} | more)

    return {
        "record_consent": ours(
            gettext_lazy("Record the consent of the person"), _do("record_consent", *_CONSENT), ConsentForm
        ),
        "record_no_consent": ours(
            gettext_lazy("Record that the person does not consent"),
            _do("record_no_consent", "on", "words"),
            NoConsentForm,
            grave=True,
            explain=gettext_lazy("Without the consent of the person there is no transfer, UNTOC 18(10)(a)."),
        ),
        "decline": ours(
            gettext_lazy("Decline the transfer"),
            _do("decline", "ground", "article", "reason"),
            DeclineTransferForm,
            grave=True,
        ),
        "agree_arrangements": ours(
            gettext_lazy("Write the arrangements"), _do("agree_arrangements", *ARRANGED), ArrangementsForm
        ),
        "record_transfer": ours(
            gettext_lazy("Record the hand-over of the person"), _do("record_transfer", *_MOVED), HandOverForm
        ),
        "record_return": ours(
            gettext_lazy("Record the return of the person"), _do("record_return", *_MOVED), HandOverForm
        ),
        "ask_extension": ours(
            gettext_lazy("Ask for a later day of return"),
            _ask,
            WishForm,
            facts=_told_of_return,
            explain=gettext_lazy("The agreed day stands until the State from which the person comes says another."),
        ),
        "extend_return": ours(
            gettext_lazy("Agree to a later day of return"), _extend("extend_return"), ExtendForm, facts=_told_of_return
        ),
        "refuse_extension": ours(
            gettext_lazy("Keep the agreed day of return"), _keep("refuse_extension"), KeepForm, facts=_told_of_return
        ),
        "release": ours(
            gettext_lazy("Waive the return: the person is released there"),
            _do("release", "on", "why", "words"),
            ReleaseForm,
            grave=True,
        ),
        "note_consent": noted(
            gettext_lazy("Record that the person consented there"),
            _do("note_consent", *_CONSENT),
            ConsentForm,
            NotedConsentForm,
        ),
        "note_no_consent": noted(
            gettext_lazy("Record that the person did not consent there"),
            _do("note_no_consent", "on", "words"),
            NoConsentForm,
            NotedNoConsentForm,
        ),
        "note_declined": noted(
            gettext_lazy("Record that the transfer is declined"),
            _do("note_declined", "ground", "article", "reason"),
            DeclineTransferForm,
            NotedDeclineTransferForm,
        ),
        "note_arrangements": noted(
            gettext_lazy("Record the arrangements"),
            _do("note_arrangements", *ARRANGED),
            ArrangementsForm,
            NotedArrangementsForm,
        ),
        "note_transfer": noted(
            gettext_lazy("Record that they wrote of the hand-over"),
            _do("note_transfer", *_MOVED),
            HandOverForm,
            NotedHandOverForm,
        ),
        "note_return": noted(
            gettext_lazy("Record that they wrote of the return"),
            _do("note_return", *_MOVED),
            HandOverForm,
            NotedHandOverForm,
        ),
        "note_extension_asked": noted(
            gettext_lazy("Record that they ask for a later day"), _note_ask, WishForm, NotedWishForm
        ),
        "note_extended": noted(
            gettext_lazy("Record that they agree to a later day"), _extend("note_extended"), ExtendForm, NotedExtendForm
        ),
        "note_extension_refused": noted(
            gettext_lazy("Record that the agreed day stands"), _keep("note_extension_refused"), KeepForm, NotedKeepForm
        ),
        "note_released": noted(
            gettext_lazy("Record that they waive the return"),
            _do("note_released", "on", "why", "words"),
            ReleaseForm,
            NotedReleaseForm,
        ),
    }


register_screens("custody_out", _screens("outgoing"))
register_screens("custody_in", _screens("incoming"))
