"""What becomes of each of the nine letters over there. Every name, number and record is made up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One file of evidence, as an executing authority hands it in."""

    name: str
    text: str
    description: str
    media_type: str = "text/csv"


@dataclass(frozen=True, slots=True)
class ItemCourse:
    """What becomes of one item: the act that ends it, its data, and the evidence."""

    act: str
    data: dict[str, Any] = field(default_factory=dict)
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """One case: its letter, what happens on the way, and what becomes of each item.

    `changes`: the supervisor's comment (path, text) and what the desk then writes there. `translation`: the file in
    examples/letters/translations that it leaves with, beside the original.
    """

    letter: str
    items: dict[str, ItemCourse] = field(default_factory=dict)
    query: tuple[str, str] | None = None
    changes: tuple[str, str, str] | None = None
    translation: str = ""
    question: tuple[str, str] | None = None
    #: Asked before the refusal, and the answer.
    consultation: tuple[str, str] | None = None
    refusal: dict[str, Any] | None = None
    use_limits: str = ""


def executed(*records: Record, note: str = "", **data: Any) -> ItemCourse:
    return ItemCourse("execute", {"reason": note, **data}, records)


def partly(why: str, *records: Record) -> ItemCourse:
    return ItemCourse("execute_partially", {"reason": why}, records)


