"""Findings on the addressee and on the language that its State has declared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mla.core.reasons import Finding
from mla.reference.addressees import same_organ
from mla.reference.profiles import Stage, Topic, languages_of
from workflows.drafting.findings.law import DeclarationFacts, Office, ProfileFacts, View, gap, warning

#: Older designations are asked for again before anything is sent.
STALE = dt.timedelta(days=5 * 365 + 2)

#: Words of a designation that tie an office to a stage of the proceedings.
_BEFORE_TRIAL = re.compile(r"pre-?trial|investigation stage|before trial", re.IGNORECASE)
_AT_TRIAL = re.compile(r"trial stage|judicial decisions|during trial|court stage", re.IGNORECASE)


def office_findings(view: View) -> Iterator[Finding]:
    """Yield what is doubtful about the addressee and the language of the letter."""
    yield from _addressee(view)
    yield from _by_stage(view)
    yield from _language(view)


def _addressee(view: View) -> Iterator[Finding]:
    code = view.letter.requested.authority
    if not code:
        return
    path = "requested.authority"
    office = next((office for office in view.law.offices if office.code == code), None)
    if office is None:
        yield gap("addressee_unknown", path, _("There is no authority with the code %(code)s.") % {"code": code})
        return
    if office.jurisdiction != view.letter.requested.jurisdiction:
        message = _("%(office)s is no authority of the requested State.") % {"office": office.name}
        yield gap("addressee_elsewhere", path, message)
        return
    if office.kind == "contact_point":
        yield from _contact_point(view, office, path)
    if office.kind == "executing":
        message = _("%(office)s executes requests; is a direct channel agreed, or is the central authority meant?")
        yield warning("addressee_executes", path, message % {"office": office.name})
    if office.kind in {"executing", "originating"}:
        yield from _direct(view, path)
    yield from _age(view, office, path)


def _contact_point(view: View, office: Office, path: str) -> Iterator[Finding]:
    others = [item.id for item in view.letter.items if item.measure != "preservation"]
    if others and view.letter.urgency.level == "routine":
        message = _("%(office)s takes preservation and urgent requests; %(items)s go to the central authority.")
        parts = {"office": office.name, "items": ", ".join(others)}
        yield warning("contact_point_addressed", path, message % parts, instrument="CETS-185", article="35")
    # An example office stands for the real point of contact, whose designation is what grows old.
    for real in view.law.offices:
        if real.kind == "contact_point" and not real.fictional and real.code != office.code:
            yield from _age(view, real, path)


def _direct(view: View, path: str) -> Iterator[Finding]:
    """What the requested State has declared on requests that pass its central authority by."""
    bases = {basis.instrument for basis in view.letter.bases}
    for declared in view.law.declarations:
        if declared.kind == "channel" and declared.instrument in bases:
            message = _("The requested State has declared on the direct channel: %(content)s")
            yield warning(
                "channel_declared",
                path,
                message % {"content": declared.content},
                instrument=declared.instrument,
                article=declared.article,
            )


def _age(view: View, office: Office, path: str) -> Iterator[Finding]:
    if office.fictional:
        return
    parts = {"office": office.name, "source": office.source}
    if office.as_of is None:
        message = _("The source for %(office)s bears no date: confirm the address before sending.") % parts
        yield warning("authority_undated", path, message)
    elif view.today - office.as_of > STALE:
        message = _("What is known of %(office)s is of %(day)s: confirm the address before sending.")
        yield warning("authority_stale", path, message % (parts | {"day": date_format(office.as_of, "j F Y")}))


def _by_stage(view: View) -> Iterator[Finding]:
    """A State may designate one office before trial and another during it."""
    stage = view.stage
    code = view.letter.requested.authority
    addressee = next((office for office in view.law.offices if office.code == code), None)
    entries = view.profile(Topic.AUTHORITY, stage=stage)
    for entry in entries:
        yield from _by_profile(view, entry, addressee)
    covered = {entry.instrument for entry in entries}
    for office in view.law.offices:
        if office.fictional or office.jurisdiction != view.letter.requested.jurisdiction:
            continue
        instrument = _instrument_of(view, office)
        wanted = next((part for part in _parts(office) if part[0] == stage), None)
        if not instrument or wanted is None or covered & {instrument, ""}:
            continue
        if addressee is not None and addressee.code != office.code and _same_organ(addressee, wanted[1]):
            continue
        message = _(
            "The addressee changes with the stage of the proceedings. The requested State has designated "
            "(%(scope)s): %(office)s. At the stage “%(stage)s” it is: %(organ)s."
        )
        parts = {
            "scope": office.scope,
            "office": office.name,
            "stage": view.letter.proceedings.nature,
            "organ": wanted[1],
        }
        yield warning(
            "addressee_by_stage",
            "requested.authority",
            message % parts,
            instrument=instrument,
            article=_article(office),
        )


def _by_profile(view: View, entry: ProfileFacts, addressee: Office | None) -> Iterator[Finding]:
    """The profile names one office for the stage, by its code or by the name of the organ."""
    named = next((office for office in view.law.offices if office.code == entry.value), None)
    organ = named.name if named else entry.value
    if addressee is not None and (
        addressee.code == entry.value or (_same_organ(addressee, organ) and not _parts(addressee))
    ):
        return
    designated = next((office for office in view.law.offices if _instrument_of(view, office) == entry.instrument), None)
    if entry.stage:
        message = _(
            "The addressee changes with the stage of the proceedings. At the stage “%(stage)s” the profile of the "
            "requested State says that it is: %(organ)s."
        )
    else:
        message = _("The profile of the requested State says that the addressee is: %(organ)s.")
    parts = {"stage": view.letter.proceedings.nature, "organ": organ}
    yield warning(
        "addressee_by_stage" if entry.stage else "addressee_other",
        "requested.authority",
        message % parts,
        instrument=entry.instrument,
        article=_article(designated) if designated and entry.instrument else "",
    )


def _parts(office: Office) -> list[tuple[str, str]]:
    """Split a designation by stage: ``Prosecutor General's Office (pre-trial); Ministry of Justice (trial stage)``."""
    found: list[tuple[str, str]] = []
    for part in office.name.split(";"):
        organ = re.sub(r"\s*\(.*?\)\s*", " ", part).strip()
        if _BEFORE_TRIAL.search(part):
            found.append((Stage.BEFORE_TRIAL, organ))
        elif _AT_TRIAL.search(part):
            found.append((Stage.AT_TRIAL, organ))
    return found


