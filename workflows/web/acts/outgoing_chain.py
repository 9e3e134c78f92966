"""The acts along the chain up to the approval, and those that open a letter to others, each with its screen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.models import Membership, User
from mla.core import clock
from mla.core.letter_languages import language_told
from mla.reference.models import Authority
from workflows.drafting import services as letters
from workflows.drafting.models import Comment, LetterOfRequest, LetterShare, LetterVersion
from workflows.drafting.selectors import current_version, version_findings
from workflows.drafting.selectors_translation import OPEN, translation_sent
from workflows.lifecycle.models import OpenPoint, OutgoingRequest
from workflows.lifecycle.selectors_together import alike_to_version
from workflows.lifecycle.services import outgoing_chain as chain
from workflows.web.acts import ActForm, ActScreen, ReasonForm, register_screens
from workflows.web.acts.fields import as_seen, day_field, has_point
from workflows.web.letter_words import rights_answers


def _text_area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "dir": "auto"})


class LetterActForm(ActForm):
    """An act with no more than the confirmation; what the page showed of the letter is checked with it."""


class SubmitForm(LetterActForm):
    """Beside it stand the requests that look like this one: a parallel request is seen before the supervisor reads it."""

    def build(self) -> None:
        case: OutgoingRequest = self.case  # type: ignore[assignment]
        self.alike = alike_to_version(case, current_version(case.letter), self.actor)


class QueryForm(ActForm):
    question = forms.CharField(label=_("What do you ask?"), widget=_text_area(), max_length=5000)
    due = day_field(_("Answer wanted by"), required=False)

    def clean_due(self) -> Any:
        due = self.cleaned_data["due"]
        if due is not None and due < clock.now().date():
            raise forms.ValidationError(_("This day is past."))
        return due


class AnswerForm(ActForm):
    point = forms.ChoiceField(label=_("The question"), widget=forms.RadioSelect)
    answer = forms.CharField(label=_("Your answer"), widget=_text_area(6), max_length=20_000)
    names = {"point": "question"}

    def known(self, name: str, given: str) -> bool:
        return has_point(self.case, given)

    def build(self) -> None:
        points = OpenPoint.objects.filter(
            outgoing=self.case.pk, kind=OpenPoint.Kind.ORIGINATOR_QUERY, answered_at=None
        ).order_by("id")
        choices = [(str(point.point_id), point.question) for point in points]
        self.fields["point"].choices = choices  # type: ignore[attr-defined]
        if choices:
            self.initial.setdefault("point", choices[0][0])


class ReturnForm(ActForm):
    """Beside the comments that stand already, one more on the whole letter; at least one there must be."""

    general = forms.CharField(
        label=_("What must be changed, on the whole"),
        help_text=_("May stay empty where your comments on single paragraphs say it all."),
        widget=_text_area(),
        max_length=5000,
        required=False,
    )

    def build(self) -> None:
        version = current_version(self.case.letter)  # type: ignore[attr-defined]
        self.comments = list(Comment.objects.filter(version=version).select_related("author").order_by("id"))
        self.version_number = version.number

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.comments and not str(said.get("general", "")).strip():
            self.add_error("general", _("Say what must be changed, here or as comments on paragraphs."))
        return said


class ApproveForm(ActForm):
    """Binds to the hash of the version that was read: an older page approves nothing."""

    content_hash = forms.CharField(label=_("Version"), widget=forms.HiddenInput, required=False, max_length=64)
    rights_screened = forms.BooleanField(
        label=_("I have read the letter and its rights screen, and nothing in it stands against sending the request."),
        required=False,
    )

    def build(self) -> None:
        self.version: LetterVersion = current_version(self.case.letter)  # type: ignore[attr-defined]
        self.stands = self.hash_of(self.version)
        self.initial.setdefault("content_hash", self.version.content_hash)
        self.rights = rights_answers(self.version.content)

    @property
    def old_page(self) -> bool:
        """Tell whether the page from which this form came showed another content than stands now."""
        shown = self.data.get("content_hash") if self.is_bound else self.initial.get("content_hash")
        return shown != self.stands

    def hash_of(self, version: LetterVersion) -> str:
        """Return the hash that the act would bind to."""
        return version.content_hash


class AdviceForm(ActForm):
    authority = forms.ModelChoiceField(Authority.objects.none(), label=_("With which authority"))
    names = {"authority": "authority"}

    def known(self, name: str, given: str) -> bool:
        return _is_one(Authority.objects.filter(jurisdiction_id=self.case.requesting_id), given)  # type: ignore[attr-defined]

    def build(self) -> None:
        letter: LetterOfRequest = self.case  # type: ignore[assignment]
        found = Authority.objects.filter(jurisdiction_id=letter.requesting_id, hosted_here=True)
        self.fields["authority"].queryset = found.exclude(pk=letter.authority_id).order_by("name")  # type: ignore[attr-defined]


class EndAdviceForm(ActForm):
    authority = forms.ModelChoiceField(Authority.objects.none(), label=_("Which authority no longer reads it"))
    names = {"authority": "authority"}

    def known(self, name: str, given: str) -> bool:
        shares = LetterShare.objects.filter(letter=self.case.pk, kind=LetterShare.Kind.ADVICE)
        return _is_one(Authority.objects.filter(pk__in=shares.values("authority")), given)

    def build(self) -> None:
        shares = LetterShare.objects.filter(letter=self.case.pk, kind=LetterShare.Kind.ADVICE, ended_at=None)
        found = Authority.objects.filter(pk__in=shares.values("authority")).order_by("name")
        self.fields["authority"].queryset = found  # type: ignore[attr-defined]


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_full_name() or obj.get_username()}"


class NameForm(ActForm):
    user = PersonChoice(User.objects.none(), label=_("Which person"))
    names = {"user": "member"}

    def known(self, name: str, given: str) -> bool:
        held = Membership.objects.filter(authority__in=self._houses())
        return _is_one(User.objects.filter(pk__in=held.values("user")), given)

    def _houses(self) -> list[int]:
        letter: LetterOfRequest = self.case  # type: ignore[assignment]
        shares = LetterShare.objects.filter(letter=letter, ended_at=None).values_list("authority_id", flat=True)
        return [letter.authority_id, *shares]

    def build(self) -> None:
        letter: LetterOfRequest = self.case  # type: ignore[assignment]
        named = letter.named_officers.filter(ended_at=None).values("user")
        found = _people_at(self._houses()).exclude(pk__in=named)
        self.fields["user"].queryset = found  # type: ignore[attr-defined]


class UnnameForm(ActForm):
    user = PersonChoice(User.objects.none(), label=_("Which person no longer sees it"))
    names = {"user": "member"}

    def known(self, name: str, given: str) -> bool:
        letter: LetterOfRequest = self.case  # type: ignore[assignment]
        return _is_one(User.objects.filter(pk__in=letter.named_officers.values("user")), given)

    def build(self) -> None:
        letter: LetterOfRequest = self.case  # type: ignore[assignment]
        named = letter.named_officers.filter(ended_at=None).values("user")
        found = User.objects.filter(pk__in=named).exclude(pk=self.actor.user_id or 0).order_by("last_name", "username")
        self.fields["user"].queryset = found  # type: ignore[attr-defined]


def _is_one(rows: Any, given: str) -> bool:
    """Tell whether a posted primary key is that of one of the rows."""
    return given.isascii() and given.isdigit() and len(given) < 19 and rows.filter(pk=int(given)).exists()


def _people_at(authorities: list[int]) -> Any:
    held = Membership.objects.valid(clock.now()).filter(authority__in=authorities)
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("last_name", "username")


def _approve(case: OutgoingRequest, by: Actor, form: ApproveForm) -> Any:
    return chain.outgoing_approve(
        outgoing=case,
        by=by,
        content_hash=form.said("content_hash"),
        rights_screened=bool(form.said("rights_screened")),
        expected_version=form.said("expected_version"),
    )


def approval_facts(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    """Return what an approval is of: addressee, letter, version, hash, warnings set aside."""
    version = current_version(case.letter)
    addressee = chain.addressee_of(case)
    waived = set(version.waivers.values_list("code", "question"))
    warnings = [one for one in version_findings(version) if one.severity != "gap"]
    open_ = sum((one.code, one.question) not in waived for one in warnings)
    return [
        (_("Addressee"), addressee.name if addressee else _("none is named in the letter")),
        (_("Letter"), case.letter.title),
        (_("Version"), version.number),
        (_("Content SHA-256"), version.content_hash),
        (_("Warnings that stand open"), open_),
        (_("Warnings set aside"), len(waived)),
        *_languages_fact(case, version),
    ]


def _languages_fact(case: OutgoingRequest, version: LetterVersion) -> list[tuple[Any, Any]]:
    """Return in which languages the version would leave, where a translation of it is begun or certified."""
    reader = get_language() or "en"
    with_it = translation_sent(version, clock.now())
    if with_it is not None:
        both = {"letter": version.content["language"], "translation": with_it.language}
        named = {name: language_told(code, reader) for name, code in both.items()}
        return [(_("Leaves in"), _now("%(letter)s with the certified translation: %(translation)s") % named)]
    begun = [language_told(row.language, reader) for row in version.translations.filter(status__in=OPEN)]
    if not begun:
        return []
    return [(_("Not certified yet, stays behind"), ", ".join(begun))]


def _version_fact(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    version = current_version(case.letter)
    return [(_("Letter"), case.letter.title), (_("Version"), version.number)]


def _return(case: OutgoingRequest, by: Actor, form: ReturnForm) -> Any:
    general = str(form.said("general") or "").strip()
    comments = [("", general)] if general else []
    return as_seen(form, lambda: chain.outgoing_return_for_changes(outgoing=case, by=by, comments=comments))


def _approve_words(case: OutgoingRequest) -> str:
    return _now("Approve version %(number)s") % {"number": case.letter.current}


def _lodge_words(case: OutgoingRequest) -> str:
    return _now("Lodge with %(authority)s") % {"authority": case.central.name}


def _review_words(case: OutgoingRequest) -> str:
    return _now("Put version %(number)s before the supervisor") % {"number": case.letter.current}


def _return_words(case: OutgoingRequest) -> str:
    return _now("Return version %(number)s for changes") % {"number": case.letter.current}


def _originator_words(case: OutgoingRequest) -> str:
    return _now("Return to %(authority)s") % {"authority": case.originating.name}


def _query_words(case: OutgoingRequest) -> str:
    return _now("Ask %(authority)s") % {"authority": case.originating.name}


def _answer_words(case: OutgoingRequest) -> str:
    return _now("Answer %(authority)s") % {"authority": case.central.name}


register_screens(
    "outgoing",
    {
        "lodge": ActScreen(
            _lodge_words,
            lambda case, by, form: chain.outgoing_lodge(
                outgoing=case, by=by, expected_version=form.said("expected_version")
            ),
            LetterActForm,
            explain=_("The version is frozen as it is now. The central authority reads it and takes it in."),
            facts=_version_fact,
        ),
        "take_in": ActScreen(
            _("Take in and register"),
            lambda case, by, form: chain.outgoing_take_in(
                outgoing=case, by=by, expected_version=form.said("expected_version")
            ),
            explain=_("The letter gets its number in the register of requests out, and its vetting begins."),
            facts=_version_fact,
            reads="web:letter_preview",
        ),
        "query_originator": ActScreen(
            _query_words,
            lambda case, by, form: as_seen(
                form,
                lambda: chain.outgoing_query_originator(
                    outgoing=case, by=by, question=form.said("question"), due=form.said("due")
                ),
            ),
            QueryForm,
            explain=_("The letter stays here; the authority that drafted it answers."),
        ),
        "answer_query": ActScreen(
            _answer_words,
            lambda case, by, form: as_seen(
                form,
                lambda: chain.outgoing_answer_query(
                    outgoing=case, by=by, answer=form.said("answer"), point_id=form.said("point")
                ),
            ),
            AnswerForm,
        ),
        "return_to_originator": ActScreen(
            _originator_words,
            lambda case, by, form: as_seen(
                form, lambda: chain.outgoing_return_to_originator(outgoing=case, by=by, reason=form.said("reason"))
            ),
            ReasonForm,
            explain=_("The next version opens for the authority that drafted the letter; it can lodge it again."),
        ),
        "submit": ActScreen(
            _review_words,
            lambda case, by, form: chain.outgoing_submit(
                outgoing=case, by=by, expected_version=form.said("expected_version")
            ),
            SubmitForm,
            explain=_("The version is frozen as it is now. A supervisor who did not write on it reads and decides."),
            facts=_version_fact,
            template="web/act_alike.html",
            reads="web:letter_preview",
        ),
        "return_for_changes": ActScreen(
            _return_words,
            _return,
            ReturnForm,
            explain=_("The letter goes back to the desk with your comments, and its next version opens."),
            template="web/return_for_changes.html",
        ),
        "approve": ActScreen(
            _approve_words,
            _approve,
            ApproveForm,
            explain=_(
                "The approval holds for exactly this content. The PDF is made from it at once; the registry then "
                "sends it. Any later change lets the approval lapse."
            ),
            recent=True,
            facts=approval_facts,
            template="web/approve.html",
            reads="web:review_case",
            read_first=True,
        ),
        "reject": ActScreen(
            _("Reject the request: do not pursue it"),
            lambda case, by, form: as_seen(
                form, lambda: chain.outgoing_reject(outgoing=case, by=by, reason=form.said("reason"))
            ),
            ReasonForm,
            explain=_("The file is closed. Nothing was sent, so nobody abroad is told."),
            grave=True,
        ),
        "give_up": ActScreen(
            _("Give the request up before it is sent"),
            lambda case, by, form: as_seen(
                form, lambda: chain.outgoing_give_up(outgoing=case, by=by, reason=form.said("reason"))
            ),
            ReasonForm,
            explain=_("The file is closed. Nothing was sent, so nobody abroad is told."),
            grave=True,
        ),
        "revise": ActScreen(
            _("Change the letter again: the approval lapses"),
            lambda case, by, form: as_seen(
                form, lambda: chain.outgoing_revise(outgoing=case, by=by, reason=form.said("reason"))
            ),
            ReasonForm,
            explain=_("The next version opens. It must be approved again before it is sent."),
            grave=True,
        ),
    },
)

register_screens(
    "letter",
    {
        "share_for_advice": ActScreen(
            _("Share the draft for advice"),
            lambda case, by, form: letters.letter_share_for_advice(
                letter=case, by=by, authority=form.said("authority")
            ),
            AdviceForm,
            explain=_("The other authority reads the draft and comments on it. It changes nothing."),
        ),
        "end_share": ActScreen(
            _("End the sharing for advice"),
            lambda case, by, form: letters.letter_end_share(letter=case, by=by, authority=form.said("authority")),
            EndAdviceForm,
            explain=_("From now on the other authority no longer sees the letter. Its comments stay."),
        ),
        "name_officer": ActScreen(
            _("Let one more person see the letter"),
            lambda case, by, form: letters.letter_name_officer(letter=case, by=by, user=form.said("user")),
            NameForm,
            explain=_("Counts where the letter is restricted: then only persons who are named see it."),
        ),
        "unname_officer": ActScreen(
            _("End a person's sight of the letter"),
            lambda case, by, form: letters.letter_unname_officer(letter=case, by=by, user=form.said("user")),
            UnnameForm,
        ),
    },
)
