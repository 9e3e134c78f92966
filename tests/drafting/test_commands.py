"""Letters in and out by the command line: all or nothing, and the same hash after the way out and in."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mla.accounts.actors import Actor
from mla.accounts.models import Role, User
from mla.audit.models import AuditEntry
from mla.reference.models import Authority
from mla.settings.env import BASE_DIR
from tests.drafting.letters import letter, letter_json
from tests.factories import officer
from workflows.drafting import services
from workflows.drafting.models import Annex, LetterOfRequest
from workflows.drafting.selectors import current_version

pytestmark = pytest.mark.django_db

EXAMPLES = sorted((BASE_DIR / "examples" / "letters").glob("*.toml"))


@pytest.fixture
def drafter() -> Actor:
    return officer(Role.ORIGINATOR_DRAFTER, "de-prosecutor")


def username(actor: Actor) -> str:
    return User.objects.get(pk=actor.user_id).username


def run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def imported(path: Path, actor: Actor, *arguments: str) -> LetterOfRequest:
    return LetterOfRequest.objects.get(
        public_id=run("import_letter", path, "--as", username(actor), *arguments).strip()
    )


def frozen_hash(found: LetterOfRequest, actor: Actor) -> str:
    return current_version(services.letter_freeze(letter=found, by=actor)).content_hash


class TestImport:
    def test_file_becomes_a_letter_with_its_annexes(self, drafter: Actor, tmp_path: Path) -> None:
        (tmp_path / "annexes").mkdir()
        (tmp_path / "annexes" / "order.txt").write_text("The order.")
        path = tmp_path / "letter.json"
        path.write_bytes(letter_json(annexes=[{"id": "A1", "title": "Order", "file": "annexes/order.txt"}]))
        found = imported(path, drafter)
        annex = Annex.objects.get(version__letter=found)
        assert (found.authority_id, found.created_by_id) == (drafter.authority_id, drafter.user_id)
        assert (annex.key, annex.name, annex.size) == ("A1", "order.txt", 10)
        assert current_version(found).content["annexes"][0]["sha256"] == annex.sha256

    @pytest.mark.parametrize(
        "entries",
        [
            [{"id": "A1", "title": "x", "file": "missing.txt"}],
            [{"id": "A1", "title": "x", "file": "../outside.txt"}],
            [{"id": "A1", "title": "x", "file": "link.txt"}],
            [{"id": "A1", "title": "x", "file": "/etc/hostname"}],
            [{"id": "A1", "title": "x"}],
            [{"id": "A1", "title": "x", "file": "order.txt", "sha256": "0" * 64}],
            [{"id": "A1", "title": "x", "file": "order.txt"}, {"id": "A2", "title": "x", "file": "missing.txt"}],
        ],
        ids=["missing", "outside", "link to outside", "absolute", "no file", "another hash", "one of two"],
    )
    def test_annex_that_is_not_there_leaves_nothing(
        self, drafter: Actor, tmp_path: Path, entries: list[dict[str, str]]
    ) -> None:
        folder = tmp_path / "case"
        folder.mkdir()
        (tmp_path / "outside.txt").write_text("secret")
        (folder / "order.txt").write_text("The order.")
        (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
        (folder / "letter.json").write_bytes(letter_json(annexes=entries))
        with pytest.raises(CommandError, match=r"annexes|SHA-256"):
            imported(folder / "letter.json", drafter)
        assert not LetterOfRequest.objects.exists() and not Annex.objects.exists()
        assert not AuditEntry.objects.filter(act="letter.create").exists()

    def test_hash_of_a_file_of_another_authority_opens_it_to_nobody(self, drafter: Actor, tmp_path: Path) -> None:
        own = officer(Role.ORIGINATOR_DRAFTER, "fr-judge")
        theirs = services.letter_create(
            content=letter(requesting={"jurisdiction": "FR"}), authority=Authority.objects.get(code="fr-judge"), by=own
        )
        annex = services.annex_add(letter=theirs, by=own, title="Secret", name="secret.txt", content=b"secret")
        path = tmp_path / "letter.json"
        path.write_bytes(letter_json(annexes=[{"id": "A1", "title": "x", "sha256": annex.sha256}]))
        with pytest.raises(CommandError, match="no file"):
            imported(path, drafter)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"{", "line 1, column 2"),
            (letter_json(title=None), "title: is missing"),
            (letter_json(providers__0__jurisdiction="QQ"), "providers[0].jurisdiction"),
            (letter_json(requesting={"jurisdiction": "FR"}), "drafts for its own State only"),
        ],
    )
    def test_wrong_file_is_told_and_leaves_nothing(
        self, drafter: Actor, tmp_path: Path, data: bytes, said: str
    ) -> None:
        path = tmp_path / "letter.json"
        path.write_bytes(data)
        with pytest.raises(CommandError) as refused:
            imported(path, drafter)
        assert said in str(refused.value)
        assert not LetterOfRequest.objects.exists()

    def test_person_with_several_hats_names_one(self, drafter: Actor, tmp_path: Path) -> None:
        path = tmp_path / "letter.json"
        path.write_bytes(letter_json())
        with pytest.raises(CommandError, match="no user"):
            run("import_letter", path, "--as", "nobody")
        auditor = officer(Role.AUDITOR, "de-central")
        with pytest.raises(CommandError, match="auditor at de-central"):
            imported(path, auditor)
        with pytest.raises(CommandError, match="may not do this act"):
            imported(path, auditor, "--authority", "de-central", "--role", "auditor")
        assert AuditEntry.objects.get(act="letter.create").outcome == "refused"
        user = User.objects.get(pk=drafter.user_id)
        User.objects.get(pk=drafter.user_id).memberships.create(
            authority=Authority.objects.get(code="de-central"),
            role=Role.DESK_OFFICER,
            starts_at=user.memberships.get().starts_at,
        )
        with pytest.raises(CommandError, match="several"):
            imported(path, drafter)
        found = imported(path, drafter, "--authority", "de-central", "--role", "desk_officer")
        assert found.authority.code == "de-central"

    def test_file_that_is_not_there_is_told(self, drafter: Actor, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            imported(tmp_path / "none.json", drafter)


class TestExport:
    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
    def test_letter_comes_back_to_the_same_content_hash(self, path: Path, tmp_path: Path) -> None:
        code = next(line for line in path.read_text().splitlines() if line.startswith("originating")).split('"')[1]
        actor = officer(Role.ORIGINATOR_DRAFTER, code)
        first = imported(path, actor)
        run("export_letter", first.public_id, "--to", tmp_path / "out")
        shutil.move(tmp_path / "out", tmp_path / "elsewhere")
        second = imported(tmp_path / "elsewhere" / "letter.json", actor)
        assert first.pk != second.pk
        assert frozen_hash(first, actor) == frozen_hash(second, actor)

    def test_printed_letter_comes_back_by_the_hashes_of_its_annexes(self, drafter: Actor, tmp_path: Path) -> None:
        first = services.letter_create(
            content=letter(), authority=Authority.objects.get(code="de-prosecutor"), by=drafter
        )
        services.annex_add(letter=first, by=drafter, title="Order", name="order.txt", content=b"The order.")
        path = tmp_path / "letter.json"
        path.write_text(run("export_letter", first.public_id))
        second = imported(path, drafter)
        assert frozen_hash(first, drafter) == frozen_hash(second, drafter)

    def test_version_is_chosen_by_its_number(self, drafter: Actor) -> None:
        found = services.letter_create(
            content=letter(), authority=Authority.objects.get(code="de-prosecutor"), by=drafter
        )
        services.letter_freeze(letter=found, by=drafter)
        found = services.letter_open_next(letter=found, by=drafter)
        services.letter_save(letter=found, content=letter(title="Second"), by=drafter)
        titles = [json.loads(run("export_letter", found.public_id, *args))["title"] for args in ([], ["--version", 1])]
        assert titles == ["Second", letter().title]
        for args in ([found.public_id, "--version", 9], ["not-an-id"], ["01a20db7-f2f6-75df-b3d7-656a0cb23894"]):
            with pytest.raises(CommandError, match=r"no letter|no version"):
                run("export_letter", *args)

    def test_folder_that_is_not_empty_is_left_alone(self, drafter: Actor, tmp_path: Path) -> None:
        found = services.letter_create(
            content=letter(), authority=Authority.objects.get(code="de-prosecutor"), by=drafter
        )
        (tmp_path / "mine.txt").write_text("mine")
        with pytest.raises(CommandError, match="not empty"):
            run("export_letter", found.public_id, "--to", tmp_path)


class TestCheck:
    def check(self, path: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as ended:
            call_command("check_letter", str(path), *arguments)
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    def test_exit_code_tells_complete_gaps_and_unreadable(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "letter.json"
        path.write_bytes(letter_json())
        code, out, _err = self.check(path, capsys, "--json")
        assert (code, json.loads(out)["complete"]) == (0, True)
        path.write_bytes(letter_json(statements__purpose=""))
        code, out, _err = self.check(path, capsys, "--json")
        told = json.loads(out)
        assert (code, told["complete"]) == (1, False)
        assert set(told["findings"][0]) == {"severity", "code", "question", "instrument", "article", "message"}
        assert [f["code"] for f in told["findings"] if f["severity"] == "gap"] == ["purpose_missing"]
        path.write_bytes(letter_json(title=None))
        code, out, _err = self.check(path, capsys, "--json")
        assert (code, json.loads(out)["unreadable"]) == (2, [{"where": "title", "message": "is missing"}])

    def test_text_names_places_and_articles(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "letter.json"
        path.write_bytes(letter_json(items__0__answers__log_types=None))
        code, out, _err = self.check(path, capsys)
        assert code == 1 and "items[0].answers.log_types" in out and "[CETS-185 1(d)]" in out
        assert out.rstrip().endswith("not complete")
        path.write_bytes(b"\xff")
        code, _out, err = self.check(path, capsys)
        assert code == 2 and "UTF-8" in err
        assert self.check(tmp_path / "none.json", capsys)[0] == 2

    def test_checking_stores_nothing(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "letter.json"
        path.write_bytes(letter_json())
        self.check(path, capsys)
        assert not LetterOfRequest.objects.exists()


class TestSchema:
    def test_schema_in_the_documentation_is_current(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            call_command("letter_schema", "--check")
        assert ended.value.code == 0, "run: manage.py letter_schema"

    def test_stale_schema_is_found_and_mended(
        self, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings.BASE_DIR = tmp_path
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "letter.schema.json").write_text("{}")
        with pytest.raises(SystemExit) as ended:
            call_command("letter_schema", "--check")
        assert ended.value.code == 1
        call_command("letter_schema")
        schema = json.loads((tmp_path / "docs" / "letter.schema.json").read_text())
        assert schema["$defs"]["Item"]["properties"]["measure"]["enum"][0] == "preservation"
        assert schema["additionalProperties"] is False
