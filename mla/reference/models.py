"""What is true before anyone writes a request: States, authorities, treaties, measures. Dated, sourced, editable."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from mla.core.ids import uuid7
from mla.core.letter_languages import catalogue_for
from mla.reference.profiles import COLUMNS, KEY, Stage, Topic


class Maintained(models.Model):
    """A row that ships with the application or was added here. What a user edited, loading never overwrites."""

    class Origin(models.TextChoices):
        SHIPPED = "shipped", _("shipped with the application")
        ADDED = "added", _("added on this installation")

    origin = models.CharField(max_length=10, choices=Origin, default=Origin.ADDED, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="when a user last changed it")

    class Meta:
        abstract = True


class Sourced(Maintained):
    """A fact with its source. What is marked to be confirmed is never shown as certain."""

    class Confidence(models.TextChoices):
        HIGH = "high", _("depositary or official database")
        MEDIUM = "medium", _("press, inference, or a list without dates")
        LOW = "low", _("weak source")
        NONE = "none", _("no source")

    source = models.TextField(blank=True)
    as_of = models.CharField(max_length=120, blank=True, help_text="the date the source speaks for, as given")
    confidence = models.CharField(max_length=10, choices=Confidence, default=Confidence.NONE)
    to_be_confirmed = models.BooleanField(default=True)
    note = models.TextField(blank=True)

    class Meta:
        abstract = True


class Jurisdiction(Maintained):
    """A State, territory or regional organisation that can ask or be asked. Not "State": that is a machine's."""

    class Kind(models.TextChoices):
        STATE = "state", _("State")
        TERRITORY = "territory", _("territory")
        ORGANISATION = "organisation", _("regional organisation")

    code = models.CharField(max_length=2, unique=True, help_text="ISO 3166-1 alpha-2; EU for the Union")
    alpha3 = models.CharField(max_length=3, blank=True)
    numeric = models.CharField(max_length=3, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    names = models.JSONField(default=dict, blank=True, help_text="short names by language: ar en es fr ru zh")
    languages = models.JSONField(
        default=list, blank=True, help_text="official languages, BCP 47; a default, declarations win"
    )
    source = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name("en")

    def name(self, language: str) -> str:
        """Return the short name in `language` (BCP 47), else in English, else the code."""
        base = language.split("-")[0]
        return self.names.get(base) or self.names.get("en") or self.code


class Authority(Sourced):
    """An office that drafts, sends, receives or executes requests, and how it works."""

    class Kind(models.TextChoices):
        CENTRAL = "central", _("central authority")
        ORIGINATING = "originating", _("originating authority")
        EXECUTING = "executing", _("executing authority")
        CONTACT_POINT = "contact_point", _("24/7 point of contact")

    class Signs(models.TextChoices):
        ORIGINATOR = "originator", _("the originating authority")
        CENTRAL = "central", _("the central authority")
        MINISTER = "minister", _("the minister")

    class SigningMethod(models.TextChoices):
        CERTIFICATE = "certificate", _("electronic certificate")
        WET_INK = "wet_ink", _("ink and seal")

    class FourEyes(models.TextChoices):
        ALWAYS = "always", _("another person always approves")
        DUTY_OFFICER_AT_NIGHT = "duty_officer_at_night", _("the duty officer alone in an emergency, reviewed in 24 h")

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    code = models.SlugField(max_length=40, unique=True, help_text="short and stable; part of every reference")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="authorities")
    kind = models.CharField(max_length=20, choices=Kind)
    central = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="originators",
        help_text="the central authority that an originating or executing authority works through",
    )  # fmt: skip
    name = models.CharField(max_length=300)
    organ = models.CharField(max_length=200, blank=True)
    address = models.TextField(blank=True)
    city = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    office_hours = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=60, default="UTC", help_text="IANA name")
    scope = models.TextField(blank=True, help_text="designated for which instrument or kind of request")
    languages = models.JSONField(default=list, blank=True, help_text="BCP 47 codes it works in")
    signs = models.CharField(max_length=20, choices=Signs, default=Signs.CENTRAL)
    signing_method = models.CharField(max_length=20, choices=SigningMethod, default=SigningMethod.WET_INK)
    four_eyes = models.CharField(max_length=30, choices=FourEyes, default=FourEyes.ALWAYS)
    acknowledgement_days = models.PositiveSmallIntegerField(
        default=5, help_text="own target in working days, not a legal limit"
    )
    acknowledgement_days_urgent = models.PositiveSmallIntegerField(default=1)
    escalation_days = models.PositiveSmallIntegerField(
        default=3, help_text="own target: working days after a missed deadline until the supervisor is told"
    )
    holidays_of = models.CharField(
        max_length=20, blank=True, help_text="part of the State whose public holidays count too, such as BY of DE"
    )
    own_days: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list,
        blank=True,
        help_text="own closed and opened days, as mla.reference.calendars.own_days_from makes them",
    )
    fictional = models.BooleanField(default=False, help_text="an example, not a real office")
    hosted_here = models.BooleanField(default=False, help_text="its officers work on this installation")

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "authorities"

    def __str__(self) -> str:
        return self.name


