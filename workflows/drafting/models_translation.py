"""The translation of one frozen version into one language: its own life, from the assignment to the certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from mla.accounts.actors import Actor
from mla.accounts.capabilities import holds
from mla.accounts.models import Role, User
from mla.core.reasons import Reason
from workflows.drafting.beside import not_beside
from workflows.drafting.place_words import path_words
from workflows.drafting.translation_checks import paragraphs_in
from workflows.engine.machine import Doing, Effects, act
from workflows.engine.models import CaseRow


def reason_is_given(row: Translation, doing: Doing) -> list[Reason]:
    if doing.asking or str(doing.data.get("reason", "")).strip():
        return []
    return [Reason("reason_missing", gettext("say why"), field="reason")]


def unit_is_as_seen(row: Translation, doing: Doing) -> list[Reason]:
    """Nobody wrote on the text since the writer read it: of two savers the second is told."""
    if doing.asking:
        return []
    unit = row.units.filter(path=doing.data["path"]).first()
    if unit is None:
        return [Reason("no_such_text", gettext("the letter has no such text"), field="target")]
    if unit.number != doing.data["seen"] and unit.target != doing.data["target"]:
        message = gettext(
            "somebody else saved this text meanwhile; theirs stands beside yours, and yours is still here"
        )
        return [Reason("text_changed", message, field="target")]
    return []


def every_text_is_done(row: Translation, doing: Doing) -> list[Reason]:
    """No text is without its translation, a draft, or to be read again."""
    left = row.units.exclude(status=TranslationUnit.Status.DONE).order_by("position")
    places = list(left.values_list("path", flat=True)[:10])
    if not places:
        return []
    message = gettext("%(count)s texts are not done, the first: %(places)s")
    parts = {"count": left.count(), "places": ", ".join(path_words(place, row.source.content) for place in places)}
    return [Reason("texts_not_done", message % parts, field=places[0])]


def paragraphs_are_as_many(row: Translation, doing: Doing) -> list[Reason]:
    """Source and translation are printed side by side with the same numbers: each text has as many paragraphs in both."""
    units = row.units.filter(status=TranslationUnit.Status.DONE).order_by("position")
    apart = [unit for unit in units if paragraphs_in(unit.source) != paragraphs_in(unit.target)]
    message = gettext("%(place)s: %(reason)s")
    return [
        Reason(
            "paragraphs_differ",
            message
            % {"place": path_words(unit.path, row.source.content), "reason": paragraphs_differ(unit, unit.target)},
            field=unit.path,
        )
        for unit in apart[:10]
    ]


def paragraphs_differ(unit: TranslationUnit, target: str) -> str:
    """Return in words that a target has other paragraphs than its source; empty where it has as many."""
    ours, theirs = paragraphs_in(unit.source), paragraphs_in(target)
    if ours == theirs:
        return ""
    message = gettext(
        "the source has %(ours)s paragraphs and the translation %(theirs)s; they are printed side by side with the same "
        "numbers, so an empty line stands where it stands in the source"
    )
    return message % {"ours": ours, "theirs": theirs}


def every_annex_is_decided(row: Translation, doing: Doing) -> list[Reason]:
    """Of each annex it is said whether it is translated in full, in a summary, or not at all and why."""
    wanted = [annex["id"] for annex in (row.source.frozen_content or {}).get("annexes", ())]
    decided = set(row.annexes.values_list("key", flat=True))
    message = gettext("say of annex %(key)s whether it is translated in full, in a summary, or not")
    return [
        Reason("annex_undecided", message % {"key": key}, field=f"annexes[{key}]")
        for key in wanted
        if key not in decided
    ]


def letter_can_be_made(row: Translation, doing: Doing) -> list[Reason]:
    """The texts make a letter: what is too long or of a wrong form is named by its place."""
    from workflows.drafting.translation_content import content_problems

    if every_text_is_done(row, doing):
        return []
    return content_problems(row)


def stands_beside_its_source(row: Translation, doing: Doing) -> list[Reason]:
    """Both can be printed side by side: a letter whose translation cannot is not printed at all."""
    from workflows.drafting.translation_content import translated_content

    if doing.asking or any(
        check(row, doing) for check in (every_text_is_done, paragraphs_are_as_many, letter_can_be_made)
    ):
        return []
    return not_beside(row.source.frozen_content or {}, translated_content(row))


def second_reader_has_read(row: Translation, doing: Doing) -> list[Reason]:
    if row.second_reader_id is None or row.read_at is not None:
        return []
    return [Reason("not_read", gettext("the second reader has not read it yet"))]


class Translation(CaseRow):
    """One frozen version in one language. The translator and the second reader see it and its source, nothing else."""

    KIND = "translation"

    class Status(models.TextChoices):
        ASSIGNED = "assigned", _("being translated")
        TRANSLATED = "translated", _("translated")
        READ = "read", _("read by a second person")
        CERTIFIED = "certified", _("certified")
        CANCELLED = "cancelled", _("cancelled")

    status = FSMField(choices=Status, default=Status.ASSIGNED, protected=True)
    source = models.ForeignKey("drafting.LetterVersion", on_delete=models.PROTECT, related_name="translations")
    language = models.CharField(max_length=35, help_text="BCP 47")
    translator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second_reader = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    assigned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(max_length=2000, blank=True, help_text="what the translator is told")
    carried_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    certified_at = models.DateTimeField(null=True, blank=True)
    certified_content = models.JSONField(null=True, blank=True, help_text="exactly what the hash covers")
    content_hash = models.CharField(max_length=64, blank=True)
    document_sha256 = models.CharField(max_length=64, blank=True, help_text="of its PDF")
    document_size = models.PositiveBigIntegerField(null=True, blank=True, help_text="bytes")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["assigned", "translated", "read", "certified", "cancelled"]),
                name="drafting_translation_status",
            ),
            models.UniqueConstraint(
                fields=["source", "language"], condition=~Q(status="cancelled"), name="drafting_one_translation"
            ),
            models.CheckConstraint(
                condition=~Q(status="certified") | ~Q(content_hash=""), name="drafting_certified_has_hash"
            ),
        ]
        indexes = [
            models.Index(fields=["translator", "-id"], name="drafting_translation_mine"),
            models.Index(fields=["second_reader", "-id"], name="drafting_translation_read"),
        ]

    def __str__(self) -> str:
        # As it was frozen: a translator learns nothing of a later version.
        return str((self.source.frozen_content or {})["letter"]["title"])

    def _translates(self, actor: Actor, name: str) -> bool:
        ours = holds(actor, f"translation.{name}") and actor.authority_id == self.authority_id
        return ours and actor.user_id == self.translator_id

    def _reads(self, actor: Actor, name: str) -> bool:
        ours = holds(actor, f"translation.{name}") and actor.authority_id == self.authority_id
        return ours and actor.user_id is not None and actor.user_id == self.second_reader_id

    def _assigns(self, actor: Actor, name: str) -> bool:
        """An officer of the authority that assigned it, who sees the letter."""
        from workflows.drafting.selectors import readable_versions

        if not holds(actor, f"translation.{name}") or actor.authority_id != self.authority_id:
            return False
        return actor.role != Role.TRANSLATOR and readable_versions(actor).filter(pk=self.source_id).exists()

    def may_be_created_by(self, actor: Actor) -> bool:
        from workflows.drafting.selectors import readable_versions

        own = actor.authority_id == self.authority_id
        return own and readable_versions(actor).filter(pk=self.source_id).exists()

    def may_save_unit(self, actor: Actor) -> bool:
        return self._translates(actor, "save_unit")

    @act(
        label=_("Save a text"),
        source=[Status.ASSIGNED],
        target=None,
        permission=may_save_unit,
        conditions=[unit_is_as_seen],
    )
    def save_unit(self, doing: Doing, *, path: str, target: str, state: str, seen: int) -> Effects:
        unit = self.units.get(path=path)
        unit.take(target, state, doing)
        return Effects(changed=[unit], detail={"text": path, "status": state, "number": unit.number})

    def may_bring_in(self, actor: Actor) -> bool:
        return self._translates(actor, "bring_in")

    @act(label=_("Bring in a file of an agency"), source=[Status.ASSIGNED], target=None, permission=may_bring_in)
    def bring_in(self, doing: Doing, *, texts: Mapping[str, Sequence[str]], sha256: str) -> Effects:
        """`texts`: target and status by path, checked by the service under the lock of this act; `sha256`: of the file."""
        changed: list[models.Model] = []
        for unit in self.units.filter(path__in=list(texts)):
            unit.take(texts[unit.path][0], texts[unit.path][1], doing)
            changed.append(unit)
        return Effects(changed=changed, detail={"texts": len(changed), "sha256": sha256})

    def may_decide_annex(self, actor: Actor) -> bool:
        return self._translates(actor, "decide_annex")

    @act(
        label=_("Say how an annex is translated"),
        source=[Status.ASSIGNED],
        target=None,
        permission=may_decide_annex,
    )
    def decide_annex(self, doing: Doing, *, decision: TranslationAnnex) -> Effects:
        """`decision`: takes the place of one with its key."""
        before = self.annexes.filter(key=decision.key).first()
        if before is not None:
            decision.pk = before.pk
        decision.translation = self
        decision.at = doing.at
        rows: list[models.Model] = [decision] if before is None else []
        changed: list[models.Model] = [] if before is None else [decision]
        detail = {"annex": decision.key, "how": decision.how, "sha256": decision.sha256}
        return Effects(rows=rows, changed=changed, detail=detail)

    def may_finish(self, actor: Actor) -> bool:
        return self._translates(actor, "finish")

    @act(
        label=_("The translation is done"),
        source=[Status.ASSIGNED],
        target=Status.TRANSLATED,
        permission=may_finish,
        conditions=[
            every_text_is_done,
            paragraphs_are_as_many,
            every_annex_is_decided,
            letter_can_be_made,
            stands_beside_its_source,
        ],
    )
    def finish(self, doing: Doing) -> Effects:
        self.finished_at, self.read_at = doing.at, None
        return Effects()

    def may_read(self, actor: Actor) -> bool:
        return self._reads(actor, "read")

    @act(label=_("Read as second reader"), source=[Status.TRANSLATED], target=Status.READ, permission=may_read)
    def read(self, doing: Doing) -> Effects:
        self.read_at = doing.at
        return Effects()

    def may_send_back(self, actor: Actor) -> bool:
        return self._reads(actor, "send_back") or self._assigns(actor, "send_back")

    @act(
        label=_("Send back to the translator"),
        source=[Status.TRANSLATED, Status.READ],
        target=Status.ASSIGNED,
        permission=may_send_back,
        conditions=[reason_is_given],
    )
    def send_back(self, doing: Doing, *, reason: str) -> Effects:
        self.finished_at = self.read_at = None
        self.note = reason[:2000]
        return Effects(reason=reason)

    def may_certify(self, actor: Actor) -> bool:
        return self._translates(actor, "certify")

    @act(
        label=_("Certify the translation"),
        source=[Status.TRANSLATED, Status.READ],
        target=Status.CERTIFIED,
        permission=may_certify,
        conditions=[
            second_reader_has_read,
            every_text_is_done,
            paragraphs_are_as_many,
            letter_can_be_made,
            stands_beside_its_source,
        ],
    )
    def certify(self, doing: Doing) -> Effects:
        from workflows.drafting.translation_content import translated_content, translated_hash

        self.certified_content = translated_content(self)
        self.content_hash = translated_hash(self.certified_content)
        self.certified_at = doing.at
        detail = {"from": self.source.content_hash, "to": self.content_hash, "language": self.language}
        return Effects(detail=detail, events=[("translation.certified", {"version": self.source_id})])

    def may_keep_document(self, actor: Actor) -> bool:
        return holds(actor, "translation.keep_document") and actor.authority_id == self.authority_id

    @act(label=_("Keep its document"), source=[Status.CERTIFIED], target=None, permission=may_keep_document)
    def keep_document(self, doing: Doing, *, sha256: str, size: int) -> Effects:
        self.document_sha256, self.document_size = sha256, size
        return Effects(detail={"sha256": sha256})

    def may_hand_over(self, actor: Actor) -> bool:
        return self._assigns(actor, "hand_over")

    @act(label=_("Give to another translator"), source=[Status.ASSIGNED], target=None, permission=may_hand_over)
    def hand_over(self, doing: Doing, *, translator: User, second_reader: User | None) -> Effects:
        self.translator, self.second_reader = translator, second_reader
        detail = {
            "translator": str(translator.public_id),
            "second_reader": str(second_reader.public_id) if second_reader else "",
        }
        return Effects(detail=detail)

    def may_cancel(self, actor: Actor) -> bool:
        return self._assigns(actor, "cancel")

    @act(
        label=_("Cancel the translation"),
        source=[Status.ASSIGNED, Status.TRANSLATED, Status.READ],
        target=Status.CANCELLED,
        permission=may_cancel,
        conditions=[reason_is_given],
    )
    def cancel(self, doing: Doing, *, reason: str) -> Effects:
        self.note = reason[:2000]
        return Effects(reason=reason)


class TranslationUnit(models.Model):
    """One text of the letter: its source, which never changes, and the target beside it."""

    class Status(models.TextChoices):
        NEW = "new", _("not begun")
        DRAFT = "draft", _("draft")
        DONE = "done", _("done")
        REVIEW = "review", _("the source changed")

    translation = models.ForeignKey(Translation, on_delete=models.PROTECT, related_name="units")
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=200, help_text="its place in the letter, entries by their key")
    source = models.TextField()
    target = models.TextField(max_length=20_000, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    number = models.PositiveIntegerField(default=0, help_text="how often it was saved")
    one_line = models.BooleanField(default=False)
    longest = models.PositiveIntegerField(help_text="characters")
    source_before = models.TextField(blank=True, help_text="what the target was made from, where the source changed")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["translation", "position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["new", "draft", "done", "review"]), name="drafting_unit_status"
            ),
            models.UniqueConstraint(fields=["translation", "path"], name="drafting_one_unit"),
            models.UniqueConstraint(fields=["translation", "position"], name="drafting_unit_place"),
            models.CheckConstraint(condition=~Q(status="done") | ~Q(target=""), name="drafting_done_has_text"),
        ]

    def __str__(self) -> str:
        return f"{self.translation_id} {self.path}: {self.status}"

    def take(self, target: str, state: str, doing: Doing) -> None:
        """Take a saved text; the source it was made from is the present one again."""
        self.target, self.status, self.changed_at = target, state, doing.at
        self.number += 1
        if state == self.Status.DONE:
            self.source_before = ""


class TranslationAnnex(models.Model):
    """How one annex of the letter is translated, and the file of that where there is one."""

    class How(models.TextChoices):
        FULL = "full", _("in full")
        SUMMARY = "summary", _("in a summary")
        NONE = "none", _("not translated")

    translation = models.ForeignKey(Translation, on_delete=models.PROTECT, related_name="annexes")
    key = models.CharField(max_length=40)
    how = models.CharField(max_length=10, choices=How)
    reason = models.TextField(max_length=2000, blank=True, help_text="why not in full")
    summary = models.TextField(max_length=20_000, blank=True)
    name = models.CharField(max_length=255, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["translation", "key"]
        constraints = [
            models.UniqueConstraint(fields=["translation", "key"], name="drafting_one_translated_annex"),
            models.CheckConstraint(
                condition=Q(how="full") & ~Q(sha256="")
                | Q(how="summary") & ~Q(summary="")
                | Q(how="none") & ~Q(reason=""),
                name="drafting_translated_annex_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.how}"


class GlossaryTerm(CaseRow):
    """How one term of law is said in another language. Open to every authority of the State; kept when withdrawn."""

    KIND = "term"

    class Status(models.TextChoices):
        IN_USE = "in_use", _("in use")
        WITHDRAWN = "withdrawn", _("withdrawn")

    status = FSMField(choices=Status, default=Status.IN_USE, protected=True)
    source_language = models.CharField(max_length=35)
    target_language = models.CharField(max_length=35)
    term = models.CharField(max_length=300)
    translation = models.CharField(max_length=300)
    note = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["term", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["in_use", "withdrawn"]), name="drafting_term_status"),
            models.UniqueConstraint(
                fields=["authority", "source_language", "target_language", "term", "translation"],
                condition=Q(status="in_use"),
                name="drafting_one_term",
            ),
        ]
        indexes = [models.Index(fields=["source_language", "target_language", "term", "id"], name="drafting_terms")]

    def __str__(self) -> str:
        return f"{self.term} ({self.source_language}) = {self.translation} ({self.target_language})"

    def _of_its_state(self, actor: Actor, name: str) -> bool:
        from mla.reference.models import Authority

        own = Authority.objects.filter(pk=actor.authority_id or 0, jurisdiction__authorities__pk=self.authority_id)
        return holds(actor, f"term.{name}") and own.exists()

    def may_change(self, actor: Actor) -> bool:
        return self._of_its_state(actor, "change")

    @act(label=_("Change the term"), source=[Status.IN_USE], target=None, permission=may_change)
    def change(self, doing: Doing, *, term: str, translation: str, note: str) -> Effects:
        before = {"term": self.term, "translation": self.translation}
        self.term, self.translation, self.note = term, translation, note
        return Effects(detail={"before": before, "after": {"term": term, "translation": translation}})

    def may_withdraw(self, actor: Actor) -> bool:
        return self._of_its_state(actor, "withdraw")

    @act(label=_("Withdraw the term"), source=[Status.IN_USE], target=Status.WITHDRAWN, permission=may_withdraw)
    def withdraw(self, doing: Doing) -> Effects:
        return Effects()
