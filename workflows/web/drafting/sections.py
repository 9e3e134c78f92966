"""The sections of a letter as the drafter meets them: each field of the letter file with its words, once.

A field is added here and nowhere else: a test fails for a field of `LetterFile` that has no place. `article`
is the rule that asks for the answer, as the reference data have it; empty where the question comes from practice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from mla.core.languages import house_words
from workflows.documents import wording
from workflows.drafting.before import alternatives
from workflows.drafting.key_dates import kinds_of_date
from workflows.drafting.place_words import field_words_later
from workflows.drafting.rights import rights_rows
from workflows.web.drafting.section_choices import CHANNELS as CHANNELS
from workflows.web.drafting.section_choices import URGENCY as URGENCY

Words = Any
Kind = Literal[
    "line", "text", "date", "number", "yes", "yes_no", "choice", "choices", "lines", "state", "states", "authority",
    "ref", "refs", "instant", "period", "language", "zone", "measure", "elements",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `name`: path inside its part; `to`: the list a reference points to; `choices`: value and words."""

    name: str
    kind: Kind
    label: Words
    why: Words = ""
    article: Words = ""
    example: Words = ""
    help: Words = ""
    choices: tuple[tuple[str, Words], ...] = ()
    to: str = ""
    side: str = ""
    required: bool = False
    #: Its absence is a gap: the letter can be kept without it, not lodged.
    wanted: bool = False
    #: Not needed in most letters: shown folded, below the rest.
    aside: bool = False
    rows: int = 4
    #: What was chosen that asks for it, in words; and whether it was not asked before that.
    because: Words = ""
    #: Of a choice of many: it was made, and is shown in one line.
    chosen: bool = False
    new: bool = False
    #: The rule beside it was not read for our data: to be confirmed.
    unsure: bool = False
    #: Of a new entry the State that is asked is proposed.
    propose_requested: bool = False

    @property
    def html(self) -> str:
        return self.name.replace(".", "__")


