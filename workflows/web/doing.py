"""Doing an act from a form: what the engine refuses comes back to the field it concerns, with all that was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from mla.accounts.access import AccessDenied
from mla.accounts.sign_in import signed_in_recently
from mla.core.errors import MlaError
from workflows.engine.errors import ActForbidden, ActRefused, VersionChanged
from workflows.web.desk import DeskRequest
from workflows.web.kept import keep_posted


def do_from(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Run `act` and tell whether it was done; otherwise the form holds why, beside the fields.

    Raises:
        ActForbidden, AccessDenied: not this person's to do; the middleware answers and records.
    """
    try:
        act()
    except VersionChanged as changed:
        form.add_error(
            None, _("It was changed meanwhile: look at it again. What you typed is still here; nothing was done.")
        )
        # The next press is made in the knowledge of the change.
        answered = cast(QueryDict, form.data).copy()
        answered[form.add_prefix("expected_version")] = ""
        form.data = answered
        form.changed_meanwhile = changed  # type: ignore[attr-defined]
        return False
    except ActForbidden:
        raise
    except ActRefused as refused:
        for reason in refused.reasons:
            place = reason.field if reason.field in form.fields else NON_FIELD_ERRORS
            message = f"{reason.message} ({reason.article})" if reason.article else reason.message
            form.add_error(None if place == NON_FIELD_ERRORS else place, message)
        return False
    except forms.ValidationError as refused:
        form.add_error(None, refused)
        return False
    except MlaError as refused:
        if isinstance(refused, AccessDenied):
            raise
        form.add_error(None, str(refused))
        return False
    return True


def needs_recent_sign_in(request: DeskRequest) -> HttpResponse | None:
    """Return where to sign in again, or None: the person did so a short while ago. What was posted is kept."""
    if signed_in_recently(request):
        return None
    back = keep_posted(request) if request.method == "POST" else request.get_full_path()
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
