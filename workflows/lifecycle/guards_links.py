"""Conditions of the acts on a link that an officer of the other State was given. None of them writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from mla.core.reasons import Reason
from workflows.engine.machine import Doing

if TYPE_CHECKING:
    from workflows.lifecycle.models.officer_links import OfficerLink
    from workflows.lifecycle.models.outgoing import OutgoingRequest

#: Links of one case that are open at the same time: an office, its deputy, and some more.
MOST_OPEN = 5
#: What one link takes: files that wait to be sent or were, and their bytes together.
MOST_FILES = 200
MOST_BYTES = 20 * 10**9


def they_have_no_file_here(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    """Who works on this installation has a file of its own, and says everything there."""
    if case.addressee_id is None:
        return [Reason("no_addressee", _("the request has no addressee"))]
    if case.channel != "local":
        return []
    return [Reason("works_here", _("they work on this installation, with a file of their own: they need no link"))]


def not_too_many_links(case: OutgoingRequest, doing: Doing) -> list[Reason]:
    # Asked of every case whose page is shown: what went by message costs no query.
    if case.channel == "local" or case.officer_links.filter(status="open", until__gt=doing.at).count() < MOST_OPEN:
        return []
    message = _("%(most)d links to this case are open: end one that is needed no more")
    return [Reason("too_many_links", message % {"most": MOST_OPEN})]


def link_holds(link: OfficerLink, doing: Doing) -> list[Reason]:
    if link.until > doing.at:
        return []
    return [Reason("over", _("this link has expired: ask the requesting authority for another one"))]


def not_sent_yet(link: OfficerLink, doing: Doing) -> list[Reason]:
    """A file that went with a message stays where it went."""
    file = doing.data.get("file")
    if file is None or file.message_id is None:
        return []
    return [Reason("sent", _("this file was sent already"))]


def not_too_much(link: OfficerLink, doing: Doing) -> list[Reason]:
    """Somebody who holds a link cannot fill the storage of the house."""
    file = doing.data.get("file")
    kept = link.files.filter(removed_at=None)
    if kept.count() >= MOST_FILES:
        return [Reason("too_many_files", _("%(most)d files are here already: send them first") % {"most": MOST_FILES})]
    if file is not None and sum(kept.values_list("size", flat=True)) + file.size > MOST_BYTES:
        message = _("with this file there would be more than %(gigabytes)d GB: agree on another way with the authority")
        return [Reason("too_much", message % {"gigabytes": MOST_BYTES // 10**9})]
    return []


def not_here_yet(link: OfficerLink, doing: Doing) -> list[Reason]:
    file = doing.data.get("file")
    if file is None or not link.files.filter(sha256=file.sha256, removed_at=None).exists():
        return []
    return [Reason("here_already", _("this very file is here already"))]
