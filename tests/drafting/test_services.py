"""A letter changes by its acts alone: who may, what is kept, and what never changes."""

from __future__ import annotations

import datetime as dt
import threading
from datetime import UTC

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from mla.accounts.access import AccessDenied
from mla.accounts.actors import Actor
from mla.accounts.models import Membership, Role
from mla.audit.models import AuditEntry
from mla.core import clock
from mla.core.canonical import canonical_bytes, content_hash
from mla.core.files import file_read
from mla.reference.models import Authority, Instrument
from tests.drafting.letters import letter as content
from tests.factories import officer
from workflows.drafting import services
from workflows.drafting.annexes import AnnexWrong, Upload, annex_name
from workflows.drafting.freezing import outward
from workflows.drafting.models import Annex, LetterEditor, LetterOfRequest, LetterShare, LetterVersion, Waiver
from workflows.drafting.selectors import current_version, version_annexes, version_findings, version_gaps
from workflows.engine.errors import ActForbidden, ActNotPossible, ConditionsNotMet, DataWrong, VersionChanged
from workflows.engine.perform import available_acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def drafter() -> Actor:
    return officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")


@pytest.fixture
def desk() -> Actor:
    return officer(Role.DESK_OFFICER, "de-central")


def authority(code: str) -> Authority:
    return Authority.objects.get(code=code)


def new(by: Actor, **changes: object) -> LetterOfRequest:
    return services.letter_create(
        content=content(**changes), authority=Authority.objects.get(pk=by.authority_id), by=by
    )


def lodge(letter: LetterOfRequest, at: str = "de-central") -> LetterOfRequest:
    """What lifecycle does when a frozen letter is handed to the central authority."""
    LetterShare.objects.create(
        letter=letter, authority=authority(at), kind="lodged", version_number=letter.current, at=clock.now()
    )
    return letter


def editors(version: LetterVersion) -> set[int]:
    return set(LetterEditor.objects.filter(version=version).values_list("user_id", flat=True))


class TestCreating:
    def test_letter_begins_with_one_open_version_of_its_author(self, drafter: Actor) -> None:
        letter = new(drafter)
        version = letter.versions.get()
        assert (letter.status, letter.current, letter.title, letter.requested.code) == (
            "open",
            1,
            content().title,
            "AL",
        )
        assert version.content == content().content()
        assert editors(version) == {drafter.user_id}
        entry = AuditEntry.objects.get(act="letter.create")
        assert (entry.object_id, entry.detail) == (str(letter.public_id), {"requested": "AL", "annexes": []})

    @pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.REGISTRY, Role.AUDITOR, Role.FOREIGN_OFFICER])
    def test_role_that_does_not_draft_cannot_create(self, role: Role) -> None:
        with pytest.raises(ActForbidden):
            new(officer(role, "de-central"))
        assert not LetterOfRequest.objects.exists()

    def test_letter_of_another_authority_cannot_be_created(self, drafter: Actor) -> None:
        with pytest.raises(ActForbidden):
            services.letter_create(content=content(), authority=authority("de-central"), by=drafter)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"requested__authority": "us-central"}, "requested.authority"),
            ({"requested__authority": "nobody"}, "requested.authority"),
            ({"requesting__originating": "al-prosecutor"}, "requesting.originating"),
            ({"requested": {"jurisdiction": "DE"}}, "requested.jurisdiction"),
            ({"requested": {"jurisdiction": "ZZ"}}, "requested.jurisdiction"),
            ({"requesting": {"jurisdiction": "FR"}}, "requesting.jurisdiction"),
        ],
    )
    def test_parties_that_do_not_fit_are_named(self, drafter: Actor, changes: dict[str, object], field: str) -> None:
        with pytest.raises(DataWrong) as wrong:
            new(drafter, **changes)
        assert field in [reason.field for reason in wrong.value.reasons]
        assert not LetterOfRequest.objects.exists()

    def test_restricted_letter_is_open_to_its_author(self, drafter: Actor) -> None:
        letter = services.letter_create(
            content=content(), authority=authority("de-prosecutor"), by=drafter, confidentiality="restricted"
        )
        assert current_version(letter).content["confidentiality"] == {"level": "restricted"}
        assert [named.user_id for named in letter.named_officers.all()] == [drafter.user_id]


