"""What binds two States on a day, for a measure and an offence: the resolver's answer at an address that can be kept."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from mla.core import clock
from mla.core.languages import house_words
from mla.reference.models import Jurisdiction, RefusalGround
from workflows.drafting.findings.contents import content_words
from workflows.drafting.resolver import resolve
from workflows.drafting.resolver_grounds import grounds_in_play
from workflows.drafting.resolver_types import BasisEntry, Offence, Relation, Resolution
from workflows.web.desk import READERS, DeskRequest, page
from workflows.web.drafting.basis import ANSWER_WORDS, ROLE_WORDS, why_told
from workflows.web.forms.treaties import PairForm
from workflows.web.views.treaties import may_edit, measure_name


@require_safe
@page(READERS)
def between(request: DeskRequest) -> HttpResponse:
    """The ranked answer for two States; asked by the address alone, so that it can be sent to somebody."""
    asked = any(request.GET.get(name) for name in ("requesting", "requested", "measure"))
    if asked:
        form = PairForm(request.GET)
    else:
        own = Jurisdiction.objects.filter(authorities=request.actor.authority_id).values_list("code", flat=True).first()
        form = PairForm(initial={"requesting": own, "on": clock.now().date()})
    context: dict[str, Any] = {"form": form, "may_edit": may_edit(request)}
    status = 200
    if asked and form.is_valid():
        context |= _answer(form.cleaned_data)
    elif asked:
        status = 422
    return render(request, "web/treaties/between.html", context, status=status)


def _answer(said: dict[str, Any]) -> dict[str, Any]:
    found = resolve(
        requesting=said["requesting"],
        requested=said["requested"],
        on=said["on"],
        measure=said["measure"],
        offence=Offence(
            category=said["offence"] or None,
            maximum_years=said["maximum_years"],
            organized_group=said["organized_group"],
            benefit_sought=said["benefit_sought"],
        ),
        relation=Relation(other_treaty=said["other_treaty"]),
    )
    language = get_language() or "en"
    names = {state.code: state.name(language) for state in Jurisdiction.objects.filter(code__in=_codes(found))}
    return {
        "found": found,
        "names": names,
        "asking": names[found.requesting],
        "asked": names[found.requested],
        "measure": measure_name(found.measure),
        "entries": [_entry(entry, names) for entry in found.in_force if entry.scope.answer != "not"],
        "outside": [entry for entry in found.in_force if entry.scope.answer == "not"],
        "unknown": [(row, why_told(row, "unknown", names)) for row in found.unknown if row.recorded],
        "nothing_recorded": [row.law for row in found.unknown if not row.recorded],
        "no": [(row, why_told(row, "no", names)) for row in found.not_in_force if row.recorded],
        "declarations": [(one, names[one.jurisdiction]) for one in found.declarations],
        "grounds": _grounds(found),
        "carries": bool(found.bases),
    }


def _codes(found: Resolution) -> list[str]:
    return [found.requesting, found.requested]


def _entry(entry: BasisEntry, names: dict[str, str]) -> dict[str, Any]:
    return {
        "entry": entry,
        "role": ROLE_WORDS[entry.role],
        "scope": ANSWER_WORDS[entry.scope.answer],
        "residual": ", ".join(entry.residual) if entry.scope.answer != "not" else "",
        "articles": ", ".join(entry.articles),
        "sides": [
            (names[side.jurisdiction], side, side.source.split(" | ") if side.source else [])
            for side in (entry.requesting, entry.requested)
        ],
        "contents": [
            (content_words(one), one, entry.holds_only_if_none(one.residual)) for one in entry.contents
        ] if entry.is_basis else [],
    }  # fmt: skip


def _grounds(found: Resolution) -> list[tuple[str, Any]]:
    names = {code: house_words(name) for code, name in RefusalGround.objects.values_list("code", "name")}
    return [(names.get(one.ground, one.ground), one) for one in grounds_in_play(found)]
