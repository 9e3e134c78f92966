"""How a person is told of what waits: by e-mail or not, and by a calendar that reads the deadlines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mla.accounts.models import MailChoice
from workflows.notifying.calendars import calendar_of, feed_read
from workflows.notifying.selectors import choice_of, feed_of, visible_mails
from workflows.notifying.services import ChoiceRefused, feed_end, feed_make, mail_choose
from workflows.web.desk import DeskRequest, page

#: Of the mails that went to the person, so many are shown.
LAST_MAILS = 10


class MailForm(forms.Form):
    when = forms.ChoiceField(label=gettext_lazy("By e-mail"), choices=MailChoice.When, widget=forms.RadioSelect)
    hour = forms.TypedChoiceField(
        label=gettext_lazy("Hour of the daily e-mail"),
        help_text=gettext_lazy("In your own time zone."),
        coerce=int,
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)],
    )
    weekends = forms.BooleanField(label=gettext_lazy("Also on Saturdays and Sundays"), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@page()
def notifications(request: DeskRequest) -> HttpResponse:
    chosen = choice_of(request.actor)
    given: dict[str, Any] = {"when": MailChoice.When.NEVER, "hour": 7, "weekends": False}
    if chosen is not None:
        given = {name: getattr(chosen, name) for name in given}
    form = MailForm(request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            mail_choose(by=request.actor, **form.cleaned_data)
        except ChoiceRefused as refused:
            for reason in refused.reasons:
                form.add_error(reason.field if reason.field in form.fields else None, reason.message)
        else:
            messages.success(request, _("Kept: this is how you are told from now on."))
            return redirect("web:notifications")
    return _page(request, form, status=422 if form.errors else 200)


@require_POST
@page()
def calendar_address(request: DeskRequest) -> HttpResponse:
    """Make the address of the hat that is worn, or end it. The address is shown once, in the answer itself."""
    if request.POST.get("end"):
        if feed_end(by=request.actor):
            messages.success(request, _("The address has ended: a calendar gets nothing from it any more."))
        return redirect("web:notifications")
    _feed, secret = feed_make(by=request.actor)
    address = f"{settings.PUBLIC_URL or request.build_absolute_uri('/').rstrip('/')}{reverse('web:calendar_feed', args=[secret])}"
    chosen = choice_of(request.actor)
    given = {"when": chosen.when, "hour": chosen.hour, "weekends": chosen.weekends} if chosen else {"when": "never"}
    return _page(request, MailForm(initial={"hour": 7} | given), status=200, address=address)


@require_safe
@never_cache
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar itself, for a program: no sign-in, the secret in the address is the key."""
    found = feed_read(secret)
    if found is None:
        raise Http404
    feed, actor = found
    with override(feed.membership.user.language or settings.LANGUAGE_CODE):
        content = calendar_of(actor, feed.membership.authority.name)
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="deadlines.ics"'
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _page(request: DeskRequest, form: MailForm, *, status: int, address: str = "") -> HttpResponse:
    context = {
        "form": form,
        "address": address,
        "feed": feed_of(request.actor),
        "mails": list(visible_mails(request.actor).order_by("-id")[:LAST_MAILS]),
        "mails_leave": settings.PASSWORD_RESET_BY_MAIL,
        "email": request.user.email,  # type: ignore[union-attr]
    }
    return render(request, "web/administration/notifications.html", context, status=status)
