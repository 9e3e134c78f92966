"""Whom of a State to propose as the addressee, and in which language: by its profile, else by what its offices are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from django.db.models import Q

from mla.reference.models import Authority, Jurisdiction, ProfileEntry
from mla.reference.profiles import Topic, languages_of


def same_organ(name: str, organ: str, wanted: str) -> bool:
    """Tell whether an office, by its `name` and `organ`, is the organ that is `wanted`: every long word of it is there."""
    words = {word for word in re.findall(r"\w+", wanted.casefold()) if len(word) > 4}
    return bool(words) and words <= set(re.findall(r"\w+", f"{name} {organ}".casefold()))


def addressee_of(state: str, *, stage: str = "") -> Authority | None:
    """Return the authority of a State to propose, or None where several or none could be meant.

    The profile's addressee at `stage` (a value of profiles.Stage) where it says so whatever the instrument, or under
    every one the same; else its central authority: one at work here, or the only one known.
    """
    offices = list(Authority.objects.filter(jurisdiction__code=state).order_by("-hosted_here", "code"))
    entries = ProfileEntry.objects.filter(
        Q(stage=stage) | Q(stage=""), jurisdiction__code=state, topic=Topic.AUTHORITY, removed=False
    )
    named = _named(entries)
    if named:
        fitting = [one for one in offices if one.code == named]
        central = [one for one in offices if one.kind == Authority.Kind.CENTRAL and ";" not in one.name]
        fitting = fitting or [one for one in central if same_organ(one.name, one.organ, named)]
        here = [one for one in fitting if one.hosted_here]
        if len(here or fitting) == 1:
            return (here or fitting)[0]
    found = [one for one in offices if one.kind == Authority.Kind.CENTRAL]
    proposed = [one for one in found if one.hosted_here] or found
    return proposed[0] if len(proposed) == 1 else None


def _named(entries: Iterable[ProfileEntry]) -> str:
    """Return the one office that the entries name, those for the stage before those for any; empty: none or several."""
    rows = list(entries)
    for some in ([one for one in rows if one.stage], rows):
        values = {one.value for one in some}
        if values:
            return values.pop() if len(values) == 1 else ""
    return ""


def language_of(state: str, addressee: Authority | None, *, among: Collection[str]) -> str:
    """Return the language to propose for a letter to a State, one of `among`; English where none of its own is.

    The first that the profile takes alone under every instrument it names, else the first that the addressee or
    the State works in.
    """
    entries = ProfileEntry.objects.filter(jurisdiction__code=state, topic=Topic.LANGUAGE, removed=False)
    taken = [[option[0] for option in languages_of(one.value) if len(option) == 1] for one in entries.order_by("pk")]
    everywhere = [code for code in taken[0] if all(code in other for other in taken)] if taken else []
    row = Jurisdiction.objects.filter(code=state).first()
    known = [*everywhere, *(addressee.languages if addressee else ()), *(row.languages if row else ())]
    return next((code for code in known if code in among), "en")
