"""Bringing in a running register: the file, every line of it with what it becomes, and the one press that does it.

The file waits in the storage under its hash; a signed key names it for its person, so that what is confirmed is what was
shown and nobody names another's file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.core.files import file_read, file_store
from workflows.lifecycle.importing import COLUMNS, LARGEST_FILE
from workflows.lifecycle.importing_files import example_csv, left_out_csv
from workflows.lifecycle.importing_lines import Checked
from workflows.lifecycle.outcomes import Outcome
from workflows.lifecycle.services.importing import (
    Imported,
    ImportRefused,
    Preview,
    register_import,
    register_preview,
    require_importer,
)
from workflows.tracking.labels import status_label
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.uploads import UploadField
from workflows.web.views.registry import REGISTRY

#: Lines on one page.
SHOWN = 200
#: Which lines are shown: all, those with errors, those that are right.
_SHOWS = ("all", "wrong", "right")


class FileForm(forms.Form):
    file = UploadField(
        label=gettext_lazy("The register as a CSV file"),
        largest=LARGEST_FILE,
        help_text=gettext_lazy("In Excel: save it as “CSV UTF-8”. The first line names the columns, each other line is a case."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )  # fmt: skip


class ConfirmForm(forms.Form):
    leave_out = forms.BooleanField(required=False)

    def __init__(self, *args: Any, wrong: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not wrong:
            del self.fields["leave_out"]
            return
        self.fields["leave_out"].label = ngettext(
            "Leave out the %(count)s line with errors", "Leave out the %(count)s lines with errors", wrong
        ) % {"count": wrong}


@dataclass(frozen=True, slots=True)
class _Named:
    """A file that its person has shown here."""

    sha256: str
    name: str


def _signer(actor: Actor) -> Signer:
    return Signer(salt=f"register_import {actor.user_id} {actor.authority_id}")


def file_key(actor: Actor, sha256: str, name: str) -> str:
    """Return what names a file that its person has shown here: signed, so that nobody can name another's."""
    return _signer(actor).sign_object([sha256, name])


def _named(request: DeskRequest) -> _Named:
    """Return the file that the address names.

    Raises:
        AccessDenied: it was not given to this person; whether there is such a file is not looked at.
    """
    given = request.GET.get("register", "")
    try:
        sha256, name = _signer(request.actor).unsign_object(given)
    except (BadSignature, ValueError):
        raise AccessDenied("register file", "", request.actor) from None
    return _Named(str(sha256), str(name))


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=REGISTRY)
def register_file(request: DeskRequest) -> HttpResponse:
    """Take the file; what is no register is told beside the field."""
    require_importer(by=request.actor)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        sent.content.seek(0)
        data = sent.content.read()
        shown: list[Preview] = []
        try_it = do_from(form, lambda: shown.append(register_preview(data=data, name=sent.name, by=request.actor)))
        if try_it:
            file_store(data)
            key = file_key(request.actor, shown[0].sha256, sent.name)
            return redirect(f"{reverse('web:register_lines')}?{urlencode({'register': key})}")
        for message in form.non_field_errors():
            form.add_error("file", message)
        form.errors.pop("__all__", None)
    context = {"form": form, "columns": [(code, str(words)) for code, words in COLUMNS.items()]}
    return render(request, "web/register/file.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=REGISTRY)
def register_lines(request: DeskRequest) -> HttpResponse:
    """Show what each line becomes; posted to, take them over as they were shown."""
    file = _named(request)
    data = file_read(file.sha256)
    preview = register_preview(data=data, name=file.name, by=request.actor)
    left = [one for one in preview.wrong if not all(problem.known for problem in one.problems)]
    form = ConfirmForm(request.POST if request.method == "POST" else None, wrong=len(preview.wrong))
    if request.method == "POST" and form.is_valid():
        if preview.wrong and not form.cleaned_data["leave_out"]:
            form.add_error("leave_out", _("Mend the file and choose it again, or say that these lines are left out."))
        else:
            done: list[Imported] = []
            try:
                done.append(
                    register_import(
                        data=data, name=file.name, by=request.actor, sha256=file.sha256,
                        leave_out=form.cleaned_data.get("leave_out", False),
                    )
                )  # fmt: skip
            except ImportRefused as refused:
                # Somebody changed the register meanwhile: the page below says how it stands now.
                form.add_error(None, str(refused))
                preview = refused.preview
            if done:
                messages.success(request, _told(done[0]))
                return redirect(request.get_full_path())
    return render(
        request, "web/register/lines.html", _context(request, preview, left, form), status=422 if form.errors else 200
    )


def _told(done: Imported) -> str:
    words = _(
        "Taken over: %(out)s requests out and %(into)s requests in. The file is kept under the SHA-256 %(sha256)s."
    )
    return words % {"out": len(done.outgoing), "into": len(done.incoming), "sha256": done.preview.sha256}


def _context(request: DeskRequest, preview: Preview, left: list[Checked], form: ConfirmForm) -> dict[str, Any]:
    asked = request.GET.get("show", "")
    show = asked if asked in _SHOWS else "wrong" if preview.wrong and preview.right else "all"
    rows = {"all": preview.lines, "wrong": preview.wrong, "right": [one for one in preview.lines if one.entry]}
    given = request.GET.get("after", "")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0
    shown = rows[show][start : start + SHOWN]
    key = request.GET.get("register", "")
    here = reverse("web:register_lines")
    further: dict[str, str | int] = {"register": key, "show": show, "after": start + SHOWN}
    tabs = (("all", _("All lines")), ("wrong", _("With errors")), ("right", _("Right")))
    return {
        "preview": preview,
        "form": form,
        "known": len(preview.known),
        "out": sum(one.direction == "outgoing" for one in preview.right),
        "into": sum(one.direction == "incoming" for one in preview.right),
        "rows": [_row(one) for one in shown],
        "tabs": [
            {
                "words": words,
                "count": len(rows[name]),
                "here": name == show,
                "address": f"{here}?{urlencode({'register': key, 'show': name})}",
            }
            for name, words in tabs
        ],
        "next": f"{here}?{urlencode(further)}" if len(rows[show]) > start + SHOWN else "",
        "left": len(left),
        "left_address": f"{reverse('web:register_left_out')}?{urlencode({'register': key})}" if left else "",
    }


def _row(one: Checked) -> dict[str, Any]:
    entry = one.entry
    return {
        "line": one.line.number,
        "said": one.line.said,
        "entry": entry,
        "status": status_label(entry.direction, entry.status) if entry else "",
        "outcome": str(Outcome(entry.outcome).label) if entry and entry.outcome else "",
        "problems": one.problems,
        "warnings": one.warnings,
    }


@require_safe
@page(open_to=REGISTRY)
def register_left_out(request: DeskRequest) -> HttpResponse:
    """The lines with errors as a file, each with what is wrong: to be mended and brought in by itself."""
    file = _named(request)
    preview = register_preview(data=file_read(file.sha256), name=file.name, by=request.actor)
    left = [one for one in preview.wrong if not all(problem.known for problem in one.problems)]
    return _csv(left_out_csv(left, delimiter=preview.delimiter), "left-out.csv")


@require_safe
@page(open_to=REGISTRY)
def register_example(request: DeskRequest) -> HttpResponse:
    return _csv(example_csv(), "register-example.csv")


def _csv(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
