"""The acts of a translation, each with its screen: of its translator, its second reader, and of who assigns it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from workflows.drafting import services_translation as services
from workflows.drafting.models_translation import Translation
from workflows.drafting.selectors_translation import READERS, translators_at
from workflows.web.acts import ActForm, ActScreen, ReasonForm, register_screens


def people_choices(authority_id: int, *roles: str) -> list[tuple[str, str]]:
    return [(str(one.public_id), str(one)) for one in translators_at(authority_id, *roles)]


def person_named(public_id: str) -> User | None:
    return User.objects.filter(public_id=public_id).first() if public_id else None


class HandOverForm(ActForm):
    translator = forms.ChoiceField(label=_("Translator"))
    second_reader = forms.ChoiceField(label=_("Second reader"), required=False)
    names = {"translator": "translator", "second_reader": "reader"}

    def build(self) -> None:
        case: Any = self.case
        readers = people_choices(case.authority_id, *READERS)
        self.fields["translator"].choices = people_choices(case.authority_id, Role.TRANSLATOR)  # type: ignore[attr-defined]
        self.fields["second_reader"].choices = [("", _("nobody")), *readers]  # type: ignore[attr-defined]
        self.initial.setdefault("translator", str(case.translator.public_id))
        if case.second_reader:
            self.initial.setdefault("second_reader", str(case.second_reader.public_id))


def _hand_over(case: Translation, by: Actor, form: HandOverForm) -> Any:
    translator = person_named(form.said("translator"))
    assert translator is not None
    return services.translation_hand_over(
        translation=case,
        translator=translator,
        second_reader=person_named(form.said("second_reader")),
        by=by,
        expected_version=form.said("expected_version"),
    )


def _facts(case: Translation) -> list[tuple[Any, Any]]:
    return [
        (_now("Letter"), str(case)),
        (_now("Version"), case.source.number),
        (_now("Hash of the source"), case.source.content_hash),
        (_now("Language"), case.language),
    ]


register_screens(
    "translation",
    {
        "finish": ActScreen(
            _("Say that the translation is done"),
            lambda case, by, form: services.translation_finish(
                translation=case, by=by, expected_version=form.said("expected_version")
            ),
            explain=_("Every text and every annex is looked at once more. Then it is read, or certified."),
            facts=_facts,
        ),
        "read": ActScreen(
            _("Say that you have read it"),
            lambda case, by, form: services.translation_read(
                translation=case, by=by, expected_version=form.said("expected_version")
            ),
            explain=_("You compared the translation with its source. The translator can certify it now."),
            facts=_facts,
            reads="web:translation",
        ),
        "certify": ActScreen(
            _("Certify the translation"),
            lambda case, by, form: services.translation_certify(
                translation=case, by=by, expected_version=form.said("expected_version")
            ),
            explain=_(
                "The translation gets its own content hash. The certificate says who translated which content into which, and nothing of it changes any more."
            ),
            facts=_facts,
            reads="web:translation",
        ),
        "send_back": ActScreen(
            _("Send back to the translator"),
            lambda case, by, form: services.translation_send_back(
                translation=case, by=by, reason=form.said("reason"), expected_version=form.said("expected_version")
            ),
            ReasonForm,
            explain=_("The texts can be changed again. The translator reads your reason."),
        ),
        "hand_over": ActScreen(
            _("Give to another translator"),
            _hand_over,
            HandOverForm,
            explain=_("What is translated already stays. The person who had it sees it no more."),
        ),
        "cancel": ActScreen(
            _("Cancel the translation"),
            lambda case, by, form: services.translation_cancel(
                translation=case, by=by, reason=form.said("reason"), expected_version=form.said("expected_version")
            ),
            ReasonForm,
            explain=_("The translator sees it no more. Its texts are kept for a later translation of the letter."),
            grave=True,
        ),
    },
)
