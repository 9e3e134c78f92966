"""One screen for each act that a person does: its form, the words of its button, and the service behind it.

A screen is found by kind of case and act (`screen_of`); `workflows.web.views.act` shows and does it. A test
fails for an act of the capability table that some role of people may do and that has no screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from workflows.engine.models import CaseRow


class ActForm(forms.Form):
    """What an act asks for. Gets the case and the actor, so that choices are of the case."""

    #: `case.version` as the page showed it: a second press, an old page or another's act is told, not done.
    expected_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    #: The fields that name an object, each with what the record calls it.
    names: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, case: CaseRow, actor: Actor, **kwargs: Any) -> None:
        self.case, self.actor = case, actor
        super().__init__(*args, **kwargs)
        self.initial.setdefault("expected_version", case.version)
        self.build()

    def build(self) -> None:
        """Fit the fields to the case; for the screens to override."""

    def known(self, name: str, given: str) -> bool:
        """Tell whether `given` names an object of this case or house that is not offered now; for the screens to override.

        Such a one was offered when the page was opened, and is told beside its field.
        """
        return False

    def require_known(self) -> None:
        """Refuse, before anything else is looked at, a form that names an object which it never offered.

        Raises:
            AccessDenied: absent or another's, without saying which.
        """
        for name, kind in self.names.items():
            if (field := self.fields.get(name)) is None:
                continue
            for given in self.data.getlist(self.add_prefix(name)):  # type: ignore[attr-defined]
                if given and not _offers(field, given) and not self.known(name, given):
                    raise AccessDenied(kind, given, self.actor)

    def said(self, name: str) -> Any:
        return self.cleaned_data.get(name)


def _offers(field: Any, given: str) -> bool:
    if not isinstance(field, forms.ModelChoiceField):
        return bool(field.valid_value(given))
    try:
        return field.to_python(given) is not None
    except ValidationError:
        return False


class ReasonForm(ActForm):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000)


#: Does the act by its service, from a valid form.
Run = Callable[[Any, Actor, Any], Any]


@dataclass(frozen=True, slots=True)
class ActScreen:
    """How one act looks and is done.

    `button`: the legal act and its object, such as “Approve version 3”; a text, or a function of the case.
    `explain`: one sentence on what follows. `leaves`: the act leaves the house, so its page names addressee,
    version and hash and asks once. `grave`: ends or refuses something. `recent`: needs a recent sign-in.
    `facts`: what the page shows beside the form, as pairs of words. `reads`: the route of the page, by the case's
    public_id, where what the act decides stands with its checks; `read_first`: the worklist leads to it, not to the form.
    `beside`: no step of the case's way; its button stands below those that are.
    """

    button: Any
    run: Run
    form: type[ActForm] = ActForm
    explain: Any = ""
    leaves: bool = False
    grave: bool = False
    recent: bool = False
    facts: Callable[[Any], list[tuple[Any, Any]]] | None = None
    template: str = "web/act.html"
    reads: str = ""
    read_first: bool = False
    beside: bool = False
    #: The route of the page, by the case's public_id, that the act is done from and comes back to; empty: the case's own.
    home: str = ""

    def words(self, case: Any) -> str:
        return str(self.button(case) if callable(self.button) else self.button)


_screens: dict[tuple[str, str], ActScreen] = {}


def register_screens(kind: str, screens: Mapping[str, ActScreen]) -> None:
    """Add the screens of a kind of case (outgoing, incoming, item_in, item_out, letter).

    Raises:
        ValueError: an act of that kind has a screen already.
    """
    for act, screen in screens.items():
        if (kind, act) in _screens:
            raise ValueError(f"{kind}.{act} has a screen already")
        _screens[kind, act] = screen


def screen_of(kind: str, act: str) -> ActScreen | None:
    return _screens.get((kind, act))


def screens() -> Mapping[tuple[str, str], ActScreen]:
    return _screens
