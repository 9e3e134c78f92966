"""The letter of request and its versions: what is asked. How far it is, is lifecycle's.

The acts change one letter under its lock. Each body gets the letter file's content as plain JSON, checked by services.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import User
from mla.accounts.selectors import falls_to
from mla.core.ids import uuid7
from mla.core.reasons import Reason
from mla.reference.models import Authority
from workflows.drafting.models_earlier import EarlierText, Written
from workflows.drafting.models_library import OffenceEntry as OffenceEntry
from workflows.drafting.models_reuse import ReuseActs, about_reuse
from workflows.drafting.models_sealed import sealed_now
from workflows.drafting.models_translation import Translation as Translation
from workflows.drafting.models_uploads import AnnexUpload as AnnexUpload
from workflows.engine.errors import ActForbidden
from workflows.engine.machine import Doing, Effects, act
from workflows.engine.models import CaseRow


class Confidentiality(models.TextChoices):
    """Who of an authority sees a case. Restricted: the named persons alone, for others no hit and no count."""

    NORMAL = "normal", _("normal")
    CONFIDENTIAL = "confidential", _("confidential")
    RESTRICTED = "restricted", _("restricted")


def person(by: Actor) -> int:
    """Return the person who acts. Only persons write, comment and decide on a letter.

    Raises:
        ActForbidden: the system or a peer.
    """
    if by.user_id is None:
        raise ActForbidden("letter", [Reason("no_person", gettext("only a person does this"))])
    return by.user_id


def annexes_are_stored(letter: LetterOfRequest, doing: Doing) -> list[Reason]:
    """Every annex that the letter names has its file, unchanged, in the storage."""
    from workflows.drafting.freezing import annexes_missing

    return annexes_missing(letter.present())


def names_are_known(letter: LetterOfRequest, doing: Doing) -> list[Reason]:
    """The wording that is frozen is resolved: an instrument or authority that nobody knows has no name."""
    from workflows.drafting.freezing import names_missing

    return names_missing(letter.present())


def reason_is_given(letter: LetterOfRequest, doing: Doing) -> list[Reason]:
    if doing.asking or str(doing.data.get("reason", "")).strip():
        return []
    return [Reason("reason_missing", gettext("say why"), field="reason")]


def is_a_warning(letter: LetterOfRequest, doing: Doing) -> list[Reason]:
    """A warning of this version can be set aside; a gap cannot, and what is no finding need not be."""
    from workflows.drafting.selectors import version_findings

    if doing.asking:
        return []
    code, question = doing.data.get("code"), doing.data.get("question")
    found = [f for f in version_findings(letter.present()) if (f.code, f.question) == (code, question)]
    if any(finding.severity == "warning" for finding in found):
        return []
    if found:
        return [Reason("gap_stays", gettext("a gap cannot be set aside, it must be filled"), field=str(question))]
    return [Reason("no_such_finding", gettext("the letter has no such warning"), field=str(question))]


def is_of_this_jurisdiction(letter: LetterOfRequest, doing: Doing) -> list[Reason]:
    """A draft stays in the chain: it is never shown to another State."""
    if doing.asking:
        return []
    if (to := doing.data["authority"]).jurisdiction_id == letter.requesting_id and to.pk != letter.authority_id:
        return []
    return [Reason("not_of_the_chain", gettext("share it with another authority of the same State"), field="authority")]


def is_another_person(letter: LetterOfRequest, doing: Doing) -> list[Reason]:
    if doing.asking or doing.data["user"].pk != doing.by.user_id:
        return []
    return [Reason("own_naming", gettext("another named officer ends it, so that somebody keeps sight"), field="user")]


class LetterOfRequest(ReuseActs, CaseRow):
    """A letter, owned by the authority that drafts it. Its text lives in versions.

    A version belongs to the authority that opened it: the owner, or a central authority with which the
    letter was lodged and that changes it itself. Only its officers write on it.
    """

    KIND = "letter"

    class Status(models.TextChoices):
        OPEN = "open", _("being drafted")
        FROZEN = "frozen", _("frozen")
        #: Taken over with its case from an earlier register: it has no version here, so nothing is written on it.
        ELSEWHERE = "elsewhere", _("not written here")

    status = FSMField(choices=Status, default=Status.OPEN, protected=True)
    requesting = models.ForeignKey("reference.Jurisdiction", on_delete=models.PROTECT, related_name="+")
    requested = models.ForeignKey("reference.Jurisdiction", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=300)
    confidentiality = models.CharField(max_length=20, choices=Confidentiality, default=Confidentiality.NORMAL)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    current = models.PositiveIntegerField(default=1, help_text="number of the current version")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "frozen", "elsewhere"]), name="drafting_letter_status"
            )
        ]
        indexes = [
            # Asked for each row of every list: which letters are open to named persons alone.
            models.Index(
                fields=["id"],
                condition=Q(confidentiality=Confidentiality.RESTRICTED),
                name="drafting_letter_restricted",
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title

    def may_be_created_by(self, actor: Actor) -> bool:
        if actor.authority_id == self.authority_id:
            return True
        # A closed case is taken up again by the central authority, for whoever it was made for.
        return holds(actor, "letter.reopen") and actor.authority_id == self.authority.central_id

    def present(self) -> LetterVersion:
        """Return the version that counts now. Raises AccessDenied: it was written elsewhere, and has none."""
        self._need_text()
        return LetterVersion.objects.get(letter=self, number=self.current)

    def _need_text(self, actor: Actor | None = None) -> None:
        if self.status == self.Status.ELSEWHERE:
            raise AccessDenied("version", self.public_id, actor)

    def at_hand(self, actor: Actor) -> LetterVersion:
        """Return the version that counts, read once for this row and actor: with whether it wrote there, and is named.

        On a row that an act has locked it is as fresh as the row: versions change under that lock alone.
        """
        self._need_text(actor)
        held: tuple[int, int | None, LetterVersion] | None = getattr(self, "_at_hand", None)
        if held is None or held[:2] != (self.current, actor.user_id):
            version = LetterVersion.objects.annotate(**about(actor)).get(letter=self, number=self.current)
            self.take_at_hand(version, actor)
            return version
        return held[2]

    def take_at_hand(self, version: LetterVersion, actor: Actor) -> None:
        """Know the version of this row, which was read together with it and has the annotations of `about`."""
        version.letter = self
        self._at_hand = (version.number, actor.user_id, version)

    def _sees(self, actor: Actor) -> bool:
        """Tell whether a restricted letter is open to the actor."""
        if self.confidentiality != Confidentiality.RESTRICTED or actor.kind == "system":
            return True
        named = NamedOfficer.objects.filter(letter=OuterRef("pk"), ended_at=None)
        open_to = Q(Exists(named.filter(user=actor.user_id))) | (falls_to(actor, named) or Q())
        return LetterOfRequest.objects.filter(open_to, pk=self.pk).exists()

    def _shared(self, actor: Actor, *kinds: str) -> bool:
        return self.shares.filter(authority=actor.authority_id, kind__in=kinds, ended_at=None).exists()

    def _owner(self, actor: Actor, act_name: str) -> bool:
        return holds(actor, f"letter.{act_name}") and actor.authority_id == self.authority_id and self._sees(actor)

    def _writer(self, actor: Actor, act_name: str) -> bool:
        """An officer of the authority whose version is open."""
        if not holds(actor, f"letter.{act_name}") or self.status == self.Status.ELSEWHERE:
            return False
        version = self.at_hand(actor)
        restricted = self.confidentiality == Confidentiality.RESTRICTED and actor.kind != "system"
        named: bool = version.named  # type: ignore[attr-defined]
        return version.authority_id == actor.authority_id and (named or not restricted)

    def may_edit(self, actor: Actor) -> bool:
        return self._writer(actor, "edit")

    @act(label=_("Change the letter"), source=[Status.OPEN], target=None, permission=may_edit)
    def edit(
        self, doing: Doing, *, content: Mapping[str, Any], requested_id: int, put_back: EarlierText | None = None
    ) -> Effects:
        """`put_back`: the earlier state from which parts of the content were taken."""
        version = self.at_hand(doing.by)
        earlier = version.take(content, doing, always=put_back is not None)
        self._take_from(content, requested_id)
        rows = [*earlier, *self._editor(version, doing), *self._named(doing)]
        detail = {"put_back": str(put_back.public_id)} if put_back else {}
        return Effects(rows=rows, changed=[version], detail={"version": version.number} | detail)

    def may_add_annex(self, actor: Actor) -> bool:
        return self._writer(actor, "add_annex")

    @act(label=_("Add an annex"), source=[Status.OPEN], target=None, permission=may_add_annex)
    def add_annex(self, doing: Doing, *, content: Mapping[str, Any], annex: Annex) -> Effects:
        """`annex`: without a version; takes the place of one with its key."""
        version = self.present()
        version.content, version.changed_at = dict(content), doing.at
        rows: list[models.Model] = self._editor(version, doing)
        changed: list[models.Model] = [version]
        before = version.annexes.filter(key=annex.key).first()
        if before is None:
            annex.version = version
            rows.append(annex)
        else:
            before.name, before.media_type = annex.name, annex.media_type
            before.size, before.sha256 = annex.size, annex.sha256
            changed.append(before)
        detail = {"version": version.number, "annex": annex.key, "sha256": annex.sha256}
        return Effects(rows=rows, changed=changed, detail=detail)

    def may_waive(self, actor: Actor) -> bool:
        return self._writer(actor, "waive")

    @act(
        label=_("Set a warning aside"),
        source=[Status.OPEN],
        target=None,
        permission=may_waive,
        conditions=[reason_is_given, is_a_warning],
    )
    def waive(self, doing: Doing, *, code: str, question: str, reason: str) -> Effects:
        version = self.present()
        before = version.waivers.filter(code=code, question=question).first()
        detail = {"version": version.number, "code": code, "question": question}
        if before is not None:
            before.reason, before.by_id, before.at = reason, person(doing.by), doing.at
            return Effects(changed=[before], detail=detail)
        waiver = Waiver(
            version=version, code=code, question=question, reason=reason, by_id=person(doing.by), at=doing.at
        )
        return Effects(rows=[waiver], detail=detail)

    def may_comment(self, actor: Actor) -> bool:
        if not holds(actor, "letter.comment") or not self._sees(actor):
            return False
        return actor.authority_id == self.authority_id or self._shared(actor, *LetterShare.Kind.values)

    @act(label=_("Comment"), source=[Status.OPEN, Status.FROZEN], target=None, permission=may_comment)
    def comment(self, doing: Doing, *, row: Comment) -> Effects:
        return Effects(rows=[row], detail={"version": row.version.number, "question": row.question})

    def may_freeze(self, actor: Actor) -> bool:
        return self._writer(actor, "freeze")

    @act(
        label=_("Freeze this version"),
        source=[Status.OPEN],
        target=Status.FROZEN,
        permission=may_freeze,
        conditions=[annexes_are_stored, names_are_known],
    )
    def freeze(self, doing: Doing) -> Effects:
        from workflows.drafting.freezing import frozen_content, frozen_hash

        version = self.present()
        version.frozen_content = frozen_content(version)
        version.content_hash = frozen_hash(version.frozen_content)
        version.frozen_at = version.changed_at = doing.at
        detail = {"version": version.number, "content_hash": version.content_hash}
        return Effects(changed=[version], detail=detail, events=[("letter.frozen", {"version": version.pk})])

    def may_open_next(self, actor: Actor) -> bool:
        if not holds(actor, "letter.open_next") or not self._sees(actor):
            return False
        return actor.authority_id == self.authority_id or self._shared(actor, LetterShare.Kind.LODGED)

    @act(label=_("Open the next version"), source=[Status.FROZEN], target=Status.OPEN, permission=may_open_next)
    def open_next(self, doing: Doing) -> Effects:
        rows = self._next(doing, doing.by.authority_id or self.authority_id)
        return Effects(rows=rows, detail={"version": self.current})

    def may_hand_back(self, actor: Actor) -> bool:
        if not holds(actor, "letter.hand_back") or not self._sees(actor):
            return False
        return self._shared(actor, LetterShare.Kind.LODGED)

    @act(
        label=_("Give back to the owner"),
        source=[Status.OPEN, Status.FROZEN],
        target=Status.OPEN,
        permission=may_hand_back,
    )
    def hand_back(self, doing: Doing) -> Effects:
        rows: list[models.Model] = []
        lodged = self.shares.filter(
            authority=doing.by.authority_id, kind=LetterShare.Kind.LODGED, ended_at=None
        ).order_by("id")
        changed: list[models.Model] = []
        for share in lodged:
            share.ended_at = doing.at
            changed.append(share)
        version = self.present()
        if version.frozen_at is not None:
            rows = self._next(doing, self.authority_id)
        else:
            version.authority_id = self.authority_id
            changed.append(version)
        return Effects(rows=rows, changed=changed, detail={"version": self.current})

    def may_share_for_advice(self, actor: Actor) -> bool:
        return self._owner(actor, "share_for_advice")

    @act(
        label=_("Share the draft for advice"),
        source=[Status.OPEN, Status.FROZEN],
        target=None,
        permission=may_share_for_advice,
        conditions=[is_of_this_jurisdiction],
    )
    def share_for_advice(self, doing: Doing, *, authority: Authority) -> Effects:
        rows: list[models.Model] = []
        if not self.shares.filter(authority=authority, kind=LetterShare.Kind.ADVICE, ended_at=None).exists():
            rows.append(LetterShare(letter=self, authority=authority, kind=LetterShare.Kind.ADVICE, at=doing.at))
        return Effects(rows=rows, detail={"authority": authority.code})

    def may_end_share(self, actor: Actor) -> bool:
        return self._owner(actor, "end_share")

    @act(
        label=_("End the sharing"),
        source=[Status.OPEN, Status.FROZEN],
        target=None,
        permission=may_end_share,
    )
    def end_share(self, doing: Doing, *, authority: Authority) -> Effects:
        """Ends what was shared for advice; what was lodged ends when it is handed back."""
        changed: list[models.Model] = []
        for share in self.shares.filter(authority=authority, kind=LetterShare.Kind.ADVICE, ended_at=None):
            share.ended_at = doing.at
            changed.append(share)
        return Effects(changed=changed, detail={"authority": authority.code})

    def may_name_officer(self, actor: Actor) -> bool:
        return self._owner(actor, "name_officer")

    @act(
        label=_("Name an officer"),
        source=[Status.OPEN, Status.FROZEN, Status.ELSEWHERE],
        target=None,
        permission=may_name_officer,
    )
    def name_officer(self, doing: Doing, *, user: User) -> Effects:
        rows: list[models.Model] = []
        if not self.named_officers.filter(user=user, ended_at=None).exists():
            rows.append(NamedOfficer(letter=self, user=user, at=doing.at))
        return Effects(rows=rows, detail={"officer": str(user.public_id)})

    def may_unname_officer(self, actor: Actor) -> bool:
        return self._owner(actor, "unname_officer")

    @act(
        label=_("End the naming of an officer"),
        source=[Status.OPEN, Status.FROZEN, Status.ELSEWHERE],
        target=None,
        permission=may_unname_officer,
        conditions=[is_another_person],
    )
    def unname_officer(self, doing: Doing, *, user: User) -> Effects:
        named = self.named_officers.filter(user=user, ended_at=None).first()
        if named is None:
            return Effects()
        named.ended_at = doing.at
        return Effects(changed=[named], detail={"officer": str(user.public_id)})

    # --- shared by the bodies; each sets fields of this row or makes rows ---

    def _next(self, doing: Doing, authority_id: int) -> list[models.Model]:
        """Return the rows of the next version, a copy of the present one that belongs to an authority."""
        before = self.present()
        self.current = before.number + 1
        version = LetterVersion(
            letter=self,
            authority_id=authority_id,
            number=self.current,
            content=before.content,
            created_at=doing.at,
            changed_at=doing.at,
        )
        rows: list[models.Model] = [version]
        # Who wrote the text is an author of its copy too: the approver of any later version is none of them.
        rows += [LetterEditor(version=version, user_id=e.user_id, at=e.at) for e in before.lettereditor_set.all()]
        beside: tuple[Any, ...] = (*before.annexes.all(), *before.waivers.all(), *sealed_now(before).values())
        rows += [one.copy_to(version) for one in beside]
        return rows

    def _take_from(self, content: Mapping[str, Any], requested_id: int) -> None:
        self.title = content["title"]
        self.requested_id = requested_id
        self.confidentiality = content.get("confidentiality", {}).get("level", Confidentiality.NORMAL)

    def _editor(self, version: LetterVersion, doing: Doing) -> list[models.Model]:
        if doing.by.user_id is None:
            return []
        wrote: bool | None = getattr(version, "written", None)
        if wrote is None:
            wrote = version.lettereditor_set.filter(user=doing.by.user_id).exists()
        if wrote:
            return []
        return [LetterEditor(version=version, user_id=doing.by.user_id, at=doing.at)]

    def _named(self, doing: Doing) -> list[models.Model]:
        """Whoever makes a letter restricted keeps sight of it."""
        if self.confidentiality != Confidentiality.RESTRICTED or doing.by.user_id is None:
            return []
        if self.at_hand(doing.by).named:  # type: ignore[attr-defined]
            return []
        return [NamedOfficer(letter=self, user_id=doing.by.user_id, at=doing.at)]


def about(actor: Actor) -> dict[str, Exists]:
    """Return the annotations of a version that `LetterOfRequest.at_hand` needs.

    `written` and `named`: the actor is one of its editors, and of the letter's officers; `waived`: a warning is set aside.
    """
    wrote = LetterEditor.objects.filter(version=OuterRef("pk"), user=actor.user_id)
    named = NamedOfficer.objects.filter(letter=OuterRef("letter_id"), user=actor.user_id, ended_at=None)
    waived = Waiver.objects.filter(version=OuterRef("pk"))
    return {"written": Exists(wrote), "named": Exists(named), "waived": Exists(waived), **about_reuse()}


class LetterVersion(Written):
    """One version of a letter's content. Frozen, it never changes; its hash is what an approval binds to."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfRequest, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="the letter file (docs/letter-format.md), as plain JSON")
    content_hash = models.CharField(max_length=64, blank=True, help_text="set when frozen")
    frozen_content = models.JSONField(null=True, blank=True, help_text="exactly what the hash covers")
    frozen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    editors = models.ManyToManyField(User, through="LetterEditor", related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "number"], name="drafting_one_version_number"),
            models.CheckConstraint(
                condition=Q(frozen_at=None, content_hash="") | Q(frozen_at__isnull=False) & ~Q(content_hash=""),
                name="drafting_frozen_has_hash",
            ),
        ]
        indexes = [
            # Which letters follow a preservation, without reading every letter (workflows.tracking.due).
            models.Index(
                fields=["id"],
                condition=Q(content__related__contains=[{"kind": "preservation"}]),
                name="drafting_version_preserves",
            )
        ]
        ordering = ["letter", "number"]

    def __str__(self) -> str:
        return f"{self.letter_id} version {self.number}"


