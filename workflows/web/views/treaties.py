"""The treaties: the list with its filters, and one instrument with all that is recorded of it, each with its source."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mla.accounts import services_treaties as service
from mla.accounts.access import access
from mla.accounts.capabilities import holds
from mla.core import clock
from mla.core.languages import house_words
from mla.core.letter_languages import language_told, letter_languages
from mla.reference.models import Instrument, RefusalGround
from mla.reference.rules import InstrumentRules, rules_of
from mla.reference.selectors_treaties import (
    changes_of,
    declarations_on,
    standings_of,
    treaties_page,
)
from mla.reference.selectors_treaties import treaties as treaties_known
from workflows.documents import wording
from workflows.drafting.findings.contents import content_words
from workflows.drafting.measures import measure_catalogue
from workflows.drafting.resolver import law_of, row_of
from workflows.drafting.resolver_dates import standing
from workflows.web.choices import ManySelect
from workflows.web.desk import READERS, DeskRequest, page
from workflows.web.forms.treaties import TreatyFilter
from workflows.web.paging import after_of, next_address
from workflows.web.states import states_named
from workflows.web.views.lists import safe_cell

#: Rows of one file at most; the file says when there are more.
MOST_EXPORTED = 10_000


def may_edit(request: DeskRequest) -> bool:
    return holds(request.actor, service.EDIT)


@require_safe
@page(READERS)
def treaties(request: DeskRequest) -> HttpResponse:
    """Every instrument that is recorded, by code."""
    form = TreatyFilter(request.GET)
    shown, following = treaties_page(treaties_known(**form.said()), request.GET.get("after", "")[:40])
    query = {name: request.GET.get(name, "") for name in form.fields}
    context = {
        "form": form,
        "rows": shown,
        "next": next_address(request, following or None),
        "query": urlencode({name: value for name, value in query.items() if value}),
        "may_edit": may_edit(request),
    }
    return render(request, "web/treaties/list.html", context)


@require_safe
@page(READERS)
def export(request: DeskRequest) -> HttpResponse:
    """The instruments that the list shows, as a table file."""
    rows = csv.writer(_Echo())
    lines = (rows.writerow([safe_cell(cell) for cell in line]) for line in _lines(TreatyFilter(request.GET).said()))
    answer = StreamingHttpResponse(_encoded(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="treaties.csv"'
    return cast(HttpResponse, answer)


def _lines(said: dict[str, str]) -> Iterator[list[str]]:
    yield [
        _("code"), _("kind"), _("short name"), _("full title"), _("signed"), _("in force"), _("States bound"), _("source"),
        _("as of"), _("to be confirmed"), _("changed here (UTC)"),
    ]  # fmt: skip
    for number, row in enumerate(treaties_known(**said).iterator(chunk_size=500)):
        if number == MOST_EXPORTED:
            yield [_("more rows are left out: narrow the filters")]
            return
        yield [
            row.code,
            str(row.get_kind_display()),
            row.short_name,
            row.full_title,
            row.adopted.isoformat() if row.adopted else "",
            row.in_force.isoformat() if row.in_force else row.in_force_text,
            str(cast(Any, row).bound),
            row.source,
            row.as_of,
            _("yes") if row.to_be_confirmed else _("no"),
            row.edited_at.strftime("%Y-%m-%dT%H:%M:%SZ") if row.edited_at else "",
        ]


class _Echo:
    def write(self, line: str) -> str:
        return line


def _encoded(lines: Any) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    for line in lines:
        yield line.encode()


def instrument_named(request: DeskRequest, code: str) -> Instrument:
    """Return an instrument by its code; one that is not there is answered as a page that is not there."""
    return access(Instrument.objects.all(), actor=request.actor, kind="instrument", code=code)


@require_safe
@page(READERS)
def treaty(request: DeskRequest, code: str) -> HttpResponse:
    """All that is recorded of one instrument, and what was changed in it."""
    there = instrument_named(request, code)
    rules = rules_of(there.rules)
    law, today, language = law_of(there), clock.now().date(), get_language() or "en"
    rows = standings_of(there)
    changes, following = changes_of(there, after_of(request))
    names = dict(states_named()) if rules.sides else {}
    context = {
        "treaty": there,
        "rules": rules,
        "sides": [", ".join(sorted(names.get(code, code) for code in side)) for side in rules.sides],
        "titles": [
            (code, language_told(code, language), rules.titles[code])
            for code in letter_languages()
            if code in rules.titles
        ],
        "measures": _measures(rules),
        "scope": _scope(rules),
        "contents": [(content_words(one), one, _limited(one.measures)) for one in rules.contents],
        "grounds": _grounds(rules),
        "silent": [name for name in ("refusal", "contents", "time_limits", "languages") if name not in rules.unread],
        "parties": [
            (row, row.jurisdiction.name(language), standing(row.jurisdiction.code, row_of(row), law, today))
            for row in rows
        ],
        "declarations": [(one, one.jurisdiction.name(language)) for one in declarations_on(there)],
        "today": today,
        "changes": changes,
        "next": next_address(request, following),
        "may_edit": may_edit(request),
        "chooser": _chooser() if may_edit(request) else "",
        "is_bilateral": there.kind == Instrument.Kind.BILATERAL,
    }
    return render(request, "web/treaties/treaty.html", context)


def _chooser() -> SafeString:
    select = ManySelect(attrs={"id": "id_state", "class": "form-select"}, choices=[("", "–"), *states_named()])
    return select.render("state", "")


def measure_name(slug: str) -> str:
    measure = measure_catalogue().get(slug)
    return house_words(measure.name) if measure else slug


def offence_name(code: str) -> str:
    return str(wording.CATEGORY.get(code, code))


def _limited(measures: tuple[str, ...]) -> list[str]:
    return [measure_name(slug) for slug in measures]


def _measures(rules: InstrumentRules) -> list[tuple[str, Any]]:
    """Return every measure in the order of the catalogue, with its rule or None where the treaty's file is silent."""
    order = [*measure_catalogue(), *(slug for slug in rules.measures if slug not in measure_catalogue())]
    return [(measure_name(slug), rules.measures.get(slug)) for slug in order]


def _scope(rules: InstrumentRules) -> list[tuple[str, list[str], Any]]:
    rest = _("every other offence") if len(rules.scope) > 1 else _("every offence")
    return [
        (
            rest if "*" in rule.offences else ", ".join(offence_name(one) for one in rule.offences),
            _limited(rule.measures),
            rule,
        )
        for rule in rules.scope
    ]


def _grounds(rules: InstrumentRules) -> dict[str, list[tuple[str, Any, Any]]]:
    names = {code: house_words(name) for code, name in RefusalGround.objects.values_list("code", "name")}
    return {
        "refusal": [(names.get(one.ground, one.ground), _limited(one.measures), one) for one in rules.refusal],
        "bar": [
            (
                names.get(one.ground, one.ground),
                "" if "*" in one.offences else ", ".join(offence_name(code) for code in one.offences),
                one,
            )
            for one in rules.bar
        ],
    }
