"""Drafting: the task list, one page for each section and entry, saved as each answer is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mla.accounts.access import AccessDenied
from mla.accounts.capabilities import holds
from workflows.drafting.identifiers import identifier_kept
from workflows.drafting.law import law_for
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.selectors_library import offences_offered
from workflows.drafting.services import finding_waive
from workflows.drafting.services_reuse import letter_copied_check
from workflows.web.desk import WRITING, DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.drafting.alternatives import before_asked
from workflows.web.drafting.asking import Asking, asking_of, with_check
from workflows.web.drafting.basis import basis_context, cite, fields_of_basis, item_bases
from workflows.web.drafting.draft import LAW_FOR, Draft, Shown, draft_of, draft_saved, keeping_law
from workflows.web.drafting.forms import Around, PartForm, fields_of_item
from workflows.web.drafting.merging import (
    Outcome,
    Place,
    index_of,
    part_at,
    pointing_at,
    read_seen,
    removed,
    saved,
    seen_of,
    values_of,
)
from workflows.web.drafting.paragraphs import paragraphs_of
from workflows.web.drafting.planner import planner_of
from workflows.web.drafting.proof import with_proof
from workflows.web.drafting.proposing import item_like
from workflows.web.drafting.sections import SECTIONS, Entries, Field, Section, section_after, section_named
from workflows.web.drafting.words import entry_name, value_told
from workflows.web.views.act import buttons_for

__all__ = ["LAW_FOR", "entry", "entry_remove", "letter", "section", "waive"]

NEW = "new-"

#: Proposed while typing; any IANA name is taken.
ZONES = tuple(
    """
    Africa/Cairo Africa/Johannesburg Africa/Lagos Africa/Nairobi America/Argentina/Buenos_Aires America/Bogota
    America/Chicago America/Denver America/Los_Angeles America/Mexico_City America/Montevideo America/New_York
    America/Sao_Paulo Asia/Dubai Asia/Kolkata Asia/Riyadh Asia/Shanghai Asia/Singapore Asia/Tokyo Atlantic/Reykjavik
    Australia/Sydney Europe/Berlin Europe/Istanbul Europe/Lisbon Europe/London Europe/Madrid Europe/Paris Europe/Riga
    Europe/Rome Europe/Tirane Europe/Zurich Pacific/Auckland Pacific/Funafuti UTC
""".split()
)


@require_safe
@page(open_to=WRITING)
def letter(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Show the task list of a letter."""
    draft = draft_of(request.actor, public_id)
    with keeping_law():
        buttons = [b for b in buttons_for(draft.outgoing, request.actor) if b["act"] in ("lodge", "submit")]
        for button in buttons:
            # The act freezes the letter itself: that it is not frozen stands in nobody's way.
            button["reasons"] = [reason for reason in button["reasons"] if reason.code != "not_frozen"]
        context = {"draft": draft, "tasks": draft.tasks, "buttons": buttons, "preview": preview_address(draft)}
        context["follows"] = getattr(draft.version, "follows", False)
        context["may_template"] = holds(request.actor, "template.create")
        return render(request, "web/letter/tasks.html", context)


def preview_address(draft: Draft) -> str:
    from django.urls import NoReverseMatch

    try:
        return reverse("web:letter_preview", args=[draft.outgoing.public_id])
    except NoReverseMatch:
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def section(request: DeskRequest, public_id: UUID, slug: str) -> HttpResponse:
    """Show and save a section's own fields; its lists are shown with links to their entries."""
    draft, found = _found(request, public_id, slug)
    if "paragraphs" in request.GET:
        return _paragraphs(request, draft, found, Place())
    if found.slug == "basis":
        return _basis(request, draft, found)
    if found.slug == "annexes":
        return _annexes(request, draft, found)
    return _part(request, draft, found, None, Place())


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def entry(request: DeskRequest, public_id: UUID, slug: str, key: str) -> HttpResponse:
    """Show and save one entry of a list; `new-persons` begins one."""
    draft, found = _found(request, public_id, slug)
    place, entries = _placed(request, draft, found, key)
    if "paragraphs" in request.GET:
        return _paragraphs(request, draft, found, place)
    if entries.group == "annexes":
        from workflows.web.views.drafting_annexes import annex

        return annex(request, draft, found, place)
    return _part(request, draft, found, entries, place)