class TestSaving:
    def test_change_is_kept_and_its_writer_is_an_editor(self, drafter: Actor) -> None:
        letter = new(drafter)
        colleague = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", 2)
        changed = services.letter_save(
            letter=letter, content=content(title="Another title"), by=colleague, expected_version=1
        )
        version = current_version(changed)
        assert (changed.version, changed.title, version.content["title"]) == (2, "Another title", "Another title")
        assert editors(version) == {drafter.user_id, colleague.user_id}

    def test_saving_without_a_change_changes_nothing(self, drafter: Actor) -> None:
        letter = new(drafter)
        before = AuditEntry.objects.count()
        same = services.letter_save(
            letter=letter, content=content(), by=officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", 2)
        )
        assert (same.version, editors(current_version(same))) == (1, {drafter.user_id})
        assert AuditEntry.objects.count() == before

    def test_second_of_two_savers_is_told(self, drafter: Actor) -> None:
        letter = new(drafter)
        services.letter_save(letter=letter, content=content(title="First"), by=drafter, expected_version=1)
        with pytest.raises(VersionChanged, match="you saw version 1, now it is 2"):
            services.letter_save(letter=letter, content=content(title="Second"), by=drafter, expected_version=1)
        assert current_version(letter).content["title"] == "First"

    def test_frozen_version_cannot_be_saved(self, drafter: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        with pytest.raises(ActNotPossible):
            services.letter_save(letter=letter, content=content(title="Later"), by=drafter)
        assert current_version(letter).content["title"] == content().title

    def test_officer_of_another_authority_cannot_save(self, drafter: Actor, desk: Actor) -> None:
        letter = new(drafter)
        for stranger in (desk, officer(Role.ORIGINATOR_DRAFTER, "fr-judge"), officer(Role.SUPERVISOR, "de-prosecutor")):
            with pytest.raises(ActForbidden):
                services.letter_save(letter=letter, content=content(title="Mine"), by=stranger)
            with pytest.raises(ActForbidden):
                services.letter_save(letter=letter, content=content(), by=stranger)

    def test_whoever_makes_a_letter_restricted_keeps_sight_and_others_lose_it(self, drafter: Actor) -> None:
        letter = new(drafter)
        restricted = content(confidentiality={"level": "restricted", "reason": "A source is in danger."})
        letter = services.letter_save(letter=letter, content=restricted, by=drafter)
        colleague = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", 2)
        with pytest.raises(ActForbidden):
            services.letter_save(letter=letter, content=content(title="Mine"), by=colleague)
        user = Membership.objects.get(user_id=colleague.user_id).user
        services.letter_name_officer(letter=letter, by=drafter, user=user)
        assert services.letter_save(letter=letter, content=content(title="Ours"), by=colleague).title == "Ours"
        services.letter_unname_officer(letter=letter, by=drafter, user=user)
        services.letter_name_officer(letter=letter, by=drafter, user=user)
        assert letter.named_officers.filter(user=user).count() == 2

    def test_last_named_officer_cannot_end_the_own_naming(self, drafter: Actor) -> None:
        letter = new(drafter, confidentiality={"level": "restricted", "reason": "x"})
        user = Membership.objects.get(user_id=drafter.user_id).user
        with pytest.raises(ConditionsNotMet):
            services.letter_unname_officer(letter=letter, by=drafter, user=user)


@pytest.mark.django_db(transaction=True)
def test_of_two_savers_at_once_one_is_told() -> None:
    drafters = [officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", number) for number in (1, 2)]
    letter = new(drafters[0])
    start, told = threading.Barrier(2), []

    def save(number: int) -> None:
        try:
            start.wait(10)
            services.letter_save(
                letter=letter, content=content(title=f"Saver {number}"), by=drafters[number], expected_version=1
            )
            told.append("saved")
        except VersionChanged:
            told.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told) == ["saved", "told"]
    letter.refresh_from_db()
    assert letter.version == 2 and letter.title == current_version(letter).content["title"]
    assert AuditEntry.objects.filter(act="letter.edit").count() == 1


class TestAnnexes:
    def test_file_is_stored_by_its_hash_and_named_in_the_letter(self, drafter: Actor) -> None:
        letter = new(drafter)
        annex = services.annex_add(letter=letter, by=drafter, title="Order", name="order.txt", content=b"The order.")
        letter.refresh_from_db()
        entry = current_version(letter).content["annexes"][0]
        assert (annex.key, annex.name, annex.size, annex.media_type) == ("A1", "order.txt", 10, "text/plain")
        assert (entry["id"], entry["sha256"], entry["title"]) == ("A1", annex.sha256, "Order")
        assert file_read(annex.sha256) == b"The order."

    def test_file_of_a_key_takes_the_place_of_the_one_before(self, drafter: Actor) -> None:
        letter = new(drafter)
        for text in (b"first", b"second"):
            services.annex_add(letter=letter, by=drafter, title="Order", name="order.txt", content=text, key="A1")
        services.annex_add(letter=letter, by=drafter, title="Map", name="map.txt", content=b"map")
        letter.refresh_from_db()
        assert [annex.key for annex in version_annexes(current_version(letter))] == ["A1", "A2"]
        assert file_read(Annex.objects.get(key="A1").sha256) == b"second"

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("empty.txt", b""),
            ("program.pdf", b"\x7fELF\x02\x01\x01" + b"\0" * 60),
            ("page.txt", b"<!DOCTYPE html><html><body><script>x</script></body></html>"),
            ("a\u202etxt.exe", b"text"),
            ("..", b"text"),
            (".hidden", b"text"),
            ("x" * 201, b"text"),
        ],
        ids=["empty", "program", "page", "bidi", "parent", "hidden", "long"],
    )
    def test_file_that_cannot_be_an_annex_is_refused(self, drafter: Actor, name: str, data: bytes) -> None:
        letter = new(drafter)
        with pytest.raises(AnnexWrong):
            services.annex_add(letter=letter, by=drafter, title="x", name=name, content=data)
        letter.refresh_from_db()
        assert letter.version == 1 and not Annex.objects.exists()

    @pytest.mark.parametrize("text", [b"x", "Постановление суда".encode(), b"import os\nprint(os)\n", b"a,b\n1,2\n"])
    def test_text_is_text_whatever_it_reads_like(self, drafter: Actor, text: bytes) -> None:
        annex = services.annex_add(letter=new(drafter), by=drafter, title="x", name="x.txt", content=text)
        assert annex.media_type in {"text/plain", "text/csv"}

    @pytest.mark.parametrize("name", ["../../etc/order.txt", "C:\\cases\\order.txt", "/tmp/order.txt", "order.txt"])
    def test_only_the_last_part_of_a_name_is_kept(self, name: str) -> None:
        assert annex_name(name) == "order.txt"

    def test_frozen_version_takes_no_annex(self, drafter: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        with pytest.raises(ActNotPossible):
            services.annex_add(letter=letter, by=drafter, title="x", name="x.txt", content=b"x")

    def test_file_with_another_hash_than_the_letter_says_is_refused(self, drafter: Actor) -> None:
        named = content(annexes=[{"id": "A1", "title": "Order", "sha256": "0" * 64}])
        with pytest.raises(DataWrong, match="another SHA-256"):
            services.letter_create(
                content=named,
                authority=authority("de-prosecutor"),
                by=drafter,
                annexes=[Upload("A1", "order.txt", b"The order.")],
            )


class TestFreezing:
    def test_frozen_version_has_the_hash_of_its_frozen_content(self, drafter: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        version = current_version(letter)
        assert letter.status == "frozen" and version.frozen_at is not None
        assert version.content_hash == content_hash(version.frozen_content)
        assert AuditEntry.objects.get(act="letter.freeze").detail["content_hash"] == version.content_hash

    def test_hash_is_the_same_on_another_day_and_for_another_row(self, drafter: Actor) -> None:
        hashes = set()
        for day in (1, 20):
            with clock.frozen(dt.datetime(2026, 12, day, tzinfo=UTC)):
                by = officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor", day)
                letter = new(by)
                services.annex_add(letter=letter, by=by, title="Order", name="order.txt", content=b"The order.")
                letter = services.letter_freeze(letter=letter, by=by)
                hashes.add(current_version(letter).content_hash)
        assert len(hashes) == 1

    def test_frozen_content_holds_no_identifier_and_no_instant_of_an_act(self, drafter: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        version = current_version(letter)
        written = canonical_bytes(version.frozen_content).decode()
        for value in (str(letter.public_id), str(version.public_id), drafter.label, version.frozen_at.isoformat()[:19]):  # type: ignore[union-attr]
            assert value not in written
        assert set(version.frozen_content) == {
            "format",
            "letter",
            "names",
            "annexes",
            "internal_sha256",
            "template_version",
            "reference_data_version",
        }

    def test_rights_screen_and_protected_identity_are_approved_but_never_leave(self, drafter: Actor) -> None:
        letter = new(
            drafter,
            rights={"speech": "our own view of the case"},
            persons=[
                {
                    "id": "P1", "role": "witness", "name": "Witness W1", "protected": True,
                    "address": "7 Hidden Lane", "born": "1990-01-02", "nationality": ["NO"],
                }
            ],
        )  # fmt: skip
        frozen = current_version(services.letter_freeze(letter=letter, by=drafter)).frozen_content
        assert frozen is not None
        written = canonical_bytes(frozen).decode()
        for secret in ("our own view", "Hidden Lane", "1990-01-02", "Norway"):
            assert secret not in written
        assert frozen["letter"]["persons"] == [
            {"id": "P1", "role": "witness", "name": "Witness W1", "pseudonym": "Witness W1", "protected": True}
        ]
        assert content_hash(outward({"rights": {"speech": "one view"}})[1]) != content_hash(outward({})[1])

    @pytest.mark.parametrize(
        "change",
        [
            lambda: Authority.objects.filter(code="al-central").update(address="2 Moved Street"),
            lambda: Instrument.objects.filter(code="CETS-185").update(full_title="Another title"),
        ],
        ids=["addressee", "basis"],
    )
    def test_hash_covers_what_the_codes_of_the_letter_mean(self, drafter: Actor, change: object) -> None:
        first = current_version(services.letter_freeze(letter=new(drafter), by=drafter)).content_hash
        change()  # type: ignore[operator]
        assert current_version(services.letter_freeze(letter=new(drafter), by=drafter)).content_hash != first

    def test_hash_covers_the_template_and_the_annexes(self, drafter: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
        def frozen(text: bytes) -> str:
            letter = new(drafter)
            services.annex_add(letter=letter, by=drafter, title="Order", name="order.txt", content=text)
            return current_version(services.letter_freeze(letter=letter, by=drafter)).content_hash

        first = frozen(b"one")
        assert frozen(b"two") != first
        monkeypatch.setattr("workflows.drafting.freezing.letter_template_version", lambda language: "0" * 64)
        assert frozen(b"one") != first

    def test_annex_without_its_file_stops_the_freezing(self, drafter: Actor) -> None:
        letter = new(drafter, annexes=[{"id": "A1", "title": "Order"}])
        with pytest.raises(ConditionsNotMet, match="A1 has no file"):
            services.letter_freeze(letter=letter, by=drafter)
        annex = services.annex_add(letter=letter, by=drafter, title="Order", name="o.txt", content=b"own", key="A1")
        default_storage.delete(f"sha256/{annex.sha256[:2]}/{annex.sha256[2:4]}/{annex.sha256}")
        with pytest.raises(ConditionsNotMet, match="A1 has no file"):
            services.letter_freeze(letter=letter, by=drafter)
        services.annex_add(letter=letter, by=drafter, title="Order", name="o.txt", content=b"own", key="A1")
        assert services.letter_freeze(letter=letter, by=drafter).status == "frozen"

    def test_instrument_that_nobody_knows_stops_the_freezing(self, drafter: Actor) -> None:
        letter = new(drafter, bases__0__instrument="ATLANTIS-1900")
        with pytest.raises(ConditionsNotMet, match="ATLANTIS-1900"):
            services.letter_freeze(letter=letter, by=drafter)
        assert LetterOfRequest.objects.get(pk=letter.pk).status == "open"

    def test_freezing_again_changes_nothing(self, drafter: Actor, desk: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        assert services.letter_freeze(letter=letter, by=desk).version == letter.version

    def test_letter_without_its_template_is_not_frozen(
        self, drafter: Actor, settings: object, tmp_path: object
    ) -> None:
        letter = new(drafter)
        settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
        from workflows.drafting.freezing import TemplateMissing

        with pytest.raises(TemplateMissing):
            services.letter_freeze(letter=letter, by=drafter)
        assert LetterOfRequest.objects.get(pk=letter.pk).status == "open"


class TestNextVersion:
    def test_next_version_copies_content_annexes_waivers_and_authors(self, drafter: Actor) -> None:
        letter = new(drafter, proceedings__reference="")
        services.annex_add(letter=letter, by=drafter, title="Order", name="order.txt", content=b"The order.")
        services.finding_waive(
            letter=letter, by=drafter, code="case_number_missing", question="proceedings.reference", reason="None yet."
        )
        services.letter_freeze(letter=letter, by=drafter)
        first = current_version(letter)
        opened = services.letter_open_next(letter=letter, by=officer(Role.SUPERVISOR, "de-prosecutor"))
        second = current_version(opened)
        assert (opened.status, second.number, second.content) == ("open", 2, first.content)
        assert [annex.sha256 for annex in version_annexes(second)] == [a.sha256 for a in version_annexes(first)]
        assert second.waivers.get().reason == "None yet."
        assert editors(second) == {drafter.user_id}
        first.refresh_from_db()
        assert first.frozen_at and not second.frozen_at and second.content_hash == ""

    def test_open_version_has_no_next(self, drafter: Actor) -> None:
        with pytest.raises(ActNotPossible):
            services.letter_open_next(letter=new(drafter), by=drafter)

    def test_central_authority_opens_its_own_version_of_a_lodged_letter(self, drafter: Actor, desk: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        with pytest.raises(ActForbidden):
            services.letter_open_next(letter=letter, by=desk)
        lodge(letter)
        opened = services.letter_open_next(letter=letter, by=desk)
        assert current_version(opened).authority_id == desk.authority_id
        services.letter_save(letter=opened, content=content(title="Vetted"), by=desk)
        with pytest.raises(ActForbidden):
            services.letter_save(letter=opened, content=content(title="Mine"), by=drafter)

    @pytest.mark.parametrize("opened", [False, True], ids=["frozen", "open at the central authority"])
    def test_owner_writes_again_on_what_was_handed_back(self, drafter: Actor, desk: Actor, opened: bool) -> None:
        letter = lodge(services.letter_freeze(letter=new(drafter), by=drafter))
        if opened:
            services.letter_open_next(letter=letter, by=desk)
        back = services.letter_hand_back(letter=letter, by=desk)
        assert (back.status, current_version(back).number) == ("open", 2)
        assert services.letter_save(letter=back, content=content(title="Mended"), by=drafter).title == "Mended"
        for act in (services.letter_hand_back, services.letter_open_next):
            with pytest.raises(ActForbidden):
                act(letter=back, by=desk)


class TestCommentsAndWaivers:
    def test_central_authority_comments_on_what_was_lodged(self, drafter: Actor, desk: Actor) -> None:
        letter = services.letter_freeze(letter=new(drafter), by=drafter)
        with pytest.raises(AccessDenied):
            services.comment_add(letter=letter, by=desk, text="Which court?")
        lodge(letter)
        comment = services.comment_add(letter=letter, by=desk, text="Which court?", question="proceedings.subject")
        assert (comment.version.number, comment.question) == (1, "proceedings.subject")
        with pytest.raises(DataWrong):
            services.comment_add(letter=letter, by=desk, text="  ")
        with pytest.raises(DataWrong):
            services.comment_add(letter=letter, by=desk, text="x" * 5001)

    def test_warning_is_waived_with_a_reason_and_a_gap_is_not(self, drafter: Actor) -> None:
        letter = new(drafter, proceedings__reference="", proceedings__subject="")
        warning = {"code": "case_number_missing", "question": "proceedings.reference"}
        for reason in ("No number yet.", "Not given at this stage."):
            services.finding_waive(letter=letter, by=drafter, **warning, reason=reason)
        assert Waiver.objects.get().reason == "Not given at this stage."
        with pytest.raises(ConditionsNotMet, match="say why"):
            services.finding_waive(letter=letter, by=drafter, **warning, reason=" ")
        with pytest.raises(ConditionsNotMet, match="must be filled"):
            services.finding_waive(
                letter=letter, by=drafter, code="subject_missing", question="proceedings.subject", reason="No."
            )
        with pytest.raises(ConditionsNotMet, match="no such warning"):
            services.finding_waive(letter=letter, by=drafter, code="made_up", question="title", reason="No.")

    def test_gaps_of_a_version_are_its_findings_that_stop_it(self, drafter: Actor) -> None:
        letter = new(drafter, proceedings__subject="")
        version = current_version(letter)
        gaps = version_gaps(version)
        assert [(gap.code, gap.question) for gap in gaps] == [("subject_missing", "proceedings.subject")]
        assert version_findings(version)[0] == gaps[0]
        letter = services.letter_save(letter=letter, content=content(), by=drafter)
        assert version_gaps(current_version(letter)) == []


class TestSharing:
    def test_draft_is_shared_within_the_jurisdiction_only(self, drafter: Actor) -> None:
        letter = new(drafter)
        services.letter_share_for_advice(letter=letter, by=drafter, authority=authority("de-central"))
        services.letter_share_for_advice(letter=letter, by=drafter, authority=authority("de-central"))
        assert LetterShare.objects.count() == 1
        for other in ("al-central", "de-prosecutor"):
            with pytest.raises(ConditionsNotMet):
                services.letter_share_for_advice(letter=letter, by=drafter, authority=authority(other))

    def test_only_the_owner_shares(self, drafter: Actor, desk: Actor) -> None:
        letter = new(drafter)
        services.letter_share_for_advice(letter=letter, by=drafter, authority=authority("de-central"))
        with pytest.raises(ActForbidden):
            services.letter_end_share(letter=letter, by=desk, authority=authority("de-central"))
        services.letter_end_share(letter=letter, by=drafter, authority=authority("de-central"))
        assert LetterShare.objects.get().ended_at is not None


class TestAvailableActs:
    def test_acts_come_with_what_stands_in_their_way(self, drafter: Actor) -> None:
        letter = new(drafter, annexes=[{"id": "A1", "title": "Order"}])
        acts = {act.name: act.reasons for act in available_acts(letter, drafter)}
        assert {"edit", "add_annex", "waive", "freeze", "comment", "share_for_advice"} <= set(acts)
        assert acts["edit"] == () and [reason.code for reason in acts["freeze"]] == ["annex_missing"]
        assert "open_next" not in acts and "hand_back" not in acts

    def test_stranger_has_none(self, drafter: Actor) -> None:
        assert available_acts(new(drafter), officer(Role.DESK_OFFICER, "al-central")) == []


def test_system_never_writes_a_letter(drafter: Actor) -> None:
    letter = new(drafter)
    system = Actor.system("sweep", authority_id=drafter.authority_id)
    with pytest.raises(ActForbidden):
        services.letter_save(letter=letter, content=content(title="Machine"), by=system)


def test_failure_in_the_middle_leaves_nothing(drafter: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = new(drafter)
    monkeypatch.setattr("workflows.drafting.freezing.frozen_hash", lambda frozen: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.letter_freeze(letter=letter, by=drafter)
    letter = LetterOfRequest.objects.get(pk=letter.pk)
    assert (letter.status, letter.version) == ("open", 1)
    assert not AuditEntry.objects.filter(act="letter.freeze").exists()
