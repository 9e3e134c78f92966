"""The examination of a request in: what is asked, what each treaty wants, which grounds it knows. It informs only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mla.accounts.models import Role
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.languages import house_words
from mla.reference.models import Instrument, RefusalGround
from mla.reference.rules import rules_of
from workflows.documents import wording
from workflows.drafting.assurances import Told, assurances_of
from workflows.drafting.examination import Examination, GroundCheck, ItemCheck, letter_examined, paper_examined
from workflows.drafting.findings.law import InstrumentFacts
from workflows.drafting.law import law_for
from workflows.drafting.letterfile import LetterFile
from workflows.lifecycle.models import IncomingRequest
from workflows.lifecycle.selectors import access_incoming_by_id
from workflows.tracking.due import deadlines_for
from workflows.web.acts.fields import cited
from workflows.web.asked import asked
from workflows.web.desk import DeskRequest, page
from workflows.web.letters_in import letter_in
from workflows.web.views.act import buttons_for
from workflows.web.views.received import files_of

EXAMINERS = frozenset({Role.DESK_OFFICER, Role.SUPERVISOR, Role.LEGAL, Role.REGISTRY, Role.DUTY_OFFICER})
#: Characters of a question that is written before; an address must stay short.
_LONGEST = 2_500


@require_safe
@page(open_to=EXAMINERS)
def examine(request: DeskRequest, public_id: UUID) -> HttpResponse:
    case = access_incoming_by_id(request.actor, public_id)
    found = letter_in(case)
    examined = _examined(case, found.letter)
    rows = {row.key: row for row in case.items.order_by("id")}
    for row in rows.values():
        row.incoming = case
    names = {code: house_words(name) for code, name in RefusalGround.objects.values_list("code", "name")}
    context = {
        "case": case,
        "understood": found.letter is not None,
        "sheet": found.sheet,
        "files": files_of(case, request.actor),
        "items": [
            {
                "check": check,
                "row": rows.get(check.key),
                "asked": asked(found.letter, check.item) if found.letter and check.item else [],
                "buttons": buttons_for(rows[check.key], request.actor) if check.key in rows else [],
            }
            for check in examined.items
        ],
        "grounds": _by_name(examined, names),
        "bars": [(names.get(bar.ground, bar.ground), bar) for bar in examined.bars],
        "limits": _limits(found.letter),
        "deadlines": deadlines_for([case]),
        "buttons": _buttons(case, request, examined.items),
        "missing": sum(len(check.missing) for check in examined.items),
        "has_pane": True,
    }
    return render(request, "web/examine.html", context)


def _examined(case: IncomingRequest, letter: LetterFile | None) -> Examination:
    if letter is not None:
        try:
            return letter_examined(letter, law=law_for(letter), today=clock.now().date())
        except MlaError:
            # A State or rule that is not known here: what is asked is still shown, to be judged.
            pass
    items = [(row.key, row.measure) for row in case.items.order_by("id")]
    rows = {row.code: row for row in Instrument.objects.filter(code__in=cited(case.content))}
    facts = [
        InstrumentFacts(row.code, row.short_name, row.kind, rules_of(row.rules))
        for code in cited(case.content)
        if (row := rows.get(code)) and row.rules
    ]
    return Examination(paper_examined(measures=items, instruments=facts), (), ())


def _by_name(examined: Examination, names: dict[str, str]) -> list[tuple[str, list[GroundCheck]]]:
    found: dict[str, list[GroundCheck]] = {}
    for ground in examined.grounds:
        found.setdefault(names.get(ground.ground, ground.ground), []).append(ground)
    return sorted(found.items())


def _buttons(case: IncomingRequest, request: DeskRequest, items: tuple[ItemCheck, ...]) -> list[dict[str, Any]]:
    buttons = buttons_for(case, request.actor)
    question = question_from(items)
    for button in buttons:
        if button["act"] == "ask_information" and question:
            button["address"] += "?" + urlencode({"question": question})
    return buttons


def question_from(items: tuple[ItemCheck, ...]) -> str:
    """Return the draft of a question that names what was not found, item by item with article; empty if all was."""
    lines = [
        _("Item %(key)s: %(instrument)s %(article)s. %(words)s")
        % {"key": item.key, "instrument": basis.name, "article": check.article, "words": check.words}
        for item in items
        for basis, check in item.missing
    ]
    if not lines:
        return ""
    opening = _("To examine your request we ask you for the following, which we did not find in it:")
    return "\n".join([opening, *lines])[:_LONGEST]


def _assured(one: Told) -> str:
    if one.row is None or not one.text:
        return one.text
    by = one.row.given_by or _("authority not named")
    when = wording.word(wording.OFFERED, one.row.offered)
    return f"{one.text} ({by}; {when})"


def _limits(letter: LetterFile | None) -> list[tuple[str, str]]:
    if letter is None:
        return []
    said = letter.statements
    found = [
        (_("Purpose of the use"), said.purpose),
        (_("Protection of personal data"), said.data_protection),
        *((house_words(one.kind.name), _assured(one)) for one in assurances_of(letter)),
        (_("Confidentiality"), letter.confidentiality.reason),
        (_("Telling the person concerned"), letter.confidentiality.user_notification or said.tipping_off),
    ]
    return [(words, text) for words, text in found if text]