def _paragraphs(request: DeskRequest, draft: Draft, found: Section, place: Place) -> HttpResponse:
    """Answer what the section or entry reads like now, alone: the page asks for it when a save is done."""
    context = {"draft": draft, "paragraphs": paragraphs_of(draft, found, place)}
    return render(request, "web/letter/_paragraphs.html", context)


def _found(request: DeskRequest, public_id: UUID, slug: str) -> tuple[Draft, Section]:
    draft = draft_of(request.actor, public_id)
    found = section_named(slug)
    if found is None:
        raise AccessDenied("page", slug, request.actor)
    return draft, found


def _placed(request: DeskRequest, draft: Draft, found: Section, key: str) -> tuple[Place, Entries]:
    """Return where an entry stands; one that is not there is answered as a page that is not there."""
    for entries in found.entries:
        if key == f"{NEW}{entries.group}":
            # A new entry that was saved from this page once is that entry from then on.
            given = (request.POST or request.GET).get("entry", "")[:12]
            place = Place(entries.group, given)
            if given and index_of(draft.content, place) is None:
                raise AccessDenied("entry", given, request.actor)
            return place, entries
        place = Place(entries.group, key)
        if index_of(draft.content, place) is not None:
            return place, entries
    raise AccessDenied("entry", key, request.actor)


def _asking(draft: Draft, found: Section, entries: Entries | None, place: Place, new: str = "") -> Asking:
    """Return what the page of a part asks, as the letter stands now. `new`: questions to mark, as in its address."""
    part = part_at(draft.content, place) if not place.group or place.key else None
    measure = measure_catalogue().get((part or {}).get("measure", "")) if place.group == "items" else None
    every = _every(draft, found, entries, place)
    return asking_of(every, draft.content, place.group, part, measure, new[:2000].split())


def _every(draft: Draft, found: Section, entries: Entries | None, place: Place) -> list[Field]:
    if entries is None:
        return before_asked(draft) if found.slug == "before" else list(found.fields)
    if entries.group == "items":
        part = part_at(draft.content, place) or {}
        return with_proof(fields_of_item(entries.fields, part, measure_catalogue(), draft.content), draft, part)
    if entries.group == "bases":
        return fields_of_basis(entries.fields, draft, place.key)
    if entries.group == "identifiers" and place.key:
        return with_check(entries.fields, part_at(draft.content, place) or {}, draft.content)
    return list(entries.fields)


