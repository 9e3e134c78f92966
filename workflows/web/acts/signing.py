"""The act of an office whose authority signs in ink: the scan of the signed and sealed print becomes the letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from workflows.documents.services_signing import ScanRefused, document_attach_scan, scan_awaited, scan_check
from workflows.lifecycle.models import OutgoingRequest
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import as_seen
from workflows.web.uploads import UploadField


class ScanForm(ActForm):
    scan = UploadField(
        label=gettext_lazy("Scan of the signed letter"),
        help_text=gettext_lazy("One PDF with all pages, after signature and seal."),
    )

    def clean_scan(self) -> Any:
        sent = self.cleaned_data["scan"]
        content = sent.content.read()
        sent.content.seek(0)
        try:
            scan_check(content)
        except ScanRefused as error:
            raise forms.ValidationError(str(error)) from None
        return sent


def _attach(case: OutgoingRequest, by: Actor, form: ScanForm) -> None:
    content = form.said("scan").content.read()
    try:
        as_seen(form, lambda: document_attach_scan(outgoing=case, by=by, content=content))
    except ScanRefused as error:
        raise forms.ValidationError({"scan": str(error)}) from None


def _facts(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    version, printed = case.approved_version, scan_awaited(case)
    facts: list[tuple[Any, Any]] = [
        (_("Our reference"), case.reference),
        (_("Version"), version.number if version else ""),
        (_("Hash of the content"), case.approved_hash),
    ]
    if printed is not None:
        address = reverse("web:document", args=[printed.public_id])
        facts.append((_("To print and sign"), format_html('<a href="{}">{}</a>', address, printed.get_kind_display())))
    return facts


register_screens(
    "outgoing",
    {
        "attach_scan": ActScreen(
            button=gettext_lazy("Put in the signed scan"),
            run=_attach,
            form=ScanForm,
            explain=gettext_lazy(
                "The letter is printed from the file, signed and sealed. Its scan is what will be sent, and is kept by its hash."
            ),
            facts=_facts,
        )
    },
)
