"""From the assignment of a translation to its certificate; what is refused on the way, and to whom it is not there."""

from __future__ import annotations

import copy
from typing import Any, get_args

import pytest

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.audit.models import AuditEntry
from mla.core.canonical import content_hash
from tests.drafting.letters import COMPLETE
from tests.factories import Line, officer
from workflows.drafting.letterfile import LetterFile
from workflows.drafting.models import LetterVersion
from workflows.drafting.models_translation import GlossaryTerm, Translation, TranslationUnit
from workflows.drafting.selectors_translation import (
    access_term_by_id,
    access_translation_by_id,
    progress_of,
    terms_for,
    visible_translations,
)
from workflows.drafting.services import letter_open_next, letter_save
from workflows.drafting.services_translation import (
    annex_decide,
    term_add,
    term_change,
    term_withdraw,
    translation_assign,
    translation_cancel,
    translation_certify,
    translation_finish,
    translation_hand_over,
    translation_read,
    translation_send_back,
    unit_save,
)
from workflows.drafting.translation_checks import missing_in, must_stand, paragraphs_in, terms_in
from workflows.drafting.translation_content import TranslationIncomplete, certificate_of, translation_content
from workflows.drafting.translation_need import translation_need
from workflows.drafting.translation_units import NEVER_TRANSLATED, units_of, with_texts
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet, DataWrong

pytestmark = pytest.mark.django_db


def person(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id or 0)


class Desk:
    """A frozen letter of two States, and the people who translate it."""

    def __init__(self) -> None:
        self.line = Line()
        self.outgoing = self.line.in_review()
        self.version = self.outgoing.letter.present()
        central = self.line.letter.requesting.authority or ""
        self.translator = officer(Role.TRANSLATOR, central)
        self.reader = officer(Role.TRANSLATOR, central, 2)
        self.stranger = officer(Role.TRANSLATOR, central, 3)

    def assigned(self, language: str = "fr", **more: Any) -> Translation:
        return translation_assign(
            version=self.version, language=language, translator=person(self.translator), by=self.line.desk, **more
        )

    def fill(self, row: Translation, prefix: str = "«fr» ") -> None:
        for unit in row.units.exclude(status="done"):
            unit_save(
                translation=row, unit=unit, target=(prefix + unit.source)[: unit.longest], done=True, seen=unit.number,
                by=self.translator,
            )  # fmt: skip
        for annex in (row.source.frozen_content or {})["annexes"]:
            annex_decide(translation=row, key=annex["id"], how="none", reason="in French already", by=self.translator)


def again(row: Translation) -> Translation:
    return Translation.objects.get(pk=row.pk)


# --- texts ---


def test_every_free_text_is_a_unit_and_no_code_identifier_date_or_hash_is() -> None:
    frozen = Desk().version.frozen_content
    assert frozen is not None
    units = {unit.path: unit for unit in units_of(frozen)}
    assert {"title", "proceedings.subject"} <= set(units)
    assert units["offences[O1].conduct"].source == frozen["letter"]["offences"][0]["conduct"]
    assert units["title"].one_line and not units["offences[O1].conduct"].one_line
    for path in units:
        last = path.rpartition(".")[2].partition("[")[0]
        assert last not in NEVER_TRANSLATED
        assert last not in {"id", "date", "measure", "instrument", "role", "kind", "type", "jurisdiction", "sha256"}
    sources = {unit.source for unit in units.values()}
    assert not sources & {one["value"] for one in frozen["letter"].get("identifiers", ())}


def test_texts_put_back_as_they_are_make_the_same_letter_and_others_change_nothing_else() -> None:
    frozen = Desk().version.frozen_content
    assert frozen is not None
    units = units_of(frozen)
    before = copy.deepcopy(frozen)
    assert with_texts(frozen, {unit.path: unit.source for unit in units}) == frozen
    changed = with_texts(frozen, {unit.path: f"x {unit.path}" for unit in units})
    assert changed["letter"]["title"] == "x title" and frozen == before
    assert changed["letter"]["offences"][0]["provision"] == "x offences[O1].provision"
    kept = [[(one["value"], one.get("at")) for one in each["letter"]["identifiers"]] for each in (frozen, changed)]
    assert kept[0] == kept[1]
    with pytest.raises(KeyError):
        with_texts(frozen, {"title": "x"})