def _part(request: DeskRequest, draft: Draft, found: Section, entries: Entries | None, place: Place) -> HttpResponse:
    new = bool(place.group and not place.key)
    asking = _asking(draft, found, entries, place, request.GET.get("new", ""))
    names = asking.names
    around = Around(draft.content)
    part = None if new else part_at(draft.content, place)
    values = values_of(part, names)
    if place.group == "bases":
        values["items"] = item_bases(draft.content, place.key)
    if request.method != "POST":
        like = item_like(draft.content, place.key, around.measures) if place.group == "items" else None
        form = PartForm(asked=asking.asked, around=around, values=values, like=like)
        return _page(request, draft, found, entries, place, form, seen_of(values, names), asking)
    draft.require("edit")
    quiet = bool(request.htmx)
    shown = request.POST.get("shown")
    asked = asking.posted(shown)
    form = PartForm(request.POST, asked=asked, around=around, values=values)
    mine = form.values()
    if not quiet:
        # Never while somebody still types: an answer is taken out by the button alone.
        mine |= {
            left.field.name: None for left in asking.left if left.remove in request.POST and left.field not in asked
        }
    if form.errors and not quiet:
        return _page(request, draft, found, entries, place, form, request.POST.get("seen", ""), asking, status=422)
    outcome = _save(request, draft, entries, place, mine, quiet)
    if outcome.gone:
        raise AccessDenied("entry", place.key, request.actor)
    _tell_problems(form, outcome)
    if outcome.version is not None:
        after = draft_saved(draft, outcome.version, outcome.file)
    else:
        after = draft_of(request.actor, public_id=draft.outgoing.public_id)
    here = Place(place.group, outcome.key) if place.group else place
    now = _asking(after, found, entries, here if outcome.saved else place)
    if quiet:
        same = asking.pages(now) or new
        return _answer(request, after, found, entries, here, form, outcome, now, same=bool(same))
    if outcome.saved:
        messages.success(request, _("Saved."))
        if entries is None and after.copied_into(found):
            letter_copied_check(letter=after.letter, by=request.actor, parts=[one.name.split(".")[0] for one in asked])
        # A new measure goes on to its questions in any case.
        fresh = now.new(shown) if asking.pages(now) and not (new and place.group == "items") else []
        if "another" in request.POST and entries is not None:
            return redirect(after.address(found, f"{NEW}{entries.group}"))
        if fresh:
            return redirect(_with_new(after.address(found, here.key if here.group else ""), fresh))
        return redirect(_next(after, found, entries, here, new=new))
    draft_now = after
    return _page(
        request, draft_now, found, entries, place, form, request.POST.get("seen", ""), now, outcome=outcome,
        status=409 if outcome.conflicts else 422,
    )  # fmt: skip


def _with_new(address: str, fresh: Sequence[str]) -> str:
    """Return the page of a part again, with the questions marked that it did not ask before."""
    return f"{address}?{urlencode({'new': ' '.join(fresh)})}#f-{fresh[0]}"


def _save(
    request: DeskRequest, draft: Draft, entries: Entries | None, place: Place, mine: dict[str, Any], quiet: bool
) -> Outcome:
    seen = read_seen(request.POST.get("seen", ""))
    chosen = {name: request.POST.get(f"choose-{name}", "") for name in mine}
    tidy: Callable[[dict[str, Any]], None] | None = None
    if place.group == "bases":
        items = mine.pop("items", None) or []
        tidy = lambda content: cite(content, place.key, items)  # noqa: E731
    elif place.group == "items":
        tidy = _answers_of_the_measure
    elif place.group == "identifiers":
        tidy = lambda content: _identifiers_kept(content, place)  # noqa: E731
    elif place.group == "providers" or not place.group:
        before = draft.content["requested"]["jurisdiction"]
        tidy = lambda content: _addressee_of_the_state(content, before)  # noqa: E731
    return saved(
        letter=draft.letter, by=request.actor, place=place, mine=mine, seen=seen, chosen=chosen,
        prefix=entries.prefix if entries else "", tidy=tidy, partly=quiet,
        read_now=draft.version if draft.is_current else None,
    )  # fmt: skip


def _answers_of_the_measure(content: dict[str, Any]) -> None:
    """Answers to another measure's questions go with it."""
    for item in content.get("items", ()):
        measure = measure_catalogue().get(item.get("measure", ""))
        if measure is not None and item.get("answers"):
            item["answers"] = {key: value for key, value in item["answers"].items() if measure.question(key)}


def _identifiers_kept(content: dict[str, Any], place: Place) -> None:
    """What was typed is kept in its usual form, where it holds; the others are left as they are."""
    entry = part_at(content, place) if place.key else content["identifiers"][-1]
    if entry and isinstance(entry.get("value"), str):
        entry["value"] = identifier_kept(str(entry.get("type", "")), entry["value"])


def _addressee_of_the_state(content: dict[str, Any], before: str) -> None:
    """Another State has other authorities."""
    if content["requested"].get("jurisdiction") != before:
        content["requested"].pop("authority", None)


def _tell_problems(form: PartForm, outcome: Outcome) -> None:
    for problem in outcome.problems:
        place = form.place(problem.where)
        if place not in form.errors:
            form.add_error(place or None, problem.message if place else f"{problem.where}: {problem.message}")


