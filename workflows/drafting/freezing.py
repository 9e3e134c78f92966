"""What an approval binds to: the whole of a version as plain JSON, its names resolved, and its hash.

The hash is over the RFC 8785 form of `frozen_content`: the letter, what its codes mean in its language,
its annexes by their hash, the version of the letter's template and of the reference data. No identifier
of a database and no instant of an act is in it, so the same letter has the same hash on another day and
another installation. References, signatory and stamps are cover data and not in it either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from mla.core.canonical import content_hash
from mla.core.errors import MlaError
from mla.core.files import file_exists
from mla.core.languages import house_words
from mla.core.letter_languages import catalogue_for, letter_languages, letter_wording
from mla.core.reasons import Reason
from mla.reference.models import Authority, Instrument, Jurisdiction
from mla.reference.selectors import reference_data_version
from workflows.drafting.asking_letter import letter_as_asked
from workflows.drafting.difference import Cited, letter_difference, with_citation
from workflows.drafting.key_dates import with_leads
from workflows.drafting.letterfile import LetterFile, letter_from
from workflows.drafting.measures import Measure, measure_catalogue
from workflows.drafting.models import Annex, LetterVersion
from workflows.drafting.models_reuse import LetterLink
from workflows.drafting.models_sealed import sealed_now
from workflows.drafting.proof import prompts
from workflows.drafting.sealing import FORMAT as SEALED_FORMAT
from workflows.drafting.sealing import IN_THE_LETTER, as_protected, taken_apart

FROZEN_FORMAT = "mla-frozen/1"

#: What is told of a protected person in the letter itself.
OF_A_PROTECTED_PERSON = frozenset(IN_THE_LETTER)

#: What prepares a request, in the house alone.
PREPARING = ("before", "preserved")

#: Code of the basis that is no instrument but the offer of the same assistance in return.
RECIPROCITY = "RECIPROCITY"


class TemplateMissing(MlaError):
    """The letter's template is not where it must be: nothing is frozen without the form it will have."""


def frozen_hash(frozen: dict[str, Any]) -> str:
    """Return the content hash, 64 hexadecimal digits."""
    return content_hash(frozen)


def frozen_content(version: LetterVersion) -> dict[str, Any]:
    """Return exactly what the content hash of a version covers.

    Keys: `format`; `letter`, the letter file as it leaves the house, without its annexes; `names`, what its
    codes mean in the language of the letter; `annexes` in their order, each with its file's SHA-256 and
    size in bytes; `internal_sha256`, over what is approved with the letter but never leaves;
    `template_version` and `reference_data_version`, SHA-256. Where persons are protected, `sealed`: the SHA-256 of
    what the sealed annex says, and whom it is about by their keys.
    In a letter that adds to an earlier one or corrects it also `difference` (see difference.py).

    Raises:
        TemplateMissing: no template of the letter is installed.
    """
    stored = {annex.key: annex for annex in version.annexes.all()}
    return _as_it_leaves(
        version,
        [
            {
                "id": entry["id"],
                "title": entry["title"],
                "name": stored[entry["id"]].name,
                "sha256": stored[entry["id"]].sha256,
                "size": stored[entry["id"]].size,
                **_language_of(entry),
            }
            for entry in version.content.get("annexes", ())
        ],
    )


def content_now(version: LetterVersion) -> dict[str, Any]:
    """Return what an open version would be frozen as now, for a preview; a frozen version as it was frozen.

    Keys as in `frozen_content`. What stops the freezing does not stop the look: an annex whose file is not
    there yet stands without hash and size, a code that means nothing as itself.

    Raises:
        TemplateMissing: no template of the letter is installed.
    """
    if version.frozen_content is not None:
        return dict(version.frozen_content)
    stored = {annex.key: annex for annex in version.annexes.all()}
    annexes = []
    for entry in version.content.get("annexes", ()):
        annex = stored.get(entry["id"])
        annexes.append(
            {
                "id": entry["id"],
                "title": entry["title"],
                "name": annex.name if annex else "",
                "sha256": annex.sha256 if annex else None,
                "size": annex.size if annex else None,
                **_language_of(entry),
            }
        )
    return _as_it_leaves(version, annexes)


