"""Our page of a link that an officer of the other State was given: how to get in, and what was done by it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mla.accounts.models import Role
from workflows.documents.qr import square_code
from workflows.lifecycle.link_secrets import link_code, link_token
from workflows.lifecycle.models import LinkUse
from workflows.lifecycle.selectors import access_officer_link_by_id
from workflows.tracking.labels import message_label
from workflows.web.desk import DeskRequest, page
from workflows.web.purpose import case_purpose
from workflows.web.views.act import buttons_for

#: Uses that the page shows, the newest; all of them stand in the record.
MOST_SHOWN = 100


@require_safe
@page(open_to={Role.REGISTRY, Role.SUPERVISOR, Role.DUTY_OFFICER})
def slip(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """The address as text and as a square code, the code to open it, and who came in, read and said what."""
    link = access_officer_link_by_id(request.actor, public_id)
    asked = case_purpose(request, "outgoing", link.outgoing.public_id)[1]
    if asked is not None:
        return asked
    way = reverse("web:link_door", args=[link_token(link)])
    address = f"{settings.PUBLIC_URL}{way}" if settings.PUBLIC_URL else request.build_absolute_uri(way)
    context = {
        "link": link,
        "case": link.outgoing,
        "address": address,
        "square": square_code(address, "45mm", _("The address as a square code")),
        "code": link_code(link),
        "buttons": buttons_for(link, request.actor),
        "uses": [(use, _words(use)) for use in link.uses.order_by("-id")[:MOST_SHOWN]],
    }
    return render(request, "web/by_link/slip.html", context)


def _words(use: LinkUse) -> str:
    if use.act == "say":
        return _("Said: %(what)s") % {"what": message_label(use.what)}
    if use.act == "read":
        return _("Took the file %(name)s") % {"name": use.what}
    return _("Came in")
