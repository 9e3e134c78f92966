"""What the profile of a State says, entry by entry: topics, their codes, and the check of one row.

The same check stands behind the shipped file, a file that a person brings and the page. No database here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from mla.core.errors import MlaError
from mla.core.text import TextRefused, clean
from mla.reference.assurances import assurance_kinds
from mla.reference.dates import last_day
from mla.reference.files import doubted

#: The columns of the file, in its order. The first five name an entry.
COLUMNS = tuple("jurisdiction topic instrument measure stage value note source last_verified confidence".split())
KEY = COLUMNS[:5]

MOST_RUNGS, LONGEST_RUNG = 10, 3650


class Topic(models.TextChoices):
    AUTHORITY = "authority", lazy("Authority and addressee")
    CHANNEL = "channel", lazy("Channel")
    LANGUAGE = "language", lazy("Accepted languages")
    DUAL_CRIMINALITY = "dual_criminality", lazy("Dual criminality")
    PROOF_STANDARD = "proof_standard", lazy("Standard of proof")
    EVIDENCE_NEEDED = "evidence_needed", lazy("Form of evidence that its courts need")
    EVIDENCE_GIVEN = "evidence_given", lazy("Forms of evidence that it can give")
    ASSURANCES = "assurances", lazy("Assurances that it asks for")
    CHASERS = "chasers", lazy("Days after which it is reminded")
    TRANSLATION_DAYS = "translation_days", lazy("Days to translate a letter for it")
    CHANNEL_DAYS = "channel_days", lazy("Days for a letter to reach it")
    NOTE = "note", lazy("Notes")


class Stage(models.TextChoices):
    BEFORE_TRIAL = "before_trial", lazy("before trial")
    AT_TRIAL = "at_trial", lazy("during trial")


class EvidenceForm(models.TextChoices):
    """How evidence is made fit for a court. Of the requesting State it is needed, of the requested State it is given."""

    NONE = "none", lazy("no special form")
    CERTIFIED_COPY = "certified_copy", lazy("certified copy")
    SEAL = "seal", lazy("seal of the authority")
    APOSTILLE = "apostille", lazy("apostille")
    LEGALISED = "legalised", lazy("legalisation")
    RECORDS_CERTIFICATE = "records_certificate", lazy("certificate of records, signed by who keeps them")
    OATH = "oath", lazy("statement on oath or affirmation")


class WayIn(models.TextChoices):
    CENTRAL = "central", lazy("to the central authority")
    DIRECT = "direct", lazy("from authority to authority")
    DIPLOMATIC = "diplomatic", lazy("diplomatic channel")
    INTERPOL = "interpol", lazy("INTERPOL")
    CONTACT_POINT = "24_7", lazy("24/7 point of contact")
    EMAIL = "email", lazy("e-mail")
    PAPER = "paper", lazy("post or courier")
    ONLINE = "online", lazy("its own service on the web")


class DualCriminality(models.TextChoices):
    REQUIRED = "required", lazy("required")
    MAY_REFUSE = "may_refuse", lazy("without it, may refuse")
    NOT_REQUIRED = "not_required", lazy("not required")


class ProofStandard(models.TextChoices):
    PROBABLE_CAUSE = "probable_cause", lazy("probable cause")
    ARTICULABLE_FACTS = "specific_and_articulable_facts", lazy("specific and articulable facts")
    OTHER = "other", lazy("another one; see the note")


#: What an entry of a topic can be limited to, beside its State.
LIMITED_TO: dict[str, tuple[str, ...]] = {
    Topic.AUTHORITY: ("instrument", "stage"),
    Topic.CHANNEL: ("instrument",),
    Topic.LANGUAGE: ("instrument",),
    Topic.DUAL_CRIMINALITY: ("instrument", "measure"),
    Topic.PROOF_STANDARD: ("measure",),
    Topic.EVIDENCE_NEEDED: ("measure",),
    Topic.EVIDENCE_GIVEN: ("measure",),
    Topic.ASSURANCES: ("instrument", "measure"),
    Topic.CHASERS: (),
    Topic.TRANSLATION_DAYS: (),
    Topic.CHANNEL_DAYS: (),
    Topic.NOTE: ("instrument", "measure"),
}
#: Topics whose value is one code, and those whose value is several with spaces between.
ONE_OF: dict[str, type[models.TextChoices]] = {
    Topic.DUAL_CRIMINALITY: DualCriminality,
    Topic.PROOF_STANDARD: ProofStandard,
}
#: Codes with their words.
Choices = tuple[tuple[str, Any], ...]
ASSURANCES: Choices = tuple((one.kind, lazy(one.name)) for one in assurance_kinds().values())
SEVERAL_OF: dict[str, Choices] = {
    Topic.CHANNEL: tuple(WayIn.choices),
    Topic.EVIDENCE_NEEDED: tuple(EvidenceForm.choices),
    Topic.EVIDENCE_GIVEN: tuple(EvidenceForm.choices),
    Topic.ASSURANCES: ASSURANCES,
}
CONFIDENCE = ("high", "medium", "low", "none")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST = {"value": 300, "note": 4000, "source": 1000}


@dataclass(frozen=True, slots=True)
class Known:
    """The codes that an entry may name: States with their identity, instruments, measures."""

    jurisdictions: Mapping[str, int]
    instruments: Collection[str]
    measures: Collection[str]


class EntryWrong(MlaError):
    """An entry does not hold; `problems` are the field and what is wrong with it, each in words for who wrote it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{field}: {message}" for field, message in problems))


