"""Officers who do whatever is open to them: the forms of the acts are filled by chance, as a person could fill them."""

from __future__ import annotations

import datetime as dt
import re
from random import Random
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.errors import MlaError
from workflows.engine.machine import transition_from
from workflows.engine.models import CaseRow
from workflows.engine.perform import available_acts
from workflows.web.acts import screen_of
from workflows.web.views.act import screen_kind

WORDS = (
    "records of the account", "from 1 to 9 March, UTC", "the judge is away", "nothing was found", "as the treaty says",
    "<b>marked</b>", "حساب", "账户记录", "x",
)  # fmt: skip
ZONES = ("UTC", "Europe/Tirane", "Asia/Kathmandu")
#: Acts that end a request before anything was done on it, besides those that say so on their page.
ENDING = frozenset({"redirect", "lapse", "note_return", "close"})
#: Acts that can always be done beside a case's way: taken less often, or nothing else happens.
BESIDE = frozenset(
    {
        "log_contact",
        "contact_done",
        "decide_alike",
        "ask_status",
        "expedite",
        "no_longer_needed",
        "receive_wish",
        "hear",
        "record_origin",
        "log_custody",
        "hand_on",
        "ask_other_use",
        "note_use_asked",
        "notify_exculpatory",
        "note_exculpatory",
        "ask_account",
        "note_account_asked",
        "give_account",
        "note_account",
        "undertake",
        "settle_undertaking",
        "release_undertaking",
    }
)
#: A field of the second and later rows of a form that takes several.
LATER_ROW = re.compile(r"_\d+$")
#: Acts that order a PDF: the rendering has tests of its own, and each takes as long as a hundred acts.
RENDERING = frozenset({"make", "redact", "again"})


def open_acts(row: CaseRow, actor: Actor) -> list[str]:
    """Return the acts with a page that stand open to the actor now, nothing in their way."""
    kind = screen_kind(row)
    return [
        one.name
        for one in available_acts(row, actor)
        if not one.reasons and one.name not in RENDERING and screen_of(kind, one.name) is not None
    ]


def leads_on(row: CaseRow, act: str) -> bool:
    """Tell whether the act takes the row to another status."""
    found = transition_from(row, act)
    return found is not None and found.target not in (None, row.status)  # type: ignore[attr-defined]


def ends(row: CaseRow, act: str) -> bool:
    """Tell whether the act refuses or ends something."""
    screen = screen_of(screen_kind(row), act)
    return act in ENDING or (screen is not None and screen.grave)


def try_act(row: CaseRow, act: str, actor: Actor, chance: Random) -> str:
    """Fill the form of an act and press its button. Return `done`, `form` (it did not fit) or `refused`."""
    screen = screen_of(screen_kind(row), act)
    assert screen is not None
    blank = screen.form(case=row, actor=actor)
    posted, files = _filled(blank, chance)
    form = screen.form(posted, files, case=row, actor=actor)
    try:
        form.require_known()
        if not form.is_valid():
            return "form"
        screen.run(row, actor, form)
    except (MlaError, forms.ValidationError):
        return "refused"
    return "done"


def _filled(form: forms.Form, chance: Random) -> tuple[QueryDict, Any]:
    posted, files = QueryDict(mutable=True), MultiValueDict[str, Any]()
    for name, field in form.fields.items():
        key = form.add_prefix(name)
        if name == "expected_version":
            posted[key] = str(form.get_initial_for_field(field, name) or "")
        elif (given := form.get_initial_for_field(field, name)) not in (None, "", []) and chance.random() < 0.7:
            posted.setlist(key, [str(one) for one in (given if isinstance(given, list | tuple) else [given])])
        elif isinstance(field, forms.FileField):
            if field.required or chance.random() < 0.7:
                files[key] = _file(chance)
        elif name.endswith("zone"):
            posted[key] = chance.choice(ZONES)
        elif field.required or name.endswith("_1") or (not LATER_ROW.search(name) and chance.random() < 0.4):
            posted.setlist(key, _answer(field, chance))
    return posted, files


def _file(chance: Random) -> SimpleUploadedFile:
    content = f"account,from,to\n{chance.randint(1, 3)},2026-03-01T00:00:00Z,2026-03-09T00:00:00Z\n".encode()
    return SimpleUploadedFile(f"records-{chance.randint(1, 3)}.csv", content, "text/csv")


def _answer(field: forms.Field, chance: Random) -> list[str]:
    if isinstance(field, forms.ChoiceField):
        values = [value for value in _values(field.choices) if value]
        many = isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        count = chance.randint(1, len(values)) if many and values else min(1, len(values))
        return chance.sample(values, count)
    if isinstance(field, forms.BooleanField):
        return ["on"] if field.required or chance.random() < 0.7 else []
    if isinstance(field, forms.DateField):
        return [(clock.now().date() + dt.timedelta(days=chance.choice([-30, -1, 0, 1, 10, 60]))).isoformat()]
    if isinstance(field, forms.DateTimeField):
        return [(clock.now() - dt.timedelta(minutes=chance.randint(0, 90))).strftime("%Y-%m-%dT%H:%M")]
    if isinstance(field, forms.TimeField):
        return [f"{chance.randint(0, 23):02d}:30"]
    if isinstance(field, forms.DecimalField):
        return [f"{chance.randint(1, 900)}.50"]
    if isinstance(field, forms.IntegerField):
        return [str(chance.randint(1, 5))]
    return [chance.choice(WORDS)[: getattr(field, "max_length", None) or 200]]


def _values(choices: Any) -> list[str]:
    found = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            found += _values(label)
        else:
            found.append(str(getattr(value, "value", value)))
    return found
