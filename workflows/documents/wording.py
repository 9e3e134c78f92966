"""The words of the letter that are chosen by a value. Sentences stand in the templates.

Everything is marked for translation and resolved in the language of the document, never in that of
the officer who happens to look at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.utils.translation import pgettext_lazy as _p

from mla.core.letter_languages import letter_wording
from mla.reference.assurances import assurance_kinds
from workflows.drafting.key_dates import kinds_of_date

Words = dict[str, Promise]

NATURE: Final[Words] = {
    "investigation": _p("nature of proceedings", "criminal investigation"),
    "prosecution": _p("nature of proceedings", "criminal prosecution"),
    "trial": _p("nature of proceedings", "criminal trial"),
    "sentence": _p("nature of proceedings", "execution of a criminal sentence"),
    "confiscation": _p("nature of proceedings", "confiscation proceedings"),
    "administrative": _p("nature of proceedings", "administrative proceedings that may lead to a criminal court"),
}
PERSON_ROLE: Final[Words] = {
    "suspect": _p("role of a person", "suspect"),
    "accused": _p("role of a person", "accused"),
    "convicted": _p("role of a person", "convicted person"),
    "witness": _p("role of a person", "witness"),
    "expert": _p("role of a person", "expert"),
    "victim": _p("role of a person", "victim"),
    "account_holder": _p("role of a person", "account holder"),
    "other": _p("role of a person", "other person concerned"),
}
PERSON_KIND: Final[Words] = {
    "natural": _p("kind of person", "natural person"),
    "legal": _p("kind of person", "legal person"),
    "unknown": _p("kind of person", "not yet identified"),
}
KEY_DATE: Final[Words] = {kind: _(one.name) for kind, one in kinds_of_date().items()}
ASSURANCE: Final[Words] = {kind: _(one.name) for kind, one in assurance_kinds().items()}
OFFERED: Final[Words] = {
    "now": _p("assurance", "with this letter"),
    "when_asked": _p("assurance", "when it is asked for"),
}
#: What never leaves the house has words too, for our own pages.
CONSIDERED: Final[Words] = {
    "not_considered": _p("another way to the evidence", "not considered"),
    "used": _p("another way to the evidence", "yes, and used"),
    "not_suitable": _p("another way to the evidence", "no, or not suitable"),
}
KNOWN: Final[Words] = {
    "not_known": _p("whether something is so", "not known"),
    "yes": _p("whether something is so", "yes"),
    "no": _p("whether something is so", "no"),
}
CONTACT_ROLE: Final[Words] = {
    "return": _p("contact", "Return of the results"),
    "queries": _p("contact", "Questions about this request"),
    "investigation": _p("contact", "Investigating authority"),
    "central_authority": _p("contact", "Central authority"),
    "duty": _p("contact", "Duty officer, day and night"),
}
CATEGORY: Final[Words] = {
    "terrorism": _p("kind of offence", "terrorism"),
    "terrorism_financing": _p("kind of offence", "financing of terrorism"),
    "terrorist_bombing": _p("kind of offence", "terrorist bombing"),
    "incitement": _p("kind of offence", "incitement"),
    "participation_in_terrorist_group": _p("kind of offence", "participation in a terrorist group"),
    "cybercrime": _p("kind of offence", "offence against computer systems or data"),
    "drug_trafficking": _p("kind of offence", "drug trafficking"),
    "corruption": _p("kind of offence", "corruption"),
    "money_laundering": _p("kind of offence", "money laundering"),
    "organized_crime": _p("kind of offence", "organized crime"),
    "fraud": _p("kind of offence", "fraud"),
    "homicide": _p("kind of offence", "homicide"),
    "kidnapping": _p("kind of offence", "kidnapping"),
    "trafficking_in_persons": _p("kind of offence", "trafficking in persons"),
    "child_sexual_exploitation": _p("kind of offence", "sexual exploitation of children"),
    "fiscal": _p("kind of offence", "fiscal offence"),
    "other": _p("kind of offence", "other offence"),
}
IDENTIFIER: Final[Words] = {
    "ip": _p("identifier", "IP address"),
    "account": _p("identifier", "Account"),
    "email": _p("identifier", "E-mail address"),
    "phone": _p("identifier", "Telephone number"),
    "domain": _p("identifier", "Domain name"),
    "url": _p("identifier", "Web address"),
    "wallet": _p("identifier", "Wallet address"),
    "transaction": _p("identifier", "Transaction"),
    "device": _p("identifier", "Device"),
    "iban": _p("identifier", "IBAN"),
    "bank_account": _p("identifier", "Bank account"),
    "card": _p("identifier", "Payment card"),
    "hash": _p("identifier", "Hash value"),
    "imei": _p("identifier", "IMEI of a mobile device"),
    "mac": _p("identifier", "MAC address"),
    "bic": _p("identifier", "BIC (SWIFT)"),
    "other": _p("identifier", "Other identifier"),
}
RELATED: Final[Words] = {
    "preservation": _p("related request", "Earlier preservation"),
    "supplements": _p("related request", "Supplemented by this request"),
    "amends": _p("related request", "Corrected by this request"),
    "follows": _p("related request", "Followed up by this request"),
    "resubmits": _p("related request", "Returned, and sent again by this request"),
    "redirected": _p("related request", "Sent on to the competent authority, to which this request is addressed"),
    "reopens": _p("related request", "Closed, and taken up again by this request"),
    "police_channel": _p("related request", "Police cooperation"),
    "parallel": _p("related request", "Parallel request to another State"),
    "other": _p("related request", "Other related request"),
}
URGENCY: Final[Words] = {
    "routine": _p("urgency", "routine"),
    "urgent": _p("urgency", "urgent"),
    "emergency": _p("urgency", "emergency"),
}
BASIS_ROLE: Final[Words] = {
    "primary": _p("rank of a legal basis", "primary"),
    "subsidiary": _p("rank of a legal basis", "subsidiary"),
}
CERTIFICATE: Final[Words] = {
    "none": _p("form to be signed", "no form"),
    "records_certificate": _p("form to be signed", "certificate of who keeps the records"),
    "oath": _p("form to be signed", "statement on oath or affirmation"),
}
LEVEL: Final[Words] = {
    "normal": _p("confidentiality", "normal"),
    "confidential": _p("confidentiality", "confidential"),
    "restricted": _p("confidentiality", "restricted"),
}
#: Printed on every page. An ordinary letter of request still concerns a criminal case, but carries no marking.
MARKING: Final[dict[str, Promise | str]] = {
    "normal": "",
    "confidential": _p("marking on every page", "CONFIDENTIAL"),
    "restricted": _p("marking on every page", "RESTRICTED: for the named officers only"),
}


def word(words: dict[str, Promise], value: str) -> str:
    """Return the word for a value in the active language; the value itself where there is none."""
    return str(words.get(value, value))


@contextmanager
def document_language(language: str) -> Iterator[None]:
    """Resolve gettext in the language of the document (BCP 47) inside the block, and nowhere else."""
    with letter_wording(language):
        yield


def wording_language() -> str:
    """Return the language that the fixed sentences are really in: the catalogue in use says so itself.

    A letter in a language without a catalogue has English sentences around its own text, and says so.
    """
    return str(pgettext("BCP 47 code of the language of this catalogue", "en"))