class Instrument(Sourced):
    """A treaty, EU instrument, scheme or channel agreement. `rules` comes from its TOML file."""

    class Kind(models.TextChoices):
        TREATY = "treaty", _("multilateral treaty")
        BILATERAL = "bilateral", _("bilateral treaty")
        EU = "eu", _("EU instrument")
        SCHEME = "scheme", _("non-treaty arrangement")
        CHANNEL = "channel", _("channel treaty")

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=Kind)
    short_name = models.CharField(max_length=120)
    full_title = models.TextField()
    depositary = models.CharField(max_length=200, blank=True)
    adopted = models.DateField(null=True, blank=True)
    in_force = models.DateField(null=True, blank=True, help_text="of the instrument itself; empty: not, or not known")
    in_force_text = models.CharField(max_length=120, blank=True, help_text="as the source gives it")
    articles = models.TextField(blank=True)
    rules = models.JSONField(
        default=dict, blank=True, help_text="scope, articles per measure, residual clause, refusal grounds"
    )

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.short_name

    def title(self, language: str) -> tuple[str, str]:
        """Return its short and its full name in a language (BCP 47), in English where there is none in that."""
        said = self.rules.get("titles", {}).get(catalogue_for(language))
        return (said["short"], said["full"]) if said else (self.short_name, self.full_title)


class Participation(Sourced):
    """One jurisdiction's standing towards one instrument. No row means not known, never "no"."""

    class Status(models.TextChoices):
        PARTY = "party", _("party")
        SIGNATORY = "signatory", _("signatory")
        RATIFIED_NOT_IN_FORCE = "ratified_not_in_force", _("ratified, not in force")
        NOT_PARTY = "not_party", _("not a party")
        WITHDRAWN = "withdrawn", _("withdrawn")
        BOUND = "bound", _("bound")
        PARTICIPATES = "participates", _("participates")
        UNKNOWN = "unknown", _("not known")

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="participations")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="participations")
    status = models.CharField(max_length=30, choices=Status)
    signed = models.DateField(null=True, blank=True)
    consent_date = models.DateField(null=True, blank=True)
    in_force_date = models.DateField(null=True, blank=True)
    ended = models.DateField(null=True, blank=True, help_text="first day no longer bound, where known")
    consent_kind = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instrument", "jurisdiction"], name="reference_one_participation")
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction_id} {self.status} {self.instrument_id}"


class Declaration(Sourced):
    """A declaration, reservation or notification, in our own words."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="declarations")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="declarations")
    article = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    content = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "jurisdiction", "article", "kind"], name="reference_one_declaration"
            )
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction_id} {self.instrument_id} {self.article} {self.kind}"


class MeasureType(models.Model):
    """A kind of assistance; its fields come from measures/<slug>/."""

    slug = models.SlugField(max_length=60, unique=True)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    definition = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name


class RefusalGround(Sourced):
    """A coded ground on which a request or item can be refused or postponed."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    articles = models.JSONField(default=dict, blank=True, help_text="article by instrument code")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ProfileEntry(Sourced):
    """One thing that is known of how a State works with requests: a topic, what it is limited to, a value.

    `as_of` keeps the day of the last verification as it was given, `last_verified` the last day it can mean.
    An instrument and a measure are named by their codes; empty: whichever.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="profile")
    topic = models.CharField(max_length=30, choices=Topic)
    instrument = models.CharField(max_length=40, blank=True)
    measure = models.CharField(max_length=60, blank=True)
    stage = models.CharField(max_length=20, choices=Stage, blank=True)
    value = models.CharField(max_length=300, blank=True)
    last_verified = models.DateField(null=True, blank=True)
    removed = models.BooleanField(
        default=False, editable=False, help_text="taken out here: loading does not bring it back"
    )

    class Meta:
        ordering = ["jurisdiction", "topic", "instrument", "measure", "stage"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "topic", "instrument", "measure", "stage"], name="reference_one_profile_entry"
            )
        ]

    def __str__(self) -> str:
        return "/".join(self.key)

    @property
    def key(self) -> tuple[str, ...]:
        """Code of the State, topic, instrument, measure, stage: what names the entry in a file."""
        return (self.jurisdiction.code, *(getattr(self, name) for name in KEY[1:]))

    def row(self) -> dict[str, str]:
        """Return the entry as a row of the file."""
        said = {name: getattr(self, name) for name in COLUMNS if name not in ("jurisdiction", "last_verified")}
        row = said | {"jurisdiction": self.jurisdiction.code, "last_verified": self.as_of}
        return {name: row[name] for name in COLUMNS}


class ProfileChange(models.Model):
    """What an entry of a profile was before somebody changed it, and what it became. Never changed, never removed."""

    class Act(models.TextChoices):
        ADD = "add", _("added")
        CHANGE = "change", _("changed")
        VERIFY = "verify", _("verified")
        REMOVE = "remove", _("removed")
        IMPORT = "import", _("brought in by a file")
        LOAD = "load", _("brought up to date with the application")

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=10, choices=Act)
    #: Rows of the file, by column; None: there was none, there is none.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by_id = models.CharField(max_length=80, blank=True)
    by_label = models.CharField(max_length=200)
    by_authority = models.ForeignKey(Authority, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["jurisdiction", "-id"], name="reference_profile_history")]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d}"


class InstrumentChange(models.Model):
    """What an instrument, or one State's standing towards it, was before somebody changed it. Never changed or removed."""

    class Act(models.TextChoices):
        ADD = "add", _("added")
        CHANGE = "change", _("changed")
        STANDING = "standing", _("standing of a State recorded")

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=10, choices=Act)
    #: Plain values by name; None: there was none.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by_id = models.CharField(max_length=80, blank=True)
    by_label = models.CharField(max_length=200)
    by_authority = models.ForeignKey(Authority, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["instrument", "-id"], name="reference_instrument_history")]

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d}"
