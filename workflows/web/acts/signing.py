"""The acts of an office whose authority signs in ink: the scan of the signed and sealed print becomes the document.

The same page for the letter and for a document beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from workflows.documents.models import CaseDocument
from workflows.documents.services_signing import (
    ScanRefused,
    case_document_attach_scan,
    document_attach_scan,
    scan_awaited,
    scan_check,
)
from workflows.lifecycle.models import OutgoingRequest
from workflows.web.acts import ActForm, ActScreen, register_screens
from workflows.web.acts.fields import as_seen
from workflows.web.uploads import UploadField


class ScanForm(ActForm):
    scan = UploadField(
        label=gettext_lazy("Scan of the signed print"),
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


def _put_in(form: ScanForm, attach: Callable[[bytes], Any]) -> None:
    content = form.said("scan").content.read()
    try:
        as_seen(form, lambda: attach(content))
    except ScanRefused as error:
        raise forms.ValidationError({"scan": str(error)}) from None


def _letter(case: OutgoingRequest, by: Actor, form: ScanForm) -> None:
    _put_in(form, lambda content: document_attach_scan(outgoing=case, by=by, content=content))


def _beside(document: CaseDocument, by: Actor, form: ScanForm) -> None:
    _put_in(form, lambda content: case_document_attach_scan(document=document, by=by, content=content))


def _letter_facts(case: OutgoingRequest) -> list[tuple[Any, Any]]:
    version, printed = case.approved_version, scan_awaited(case)
    facts: list[tuple[Any, Any]] = [
        (_("Our reference"), case.reference),
        (_("Version"), version.number if version else ""),
        (_("Hash of the content"), case.approved_hash),
    ]
    if printed is not None:
        facts.append(_print(reverse("web:document", args=[printed.public_id]), printed.get_kind_display()))
    return facts


def _beside_facts(document: CaseDocument) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Our reference"), document.case.reference),
        *document.words,
        (_("Hash of the content"), document.content_hash),
    ]
    if document.can_be_read:
        facts.append(_print(reverse("web:case_document", args=[document.public_id]), document.name))
    return facts


def _print(address: str, name: str) -> tuple[Any, Any]:
    return _("To print and sign"), format_html('<a href="{}">{}</a>', address, name)


register_screens(
    "outgoing",
    {
        "attach_scan": ActScreen(
            button=gettext_lazy("Put in the signed scan"),
            run=_letter,
            form=ScanForm,
            explain=gettext_lazy(
                "The letter is printed from the file, signed and sealed. Its scan is what will be sent, and is kept by its hash."
            ),
            facts=_letter_facts,
        )
    },
)
register_screens(
    "case_document",
    {
        "attach_scan": ActScreen(
            button=gettext_lazy("Put in the signed scan"),
            run=_beside,
            form=ScanForm,
            explain=gettext_lazy(
                "The document is printed from the file, signed and sealed. Its scan is what can be sent, and is kept by its hash."
            ),
            facts=_beside_facts,
        )
    },
)