def entry_checked(row: Mapping[str, str], known: Known) -> dict[str, Any]:
    """Return the fields of a ProfileEntry that a row of the file (COLUMNS, all texts) says, in canonical form.

    Raises:
        EntryWrong: naming every column that does not fit.
    """
    problems: list[tuple[str, str]] = []
    said: dict[str, str] = {}
    for name in COLUMNS:
        try:
            said[name] = clean(row.get(name, ""), field="").strip()
        except TextRefused as refused:
            said[name] = ""
            problems.append((name, str(refused)))
        if len(said[name]) > _LONGEST.get(name, 120):
            problems.append((name, _("this is longer than %(most)d characters") % {"most": _LONGEST.get(name, 120)}))
        if "\n" in said[name] and name != "note":
            problems.append((name, _("give one line")))
    topic = said["topic"]
    if said["jurisdiction"] not in known.jurisdictions:
        problems.append(
            ("jurisdiction", _("there is no State with the code “%(code)s”") % {"code": said["jurisdiction"]})
        )
    if topic not in Topic.values:
        problems.append(("topic", _not_among(topic, Topic.values)))
    else:
        problems += _limits(said, known)
        try:
            said["value"] = value_checked(topic, said["value"])
        except ValueError as wrong:
            problems.append(("value", str(wrong)))
        if topic == Topic.NOTE and not said["note"]:
            problems.append(("note", _("say what is to be noted")))
    if said["confidence"] not in CONFIDENCE:
        problems.append(("confidence", _not_among(said["confidence"], CONFIDENCE)))
    elif not said["source"]:
        problems.append(("source", _("name the source")))
    verified, wrong_day = _day(said["last_verified"])
    if wrong_day:
        problems.append(("last_verified", wrong_day))
    if problems:
        raise EntryWrong(problems)
    return {
        "jurisdiction_id": known.jurisdictions[said["jurisdiction"]],
        **{name: said[name] for name in ("topic", "instrument", "measure", "stage", "value", "note", "source")},
        "last_verified": verified,
        "as_of": said["last_verified"],
        "confidence": said["confidence"],
        "to_be_confirmed": said["confidence"] != "high" or doubted(said["note"]),
    }