def _language_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the language of an annex where it was said: what was not asked before leaves the hash as it was."""
    return {"language": entry["language"]} if entry.get("language") else {}


def _as_it_leaves(version: LetterVersion, annexes: list[dict[str, Any]]) -> dict[str, Any]:
    whole = letter_from(version.content)
    # An answer to a question that is no longer asked is approved with the letter and does not leave with it.
    letter = letter_as_asked(whole, measure_catalogue())
    content, internal = outward(letter.content())
    sealed = sealed_content(version)
    if sealed is not None:
        internal["sealed"] = content_hash(sealed)
    if letter is not whole:
        internal["as_stored"] = content_hash(whole.content())
    content.pop("annexes", None)
    if content.get("key_dates"):
        content["key_dates"] = with_leads(content)
    told = {"sha256": internal["sealed"], "persons": [one["id"] for one in sealed["persons"]]} if sealed else None
    frozen = {
        "format": FROZEN_FORMAT,
        **({"sealed": told} if told else {}),
        "letter": content,
        "internal_sha256": content_hash(internal),
        "names": names_now(letter),
        "annexes": annexes,
        "template_version": letter_template_version(letter.language),
        "reference_data_version": reference_data_version(),
    }
    return _with_difference(frozen, version)


def _with_difference(frozen: dict[str, Any], version: LetterVersion) -> dict[str, Any]:
    """Add what the letter says otherwise than the earlier one which it adds to or corrects; others stay as they are."""
    following = LetterLink.objects.filter(letter=version.letter_id, kind__in=LetterLink.PRINTED)
    link = following.select_related("earlier_version").first()
    if link is None or link.earlier_version is None or link.earlier_version.frozen_content is None:
        return frozen
    cited = Cited(link.kind, link.reference, link.dated, link.content_hash)
    letter = with_citation(frozen["letter"], cited)
    before = link.earlier_version.frozen_content
    return frozen | {
        "letter": letter,
        # What was taken out is named as well.
        "names": {group: before["names"].get(group, {}) | named for group, named in frozen["names"].items()},
        "difference": letter_difference(
            # Whoever was named in it and is protected by now is not named again.
            as_protected(before["letter"], letter) | _annexes_told(before),
            letter | _annexes_told(frozen),
            cited,
        ),
    }


def _annexes_told(frozen: dict[str, Any]) -> dict[str, Any]:
    """Return the annexes for comparison: title and hash of each, as they are printed."""
    told = [{name: annex[name] for name in ("id", "title", "sha256")} for annex in frozen["annexes"]]
    return {"annexes": told} if told else {}


def sealed_content(version: LetterVersion) -> dict[str, Any] | None:
    """Return exactly what the sealed annex of a version says, and what its hash covers; None where it has none.

    Never part of the letter: of it the letter names the hash alone, which the nonces keep from being guessed.
    """
    rows = sealed_now(version)
    persons = [
        {"id": person["id"], "role": person["role"], "pseudonym": person["name"], "nonce": rows[person["id"]].nonce}
        | {"particulars": rows[person["id"]].particulars}
        for person in taken_apart(version.content).content.get("persons", [])
        if person.get("protected") and person["id"] in rows
    ]
    return {"format": SEALED_FORMAT, "persons": persons} if persons else None


def outward(content: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a letter's content into what the other State gets and what stays in the house. Pure.

    The rights screen, what was asked before, the planner of preservations and what we know of the other State's law are our own assessment; of a protected person only key, kind, role and the name
    given in the letter go out, the particulars travel under seal. The frozen content is attached to the
    PDF and sent with the message, so whatever stays in it is disclosed.
    """
    sent = {key: value for key, value in content.items() if key not in ("rights", *PREPARING)}
    internal: dict[str, Any] = {"rights": content.get("rights", {})}
    internal |= {key: content[key] for key in PREPARING if content.get(key)}
    persons = []
    for person in taken_apart(content).content.get("persons", []):
        if person.get("protected"):
            persons.append({key: value for key, value in person.items() if key in OF_A_PROTECTED_PERSON})
        else:
            persons.append(person)
    if persons:
        sent["persons"] = persons
    if offences := content.get("offences"):
        sent["offences"] = [_conduct_alone(offence, internal) for offence in offences]
    return sent, internal


def _conduct_alone(offence: dict[str, Any], internal: dict[str, Any]) -> dict[str, Any]:
    """Return an offence without what was noted of the other State's law, which is kept in `internal`."""
    rows = offence.get("elements", [])
    theirs = [row.get("theirs", "") for row in rows]
    if not any(theirs):
        return offence
    internal[f"{offence['id']}.theirs"] = theirs
    return offence | {"elements": [{k: v for k, v in row.items() if k != "theirs"} for row in rows]}


def annexes_missing(version: LetterVersion) -> list[Reason]:
    """Return what stands between the annexes that a version names and their files."""
    stored = {annex.key: annex for annex in version.annexes.all()}
    found = []
    for index, entry in enumerate(version.content.get("annexes", ())):
        annex = stored.get(entry["id"])
        if annex is None or not file_exists(annex.sha256):
            message = _("annex %(id)s has no file: add it, or take the annex out of the letter")
        elif not _same_file(entry, annex):
            message = _("annex %(id)s: the letter names another file than the one that is stored")
        else:
            continue
        found.append(Reason("annex_missing", message % {"id": entry["id"]}, field=f"annexes[{index}]"))
    return found


