"""Drafting a letter. Each service is one act under the letter's lock, checked, recorded, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, BinaryIO
from uuid import UUID

from django.utils.translation import gettext as _

from mla.accounts.actors import Actor
from mla.accounts.models import User
from mla.core import clock
from mla.core.reasons import Reason
from mla.core.text import TextRefused, clean
from mla.reference.models import Authority, Jurisdiction
from workflows.drafting.annexes import AnnexReplaced, Upload, annex_entry, annex_from, annex_name, check_room
from workflows.drafting.letter_rows import new_letter_rows
from workflows.drafting.letterfile import Confidentiality, LetterFile, letter_from
from workflows.drafting.models import Annex, Comment, LetterOfRequest, LetterVersion, person
from workflows.drafting.parsing import LetterFileWrong
from workflows.drafting.reuse import Beginning
from workflows.drafting.sealing import taken_apart
from workflows.drafting.selectors import (
    access_earlier_text,
    access_version_by_number,
    current_version,
    parts_to_put_back,
    version_now,
)
from workflows.drafting.sittings import put_back
from workflows.engine.acts import one_act
from workflows.engine.errors import DataWrong
from workflows.engine.machine import Effects
from workflows.engine.perform import create, perform


def letter_create(
    *,
    content: LetterFile,
    authority: Authority,
    by: Actor,
    confidentiality: str | None = None,
    annexes: Sequence[Upload] = (),
    public_id: UUID | None = None,
    beginning: Beginning | None = None,
    act: str = "create",
) -> LetterOfRequest:
    """Begin a letter with its first version, owned by `authority`. For those of it who draft.

    `act`: "reopen", for the supervisor of its central authority, who writes nothing and whose desk goes on with it.

    `confidentiality` overrides the level that the letter states. `annexes` are the files of the annexes
    that it names; one without a file stays open until it is added. `public_id`: chosen by the caller, so that
    a creation that is asked for twice makes one letter. `beginning`: the earlier letter that it follows, and what was
    copied into it.

    Raises:
        ActForbidden: the role may not draft, or not for that authority.
        DataWrong: an authority that is not one of its State, a State that is not the drafting authority's.
        AnnexWrong: a file that cannot be an annex.
    """
    if confidentiality is not None and confidentiality != content.confidentiality.level:
        level = content.confidentiality.model_dump() | {"level": confidentiality}
        content = content.model_copy(update={"confidentiality": Confidentiality.model_validate(level)})
    requesting, requested = _states(content, "create", authority)
    stored = [annex_from(upload) for upload in annexes]
    plain = _with_annexes(content.content(), stored, "create")
    letter = LetterOfRequest(
        authority=authority,
        requesting=requesting,
        requested=requested,
        title=content.title,
        confidentiality=content.confidentiality.level,
        created_by_id=person(by),
        **({"public_id": public_id} if public_id else {}),
    )
    rows = new_letter_rows(letter, plain, stored, by, clock.now(), writes=act == "create")
    detail = {"requested": requested.code, "annexes": [annex.sha256 for annex in stored]}
    if beginning is not None:
        rows += beginning.rows(letter, person(by), clock.now())
        detail |= beginning.detail()
    return create(letter, act=act, by=by, effects=Effects(rows=rows, detail=detail))


def letter_save(
    *,
    letter: LetterOfRequest,
    content: LetterFile,
    by: Actor,
    expected_version: int | None = None,
    read_now: LetterVersion | None = None,
) -> LetterOfRequest:
    """Write the whole content of the open version; the writer becomes one of its editors.

    Content that is as it was changes nothing: no version number, no editor, no entry. `expected_version`
    is `letter.version` as the writer saw it. `read_now`: the current version with its letter, from a caller that
    has just read both; for one that gives `expected_version`, so that the act finds out what came between.

    Raises:
        VersionChanged: somebody else wrote meanwhile.
        ActNotPossible: the version is frozen.
        ActForbidden: the version is not of the actor's authority, or the role may not write.
        DataWrong: see letter_create.
    """
    version = read_now if read_now is not None and expected_version is not None else version_now(letter.pk, by)
    now, plain = version.letter, content.content()
    apart = taken_apart(plain)
    same_text = version.content == apart.content and not apart.sealed
    if now.may_edit(by) and now.status == now.Status.OPEN and same_text:
        return now
    # Offices and States that stand in the letter already were examined when they were put there.
    same = all(plain.get(side) == version.content.get(side) for side in ("requesting", "requested"))
    requested_id = now.requested_id if same else _states(content, "edit", now.authority)[1].pk
    return perform(letter, "edit", by=by, expected_version=expected_version, content=plain, requested_id=requested_id)


def letter_put_back(
    *, letter: LetterOfRequest, by: Actor, earlier: UUID, parts: Sequence[str], expected_version: int | None = None
) -> LetterOfRequest:
    """Set parts of the open version back to how they stood; the present state is kept, so that this goes back too.

    `parts` are answers and lists that differ (`sittings.answers_changed`); annexes stay as they are.
    For those who may write on the version.

    Raises:
        AccessDenied: no such earlier text of the present version.
        DataWrong: nothing chosen, or the parts no longer fit the rest of the letter, with the place.
        VersionChanged, ActNotPossible, ActForbidden: see letter_save.
    """
    version = version_now(letter.pk, by)
    now = version.letter
    then = access_earlier_text(by, version, earlier)
    chosen = [name for name in parts_to_put_back(version, then) if name in parts]
    if not chosen:
        raise DataWrong("put_back", [Reason("nothing_chosen", _("choose what to put back"), field="parts")])
    try:
        content = letter_from(put_back(version.content, then.content, chosen))
    except LetterFileWrong as wrong:
        told = [Reason("does_not_fit", f"{one.where}: {one.message}", field="parts") for one in wrong.problems]
        raise DataWrong("put_back", told) from wrong
    requested_id = _states(content, "edit", now.authority)[1].pk
    return perform(
        letter, "edit", by=by, expected_version=expected_version, content=content.content(),
        requested_id=requested_id, put_back=then,
    )  # fmt: skip


def annex_add(
    *,
    letter: LetterOfRequest,
    by: Actor,
    title: str,
    name: str,
    content: bytes | BinaryIO,
    key: str | None = None,
    expected_version: int | None = None,
    language: str | None = None,
    replacing: str | None = None,
    then: Callable[[Annex], None] = lambda _annex: None,
) -> Annex:
    """Put a file beside the open version, as a new annex or in place of the one called `key`.

    `language`: its BCP 47 code; empty: not said; None: as it was. `replacing`: the SHA-256 of the file whose place it
    takes, empty where that annex had none; None: whatever stands there. `then`: done in the same transaction, after it.

    Raises:
        AnnexReplaced: another file than `replacing` stands there, or the annex was taken out.
        AnnexWrong: it cannot be an annex.
        DataWrong: no such form of key, or no title.
        VersionChanged, ActNotPossible, ActForbidden: see letter_save.
    """
    # The letter before its content: a writer in between makes its number stale, and this call is told.
    now = LetterOfRequest.objects.get(pk=letter.pk)
    version = current_version(now)
    plain = dict(version.content)
    entries = list(plain.get("annexes", []))
    key = key or _free_key([entry["id"] for entry in entries])
    before: dict[str, Any] | None = next((old for old in entries if old["id"] == key), None)
    if replacing is not None and (before is None or before.get("sha256", "") != replacing):
        raise AnnexReplaced(annex_name(name), key, gone=before is None)
    others = [entry for entry in entries if entry["id"] != key]
    check_room(annex_name(name), len(content) if isinstance(content, bytes) else content.seek(0, 2), others)
    annex = annex_from(Upload(key=key, name=name, content=content))
    entry = annex_entry(annex, title)
    if said := (before or {}).get("language", "") if language is None else language:
        entry["language"] = said
    position = next((n for n, old in enumerate(entries) if old["id"] == key), len(entries))
    plain["annexes"] = [*entries[:position], entry, *entries[position + 1 :]]
    checked = letter_from(plain).content()
    seen = expected_version if expected_version is not None else now.version
    with one_act():
        perform(letter, "add_annex", by=by, expected_version=seen, content=checked, annex=annex)
        then(annex)
    return Annex.objects.get(version=version, key=key)


def letter_freeze(*, letter: LetterOfRequest, by: Actor, expected_version: int | None = None) -> LetterOfRequest:
    """Fix the present version and its content hash. One that is frozen already stays as it is.

    Called before a letter is lodged or submitted, where gaps stop it.

    Raises:
        ConditionsNotMet: an annex without its file, an authority or instrument that nobody knows.
        ActForbidden, VersionChanged: see letter_save.
    """
    now = LetterOfRequest.objects.get(pk=letter.pk)
    if now.status == now.Status.FROZEN:
        return now
    return perform(letter, "freeze", by=by, expected_version=expected_version)


def letter_open_next(*, letter: LetterOfRequest, by: Actor) -> LetterOfRequest:
    """Open the next version with the same content, annexes, waivers and authors. A frozen one never changes.

    It belongs to the actor's authority: the owner, or the central authority with which it was lodged.

    Raises:
        ActNotPossible: the present version is open.
        ActForbidden: see letter_save.
    """
    return perform(letter, "open_next", by=by)


def letter_hand_back(*, letter: LetterOfRequest, by: Actor) -> LetterOfRequest:
    """Give a lodged letter back to its owner, who can write again: on the next version, or on the open one.

    Ends the central authority's sight of what follows. For the central authority.
    """
    return perform(letter, "hand_back", by=by)


def comment_add(
    *, letter: LetterOfRequest, by: Actor, text: str, question: str = "", number: int | None = None
) -> Comment:
    """Remark on one answer (its path) or on the whole of a version, by default the latest the actor sees.

    Raises:
        AccessDenied: the actor may not read that version.
        ActForbidden: the role does not comment.
        DataWrong: no text, or too long.
    """
    version = access_version_by_number(by, letter, number)
    said = _text(text, "comment", "text", longest=5000)
    row = Comment(version=version, question=question, text=said, author_id=person(by), at=clock.now())
    perform(letter, "comment", by=by, row=row)
    return row


def finding_waive(*, letter: LetterOfRequest, by: Actor, code: str, question: str, reason: str) -> LetterOfRequest:
    """Set one warning of the open version aside, with the reason that the approver will read.

    Raises:
        ConditionsNotMet: no reason; no such warning; a gap, which nobody can set aside.
        ActNotPossible, ActForbidden: see letter_save.
    """
    said = _text(reason, "waive", "reason", longest=2000, empty=True)
    return perform(letter, "waive", by=by, code=code, question=question, reason=said)


def letter_share_for_advice(*, letter: LetterOfRequest, by: Actor, authority: Authority) -> LetterOfRequest:
    """Show the draft to another authority of the same jurisdiction, to read and comment.

    Raises:
        ConditionsNotMet: an authority of another jurisdiction.
    """
    return perform(letter, "share_for_advice", by=by, authority=authority)


def letter_end_share(*, letter: LetterOfRequest, by: Actor, authority: Authority) -> LetterOfRequest:
    """Stop showing the draft to an authority."""
    return perform(letter, "end_share", by=by, authority=authority)


def letter_name_officer(*, letter: LetterOfRequest, by: Actor, user: User) -> LetterOfRequest:
    """Let one more person see a restricted letter."""
    return perform(letter, "name_officer", by=by, user=user)


def letter_unname_officer(*, letter: LetterOfRequest, by: Actor, user: User) -> LetterOfRequest:
    """End a person's sight of a restricted letter; not one's own, so that somebody keeps it.

    Raises:
        ConditionsNotMet: the actor is that person.
    """
    return perform(letter, "unname_officer", by=by, user=user)


def _free_key(taken: Sequence[str]) -> str:
    return next(key for key in (f"A{number}" for number in range(1, 10_000)) if key not in taken)


def _text(given: str, act: str, field: str, *, longest: int, empty: bool = False) -> str:
    try:
        said = clean(given, field=field).strip()
    except TextRefused as error:
        raise DataWrong(act, [Reason("text_refused", str(error), field=field)]) from error
    if not said and not empty:
        raise DataWrong(act, [Reason("field_wrong", _("say something"), field=field)])
    if len(said) > longest:
        message = _("is longer than %(most)s characters") % {"most": longest}
        raise DataWrong(act, [Reason("field_wrong", message, field=field)])
    return said


def _with_annexes(plain: dict[str, Any], stored: Sequence[Annex], act: str) -> dict[str, Any]:
    """Return the content with each annex as it is stored."""
    by_key = {annex.key: annex for annex in stored}
    entries, wrong = [], []
    for index, entry in enumerate(plain.get("annexes", [])):
        annex = by_key.pop(entry["id"], None)
        if annex is None:
            entries.append(entry)
            continue
        if entry.get("sha256", annex.sha256) != annex.sha256:
            message = _("the file %(name)s has another SHA-256 than the letter says") % {"name": annex.name}
            wrong.append(Reason("annex_differs", message, field=f"annexes[{index}].sha256"))
        told = {"language": entry["language"]} if entry.get("language") else {}
        entries.append(annex_entry(annex, entry["title"]) | told)
    for key in by_key:
        wrong.append(Reason("annex_unknown", _("the letter names no annex %(key)s") % {"key": key}, field="annexes"))
    if wrong:
        raise DataWrong(act, wrong)
    return plain | {"annexes": entries} if entries else plain


def _states(content: LetterFile, act: str, owner: Authority) -> tuple[Jurisdiction, Jurisdiction]:
    """Return both jurisdictions, after a check of every authority that the letter names."""
    codes = {content.requesting.jurisdiction, content.requested.jurisdiction}
    states = {state.code: state for state in Jurisdiction.objects.filter(code__in=codes)}
    wrong = []
    if content.requesting.jurisdiction == content.requested.jurisdiction:
        wrong.append(Reason("same_state", _("a State asks another, not itself"), field="requested.jurisdiction"))
    sides = (("requesting", content.requesting), ("requested", content.requested))
    named = {code for _name, side in sides for code in (side.authority, side.originating) if code}
    homes = dict(Authority.objects.filter(code__in=named).values_list("code", "jurisdiction__code"))
    for name, side in sides:
        if side.jurisdiction not in states:
            message = _("there is no State or territory with the code %(code)s") % {"code": side.jurisdiction}
            wrong.append(Reason("unknown_state", message, field=f"{name}.jurisdiction"))
        for field in ("authority", "originating"):
            code = getattr(side, field)
            if code and homes.get(code) != side.jurisdiction:
                message = _("%(state)s has no authority with the code %(code)s")
                parts = {"state": side.jurisdiction, "code": code}
                wrong.append(Reason("unknown_authority", message % parts, field=f"{name}.{field}"))
    if not wrong and states[content.requesting.jurisdiction].pk != owner.jurisdiction_id:
        message = _("%(owner)s drafts for its own State only") % {"owner": owner}
        wrong.append(Reason("other_state", message, field="requesting.jurisdiction"))
    if wrong:
        raise DataWrong(act, wrong)
    return states[content.requesting.jurisdiction], states[content.requested.jurisdiction]
