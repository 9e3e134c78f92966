"""Acts on links for officers of the other State: giving one, revoking it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from workflows.lifecycle.models import OfficerLink, OutgoingRequest
from workflows.lifecycle.services.officer_links import (
    LONGEST,
    SHORTEST,
    USUAL,
    officer_link_revoke,
    outgoing_give_link,
)
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import as_seen
from workflows.web.acts.outgoing_course import state_asked


class LinkForm(ActForm):
    given_to = forms.CharField(
        label=gettext_lazy("For which office or officer"),
        max_length=200,
        help_text=gettext_lazy("As you call them; they say their own name when they come in."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Holds for so many days"), min_value=SHORTEST, max_value=LONGEST, initial=USUAL
    )

    def build(self) -> None:
        case: OutgoingRequest = self.case  # type: ignore[assignment]
        if case.addressee is not None:
            self.initial.setdefault("given_to", case.addressee.name)


def _give(case: OutgoingRequest, by: Actor, form: LinkForm) -> None:
    given_to, days, version = form.said("given_to"), form.said("days"), form.said("expected_version")
    outgoing_give_link(outgoing=case, by=by, given_to=given_to, days=days, expected_version=version)
    form.told = _("The link is made. Its address and its code stand on its own page, below.")  # type: ignore[attr-defined]


def _revoke(link: OfficerLink, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: officer_link_revoke(link=link, by=by))


register_screens(
    "outgoing",
    {
        "give_link": ActScreen(
            button=lambda case: _("Give an officer of %(state)s a link") % {"state": state_asked(case)},
            run=_give,
            form=LinkForm,
            explain=gettext_lazy(
                "For a State without such a system: by the link its officer reads the letter, acknowledges, asks, says "
                "how it stands, refuses and sends evidence on this one request, and sees nothing else."
            ),
            recent=True,
            beside=True,
        )
    },
)

register_screens(
    "officer_link",
    {
        "revoke": ActScreen(
            button=gettext_lazy("Revoke the link"),
            run=_revoke,
            explain=gettext_lazy("Nobody gets in by it any more, and who is in is out. What was said stays said."),
            grave=True,
        )
    },
)
