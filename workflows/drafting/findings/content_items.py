"""What an instrument can want in a request: each thing with its sentence, and the places of the letter that say it.

A thing has slots, each of which must be filled; a slot lists the places any of which fills it. A place tells its
path, and whether the letter says something there. One that the measure does not ask about is no place of the letter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mla.reference.rules import ContentItem
from workflows.drafting.findings.law import View
from workflows.drafting.letterfile import Item


@dataclass(frozen=True, slots=True)
class At:
    """A place in one letter. `denied`: it says no to what has to be stated."""

    path: str
    filled: bool
    denied: bool = False


Place = Callable[[View, Item, int], At | None]


@dataclass(frozen=True, slots=True)
class Slot:
    """Places any of which says the same. `instead`: where the measure asks none of them."""

    any_of: tuple[Place, ...]
    instead: tuple[Place, ...] = ()

    def places(self, view: View, item: Item, index: int) -> list[At]:
        """Return where this letter could say it; the first is where a person is sent."""
        for group in (self.any_of, self.instead):
            given = (place(view, item, index) for place in group)
            # A question that is not asked as things stand is no place to say anything.
            found = [at for at in given if at is not None and at.path not in view.not_asked]
            if found:
                return found
        return []


@dataclass(frozen=True, slots=True)
class Wanted:
    says: Callable[[], str]
    slots: tuple[Slot, ...]


def _letter(path: str) -> Place:
    def place(view: View, item: Item, index: int) -> At:
        value: object = view.letter
        for step in path.split("."):
            value = getattr(value, step)
        return At(path, bool(value))

    return place


def _some(group: str, holds: Callable[[object], bool]) -> Place:
    """One element of a list of the letter for which `holds`."""

    def place(view: View, item: Item, index: int) -> At:
        return At(group, any(holds(part) for part in getattr(view.letter, group)))

    return place


def _each(group: str, field: str) -> Place:
    """Every element of a list of the letter says something in `field`."""

    def place(view: View, item: Item, index: int) -> At:
        parts = getattr(view.letter, group)
        for position, part in enumerate(parts):
            if not getattr(part, field):
                return At(f"{group}[{position}].{field}", filled=False)
        return At(f"{group}[0].{field}" if parts else group, bool(parts))

    return place


def _item(field: str) -> Place:
    def place(view: View, item: Item, index: int) -> At:
        return At(f"items[{index}].{field}", bool(getattr(item, field)))

    return place


def _answer(key: str, *must: object) -> Place:
    """An answer to a question of the measure; with `must` only one of these states what is wanted."""

    def place(view: View, item: Item, index: int) -> At | None:
        measure = view.measures.get(item.measure)
        if measure is None or measure.question(key) is None:
            return None
        value = item.answers.get(key)
        told = value not in (None, "", [], ())
        states = value in must if must else told
        return At(f"items[{index}].answers.{key}", states, denied=bool(must) and told and not states)

    return place


def _provider(field: str) -> Place:
    """The provider of the item. Without one there is nobody of whom it could be said."""

    def place(view: View, item: Item, index: int) -> At:
        for position, provider in enumerate(view.letter.providers):
            if provider.id == item.provider:
                return At(f"providers[{position}].{field}", bool(getattr(provider, field)))
        return At(f"items[{index}].provider", filled=False)

    return place


def _slot(*any_of: Place, instead: tuple[Place, ...] = ()) -> Slot:
    return Slot(any_of, instead)


_FACTS = _slot(_some("facts", lambda fact: bool(getattr(fact, "text", ""))))
_NEXUS = _slot(_item("nexus"))
_DATA = _slot(
    *(
        _answer(key)
        for key in (
            "data_to_preserve", "data_wanted", "items_wanted", "log_types", "content_types", "targets",
            "document_types", "objects", "what",
        )
    )
)  # fmt: skip
_CUSTODIAN = (_item("provider"), _answer("custodian"), _answer("custodian_location"))
_PRESERVED = _some("related", lambda related: getattr(related, "kind", "") == "preservation")
_PARALLEL = _some("related", lambda related: getattr(related, "kind", "") == "parallel")
_REACHED = _some("contacts", lambda contact: getattr(contact, "role", "") in {"return", "queries", "duty"})

#: Every thing that `mla.reference.rules.ContentItem` names.
WANTED: dict[ContentItem, Wanted] = {
    "authority": Wanted(
        lambda: _("The request names the authority that makes it."),
        (_slot(_letter("requesting.authority"), _letter("requesting.originating")),),
    ),
    "conducting_authority": Wanted(
        lambda: _("The request names the authority that conducts the proceedings, and its functions."),
        (
            _slot(_letter("proceedings.conducting_authority"), _letter("requesting.originating")),
            _slot(_letter("proceedings.functions")),
        ),
    ),
    "subject_nature": Wanted(
        lambda: _("The request states subject and nature of the proceedings."), (_slot(_letter("proceedings.subject")),)
    ),
    "stage": Wanted(
        lambda: _("The request says which stage the proceedings have reached."), (_slot(_letter("proceedings.stage")),)
    ),
    "facts": Wanted(lambda: _("The request summarises the facts."), (_FACTS,)),
    "offence": Wanted(
        lambda: _("The request names the offence."),
        (_slot(_each("offences", "title"), _each("offences", "provision")),),
    ),
    "offence_law_penalty": Wanted(
        lambda: _("The request states the offence, its law and its penalty."),
        (_slot(_each("offences", "law_text")), _slot(_each("offences", "maximum_penalty"))),
    ),
    "assistance_described": Wanted(
        lambda: _("The request describes the assistance that is sought."), (_slot(_item("answers"), _item("nexus")),)
    ),
    "procedure": Wanted(lambda: _("The request tells the procedure that is wished."), (_slot(_item("procedure")),)),
    "person": Wanted(
        lambda: _("The request gives identity, location and nationality of the person concerned."),
        (_slot(_some("persons", bool)),),
    ),
    "purpose": Wanted(
        lambda: _("The request states for which purpose the evidence is sought."),
        (_slot(_letter("statements.purpose")),),
    ),
    "time_limit": Wanted(
        lambda: _("The request states its time limit, with reasons."),
        (_slot(_item("time_limit"), _item("time_limit_reason")),),
    ),
    "period": Wanted(lambda: _("The request says for which period."), (_slot(_item("period")),)),
    "period_and_reason": Wanted(
        lambda: _("The request says for which period, and why for that long."),
        (_slot(_item("period")), _slot(_item("period_reason"))),
    ),
    "data_and_link": Wanted(
        lambda: _("The request names the data and their relation to the offence."), (_DATA, _NEXUS)
    ),
    "user_or_location": Wanted(
        lambda: _("The request gives what identifies the owner or user of the data, or where the system is."),
        (_slot(_item("identifiers"), _item("persons"), _answer("custodian_location")),),
    ),
    "custodian": Wanted(
        lambda: _("The request gives what is known of the custodian or of the system's place."), (_slot(*_CUSTODIAN),)
    ),
    "custodian_address": Wanted(
        lambda: _("The request gives name and address of the provider."),
        (_slot(_provider("name")), _slot(_provider("address"))),
    ),
    "custodian_reason": Wanted(
        lambda: _("The request says why the provider is believed to hold the data."),
        (_slot(_provider("holds_because")),),
    ),
    "necessity": Wanted(lambda: _("The request says why the measure is needed."), (_slot(_item("necessity")),)),
    "confidentiality_need": Wanted(
        lambda: _("The request says whether it is to be kept secret and the user not to be told."),
        (
            _slot(
                _answer("tip_off_risk"),
                _answer("notify_user"),
                _answer("no_tip_off"),
                _letter("confidentiality.reason"),
            ),
        ),
    ),
    "earlier_preservation": Wanted(
        lambda: _("The request gives the reference of an earlier preservation."),
        (_slot(_answer("preservation_reference"), _PRESERVED),),
    ),
    "sought_elsewhere": Wanted(
        lambda: _("The request says whether the data were asked for in another way."),
        (_slot(_answer("sought_elsewhere"), _PARALLEL),),
    ),
    "mla_will_follow": Wanted(
        lambda: _("The request states that a request for mutual assistance will follow."),
        (_slot(_answer("mla_will_follow", True)),),
    ),
    "contact": Wanted(lambda: _("The request names a contact for the return and for questions."), (_slot(_REACHED),)),
    "address_to_serve": Wanted(
        lambda: _("The request gives name and address of the person to be served."),
        (_slot(_answer("addressee"), instead=(_some("persons", bool),)),),
    ),
    "property": Wanted(
        lambda: _("The request describes the property."), (_slot(_answer("property"), instead=(_item("nexus"),)),)
    ),
    "property_location": Wanted(
        lambda: _("The request says where the property is."),
        (_slot(_answer("property_location"), instead=(_answer("where"),)),),
    ),
    "property_value": Wanted(
        lambda: _("The request gives the estimated value of the property."), (_slot(_answer("property_value")),)
    ),
    "facts_for_order": Wanted(
        lambda: _("The request states the facts on which the requested State can obtain an order under its own law."),
        (Slot((_answer("facts_relied_on"),), _FACTS.any_of),),
    ),
    "order_copy": Wanted(
        lambda: _("The request goes with a copy of the order that is admissible as evidence."),
        (_slot(_answer("domestic_order")),),
    ),
    "order_extent": Wanted(
        lambda: _("The request says how far the order is to be executed."), (_slot(_answer("order_extent")),)
    ),
    "order_final": Wanted(
        lambda: _("The request states that the order is final."), (_slot(_answer("order_finality", "final")),)
    ),
    "third_parties": Wanted(
        lambda: _("The request says how third persons in good faith were told, and how due process was kept."),
        (_slot(_answer("third_parties")),),
    ),
    "actions_requested": Wanted(
        lambda: _("The request describes the actions that are requested."),
        (_slot(_answer("actions_requested"), instead=(_answer("what"),)),),
    ),
    "hearing_reason": Wanted(
        lambda: _("The request says why it is not desirable or not possible that the person comes."),
        (_slot(_answer("not_in_person")),),
    ),
    "hearing_authority": Wanted(
        lambda: _("The request names the judicial authority and the persons who will conduct the hearing."),
        (_slot(_answer("conductor")),),
    ),
    "witness_willing": Wanted(
        lambda: _("The request states that the witness or expert is willing to take part."),
        (_slot(_answer("consent")),),
    ),
    "team_composition": Wanted(
        lambda: _("The request proposes the composition of the team."), (_slot(_answer("composition")),)
    ),
    "return_date": Wanted(
        lambda: _("The request says by which day the person is returned."), (_slot(_answer("return_date")),)
    ),
    "transfer_consent": Wanted(
        lambda: _("A statement that the person consents to the transfer is given, where consent is needed."),
        (_slot(_answer("consent")),),
    ),
    "observation": Wanted(
        lambda: _("The request says whom the observation follows, where and when it crosses the border, and why."),
        (_slot(_answer("what")), _slot(_answer("where")), _slot(_item("period"))),
    ),
    "emergency_facts": Wanted(
        lambda: _("The request states facts that show the emergency."),
        (_slot(_answer("danger"), instead=(_letter("urgency.reason"),)),),
    ),
    "emergency_link": Wanted(
        lambda: _("The request says how what is asked for bears on the emergency."),
        (_slot(_answer("link_to_danger"), instead=(_item("nexus"),)),),
    ),
    "domain_data": Wanted(
        lambda: _("The request gives the domain name and lists the data that are wanted."),
        (_slot(_item("identifiers")), _slot(_answer("items_wanted"))),
    ),
    "exclusive_use": Wanted(
        lambda: _("The request states that the data bear on a specific case and are used for it alone."),
        (_slot(_answer("exclusive_use", True)),),
    ),
    "time_and_manner": Wanted(
        lambda: _("The request says within which time, and in which manner, the data are to be disclosed."),
        (_slot(_answer("time_and_manner"), _item("time_limit")),),
    ),
}
