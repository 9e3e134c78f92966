"""An e-mail put on a case of either side."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from workflows.lifecycle.mails import LARGEST_MAIL, MailWrong, read_mail
from workflows.lifecycle.models import ContactEntry
from workflows.lifecycle.services.mails import mail_file
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import as_seen
from workflows.web.uploads import UploadField


class MailForm(ActForm):
    mail = UploadField(
        label=gettext_lazy("E-mail"),
        largest=LARGEST_MAIL,
        help_text=gettext_lazy("A file .eml or, from Outlook, .msg; dropped here or chosen."),
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Who turned to whom"), choices=ContactEntry.Direction.choices, widget=forms.RadioSelect
    )

    def clean_mail(self) -> Any:
        sent = self.cleaned_data["mail"]
        self.content = sent.content.read()
        try:
            read_mail(self.content)
        except MailWrong as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        return sent


def _file(case: Any, by: Actor, form: MailForm) -> None:
    name, direction = form.said("mail").name, form.said("direction")
    as_seen(form, lambda: mail_file(case=case, by=by, name=name, content=form.content, direction=direction))


for _side in ("outgoing", "incoming"):
    register_screens(
        _side,
        {
            "file_mail": ActScreen(
                button=gettext_lazy("Put an e-mail on the case"),
                run=_file,
                form=MailForm,
                explain=gettext_lazy(
                    "It stands on the case as one beside the channel, with each of its files by hash. "
                    "Nothing of it is told to the other State."
                ),
                beside=True,
            )
        },
    )
