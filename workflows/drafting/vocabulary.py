"""The closed lists of words that a letter file uses, once: for its model, and for what depends on a word."""

from __future__ import annotations

from typing import Literal

Nature = Literal["investigation", "prosecution", "trial", "sentence", "confiscation", "administrative"]
UrgencyLevel = Literal["routine", "urgent", "emergency"]
ConfidentialityLevel = Literal["normal", "confidential", "restricted"]
PersonKind = Literal["natural", "legal", "unknown"]
PersonRole = Literal["suspect", "accused", "convicted", "witness", "expert", "victim", "account_holder", "other"]
OffenceCategory = Literal[
    "terrorism", "terrorism_financing", "terrorist_bombing", "incitement", "participation_in_terrorist_group",
    "cybercrime", "drug_trafficking", "corruption", "money_laundering", "organized_crime", "fraud", "homicide",
    "kidnapping", "trafficking_in_persons", "child_sexual_exploitation", "fiscal", "other",
]  # fmt: skip
IdentifierType = Literal[
    "ip", "account", "email", "phone", "domain", "url", "wallet", "transaction", "device", "iban", "bank_account",
    "card", "hash", "imei", "mac", "bic", "other",
]  # fmt: skip

#: How a letter may be meant to travel. The lifecycle and the channels know the same (a test compares them).
CHANNELS = ("local", "paper", "interpol", "diplomatic", "email", "24_7")

#: Code of the basis that is no instrument but the offer of the same assistance in return.
RECIPROCITY = "RECIPROCITY"
