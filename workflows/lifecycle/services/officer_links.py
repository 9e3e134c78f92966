"""Links for officers of a State without such a system: given, opened with a code, revoked; files laid ready by them."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.errors import MlaError
from mla.core.files import file_store
from mla.core.reasons import Reason
from mla.core.scanning import scan_file
from workflows.engine.acts import one_act
from workflows.engine.errors import ConditionsNotMet, DataWrong
from workflows.engine.perform import create, perform
from workflows.lifecycle.link_secrets import code_fits
from workflows.lifecycle.models import LinkFile, OfficerLink, OutgoingRequest
from workflows.lifecycle.models.officer_links import MOST_MISSES

#: Days for which a link holds: at least, at most, and where nothing else is said.
SHORTEST, LONGEST, USUAL = 1, 365, 90


class LinkOver(MlaError):
    """The link was revoked, locked, or has expired: nobody gets in by it."""


class CodeWrong(MlaError):
    """The code does not open the link. `left`: how often it may still be tried."""

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(_("This code does not open the link."))


def outgoing_give_link(
    *,
    outgoing: OutgoingRequest,
    by: Actor,
    given_to: str,
    days: int = USUAL,
    expected_version: int | None = None,
) -> OfficerLink:
    """Give an officer of the addressee a link to this one request, for so many days. For registry, supervisor, duty officer.

    Raises:
        ConditionsNotMet: they work on this installation, or have links enough.
        DataWrong: not between SHORTEST and LONGEST days.
    """
    if not SHORTEST <= days <= LONGEST:
        message = _("between %(least)d and %(most)d days") % {"least": SHORTEST, "most": LONGEST}
        raise DataWrong("give_link", [Reason("days_wrong", message, field="days")])
    until = clock.now() + dt.timedelta(days=days)
    with one_act():
        link = OfficerLink(given_to=given_to, given_by=by.label, until=until)
        case = perform(
            outgoing, "give_link", by=by, expected_version=expected_version,
            given_to=given_to, until=until, link=link.public_id,
        )  # fmt: skip
        link.outgoing, link.authority_id = case, case.central_id
        return create(link, act="give", by=by)


def officer_link_revoke(*, link: OfficerLink, by: Actor, expected_version: int | None = None) -> OfficerLink:
    """End a link before its time; who is in is out. For who may give one."""
    return perform(link, "revoke", by=by, expected_version=expected_version)


def officer_of(link: OfficerLink) -> Actor:
    """Return who acts by a link: the addressee of the request, as by a message."""
    if link.outgoing.addressee is None:
        raise LinkOver(_("This request has no addressee any more."))
    return Actor.peer(link.outgoing.addressee)


def officer_link_enter(*, link: OfficerLink, officer: str, code: str) -> OfficerLink:
    """Let an officer in by the link, with the code that came by another way. `officer`: name and office.

    Raises:
        LinkOver: it holds no more.
        CodeWrong: counted, and after MOST_MISSES in a row the link is locked.
    """
    if not link.holds:
        raise LinkOver(_("This link holds no more."))
    if code_fits(link, code):
        return perform(link, "enter", by=officer_of(link), officer=officer)
    system = Actor.system("officer link", authority_id=link.authority_id)
    with one_act():
        missed = perform(link, "miss", by=system)
        left = max(0, MOST_MISSES - missed.misses)
        if not left:
            perform(missed, "lock", by=system)
    raise CodeWrong(left)


def officer_link_add_file(
    *,
    link: OfficerLink,
    officer: str,
    name: str,
    media_type: str,
    content: BinaryIO,
    item: str = "",
    description: str = "",
    use_limits: str = "",
) -> LinkFile:
    """Lay a file of evidence ready; it is sent with a message later. Any kind, never opened here.

    Raises:
        HarmfulContent, ScannerUnavailable: the scanner found something, or gives no verdict; nothing is kept.
        ConditionsNotMet: this very file is here already, too many or too large, the link is over, or no such item.
    """
    if item and not link.outgoing.items.filter(key=item).exists():
        raise ConditionsNotMet("add_file", [Reason("no_such_item", _("the request has no such item"), field="item")])
    scan_file(content)
    content.seek(0)
    stored = file_store(content)
    file = LinkFile(
        name=name, media_type=media_type, size=stored.size, sha256=stored.sha256, item=item, description=description,
        use_limits=use_limits,
    )  # fmt: skip
    perform(link, "add_file", by=officer_of(link), file=file, officer=officer)
    return file


def officer_link_remove_file(*, link: OfficerLink, file: LinkFile) -> None:
    """Take away a file that was laid ready and not sent.

    Raises:
        ConditionsNotMet: it was sent.
    """
    perform(link, "remove_file", by=officer_of(link), file=file)