def test_difference_of_a_correcting_letter_is_translated_by_the_letters_own_texts_and_only_the_rest_is_a_unit() -> None:
    frozen = {
        "letter": {"title": "New title", "language": "en", "facts": [{"text": "Paid twice."}]},
        "annexes": [],
        "difference": {
            "kind": "amendment",
            "changes": [
                {"path": "title", "kind": "changed", "before": "Old title", "after": "New title"},
                {"path": "facts[0]", "kind": "added", "before": None, "after": {"text": "Paid twice."}},
                {"path": "proceedings.reference", "kind": "changed", "before": "UJs 1/26", "after": "UJs 2/26"},
            ],
        },
    }
    assert [unit.path for unit in units_of(frozen)] == ["title", "facts[0].text", "difference.changes[0].before"]
    changed = with_texts(
        frozen, {"title": "T", "facts[0].text": "F", "difference.changes[0].before": "B"}
    )["difference"]["changes"]  # fmt: skip
    assert [(one["before"], one["after"]) for one in changed] == [
        ("B", "T"), (None, {"text": "F"}), ("UJs 1/26", "UJs 2/26"),
    ]  # fmt: skip


def test_every_text_field_of_the_letter_file_is_a_unit_or_named_as_never_one() -> None:
    assert get_args(LetterFile.model_fields["facts"].annotation)
    whole = {"letter": COMPLETE | {"channel": "local"}, "annexes": []}
    found = {unit.path for unit in units_of(whole)}
    assert "contacts[0].hours" not in found, "figures alone read the same in every language"
    assert {"persons[P1].name", "providers[V1].address", "items[M1].nexus", "facts[0].source"} <= found


# --- checks ---


@pytest.mark.parametrize(
    ("source", "target", "missing"),
    [
        ("Paid 1,000.50 on 7 March 2026.", "Gezahlt wurden 1.000,50 am 7. März 2026.", []),
        ("Paid 1,000.50 on 7 March 2026.", "Gezahlt wurden 1.000 am 7. März.", ["1,000.50", "2026"]),
        ("In 3 cases.", "في ٣ قضايا", []),
        ("From 198.51.100.23 at 2026-03-03T04:05:06+01:00", "От 198.51.100.23, 2026-03-03T04:05:06+01:00", []),
        ("From 198.51.100.23 at 2026-03-03T04:05:06+01:00", "От 198.51.100.24, 2026-03-03T04:05:06+02:00",
         ["198.51.100.23", "2026-03-03T04:05:06+01:00"]),
        ("Reference UJs 12/26, section 303b", "Az. UJs 12/26, § 303b", []),
        ("Reference UJs 12/26, section 303b", "Az. UJs 12/62, § 303", ["UJs 12/26", "303b"]),
        ("Write to a@b.example.net", "Schreiben Sie", ["a@b.example.net"]),
        ("The 2nd of March", "2 марта", []),
        ("Nothing counted", "Rien", []),
        ("Not begun: 17", "", []),
    ],
)  # fmt: skip
def test_what_must_stand_in_the_target_is_named_when_it_does_not(source: str, target: str, missing: list[str]) -> None:
    assert [one.text for one in missing_in(source, target, {"UJs 12/26": "reference"})] == missing


def test_references_and_identifiers_of_the_letter_are_known_to_the_checks() -> None:
    known = must_stand({"letter": COMPLETE})
    assert known == {"UJs 12/26": "reference", "198.51.100.23": "identifier"}


# --- the way ---


def test_text_is_done_only_with_as_many_paragraphs_as_its_source_so_that_both_print_side_by_side() -> None:
    desk = Desk()
    row = desk.assigned()
    desk.fill(row)
    unit = row.units.filter(one_line=False).order_by("position")[0]
    number = paragraphs_in(unit.source)
    more = f"{unit.target}\n \n\nUn paragraphe de plus."
    with pytest.raises(DataWrong) as refused:
        unit_save(translation=row, unit=unit, target=more, done=True, seen=unit.number, by=desk.translator)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.field) == ("paragraphs_differ", "target")
    assert f"the source has {number} paragraphs and the translation {number + 1}" in reason.message
    unit_save(translation=row, unit=unit, target=more, done=False, seen=unit.number, by=desk.translator)
    # What came back as done by another way is told before the end, by its place.
    row.units.filter(pk=unit.pk).update(status=TranslationUnit.Status.DONE)
    with pytest.raises(ConditionsNotMet) as told:
        translation_finish(translation=row, by=desk.translator)
    assert [(one.code, one.field) for one in told.value.reasons] == [("paragraphs_differ", unit.path)]
    row.units.filter(pk=unit.pk).update(target=unit.target)
    translation_finish(translation=row, by=desk.translator)