@dataclass(frozen=True, slots=True)
class Entries:
    """A list of the letter. `prefix` of its identifiers, empty for a list without; `one`: what an entry is called."""

    group: str
    prefix: str
    heading: Words
    one: Words
    add: Words
    fields: tuple[Field, ...]
    told: tuple[str, ...]
    lead: Words = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One line of the task list. `owns`: first parts of the paths of the letter that lie in it."""

    slug: str
    title: Words
    lead: Words
    fields: tuple[Field, ...] = ()
    entries: tuple[Entries, ...] = ()
    owns: tuple[str, ...] = ()
    optional: bool = False
    special: bool = False


def _choices(words: Mapping[str, Any]) -> tuple[tuple[str, Words], ...]:
    return tuple(words.items())


#: A text of a data file, in the language of whoever reads it.
house_later = lazy(house_words, str)

#: What a row of a field of the kind “elements” consists of.
ELEMENT_COLUMNS = ("element", "fact", "theirs")

CONTENTS_A = "UNTOC 18(15)(a); UNCAC 46(15)(a); CETS-030 14(1)(a)"
CONTENTS_B = "UNTOC 18(15)(b); UNCAC 46(15)(b); CETS-030 14(1)(b)"
CONTENTS_C = "UNTOC 18(15)(c); UNCAC 46(15)(c); CETS-030 14(2)"
CONTENTS_D = "UNTOC 18(15)(d); UNCAC 46(15)(d)"
CONTENTS_E = "UNTOC 18(15)(e); UNCAC 46(15)(e); CETS-030 14(1)(c)"
CONTENTS_F = "UNTOC 18(15)(f); UNCAC 46(15)(f)"
OFFENCE_LAW = "UNTOC 18(15)(b); UNCAC 46(15)(b); CETS-030 14(2); CETS-185 29(2)(b)"
DATA_LINK = "CETS-185 29(2)(c)"
TIME_LIMIT = "UNTOC 18(24); UNCAC 46(24)"
USE_LIMIT = "UNTOC 18(19); UNCAC 46(19)"


def _usual_leads() -> str:
    told = [f"{_now(one.name)}: {one.lead_days}" for one in kinds_of_date().values() if one.lead_days]
    return _now("Left empty, the usual number counts (to be confirmed: practice, no law). %(usual)s.") % {
        "usual": "; ".join(told)
    }


#: The usual leads, offered where none is given: practice of our own, no law.
LEADS = lazy(_usual_leads, str)()
BASIS_ROLES = (("primary", _("primary")), ("subsidiary", _("subsidiary")))

AUTHORITIES = Section(
    "authorities",
    _("Authorities and channel"),
    _("Who asks whom, in which language, and who may read it."),
    (
        Field("title", "line", _("Subject of the letter"), _("The first words that the other State files it under."),
              example=_("Preservation of the log-in records of a hosting customer"), required=True),
        Field("operation", "line", _("Name of the operation"), _("Linked requests are found by it."), aside=True),
        Field("date", "date", _("Date of the letter"), _("The legal basis is judged as of this day."), required=True),
        Field("language", "language", _("Language of the letter"),
              _("A letter in a language that the other State does not accept comes back untouched."),
              "CETS-030 16; UNTOC 18(14); UNCAC 46(14)", required=True),
        Field("requesting.authority", "authority", _("Your central authority"),
              _("The request names the authority that makes it."), CONTENTS_A, side="requesting"),
        Field("requesting.originating", "authority", _("Prosecutor, judge or court behind the request"),
              _("The other State looks for the authority that conducts the proceedings."), CONTENTS_B, side="requesting"),
        Field("requested.jurisdiction", "state", _("State that is asked"),
              _("Treaties, languages and the addressee follow from it."), required=True),
        Field("requested.authority", "authority", _("Authority that is addressed"),
              _("A letter to the wrong office loses weeks."), side="requested",
              help=_("The authorities that the reference data know for this State.")),
        Field("channel", "choice", _("How it is meant to travel"), choices=CHANNELS, required=True),
        Field("confidentiality.level", "choice", _("Confidentiality"),
              _("Restricted: for the officers who are named alone; for all others there is no hit and no count."),
              choices=_choices(wording.LEVEL), required=True),
        Field("confidentiality.marking", "line", _("Marking on every page"),
              _("Your own classification; left empty, the words of the level are printed."), aside=True,
              example=_("CONFIDENTIAL: JUDICIAL AUTHORITIES ONLY")),
        Field("confidentiality.reason", "text", _("Reason of the confidentiality"),
              _("Without a reason it is kept only as far as the other State's law asks."),
              "UNTOC 18(20); UNCAC 46(20)",
              example=_("Further members of the group are not yet identified; they would destroy their copies.")),
        Field("confidentiality.user_notification", "text", _("May the customer be told?"),
              _("Providers tell their customers unless they are asked, or ordered, not to."), aside=True),
    ),
    owns=("title", "operation", "date", "language", "requesting", "requested", "channel", "confidentiality", "format"),
)  # fmt: skip

PROCEEDINGS = Section(
    "proceedings",
    _("Proceedings"),
    _("What the case is about, how far it is, and who conducts it."),
    (
        Field("proceedings.subject", "text", _("What the proceedings are about"),
              _("The request states subject and nature of the proceedings."), CONTENTS_B,
              example=_("Ransomware on the systems of a hospital; files were encrypted and money was asked for."),
              required=True),
        Field("proceedings.nature", "choice", _("Nature of the proceedings"),
              _("Some States help only in criminal proceedings, or address another office at trial."), CONTENTS_B,
              choices=_choices(wording.NATURE), required=True),
        Field("proceedings.stage", "text", _("How far they are"), _("It tells what is still useful, and until when."),
              rows=3, example=_("Three men were arrested in October and are charged; the trial is being prepared.")),
        Field("proceedings.reference", "line", _("Your number of the proceedings"),
              _("The answer is sorted by it when it comes back."), example=_("UJs 12/26")),
        Field("proceedings.conducting_authority", "line", _("Authority that conducts them"),
              _("The request names the authority that conducts the proceedings."), CONTENTS_B),
        Field("proceedings.functions", "text", _("What that authority does"),
              _("Its functions tell the other State whether it deals with a judicial authority."), CONTENTS_B, rows=3,
              example=_("It leads criminal investigations and brings charges.")),
        Field("proceedings.powers", "text", _("Its power under your law to seek this evidence"),
              _("States often ask whether you could do at home what you ask of them."), rows=3),
    ),
    owns=("proceedings",),
)  # fmt: skip

OFFENCES = Section(
    "offences",
    _("Offences"),
    _("One page for each offence: its law, its penalty, and the conduct apart from its name."),
    entries=(
        Entries("offences", "O", _("Offences"), _("offence"), _("Add an offence"), (
            Field("title", "line", _("Name of the offence"), required=True, example=_("Computer sabotage")),
            Field("category", "choice", _("Kind of offence"), _("It decides which treaties reach it."),
                  choices=_choices(wording.CATEGORY), required=True),
            Field("provision", "line", _("Provision of law"), _("The offence is named with its law."), OFFENCE_LAW,
                  example=_("Criminal Code, section 303b"), wanted=True),
            Field("law_text", "text", _("Text of the provision"),
                  _("The other State compares it with its own law; a number alone tells it nothing."), OFFENCE_LAW, wanted=True),
            Field("maximum_penalty", "line", _("Maximum penalty, in words"),
                  _("Thresholds of treaties and of seriousness are measured by it."), OFFENCE_LAW,
                  example=_("imprisonment for ten years"), wanted=True),
            Field("maximum_years", "number", _("Maximum penalty, in years"), _("Serious crime: at least four years."),
                  "UNTOC 2(b)", help=_("100 for life")),
            Field("conduct", "text", _("What was done"),
                  _("Dual criminality is a test of the conduct, not of its name in law."), "CETS-185 25(5)", rows=6,
                  example=_("The suspect encrypted the files of a hospital and asked for money."), wanted=True),
            Field("elements", "elements", _("The conduct by its elements"),
                  _("Side by side: what the act consists of, the fact that shows it, and the matching element of the "
                    "other State's law where you know it. Names of offences are not compared."), "CETS-185 25(5)",
                  help=_("Element and fact are printed in the letter; what you note of their law stays in the house. "
                         "Empty there means: not known.")),
            Field("committed_from", "date", _("Committed from"), _("The law must have been in force then.")),
            Field("committed_to", "date", _("Committed until")),
            Field("place", "line", _("Place")),
            Field("organized_group", "yes_no", _("Was an organized criminal group involved?"),
                  _("The Convention against Transnational Organized Crime reaches the offence only then."),
                  "UNTOC 2(a), 3(1)", help=_("Not known is an answer; it is never read as a no.")),
            Field("benefit_sought", "yes_no", _("Was a financial or other material benefit sought?"), "", "UNTOC 2(a)"),
            Field("transnational", "yes_no", _("Does the offence touch more than one State?"),
                  _("For a request it is enough to suspect that evidence lies in the other State."), "UNTOC 3(2), 18(1)"),
        ), ("title", "provision")),
    ),
    owns=("offences",),
)  # fmt: skip

PERSONS = Section(
    "persons",
    _("Persons"),
    _("Everybody whom the request concerns, in which role, and how they can be told apart."),
    entries=(
        Entries("persons", "P", _("Persons"), _("person"), _("Add a person"), (
            Field("name", "line", _("Name"), _("Identity of the person concerned, where possible."), CONTENTS_E,
                  required=True, help=_("“Subject A” where the name is not known. Of a protected person give the true name: it is put under seal.")),
            Field("kind", "choice", _("Kind"), choices=_choices(wording.PERSON_KIND), required=True),
            Field("role", "choice", _("Role"), _("Rights and refusal grounds differ for a suspect and a witness."),
                  choices=_choices(wording.PERSON_ROLE), required=True),
            Field("aliases", "lines", _("Other names, user names"), help=_("one on each line")),
            Field("born", "date", _("Born on")),
            Field("birthplace", "line", _("Place of birth"), aside=True),
            Field("nationality", "states", _("Nationality"), _("Location and nationality, where possible."), CONTENTS_E,
                  help=_("names or codes of States, with commas between them")),
            Field("document", "line", _("Passport or register number"), aside=True),
            Field("address", "text", _("Address"), rows=2, aside=True),
            Field("location", "text", _("Where the person is now"), "", CONTENTS_E, rows=2),
            Field("description", "text", _("Description"), _("By which the person can be found where no name is known."),
                  rows=3),
            Field("protected", "yes", _("The identity must not be spread"),
                  _("Name and particulars of a victim, minor or protected witness are taken out of the letter and travel under "
                    "seal; the letter has a pseudonym.")),
            Field("pseudonym", "line", _("Pseudonym in the letter"), _("Left empty, one is given: “Witness A”."), aside=True),
        ), ("name", "role")),
    ),
    owns=("persons",),
)  # fmt: skip

FACTS = Section(
    "facts",
    _("Facts"),
    _("Who did what, when and where, one dated statement at a time, each with its source."),
    entries=(
        Entries("facts", "", _("Facts"), _("fact"), _("Add a fact"), (
            Field("date", "date", _("Date"), _("The other State follows the course of events by the dates.")),
            Field("text", "text", _("What happened"), _("The request summarises the relevant facts."), CONTENTS_C, rows=6,
                  required=True, example=_("On 18 October a file was uploaded to the site from the address I5 at 00:41:30 UTC.")),
            Field("source", "text", _("How it is known"), _("A statement without its source proves little abroad."),
                  rows=2, example=_("Report of the digital examiner of 7 November, annex A1.")),
        ), ("date", "text")),
    ),
    owns=("facts",),
)  # fmt: skip

ITEM_FIELDS = (
    Field("measure", "measure", _("Measure"), _("The request describes the assistance that is sought."), CONTENTS_D,
          required=True),
    Field("provider", "ref", _("Provider or custodian"), _("Whom the other State will order to act."),
          "CETS-185 29(2)(d)", to="providers"),
    Field("identifiers", "refs", _("What the provider searches by"), _("Data are found by an address, account or number."),
          DATA_LINK, to="identifiers"),
    Field("period", "period", _("Period"), _("Stored data are searched from a first to a last moment."),
          help=_("Both with their UTC offset. Whole days: leave the times empty.")),
    Field("period_reason", "text", _("Why this period"), _("Proportionality is judged by it."), rows=3),
    Field("nexus", "text", _("Why the evidence is there, and how it bears on the offence"),
          _("The data and their relation to the offence."), DATA_LINK,
          example=_("The attack was steered from this address; its log-ins lead to the attacker.")),
    Field("necessity", "text", _("Why it is needed, and why no lesser means is enough"),
          _("The necessity is stated."), "CETS-185 29(2)(e)"),
    Field("offences", "refs", _("For which offences"), _("Grounds, bars and limits of use differ by offence."),
          to="offences", help=_("None ticked means all.")),
    Field("persons", "refs", _("Whom it concerns"), "", CONTENTS_E, to="persons", help=_("None ticked means all.")),
    Field("procedure", "text", _("How it should be done, and why your law asks for it"),
          _("A procedure is followed where it is asked for and the other State's law allows it."), CONTENTS_D, rows=3),
    Field("certificate_form", "choice", _("Form to be signed over there"),
          _("It is printed at the end of the letter. Its wording is general, to be confirmed: check that your courts take it."),
          choices=_choices(wording.CERTIFICATE)),
    Field("time_limit", "date", _("Needed by"), _("A deadline is suggested, with reasons."), TIME_LIMIT),
    Field("time_limit_reason", "text", _("Why by then"), "", TIME_LIMIT, rows=2),
)  # fmt: skip

ITEMS = Section(
    "items",
    _("What you ask for"),
    _("Who holds the data, what they are found by, and then each measure that is asked."),
    entries=(
        Entries("providers", "V", _("Providers and custodians"), _("provider"), _("Add a provider"), (
            Field("name", "line", _("Exact legal entity"), _("An order names a legal person, not a brand."),
                  "CETS-185 29(2)(d)", required=True, example=_("Hosting Example Sh.p.k.")),
            Field("address", "text", _("Address"), rows=2),
            Field("jurisdiction", "state", _("State where it sits"), propose_requested=True),
            Field("service", "line", _("Service"), example=_("shared web hosting")),
            Field("holds_because", "text", _("Why it is believed to hold the data"),
                  _("The other State's court asks for it first."), rows=3),
        ), ("name", "service")),
        Entries("identifiers", "I", _("Addresses, accounts and numbers"), _("identifier"), _("Add an address or number"), (
            Field("type", "choice", _("Kind"), choices=_choices(wording.IDENTIFIER), required=True),
            Field("value", "line", _("Value"), _("Exactly as the provider knows it."), required=True,
                  example="198.51.100.23"),
            Field("port", "number", _("Port"), _("Of an IP address: many customers may share it; the port tells them apart.")),
            Field("at", "instant", _("Seen at"),
                  _("Of an IP address: it passes from customer to customer; without date, time and UTC offset nobody can tell whose it was.")),
            Field("period", "period", _("or from, until")),
            Field("provider", "ref", _("Provider"), to="providers"),
            Field("person", "ref", _("Person"), to="persons", aside=True),
            Field("note", "text", _("Note"), rows=2, aside=True),
        ), ("value", "type")),
        Entries("items", "M", _("Measures"), _("measure"), _("Add a measure"), ITEM_FIELDS, ("measure", "provider"),
                _("One page for each measure; its questions depend on it.")),
    ),
    owns=("items", "providers", "identifiers"),
)  # fmt: skip

#: Asked where an instrument has paragraphs that give way to another treaty.
RESIDUAL_FIELDS = frozenset({"other_treaty", "agreed_instead"})
GIVES_WAY = "UNTOC 18(7); UNCAC 46(7); VIENNA-1988 7(7); CETS-185 27(1)"
BASIS_FIELDS = (
    Field("instrument", "line", _("Treaty or reciprocity")),
    Field("articles", "lines", _("Articles")),
    Field("role", "choice", _("Rank"), choices=BASIS_ROLES),
    Field("other_treaty", "yes_no", _("Does another treaty on mutual legal assistance bind both States?"),
          _("Paragraphs on the procedure, contents and refusal of a request apply only where none does."), GIVES_WAY,
          help=_("Said once, it counts for every treaty of the letter. Not known is an answer.")),
    Field("agreed_instead", "yes_no", _("Have the States agreed to apply the paragraphs of this treaty instead?"),
          _("Then they apply although another treaty binds; the letter says so."), GIVES_WAY),
    Field("note", "text", _("Note")),
)  # fmt: skip
BASIS = Section(
    "basis",
    _("Legal basis"),
    _("Which treaties bind both States on the date of the letter, with their sources, and what you cite."),
    entries=(Entries("bases", "B", _("Legal bases"), _("legal basis"), _("Add"), BASIS_FIELDS, ("instrument",)),),
    owns=("bases",),
    special=True,
)

URGENCY_SECTION = Section(
    "urgency",
    _("Urgency and key dates"),
    _("By when, why, and which days of your proceedings the other State should know."),
    (
        Field("urgency.level", "choice", _("Urgency"), _("“Urgent” alone is not believed; say the day and the reason."),
              TIME_LIMIT, choices=URGENCY, required=True),
        Field("urgency.date", "date", _("Urgent by"), "", TIME_LIMIT),
        Field("urgency.reason", "text", _("Why by that day"), "", TIME_LIMIT, rows=3,
              example=_("The data are kept until 22 January; the accounts are unpaid and are deleted after that.")),
    ),
    (
        Entries("key_dates", "", _("Key dates"), _("key date"), _("Add a key date"), (
            Field("kind", "choice", _("What happens"), choices=_choices(wording.KEY_DATE), required=True),
            Field("date", "date", _("Day"), required=True),
            Field("at", "instant", _("Time, where it is a hearing"), _("A hearing by video link begins at one moment in both States."),
                  aside=True),
            Field("lead_days", "number", _("Days before it on which the evidence is needed"),
                  _("What is asked for is needed that many days before; the earliest such day orders the queues on both sides."),
                  TIME_LIMIT, help=LEADS),
            Field("note", "text", _("Why it matters"), rows=2),
        ), ("kind", "date")),
    ),
    owns=("urgency", "key_dates"),
    optional=True,
)  # fmt: skip

CONTACTS = Section(
    "contacts",
    _("Contacts"),
    _("Offices that can be called, with their hours: offices, not persons."),
    entries=(
        Entries("contacts", "", _("Contacts"), _("contact"), _("Add a contact"), (
            Field("role", "choice", _("What to call it for"), choices=_choices(wording.CONTACT_ROLE), required=True),
            Field("office", "line", _("Office"), _("A question that reaches nobody stops the execution."), required=True),
            Field("function", "line", _("Function of who answers"), aside=True),
            Field("email", "line", _("E-mail address"), example="cybercrime@prosecutor.example.net"),
            Field("phone", "line", _("Telephone")),
            Field("hours", "line", _("Hours"), _("So that the other State calls at the right time."),
                  example=_("08:00-16:00 Monday to Friday")),
            Field("time_zone", "zone", _("Time zone"), example="Europe/Riga"),
            Field("languages", "lines", _("Languages in which one can call"), help=_("one on each line"), aside=True),
        ), ("office", "role")),
    ),
    owns=("contacts",),
)  # fmt: skip

STATEMENTS = Section(
    "statements",
    _("Statements and undertakings"),
    _("What you promise and wish, in your own words."),
    (
        Field("statements.purpose", "text", _("Purpose of the evidence"), _("Its use is limited to it."), CONTENTS_F,
              rows=3, example=_("Use as evidence in these criminal proceedings."), wanted=True),
        Field("statements.speciality", "text", _("Limits on the use of the evidence"),
              _("For these proceedings alone, or for what else: use for another purpose is asked for first."), USE_LIMIT, rows=3,
              example=_("The data will be used for these proceedings alone.")),
        Field("statements.data_protection", "text", _("How personal data are protected"), rows=3),
        Field("statements.reciprocity", "text", _("Offer of reciprocity"),
              _("Where no treaty binds, the promise to help in a like case is the basis."), rows=3, aside=True),
        Field("statements.costs", "text", _("Costs"), _("Ordinary costs are borne by the State that is asked."),
              "UNTOC 18(28); UNCAC 46(28)", rows=2),
        Field("statements.admissibility", "text", _("Certificate or form that your courts need"),
              _("Evidence without it may be useless at trial."), rows=3),
        Field("statements.tipping_off", "text", _("Who must not learn of the request"), rows=2, aside=True),
        Field("statements.death_penalty", "text", _("Death penalty"),
              _("A State without it asks for an assurance where your law provides for it."), rows=2, aside=True),
    ),
    (
        Entries("assurances", "", _("Assurances offered"), _("assurance"), _("Offer an assurance"), (
            Field("kind", "choice", _("What is assured"), choices=_choices(wording.ASSURANCE), required=True),
            Field("text", "text", _("In words"), _("Empty where a statement above holds the words already."), rows=3),
            Field("offered", "choice", _("When it is given"), choices=_choices(wording.OFFERED), required=True),
            Field("given_by", "line", _("Authority that can give it"),
                  _("An assurance of an authority that cannot give it binds nobody.")),
        ), ("kind", "offered")),
    ),
    owns=("statements", "assurances"),
)  # fmt: skip

#: The answers of a row of the rights screen. What is not known is never read as a no.
RIGHTS_ANSWERS = tuple((answer, wording.KNOWN[answer]) for answer in ("yes", "no", "not_known"))
_house = lazy(house_words, str)


def _rights() -> Iterator[Field]:
    """Two questions for each row: the answer, and its reason."""
    for row in rights_rows().values():
        name, article = _house(row.name), f"{row.article} *" if row.to_be_confirmed else row.article
        yield Field(f"rights.answers.{row.key}", "choice", _house(row.label), _house(row.why), article,
                    choices=RIGHTS_ANSWERS)  # fmt: skip
        yield Field(f"rights.{row.key}", "text", format_lazy(_("{row}: the reason"), row=name), rows=2)


RIGHTS = Section(
    "rights",
    _("Rights screen"),
    _("Our own assessment; yes means that the concern is there. It is recorded with the approval and never leaves the "
      "house. Give the reason of a yes and of a “not known”. An article with * is to be confirmed."),
    tuple(_rights()),
    owns=("rights",),
    optional=True,
)  # fmt: skip

BEFORE = Section(
    "before",
    _("Before you ask"),
    _("Other ways to the same evidence. Your answers are recorded with the letter and read by the approver; they never leave the house."),
    tuple(
        field
        for one in alternatives().values()
        for field in (
            Field(f"before.{one.key}.answer", "choice", house_later(one.question), house_later(one.why), one.article,
                  choices=_choices(wording.CONSIDERED), unsure=one.to_be_confirmed),
            Field(f"before.{one.key}.reason", "text", format_lazy(_("What came of it, or why it is not suitable: {way}"), way=field_words_later(one.key)), rows=2),
        )
    ),
    owns=("before",),
)  # fmt: skip

PRESERVED = Section(
    "preserved",
    _("What is preserved"),
    _("For each data set: is it kept, by whom, and until when. This plans the letter; it is not part of it."),
    entries=(
        Entries("preserved", "D", _("Data sets"), _("data set"), _("Add a data set"), (
            Field("what", "text", _("Which data"), rows=2, required=True,
                  example=_("Log-in records of the account, March 2026")),
            Field("state", "choice", _("Are they preserved?"), choices=_choices(wording.KNOWN), required=True),
            Field("provider", "ref", _("Who holds them"), to="providers"),
            Field("identifiers", "refs", _("What they are found by"), to="identifiers"),
            Field("period", "period", _("Period of the data"), aside=True),
            Field("by", "line", _("Who has them preserved"), example=_("24/7 point of contact")),
            Field("reference", "line", _("Reference of the preservation"),
                  _("The other State finds the preserved data by it."), "CETS-185 29(7)"),
            Field("on", "date", _("Preserved on")),
            Field("until", "date", _("Preserved until"),
                  _("The request must be received before the preservation ends. The day as the other State wrote it; it counts to its end there."),
                  "CETS-185 29(7)"),
            Field("extended_until", "date", _("Extended until"), aside=True),
            Field("extensions", "number", _("How often it was extended"), aside=True),
            Field("hold", "choice", _("Kept until the request is decided, once it is received?"),
                  _("Under the Convention the other State keeps them on until then."), "CETS-185 29(7)",
                  choices=_choices(wording.KNOWN), required=True),
        ), ("what", "state")),
    ),
    owns=("preserved",),
    optional=True,
)  # fmt: skip

RELATED = Section(
    "related",
    _("Related requests"),
    _("Earlier preservation, police contacts, requests to other States."),
    entries=(
        Entries("related", "", _("Related requests"), _("related request"), _("Add a related request"), (
            Field("kind", "choice", _("What it is to this request"), choices=_choices(wording.RELATED), required=True),
            Field("reference", "line", _("Reference"), _("The other State finds the earlier file by it."), required=True),
            Field("date", "date", _("Date")),
            Field("authority", "line", _("Authority")),
            Field("note", "text", _("Note"), rows=2),
        ), ("reference", "kind")),
    ),
    owns=("related",),
    optional=True,
)  # fmt: skip

ANNEX_FIELDS = (
    Field("title", "line", _("Title of the annex"), required=True, example=_("Extract of the examiner's report")),
    Field(
        "language", "language", _("Language of the annex"), _("The other State sees what it has to have translated.")
    ),
)
BOUND = Field(
    "annexes_bound",
    "yes",
    _("Also bind the PDF annexes into one file, for reading"),
    _(
        "The letter's list comes first; every page says to which annex and request it belongs. It goes beside the letter and the annexes' own files, never in their place."
    ),
)
ANNEXES = Section(
    "annexes",
    _("Annexes"),
    _("Files that go with the letter. Each is fixed by its SHA-256 hash."),
    (BOUND,),
    entries=(Entries("annexes", "A", _("Annexes"), _("annex"), _("Add an annex"), ANNEX_FIELDS, ("title",)),),
    owns=("annexes", "annexes_bound"),
    optional=True,
    special=True,
)

SECTIONS: tuple[Section, ...] = (
    AUTHORITIES, PROCEEDINGS, OFFENCES, PERSONS, FACTS, ITEMS, BEFORE, PRESERVED, BASIS, URGENCY_SECTION, CONTACTS,
    STATEMENTS, RIGHTS, RELATED, ANNEXES,
)  # fmt: skip

#: What is not asked: fixed at the beginning, given by us, or asked on a page of its own (the bases and answers of
#: a measure; the file of an annex).
NOT_ASKED = frozenset({
    "format", "requesting.jurisdiction", "requested.originating", "items.answers", "items.standard_of_proof", "items.bases",
    "annexes.file", "annexes.sha256", "annexes.media_type", "annexes.size", "related.sha256",
})  # fmt: skip


def section_named(slug: str) -> Section | None:
    return next((section for section in SECTIONS if section.slug == slug), None)


def section_after(section: Section) -> Section | None:
    place = SECTIONS.index(section) + 1
    return SECTIONS[place] if place < len(SECTIONS) else None


def section_of(question: str) -> Section:
    """Return the section in which the answer of that path lies."""
    first = question.split(".")[0].split("[")[0]
    if first == "items" and question.endswith(".bases"):
        return BASIS
    return next((section for section in SECTIONS if first in section.owns), AUTHORITIES)


def placed() -> Iterator[str]:
    """Yield every field of the letter that has a place, as a path without positions (`persons.born`)."""
    for section in SECTIONS:
        yield from (field.name for field in section.fields)
        for entries in section.entries:
            for field in entries.fields:
                path = f"{entries.group}.{field.name}"
                yield from (f"{path}.{name}" for name in ELEMENT_COLUMNS) if field.kind == "elements" else (path,)
            if entries.prefix:
                yield f"{entries.group}.id"
