"""A letter after a letter: the supplement or the amendment of one that was sent. Two cases, linked and never merged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.core import clock
from mla.core.reasons import Reason
from workflows.drafting.annexes import Upload
from workflows.drafting.copying import copied_content, merged, question_kinds
from workflows.drafting.difference import Cited, related_entry
from workflows.drafting.freezing import PREPARING
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_reuse import LetterLink, LetterTemplate
from workflows.drafting.reuse import Beginning, Follows
from workflows.drafting.selectors import access_template_by_id, access_version_by_number, version_annexes
from workflows.engine.errors import ActNotPossible, ConditionsNotMet
from workflows.lifecycle.models import OutgoingRequest
from workflows.lifecycle.services.outgoing_chain import outgoing_create


def outgoing_follow(
    *, earlier: OutgoingRequest, kind: str, by: Actor, letter_id: UUID | None = None
) -> OutgoingRequest:
    """Begin the letter that supplements or amends one that was sent, with its whole content and today's date.

    For whoever may draft and may read the version that was sent. Neither approval nor waivers come along, nor the
    rights screen and what was planned beforehand; every part is marked to be looked at again. `letter_id`: as in outgoing_create.

    Raises:
        ConditionsNotMet: the earlier letter was not sent; no such kind.
        AccessDenied: the version that was sent is hidden.
        ActForbidden: the role may not draft.
    """
    version = sent_version(earlier=earlier, by=by)
    if kind not in LetterLink.PRINTED:
        raise ConditionsNotMet(
            "follow", [Reason("no_such_kind", _("say what the letter is to the earlier one"), field="kind")]
        )
    whole = whole_letter(earlier, version, kind)
    return outgoing_create(
        content=letter_from(whole.content),
        by=by,
        letter_id=letter_id,
        beginning=Beginning(**whole.beginning),
        annexes=whole.annexes,
    )


@dataclass(frozen=True, slots=True)
class WholeLetter:
    """An earlier letter as another one begins with it. `beginning`: the fields of a Beginning."""

    content: dict[str, Any]
    annexes: list[Upload]
    beginning: dict[str, Any]


def whole_letter(earlier: OutgoingRequest, version: LetterVersion, kind: str, *, reason: str = "") -> WholeLetter:
    """Return the whole content of a version with today's date, without the rights screen and what was planned beforehand.

    It cites the earlier letter where that was sent: one that nobody abroad knows is not named to them.
    """
    content = {name: value for name, value in version.content.items() if name not in ("rights", *PREPARING)}
    content["date"] = clock.now().date().isoformat()
    if earlier.sent_at is not None:
        cited = Cited(kind, earlier.reference, None, version.content_hash)
        entry = related_entry(cited, authority=earlier.addressee.name if earlier.addressee else "")
        entry["date"] = version.content["date"]
        content["related"] = [entry, *content.get("related", [])]
    named = earlier.reference or earlier.letter.title
    source = _("letter %(reference)s, version %(number)d") % {"reference": named, "number": version.number}
    beginning = {
        "follows": Follows(kind, version, earlier.reference, reason),
        "copied": {part: source for part in content if part not in ("format", "date", "language", "related")},
        "source": {"kind": kind, "earlier": str(earlier.public_id), "content_hash": version.content_hash},
    }
    uploads = [Upload(key=annex.key, name=annex.name, content=annex) for annex in version_annexes(version)]
    return WholeLetter(content, uploads, beginning)


def outgoing_copy(
    *, source: LetterVersion, parts: Collection[str], content: LetterFile, by: Actor, letter_id: UUID | None = None
) -> OutgoingRequest:
    """Begin a letter with parts of an earlier one, from a version that the actor may read (`access_version_by_number`).

    `content`: what the new letter says of itself, such as its day and the State that is asked. It is never less
    confidential than its source. Each part that came along is marked to be looked at again.

    Raises:
        LetterFileWrong: the parts and the content do not make a letter.
        ActForbidden, DataWrong: see outgoing_create.
    """
    words = _("letter “%(title)s”, version %(number)d") % {"title": source.letter.title, "number": source.number}
    told = {"from": str(source.letter.public_id), "from_version": source.number}
    return _begun_with(source.content, parts, content, words=words, told=told, by=by, letter_id=letter_id)


def letter_create_from_template(
    *,
    template: LetterTemplate,
    parts: Collection[str],
    content: LetterFile,
    by: Actor,
    letter_id: UUID | None = None,
) -> OutgoingRequest:
    """Begin a letter with parts of a template of the actor's authority, in the version that it has now.

    `content`: see outgoing_copy; the same holds for the level and the marks. The legal basis is resolved anew.

    Raises:
        AccessDenied: the template is another authority's.
        ActNotPossible: it was withdrawn.
        LetterFileWrong, ActForbidden, DataWrong: see outgoing_copy.
    """
    now = access_template_by_id(by, template.public_id)
    if now.status != LetterTemplate.Status.IN_USE:
        raise ActNotPossible("create", [Reason("withdrawn", _("the template was withdrawn"))])
    words = _("template “%(name)s”, version %(number)d") % {"name": now.name, "number": now.number}
    told = {"template": str(now.public_id), "template_version": now.number}
    chosen = [part for part in parts if part in now.parts]
    return _begun_with(now.content, chosen, content, words=words, told=told, by=by, letter_id=letter_id)


def _begun_with(
    source: Mapping[str, Any],
    parts: Collection[str],
    content: LetterFile,
    *,
    words: str,
    told: Mapping[str, Any],
    by: Actor,
    letter_id: UUID | None,
) -> OutgoingRequest:
    state = content.requested.jurisdiction
    found, copied = copied_content(source, parts, state=state, kinds=question_kinds())
    return outgoing_create(
        content=letter_from(merged(content.content(), found, source.get("confidentiality", {}))),
        by=by,
        letter_id=letter_id,
        beginning=Beginning(copied=dict.fromkeys(copied, words), source=told),
    )


def sent_version(*, earlier: OutgoingRequest, by: Actor) -> LetterVersion:
    """Return the version of a request that the other State has.

    Raises:
        ConditionsNotMet: it was not sent.
        AccessDenied: hidden from the actor.
    """
    if earlier.sent_at is None or earlier.approved_version is None:
        message = _("a letter is supplemented or corrected after it was sent; before, it is changed itself")
        raise ConditionsNotMet("follow", [Reason("not_sent", message)])
    return access_version_by_number(by, earlier.letter, earlier.approved_version.number)