def test_letter_goes_from_the_assignment_to_a_certified_translation_with_its_own_hash_and_record() -> None:
    desk = Desk()
    row = desk.assigned(second_reader=person(desk.reader))
    assert progress_of(row).new == progress_of(row).all == row.units.count() > 10
    with pytest.raises(TranslationIncomplete):
        translation_content(row)
    with pytest.raises(ConditionsNotMet) as refused:
        translation_finish(translation=row, by=desk.translator)
    assert {reason.code for reason in refused.value.reasons} == {"texts_not_done", "annex_undecided"}
    desk.fill(row)
    with pytest.raises(ActNotPossible):
        translation_certify(translation=row, by=desk.translator)
    translation_finish(translation=row, by=desk.translator)
    with pytest.raises(ConditionsNotMet):
        translation_certify(translation=row, by=desk.translator)
    for nobody in (desk.translator, desk.line.desk, desk.stranger):
        with pytest.raises(ActForbidden):
            translation_read(translation=row, by=nobody)
    translation_read(translation=row, by=desk.reader)
    translation_certify(translation=row, by=desk.translator)
    row = again(row)
    letter = translation_content(row)
    assert (letter.language, letter.title) == ("fr", f"«fr» {desk.line.letter.title}")
    assert row.certified_content is not None
    assert row.content_hash == content_hash(row.certified_content) != desk.version.content_hash
    assert row.certified_content["of"] == desk.version.content_hash
    # The fixed words of the measures are ours to translate, and stand in the catalogue of letters.
    measure, said = desk.line.letter.items[0].measure, row.certified_content["names"]["measures"]
    assert said[measure]["name"] != (desk.version.frozen_content or {})["names"]["measures"][measure]["name"]
    told = certificate_of(row)
    assert told is not None and (told.source_hash, told.target_hash) == (desk.version.content_hash, row.content_hash)
    assert told.translator and told.second_reader and told.source_language == "en"
    acts = list(AuditEntry.objects.filter(object_id=str(row.public_id), outcome="done").values_list("act", flat=True))
    assert acts[0] == "translation.assign"
    assert set(acts) == {f"translation.{a}" for a in "assign save_unit decide_annex finish read certify".split()}
    with pytest.raises(ActNotPossible):
        unit_save(translation=row, unit=row.units.all()[0], target="later", done=True, seen=1, by=desk.translator)


def test_translator_sees_what_is_assigned_and_nothing_else_of_the_case() -> None:
    from workflows.drafting.selectors import visible_letters
    from workflows.lifecycle.selectors import visible_incoming, visible_outgoing

    desk = Desk()
    row = desk.assigned()
    assert access_translation_by_id(desk.translator, row.public_id) == row
    assert access_translation_by_id(desk.line.desk, row.public_id) == row
    for nobody in (desk.stranger, desk.line.their_desk, desk.reader, officer(Role.LEGAL, "fr-central")):
        with pytest.raises(AccessDenied):
            access_translation_by_id(nobody, row.public_id)
    for seen in (visible_letters, visible_outgoing, visible_incoming):
        assert not seen(desk.translator).exists()
    with pytest.raises(ActForbidden):
        unit_save(translation=row, unit=row.units.all()[0], target="x", done=True, seen=0, by=desk.stranger)
    translation_cancel(translation=row, by=desk.line.desk, reason="not needed")
    assert not visible_translations(desk.translator).exists()


