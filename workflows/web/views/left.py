"""What is with people who left, for the supervisor: all of one person's is given to another at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from mla.accounts.models import Role
from workflows.drafting.services_translation import translations_hand_over
from workflows.lifecycle.services.execution import executions_hand_over
from workflows.tracking.left import LeftWork, left_work
from workflows.web.desk import DeskRequest, page
from workflows.web.doing import do_from
from workflows.web.forms.administration import CleanText, lines
from workflows.web.views.act import case_address


class HandOverForm(forms.Form):
    """To whom all of it is given."""

    to = forms.ChoiceField(label=gettext_lazy("Give all of it to"))
    reason = CleanText(
        label=gettext_lazy("Why it is given to somebody else"),
        max_length=5000,
        widget=lines(2),
        help_text=gettext_lazy("It stands in each request. That the person left is enough."),
    )

    def __init__(self, work: LeftWork, data: Any = None) -> None:
        super().__init__(data, prefix=work.key)
        people = [(str(user.public_id), str(user)) for user in work.others]
        self.fields["to"].choices = [("", _("Choose a person")), *people]  # type: ignore[attr-defined]
        if work.kind != "execution":
            # A translation keeps no reason of its own: who has it now stands in it.
            del self.fields["reason"]


@require_http_methods(["GET", "HEAD", "POST"])
@page({Role.SUPERVISOR})
def left(request: DeskRequest) -> HttpResponse:
    """Each person who left, with what is still with them and the form to give it on."""
    found = left_work(request.actor)
    posted = request.POST.get("group", "") if request.method == "POST" else ""
    groups, status = [], 200
    for work in found:
        form = HandOverForm(work, request.POST if work.key == posted else None)
        if form.is_bound:
            status = 422
            if form.is_valid() and do_from(form, lambda work=work, form=form: _give(request, work, form)):  # type: ignore[misc]
                return redirect("web:left")
        groups.append({"work": work, "form": form, "cases": _cases(work)})
    if request.method == "POST" and status == 200:
        messages.warning(request, _("Nothing is with this person any more: somebody gave it to others."))
        return redirect("web:left")
    return render(request, "web/left.html", {"groups": groups}, status=status)


def _give(request: DeskRequest, work: LeftWork, form: HandOverForm) -> None:
    to = next(user for user in work.others if str(user.public_id) == form.cleaned_data["to"])
    if work.kind == "execution":
        reason = form.cleaned_data["reason"]
        given = executions_hand_over(assignments=work.rows, to=to, by=request.actor, reason=reason)
        said = ngettext(
            "%(count)d request is given to %(person)s.", "%(count)d requests are given to %(person)s.", given
        )
    else:
        given = translations_hand_over(translations=work.rows, translator=to, by=request.actor)
        said = ngettext(
            "%(count)d translation is given to %(person)s.", "%(count)d translations are given to %(person)s.", given
        )
    messages.success(request, said % {"count": given, "person": to})


def _cases(work: LeftWork) -> list[tuple[str, Any]]:
    """Return address and name of each case or translation, once."""
    if work.kind == "execution":
        return list({case_address(row.incoming): row.incoming for row in work.rows}.items())
    return [(reverse("web:translation", args=[row.public_id]), row.source.letter.title) for row in work.rows]
