"""Acts on the opening of a restricted case: given back before its time, looked at by the auditor."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from mla.accounts.actors import Actor
from workflows.lifecycle.models import BreakGlass
from workflows.lifecycle.services.break_glass import break_glass_end, break_glass_review
from workflows.web.acts import ActForm, ActScreen, ReasonForm, register_screens
from workflows.web.acts.fields import as_seen, words


class ReviewForm(ReasonForm):
    reason = words(gettext_lazy("What you found: was the opening justified, and what follows"), rows=4)


def _end(case: BreakGlass, by: Actor, form: ActForm) -> None:
    as_seen(form, lambda: break_glass_end(opened=case, by=by))


def _review(case: BreakGlass, by: Actor, form: ReviewForm) -> None:
    as_seen(form, lambda: break_glass_review(opened=case, by=by, reason=form.said("reason")))


register_screens(
    "break_glass",
    {
        "end": ActScreen(
            button=gettext_lazy("Close the restricted case again"),
            run=_end,
            explain=gettext_lazy(
                "You see nothing of the case from then on. The auditor looks at the opening all the same."
            ),
        ),
        "review": ActScreen(
            button=gettext_lazy("Record what came of it"),
            run=_review,
            form=ReviewForm,
            explain=gettext_lazy(
                "Your words stand with the opening and in the record; the named persons read them too."
            ),
        ),
    },
)