def _next(draft: Draft, found: Section, entries: Entries | None, place: Place, *, new: bool) -> str:
    if entries is not None:
        if entries.group == "items" and new:
            return draft.address(found, place.key)
        return draft.address(found)
    if found.entries:
        return draft.address(found)
    following = section_after(found)
    return draft.address(following) if following else reverse("web:letter", args=[draft.outgoing.public_id])


def _differences(
    draft: Draft, outcome: Outcome, asked: Sequence[Field], mine: Mapping[str, Any]
) -> list[dict[str, Any]]:
    from workflows.web.drafting.merging import digest

    by_name = {one.name: one for one in asked}
    return [
        {
            "field": by_name[name],
            "mine": value_told(by_name[name], mine.get(name)),
            "theirs": value_told(by_name[name], outcome.theirs.get(name)),
            "hash": digest(outcome.theirs.get(name), name),
        }
        for name in outcome.conflicts
        if name in by_name
    ]


def _answer(
    request: DeskRequest, draft: Draft, found: Section, entries: Entries | None, place: Place, form: PartForm,
    outcome: Outcome, now_asking: Asking, *, same: bool,
) -> HttpResponse:  # fmt: skip
    """Answer a quiet save: the state of saving, the errors beside the fields, the findings."""
    asked = list(form.asked.values())
    if outcome.saved and _other_questions(draft, entries, asked, request, same=same):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = draft.address(found, place.key) if place.group else draft.address(found)
        return answer
    names = list(dict.fromkeys([one.name for one in asked] + now_asking.names))
    part = part_at(draft.content, place) if not place.group or (place.key and outcome.saved) else None
    now = values_of(part, names) if part is not None else {}
    if place.group == "bases":
        now["items"] = item_bases(draft.content, place.key)
    old = read_seen(request.POST.get("seen", ""))
    changed = dict(zip(names, _hashes(now, names), strict=True)) if outcome.saved else old
    # What another changed alone was not shown on this page: it still counts as not seen.
    for name in outcome.also:
        changed[name] = old.get(name, "")
    context = {
        "draft": draft, "section": found, "form": form, "outcome": outcome,
        "seen": _json(changed), "entry_key": place.key if outcome.saved else request.POST.get("entry", ""),
        "differences": _differences(draft, outcome, asked, form.values()),
        "also": [one.label for one in asked if one.name in outcome.also],
        "here": _here(draft, found, place),
        "fresh": [one for one in now_asking.asked if one.html in now_asking.new(request.POST.get("shown"))]
        if outcome.saved
        else [],
    }  # fmt: skip
    status = 409 if outcome.conflicts else 422 if form.errors else 200
    answer = render(request, "web/letter/_saved.html", context, status=status)
    if outcome.saved:
        answer["HX-Trigger"] = "letter-saved"
    if entries is not None and outcome.saved and request.path.rstrip("/").endswith(f"{NEW}{entries.group}"):
        answer["HX-Replace-Url"] = draft.address(found, place.key)
    return answer