def _same_file(entry: dict[str, Any], annex: Annex) -> bool:
    return bool(entry.get("sha256", annex.sha256) == annex.sha256 and entry.get("size", annex.size) == annex.size)


def names_missing(version: LetterVersion) -> list[Reason]:
    """Return each code of a version that means nothing here: it could not be printed."""
    letter = letter_from(version.content)
    authorities = set(Authority.objects.filter(code__in=_authority_codes(letter)).values_list("code", flat=True))
    instruments = set(Instrument.objects.filter(code__in=_instrument_codes(letter)).values_list("code", flat=True))
    message = _("there is no %(what)s with the code %(code)s")
    found = [
        Reason("unknown_code", message % {"what": _("authority"), "code": code}, field=path)
        for path, code in _authorities(letter)
        if code not in authorities
    ]
    found += [
        Reason("unknown_code", message % {"what": _("instrument"), "code": basis.instrument}, field=f"bases[{index}]")
        for index, basis in enumerate(letter.bases)
        if basis.instrument != RECIPROCITY and basis.instrument not in instruments
    ]
    return found


def _authorities(letter: LetterFile) -> Iterator[tuple[str, str]]:
    for name, side in (("requesting", letter.requesting), ("requested", letter.requested)):
        for field in ("authority", "originating"):
            code = getattr(side, field)
            if code:
                yield f"{name}.{field}", code


def _authority_codes(letter: LetterFile) -> set[str]:
    return {code for _path, code in _authorities(letter)}


def _instrument_codes(letter: LetterFile) -> set[str]:
    return {basis.instrument for basis in letter.bases if basis.instrument != RECIPROCITY}


def names_now(letter: LetterFile) -> dict[str, Any]:
    """Return what the codes of the letter mean, in its language, as they will be printed."""
    with letter_wording(letter.language):
        return {
            "jurisdictions": {
                state.code: state.name(letter.language)
                for state in Jurisdiction.objects.filter(code__in=_jurisdiction_codes(letter))
            },
            "authorities": {
                authority.code: {
                    "name": authority.name,
                    "organ": authority.organ,
                    "address": authority.address,
                    "city": authority.city,
                }
                for authority in Authority.objects.filter(code__in=_authority_codes(letter))
            },
            "instruments": {
                instrument.code: dict(zip(("short", "full"), instrument.title(letter.language), strict=True))
                for instrument in Instrument.objects.filter(code__in=_instrument_codes(letter))
            },
            "measures": {
                slug: _measure_names(measure)
                for slug, measure in measure_catalogue().items()
                if slug in {item.measure for item in letter.items}
            },
            **_proof_names(letter),
        }


def _proof_names(letter: LetterFile) -> dict[str, dict[str, str]]:
    """Return what stands before the answers on the standard of proof; nothing where there are none."""
    used = {key for item in letter.items for key in item.standard_of_proof}
    return {"proof": {key: house_words(one.short) for key, one in prompts().items() if key in used}} if used else {}


def _jurisdiction_codes(letter: LetterFile) -> set[str]:
    codes = {letter.requesting.jurisdiction, letter.requested.jurisdiction}
    codes |= {code for person in letter.persons if not person.protected for code in person.nationality}
    return codes | {provider.jurisdiction for provider in letter.providers if provider.jurisdiction}


def _measure_names(measure: Measure) -> dict[str, Any]:
    return {
        "name": house_words(measure.name),
        "template": measure.letter_template,
        "certificates": dict(measure.certificates),
        "questions": [
            {
                "key": question.key,
                "kind": question.kind,
                "label": house_words(question.label),
                "choices": [{"value": one.value, "label": house_words(one.label)} for one in question.choices],
            }
            for question in measure.questions
        ],
    }


def letter_template_version(language: str) -> str:
    """Return the SHA-256 over the letter's templates and the translations into its language.

    Raises:
        TemplateMissing: there is no template.
    """
    home = Path(settings.BASE_DIR) / "templates" / "documents"
    files = sorted(path for path in (home / "letter").rglob("*") if path.is_file() and path.suffix in {".html", ".css"})
    if not files:
        raise TemplateMissing(_("the letter's template is not installed"))
    catalogue = letter_languages().get(catalogue_for(language))
    if catalogue is not None:
        files += sorted(catalogue.home.glob("*.po"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