def test_what_cannot_be_assigned_is_refused_with_the_field() -> None:
    desk = Desk()
    desk.assigned()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"language": "fr"}, "translated_already"),
        ({"language": "en"}, "same_language"),
        ({"language": "f r"}, "no_such_language"),
        ({"language": "de", "translator": person(desk.line.desk)}, "no_translator"),
        ({"language": "de", "second_reader": person(desk.line.desk)}, "no_reader"),
        ({"language": "de", "second_reader": person(desk.translator)}, "same_person"),
    ]
    for said, code in wrong:
        given: dict[str, Any] = {"version": desk.version, "translator": person(desk.translator), "by": desk.line.desk}
        given |= said
        with pytest.raises(DataWrong) as refused:
            translation_assign(**given)
        assert refused.value.reasons[0].code == code
    with pytest.raises(DataWrong, match="frozen"):
        open_one = Line().drafted().letter.present()
        translation_assign(version=open_one, language="fr", translator=person(desk.translator), by=desk.line.prosecutor)
    for by in (desk.translator, desk.line.their_desk, desk.line.registry):
        with pytest.raises(ActForbidden):
            translation_assign(version=desk.version, language="ru", translator=person(desk.translator), by=by)


def test_text_that_does_not_fit_is_refused_and_the_second_of_two_savers_is_told() -> None:
    desk = Desk()
    row = desk.assigned()
    title = row.units.get(path="title")

    def save(target: str, *, done: bool = True, seen: int = 0) -> None:
        unit_save(translation=row, unit=title, target=target, done=done, seen=seen, by=desk.translator)

    for target, code in (
        ("a\nb", "one_line"),
        ("x" * 301, "too_long"),
        ("a\u202eb", "text_refused"),
        ("", "text_missing"),
    ):
        with pytest.raises(DataWrong) as refused:
            save(target)
        assert [reason.code for reason in refused.value.reasons] == [code]
    save("Titre", done=False)
    save("Titre", done=False)  # A second press changes nothing.
    with pytest.raises(ConditionsNotMet) as late:
        save("Autre titre")
    assert late.value.reasons[0].code == "text_changed"
    title.refresh_from_db()
    assert (title.target, title.status, title.number) == ("Titre", "draft", 1)
    save("Autre titre", seen=1)
    title.refresh_from_db()
    assert (title.target, title.status) == ("Autre titre", "done")


def test_annex_is_translated_in_full_in_a_summary_or_not_and_each_needs_what_goes_with_it() -> None:
    desk = Desk()
    row = desk.assigned()
    key = (desk.version.frozen_content or {})["annexes"][0]["id"]
    for how, code in (
        ("full", "file_missing"),
        ("summary", "summary_missing"),
        ("none", "reason_missing"),
        ("x", "no_choice"),
    ):
        with pytest.raises(DataWrong) as refused:
            annex_decide(translation=row, key=key, how=how, by=desk.translator)
        assert refused.value.reasons[0].code == code
    with pytest.raises(DataWrong):
        annex_decide(translation=row, key="A99", how="none", reason="x", by=desk.translator)
    annex_decide(translation=row, key=key, how="none", reason="a table of figures", by=desk.translator)
    annex_decide(translation=row, key=key, how="full", name="a.txt", content=b"Traduction", by=desk.translator)
    decided = row.annexes.get()
    assert (decided.how, decided.name, len(decided.sha256)) == ("full", "a.txt", 64)


def test_changed_source_carries_the_targets_over_and_marks_only_the_texts_that_changed() -> None:
    desk = Desk()
    row = desk.assigned()
    desk.fill(row)
    letter = desk.outgoing.letter
    from workflows.lifecycle.services import outgoing_chain as chain

    outgoing = chain.outgoing_return_for_changes(
        outgoing=desk.outgoing, by=desk.line.supervisor, comments=[("", "say more")]
    )
    letter.refresh_from_db()
    if letter.status == "frozen":
        letter_open_next(letter=letter, by=desk.line.desk)
    version = letter.present()
    content = copy.deepcopy(version.content)
    content["offences"][0]["conduct"] += " And again."
    first = content["facts"][0]
    content["facts"].insert(0, first | {"text": "A new fact stands first."})
    letter_save(letter=letter, content=LetterFile.model_validate(content), by=desk.line.desk)
    chain.outgoing_submit(outgoing=outgoing, by=desk.line.desk)
    letter.refresh_from_db()
    newer = LetterVersion.objects.get(letter=letter, number=letter.current)
    after = translation_assign(
        version=newer, language="fr", translator=person(desk.translator), by=desk.line.desk
    )  # fmt: skip
    assert after.carried_from == row
    marked = {unit.path: unit for unit in after.units.exclude(status=TranslationUnit.Status.DONE)}
    assert set(marked) == {"offences[O1].conduct", "facts[0].text"}
    assert {unit.status for unit in marked.values()} == {"review"}
    conduct = marked["offences[O1].conduct"]
    assert conduct.target and conduct.source_before == row.units.get(path=conduct.path).source


