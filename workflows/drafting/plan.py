"""The preservation planner of one letter: its rows with what is known of the requested State. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from mla.reference.profiles import Topic, days_of
from workflows.drafting.findings.law import Office, ProfileFacts
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.letterplan import DataSet
from workflows.drafting.preserving import Plan, Rule, Way, planned, zone_known
from workflows.drafting.preserving_data import preserving_rules


def zone_of(letter: LetterFile, offices: Iterable[Office]) -> dt.tzinfo | None:
    """Return the time zone of the authority addressed; without one, that of the State where all its offices share it."""
    theirs = [office for office in offices if office.jurisdiction == letter.requested.jurisdiction]
    named = [office for office in theirs if office.code == letter.requested.authority]
    zones = {office.time_zone for office in named or theirs}
    return zone_known(zones.pop()) if len(zones) == 1 else None


def way_of(profile: Iterable[ProfileFacts]) -> Way:
    """Return how long a letter takes, as the profile of the requested State tells."""
    found = {entry.topic: days_of(entry.value) for entry in profile}
    return Way(found.get(Topic.TRANSLATION_DAYS), found.get(Topic.CHANNEL_DAYS))


def letter_plans(
    letter: LetterFile, *, now: dt.datetime, zone: dt.tzinfo | None, way: Way, received: bool = False
) -> list[tuple[DataSet, Plan]]:
    """Return each row with what follows for it. A letter dated later than today is taken to be sent on its date."""
    sending = letter.date if letter.date > now.date() else None
    return [
        (row, planned(row, now=now, zone=zone, way=way, received=received, sending=sending)) for row in letter.preserved
    ]


def rules_for(letter: LetterFile, binding: frozenset[str]) -> Sequence[Rule]:
    """Return how long laws have data kept that may hold between the two States."""
    return preserving_rules().for_pair(letter.requested.jurisdiction, binding)
