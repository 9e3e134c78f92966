"""Translations: the list, one with its texts side by side, saving a text, annexes, and those of a case with what is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from mla.accounts.models import Role
from workflows.documents.formats import direction_of, language_name
from workflows.documents.services_translation import translation_faults
from workflows.drafting.letterfile import letter_from
from workflows.drafting.models_translation import Translation, TranslationAnnex
from workflows.drafting.selectors import access_version_by_number
from workflows.drafting.selectors_translation import (
    READERS,
    access_translation_by_id,
    access_unit,
    progress_of,
    terms_for,
    translations_found,
    translations_of,
    translations_page,
    units_page,
)
from workflows.drafting.services_translation import annex_decide, translation_assign, unit_save
from workflows.drafting.translation_checks import must_stand
from workflows.drafting.translation_content import certificate_of
from workflows.drafting.translation_need import translation_need
from workflows.lifecycle.selectors import access_outgoing_by_id
from workflows.web.acts.translation import people_choices, person_named
from workflows.web.choices import language_choices
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.paging import after_of, next_address
from workflows.web.translating import UnitForm, unit_shown
from workflows.web.uploads import UploadField
from workflows.web.views.act import buttons_for

TRANSLATING = WRITING | {Role.TRANSLATOR}
SHOWN = (("", lazy("open")), ("mine", lazy("mine, open")), ("certified", lazy("certified")), ("all", lazy("all")))


@require_safe
@page(open_to=TRANSLATING)
def translations(request: DeskRequest) -> HttpResponse:
    """The translations that the hat may know of, the newest first; of a translator their own."""
    show = request.GET.get("show", "")
    rows, following = translations_page(translations_found(request.actor, show=show), after_of(request))
    for row in rows:
        row.language_words = language_name(row.language, request.LANGUAGE_CODE)  # type: ignore[attr-defined]
    context = {
        "rows": rows,
        "next": next_address(request, following),
        "show": show,
        "shown": SHOWN,
        "may_terms": holds(request.actor, "term.create"),
    }
    return render(request, "web/translations/list.html", context)


@require_safe
@page(open_to=TRANSLATING)
def translation(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """One translation: its texts side by side, a page at a time."""
    found = access_translation_by_id(request.actor, public_id)
    at = request.GET.get("at", "")
    return _workspace(request, found, at=int(at) if at.isascii() and at.isdigit() and len(at) < 6 else None)


@require_POST
@page(open_to=frozenset({Role.TRANSLATOR}))
def unit_saved(request: DeskRequest, public_id: UUID, position: int) -> HttpResponse:
    """Save one text, as a draft or done, and go on with the next."""
    found = access_translation_by_id(request.actor, public_id)
    unit = access_unit(request.actor, found, position)
    form = UnitForm(request.POST)
    if form.is_valid():
        source = "take_source" in request.POST
        target = unit.source if source else form.cleaned_data["target"]
        done = source or "done" in request.POST

        def save() -> Any:
            seen = form.cleaned_data["seen"] or 0
            return unit_save(translation=found, unit=unit, target=target, done=done, seen=seen, by=request.actor)

        if do_from(form, save):
            following = position + 1 if done else position
            return redirect(f"{reverse('web:translation', args=[found.public_id])}?at={following}#u{following}")
    return _workspace(request, found, at=position, wrong={position: form}, status=422)


def _workspace(
    request: DeskRequest,
    found: Translation,
    *,
    at: int | None = None,
    wrong: dict[int, UnitForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    frozen = found.source.frozen_content or {}
    wanted = request.GET.get("status", "")
    units, following = units_page(found, status=wanted, after=after_of(request), at=at)
    source_language = frozen["letter"]["language"]
    terms = terms_for(request.actor, source_language, found.language)
    known = must_stand(frozen)
    letter = frozen["letter"] | {"annexes": frozen["annexes"]}
    language = request.LANGUAGE_CODE
    decided = {row.key: row for row in found.annexes.all()}
    context = {
        "translation": found,
        "units": [unit_shown(unit, terms, known, letter, (wrong or {}).get(unit.position)) for unit in units],
        "progress": progress_of(found),
        "next": next_address(request, following) if at is None else _next_of(found, following),
        "wanted": wanted,
        "may_write": found.may_save_unit(request.actor) and found.status == Translation.Status.ASSIGNED,
        "buttons": buttons_for(found, request.actor),
        "source_language": source_language,
        "source_words": language_name(source_language, language),
        "target_words": language_name(found.language, language),
        "source_direction": direction_of(source_language),
        "target_direction": direction_of(found.language),
        "annexes": [(annex, decided.get(annex["id"])) for annex in frozen["annexes"]],
        "certificate": certificate_of(found),
        "fault": translation_faults([found]).get(found.pk, ""),
        "case": _case_address(request, found),
    }
    return render(request, "web/translations/work.html", context, status=status)


def _next_of(found: Translation, following: int | None) -> str:
    if following is None:
        return ""
    return f"{reverse('web:translation', args=[found.public_id])}?at={following + 1}"


def _case_address(request: DeskRequest, found: Translation) -> str:
    """Return the address of the case for whoever may see it; a translator sees none."""
    outgoing = getattr(found.source.letter, "outgoing", None)
    if outgoing is None or request.actor.role == Role.TRANSLATOR:
        return ""
    return reverse("web:translations_case", args=[outgoing.public_id])


class AnnexForm(forms.Form):
    how = forms.ChoiceField(
        label=lazy("How it is translated"), choices=TranslationAnnex.How.choices, widget=forms.RadioSelect
    )
    file = UploadField(label=lazy("File of the translation"), required=False)
    summary = forms.CharField(
        label=lazy("Summary in the target language"), max_length=20_000, required=False,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )  # fmt: skip
    reason = forms.CharField(
        label=lazy("Why not in full"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=frozenset({Role.TRANSLATOR}))
def annex(request: DeskRequest, public_id: UUID, key: str) -> HttpResponse:
    """Say how one annex is translated."""
    found = access_translation_by_id(request.actor, public_id)
    entry = next((one for one in (found.source.frozen_content or {})["annexes"] if one["id"] == key), None)
    if entry is None or not found.may_decide_annex(request.actor):
        raise AccessDenied("annex", key, request.actor)
    before = found.annexes.filter(key=key).first()
    initial: dict[str, Any] = {"expected_version": found.version}
    if before is not None:
        initial |= {"how": before.how, "summary": before.summary, "reason": before.reason}
    form = AnnexForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        sent = said["file"]

        def decide() -> Any:
            return annex_decide(
                translation=found, key=key, how=said["how"], reason=said["reason"], summary=said["summary"],
                name=sent.name if sent else "", content=sent.content.read() if sent else None, by=request.actor,
                expected_version=said["expected_version"],
            )  # fmt: skip

        if do_from(form, decide):
            messages.success(request, _("Kept."))
            return redirect("web:translation", found.public_id)
    posted = request.method == "POST"
    context = {"translation": found, "annex": entry, "before": before, "form": form}
    return render(request, "web/translations/annex.html", context, status=422 if posted else 200)


class AssignForm(forms.Form):
    language = forms.ChoiceField(label=lazy("Language"))
    translator = forms.ChoiceField(label=lazy("Translator"))
    second_reader = forms.ChoiceField(
        label=lazy("Second reader"), required=False, help_text=lazy("Compares it before it is certified.")
    )
    note = forms.CharField(
        label=lazy("What the translator should know"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )  # fmt: skip

    def __init__(self, *args: Any, authority_id: int, needed: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["language"].choices = language_choices(needed)  # type: ignore[attr-defined]
        self.fields["translator"].choices = people_choices(authority_id, Role.TRANSLATOR)  # type: ignore[attr-defined]
        readers = people_choices(authority_id, *READERS)
        self.fields["second_reader"].choices = [("", _("nobody")), *readers]  # type: ignore[attr-defined]

    def require_known(self, request: DeskRequest) -> None:
        """Refuse a form that names a person whom it never offered. Raises AccessDenied."""
        for name in ("translator", "second_reader"):
            given = str(self.data.get(name, ""))
            if given and not self.fields[name].valid_value(given):  # type: ignore[attr-defined]
                raise AccessDenied(name, given[:60], request.actor)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def of_case(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The translations of a case's letter, what the requested State needs, and assigning one."""
    case = access_outgoing_by_id(request.actor, public_id)
    version = access_version_by_number(request.actor, case.letter)
    need = translation_need(letter_from(version.content))
    may_assign = holds(request.actor, "translation.assign") and version.frozen_content is not None
    authority = request.actor.authority_id or 0
    initial = {"language": need.offered[0] if need.offered and need.state != "met" else ""}
    form = AssignForm(request.POST or None, authority_id=authority, needed=need.offered, initial=initial)
    if request.method == "POST":
        if not holds(request.actor, "translation.assign"):
            raise AccessDenied("page", "translations_case", request.actor)
        form = AssignForm(request.POST, authority_id=authority, needed=need.offered)
        form.require_known(request)
        made: list[Translation] = []

        def assign() -> None:
            translator = person_named(form.cleaned_data["translator"])
            assert translator is not None
            made.append(
                translation_assign(
                    version=version,
                    language=form.cleaned_data["language"],
                    translator=translator,
                    second_reader=person_named(form.cleaned_data["second_reader"]),
                    note=form.cleaned_data["note"],
                    by=request.actor,
                )
            )

        if form.is_valid() and do_from(form, assign):
            messages.success(request, _("Assigned. The translator sees the letter's texts now, and nothing else."))
            return redirect("web:translation", made[0].public_id)
    language = request.LANGUAGE_CODE
    rows = translations_of(request.actor, version)
    faults = translation_faults(rows)
    for row in rows:
        row.language_words = language_name(row.language, language)  # type: ignore[attr-defined]
        row.fault = faults.get(row.pk, "")  # type: ignore[attr-defined]
    context = {
        "case": case,
        "version": version,
        "need": need,
        "offered": [(code, language_name(code, language)) for code in need.offered],
        "works_in": [language_name(code, language) for code in need.works_in],
        "said": [
            (one, " / ".join(" + ".join(language_name(code, language) for code in way) for way in one.options))
            for one in need.said
        ],
        "letter_language": language_name(version.content["language"], language),
        "rows": rows,
        "form": form,
        "may_assign": may_assign,
    }
    return render(request, "web/translations/case.html", context, status=422 if request.method == "POST" else 200)