def test_sent_back_given_to_another_and_cancelled_by_whom_it_is_theirs() -> None:
    desk = Desk()
    row = desk.assigned(second_reader=person(desk.reader))
    with pytest.raises(ActForbidden):
        translation_hand_over(translation=row, translator=person(desk.stranger), second_reader=None, by=desk.translator)
    desk.fill(row)
    translation_finish(translation=row, by=desk.translator)
    with pytest.raises(ConditionsNotMet):
        translation_send_back(translation=row, by=desk.reader, reason=" ")
    with pytest.raises(ActForbidden):
        translation_send_back(translation=row, by=desk.translator, reason="x")
    translation_send_back(translation=row, by=desk.reader, reason="Article 5 is another term.")
    assert again(row).status == "assigned" and "Article 5" in again(row).note
    translation_hand_over(translation=row, translator=person(desk.stranger), second_reader=None, by=desk.line.desk)
    assert not visible_translations(desk.translator).exists()
    assert again(row).units.filter(status="done").exists()
    translation_cancel(translation=row, by=desk.line.desk, reason="another language is taken")
    with pytest.raises(ActNotPossible):
        translation_cancel(translation=row, by=desk.line.desk, reason="again")
    # The texts are there for the next one.
    assert desk.assigned().units.filter(status="done").count() == row.units.count()


# --- glossary and need ---


def test_glossary_of_a_pair_of_languages_is_added_changed_withdrawn_and_stays_in_the_state() -> None:
    desk = Desk()
    said = {"source_language": "en", "target_language": "fr", "term": "search warrant", "translation": "mandat"}
    term = term_add(**said, by=desk.translator)
    with pytest.raises(DataWrong):
        term_add(**said, by=desk.translator)
    for wrong in ({"target_language": "en"}, {"term": " "}, {"source_language": "?"}):
        with pytest.raises(DataWrong):
            term_add(**(said | wrong), by=desk.translator)
    with pytest.raises(ActForbidden):
        term_add(**(said | {"term": "x"}), by=desk.line.desk)
    known = terms_for(desk.translator, "en-GB", "fr-CA")
    assert terms_in("Two Search Warrants were given.", known) == [term] and terms_in("research warrant", known) == []
    with pytest.raises(AccessDenied):
        access_term_by_id(desk.line.their_desk, term.public_id)
    term_change(row=term, term="search warrant", translation="mandat de perquisition", note="", by=desk.reader)
    term_withdraw(row=term, by=desk.translator)
    assert GlossaryTerm.objects.get().translation == "mandat de perquisition"
    assert terms_for(desk.translator, "en", "fr") == []


def test_need_of_a_translation_is_told_from_the_profile_with_its_source_and_unknown_stays_unknown() -> None:
    from mla.reference.models import Jurisdiction, ProfileEntry

    line = Line()
    state = Jurisdiction.objects.get(code=line.letter.requested.jurisdiction)
    ProfileEntry.objects.filter(jurisdiction=state, topic="language").delete()
    basis = line.letter.bases[0].instrument
    entry = ProfileEntry(
        jurisdiction=state, topic="language", instrument=basis, value="mk+en fr", source="Treaty Office", as_of="2026-01",
        to_be_confirmed=True,
    )  # fmt: skip
    entry.save()
    need = translation_need(line.letter)
    assert (need.state, need.offered[:2]) == ("needed", ("mk", "fr"))
    assert need.said[0].source == "Treaty Office" and need.said[0].to_be_confirmed
    entry.value = "en fr"
    entry.save()
    assert translation_need(line.letter).state in ("met", "needed")
    entry.delete()
    unknown = line.letter.model_copy(update={"bases": ()})
    assert translation_need(unknown).state == "unknown"
