"""Check a document: what a PDF says of itself, to anybody; what this house knows of it, to its officers alone.

No sign-in is needed, nothing is stored, and somebody who holds a copy learns from the answer only what the file itself
says: not that a request exists, nor whether this authority ever saw it (UNTOC, article 18(20); Budapest Convention,
article 27(8)).
"""

from __future__ import annotations

import re
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from mla.accounts.actors import Actor
from workflows.documents.limits import PDF_BYTES
from workflows.documents.models import Document
from workflows.documents.selectors import visible_case_documents, visible_documents
from workflows.documents.signing_keys import signing_config
from workflows.documents.verifying import Checked, NotReadable, document_check_apart
from workflows.lifecycle.selectors import visible_incoming
from workflows.web.desk import second_factor_given
from workflows.web.views.act import case_address


class CheckForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("The PDF"),
        required=False,
        help_text=gettext_lazy("It is read and not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    sha256 = forms.CharField(
        label=gettext_lazy("or a SHA-256 value"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Of the file or of its content, as it is printed on the letter; spaces do not matter."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > PDF_BYTES:
            raise forms.ValidationError(_("The file is larger than a letter may be."))
        return file

    def clean_sha256(self) -> str:
        given = re.sub(r"\s", "", self.cleaned_data["sha256"]).lower()
        if given and not re.fullmatch(r"[0-9a-f]{64}", given):
            raise forms.ValidationError(_("A SHA-256 value has 64 characters: digits and the letters a to f."))
        return given

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not (said.get("file") or said.get("sha256")):
            raise forms.ValidationError(_("Choose a file, or give a value."))
        return said


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """The page and its answer."""
    actor = _officer(request)
    if request.method != "POST":
        return render(request, "web/check.html", {"form": CheckForm(), "actor": actor})
    if not ratelimit.consume(request, action="check_document"):
        return render(request, "429.html", status=429)
    form = CheckForm(request.POST, request.FILES)
    checked: Checked | None = None
    if form.is_valid() and form.cleaned_data["file"]:
        try:
            checked = document_check_apart(form.cleaned_data["file"].read(), signing_config().trust)
        except NotReadable as error:
            form.add_error("file", str(error))
    if not form.is_valid():
        return render(request, "web/check.html", {"form": form, "actor": actor}, status=422)
    hashes = {checked.sha256, checked.attached_sha256} if checked else {form.cleaned_data["sha256"]}
    context = {
        "form": CheckForm(),
        "actor": actor,
        "asked": True,
        "levels": dict(Document.Signed.choices),
        "checked": checked,
        "known": _known(actor, hashes - {""}) if actor else [],
    }
    return render(request, "web/check.html", context)


def _officer(request: HttpRequest) -> Actor | None:
    """Return who asks, where it is somebody whom the desk would let in."""
    if not request.user.is_authenticated or not second_factor_given(request):
        return None
    return request.desk.actor  # type: ignore[attr-defined]


def _known(actor: Actor, hashes: set[str]) -> list[Any]:
    """Return the cases that this officer may see and that hold a document or content of one of these hashes,
    each with its address."""
    documents = visible_documents(actor)
    sent = [
        one.outgoing
        for one in (documents.filter(sha256__in=hashes) | documents.filter(content_hash__in=hashes))
        .select_related("outgoing")
        .order_by("-id")[:5]
    ]
    around = visible_case_documents(actor)
    beside = (around.filter(sha256__in=hashes) | around.filter(content_hash__in=hashes)).order_by("-id")[:5]
    received = visible_incoming(actor).filter(letter_sha256__in=hashes).order_by("-id")[:5]
    found = dict.fromkeys([*sent, *(one.outgoing or one.incoming for one in beside), *received])
    return [(case, case_address(case)) for case in found]
