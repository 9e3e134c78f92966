"""Acts about joint investigation teams; the same on both sides."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.languages import house_words
from mla.reference.models import Jurisdiction
from mla.reference.offering import team_ends, team_roles
from workflows.lifecycle.models.team_rows import Kept, TakesPart, Terms
from workflows.lifecycle.models.teams import Team
from workflows.lifecycle.services import teams as services
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.blocks import BlocksForm
from workflows.web.acts.fields import ProofForm, as_seen, day_field, day_words, not_in_the_future, words
from workflows.web.acts.offering import DeclineForm, NotedDeclineForm, leaving
from workflows.web.uploads import UploadField

#: Rows for those who take part; a body with several persons is one row.
MOST = 8


def _kept(sent: Any) -> Kept | None:
    if not sent:
        return None
    return services.team_file(name=sent.name, media_type=sent.media_type, content=sent.content)


def agreement_facts(row: Team) -> list[tuple[Any, Any]]:
    """Return what the agreement says, as pairs of words: one reads it before one signs."""
    if not row.agreement_sha256:
        return []
    found: list[tuple[Any, Any]] = [
        (_("Agreement"), format_html("<bdi>{}</bdi>", row.agreement_name)),
        ("SHA-256", row.agreement_sha256),
        (_("From"), day_words(row.begins) if row.begins else ""),
        (_("Until"), day_words(row.until) if row.until else ""),
        (_("Purpose"), format_html("<bdi>{}</bdi>", row.purposes)),
        (_("Use of the evidence"), format_html("<bdi>{}</bdi>", row.evidence_rules)),
    ]
    members = [(f"{one.state}, {one.role_words}", format_html("<bdi>{}</bdi>", one.office)) for one in row.members()]
    return found + members


def _told(row: Team) -> list[tuple[Any, Any]]:
    return leaving(row) + agreement_facts(row)


class ProposalForm(ActForm):
    file = UploadField(label=gettext_lazy("Draft of the agreement"), required=False)
    words = words(
        gettext_lazy("Comment"), rows=6, required=False, help_text=gettext_lazy("The draft, a comment, or both.")
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not said.get("file") and not said.get("words") and "file" not in self.errors:
            self.add_error("words", _("Attach the draft, or write the comment."))
        return said


class NotedProposalForm(ProposalForm, ProofForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if not name.startswith("proof")])


class DayForm(ActForm):
    on = day_field(gettext_lazy("On which day"))

    def build(self) -> None:
        self.initial.setdefault("on", clock.now().date())

    def clean_on(self) -> Any:
        return not_in_the_future(self.cleaned_data["on"])


class SignForm(BlocksForm):
    """The first signature, with the agreement and what it says."""

    PARTS = ("state", "role", "office")
    MOST = MOST
    TITLE = gettext_lazy("Takes part, %(number)s")
    OFFICE: ClassVar[Any] = gettext_lazy("Which office of yours signed")

    def build(self) -> None:
        self.fields["agreement"] = UploadField(label=_("The agreement, as it was signed"))
        self.fields["on"] = day_field(_("Signed on"))
        self.fields["office"] = forms.CharField(label=self.OFFICE, max_length=300)
        self.fields["begins"] = day_field(_("The team works from"))
        self.fields["until"] = day_field(_("The team works until, this day included"))
        self.fields["purposes"] = words(_("Purpose of the team"))
        self.fields["evidence_rules"] = words(
            _("What its information and evidence may be used for"),
            help_text=_("It goes on to bind after the team has ended."),
        )
        states = self._states()
        roles = [("", _("Choose a role")), *((one.code, house_words(one.name)) for one in team_roles().values())]
        for number in range(1, MOST + 1):
            self.fields[f"state_{number}"] = forms.ChoiceField(label=_("State"), choices=states, required=False)
            self.fields[f"role_{number}"] = forms.ChoiceField(label=_("Role"), choices=roles, required=False)
            self.fields[f"office_{number}"] = forms.CharField(
                label=_("Office and function"), max_length=300, required=False
            )
        self.initial.setdefault("role_1", "leader")
        self.initial.setdefault("role_2", "leader")

    def _states(self) -> list[tuple[str, str]]:
        case: Any = self.case.case  # type: ignore[attr-defined]
        ours = case.authority.jurisdiction_id
        theirs = case.letter.requested_id if case.KIND == "outgoing" else case.requesting_id
        language = get_language() or "en"
        named = {one.pk: (one.code, str(one.name(language))) for one in Jurisdiction.objects.all()}
        self.initial.setdefault("state_1", named[ours][0])
        self.initial.setdefault("state_2", named[theirs][0])
        first = [named.pop(ours), named.pop(theirs)]
        return [("", _("Choose a State")), *first, *sorted(named.values(), key=lambda one: one[1])]

    def begun(self, number: int, fields: list[Any]) -> bool:
        return number == 2 or bool(fields[2].data) or any(field.errors for field in fields)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("on"):
            try:
                not_in_the_future(said["on"])
            except forms.ValidationError as error:
                self.add_error("on", error)
        if said.get("begins") and said.get("until") and said["until"] < said["begins"]:
            self.add_error("until", _("This day is before the first one."))
        for number in range(1, MOST + 1):
            if not said.get(f"office_{number}"):
                continue
            for name, message in (("state", _("Choose the State.")), ("role", _("Choose the role."))):
                if not said.get(f"{name}_{number}") and f"{name}_{number}" not in self.errors:
                    self.add_error(f"{name}_{number}", message)
        led = {one["state"] for one in self._members(said) if one["role"] == "leader"}
        if len(led) < 2:
            self.add_error("office_1", _("Name the leader of the team in each of the two States."))
        return said

    @staticmethod
    def _members(said: dict[str, Any]) -> list[TakesPart]:
        return [
            TakesPart(
                state=said.get(f"state_{number}") or "", office=said[f"office_{number}"], role=said.get(f"role_{number}") or ""
            )
            for number in range(1, MOST + 1)
            if said.get(f"office_{number}")
        ]  # fmt: skip

    def signature(self) -> dict[str, Any]:
        """Return what a service of the first signature takes, the file in the storage."""
        terms = Terms(
            begins=self.said("begins"),
            until=self.said("until"),
            purposes=self.said("purposes"),
            evidence_rules=self.said("evidence_rules"),
            members=self._members(self.cleaned_data),
        )
        return {
            "on": self.said("on"),
            "office": self.said("office"),
            "agreement": _kept(self.said("agreement")),
            "terms": terms,
        }


class NotedSignForm(SignForm, ProofForm):
    OFFICE = gettext_lazy("Which office of theirs signed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if not name.startswith("proof")])


class TheirSignForm(SignForm):
    OFFICE = gettext_lazy("Which office of theirs signed")


class CountersignForm(DayForm):
    office = forms.CharField(label=gettext_lazy("Which office signed"), max_length=300)
    sha256 = forms.CharField(widget=forms.HiddenInput)

    def build(self) -> None:
        super().build()
        self.initial.setdefault("sha256", self.case.agreement_sha256)  # type: ignore[attr-defined]


class NotedCountersignForm(ProofForm, CountersignForm):
    pass


class NotedDayForm(ProofForm, DayForm):
    pass


class ExtensionForm(ActForm):
    until = day_field(gettext_lazy("New last day"))
    words = words(gettext_lazy("Why more time is needed"), required=False)

    def clean_until(self) -> Any:
        day, now = self.cleaned_data["until"], self.case.until  # type: ignore[attr-defined]
        if now and day <= now:
            raise forms.ValidationError(_("Choose a day after %(day)s.") % {"day": day_words(now)})
        return day


class NotedExtensionForm(ExtensionForm, ProofForm):
    pass


class AgreeForm(ActForm):
    words = words(gettext_lazy("What is said with it"), required=False)


class NotedAgreeForm(AgreeForm, ProofForm):
    pass


class DeclineExtensionForm(ActForm):
    words = words(gettext_lazy("Reason"), help_text=gettext_lazy("The other State reads this."))


class EndForm(DayForm):
    how = forms.ChoiceField(label=gettext_lazy("How it ends"))
    words = words(gettext_lazy("In words"), required=False)

    def build(self) -> None:
        super().build()
        ends = [(one.code, house_words(one.name)) for one in team_ends().values()]
        self.fields["how"].choices = [("", _("Choose how")), *ends]  # type: ignore[attr-defined]
        self.order_fields(["how", "on", "words"])


class NotedEndForm(ProofForm, EndForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["how", "on", "words"])


def extension_facts(row: Team) -> list[tuple[Any, Any]]:
    """Return the time that is asked and not answered, as pairs of words."""
    found: list[tuple[Any, Any]] = [(_("The team works until"), day_words(row.until) if row.until else "")]
    for one in row.extensions():
        if one.agreed is None:
            found.append((_("Asked until"), day_words(one.until)))
            if one.words:
                found.append((_("Why"), format_html("<bdi>{}</bdi>", one.words)))
    return found


def _propose(row: Team, by: Actor, form: ProposalForm) -> None:
    as_seen(
        form,
        lambda: services.team_propose(team=row, by=by, words=form.said("words"), file=_kept(form.said("file"))),
    )


def _note_proposal(row: Team, by: Actor, form: NotedProposalForm) -> None:
    as_seen(
        form,
        lambda: services.team_note_proposal(
            team=row, by=by, words=form.said("words"), file=_kept(form.said("file")), proof=_proof(form)
        ),
    )


def _proof(form: Any) -> Any:
    return form.proven() if isinstance(form, ProofForm) else None


def _decline(row: Team, by: Actor, form: DeclineForm) -> None:
    as_seen(form, lambda: services.team_decline(team=row, by=by, reason=form.said("reason")))


def _note_decline(row: Team, by: Actor, form: Any) -> None:
    as_seen(form, lambda: services.team_note_decline(team=row, by=by, reason=form.said("reason"), proof=_proof(form)))


def _sign(row: Team, by: Actor, form: SignForm) -> None:
    as_seen(form, lambda: services.team_sign(team=row, by=by, **form.signature()))


def _note_signature(row: Team, by: Actor, form: SignForm) -> None:
    as_seen(form, lambda: services.team_note_signature(team=row, by=by, proof=_proof(form), **form.signature()))


def _countersign(row: Team, by: Actor, form: CountersignForm) -> None:
    said = {name: form.said(name) for name in ("on", "office", "sha256")}
    as_seen(form, lambda: services.team_countersign(team=row, by=by, **said))


def _note_countersignature(row: Team, by: Actor, form: CountersignForm) -> None:
    said = {name: form.said(name) for name in ("on", "office")}
    as_seen(form, lambda: services.team_note_signature(team=row, by=by, proof=_proof(form), **said))


def _start(row: Team, by: Actor, form: DayForm) -> None:
    as_seen(form, lambda: services.team_start(team=row, by=by, on=form.said("on")))


def _note_start(row: Team, by: Actor, form: DayForm) -> None:
    as_seen(form, lambda: services.team_note_start(team=row, by=by, on=form.said("on"), proof=_proof(form)))


def _ask(row: Team, by: Actor, form: ExtensionForm) -> None:
    said = {name: form.said(name) for name in ("until", "words")}
    as_seen(form, lambda: services.team_ask_extension(team=row, by=by, **said))


def _note_asked(row: Team, by: Actor, form: ExtensionForm) -> None:
    said = {name: form.said(name) for name in ("until", "words")}
    as_seen(form, lambda: services.team_note_extension_asked(team=row, by=by, proof=_proof(form), **said))


def _answer(row: Team, by: Actor, form: ActForm, agreed: bool) -> None:
    words = form.said("words")
    as_seen(form, lambda: services.team_answer_extension(team=row, by=by, agreed=agreed, words=words))


def _note_answer(row: Team, by: Actor, form: ActForm, agreed: bool) -> None:
    words, proof = form.said("words"), _proof(form)
    as_seen(
        form,
        lambda: services.team_note_extension_answer(team=row, by=by, agreed=agreed, words=words, proof=proof),
    )


def _end(row: Team, by: Actor, form: EndForm) -> None:
    said = {name: form.said(name) for name in ("how", "on", "words")}
    as_seen(form, lambda: services.team_end(team=row, by=by, **said))


def _note_end(row: Team, by: Actor, form: EndForm) -> None:
    said = {name: form.said(name) for name in ("how", "on", "words")}
    as_seen(form, lambda: services.team_note_end(team=row, by=by, proof=_proof(form), **said))


_ON_PAPER = gettext_lazy("For what came on paper; nobody outside is told.")


def _screens(proven: bool) -> dict[str, ActScreen]:
    """Return the screens of one side. `proven`: what the registry records of the other State has its proof."""
    return {
        "propose": ActScreen(
            button=gettext_lazy("Send a draft or a comment"),
            run=_propose,
            form=ProposalForm,
            explain=gettext_lazy("It is numbered and kept by its hash; the other State gets it at once."),
            leaves=True,
            facts=leaving,
        ),
        "note_proposal": ActScreen(
            button=gettext_lazy("Take a draft or a comment of theirs into the file"),
            run=_note_proposal,
            form=NotedProposalForm if proven else ProposalForm,
            explain=_ON_PAPER,
        ),
        "decline": ActScreen(
            button=gettext_lazy("Decline the team"),
            run=_decline,
            form=DeclineForm,
            explain=gettext_lazy("It ends here; the other State is told your reason."),
            leaves=True,
            grave=True,
            facts=leaving,
        ),
        "note_decline": ActScreen(
            button=gettext_lazy("Record that they decline the team"),
            run=_note_decline,
            form=NotedDeclineForm if proven else DeclineForm,
            explain=gettext_lazy("It ends here."),
            grave=True,
        ),
        "sign": ActScreen(
            button=gettext_lazy("Sign the agreement first"),
            run=_sign,
            form=SignForm,
            explain=gettext_lazy(
                "The agreement goes to the other State with your signature. There is a team once it has signed the same text."
            ),
            leaves=True,
            recent=True,
            facts=leaving,
            template="web/act_blocks.html",
        ),
        "note_signature": ActScreen(
            button=gettext_lazy("Record that they have signed the agreement"),
            run=_note_signature,
            form=NotedSignForm if proven else TheirSignForm,
            explain=gettext_lazy("There is a team once your own office has signed the same text."),
            template="web/act_blocks.html",
        ),
        "countersign": ActScreen(
            button=gettext_lazy("Sign the agreement too"),
            run=_countersign,
            form=CountersignForm,
            explain=gettext_lazy("Both States have signed then, and the other State is told."),
            leaves=True,
            recent=True,
            facts=_told,
        ),
        "note_countersignature": ActScreen(
            button=gettext_lazy("Record that they have signed the agreement too"),
            run=_note_countersignature,
            form=NotedCountersignForm if proven else CountersignForm,
            explain=gettext_lazy("Both States have signed then."),
            facts=agreement_facts,
        ),
        "start": ActScreen(
            button=gettext_lazy("The team begins its work"),
            run=_start,
            form=DayForm,
            explain=gettext_lazy("The other State is told."),
            leaves=True,
            facts=_told,
        ),
        "note_start": ActScreen(
            button=gettext_lazy("Record that the team has begun its work"),
            run=_note_start,
            form=NotedDayForm if proven else DayForm,
            explain=_ON_PAPER,
        ),
        "ask_extension": ActScreen(
            button=gettext_lazy("Ask for more time"),
            run=_ask,
            form=ExtensionForm,
            explain=gettext_lazy("It holds once the other State has agreed."),
            leaves=True,
            facts=lambda row: leaving(row) + extension_facts(row),
        ),
        "note_extension_asked": ActScreen(
            button=gettext_lazy("Record that they ask for more time"),
            run=_note_asked,
            form=NotedExtensionForm if proven else ExtensionForm,
            explain=gettext_lazy("The supervisor agrees or declines."),
            facts=extension_facts,
        ),
        "agree_extension": ActScreen(
            button=gettext_lazy("Agree to more time"),
            run=lambda row, by, form: _answer(row, by, form, True),
            form=AgreeForm,
            explain=gettext_lazy("The team works until the new day; the other State is told."),
            leaves=True,
            recent=True,
            facts=lambda row: leaving(row) + extension_facts(row),
        ),
        "decline_extension": ActScreen(
            button=gettext_lazy("Decline more time"),
            run=lambda row, by, form: _answer(row, by, form, False),
            form=DeclineExtensionForm,
            explain=gettext_lazy("The last day stays as it is; the other State is told your reason."),
            leaves=True,
            grave=True,
            facts=lambda row: leaving(row) + extension_facts(row),
        ),
        "note_extension_agreed": ActScreen(
            button=gettext_lazy("Record that they agree to more time"),
            run=lambda row, by, form: _note_answer(row, by, form, True),
            form=NotedAgreeForm if proven else AgreeForm,
            explain=gettext_lazy("The team works until the new day."),
            facts=extension_facts,
        ),
        "note_extension_declined": ActScreen(
            button=gettext_lazy("Record that they decline more time"),
            run=lambda row, by, form: _note_answer(row, by, form, False),
            form=NotedAgreeForm if proven else AgreeForm,
            explain=gettext_lazy("The last day stays as it is."),
            grave=True,
            facts=extension_facts,
        ),
        "end": ActScreen(
            button=gettext_lazy("End the team"),
            run=_end,
            form=EndForm,
            explain=gettext_lazy(
                "The other State is told. What the evidence may be used for goes on to bind, and is shown from then on."
            ),
            leaves=True,
            grave=True,
            facts=_told,
        ),
        "note_end": ActScreen(
            button=gettext_lazy("Record that they have ended the team"),
            run=_note_end,
            form=NotedEndForm if proven else EndForm,
            explain=_ON_PAPER,
            grave=True,
            facts=agreement_facts,
        ),
    }


register_screens("team_out", _screens(proven=True))
register_screens("team_in", _screens(proven=False))