def _same_organ(office: Office, organ: str) -> bool:
    return same_organ(office.name, office.organ, organ)


def _instrument_of(view: View, office: Office) -> str:
    """Return the basis of the letter for which an office is designated, by the words of its scope."""
    scope = office.scope.casefold()
    for basis in view.letter.bases:
        short = re.sub(r"-\d{4}$", "", basis.instrument).casefold().replace("-", " ")
        if short and re.search(rf"\b{re.escape(short)}\b", scope):
            return basis.instrument
    return ""


def _article(office: Office) -> str:
    match = re.search(r"arts?\.? (\d+(?:\([0-9a-z]+\))*)", office.scope)
    return match[1] if match else ""


def _language(view: View) -> Iterator[Finding]:
    language = view.letter.language.split("-")[0].lower()
    bases = {basis.instrument for basis in view.letter.bases}
    declared = [d for d in view.law.declarations if d.kind == "language" and d.instrument in bases]
    entries = view.profile(Topic.LANGUAGE)
    for entry in entries:
        options = [{code.split("-")[0].lower() for code in option} for option in languages_of(entry.value)]
        if {language} not in options:
            said = next((one for one in declared if one.instrument == entry.instrument), None)
            yield _translation(view, said) if said else _untaken(view, entry)
    # What is declared counts where no entry of the profile says it in codes.
    for declaration in declared:
        covered = any(entry.instrument in (declaration.instrument, "") for entry in entries)
        if not covered and language not in declaration.languages:
            yield _translation(view, declaration)
    if declared or entries or language in {code.split("-")[0] for code in _worked_in(view)}:
        return
    message = _(
        "No declaration on languages is known for this pair; the requested State works in %(languages)s. Plan a "
        "translation, or agree on the language."
    )
    yield warning("language_undeclared", "language", message % {"languages": ", ".join(_worked_in(view)) or "?"})


def _translation(view: View, declaration: DeclarationFacts) -> Finding:
    message = _("Under %(name)s the requested State takes: %(content)s. The letter is in “%(language)s”: translate it.")
    parts = {
        "name": view.name(declaration.instrument),
        "content": declaration.content,
        "language": view.letter.language,
    }
    return warning(
        "language", "language", message % parts, instrument=declaration.instrument, article=declaration.article
    )


def _untaken(view: View, entry: ProfileFacts) -> Finding:
    message = _("By its profile the requested State takes: %(codes)s. The letter is in “%(language)s”: translate it.")
    parts = {
        "codes": "; ".join(" + ".join(option) for option in languages_of(entry.value)),
        "language": view.letter.language,
    }
    said = f"{message % parts} {entry.note}" if entry.note else message % parts
    return warning("language", "language", said, instrument=entry.instrument)


def _worked_in(view: View) -> tuple[str, ...]:
    code = view.letter.requested.authority
    office = next((office for office in view.law.offices if office.code == code), None)
    return tuple(dict.fromkeys((*(office.languages if office else ()), *view.law.languages)))