class LetterEditor(models.Model):
    """Who wrote on a version: none of them may approve it."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="drafting_one_editor_row")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.version_id}"


class LetterShare(models.Model):
    """Sight of a letter given to another authority of the chain: of the draft, for advice, or of what was lodged."""

    class Kind(models.TextChoices):
        ADVICE = "advice", _("shared for advice")
        LODGED = "lodged", _("lodged")

    letter = models.ForeignKey(LetterOfRequest, on_delete=models.PROTECT, related_name="shares")
    authority = models.ForeignKey("reference.Authority", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    version_number = models.PositiveIntegerField(null=True, blank=True, help_text="which was lodged; empty: the draft")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["authority", "letter"], name="drafting_share")]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.kind} to {self.authority_id}"


class NamedOfficer(models.Model):
    """A person who may see a restricted letter. Ended, never deleted."""

    letter = models.ForeignKey(LetterOfRequest, on_delete=models.PROTECT, related_name="named_officers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "user"], condition=Q(ended_at=None), name="drafting_named_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.letter_id}"


class Annex(models.Model):
    """A file that goes with one version of a letter; kept in the content-addressed storage."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="annexes")
    key = models.CharField(max_length=40, help_text="its identifier in the letter, such as A1")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="drafting_one_annex_key")]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    def copy_to(self, version: LetterVersion) -> Annex:
        """Return the same file as an annex of another version, unsaved."""
        return Annex(
            version=version,
            key=self.key,
            name=self.name,
            media_type=self.media_type,
            size=self.size,
            sha256=self.sha256,
        )


class Comment(models.Model):
    """A remark on one answer of a version. Read before the version is returned or approved."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="comments")
    question = models.CharField(max_length=200, blank=True, help_text="path of the answer; empty: the whole letter")
    text = models.TextField(max_length=5000)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.author_id} on {self.question or 'the letter'}"


class Waiver(models.Model):
    """A warning that a drafter set aside, with the reason that the approver sees."""

    version = models.ForeignKey(LetterVersion, on_delete=models.PROTECT, related_name="waivers")
    code = models.CharField(max_length=80)
    question = models.CharField(max_length=200, blank=True)
    reason = models.TextField(max_length=2000)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "code", "question"], name="drafting_one_waiver")]

    def __str__(self) -> str:
        return f"{self.code} waived"

    def copy_to(self, version: LetterVersion) -> Waiver:
        """Return the same decision for another version, unsaved."""
        return Waiver(
            version=version, code=self.code, question=self.question, reason=self.reason, by_id=self.by_id, at=self.at
        )