def _hashes(values: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    from workflows.web.drafting.merging import digest

    return [digest(values.get(name), name) for name in names]


def _json(value: dict[str, str]) -> str:
    import json

    return json.dumps(value, separators=(",", ":"))


def _other_questions(
    draft: Draft, entries: Entries | None, asked: Sequence[Field], request: DeskRequest, *, same: bool
) -> bool:
    """Tell whether the answer made it another page (the questions of another measure), or the other's was taken over."""
    if any(request.POST.get(name, "").startswith("theirs:") for name in request.POST if name.startswith("choose-")):
        return True
    if entries is None:
        return any(one.name == "requested.jurisdiction" for one in asked) and (
            request.POST.get("state_shown") not in (None, "", draft.content["requested"]["jurisdiction"])
        )
    return entries.group == "items" and not same


def _page(
    request: DeskRequest, draft: Draft, found: Section, entries: Entries | None, place: Place, form: PartForm,
    seen: str, asking: Asking, *, outcome: Outcome | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    number = SECTIONS.index(found) + 1
    asked = list(form.asked.values())
    here = _here(draft, found, place)
    context = {
        "draft": draft,
        "section": found,
        "entries": entries,
        "place": place,
        "number": number,
        "of": len(SECTIONS),
        "form": form if asked else None,
        "shown": " ".join(one.html for one in asked),
        "left": [one for one in asking.left if one.field.html not in form.asked],
        "seen": seen,
        "entry_key": place.key,
        "lists": [_list(draft, found, one) for one in found.entries] if entries is None else [],
        "following": section_after(found),
        "following_address": _next(draft, found, None, place, new=False) if not found.entries else _after(draft, found),
        "differences": _differences(draft, outcome, [*asked, *(one.field for one in asking.left)], form.values())
        if outcome
        else [],
        "outcome": outcome,
        "copied": draft.copied_into(found) if entries is None else None,
        "library": offences_offered(request.actor) if found.slug == "offences" and entries is None else None,
        "to_library": place.group == "offences" and place.key and holds(request.actor, "offence.create"),
        "here": here,
        # A finding that leads into a folded question finds it open.
        "unfold": form.unfold or any(shown.address.endswith(f"#f-{one.name}") for shown in here for one in form.folded),
        "states": form_states(form),
        "zone_names": ZONES if any(one.kind == "zone" for one in asked) else (),
        "paragraphs": paragraphs_of(draft, found, place),
        "name": _named(draft, place),
        "back": draft.address(found),
        "planner": planner_of(draft.file, draft.outgoing, request.actor)
        if entries is None and found.slug == "preserved"
        else None,
        "measure": measure_catalogue().get((part_at(draft.content, place) or {}).get("measure", ""))
        if place.group == "items" and place.key
        else None,
    }
    return render(request, "web/letter/section.html", context, status=status)


def _named(draft: Draft, place: Place) -> str:
    if not place.key:
        return ""
    return _called(draft, place.group, part_at(draft.content, place) or {})


def _called(draft: Draft, group: str, entry: Mapping[str, Any]) -> str:
    """Return how an entry is called; a legal basis by the name of its treaty, not by its code."""
    name = entry_name(group, entry)
    if group != "bases":
        return name
    with keeping_law():
        facts = law_for(draft.file).instruments.get(entry.get("instrument", ""))
    return " · ".join((str(entry.get("id", "")), facts.name)) if facts else name


def _here(draft: Draft, found: Section, place: Place) -> list[Shown]:
    """Return the findings of a section; on the page of an entry those of the entry alone."""
    mine = [shown for shown in draft.findings if shown.section is found]
    number = index_of(draft.content, place) if place.group and place.key else None
    if not place.group:
        return mine
    start = f"{place.group}[{number}]"
    return [shown for shown in mine if shown.finding.question.startswith(start)]


def _after(draft: Draft, found: Section) -> str:
    following = section_after(found)
    return draft.address(following) if following else reverse("web:letter", args=[draft.outgoing.public_id])


def form_states(form: forms.Form) -> list[tuple[str, str]]:
    return next((list(one.states) for one in form.fields.values() if hasattr(one, "states")), [])


def _list(draft: Draft, found: Section, entries: Entries) -> dict[str, Any]:
    rows = []
    for number, one in enumerate(draft.content.get(entries.group, ())):
        key = one.get("id") or str(number + 1)
        path = f"{entries.group}[{number}]"
        mine = [shown for shown in draft.findings if shown.finding.question.startswith(path)]
        gaps = sum(shown.finding.severity == "gap" for shown in mine)
        rows.append(
            {
                "name": _called(draft, entries.group, one),
                "address": draft.address(found, key),
                "remove": reverse("web:letter_remove", args=[draft.outgoing.public_id, found.slug, key]),
                "gaps": gaps,
            }
        )
    return {"entries": entries, "rows": rows, "add": draft.address(found, f"{NEW}{entries.group}")}


def _annexes(request: DeskRequest, draft: Draft, found: Section) -> HttpResponse:
    from workflows.web.views.drafting_annexes import annexes

    around = {
        "section": found, "number": SECTIONS.index(found) + 1, "of": len(SECTIONS), "following": section_after(found),
        "following_address": _after(draft, found), "here": _here(draft, found, Place()),
        "paragraphs": paragraphs_of(draft, found, Place()), "copied": draft.copied_into(found),
    }  # fmt: skip
    return annexes(request, draft, found, around)


def _basis(request: DeskRequest, draft: Draft, found: Section) -> HttpResponse:
    if request.method == "POST":
        draft.require("edit")
        from workflows.web.drafting.basis import basis_add

        key = basis_add(draft, request.actor, request.POST.get("instrument", "")[:60])
        messages.success(request, _("Cited as %(key)s. Look over the measures, articles and rank.") % {"key": key})
        return redirect(draft.address(found, key))
    context = {
        "draft": draft, "section": found, "number": SECTIONS.index(found) + 1, "of": len(SECTIONS),
        "lists": [_list(draft, found, one) for one in found.entries], "following": section_after(found),
        "following_address": _after(draft, found),
        "here": [shown for shown in draft.findings if shown.section is found],
        "paragraphs": paragraphs_of(draft, found, Place()), "copied": draft.copied_into(found),
        **basis_context(draft),
    }  # fmt: skip
    return render(request, "web/letter/basis.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def entry_remove(request: DeskRequest, public_id: UUID, slug: str, key: str) -> HttpResponse:
    """Ask, naming what refers to it, and take an entry out of the letter."""
    draft, found = _found(request, public_id, slug)
    place, entries = _placed(request, draft, found, key)
    if not place.key:
        raise AccessDenied("entry", key, request.actor)
    part = part_at(draft.content, place) or {}
    names = sorted({*part, "id"})
    status, outcome = 200, None
    draft.require("edit")
    if request.method == "POST":
        shown = read_seen(request.POST.get("seen", ""))
        outcome = removed(
            letter=draft.letter, by=request.actor, place=place, seen=shown, names=sorted({*names, *shown})
        )
        if outcome.saved:
            messages.success(request, _("Taken out: %(name)s") % {"name": _called(draft, place.group, part)})
            return redirect(draft.address(found))
        status = 409
    context = {
        "draft": draft, "section": found, "entries": entries, "name": _called(draft, place.group, part),
        "pointing": [_called(draft, group, one) for group, one in pointing_at(draft.content, place)],
        "seen": seen_of(part, names), "outcome": outcome, "back": draft.address(found, key),
    }  # fmt: skip
    return render(request, "web/letter/remove.html", context, status=status)


class WaiveForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Finding"), max_length=80, widget=forms.HiddenInput)
    question = forms.CharField(
        label=gettext_lazy("Place in the letter"), max_length=200, required=False, widget=forms.HiddenInput
    )
    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}))


@require_http_methods(["GET", "HEAD", "POST"])
@page(open_to=WRITING)
def waive(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """Set a warning aside, with the reason that the approver reads."""
    draft = draft_of(request.actor, public_id)
    draft.require("waive")
    given = request.POST if request.method == "POST" else request.GET
    code, question = given.get("code", ""), given.get("question", "")
    shown = next((s for s in draft.findings if (s.finding.code, s.finding.question) == (code, question)), None)
    form = WaiveForm(request.POST if request.method == "POST" else None, initial={"code": code, "question": question})
    form.fields["reason"].label = _("Why it can stay")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def act() -> None:
            finding_waive(
                letter=draft.letter,
                by=request.actor,
                code=said["code"],
                question=said["question"],
                reason=said["reason"],
            )

        if do_from(form, act):
            messages.success(request, _("Set aside, with your reason. The approver reads it."))
            return redirect("web:letter", draft.outgoing.public_id)
    if shown is None and request.method != "POST":
        raise AccessDenied("finding", code[:60], request.actor)
    context = {"draft": draft, "shown": shown, "form": form}
    return render(request, "web/letter/waive.html", context, status=422 if request.method == "POST" else 200)