COURSES: tuple[Course, ...] = (
    Course(
        letter="01-us-is-server-image",
        query=(
            "Do you expect the customer to notice the copying of the disk?",
            "No. The copy is made from the data centre's storage network while the server runs.",
        ),
        items={
            "M1": executed(
                note="Preservation prolonged without a break.",
                preservation={
                    "preserved_from": dt.date(2013, 7, 20),
                    "until": dt.date(2013, 9, 18),
                    "rule": "CETS-185 29(7)",
                },
            ),
            "M2": executed(
                Record(
                    "customer-record.csv",
                    "field,value\ncustomer,Subject A (as given)\nrented_from,2013-02-03\npaid_by,virtual currency\n",
                    "Contract and payment record of the customer",
                )
            ),
            "M3": executed(
                Record(
                    "administration-logins.csv",
                    "utc,source,port\n2013-05-02T21:14:07Z,203.0.113.66,51522\n2013-05-09T22:40:51Z,203.0.113.66,50181\n",
                    "Log-ins to the administration of the server, times in UTC",
                )
            ),
            "M4": executed(
                Record(
                    "image-manifest.txt",
                    "raw image of 480103981056 bytes on an encrypted disk, carried by courier\n",
                    "Manifest of the image; the disk itself goes by courier",
                    "text/plain",
                )
            ),
        },
        use_limits="For the proceedings named in the request and no other without consent.",
    ),
    Course(
        letter="02-gb-us-web-hosting",
        question=(
            "An order for the content of the sites needs facts that show probable cause for each site: which "
            "material was seen there, when, by whom, and from which source is it known?",
            "Each of the three sites was visited and copied by an officer on 12 and 26 September and on 10 October "
            "2005; the copies are held under exhibit numbers. Each carried the film named in paragraph 12 of the "
            "facts. The log of the visits with times in UTC is sent with this answer by the police channel.",
        ),
        items={
            "M1": executed(
                Record(
                    "hosting-accounts.csv",
                    "account,opened,paid_with\nsite-one.example.net,2005-06-11,card ending 0001\n",
                    "Accounts, particulars and payments of the hosting customer",
                )
            ),
            "M2": executed(
                Record(
                    "registrar-record.csv",
                    "domain,registered,registrant\nsite-one.example.net,2005-06-10,as given by the customer\n",
                    "Record of the registrar",
                )
            ),
            "M3": executed(
                Record(
                    "logins.csv",
                    "utc,source\n2005-09-12T18:03:11Z,192.0.2.45\n2005-10-10T07:55:40Z,192.0.2.45\n",
                    "Log-ins of the administrator, times in UTC",
                )
            ),
            "M4": executed(
                Record(
                    "content-manifest.txt",
                    "three archives of the hosted files, SHA-256 of each file listed\n",
                    "Manifest of the content disclosed under a search warrant",
                    "text/plain",
                )
            ),
        },
        use_limits="For the proceedings named in the request (article 7 of the treaty, to be confirmed).",
    ),
    Course(
        letter="03-fr-ch-researcher",
        items={
            "M1": executed(
                Record(
                    "mail-access.csv",
                    "utc,mailbox,source\n2009-02-18T06:42:10Z,researcher.a@lab.example.net,198.51.100.7\n",
                    "Access log of the mail system of the institute",
                )
            ),
            "M2": executed(
                Record(
                    "search-record.txt",
                    "record of the search of 20 January 2010, image of one disk, SHA-256 in the record\n",
                    "Record of search and seizure",
                    "text/plain",
                )
            ),
            "M3": executed(
                Record(
                    "hearings.txt",
                    "signed records of the hearings of Witness W1 and Witness W2\n",
                    "Records of two hearings of witnesses",
                    "text/plain",
                )
            ),
            "M4": ItemCourse(
                "refuse",
                {
                    "ground": "immunity_or_privilege",
                    "article": "CETS-030 2(b)",
                    "reason": "The organization was asked through the federal department and did not waive its immunity.",
                },
            ),
        },
        use_limits="Speciality: no use in proceedings for political, military or fiscal offences (Swiss reservation).",
    ),
    Course(
        letter="04-de-al-preservation",
        items={
            "M1": executed(
                note="The provider confirmed the preservation; nobody else was told.",
                preservation={
                    "preserved_from": dt.date(2026, 3, 11),
                    "until": dt.date(2026, 6, 9),
                    "rule": "CETS-185 29(7)",
                },
            ),
        },
    ),
    Course(
        letter="05-de-al-subscriber",
        items={
            "M1": executed(
                Record(
                    "subscriber.csv",
                    "field,value\nname,Subject A (as given)\npaid_by,card ending 0002\n",
                    "Particulars of the customer",
                )
            ),
            "M2": executed(
                Record(
                    "logins.csv",
                    "utc,source,port\n2026-03-02T03:11:09Z,198.51.100.23,40112\n",
                    "Log-ins of the customer, times in UTC",
                )
            ),
        },
        use_limits="For the proceedings named in the request.",
    ),
    Course(
        letter="06-in-lv-call-centre",
        items={
            "M1": executed(
                Record(
                    "company-register.txt",
                    "full extract with history, beneficial owners, accounts of 2024\n",
                    "Certified extract of the register of enterprises",
                    "text/plain",
                )
            ),
            "M2": executed(
                Record(
                    "server-contract.csv",
                    "field,value\ncustomer,SIA (as in the letter)\npaid_by,bank transfer\n",
                    "Contract and payments for the server",
                )
            ),
            "M3": partly(
                "Call records of March 2025 were deleted before the request came; the rest is handed over.",
                Record(
                    "calls.csv",
                    "start,caller,shown\n2025-04-02T07:31:05Z,seat 3,number of a public office\n",
                    "Call records from April 2025, times in UTC",
                ),
            ),
            "M4": ItemCourse(
                "refuse",
                {
                    "ground": "not_in_conformity",
                    "article": "UNTOC-2000 18(21)(a)",
                    "reason": "The order of attachment is a copy without certification. A certified copy can be sent "
                    "with a supplementary request; the bank's statements will follow with it.",
                },
            ),
        },
        use_limits="For the proceedings named in the request (UNTOC article 18(19)).",
    ),
    Course(
        letter="07-es-uy-bank-records",
        translation="07-es-uy-bank-records.es.toml",
        changes=(
            "statements.costs",
            "Say who bears the costs of an interpreter at the hearing.",
            "Ordinary costs of execution are borne by the requested State. The requesting State bears the costs of an "
            "interpreter, should one be needed at the hearing.",
        ),
        items={},
        use_limits="For the proceedings named in the request; no fiscal use.",
    ),
    Course(
        letter="08-jp-tv-reciprocity",
        consultation=(
            "As described, the conduct seems to be no offence under our law. Can you add facts that show deception for "
            "gain?",
            "No further facts are known at present; the request stands as it was made.",
        ),
        refusal={
            "ground": "dual_criminality",
            "article": "own law; no treaty applies",
            "reason": "The conduct as described is no offence under the law of the requested State. If facts are added "
            "that show deception for gain, the request can be made again.",
            "consulted": True,
        },
    ),
    Course(
        letter="09-ma-ae-mail-fraud",
        items={
            "M1": executed(
                Record(
                    "subscriber.csv",
                    "field,value\nname,المشتبه فيه (أ) (كما صُرّح به)\nrented_from,2025-11-14\npaid_by,card ending 0003\n",
                    "بيانات المشترك كما هي مخزّنة لدى المزوّد",
                )
            ),
            "M2": executed(
                Record(
                    "account.csv",
                    "utc,amount,currency,other_side\n2025-11-27T10:02:51Z,186400.00,EUR,as in the letter\n"
                    "2025-12-01T06:15:09Z,-165050.00,EUR,three accounts named in the file\n",
                    "كشف الحساب للمدة المطلوبة، والأوقات بالتوقيت العالمي المنسق",
                )
            ),
        },
        use_limits="للإجراءات المذكورة في الطلب دون غيرها (الفقرة 19 من المادة 18 من الاتفاقية).",
    ),
)