def _limits(said: Mapping[str, str], known: Known) -> list[tuple[str, str]]:
    problems = []
    for name in ("instrument", "measure", "stage"):
        value = said[name]
        if value and name not in LIMITED_TO[said["topic"]]:
            problems.append((name, _("an entry of this topic is not limited by it; leave it empty")))
        elif value and name == "instrument" and value not in known.instruments:
            problems.append((name, _("there is no instrument with the code “%(code)s”") % {"code": value}))
        elif value and name == "measure" and value not in known.measures:
            problems.append((name, _("there is no measure “%(code)s”") % {"code": value}))
        elif value and name == "stage" and value not in Stage.values:
            problems.append((name, _not_among(value, Stage.values)))
    return problems


def _day(text: str) -> tuple[date | None, str]:
    """Return the last day that a day, a month or a year can mean, or what is wrong with it."""
    if not text:
        return None, ""
    if re.fullmatch(r"[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?", text) and (found := last_day(text)) is not None:
        return found, ""
    return None, _("“%(text)s” is no date: give year, year-month or year-month-day, or leave it empty") % {"text": text}


def _not_among(given: str, codes: Collection[str]) -> str:
    return _("“%(given)s” is none of: %(codes)s") % {"given": given, "codes": ", ".join(map(str, codes))}


def value_checked(topic: str, value: str) -> str:
    """Return the value of an entry in canonical form: codes once each, with one space between.

    Raises:
        ValueError: it is none of the topic; the message says what is.
    """
    if topic in ONE_OF:
        if value not in ONE_OF[topic].values:
            raise ValueError(_not_among(value, ONE_OF[topic].values))
        return value
    if topic in SEVERAL_OF:
        return _several(value, SEVERAL_OF[topic])
    if topic == Topic.LANGUAGE:
        return _languages(value)
    if topic == Topic.CHASERS:
        return _ladder(value)
    if topic in (Topic.TRANSLATION_DAYS, Topic.CHANNEL_DAYS):
        return _days(value)
    if topic == Topic.AUTHORITY and not value:
        raise ValueError(_("name the authority, or give its code"))
    if topic == Topic.NOTE and value:
        raise ValueError(_("a note has no value; write it into the column “note”"))
    return value


def _several(value: str, choices: Choices) -> str:
    codes, known = list(dict.fromkeys(value.split())), [code for code, _words in choices]
    wrong = [code for code in codes if code not in known]
    if wrong or not codes:
        raise ValueError(_not_among(" ".join(wrong), known))
    if EvidenceForm.NONE in codes and len(codes) > 1:
        raise ValueError(_("“none” stands alone"))
    return " ".join(codes)


def _languages(value: str) -> str:
    options = value.split()
    if not options:
        raise ValueError(_("give codes of languages with spaces between; “mk+en” where both are needed"))
    for option in options:
        for code in option.split("+"):
            if not _LANGUAGE.fullmatch(code):
                raise ValueError(_("“%(code)s” is no code of a language (BCP 47)") % {"code": code})
    return " ".join(dict.fromkeys(options))


def _ladder(value: str) -> str:
    days = value.split()
    whole = [int(day) for day in days if re.fullmatch(r"[0-9]{1,4}", day)]
    fits = len(whole) == len(days) and 0 < len(days) <= MOST_RUNGS
    if not fits or sorted(set(whole)) != whole or not 0 < whole[0] <= whole[-1] <= LONGEST_RUNG:
        raise ValueError(_("give whole days, each later than the one before, such as: 30 60 90"))
    return " ".join(map(str, whole))


def _days(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}", value):
        raise ValueError(_("give a whole number of calendar days, such as: 10"))
    return str(int(value))


def days_of(value: str) -> int | None:
    """Return the days that an entry tells, or None where it tells none."""
    return int(value) if re.fullmatch(r"[0-9]{1,3}", value) else None


def ladder_of(value: str) -> tuple[int, ...]:
    """Return the days of a checked ladder."""
    return tuple(int(day) for day in value.split())


def languages_of(value: str) -> tuple[tuple[str, ...], ...]:
    """Return what a checked value takes: each option is one language, or several that are needed together."""
    return tuple(tuple(option.split("+")) for option in value.split())
